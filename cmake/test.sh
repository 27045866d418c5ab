#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/test.sh [PRESET...] - builds and tests the presets release, asan and tsan (or those given),
# all of them even if one fails, and ends with one summary, in ctest's own words (cmake/closing.py).
# Exit 1 if anything failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ $# -gt 0 ] || set -- release asan tsan

# Processor seconds of everything that has ended so far, into `spent`.
spent=0
look_at_processor() {
    times > build/times
    spent=$(awk 'END {
        for (i = 1; i <= NF; i++) { split($i, part, /[ms]/); all += part[1] * 60 + part[2] }
        printf "%.0f", all
    }' build/times)
}

mkdir -p build
closing=()
for preset in "$@"; do
    began=$SECONDS
    look_at_processor
    before=$spent
    echo "== $preset: build"
    rm -f "build/$preset/ctest.xml"
    # The thread sanitizer runs a few tests: nothing else is built for it.
    if ! bash cmake/build.sh "$preset" $([ "$preset" = tsan ] && echo threads_tests); then
        closing+=("$preset:build:0:0:0:0")
        continue
    fi
    built=$SECONDS
    look_at_processor
    build_spent=$((spent - before)) before=$spent
    if [ "$preset" = tsan ] && ctest --preset tsan --show-only | grep -q '^Total Tests: 0$'; then
        closing+=("$preset:none:$((built - began)):0:$build_spent:0")
        continue
    fi
    echo "== $preset: tests"
    ctest --preset "$preset" --test-output-size-passed 1000000 \
        --output-junit "$PWD/build/$preset/ctest.xml" 2>&1 < /dev/null |
        tee "build/$preset/ctest.log"
    status=${PIPESTATUS[0]}
    look_at_processor
    clock=$((built - began)):$((SECONDS - built))
    closing+=("$preset:$status:$clock:$build_spent:$((spent - before))")
done

echo
/usr/bin/python3 cmake/closing.py "${closing[@]}"
