#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The judge against 500 truths that somebody else made: at most 1 % of the verdicts given are wrong,
# at most 15 % are INCONCLUSIVE where there is a verdict. Prints the confusion table, and what went
# wrong.
set -eu
exec /usr/bin/python3 "$SOURCE_DIR/tests/tools/truths.py" "$BLACKSTART" --count 500
