/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_ics.c - any bytes as a statement of implementation, and as the summary of a run
 * that is filled into a good one: no crash, and a line for whatever is refused. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sim/assess/evidence.h"
#include "sim/assess/ics_file.h"
#include "sim/core/heap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_remark(void *context, const assess_remark *r) {
    (void)context;
    SIM_PROMISE(r->what[0] != '\0' && r->why[0] != '\0' && r->remedy[0] != '\0');
    SIM_PROMISE(strlen(r->place) < sizeof r->place);
}

static FILE *nowhere(void) {
    static FILE *file;
    if (file == NULL) file = fopen("/dev/null", "w");
    return file;
}

static void check_statement(json_t *root) {
    assess_ics_file s = {0};
    char why[RECORD_JSON_WHY_MAX] = "";
    if (assess_ics_file_take(&s, root, "fuzz", NULL, check_remark, NULL, why) == 0) {
        assess_ics_lint(&s.statement, check_remark, NULL);
        SIM_PROMISE(assess_ics_file_write(nowhere(), &s) == 0);
        SIM_PROMISE(assess_ics_file_markdown(nowhere(), &s) == 0);
    } else {
        SIM_PROMISE(why[0] != '\0');
    }
    assess_ics_file_deinit(&s);
}

static const char good[] =
    "{\"schema\": \"" ASSESS_ICS_SCHEMA
    "\", \"edition\": \"V3.1.3\", \"facts\": {\"w\": true}, "
    "\"provisions\": {\"5.9-3\": {\"support\": \"Y\", \"detail\": \"law\"}}}";

static void check_summary(const json_t *summary) {
    char why[RECORD_JSON_WHY_MAX] = "";
    json_t *root = NULL, *evidence = NULL;
    assess_ics_file s = {0};
    SIM_PROMISE(record_json_parse(good, sizeof good - 1, "good", &root, why) == 0);
    SIM_PROMISE(assess_ics_file_take(&s, root, "good", NULL, check_remark, NULL, why) == 0);
    SIM_PROMISE(assess_ics_file_fill(&s, summary, "fuzz", check_remark, NULL) == 0);
    SIM_PROMISE(assess_ics_file_markdown(nowhere(), &s) == 0);
    assess_ics_file_deinit(&s);
    json_decref(root);
    for (size_t i = 0; assess_editions[i] != NULL; i++) {
        SIM_PROMISE(assess_evidence(assess_editions[i], summary, &evidence) == 0);
        SIM_PROMISE(assess_evidence_json(nowhere(), evidence) == 0);
        SIM_PROMISE(assess_evidence_markdown(nowhere(), evidence) == 0);
        json_decref(evidence);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char why[RECORD_JSON_WHY_MAX] = "";
    json_t *root = NULL;
    if (nowhere() == NULL) return 0;
    if (record_json_parse((const char *)data, size, "fuzz", &root, why) != 0) {
        SIM_PROMISE(why[0] != '\0' && root == NULL);
        return 0;
    }
    check_statement(root);
    check_summary(root);
    json_decref(root);
    return 0;
}
