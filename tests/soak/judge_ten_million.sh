#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Ten million attempts in a CSV, in order of time and in none: judged within 640 MB of memory, with
# the verdict that they deserve. Prints how long it took. Takes about half a minute and 300 MB in
# /tmp.
set -euo pipefail
ATTEMPTS=10000000 MEGABYTES=640 exec \
    /usr/bin/python3 "${SOURCE_DIR:-.}/tests/cli/test_judge_many_slow.py"
