/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/checks.h"

const judge_check *const judge_checks[] = {
#define CHECK_ROW(name) &judge_check_##name,
    JUDGE_CHECK_MAP(CHECK_ROW)
#undef CHECK_ROW
        NULL};
