# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/source_package.sh - for the scripts that build a library of others from Debian's own source
# package of trixie into build/deps/NAME: fetched and signature-checked by apt in a private apt
# directory under build/deps (the system's lists are not touched) from the mirror that this machine
# is configured with.
# Work happens in a temporary folder that is renamed at the end, so an interrupted call leaves
# nothing that looks whole.
#
# The script that sources this file sets `name` (of the package), `version`, `marker` (a file that
# the unpacked source has), `given_name` (the variable by which a user names a source folder of
# hers) and `made_by` (the files that say how it is built, itself among them), and defines
# check_given_source FOLDER, build_from FOLDER (writes nothing there, leaves the result in
# $work/out/$name) and check_library ARCHIVE; then it calls source_package_main ARCHIVE, the
# archive's path below build/deps/NAME.

readonly suite=trixie
readonly deps=$PWD/build/deps

die() {
    echo "$name: $*" >&2
    exit 1
}

# The folder that the user gave, or nothing.
given() {
    echo "${!given_name:-}"
}

# What the built library depends on; a changed flag, script, compiler or source folder gives another
# stamp.
stamp() {
    {
        cat "${made_by[@]}"
        gcc -dumpmachine -dumpfullversion
        if [ -n "$(given)" ]; then
            realpath "$(given)"
            find "$(given)" -name '*.[chS]' -printf '%P %s %T@\n' | sort
        fi
    } | sha256sum | cut -d ' ' -f 1
}

# mirrors APT_FOLDER CODENAME: one candidate mirror per line, the URIs of the machine's own apt
# sources that carry main of the running release.
# Debian's own archive ends in /debian as a rule; other vendors' archives may use the same suite
# name, so they come last.
mirrors() {
    {
        cat "$1/sources.list" "$1"/sources.list.d/*.list 2> /dev/null |
            one_line_mirrors "$2" || true
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
            if (tolower(field["enabled"]) != "no" && has("types", "deb") &&
                has("components", "main") &&
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

# private_apt DIR MIRROR: an apt directory of our own with one source entry. Hooks of the system's
# configuration stay out.
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

# fetch_from DIR MIRROR: leaves the unpacked source in DIR/NAME-VERSION.
fetch_from() {
    local revision
    rm -rf "$1" && private_apt "$1" "$2"
    apt-get -q -c "$1/apt.conf" update -o APT::Update::Error-Mode=any || return 1
    revision=$(apt-cache -c "$1/apt.conf" showsrc "$name" |
        awk -v v="$version-" '$1 == "Version:" && index($2, v) == 1 { print $2; exit }')
    [ -n "$revision" ] || { echo "no $name $version in $suite of $2"; return 1; }
    (cd "$1" && apt-get -q -c "$1/apt.conf" source "$name=$revision") || return 1
    [ -e "$1/$name-$version/$marker" ]
}

# fetch: the source in build/deps/NAME-VERSION, from the first mirror that has it.
fetch() {
    local mirror codename list
    [ -d "$deps/$name-$version" ] && return 0
    command -v apt-get > /dev/null ||
        die "there is no apt-get to fetch the source of $name $version; unpack it somewhere and" \
            "set $given_name to that folder"
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
    list=$(mirrors /etc/apt "$codename")
    [ -n "$list" ] ||
        die "no Debian mirror in /etc/apt/sources.list or /etc/apt/sources.list.d; add one, or" \
            "set $given_name to an unpacked $name $version"
    for mirror in $list; do
        echo "$name: fetching the source of $version from $mirror ($suite)"
        if fetch_from "$work/apt" "$mirror" >> "$log" 2>&1; then
            mv "$work/apt/$name-$version" "$deps/$name-$version"
            return 0
        fi
    done
    tail -n 5 "$log" >&2
    die "none of the configured mirrors gave the source of $name $version; see $log, or set" \
        "$given_name to a folder that has it"
}

source_package_main() {
    local source want prefix=$deps/$name
    source=$(given)
    if [ -n "$source" ]; then
        [ -d "$source" ] || die "$given_name=$source is not a folder"
        check_given_source "$source" ||
            die "$given_name=$source is not a source folder of $name $version"
    fi
    want=$(stamp)
    [ "$(cat "$prefix/stamp" 2> /dev/null)" != "$want" ] || return 0
    mkdir -p "$deps"
    exec 9> "$deps/.lock"
    flock 9 # a second set-up waits here and then finds the work done
    [ "$(cat "$prefix/stamp" 2> /dev/null)" != "$want" ] || return 0
    rm -rf "$deps"/.work.*
    work=$(mktemp -d "$deps/.work.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    log=$deps/$name.log
    : > "$log"

    if [ -z "$source" ]; then
        fetch
        source=$deps/$name-$version
    fi
    echo "$name: building $version (once; half a minute at most)"
    if ! (build_from "$(realpath "$source")") >> "$log" 2>&1; then
        tail -n 20 "$log" >&2
        die "the build failed; the whole story is in $log"
    fi
    check_library "$work/out/$name/$1"
    echo "$want" > "$work/out/$name/stamp"
    rm -rf "$prefix"
    mv "$work/out/$name" "$prefix"
}
