/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_read_logs.c - any bytes as a log of every format that is text, as whatever they
 * look like, as a declared law, and as a pack of rules: no crash, and what is read keeps its
 * contract. */
#include "tests/fuzz/judge_hostile.h"

#include "sim/cli/law_json.h"
#include "sim/cli/pack_json.h"
#include "sim/record/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_law(const uint8_t *data, size_t size) {
    dev_law law;
    cli_trouble t = {0};
    char why[RECORD_JSON_WHY_MAX];
    json_t *root;
    if (record_json_parse((const char *)data, size, "law", &root, why) != 0) return;
    cli_exit code = cli_law_json_take(root, "law", &law, &t);
    json_decref(root);
    SIM_PROMISE((code == CLI_EXIT_PASS) == (t.line[0] == '\0'));
    if (code == CLI_EXIT_PASS) SIM_PROMISE(dev_law_wrong(&law) == NULL);
}

/* A pack that is taken has rules or thresholds, and each rule something to ask for. */
static void try_pack(const uint8_t *data, size_t size) {
    cli_pack p = {0};
    cli_trouble t = {0};
    char why[RECORD_JSON_WHY_MAX];
    if (record_json_parse((const char *)data, size, "pack", &p.root, why) != 0) return;
    cli_exit code = cli_pack_take(&p, "pack", &t);
    SIM_PROMISE((code == CLI_EXIT_PASS) == (t.line[0] == '\0'));
    if (code == CLI_EXIT_PASS) SIM_PROMISE(p.pack.rule_count + p.threshold_count > 0);
    for (size_t i = 0; i < p.pack.rule_count; i++) {
        const judge_rule *rule = &p.pack.rules[i];
        SIM_PROMISE(rule->row != NULL && rule->part < (int)p.pack.part_count);
        SIM_PROMISE(rule->samples > 0 && rule->number >= 0);
    }
    cli_pack_deinit(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const read_format formats[] = {READ_FORMAT_ANY, READ_FORMAT_ATTEMPTS,
                                          READ_FORMAT_MOSQUITTO, READ_FORMAT_EMQX};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const read_options o = {.format = formats[i]};
        judge_hostile_read(data, size, &o);
    }
    const read_options csv = {
        .columns = {"ts", "id", "home", "trigger", "status", "latency", "event", "reason"}};
    judge_hostile_read(data, size, &csv);
    const read_options json = {.format = READ_FORMAT_JSON,
                               .columns = {.time = "ts",
                                           .device = "who.id",
                                           .event = "event",
                                           .outcome = "status",
                                           .reason = "reason"}};
    judge_hostile_read(data, size, &json);
    const read_options lean = {.columns = {.time = "ts", .device = "id"}};
    judge_hostile_read(data, size, &lean);
    try_law(data, size);
    try_pack(data, size);
    return 0;
}
