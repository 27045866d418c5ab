#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Ten million lines of a Mosquitto log from a pipe, on one core: at most 20 s of processor time and
# 600 MB, with the right verdict.
# Takes about a minute, most of it for writing them.
set -euo pipefail
exec /usr/bin/python3 "${SOURCE_DIR:-.}/tests/soak/mosquitto_ten_million.py"
