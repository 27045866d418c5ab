#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/test.sh [PRESET...] - builds and tests the presets release, asan and tsan (or those given),
# all of them even if one fails, and ends with one summary, in ctest's own words (cmake/closing.py).
# Exit 1 if anything failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ $# -gt 0 ] || set -- release asan tsan

closing=()
for preset in "$@"; do
    began=$SECONDS
    echo "== $preset: build"
    rm -f "build/$preset/ctest.xml"
    # The thread sanitizer runs a few tests: nothing else is built for it.
    if ! bash cmake/build.sh "$preset" $([ "$preset" = tsan ] && echo threads_tests); then
        closing+=("$preset:build:0:0")
        continue
    fi
    built=$SECONDS
    if [ "$preset" = tsan ] && ctest --preset tsan --show-only | grep -q '^Total Tests: 0$'; then
        closing+=("$preset:none:$((built - began)):0")
        continue
    fi
    echo "== $preset: tests"
    ctest --preset "$preset" --test-output-size-passed 1000000 \
        --output-junit "$PWD/build/$preset/ctest.xml" 2>&1 < /dev/null |
        tee "build/$preset/ctest.log"
    status=${PIPESTATUS[0]}
    closing+=("$preset:$status:$((built - began)):$((SECONDS - built))")
done

echo
/usr/bin/python3 cmake/closing.py "${closing[@]}"
