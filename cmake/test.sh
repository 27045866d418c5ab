#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/test.sh [PRESET...] - builds and tests the presets release, asan and tsan (or those given), all of them even if one fails, and ends with one
# summary in ctest's own words. Exit 1 if anything failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ $# -gt 0 ] || set -- release asan tsan

total=0 failed=0 lines=()

# count LOG: adds ctest's summary of a preset to the totals; nothing to add means that ctest did not get that far.
count() {
    local bad all
    read -r bad all < <(sed -n 's/^[0-9]*% tests passed, \([0-9]*\) tests failed out of \([0-9]*\)$/\1 \2/p' "$1")
    [ -n "${all:-}" ] || return 1
    failed=$((failed + bad))
    total=$((total + all))
    lines+=("$(printf '%-8s %4d tests, %d failed, %d s' "$preset" "$all" "$bad" "$((SECONDS - began))")")
    # A preset whose tests pass while ctest does not is a failure of its own.
    [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || failed=$((failed + 1))
}

for preset in "$@"; do
    began=$SECONDS
    echo "== $preset: build"
    # The thread sanitizer runs a few tests: nothing else is built for it.
    if ! bash cmake/build.sh "$preset" $([ "$preset" = tsan ] && echo threads_tests); then
        lines+=("$(printf '%-8s does not build' "$preset")")
        failed=$((failed + 1)) total=$((total + 1))
        continue
    fi
    if [ "$preset" = tsan ] && ctest --preset tsan --show-only | grep -q '^Total Tests: 0$'; then
        lines+=("$(printf '%-8s no test carries the label threads' "$preset")")
        continue
    fi
    echo "== $preset: tests"
    log=build/$preset/ctest.log
    ctest --preset "$preset" 2>&1 < /dev/null | tee "$log"
    status=${PIPESTATUS[0]}
    if ! count "$log"; then
        lines+=("$(printf '%-8s tests did not run' "$preset")")
        failed=$((failed + 1)) total=$((total + 1))
    fi
done

echo
echo "== all presets"
printf '%s\n' "${lines[@]}"
if [ "$total" -eq 0 ]; then
    echo "no tests were run" >&2
    exit 1
fi
echo "$(((total - failed) * 100 / total))% tests passed, $failed tests failed out of $total"
[ "$failed" -eq 0 ]
