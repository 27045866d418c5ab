#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# check_setup.sh SOURCE_DIR - the set-up without the network: which mirror it derives from apt's
# sources, and what it says where it cannot install. Nothing is installed.
set -euo pipefail
source_dir=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# expect NAME WANTED GOT
expect() {
    [ "$2" = "$3" ] && return 0
    printf '%s:\n  wanted: %s\n  got:    %s\n' "$1" "${2//$'\n'/ | }" "${3//$'\n'/ | }"
    failures=$((failures + 1))
}

# mirrors_of FILE < CONTENT: the mirrors that an apt folder with that one file gives on release
# "bookworm".
mirrors_of() {
    rm -rf "$scratch/apt"
    mkdir -p "$scratch/apt/sources.list.d"
    cat > "$scratch/apt/$1"
    # shellcheck disable=SC2016
    bash -c 'source "$1/cmake/source_package.sh"; mirrors "$2" bookworm' \
        _ "$source_dir" "$scratch/apt"
}

expect "one-line" "http://m.example/debian" "$(mirrors_of sources.list << 'EOF'
# deb http://commented.example/debian bookworm main
deb-src http://source.example/debian bookworm main
deb http://security.example/debian-security bookworm-security main
deb cdrom:[Debian]/ bookworm main
# mine
deb [signed-by=/usr/share/keyrings/x.gpg arch=amd64] http://m.example/debian/ bookworm contrib main
EOF
)"
expect "one-line, a part of its own, without main" "" "$(mirrors_of sources.list.d/a.list << 'EOF'
deb http://m.example/debian bookworm contrib
EOF
)"
expect "deb822" "http://m.example/debian" "$(mirrors_of sources.list.d/debian.sources << 'EOF'
Types: deb deb-src
# a comment
URIs: http://m.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://m.example/debian-security
Suites: bookworm-security
Components: main
EOF
)"
expect "deb822, several lines, lower case, key in the file" \
    $'http://m.example/debian\nhttp://n.example/debian' \
    "$(mirrors_of sources.list.d/debian.sources << 'EOF'
types: deb
uris:
 http://m.example/debian/
 http://n.example/debian
suites:   bookworm-updates
  bookworm
components: contrib	main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 Suites: nonsense
EOF
)"
expect "deb822, switched off" "" "$(mirrors_of sources.list.d/debian.sources << 'EOF'
Enabled: no
Types: deb
URIs: http://m.example/debian
Suites: bookworm
Components: main
EOF
)"
expect "Debian's archive before another vendor's" \
    $'http://m.example/debian\nhttp://vendor.example/apt' "$(mirrors_of sources.list << 'EOF'
deb http://vendor.example/apt bookworm main
deb http://m.example/debian bookworm main
deb http://m.example/debian/ stable main
EOF
)"
expect "no sources at all" "" "$(mirrors_of sources.list.d/readme < /dev/null)"

# A project of its own with a package that cannot be there, on a machine without apt.
mkdir -p "$scratch/project/cmake" "$scratch/bin"
cp "$source_dir/cmake/setup.sh" "$scratch/project/cmake/"
echo 'echo wolfssl' > "$scratch/project/cmake/wolfssl.sh"
echo 'echo mosquitto' > "$scratch/project/cmake/mosquitto.sh"
echo 'echo page' > "$scratch/project/cmake/page.sh"
printf '%s\n' 'build no-such-package>=2.0 cmd:no-such-program proves the message' \
    'build shell cmd:bash is there by its probe' 'test other - of another group' \
    > "$scratch/project/cmake/packages.txt"
for tool in bash dirname grep sed id env; do
    ln -s "$(command -v "$tool")" "$scratch/bin/$tool"
done
status=0
said=$(PATH=$scratch/bin bash "$scratch/project/cmake/setup.sh" build 2>&1) || status=$?
expect "without apt: exit status" 1 "$status"
root_does="as root: apt-get install --no-install-recommends"
expect "without apt: what it says" \
    "setup: cannot install what is missing: there is no apt-get here. Missing:
  no-such-package          (proves the message; version 2.0 or newer)
                           on Debian, $root_does no-such-package" "$said"
echo 'build shell cmd:bash is there by its probe' > "$scratch/project/cmake/packages.txt"
set_up() { PATH=$scratch/bin bash "$scratch/project/cmake/setup.sh" "$@" 2>&1; }
expect "all there" $'wolfssl\nmosquitto' "$(set_up build)"
expect "all there, to bundle the page" $'wolfssl\nmosquitto\npage' "$(set_up build page)"
# A first run installs no bundler and no autotools: they were more than half of its time.
dear='^(nodejs|npm|node-.*|autoconf|automake|libtool|autotools-dev|m4)$'
dear_in_build() {
    awk '$1 == "build" { sub(/>=.*/, "", $2); print $2 }' | grep -E "$dear" || true
}
expect "the program needs nothing dear" "" "$(dear_in_build < "$source_dir/cmake/packages.txt")"
expect "what is dear is told" "npm" \
    "$(printf '%s\n' 'build npm cmd:npm' 'page nodejs -' | dear_in_build)"
status=0
PATH=$scratch/bin bash "$scratch/project/cmake/setup.sh" bild > /dev/null 2>&1 || status=$?
expect "an unknown group" 4 "$status"

[ "$failures" -eq 0 ] || exit 1
echo "set-up: all as expected"
