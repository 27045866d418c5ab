/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_dialect.c - any bytes as a dialect: no crash, a line for whatever is refused, and
 * what is accepted speaks and hears within its bounds. What it hears is the file itself. */
#include <stdint.h>
#include <string.h>

#include "net/dialect.h"
#include "sim/cli/dialect.h"
#include "sim/core/heap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int say(void *context, const net_dialect_message *message) {
    size_t *said = context;
    SIM_PROMISE(memchr(message->topic, '\0', sizeof message->topic) != NULL);
    SIM_PROMISE(message->size <= sizeof message->payload && message->qos <= 2);
    return ++*said > 10000 ? SIM_ERANGE : 0;
}

static void use(const net_dialect *d, const net_dialect_words *w, const uint8_t *data,
                size_t size) {
    static net_dialect_login login;
    char topics[NET_DIALECT_TOPICS_MAX][NET_DIALECT_TEXT_MAX];
    char line[NET_DIALECT_LINE_MAX];
    size_t said = 0;
    if (d->calls->log_in(d, w, &login) == 0) SIM_PROMISE(login.version == 4 || login.version == 5);
    (void)!d->calls->speak(d, NET_DIALECT_ANNOUNCES, w, say, &said);
    (void)!d->calls->speak(d, NET_DIALECT_REPORTS, w, say, &said);
    size_t count = d->calls->topics(d, w, topics);
    SIM_PROMISE(count <= NET_DIALECT_TOPICS_MAX);
    for (size_t i = 0; i < count; i++) {
        (void)d->calls->wakes(d, w, topics[i], data, size);
        if (d->calls->hears(d, w, topics[i], data, size, line))
            SIM_PROMISE(strchr(line, ' ') != NULL && strlen(line) < sizeof line);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char why[256] = "";
    const net_senml_pack pack = {
        .base_name = "urn:dev:ops:32473-smart-plug-bs-1_",
        .records = {{.name = "urn:dev:ops:32473-smart-plug-bs-1_power", .unit = "W", .value = 12.5},
                    {.name = "urn:dev:ops:32473-smart-plug-bs-1_relay", .is_boolean = true}},
        .count = 2};
    const net_dialect_words words = {.device = "bs-1",
                                     .model = "smart-plug",
                                     .time_ms = 1700000000000,
                                     .readings = &pack,
                                     .body = (const uint8_t *)"x",
                                     .body_size = 1};
    const net_dialect *d = cli_dialect_parse((const char *)data, size, why, sizeof why);
    if (d == NULL) {
        SIM_PROMISE(why[0] != '\0' && memchr(why, '\n', strlen(why)) == NULL);
        return 0;
    }
    use(d, &words, data, size);
    cli_dialect_free(d);
    return 0;
}
