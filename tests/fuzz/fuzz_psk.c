/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_psk.c - any bytes as a file of keys, as a table of credentials and as the word
 * after --psk: no crash, and what is accepted keeps its contract. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "sim/cli/psk.h"
#include "sim/core/heap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Either keys that can be used (a table may have none), or a trouble with a line of text. */
static void check(const cli_psk *p, cli_exit code, const cli_trouble *t, bool table) {
    SIM_PROMISE((code == CLI_EXIT_PASS) == (t->line[0] == '\0'));
    SIM_PROMISE(code == CLI_EXIT_PASS || code == t->code);
    SIM_PROMISE(strlen(t->line) < sizeof t->line);
    if (code != CLI_EXIT_PASS) return;
    SIM_PROMISE(p->count > 0);
    for (size_t i = 0; i < p->count; i++) {
        const fleet_credential *c = &p->items[i];
        SIM_PROMISE((table || c->key_size >= 1) && c->key_size <= NET_SECURE_KEY_MAX);
        SIM_PROMISE((p->papers[i].certificate == NULL) == (p->papers[i].key == NULL));
        SIM_PROMISE(c->password == NULL || c->user_name != NULL);
        SIM_PROMISE(c->identity[0] != '\0' &&
                    memchr(c->identity, '\0', sizeof c->identity) != NULL);
    }
}

static void try_file(const uint8_t *data, size_t size, bool table) {
    cli_psk p = {0};
    cli_trouble t = {0};
    FILE *in = size == 0 ? fopen("/dev/null", "rb") : fmemopen((void *)(uintptr_t)data, size, "rb");
    if (in == NULL) return;
    cli_exit code = table ? cli_psk_table(&p, in, "keys", &t) : cli_psk_read(&p, in, "keys", &t);
    check(&p, code, &t, table);
    fclose(in);
    cli_psk_deinit(&p);
}

static void try_word(const uint8_t *data, size_t size) {
    cli_psk p = {0};
    cli_trouble t = {0};
    char *text = sim_malloc(size + 1);
    if (text == NULL) return;
    if (size > 0) memcpy(text, data, size);
    text[size] = '\0';
    check(&p, cli_psk_shared(&p, text, &t), &t, false);
    sim_free(text);
    cli_psk_deinit(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    try_file(data, size, false);
    try_file(data, size, true);
    try_word(data, size);
    return 0;
}
