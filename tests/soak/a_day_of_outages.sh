#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A street of 1,000 devices that loses power twelve times in 24 virtual hours: everybody is back
# each time, and the run takes no more memory than one of three hours does, attempts apart. Takes
# about a minute.
set -euo pipefail
exec /usr/bin/python3 "$(dirname "${BASH_SOURCE[0]}")/a_day_of_outages.py"
