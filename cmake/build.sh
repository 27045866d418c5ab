#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/build.sh PRESET - configures (quietly, unless it fails) and builds. BLACKSTART_JOBS: parallel jobs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! configured=$(cmake --preset "$1" 2>&1); then
    echo "$configured" >&2
    exit 1
fi
cmake --build --preset "$1" --parallel "${BLACKSTART_JOBS:-$(nproc)}"
