#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# run_clang_tidy.sh SOURCE_DIR BUILD_DIR - clang-tidy with .clang-tidy over every C source of ours in compile_commands.json, two at a time.
# Unit tests are left out: cmocka's macros are not ours. A source is looked at again only when it, a header of ours, the checks or its command
# changed. Exit 77 (skipped) where clang-tidy is not installed.
set -euo pipefail
source_dir=$1
build_dir=$2
command -v clang-tidy > /dev/null || { echo "skipped: clang-tidy is not installed"; exit 77; }
cd "$source_dir"
clean=$build_dir/tests/clang-tidy-clean
mkdir -p "$clean"

folders=()
for folder in sim net devices lua tests/fuzz tests/bench tests/support; do
    if [ -d "$folder" ]; then folders+=("$folder"); fi
done
mapfile -t sources < <(find "${folders[@]}" -name '*.c' | sort)
[ "${#sources[@]}" -gt 0 ] || { echo "no C sources"; exit 1; }
shared=$({ cat .clang-tidy; clang-tidy --version; find "${folders[@]}" -name '*.h' -print0 | sort -z | xargs -0 cat; } | sha256sum)

check() {
    local key
    key=$clean/$({ echo "$shared"; cat "$1"; grep -F "\"file\": \"$PWD/$1\"" -B 2 "$build_dir/compile_commands.json"; } | sha256sum | cut -c 1-40)
    [ -e "$key" ] && return 0
    if clang-tidy --quiet -p "$build_dir" --extra-arg=-Wno-unknown-warning-option "$1" 2> "$key.log"; then
        : > "$key"
        rm -f "$key.log"
    else
        grep -v 'warnings generated\|warning generated\|warnings treated' "$key.log" || true
        rm -f "$key.log"
        echo "clang-tidy: $1: see above"
        return 1
    fi
}
export -f check
export build_dir clean shared

# Only what is compiled: a source without a command has no flags to be read with.
listed=()
for source in "${sources[@]}"; do
    if grep -qF "\"file\": \"$PWD/$source\"" "$build_dir/compile_commands.json"; then listed+=("$source"); fi
done
echo "clang-tidy over ${#listed[@]} sources"
printf '%s\0' "${listed[@]}" | xargs -0 -n 1 -P 2 bash -c 'check "$1"' _
