#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/wolfssl.sh - builds a lean static wolfSSL into build/deps/wolfssl and does nothing when it
# is there already.
#
# The source is Debian's own source package (cmake/source_package.sh) or, if set, the folder
# BLACKSTART_WOLFSSL_SRC.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly name=wolfssl version=5.7.2 marker=configure.ac given_name=BLACKSTART_WOLFSSL_SRC script=cmake/wolfssl.sh
source cmake/source_package.sh

# What a thermostat of class C2 and its cloud need, and no OpenSSL compatibility: that is what costs
# 70 KB per session.
configure_flags=(
    --disable-shared --enable-static --disable-examples --disable-crypttests --disable-oldtls
    --enable-dtls --enable-dtls13 --enable-dtlscid --enable-psk --enable-aesccm --enable-aesgcm
    --enable-session-ticket --enable-sessionexport --enable-sni --enable-alpn
    --enable-curve25519 --enable-ed25519 --enable-certgen --enable-keygen
)
# Assembler exists for this processor; others get portable C.
if [ "$(uname -m)" = x86_64 ]; then
    configure_flags+=(--enable-sp=yes,asm --enable-sp-asm --enable-intelasm)
else
    configure_flags+=(--enable-sp=yes)
fi
# CUSTOM_RAND_GENERATE_BLOCK: every random byte comes from us and from nothing else, so that
# handshakes replay. Without the library's own generator between, which was a twelfth of the time of
# a run and half a kilobyte of each session.
configure_flags+=(--disable-hashdrbg)
readonly random="vk_random_block"
# Of a client's certificate its name is read when it was verified, and goes on in the session
# ticket: 64 bytes of it. Those that we make name hosts (ALT_NAMES) and say what they are for
# (CERT_EXT).
readonly certificates="-DWOLFSSL_ALWAYS_VERIFY_CB -DWOLFSSL_TICKET_EXTRA_PADDING_SZ=64 -DWOLFSSL_ALT_NAMES -DWOLFSSL_CERT_EXT"
readonly cflags="-O2 $certificates -DWOLFSSL_STATIC_PSK -DSMALL_SESSION_CACHE -DWC_NO_HASHDRBG -DCUSTOM_RAND_GENERATE_BLOCK=$random -Wno-implicit-function-declaration"

# A folder that the user gave must hold the version that we know.
check_given_source() {
    grep -qs "LIBWOLFSSL_VERSION_STRING \"$version\"" "$1/wolfssl/version.h" ||
        grep -qs "AC_INIT(\[wolfssl\],\[$version\]" "$1/configure.ac"
}

# build_in DIR: the steps are chained because a caller that tests the result switches `set -e` off.
build_in() {
    cd "$1" &&
        { [ -x configure ] || ./autogen.sh; } &&
        ./configure --prefix=/wolfssl "${configure_flags[@]}" CC=gcc CFLAGS="$cflags" &&
        make -j "${BLACKSTART_JOBS:-$(nproc)}" &&
        make install DESTDIR="$work/out"
}

# The library must take its randomness from us only.
check_library() {
    [ "$(nm "$1" 2> /dev/null | grep -c " U $random\$")" != 0 ] || die "built without our randomness ($random)"
    [ "$(nm "$1" 2> /dev/null | grep -c ' T wc_GenerateSeed$')" = 0 ] || die "built with a source of randomness of its own"
    if [ "$(objdump -d "$1" | grep -cE '[[:space:]]rd(rand|seed)[[:space:]]')" != 0 ]; then
        die "built with RDRAND or RDSEED, so handshakes would not replay"
    fi
}

source_package_main lib/libwolfssl.a
