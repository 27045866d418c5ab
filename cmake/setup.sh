#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/setup.sh build|test|bench|page|fuzz|browser|package... - brings this machine to where CMake
# can start: Debian packages of the named groups (cmake/packages.txt), the lean wolfSSL
# (cmake/wolfssl.sh) and the client library of Mosquitto (cmake/mosquitto.sh); for page the
# libraries that report.html is bundled with (cmake/page.sh), for test a client of Node.js
# (cmake/node.sh). Says nothing and changes nothing when all is there.
# Installs with apt-get as root or through sudo; where that cannot be, names what is missing and how
# to get it, and exits 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# One line "package minimum-version probe why" for every package of the groups given.
wanted() {
    local group name probe why
    while read -r group name probe why; do
        [[ " $* " == *" $group "* ]] || continue
        case $name in
            *">="*) echo "${name%%>=*} ${name##*>=} $probe $why" ;;
            *) echo "$name - $probe $why" ;;
        esac
    done < <(grep -v '^#' cmake/packages.txt)
}

# Is the thing there, whoever brought it?
probe() {
    case $1 in
        cmd:*) command -v "${1#cmd:}" > /dev/null ;;
        pc:*) command -v pkg-config > /dev/null && pkg-config --exists "${1#pc:}" ;;
        file:*) [ -e "${1#file:}" ] ;;
        *) return 1 ;;
    esac
}

# Of the lines on standard input those whose package neither dpkg nor the probe finds.
missing() {
    local lines name minimum how why
    declare -A have=()
    mapfile -t lines
    while read -r name minimum; do
        have[$name]=$minimum
    done < <(dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' \
        "${lines[@]%% *}" 2> /dev/null |
        sed -n 's/^installed //p' || true)
    for line in "${lines[@]}"; do
        read -r name minimum how why <<< "$line"
        if [ -n "${have[$name]:-}" ]; then
            [ "$minimum" = - ] || [ "${have[$name]}" = "$minimum" ] ||
                dpkg --compare-versions "${have[$name]}" ge "$minimum" || echo "$line"
        else
            probe "$how" || echo "$line"
        fi
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

may_install() {
    command -v apt-get > /dev/null || { echo "there is no apt-get here"; return 1; }
    [ "$(id -u)" -eq 0 ] && return 0
    command -v sudo > /dev/null || { echo "this is not root, and there is no sudo"; return 1; }
    as_root true 2> /dev/null || { echo "this is not root, and sudo does not let us"; return 1; }
}

# name_all REASON: what is missing and how to get it, for a person.
name_all() {
    local name minimum how why
    echo "setup: cannot install what is missing: $1. Missing:" >&2
    while read -r name minimum how why; do
        [ "$minimum" = - ] || why="$why; version $minimum or newer"
        printf '  %-24s %s\n' "$name" "($why)" >&2
        printf '  %-24s on Debian, as root: apt-get install --no-install-recommends %s\n' \
            "" "$name" >&2
    done
}

install_packages() {
    local lines reason names
    mapfile -t lines < <(wanted "$@" | missing)
    [ "${#lines[@]}" -gt 0 ] || return 0
    if ! reason=$(may_install); then
        printf '%s\n' "${lines[@]}" | name_all "$reason"
        return 1
    fi
    names=("${lines[@]%% *}")
    echo "setup: installing ${names[*]}"
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
    as_root "${apt[@]}" update < /dev/null ||
        echo "setup: apt-get update failed; trying with the lists that are here" >&2
    as_root "${apt[@]}" install --no-install-recommends "${names[@]}" < /dev/null ||
        reason="apt-get install failed"
    mapfile -t lines < <(wanted "$@" | missing)
    [ "${#lines[@]}" -gt 0 ] || return 0
    printf '%s\n' "${lines[@]}" | name_all "${reason:-apt-get did not bring it}"
    return 1
}

main() {
    [ $# -gt 0 ] || set -- build
    for group in "$@"; do
        case $group in
            build | test | bench | page | fuzz | browser | package) ;;
            *)
                echo "setup: no group '$group'; there are: build test bench page fuzz browser" \
                    "package" >&2
                return 4
                ;;
        esac
    done
    install_packages "$@"
    bash cmake/wolfssl.sh
    bash cmake/mosquitto.sh
    if [[ " $* " == *" page "* ]]; then bash cmake/page.sh; fi
    if [[ " $* " == *" test "* ]]; then bash cmake/node.sh; fi
}

main "$@"
