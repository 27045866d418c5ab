#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The wolfSSL that cmake/wolfssl.sh compiles by a list of words and sources is the one that the
# library's own configure and make give: the same words, and the same machine code in each part, on
# a bare Debian 12.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/chroot.sh"
given=$SOURCE_DIR/build/deps/wolfssl-5.7.2
[ -d "$given" ] || { echo "skipped: no source of wolfSSL (make build fetches it)"; exit 77; }

bare bookworm minbase
mkdir -p "$root/home/ours"
cp -RL "$given" "$root/home/wolfssl"
cp -R "$SOURCE_DIR/cmake" "$root/home/ours/"
cat > "$root/home/both.sh" << 'EOF'
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y install --no-install-recommends gcc libc6-dev make autoconf automake libtool
BLACKSTART_WOLFSSL_SRC=/home/wolfssl bash /home/ours/cmake/wolfssl.sh
switches="--disable-shared --enable-static --disable-examples --disable-crypttests
    --disable-oldtls --enable-dtls --enable-dtls13 --enable-dtlscid --enable-psk --enable-aesccm
    --enable-aesgcm --enable-session-ticket --enable-sessionexport --enable-sni --enable-alpn
    --enable-curve25519 --enable-ed25519 --enable-certgen --enable-keygen --disable-hashdrbg"
case $(uname -m) in
    x86_64) switches="$switches --enable-sp=yes,asm --enable-sp-asm --enable-intelasm" ;;
    *) switches="$switches --enable-sp=yes" ;;
esac
words=$(sed -n '/From here on/,$ s/^#define \([A-Z_]*\) *\(.*\)/-D\1=\2/p' \
    /home/ours/cmake/wolfssl_options.h | sed 's/=$//')
cd /home/wolfssl
./autogen.sh
./configure $switches CC=gcc CFLAGS="-O2 -Wno-implicit-function-declaration $(echo $words)"
make -j "$(nproc)"
EOF
inside bash /home/both.sh > "$root/log" 2>&1 || { tail -n 20 "$root/log"; exit 1; }

words_of() { inside gcc -dM -E "$1" | grep -E ' [A-Z]' | sort -u; }
words_of /home/ours/build/deps/wolfssl/include/wolfssl/options.h > "$root/ours.words"
words_of /home/wolfssl/wolfssl/options.h > "$root/theirs.words"
# base64 is written here on every processor, and by configure on one.
differ=$(diff "$root/theirs.words" "$root/ours.words" | grep '^[<>]' |
    grep -v WOLFSSL_BASE64_ENCODE || true)
expect "words" "" "$differ"
grep -q 'CUSTOM_RAND_GENERATE_BLOCK vk_random_block' "$root/ours.words" ||
    { echo "the words are not there"; exit 1; }

# parts ARCHIVE: a digest of the machine code of each part that has any.
parts() {
    local part folder name
    folder=$(mktemp -d "$root/parts.XXXXXX")
    (
        cd "$folder" && ar x "$1"
        for part in *.o; do
            objcopy -O binary -j .text "$part" code
            name=${part##*la-}
            name=${name%.o}
            if [ -s code ]; then echo "${name%.[cS]} $(sha256sum < code)"; fi
        done | sort
    )
}
ours=$(parts "$root/home/ours/build/deps/wolfssl/lib/libwolfssl.a")
theirs=$(parts "$root/home/wolfssl/src/.libs/libwolfssl.a")
# One part tells with which options it was built, and cannot be the same: this comparison can fail.
[ "$ours" != "$theirs" ] || { echo "the comparison sees no difference where one is"; exit 1; }
ours=$(echo "$ours" | grep -v '^logging ')
expect "machine code" "$(echo "$theirs" | grep -v '^logging ')" "$ours"
[ "$(echo "$ours" | wc -l)" -gt 30 ] || { echo "there is no code in it"; exit 1; }
echo "wolfSSL: as its own configure and make give it"
