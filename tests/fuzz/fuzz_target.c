/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_target.c - any text as --target, as --source and as a word to quote: no crash,
 * and what is accepted keeps its contract. No name is resolved. */
#include <stdint.h>
#include <string.h>

#include "sim/cli/target.h"
#include "sim/cli/text.h"
#include "sim/core/heap.h"
#include "sim/core/units.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_target(const char *text) {
    cli_target target;
    cli_trouble t = {0};
    cli_exit code = cli_target_parse(text, &target, &t);
    SIM_PROMISE((code == CLI_EXIT_PASS) == (t.line[0] == '\0'));
    if (code != CLI_EXIT_PASS) return;
    uint64_t port;
    SIM_PROMISE(target.host[0] != '\0' && memchr(target.host, '\0', sizeof target.host) != NULL);
    SIM_PROMISE(sim_units_count(target.port, 1, 65535, &port) == 0);
    SIM_PROMISE(strstr(text, target.host) != NULL);
}

static void try_source(const char *text) {
    run_target target = {0};
    cli_trouble t = {0};
    cli_exit code = cli_target_source(text, &target, &t);
    SIM_PROMISE((code == CLI_EXIT_PASS) == (t.line[0] == '\0'));
    SIM_PROMISE((code == CLI_EXIT_PASS) == (target.source_bits >= 1));
    SIM_PROMISE(target.source_bits <= 128);
}

static void try_quote(const char *text) {
    char line[256] = "run";
    if (!cli_text_is_clean(text)) return;
    if (cli_text_quote(line, sizeof line, text))
        SIM_PROMISE(strlen(line) > strlen("run "));
    else
        SIM_PROMISE(strcmp(line, "run") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = sim_malloc(size + 1);
    if (text == NULL) return 0;
    if (size > 0) memcpy(text, data, size);
    text[size] = '\0';
    try_target(text);
    try_source(text);
    try_quote(text);
    sim_free(text);
    return 0;
}
