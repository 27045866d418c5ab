#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/page.sh - brings the libraries that draw the pictures of report.html
# (sim/report/page/package-lock.json, checked by its hashes) to build/deps/page.
# Says nothing and changes nothing when they are there. BLACKSTART_PAGE: another place.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

from=sim/report/page
to=${BLACKSTART_PAGE:-build/deps/page}

# The lock file is copied last, so it says that everything before it went well.
if [ -e "$to/node_modules" ] &&
    cmp -s "$from/package-lock.json" "$to/package-lock.json.done"; then exit 0; fi

echo "setup: fetching the libraries that draw the pictures of report.html"
rm -rf "$to"
mkdir -p "$to"
cp "$from/package.json" "$from/package-lock.json" "$from/.npmrc" "$to"
if ! said=$(cd "$to" && npm ci --ignore-scripts --no-audit --no-fund 2>&1 < /dev/null); then
    printf '%s\n' "$said" >&2
    echo "setup: npm could not fetch the libraries of $from/package-lock.json: see above; with" \
        "another registry, set npm's own option 'registry'" >&2
    exit 1
fi
cp "$from/package-lock.json" "$to/package-lock.json.done"
