#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# `blackstart serve` and a run of 200 devices against it on loopback, over DTLS, for SOAK_MINUTES
# (3): every report is answered, and neither process grows, in memory or in open files, once
# everybody is online.
set -euo pipefail
exec /usr/bin/python3 "$(dirname "${BASH_SOURCE[0]}")/minutes_of_real_time.py"
