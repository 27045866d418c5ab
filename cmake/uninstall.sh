#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/uninstall.sh BUILD_DIR - removes what the last installation from there wrote (below $DESTDIR
# when that is given), and the folders of ours that are empty then.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

manifest=$1/install_manifest.txt
if [ ! -e "$manifest" ]; then
    echo "uninstall: nothing was installed from here ($manifest): run make install first" >&2
    exit 1
fi
# The last line of a manifest has no end.
while IFS= read -r file || [ -n "$file" ]; do
    file=${DESTDIR:-}$file
    if ! rm -f -- "$file" 2> /dev/null; then
        echo "uninstall: cannot remove $file: be root, as when it was installed" >&2
        exit 1
    fi
    folder=$(dirname "$file")
    while [[ $folder == */blackstart* ]] && rmdir -- "$folder" 2> /dev/null; do
        folder=$(dirname "$folder")
    done
done < "$manifest"
rm "$manifest"
