#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/build.sh PRESET [TARGET] - configures (quietly, unless it fails) and builds everything or
# one target. BLACKSTART_JOBS: parallel jobs.
# The program alone can be built without what only the tests need.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tests=ON
if [ $# -gt 1 ] && ! pkg-config --exists cmocka; then tests=OFF; fi
if ! configured=$(cmake --preset "$1" -D "BLACKSTART_TESTS=$tests" 2>&1); then
    echo "$configured" >&2
    exit 1
fi
cmake --build --preset "$1" --parallel "${BLACKSTART_JOBS:-$(nproc)}" ${2:+--target "$2"}
