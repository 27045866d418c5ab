/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_dialect.c - any bytes as a dialect: no crash, a line for whatever is refused, and
 * what is accepted speaks and hears within its bounds, and is read backwards: what it said itself,
 * and the file. */
#include <stdint.h>
#include <string.h>

#include "net/dialect.h"
#include "sim/cli/dialect.h"
#include "sim/core/heap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const net_dialect *spoken;

static void read_back(const char *topic, const uint8_t *payload, size_t size) {
    static net_dialect_heard heard;
    char device[NET_DIALECT_TEXT_MAX];
    if (spoken->calls->reads(spoken, topic, payload, size, &heard)) {
        SIM_PROMISE(heard.readings.count <= NET_SENML_RECORDS_MAX);
        SIM_PROMISE(memchr(heard.device, '\0', sizeof heard.device) != NULL);
    }
    (void)spoken->calls->names(spoken, topic, topic, device);
    (void)spoken->calls->commands(spoken, topic, device);
}

static void order(void *context, const char *filter, const net_dialect_message *message) {
    size_t *said = context;
    SIM_PROMISE(strlen(filter) < NET_DIALECT_TEXT_MAX && strlen(message->topic) <= strlen(filter));
    SIM_PROMISE(message->size <= sizeof message->payload);
    ++*said;
}

static int say(void *context, const net_dialect_message *message) {
    size_t *said = context;
    read_back(message->topic, message->payload, message->size);
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
    spoken = d;
    if (d->calls->log_in(d, w, &login) == 0) SIM_PROMISE(login.version == 4 || login.version == 5);
    (void)!d->calls->speak(d, NET_DIALECT_ANNOUNCES, w, say, &said);
    (void)!d->calls->speak(d, NET_DIALECT_REPORTS, w, say, &said);
    size_t count = d->calls->topics(d, w, topics);
    SIM_PROMISE(count <= NET_DIALECT_TOPICS_MAX);
    (void)!d->calls->order(d, w, "set-point 21.5", order, &said);
    for (size_t i = 0; i < count; i++) {
        (void)d->calls->wakes(d, w, topics[i], data, size);
        read_back(topics[i], data, size);
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
