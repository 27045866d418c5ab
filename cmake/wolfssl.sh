#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/wolfssl.sh - builds a lean static wolfSSL into build/deps/wolfssl and does nothing when it
# is there already.
#
# The source is Debian's own source package (cmake/source_package.sh) or, if set, the folder
# BLACKSTART_WOLFSSL_SRC. It is compiled without its own configure, which would need autotools and
# take longer than the compiler does; tests/packages/test_wolfssl.sh holds one against the other.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly name=wolfssl version=5.7.2 marker=wolfssl/version.h given_name=BLACKSTART_WOLFSSL_SRC
readonly options=$PWD/cmake/wolfssl_options.h
readonly made_by=(cmake/wolfssl.sh "$options")
source cmake/source_package.sh

# What a thermostat of class C2 and its cloud need, and no OpenSSL compatibility: that is what costs
# 70 KB per session. The words for it are cmake/wolfssl_options.h; these are the sources that they
# leave something of, those that take longest to compile first.
sources=(
    src/{internal,ssl,tls13,tls,dtls13,dtls,keys,wolfio}.c
    wolfcrypt/src/{asn,sp_int,ecc,aes,rsa,dh,ge_operations,curve25519,ed25519,sha256,sha512,sha3,sha}.c
    wolfcrypt/src/{poly1305,chacha,chacha20_poly1305,md5,hmac,hash,kdf,pwdbased,pkcs12}.c
    wolfcrypt/src/{coding,cpuid,error,logging,memory,random,signature,wc_encrypt,wc_port,wolfmath}.c
)
# Assembler exists for this processor; others get portable C.
if [ "$(uname -m)" = x86_64 ]; then
    sources=(
        wolfcrypt/src/sp_x86_64.c "${sources[@]}"
        wolfcrypt/src/{aes,aes_gcm,chacha,fe_x25519,poly1305,sha256,sha3,sha512,sp_x86_64}_asm.S
    )
    cflags=(-maes)
else
    sources=(wolfcrypt/src/sp_c64.c wolfcrypt/src/fe_operations.c "${sources[@]}")
    cflags=()
fi
# What its configure would find on any Linux of 64 bits, and what a library is compiled with: only
# the names of its interface are seen.
cflags+=(
    -O2 -w -fwrapv -pthread -fvisibility=hidden -DHAVE_VISIBILITY=1 -DBUILDING_WOLFSSL -DNDEBUG
    -DHAVE_{ATEXIT,ERRNO_H,GETADDRINFO,GMTIME_R,LIMITS_H,NETDB_H,PTHREAD,STRINGS_H}=1
    -DHAVE_{SYS_IOCTL_H,SYS_TIME_H,SYS_UN_H,UINTPTR_T}=1
    -DSIZEOF_LONG=8 -DSIZEOF_LONG_LONG=8 -DSIZEOF_TIME_T=8
)

# A folder that the user gave must hold the version that we know.
check_given_source() {
    grep -qs "LIBWOLFSSL_VERSION_STRING \"$version\"" "$1/wolfssl/version.h"
}

# build_from DIR: nothing is written there. The steps are chained because a caller that tests the
# result switches `set -e` off.
build_from() {
    local out=$work/out/wolfssl
    mkdir -p "$out/lib" "$out/include" "$work/objects" &&
        cp -R "$1/wolfssl" "$out/include/" &&
        cp "$options" "$out/include/wolfssl/options.h" &&
        cd "$1" &&
        printf '%s\n' "${sources[@]}" |
        OBJECTS=$work/objects xargs -P "${BLACKSTART_JOBS:-$(nproc)}" -I {} sh -c \
            'source=$1; shift; exec gcc "$@" -c -o "$OBJECTS/$(basename "$source").o" "$source"' \
            _ {} -I "$out/include" -I . -include wolfssl/options.h "${cflags[@]}" &&
        ar rcs "$out/lib/libwolfssl.a" "$work"/objects/*.o
}

# The library must take its randomness from us only.
check_library() {
    local random
    random=$(sed -n 's/^#define CUSTOM_RAND_GENERATE_BLOCK //p' "$options")
    [ "$(nm "$1" 2> /dev/null | grep -c " U $random\$")" != 0 ] || die "built without our randomness ($random)"
    [ "$(nm "$1" 2> /dev/null | grep -c ' T wc_GenerateSeed$')" = 0 ] || die "built with a source of randomness of its own"
    if [ "$(objdump -d "$1" | grep -cE '[[:space:]]rd(rand|seed)[[:space:]]')" != 0 ]; then
        die "built with RDRAND or RDSEED, so handshakes would not replay"
    fi
}

source_package_main lib/libwolfssl.a
