#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every scenario gives its reference with each of two seeds on each of 1, 2 and 7 threads; `make
# test` has two of the six.
set -eu
exec /usr/bin/python3 "$SOURCE_DIR/tests/tools/reference.py" "$BLACKSTART" --all
