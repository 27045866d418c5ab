#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The tables of two independent simulations (docs/sweep.md), with two to three times the seeds that
# `make test` takes.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
TABLES_AND_MORE=1 BUILD_DIR=$(dirname "$BLACKSTART") \
    /usr/bin/python3 "$SOURCE_DIR/tests/cli/test_sweep_tables.py"
