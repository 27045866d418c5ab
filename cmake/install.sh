#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/install.sh BUILD_DIR - installs what was built there under $PREFIX (/usr/local), below
# $DESTDIR when that is given. Says one line when it cannot, and then has written nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

prefix=${PREFIX:-/usr/local}
build=$1
log=$build/install.log

die() {
    echo "install: $*" >&2
    exit 1
}

case $prefix in
    /*) ;;
    *) die "PREFIX is no absolute path ($prefix): say PREFIX=$PWD/$prefix" ;;
esac

# The first of the prefix's folders that is there must be one that can be written into.
place=${DESTDIR:-}$prefix
while [ ! -e "$place" ] && [ ! -L "$place" ]; do place=$(dirname "$place"); done
[ -d "$place" ] || die \
    "cannot install under ${DESTDIR:-}$prefix: $place is no folder: name another with PREFIX"
# Root may write anywhere but where the file system itself says no.
probe=$(mktemp -d "$place/.blackstart.XXXXXX" 2> /dev/null) ||
    die "cannot install under ${DESTDIR:-}$prefix: $place cannot be written to:" \
        "be root, or say PREFIX=\$HOME/.local"
rmdir "$probe"

cmake --install "$build" --prefix "$prefix" --strip > "$log" 2>&1 ||
    die "failed after a part was written: $(grep -m1 -v '^--' "$log" | tr -s ' ');" \
        "the whole story is in $log"
names=$build/install_manifest.txt
echo "installed under ${DESTDIR:-}$prefix: $(grep -c . "$names") files, named in $names"
