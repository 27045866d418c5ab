#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A virtual week of 10,000 devices with ten kinds of misbehaviour, held against what is asked of the
# examiner; then each small scenario of scenarios/5.10-1 with four more seeds, and with its bad
# twins; then the fleet examiner alone over five seeds. Prints the tables. Takes about ten minutes.
set -euo pipefail
FLEET_SEEDS=5 "${SOURCE_DIR:-.}/build/release/tests/test_watch_fleet"
WEEK_DEVICES=10000 WEEK_AND_MORE=1 exec \
    /usr/bin/python3 "${SOURCE_DIR:-.}/tests/cli/test_examined_slow.py"
