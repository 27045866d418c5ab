/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_result.c - any bytes as the files of a folder of results (summary, series,
 * attempts, and where they follow truth, alarms, detection, local), parted by lines "===": no
 * crash, and a page or a line comes of it; held against itself nothing differs. What a summary
 * alone gives keeps its contract too. */
#include <stdint.h>
#include <string.h>

#include "sim/report/page.h"
#include "sim/report/summary_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char parting[] = "===\n";

/* The part of the bytes from *at on, which moves behind the parting. */
static FILE *part(const uint8_t *data, size_t size, size_t *at) {
    const size_t length = sizeof parting - 1, from = *at;
    const uint8_t *end = from < size ? memmem(data + from, size - from, parting, length) : NULL;
    const size_t to = end != NULL ? (size_t)(end - data) : size;
    *at = end != NULL ? to + length : size;
    FILE *file =
        to > from ? fmemopen((void *)(data + from), to - from, "rb") : fopen("/dev/null", "rb");
    SIM_PROMISE(file != NULL);
    return file;
}

/* Whether there is a part of this number, counted from 0. */
static bool is_there(const uint8_t *data, size_t size, size_t number) {
    const uint8_t *at = data, *end = data + size;
    for (; number > 0 && at != NULL; number--) {
        at = at < end ? memmem(at, (size_t)(end - at), parting, sizeof parting - 1) : NULL;
        if (at != NULL) at += sizeof parting - 1;
    }
    return at != NULL;
}

static void make_pages(const report_result *r) {
    static const char *const names[] = {"a", "b"};
    const report_result *const runs[] = {r, r};
    report_comparison c;
    FILE *out = fopen("/dev/null", "w");
    SIM_PROMISE(out != NULL && report_page(out, r) == 0);
    SIM_PROMISE(report_compare(runs, &c) == 0);
    SIM_PROMISE(c.difference_count == 0 && c.setting_count == 0);
    SIM_PROMISE(report_page_compare(out, runs, names, &c) == 0);
    const report_style style = {.columns = 80};
    report_compare_terminal(&c, runs, names, &style, out);
    report_comparison_deinit(&c);
    fclose(out);
}

static void check_values(const json_t *root) {
    char why[RECORD_JSON_WHY_MAX] = "";
    report_values v;
    int error = report_values_of(root, &v, why);
    SIM_PROMISE((error == 0) == (why[0] == '\0') &&
                (error == 0 || (v.items == NULL && v.count == 0)));
    SIM_PROMISE(v.count <= REPORT_READ_VALUES_MAX);
    for (size_t i = 0; i < v.count; i++)
        SIM_PROMISE(report_values_find(&v, v.items[i].name) != NULL &&
                    memchr(v.items[i].unit, '\0', sizeof v.items[i].unit) != NULL);
    report_values_deinit(&v);
}

static void check_summary(FILE *file) {
    char why[RECORD_JSON_WHY_MAX] = "";
    json_t *root;
    int error = report_summary_read(file, &root, why);
    SIM_PROMISE((error == 0) == (why[0] == '\0') && (error == 0) == (root != NULL));
    if (error == 0) check_values(root);
    json_decref(root);
    rewind(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char why[RECORD_JSON_WHY_MAX] = "";
    report_result r;
    size_t at = 0;
    FILE *summary = part(data, size, &at), *series = part(data, size, &at),
         *attempts = part(data, size, &at);
    check_summary(summary);
    FILE *truth = part(data, size, &at), *alarms = part(data, size, &at),
         *detection = part(data, size, &at), *local = part(data, size, &at);
    /* what does not follow is not there, as in most runs; an empty part is an empty file */
    const report_result_files files = {summary,
                                       series,
                                       attempts,
                                       NULL,
                                       is_there(data, size, 3) ? truth : NULL,
                                       is_there(data, size, 4) ? alarms : NULL,
                                       is_there(data, size, 5) ? detection : NULL,
                                       is_there(data, size, 6) ? local : NULL};
    int error = report_result_from(&files, &r, why);
    SIM_PROMISE((error == 0) == (why[0] == '\0'));
    if (error == 0) make_pages(&r);
    report_result_deinit(&r);
    fclose(summary);
    fclose(series);
    fclose(attempts);
    fclose(truth);
    fclose(alarms);
    fclose(detection);
    fclose(local);
    return 0;
}
