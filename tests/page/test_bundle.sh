#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
#
# The bundle of report.html that is kept in the repository is what its sources make, to the byte;
# and a source that has changed is noticed.
set -euo pipefail
page=$SOURCE_DIR/sim/report/page
modules=$SOURCE_DIR/build/deps/page/node_modules
skip() {
    echo "skipped: $1 (bash cmake/setup.sh page brings it)"
    exit 77
}
fail() {
    echo "$1"
    exit 1
}
command -v node > /dev/null || skip "node is not installed"
[ -d "$modules" ] || skip "what the script of report.html is made of is not there"

rm -rf made changed
node "$page/build.mjs" "$modules" made
diff -rq "$page/bundle" made || fail \
    "the bundle is not what its sources make: run make page, and commit sim/report/page/bundle"

mkdir changed
cp "$page"/*.js "$page"/*.css "$page"/*.mjs changed/
echo 'console.log("another source");' >> changed/main.js
node changed/build.mjs "$modules" changed/made
if diff -rq "$page/bundle" changed/made > /dev/null; then
    fail "another source made the same bundle"
fi
echo "the bundle is what its sources make"
