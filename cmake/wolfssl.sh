#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/wolfssl.sh - builds a lean static wolfSSL into build/deps/wolfssl and does nothing when it is there already.
#
# The source is Debian's own source package of trixie, fetched and signature-checked by apt in a private apt directory under build/deps
# (the system's lists are not touched) from the mirror that this machine is configured with; or, if set, the folder
# BLACKSTART_WOLFSSL_SRC. Work happens in a temporary folder that is renamed at the end, so an interrupted call leaves nothing that looks whole.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly version=5.7.2
readonly suite=trixie
readonly deps=$PWD/build/deps
readonly prefix=$deps/wolfssl
readonly log=$deps/wolfssl.log

# What a thermostat of class C2 and its cloud need, and no OpenSSL compatibility: that is what costs 70 KB per session.
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
# CUSTOM_RAND_GENERATE_BLOCK: every random byte comes from us and from nothing else, so that handshakes replay. Without the library's own
# generator between, which was a twelfth of the time of a run and half a kilobyte of each session.
configure_flags+=(--disable-hashdrbg)
readonly random="vk_random_block"
readonly cflags="-O2 -DWOLFSSL_STATIC_PSK -DSMALL_SESSION_CACHE -DWC_NO_HASHDRBG -DCUSTOM_RAND_GENERATE_BLOCK=$random -Wno-implicit-function-declaration"

die() {
    echo "wolfssl: $1" >&2
    exit 1
}

# What the built library depends on; a changed flag, script, compiler or source folder gives another stamp.
stamp() {
    {
        cat cmake/wolfssl.sh
        gcc -dumpmachine -dumpfullversion
        if [ -n "${BLACKSTART_WOLFSSL_SRC:-}" ]; then
            realpath "$BLACKSTART_WOLFSSL_SRC"
            find "$BLACKSTART_WOLFSSL_SRC" -name '*.[chS]' -printf '%P %s %T@\n' | sort
        fi
    } | sha256sum | cut -d ' ' -f 1
}

# mirrors APT_FOLDER CODENAME: one candidate mirror per line, the URIs of the machine's own apt sources that carry main of the running release.
# Debian's own archive ends in /debian as a rule; other vendors' archives may use the same suite name, so they come last.
mirrors() {
    {
        cat "$1/sources.list" "$1"/sources.list.d/*.list 2> /dev/null | one_line_mirrors "$2" || true
        for file in "$1"/sources.list.d/*.sources; do
            if [ -e "$file" ]; then deb822_mirrors "$2" < "$file"; fi
        done
    } | sed 's,/*$,,' | awk '!seen[$0]++ { if (/\/debian$/) print; else later[++n] = $0 }
                             END { for (i = 1; i <= n; i++) print later[i] }'
}

# deb [options] URI SUITE COMPONENT...
one_line_mirrors() {
    awk -v codename="$1" '
        $1 == "deb" {
            sub(/#.*/, ""); sub(/\[[^]]*\]/, "")
            if ($3 != codename && $3 != "stable" || $2 ~ /^cdrom:/) next
            for (i = 4; i <= NF; i++) if ($i == "main") print $2
        }'
}

# Stanzas of "Field: value" with continuation lines.
deb822_mirrors() {
    awk -v codename="$1" '
        function flush(    i, n, uris) {
            if (tolower(field["enabled"]) != "no" && has("types", "deb") && has("components", "main") &&
                (has("suites", codename) || has("suites", "stable"))) {
                n = split(field["uris"], uris)
                for (i = 1; i <= n; i++) print uris[i]
            }
            delete field
        }
        function has(name, value) { return index(" " field[name] " ", " " value " ") > 0 }
        /^#/ { next }
        /^[ \t]*$/ { flush(); next }
        /^[ \t]/ { sub(/^[ \t]+/, ""); gsub(/[ \t]+/, " "); field[last] = field[last] " " $0; next }
        {
            last = tolower($0); sub(/[ \t]*:.*/, "", last)
            value = $0; sub(/^[^:]*:[ \t]*/, "", value); gsub(/[ \t]+/, " ", value)
            field[last] = value
        }
        END { flush() }'
}

keyring() {
    local file
    for file in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
        [ -e "$file" ] && echo "$file" && return 0
    done
    die "no keyring of Debian's archive; as root: apt-get install debian-archive-keyring"
}

# private_apt DIR MIRROR: an apt directory of our own with one source entry. Hooks of the system's configuration stay out.
private_apt() {
    mkdir -p "$1"/{lists/partial,cache/archives/partial}
    cat > "$1/debian.sources" << EOF
Types: deb-src
URIs: $2
Suites: $suite
Components: main
Signed-By: $(keyring)
EOF
    cat > "$1/apt.conf" << EOF
Dir::Etc::sourcelist "$1/debian.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$1/lists";
Dir::Cache "$1/cache";
APT::Default-Release "";
APT::Sandbox::User "root";
Acquire::AllowInsecureRepositories "false";
Acquire::Retries "2";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
EOF
}

# fetch_from DIR MIRROR: leaves the unpacked source in DIR/wolfssl-VERSION.
fetch_from() {
    local revision
    rm -rf "$1" && private_apt "$1" "$2"
    apt-get -q -c "$1/apt.conf" update -o APT::Update::Error-Mode=any || return 1
    revision=$(apt-cache -c "$1/apt.conf" showsrc wolfssl | awk -v v="$version-" '$1 == "Version:" && index($2, v) == 1 { print $2; exit }')
    [ -n "$revision" ] || { echo "no wolfssl $version in $suite of $2"; return 1; }
    (cd "$1" && apt-get -q -c "$1/apt.conf" source "wolfssl=$revision") || return 1
    [ -e "$1/wolfssl-$version/configure.ac" ]
}

# fetch: the source in build/deps/wolfssl-VERSION, from the first mirror that has it.
fetch() {
    local mirror codename list
    [ -d "$deps/wolfssl-$version" ] && return 0
    command -v apt-get > /dev/null ||
        die "there is no apt-get to fetch the source of wolfSSL $version; unpack it somewhere and set BLACKSTART_WOLFSSL_SRC to that folder"
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
    list=$(mirrors /etc/apt "$codename")
    [ -n "$list" ] || die "no Debian mirror in /etc/apt/sources.list or /etc/apt/sources.list.d; add one, or set BLACKSTART_WOLFSSL_SRC to an unpacked wolfSSL $version"
    for mirror in $list; do
        echo "wolfssl: fetching the source of $version from $mirror ($suite)"
        if fetch_from "$work/apt" "$mirror" >> "$log" 2>&1; then
            mv "$work/apt/wolfssl-$version" "$deps/wolfssl-$version"
            return 0
        fi
    done
    tail -n 5 "$log" >&2
    die "none of the configured mirrors gave the source of wolfSSL $version; see $log, or set BLACKSTART_WOLFSSL_SRC to a folder that has it"
}

# check_given_source: a folder that the user gave must hold the version that we know.
check_given_source() {
    [ -d "$BLACKSTART_WOLFSSL_SRC" ] || die "BLACKSTART_WOLFSSL_SRC=$BLACKSTART_WOLFSSL_SRC is not a folder"
    grep -qs "LIBWOLFSSL_VERSION_STRING \"$version\"" "$BLACKSTART_WOLFSSL_SRC/wolfssl/version.h" ||
        grep -qs "AC_INIT(\[wolfssl\],\[$version\]" "$BLACKSTART_WOLFSSL_SRC/configure.ac" ||
        die "BLACKSTART_WOLFSSL_SRC=$BLACKSTART_WOLFSSL_SRC is not a source folder of wolfSSL $version"
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

main() {
    local source=${BLACKSTART_WOLFSSL_SRC:-} want
    [ -z "$source" ] || check_given_source
    want=$(stamp)
    [ "$(cat "$prefix/stamp" 2> /dev/null)" != "$want" ] || return 0
    mkdir -p "$deps"
    exec 9> "$deps/.lock"
    flock 9 # a second set-up waits here and then finds the work done
    [ "$(cat "$prefix/stamp" 2> /dev/null)" != "$want" ] || return 0
    rm -rf "$deps"/.work.*
    work=$(mktemp -d "$deps/.work.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    : > "$log"

    if [ -z "$source" ]; then
        fetch
        source=$deps/wolfssl-$version
    fi
    echo "wolfssl: building $version (once; about half a minute)"
    mkdir "$work/tree"
    tar -C "$source" --exclude=.git -cf - . | tar -C "$work/tree" -xf -
    if ! (build_in "$work/tree") >> "$log" 2>&1; then
        tail -n 20 "$log" >&2
        die "the build failed; the whole story is in $log"
    fi
    check_library "$work/out/wolfssl/lib/libwolfssl.a"
    echo "$want" > "$work/out/wolfssl/stamp"
    rm -rf "$prefix"
    mv "$work/out/wolfssl" "$prefix"
}

# Sourced by its test, this file only defines.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then main; fi
