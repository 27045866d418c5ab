/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/error.h"

#include <stdio.h>
#include <stdlib.h>

const char *sim_error_text(int error) {
    switch (error) {
        case 0:
            return "success";
#define SIM_ERROR_CASE(name, number, text) \
    case SIM_E##name:                      \
        return text;
            SIM_ERROR_MAP(SIM_ERROR_CASE)
#undef SIM_ERROR_CASE
        default:
            return "unknown error";
    }
}

_Noreturn void sim_promise_broken(const char *file, int line, const char *text) {
    fprintf(stderr, "%s:%d: internal error: broken promise: %s\n", file, line, text);
    abort();
}
