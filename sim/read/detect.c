/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which format a file is in, by its first bytes or by the first line that tells; what it is
 * instead, where that is known; and when it begins. */
#include <string.h>

#include "sim/read/json.h"

static const read_form *const forms[] = {&read_form_mosquitto, &read_form_emqx};
enum { FORMS = sizeof forms / sizeof *forms, NAMED_LINES = 1000 };

/* Brokers whose logs are not read, by words that only their lines hold. The last row is what they
 * have in common that are written in Erlang. */
static const struct {
    const char *name, *words[4];
} brokers[] = {
    {"HiveMQ", {"HiveMQ", "hivemq", " - Client ID: "}},
    {"VerneMQ", {"vmq_", "VerneMQ", "vernemq"}},
    {"RabbitMQ", {"RabbitMQ", "rabbit_", "Accepted MQTT connection", "MQTT accepting TCP "}},
    {"RabbitMQ", {"accepting AMQP connection", "MQTT detected network error", "MQTT connection "}},
    {"NanoMQ", {"nanomq", "NanoMQ", "nmq_", "broker_tcp"}},
    {"ActiveMQ", {"ActiveMQ", "activemq", "AMQ22"}},
    {"Moquette", {"moquette", "Moquette"}},
    {"NATS", {"nats-server", " [INF] ", " [DBG] ", " [TRC] "}},
    {"FlashMQ", {"FlashMQ", "flashmq"}},
    {"BifroMQ", {"bifromq", "BifroMQ"}},
    {"Solace", {"CLIENT_CLIENT_CONNECT", "solacedaemon"}},
    {"VerneMQ or RabbitMQ", {"] <0."}},
};

const char *read_foreign_broker(const char *line) {
    for (size_t i = 0; i < sizeof brokers / sizeof *brokers; i++)
        for (size_t w = 0; w < 4 && brokers[i].words[w] != NULL; w++)
            if (strstr(line, brokers[i].words[w]) != NULL) return brokers[i].name;
    return NULL;
}

static bool is_capture(const char *head, size_t n) {
    static const char magics[][5] = {"\xd4\xc3\xb2\xa1", "\xa1\xb2\xc3\xd4", "\x4d\x3c\xb2\xa1",
                                     "\xa1\xb2\x3c\x4d", "\x0a\x0d\x0d\x0a", "\x34\xcd\xb2\xa1",
                                     "\xa1\xb2\xcd\x34"};
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (n >= 4 && memcmp(head, magics[i], 4) == 0) return true;
    return false;
}

/* What was seen of a file whose format no line told. */
typedef struct seen {
    char first[READ_WHY_MAX / 4]; /* its first line */
    char keys[READ_WHY_MAX / 2];  /* of the JSON object in it, one after the other */
    const char *foreign;
    bool timeless; /* sentences of Mosquitto, and no time */
} seen;

/* The keys of a JSON object, as far as there is room. */
static void list_keys(const char *line, char *out, size_t size) {
    read_text key, value;
    size_t used = 0;
    for (const char *at = line; (at = read_json_member(at, &key, &value)) != NULL;) {
        if (used + key.n + 3 > size) break;
        used += (size_t)snprintf(out + used, size - used, "%s%.*s", used > 0 ? ", " : "",
                                 (int)key.n, key.at);
    }
}

/* A sentence of Mosquitto's, whatever stands before it. */
static bool tells_no_time(char *text) {
    static const read_form *const form[] = {&read_form_mosquitto};
    read_wrapped line = {.text = text, .timed = true, .loose = true};
    return read_form_of(form, 1, &line, true) != NULL && line.sure;
}

/* Looks at a line; its format, or ANY. */
static read_format look(seen *s, char *text, uint64_t number) {
    if (number == 1) snprintf(s->first, sizeof s->first, "%s", text);
    if (number == 1 && *text == '{') list_keys(text, s->keys, sizeof s->keys);
    if (s->foreign == NULL && number <= NAMED_LINES) s->foreign = read_foreign_broker(text);
    read_wrapped line = {.text = text, .loose = s->foreign == NULL};
    const read_form *form = read_form_of(forms, FORMS, &line, true);
    if (form != NULL && (line.sure || !line.loose)) return form->format;
    s->timeless = s->timeless || tells_no_time(line.text);
    return READ_FORMAT_ANY;
}

static int look_at_lines(FILE *file, seen *s, read_format *out) {
    read_log ignored = {0};
    read_lines lines;
    int error = read_lines_init(&lines, file);
    *out = READ_FORMAT_ANY;
    if (error != 0) return error;
    for (char *text; *out == READ_FORMAT_ANY && (text = read_lines_next(&lines, &ignored)) != NULL;)
        *out = look(s, text, lines.number);
    read_lines_deinit(&lines);
    return 0;
}

/* The names that a first line holds, to be shown: of a CSV with two columns and more. */
static bool looks_like_csv(const char *first) {
    size_t separators = 0, letters = 0;
    for (const char *at = first; *at != '\0'; at++) {
        separators += *at == ',' || *at == ';' || *at == '\t';
        letters += (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
        if ((unsigned char)*at < 0x20 && *at != '\t') return false;
    }
    return separators > 0 && letters > 0 && strpbrk(first, "[]{}<>") == NULL;
}

static void say_what(const seen *s, char *why) {
    const char *first = s->first;
    if (s->foreign != NULL)
        snprintf(why, READ_WHY_MAX,
                 "a log of %s, which is not read: write its connections as CSV (--columns) or JSON "
                 "lines (--json), or capture them with tcpdump",
                 s->foreign);
    else if (s->timeless)
        snprintf(why, READ_WHY_MAX,
                 "a log of Mosquitto without times, or in a form that is not known: let it write "
                 "them with log_timestamp true and log_timestamp_format %%Y-%%m-%%dT%%H:%%M:%%S, "
                 "or what runs it, as docker logs -t does");
    else if (s->keys[0] != '\0')
        snprintf(why, READ_WHY_MAX,
                 "JSON lines: say which keys hold time, device and event, as in --json "
                 "time=timestamp,device=clientId,event=eventType; the first has %s",
                 s->keys);
    else if (first[0] == '{' && first[1 + strspn(first + 1, " \t")] == '\0')
        snprintf(why, READ_WHY_MAX,
                 "JSON over several lines: write an object a line, as jq -c . does, and say which "
                 "keys hold time, device and event with --json");
    else if (strstr(first, ": Flags [") != NULL || strstr(first, " TCP ") != NULL)
        snprintf(why, READ_WHY_MAX,
                 "what tcpdump or tshark prints of packets: let it write them with -w");
    else if (first[0] == '[' && (first[1] == '\0' || strchr(" {\t", first[1]) != NULL))
        snprintf(
            why, READ_WHY_MAX,
            "a JSON list: write an object a line, as jq -c '.[]' does, and say which keys hold "
            "time, device and event with --json");
    else if (looks_like_csv(first))
        snprintf(why, READ_WHY_MAX,
                 "neither a capture nor a log that is known; if it is a CSV, name its columns, as "
                 "in --columns time=ts,device=id: its first line is \"%.100s\"",
                 first);
    else
        snprintf(why, READ_WHY_MAX,
                 "neither a capture (pcap, pcapng), nor attempts.csv, nor a log of Mosquitto or "
                 "EMQX by any line of it: name it with --format, or for a CSV its columns, as in "
                 "--columns time=ts,device=id");
}

int read_detect(FILE *file, const char *head, size_t n, const read_options *o, read_format *out,
                char *why) {
    seen s = {.foreign = NULL};
    *out = o->format;
    if (o->format != READ_FORMAT_ANY) return 0;
    /* a capture with --columns is a mistake worth telling */
    if (is_capture(head, n))
        *out = READ_FORMAT_PCAP;
    else if (o->columns.time != NULL)
        *out = READ_FORMAT_COLUMNS;
    else if (read_looks_like_attempts(head))
        *out = READ_FORMAT_ATTEMPTS;
    if (*out != READ_FORMAT_ANY) return 0;
    int error = look_at_lines(file, &s, out);
    if (error == 0 && *out == READ_FORMAT_ANY) say_what(&s, why);
    return error;
}
