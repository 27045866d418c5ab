#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The portable archive on another system than it was built on, Debian 13: an ordinary user unpacks
# and runs it, and the same scenario has the same fingerprint. What it says where it cannot run:
# another machine, an older glibc, none, a library that is missing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/chroot.sh"
name=blackstart-$(uname -m)

bare trixie essential
tar -C "$root/home/somebody" -xf "$SOURCE_DIR/build/package/$name.tar.xz"
chown -R 1000:1000 "$root/home/somebody"
there=$(somebody 'getconf GNU_LIBC_VERSION')
[ "$there" != "$(getconf GNU_LIBC_VERSION)" ] || { echo "it is no other glibc: $there"; exit 1; }
somebody "$name/blackstart run power-restore-street --quiet --out first" |
    grep -q 'PASS  5.9-3-2 a' ||
    { echo "the scenario does not pass there"; exit 1; }
expect "fingerprint" "$(what_it_is_here)" "$(fingerprint "$root/home/somebody/first")"

# says_instead NAME WANTED COMMAND: a line on standard error, and exit code 3.
says_instead() { # WHAT REASON ADVICE COMMAND
    local status=0 said
    said=$(somebody "$4" 2>&1 > /dev/null) || status=$?
    expect "$1: exit code" 3 "$status"
    expect "$1" "blackstart: $2: $3" "$said"
}
# What the system says of itself comes from programs that can stand before its own.
mkdir "$root/home/somebody/fake"
printf '#!/bin/sh\necho "glibc 2.31"\n' > "$root/home/somebody/fake/getconf"
printf '#!/bin/sh\necho sparc64\n' > "$root/home/somebody/fake/uname"
chmod 755 "$root"/home/somebody/fake/*
needs=$(sed -n 's/.*and \(2\.[0-9]*\) or newer.*/\1/p' \
    "$root/home/somebody/$name/blackstart" | head -n 1)
says_instead "another machine" \
    "this archive is for $(uname -m), this machine is a sparc64" \
    "take another, or build from the sources" \
    "PATH=~/fake:\$PATH $name/blackstart version"
rm "$root/home/somebody/fake/uname"
says_instead "an old glibc" \
    "this system has glibc 2.31, and $needs or newer is needed" \
    "take a newer system, or build from the sources" \
    "PATH=~/fake:\$PATH $name/blackstart version"
printf '#!/bin/sh\nexit 1\n' > "$root/home/somebody/fake/getconf"
says_instead "no glibc" \
    "this system has no glibc, and glibc $needs or newer is needed" \
    "take another system, or the container image" \
    "PATH=~/fake:\$PATH $name/blackstart version"
mv "$root/home/somebody/$name/lib/libuv.so.1" "$root/home/"
says_instead "a missing library" \
    "/home/somebody/$name/lib/libuv.so.1 is missing" "unpack the archive again, as a whole" \
    "$name/blackstart version"
echo "the archive: as expected"
