#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
#
# The bundle of report.html that is kept in the repository is what its sources make, to the byte;
# and a source that has changed is noticed.
set -euo pipefail
page=$SOURCE_DIR/sim/report/page
modules=$SOURCE_DIR/build/deps/page/node_modules
command -v node > /dev/null || { echo "skipped: node is not installed (bash cmake/setup.sh page brings it)"; exit 77; }
[ -d "$modules" ] || { echo "skipped: the libraries of report.html are not there (bash cmake/setup.sh page brings them)"; exit 77; }

rm -rf made changed
node "$page/build.mjs" "$modules" made
diff -rq "$page/bundle" made || { echo "the bundle is not what its sources make: run make page, and commit sim/report/page/bundle"; exit 1; }

mkdir changed
cp "$page"/*.js "$page"/*.css "$page"/*.mjs changed/
echo 'console.log("another source");' >> changed/main.js
node changed/build.mjs "$modules" changed/made
if diff -rq "$page/bundle" changed/made > /dev/null; then echo "another source made the same bundle"; exit 1; fi
echo "the bundle is what its sources make"
