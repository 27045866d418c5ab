#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The example of each page of docs/add/ stands by itself: `make test` lays them all over one tree.
set -eu
exec /usr/bin/python3 "$SOURCE_DIR/tests/tools/add_pages.py" "$BUILD_DIR"
