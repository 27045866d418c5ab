# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by the tests of packages: a bare Debian in a folder, from the mirror that this machine's
# apt uses. Needs root, as chroot does.
# Made once, and kept packed in build/package/chroots.

SOURCE_DIR=${SOURCE_DIR:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
CHROOTS=$SOURCE_DIR/build/package/chroots

[ "$(id -u)" -eq 0 ] || { echo "skipped: chroot needs root"; exit 77; }
command -v mmdebstrap > /dev/null ||
    { echo "skipped: mmdebstrap is not installed (make package-test brings it)"; exit 77; }

mirror() {
    # shellcheck disable=SC2016
    bash -c 'source "$1/cmake/wolfssl.sh"
        for release in bookworm trixie; do mirrors /etc/apt "$release"; done' _ "$SOURCE_DIR" |
        head -n 1
}

# bare SUITE VARIANT: unpacks it into the folder $root, which goes away with the test.
bare() {
    local packed=$CHROOTS/$1-$2.tar
    mkdir -p "$CHROOTS"
    if [ ! -e "$packed" ]; then
        mmdebstrap --quiet --format=tar --variant="$2" "$1" "$packed.part" "$(mirror)"
        mv "$packed.part" "$packed"
    fi
    root=$(mktemp -d "$CHROOTS/root.XXXXXX")
    trap 'rm -rf "$root"' EXIT
    tar -C "$root" -xf "$packed"
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    mkdir -p "$root/home/somebody"
    chown 1000:1000 "$root/home/somebody"
}

# inside WORD...: a command in it, with a /proc that nobody else sees and that goes away with the
# command.
inside() {
    # shellcheck disable=SC2016
    unshare --mount sh -c 'mount -t proc proc "$1/proc" && exec chroot "$@"' _ "$root" "$@"
}

# somebody COMMAND: as an ordinary user, in a home of his own.
somebody() {
    # shellcheck disable=SC2016
    unshare --mount sh -c 'mount -t proc proc "$1/proc" && exec chroot --userspec=1000:1000 "$1" \
        /usr/bin/env -i \
        HOME=/home/somebody PATH=/usr/bin:/bin LC_ALL=C.UTF-8 sh -c "cd && $2"' _ "$root" "$1"
}

fingerprint() {
    sed -n 's/.*"fingerprint": *"\([^"]*\)".*/\1/p' "$1/summary.json"
}

# what_it_is_here: the fingerprint of the same scenario where it was built.
what_it_is_here() {
    "$SOURCE_DIR/build/release/blackstart" run \
        "$SOURCE_DIR/scenarios/5.9-3/power-restore-street.lua" --quiet --out "$root/here" \
        > /dev/null
    fingerprint "$root/here"
}

expect() {
    [ "$2" = "$3" ] || { printf '%s:\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"; exit 1; }
}
