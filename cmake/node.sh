#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/node.sh - installs the MQTT client of Node.js that tests/interop judges into
# build/deps/node, by the versions and hashes of tests/interop/node/package-lock.json; does nothing
# when they are there already. Without node or npm, or where npm cannot fetch, it says so and leaves
# it: that test is then skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly from=$PWD/tests/interop/node
readonly to=$PWD/build/deps/node

skip() {
    echo "node: $1; the test with a client of Node.js will be skipped" >&2
    exit 0
}

for program in node npm; do
    command -v "$program" > /dev/null || skip "$program is not installed"
done
if cmp -s "$from/package-lock.json" "$to/package-lock.json" &&
    [ -e "$to/node_modules/.package-lock.json" ]; then
    exit 0
fi
rm -rf "$to"
mkdir -p "$to"
cp "$from/package.json" "$from/.npmrc" "$to"
cp "$from/package-lock.json" "$to"
echo "node: installing the client of Node.js"
if ! (cd "$to" && npm ci --no-progress > install.log 2>&1); then
    rm -rf "$to/package-lock.json" "$to/node_modules"
    skip "npm ci failed (build/deps/node/install.log)"
fi
