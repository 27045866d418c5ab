/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dialect read backwards, for the built-in cloud in the place of its backend: what a template was
 * made into says what its placeholders stood for. Where two follow each other, or one stands before
 * a text that is also in it, the first place where it can end is taken. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/cbor.h"
#include "net/vkernel.h"
#include "sim/cli/dialect_private.h"
#include "sim/core/heap.h"

enum { NESTING_MAX = 16 };

/* What was found so far. */
typedef struct finding {
    net_dialect_heard *heard;
    char reading[NET_SENML_NAME_MAX]; /* of the message that is about one; "": it names none */
    net_senml_record value;           /* of that */
    bool has_value;
    double time_s; /* since 1970; 0: it does not say */
} finding;

/* ---- values ---- */

static bool take_number(const char *text, double *out) {
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*out);
}

/* The value of a reading. False: it is none. */
static bool take_value(const json_t *value, net_senml_record *out) {
    const char *text = json_string_value(value);
    out->is_boolean = json_is_boolean(value);
    out->boolean = json_is_true(value);
    if (json_is_number(value)) out->value = json_number_value(value);
    if (out->is_boolean || json_is_number(value)) return true;
    if (text == NULL) return false;
    out->boolean = strcmp(text, "true") == 0;
    out->is_boolean = out->boolean || strcmp(text, "false") == 0;
    return out->is_boolean || take_number(text, &out->value);
}

/* What does not fit is left out. */
static void add_record(finding *f, const char *name, const net_senml_record *value) {
    net_senml_pack *pack = &f->heard->readings;
    if (pack->count == NET_SENML_RECORDS_MAX || strlen(name) >= sizeof value->name) return;
    net_senml_record *r = &pack->records[pack->count++];
    *r = *value;
    (void)snprintf(r->name, sizeof r->name, "%s", name);
}

static bool take_readings(finding *f, const json_t *all) {
    const char *name;
    json_t *member;
    if (!json_is_object(all)) return false;
    json_object_foreach((json_t *)(uintptr_t)all, name, member) {
        net_senml_record value = {0};
        if (take_value(member, &value)) add_record(f, name, &value);
    }
    return true;
}

static bool take_time(finding *f, const json_t *said, double unit_s) {
    struct tm utc = {0};
    const char *text = json_string_value(said);
    double number = json_number_value(said);
    if (text != NULL && strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc) != NULL)
        f->time_s = (double)timegm(&utc);
    else if (json_is_number(said) || (text != NULL && take_number(text, &number)))
        f->time_s = number * unit_s;
    return true;
}

static bool take_device(finding *f, const json_t *said) {
    const char *text = json_string_value(said);
    char *device = f->heard->device;
    if (text == NULL || strlen(text) >= sizeof f->heard->device) return false;
    if (device[0] != '\0') return strcmp(device, text) == 0;
    memcpy(device, text, strlen(text) + 1);
    return true;
}

/* `name` stood for that. False: it cannot. */
static bool take(finding *f, const char *name, const json_t *said) {
    static const struct {
        const char *name;
        double unit_s;
    } times[] = {{"time", 1}, {"time_s", 1}, {"time_ms", 1e-3}};
    net_senml_record value = {0};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        if (strcmp(name, times[i].name) == 0) return take_time(f, said, times[i].unit_s);
    }
    if (strcmp(name, "device") == 0) return take_device(f, said);
    if (strcmp(name, "readings") == 0) return take_readings(f, said);
    if (strcmp(name, "value") == 0) return f->has_value = take_value(said, &f->value);
    if (strcmp(name, "reading") == 0) {
        const char *text = json_string_value(said);
        return text != NULL &&
               (size_t)snprintf(f->reading, sizeof f->reading, "%s", text) < sizeof f->reading;
    }
    if (strcmp(name, "unit") == 0 && json_is_string(said)) {
        (void)snprintf(f->value.unit, sizeof f->value.unit, "%s", json_string_value(said));
        return true;
    }
    if (cli_dialect_has_word(name)) return true; /* it says nothing that is asked for */
    if (!take_value(said, &value)) return false;
    add_record(f, name, &value);
    return true;
}

/* ---- texts ---- */

static bool take_text(finding *f, const char *name, const char *text, size_t n) {
    json_t *said = json_stringn(text, n);
    bool taken = said != NULL && take(f, name, said);
    json_decref(said);
    return taken;
}

/* Where a placeholder ends before what follows it in the template: `n` of the text it stands for.
 * No level of a topic is empty. */
static bool span_before(const char *next, const char *text, bool of_topic, size_t *n) {
    char name[NET_SENML_NAME_MAX];
    size_t literal = 0, most = of_topic ? strcspn(text, "/") : strlen(text);
    while (next[literal] != '\0' && cli_dialect_placeholder(next + literal, name) == 0) literal++;
    *n = most;
    if (literal == 0) return next[0] == '\0' && text[most] == '\0' && (most > 0 || !of_topic);
    for (*n = 1; *n <= most && strncmp(text + *n, next, literal) != 0;) ++*n;
    return *n <= most;
}

/* A text that came of a template. `of_topic`: no placeholder stands for a stroke. */
static bool match_text(finding *f, const char *template, const char *text, bool of_topic) {
    char name[NET_SENML_NAME_MAX];
    while (*template != '\0') {
        size_t n = 1, held = cli_dialect_placeholder(template, name);
        if (held == 0 && *template != *text) return false;
        if (held > 0 && !span_before(template + held, text, of_topic, &n)) return false;
        if (held > 0 && !take_text(f, name, text, n)) return false;
        template += held > 0 ? held : 1;
        text += n;
    }
    return *text == '\0';
}

/* ---- JSON ---- */

static bool match(finding *f, const json_t *template, const json_t *value, int depth);

static bool match_string(finding *f, const json_t *template, const json_t *value) {
    char name[NET_SENML_NAME_MAX];
    const char *source = json_string_value(template);
    size_t held = cli_dialect_placeholder(source, name);
    if (held > 0 && source[held] == '\0') return take(f, name, value);
    return json_is_string(value) && match_text(f, source, json_string_value(value), false);
}

/* A name that is a template itself has the member that has its place in the order. */
static bool match_object(finding *f, const json_t *template, const json_t *value, int depth) {
    const char *key;
    json_t *member;
    if (!json_is_object(value)) return false;
    void *at = json_object_iter((json_t *)(uintptr_t)value);
    json_object_foreach((json_t *)(uintptr_t) template, key, member) {
        bool named = strstr(key, "${") != NULL;
        if (named && (at == NULL || !match_text(f, key, json_object_iter_key(at), false)))
            return false;
        const json_t *said = named ? json_object_iter_value(at) : json_object_get(value, key);
        if (said != NULL && !match(f, member, said, depth + 1)) return false;
        if (said != NULL && at != NULL) at = json_object_iter_next((json_t *)(uintptr_t)value, at);
    }
    return true;
}

static bool match_array(finding *f, const json_t *template, const json_t *value, int depth) {
    size_t n = json_array_size(template);
    if (!json_is_array(value) || json_array_size(value) != n) return false;
    for (size_t i = 0; i < n; i++) {
        if (!match(f, json_array_get(template, i), json_array_get(value, i), depth + 1))
            return false;
    }
    return true;
}

static bool match(finding *f, const json_t *template, const json_t *value, int depth) {
    if (depth > NESTING_MAX) return false;
    switch (json_typeof(template)) {
        case JSON_OBJECT:
            return match_object(f, template, value, depth);
        case JSON_ARRAY:
            return match_array(f, template, value, depth);
        case JSON_STRING:
            return match_string(f, template, value);
        default:
            return json_equal((json_t *)(uintptr_t) template, (json_t *)(uintptr_t)value) != 0;
    }
}

/* RFC 8428 5: a pack as JSON, base fields aside, which no device of ours uses there. */
static bool read_senml_json(finding *f, const json_t *pack) {
    for (size_t i = 0; i < json_array_size(pack); i++) {
        const json_t *one = json_array_get(pack, i);
        const char *name = json_string_value(json_object_get(one, "n"));
        const char *unit = json_string_value(json_object_get(one, "u"));
        const json_t *flag = json_object_get(one, "vb");
        net_senml_record value = {0};
        if (name == NULL || !take_value(flag != NULL ? flag : json_object_get(one, "v"), &value))
            return false;
        if (unit != NULL) (void)snprintf(value.unit, sizeof value.unit, "%s", unit);
        add_record(f, name, &value);
    }
    return json_is_array(pack);
}

/* ---- CBOR ---- */

static json_t *read_cbor(net_cbor_reader *r, int depth);

static json_t *read_members(net_cbor_reader *r, net_cbor_token *t, int depth) {
    json_t *out = json_object();
    while (out != NULL && net_cbor_more(r, t)) {
        json_t *name = read_cbor(r, depth), *value = read_cbor(r, depth);
        bool good = json_is_string(name) && value != NULL &&
                    json_object_set(out, json_string_value(name), value) == 0;
        json_decref(name);
        json_decref(value);
        if (good) continue;
        json_decref(out);
        return NULL;
    }
    return out;
}

static json_t *read_items(net_cbor_reader *r, net_cbor_token *t, int depth) {
    json_t *out = json_array();
    while (out != NULL && net_cbor_more(r, t)) {
        json_t *item = read_cbor(r, depth);
        if (item != NULL && json_array_append_new(out, item) == 0) continue;
        json_decref(out);
        return NULL;
    }
    return out;
}

/* NULL: malformed, or nothing that JSON has. */
static json_t *read_cbor(net_cbor_reader *r, int depth) {
    net_cbor_token t;
    if (depth == NESTING_MAX || net_cbor_next(r, &t) != 0) return NULL;
    switch (t.kind) {
        case NET_CBOR_UNSIGNED:
            return json_integer((json_int_t)(t.number <= INT64_MAX ? t.number : INT64_MAX));
        case NET_CBOR_NEGATIVE:
            return json_integer(-1 - (json_int_t)(t.number <= INT64_MAX ? t.number : INT64_MAX));
        case NET_CBOR_FLOAT:
            return json_real(t.real);
        case NET_CBOR_TEXT:
            return t.indefinite ? NULL : json_stringn((const char *)t.data, t.number);
        case NET_CBOR_ARRAY:
            return read_items(r, &t, depth + 1);
        case NET_CBOR_MAP:
            return read_members(r, &t, depth + 1);
        case NET_CBOR_BOOLEAN:
            return json_boolean(t.number != 0);
        case NET_CBOR_NOTHING:
            return json_null();
        default:
            return NULL;
    }
}

/* ---- messages ---- */

static bool read_senml_cbor(finding *f, const uint8_t *payload, size_t n) {
    net_senml_pack *pack = &f->heard->readings;
    return net_senml_read(payload, n, pack) == 0;
}

static bool read_text(finding *f, const json_t *message, const uint8_t *payload, size_t n) {
    const char *template = json_string_value(json_object_get(message, "payload"));
    json_t *text = json_stringn((const char *)payload, n);
    bool good = text != NULL && match_text(f, template, json_string_value(text), false);
    json_decref(text);
    return good;
}

/* The word of its encoding, which says itself whether it is a text. */
static const char *encoding_of(const json_t *message) {
    const char *word = json_string_value(json_object_get(message, "encoding"));
    if (word != NULL) return word;
    return json_is_string(json_object_get(message, "payload")) ? "text" : "json";
}

static json_t *load(const char *how, const uint8_t *payload, size_t n) {
    net_cbor_reader r = {payload, n};
    return strcmp(how, "cbor") == 0 ? read_cbor(&r, 0)
                                    : json_loadb((const char *)payload, n, JSON_DECODE_ANY, NULL);
}

static bool read_payload(finding *f, const json_t *message, const uint8_t *payload, size_t n) {
    const char *how = encoding_of(message);
    if (strcmp(how, "senml+cbor") == 0) return read_senml_cbor(f, payload, n);
    if (strcmp(how, "text") == 0) return read_text(f, message, payload, n);
    json_t *value = load(how, payload, n);
    bool of_senml = strcmp(how, "senml+json") == 0;
    bool good =
        value != NULL && (of_senml ? read_senml_json(f, value)
                                   : match(f, json_object_get(message, "payload"), value, 0));
    json_decref(value);
    return good;
}

static bool match_topic(finding *f, const json_t *row, const char *topic) {
    return match_text(f, json_string_value(json_object_get(row, "topic")), topic, true);
}

static bool says_device(const char *template) {
    return template != NULL && strstr(template, "${device}") != NULL;
}

static bool is_apart(const json_t *row) {
    return !says_device(json_string_value(json_object_get(row, "topic")));
}

/* Behind the part of the name that is its device's (devices/actions.c, base_name). */
static void shorten(net_senml_record *r) {
    const char *end = strrchr(r->name, '_');
    if (end != NULL) memmove(r->name, end + 1, strlen(end + 1) + 1);
}

/* Who is about one reading has its name in the topic, as a rule, and its value in the payload. */
static void finish(finding *f) {
    net_senml_pack *pack = &f->heard->readings;
    if (f->reading[0] != '\0' && f->has_value) add_record(f, f->reading, &f->value);
    pack->base_name[0] = '\0';
    pack->base_time_s = 0;
    for (size_t i = 0; i < pack->count; i++) {
        shorten(&pack->records[i]);
        if (f->time_s > 0) pack->records[i].time_s = f->time_s;
    }
}

/* Another row that a device may say with it. */
static bool alike(const json_t *row, const json_t *other) {
    const char *model = json_string_value(json_object_get(row, "model"));
    const char *its = json_string_value(json_object_get(other, "model"));
    return model == NULL || its == NULL || strcmp(model, its) == 0;
}

static bool is_whole(const json_t *reports, const json_t *row) {
    size_t i = 0, n = json_array_size(reports);
    while (i < n && (json_array_get(reports, i) == row || !alike(json_array_get(reports, i), row)))
        i++;
    return i == n && !json_is_true(json_object_get(row, "each"));
}

static bool read_report(const json_t *reports, const json_t *row, const char *topic,
                        const uint8_t *payload, size_t n, net_dialect_heard *out) {
    finding f = {.heard = out};
    *out = (net_dialect_heard){.reports = true, .apart = is_apart(row)};
    if (!match_topic(&f, row, topic) || !read_payload(&f, row, payload, n)) return false;
    finish(&f);
    out->whole = is_whole(reports, row);
    return true;
}

static bool read_other(const json_t *row, const char *topic, net_dialect_heard *out) {
    finding f = {.heard = out};
    *out = (net_dialect_heard){.apart = row != NULL && is_apart(row)};
    return row != NULL && match_topic(&f, row, topic);
}

bool cli_dialect_reads(const net_dialect *d, const char *topic, const uint8_t *payload, size_t n,
                       net_dialect_heard *out) {
    const json_t *root = cli_dialect_root(d);
    const json_t *reports = json_object_get(root, "report");
    const json_t *others = json_object_get(root, "announce");
    if (n > NET_DIALECT_PAYLOAD_MAX) return false;
    for (size_t i = 0; i < json_array_size(reports); i++) {
        if (read_report(reports, json_array_get(reports, i), topic, payload, n, out)) return true;
    }
    for (size_t i = 0; i < json_array_size(others); i++) {
        if (read_other(json_array_get(others, i), topic, out)) return true;
    }
    return read_other(json_object_get(root, "will"), topic, out);
}

/* ---- who ---- */

static bool name_in(const char *template, const char *text, char device[NET_DIALECT_TEXT_MAX]) {
    net_dialect_heard *heard = sim_calloc(1, sizeof *heard);
    finding f = {.heard = heard};
    bool found = heard != NULL && says_device(template) && match_text(&f, template, text, false) &&
                 heard->device[0] != '\0';
    if (found) memcpy(device, heard->device, sizeof heard->device);
    sim_free(heard);
    return found;
}

/* Where a file says no client identifier, that is the device itself. */
bool cli_dialect_names(const net_dialect *d, const char *client_id, const char *user_name,
                       char device[NET_DIALECT_TEXT_MAX]) {
    const json_t *root = cli_dialect_root(d);
    const char *client = json_string_value(json_object_get(root, "client_id"));
    const char *user = json_string_value(json_object_get(root, "user_name"));
    if (client == NULL) client = "${device}";
    device[0] = '\0';
    if (!says_device(client) && !says_device(user)) return false;
    if (!name_in(client, client_id, device)) (void)name_in(user, user_name, device);
    return true;
}

/* ---- commands ---- */

bool cli_dialect_commands(const net_dialect *d, const char *filter,
                          char device[NET_DIALECT_TEXT_MAX]) {
    const json_t *rows = json_object_get(cli_dialect_root(d), "commands");
    net_dialect_heard *heard = sim_calloc(1, sizeof *heard);
    bool found = false;
    for (size_t i = 0; heard != NULL && i < json_array_size(rows) && !found; i++)
        found = read_other(json_array_get(rows, i), filter, heard);
    if (found) memcpy(device, heard->device, sizeof heard->device);
    sim_free(heard);
    return found;
}

/* A name that the filter fits: a level for "+", none for the last "#" (MQTT 5 4.7.1). */
static void name_of_filter(const char *filter, char topic[NET_DIALECT_TEXT_MAX]) {
    size_t n = strlen(filter);
    memcpy(topic, filter, n + 1);
    if (n > 1 && topic[n - 1] == '#') topic[n - 2] = '\0';
    for (char *c = topic; *c != '\0'; c++) {
        if (*c == '+') *c = '1';
    }
}

/* What the command calls that value. */
static json_t *value_called(const json_t *row, double value) {
    const char *word;
    json_t *number;
    json_object_foreach(json_object_get(row, "values"), word, number) {
        if (json_is_number(number) && json_number_value(number) == value) return json_string(word);
    }
    return value == floor(value) && fabs(value) < 1e15 ? json_integer((json_int_t)value)
                                                       : json_real(value);
}

/* `value` at the end of a path of names with dots between them; takes it over. */
static json_t *nest(const char *path, json_t *value) {
    char name[NET_SENML_NAME_MAX];
    size_t n = strcspn(path, ".");
    if (*path == '\0') return value;
    json_t *out = n < sizeof name ? json_object() : NULL;
    if (out == NULL) {
        json_decref(value);
        return NULL;
    }
    memcpy(name, path, n);
    name[n] = '\0';
    (void)json_object_set_new(out, name, nest(path + n + (path[n] == '.' ? 1 : 0), value));
    return out;
}

static int write_text(json_t *value, net_dialect_message *m) {
    const char *text = json_string_value(value);
    if (text == NULL) return cli_dialect_dump(value, m);
    m->size = strlen(text);
    if (m->size > sizeof m->payload) return SIM_ERANGE;
    memcpy(m->payload, text, m->size);
    return 0;
}

/* The row's message for `line`. Not 0: it has none. */
static int order_of(const json_t *row, const net_dialect_words *w, const char *line,
                    char filter[NET_DIALECT_TEXT_MAX], net_dialect_message *m) {
    double number;
    const char *word = json_string_value(json_object_get(row, "word"));
    const char *at = json_string_value(json_object_get(row, "at"));
    size_t n = strlen(word);
    if (strncmp(line, word, n) != 0 || line[n] != ' ' || !take_number(line + n + 1, &number))
        return SIM_ERANGE;
    if (cli_dialect_text(w, json_object_get(row, "topic"), filter) != 0) return SIM_ERANGE;
    name_of_filter(filter, m->topic);
    m->qos = 1;
    m->retain = false;
    json_t *value = nest(at != NULL ? at : "", value_called(row, number));
    int error = value == NULL ? SIM_ENOMEM
                : at != NULL  ? cli_dialect_dump(value, m)
                              : write_text(value, m);
    json_decref(value);
    return error;
}

int cli_dialect_order(const net_dialect *d, const net_dialect_words *w, const char *line,
                      void (*say)(void *context, const char *filter, const net_dialect_message *m),
                      void *context) {
    char filter[NET_DIALECT_TEXT_MAX];
    const json_t *rows = json_object_get(cli_dialect_root(d), "commands");
    net_dialect_message *m = sim_malloc(sizeof *m);
    if (m == NULL) return SIM_ENOMEM;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        if (order_of(json_array_get(rows, i), w, line, filter, m) == 0) say(context, filter, m);
    }
    sim_free(m);
    return 0;
}
