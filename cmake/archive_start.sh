#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Starts Blackstart from where the archive was unpacked, or says in a line why it cannot.

here=$(dirname -- "$(readlink -f -- "$0")")

die() {
    echo "blackstart: $*" >&2
    exit 3
}

[ "$(uname -m)" = "@MACHINE@" ] ||
    die "this archive is for @MACHINE@, this machine is a $(uname -m):" \
        "take another, or build from the sources"
for library in $(cat "$here/share/libraries.txt" 2> /dev/null || echo share/libraries.txt); do
    [ -e "$here/lib/$library" ] ||
        die "$here/lib/$library is missing: unpack the archive again, as a whole"
done
glibc=$(getconf GNU_LIBC_VERSION 2> /dev/null)
glibc=${glibc#glibc }
case $glibc in
    2.[0-9]*)
        minor=${glibc#2.}
        [ "${minor%%[!0-9]*}" -ge "$(echo @NEEDS@ | cut -d. -f2)" ] ||
            die "this system has glibc $glibc, and @NEEDS@ or newer is needed:" \
                "take a newer system, or build from the sources"
        ;;
    *)
        die "this system has no glibc, and glibc @NEEDS@ or newer is needed:" \
            "take another system, or the container image"
        ;;
esac
exec "$here/bin/blackstart" "$@"
