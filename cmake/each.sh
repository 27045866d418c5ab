#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/each.sh WHAT PROGRAM... - runs benchmarks, soak tests or fuzz targets one after another, all
# of them even if one fails; exits 1 if any did.
# Arguments that are no file are a pattern without a match. A fuzz target starts from its corpus,
# keeps what it finds in build/fuzz/found/NAME and runs for FUZZ_SECONDS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
what=$1
shift

fuzz() {
    local name corpus found
    name=$(basename "$1")
    corpus=tests/fuzz/corpus/${name#fuzz_}
    found=build/fuzz/found/$name
    mkdir -p "$found/corpus"
    "$1" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$found/" "$found/corpus" "$corpus"
}

run() {
    case $what:$1 in
        "fuzz target":*) fuzz "$1" ;;
        *:*.sh) bash "$1" ;;
        *) "$1" ;;
    esac
}

failed=() count=0
for program in "$@"; do
    [ -f "$program" ] || continue
    [[ $program == *.sh || -x $program ]] || continue
    count=$((count + 1))
    echo "== $what $(basename "$program")"
    run "$program" || failed+=("$(basename "$program")")
done
if [ "$count" -eq 0 ]; then
    echo "there is no $what yet"
elif [ "${#failed[@]}" -gt 0 ]; then
    echo "$what failed: ${failed[*]}" >&2
    exit 1
fi
