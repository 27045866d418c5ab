/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_summary_read.c - any bytes as a summary.json: no crash, and what is accepted keeps its contract. */
#include <stdint.h>
#include <string.h>

#include "sim/report/summary_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char why[128] = "";
    report_summary s;
    FILE *in = size == 0 ? fopen("/dev/null", "rb") : fmemopen((void *)(uintptr_t)data, size, "rb");
    if (in == NULL) return 0;
    int error = report_summary_read(in, &s, why, sizeof why);
    SIM_PROMISE(error == 0 || (s.values == NULL && s.count == 0));
    SIM_PROMISE(error != SIM_EPARSE || why[0] != '\0');
    SIM_PROMISE(s.count <= REPORT_READ_VALUES_MAX);
    for (size_t i = 0; i < s.count; i++)
        SIM_PROMISE(report_summary_find(&s, s.values[i].name) != NULL &&
                    memchr(s.values[i].unit, '\0', sizeof s.values[i].unit) != NULL);
    report_summary_deinit(&s);
    fclose(in);
    return 0;
}
