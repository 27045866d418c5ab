/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/live.h"

#include <inttypes.h>

int report_live_second(FILE *file, const report_second *row) {
    int written = 0;
    const char *before = "{";
#define MEMBER(member, column, how, page)                                                         \
    if (written >= 0) written = fprintf(file, "%s\"%s\": %" PRIu64, before, column, row->member); \
    before = ", ";
    REPORT_SECOND_MAP(MEMBER)
#undef MEMBER
    return written < 0 || fputs("}\n", file) == EOF || fflush(file) == EOF ? SIM_EIO : 0;
}
