/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/dialect_private.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/cbor.h"
#include "net/coap.h"
#include "net/dialect.h"
#include "net/mqtt_filter.h"
#include "net/protocol.h"
#include "net/secure_token.h"
#include "sim/cli/data.h"
#include "sim/cli/scenarios.h"
#include "sim/core/heap.h"

typedef struct dialect {
    net_dialect base; /* first: a pointer to it is one to its dialect */
    json_t *root;
    cli_data *data; /* borrowed; NULL: none */
    /* reports for which it had no message, and that were too long for one of their protocol */
    uint64_t unsaid, too_long;
    bool counts; /* them: of a target alone, which one thread speaks to */
} dialect;

static const json_t *root_of(const net_dialect *d) {
    return ((const dialect *)d)->root;
}

enum {
    ROWS_MAX = 64,
    NESTING_MAX = 16,
    TEXT_MAX = 1024,
    SIGNED_FOR_S = 3600,
    SIGNED_FOR_MAX_S = 366 * 86400
};

/* How a password begins that is a signature already. */
static const char signature_word[] = "SharedAccessSignature ";

typedef enum encoding {
    ENCODING_TEXT,
    ENCODING_JSON,
    ENCODING_CBOR,
    ENCODING_SENML_JSON,
    ENCODING_SENML_CBOR,
    ENCODINGS
} encoding;

static const struct {
    const char *word;
    uint16_t format; /* as CoAP numbers it */
} encodings[ENCODINGS] = {
    [ENCODING_TEXT] = {"text", NET_COAP_FORMAT_TEXT},
    [ENCODING_JSON] = {"json", NET_COAP_FORMAT_JSON},
    [ENCODING_CBOR] = {"cbor", NET_COAP_FORMAT_CBOR},
    [ENCODING_SENML_JSON] = {"senml+json", NET_COAP_FORMAT_SENML_JSON},
    [ENCODING_SENML_CBOR] = {"senml+cbor", NET_COAP_FORMAT_SENML_CBOR},
};

static const struct {
    const char *word;
    uint8_t method;
} methods[] = {{"GET", NET_COAP_GET}, {"POST", NET_COAP_POST}, {"PUT", NET_COAP_PUT}};

/* What is rendered: the words, and within a message of each reading, that one. */
typedef struct rendering {
    const net_dialect_words *words;
    const net_senml_record *reading;
    const char *signature; /* that it logs in with; NULL: none */
    const cli_data *data;  /* NULL: none */
    size_t row;            /* of it */
} rendering;

static rendering rendering_of(const net_dialect *d, const net_dialect_words *w) {
    const cli_data *data = ((const dialect *)d)->data;
    return (rendering){
        .words = w, .data = data, .row = data == NULL ? 0 : cli_data_row_of(data, w->number)};
}

/* ---- placeholders ---- */

static const char *or_empty(const char *text) {
    return text != NULL ? text : "";
}

static const char *short_name(const rendering *r, const net_senml_record *record) {
    const char *base = r->words->readings->base_name;
    size_t n = strlen(base);
    return strncmp(record->name, base, n) == 0 ? record->name + n : record->name;
}

/* Sensors measure in single precision: what that is as a double has digits that nobody measured. */
static double rounded(double value) {
    enum { DIGITS_MIN = 6, DIGITS_MAX = 9 };
    char text[32];
    double shorter = value;
    for (int digits = DIGITS_MIN; digits <= DIGITS_MAX; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, value);
        shorter = strtod(text, NULL);
        if ((float)shorter == (float)value) break;
    }
    return shorter;
}

/* A number that is a whole one is written as such. */
static json_t *number(double value) {
    if (value == floor(value) && fabs(value) < 1e15) return json_integer((json_int_t)value);
    return json_real((double)(float)value == value ? rounded(value) : value);
}

static json_t *value_of(const net_senml_record *record) {
    return record->is_boolean ? json_boolean(record->boolean) : number(record->value);
}

static json_t *readings_of(const rendering *r) {
    const net_senml_pack *pack = r->words->readings;
    json_t *all = json_object();
    for (size_t i = 0; pack != NULL && i < pack->count; i++) {
        const net_senml_record *record = &pack->records[i];
        (void)json_object_set_new(all, short_name(r, record), value_of(record));
    }
    return all;
}

static json_t *reading_named(const rendering *r, const char *name) {
    const net_senml_pack *pack = r->words->readings;
    for (size_t i = 0; pack != NULL && i < pack->count; i++) {
        if (strcmp(short_name(r, &pack->records[i]), name) == 0) return value_of(&pack->records[i]);
    }
    return NULL;
}

static json_t *time_text(int64_t time_ms) {
    char text[32] = "";
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm utc;
    if (gmtime_r(&seconds, &utc) != NULL)
        (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return json_string(text);
}

static json_t *word_device(const rendering *r) {
    return json_string(r->words->device);
}
static json_t *word_model(const rendering *r) {
    return json_string(or_empty(r->words->model));
}
static json_t *word_host(const rendering *r) {
    return json_string(or_empty(r->words->host));
}
static json_t *word_user_name(const rendering *r) {
    return json_string(or_empty(r->words->user_name));
}
static json_t *word_password(const rendering *r) {
    return json_string(or_empty(r->words->password));
}
static json_t *word_signature(const rendering *r) {
    return r->signature == NULL ? NULL : json_string(r->signature);
}
static json_t *word_time(const rendering *r) {
    return time_text(r->words->time_ms);
}
static json_t *word_time_s(const rendering *r) {
    return json_integer((json_int_t)(r->words->time_ms / 1000));
}
static json_t *word_time_ms(const rendering *r) {
    return json_integer((json_int_t)r->words->time_ms);
}
static json_t *word_reading(const rendering *r) {
    return r->reading == NULL ? NULL : json_string(short_name(r, r->reading));
}
static json_t *word_value(const rendering *r) {
    return r->reading == NULL ? NULL : value_of(r->reading);
}
static json_t *word_unit(const rendering *r) {
    return r->reading == NULL ? NULL : json_string(r->reading->unit);
}

static const struct word {
    const char *name;
    json_t *(*value)(const rendering *r);
} words[] = {
    {"device", word_device},       {"model", word_model},       {"host", word_host},
    {"user_name", word_user_name}, {"password", word_password}, {"time", word_time},
    {"time_s", word_time_s},       {"time_ms", word_time_ms},   {"readings", readings_of},
    {"reading", word_reading},     {"value", word_value},       {"unit", word_unit},
    {"signature", word_signature},
};

static const struct word *word_named(const char *name) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].name, name) == 0) return &words[i];
    return NULL;
}

bool cli_dialect_has_word(const char *name) {
    return word_named(name) != NULL;
}

/* A cell that is a number, true or false of JSON is that; else it is a text. */
static json_t *cell_value(const char *text) {
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    if (json_is_number(value) || json_is_boolean(value)) return value;
    json_decref(value);
    return json_string(text);
}

/* NULL: it stands for nothing here. */
static json_t *look_up(const rendering *r, const char *name) {
    const struct word *word = word_named(name);
    const char *cell = r->data == NULL ? NULL : cli_data_cell(r->data, r->row, name);
    if (word != NULL) return word->value(r);
    return cell != NULL ? cell_value(cell) : reading_named(r, name);
}

/* The placeholder at the front of `text`: its name, and its length in the text; 0: there is none.
 */
static size_t placeholder(const char *text, char name[NET_SENML_NAME_MAX]) {
    if (text[0] != '$' || text[1] != '{') return 0;
    size_t n = strcspn(text + 2, "}");
    if (n == 0 || n >= NET_SENML_NAME_MAX || text[2 + n] != '}') return 0;
    memcpy(name, text + 2, n);
    name[n] = '\0';
    return n + 3;
}

/* ---- texts ---- */

static bool add_text(char *out, size_t size, size_t *at, const char *text, size_t n) {
    if (n >= size - *at) return false;
    memcpy(out + *at, text, n);
    *at += n;
    out[*at] = '\0';
    return true;
}

/* What a value is called within a text. */
static bool add_value(char *out, size_t size, size_t *at, const json_t *value) {
    enum { DIGITS = 10 };
    if (json_is_string(value))
        return add_text(out, size, at, json_string_value(value), json_string_length(value));
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
    bool fits = text != NULL && add_text(out, size, at, text, strlen(text));
    free(text); /* of the library */
    return fits;
}

static int render_text(const rendering *r, const char *text, char *out, size_t size, size_t *n) {
    char name[NET_SENML_NAME_MAX];
    *n = 0;
    out[0] = '\0';
    while (*text != '\0') {
        size_t held = placeholder(text, name);
        json_t *value = held > 0 ? look_up(r, name) : NULL;
        if (held > 0 && value == NULL) return SIM_ERANGE;
        bool fits = held > 0 ? add_value(out, size, n, value) : add_text(out, size, n, text, 1);
        json_decref(value);
        if (!fits) return SIM_ERANGE;
        text += held > 0 ? held : 1;
    }
    return 0;
}

static int render_word(const rendering *r, const json_t *template, char *out) {
    size_t n;
    const char *text = json_string_value(template);
    return text == NULL ? SIM_ERANGE : render_text(r, text, out, NET_DIALECT_TEXT_MAX, &n);
}

/* ---- JSON ---- */

static json_t *render(const rendering *r, const json_t *template);

static json_t *render_string(const rendering *r, const json_t *template) {
    char name[NET_SENML_NAME_MAX];
    char text[TEXT_MAX];
    size_t n;
    const char *source = json_string_value(template);
    size_t held = placeholder(source, name);
    if (held > 0 && source[held] == '\0') return look_up(r, name);
    return render_text(r, source, text, sizeof text, &n) == 0 ? json_string(text) : NULL;
}

static json_t *render_object(const rendering *r, const json_t *template) {
    const char *key;
    json_t *member;
    char name[NET_DIALECT_TEXT_MAX];
    size_t n;
    json_t *out = json_object();
    json_object_foreach((json_t *)(uintptr_t) template, key, member) {
        json_t *value = render(r, member);
        if (value != NULL && render_text(r, key, name, sizeof name, &n) == 0)
            (void)json_object_set(out, name, value);
        json_decref(value);
    }
    return out;
}

static json_t *render_array(const rendering *r, const json_t *template) {
    json_t *out = json_array();
    for (size_t i = 0; i < json_array_size(template); i++) {
        json_t *value = render(r, json_array_get(template, i));
        if (value != NULL) (void)json_array_append_new(out, value);
    }
    return out;
}

/* NULL: it stands for what is not there, or there is no memory. */
static json_t *render(const rendering *r, const json_t *template) {
    switch (json_typeof(template)) {
        case JSON_OBJECT:
            return render_object(r, template);
        case JSON_ARRAY:
            return render_array(r, template);
        case JSON_STRING:
            return render_string(r, template);
        default:
            return json_deep_copy(template);
    }
}

/* RFC 8428 5: the pack as JSON. */
static json_t *senml_json(const rendering *r) {
    const net_senml_pack *pack = r->words->readings;
    json_t *out = json_array();
    for (size_t i = 0; pack != NULL && i < pack->count; i++) {
        const net_senml_record *record = &pack->records[i];
        json_t *one = json_object();
        (void)json_object_set_new(one, "n", json_string(record->name));
        if (record->unit[0] != '\0') (void)json_object_set_new(one, "u", json_string(record->unit));
        (void)json_object_set_new(one, record->is_boolean ? "vb" : "v", value_of(record));
        (void)json_array_append_new(out, one);
    }
    return out;
}

/* ---- CBOR ---- */

static void put_cbor(net_cbor *w, const json_t *value);

static void put_members(net_cbor *w, const json_t *value) {
    const char *key;
    json_t *member;
    net_cbor_map(w, json_object_size(value));
    json_object_foreach((json_t *)(uintptr_t)value, key, member) {
        net_cbor_text(w, key, strlen(key));
        put_cbor(w, member);
    }
}

static void put_cbor(net_cbor *w, const json_t *value) {
    switch (json_typeof(value)) {
        case JSON_OBJECT:
            put_members(w, value);
            break;
        case JSON_ARRAY:
            net_cbor_array(w, json_array_size(value));
            for (size_t i = 0; i < json_array_size(value); i++)
                put_cbor(w, json_array_get(value, i));
            break;
        case JSON_STRING:
            net_cbor_text(w, json_string_value(value), json_string_length(value));
            break;
        case JSON_INTEGER:
            net_cbor_integer(w, json_integer_value(value));
            break;
        case JSON_REAL:
            net_cbor_number(w, json_real_value(value));
            break;
        case JSON_NULL:
            net_cbor_null(w);
            break;
        default:
            net_cbor_boolean(w, json_is_true(value));
    }
}

static int dump_cbor(const json_t *value, net_dialect_message *out) {
    net_cbor w = {.at = out->payload, .left = sizeof out->payload};
    put_cbor(&w, value);
    out->size = sizeof out->payload - w.left;
    return w.full ? SIM_ERANGE : 0;
}

/* ---- messages ---- */

static encoding encoding_of(const json_t *message) {
    const char *word = json_string_value(json_object_get(message, "encoding"));
    for (int e = 0; word != NULL && e < ENCODINGS; e++) {
        if (strcmp(word, encodings[e].word) == 0) return (encoding)e;
    }
    return json_is_string(json_object_get(message, "payload")) ? ENCODING_TEXT : ENCODING_JSON;
}

static int dump_json(json_t *value, net_dialect_message *out) {
    enum { DIGITS = 10 };
    out->size = json_dumpb(value, (char *)out->payload, sizeof out->payload,
                           JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
    return out->size > 0 && out->size <= sizeof out->payload ? 0 : SIM_ERANGE;
}

static int copy_body(const rendering *r, net_dialect_message *out) {
    if (r->words->body == NULL || r->words->body_size > sizeof out->payload) return SIM_ERANGE;
    memcpy(out->payload, r->words->body, r->words->body_size);
    out->size = r->words->body_size;
    return 0;
}

static bool has_payload(const json_t *message) {
    encoding how = encoding_of(message);
    return json_object_get(message, "payload") != NULL || how == ENCODING_SENML_JSON ||
           how == ENCODING_SENML_CBOR;
}

static int render_payload(const rendering *r, const json_t *message, net_dialect_message *out) {
    const json_t *template = json_object_get(message, "payload");
    encoding how = encoding_of(message);
    out->size = 0;
    if (!has_payload(message)) return 0;
    if (how == ENCODING_SENML_CBOR) return copy_body(r, out);
    if (how == ENCODING_TEXT)
        return render_text(r, json_string_value(template), (char *)out->payload,
                           sizeof out->payload, &out->size);
    json_t *value = how == ENCODING_SENML_JSON ? senml_json(r) : render(r, template);
    if (value == NULL) return SIM_ERANGE;
    int error = how == ENCODING_CBOR ? dump_cbor(value, out) : dump_json(value, out);
    json_decref(value);
    return error;
}

/* 0: none is said, or there is none of that name. */
static uint8_t method_of(const json_t *message) {
    const char *word = json_string_value(json_object_get(message, "method"));
    for (size_t i = 0; word != NULL && i < sizeof methods / sizeof *methods; i++)
        if (strcmp(word, methods[i].word) == 0) return methods[i].method;
    return 0;
}

/* A word of an encoding, or a number. */
static uint16_t accept_of(const json_t *message) {
    const json_t *accept = json_object_get(message, "accept");
    const char *word = json_string_value(accept);
    for (int e = 0; word != NULL && e < ENCODINGS; e++)
        if (strcmp(word, encodings[e].word) == 0) return encodings[e].format;
    bool number = json_is_integer(accept) && json_integer_value(accept) >= 0 &&
                  json_integer_value(accept) < NET_COAP_FORMAT_NONE;
    return number ? (uint16_t)json_integer_value(accept) : NET_COAP_FORMAT_NONE;
}

static int render_message(const rendering *r, const json_t *message, net_dialect_message *out) {
    const json_t *qos = json_object_get(message, "qos");
    int error = render_word(r, json_object_get(message, "topic"), out->topic);
    if (error == 0) error = render_payload(r, message, out);
    out->qos = qos != NULL ? (uint8_t)json_integer_value(qos) : 1;
    out->retain = json_is_true(json_object_get(message, "retain"));
    out->method = method_of(message);
    out->format = has_payload(message) ? encodings[encoding_of(message)].format
                                       : (uint16_t)NET_COAP_FORMAT_NONE;
    out->accept = accept_of(message);
    return error;
}

/* One without a model is for all. */
static bool is_for(const json_t *row, const net_dialect_words *w) {
    const char *model = json_string_value(json_object_get(row, "model"));
    return model == NULL || strcmp(model, or_empty(w->model)) == 0;
}

typedef struct speech {
    net_dialect_message *message;
    uint64_t *said;
    int (*say)(void *context, const net_dialect_message *message);
    void *context;
} speech;

static int speak_one(const speech *s, const rendering *r, const json_t *row) {
    int error = render_message(r, row, s->message);
    if (error == SIM_ERANGE) return 0; /* it stands for what this device does not have */
    if (error == 0) ++*s->said;
    return error != 0 ? error : s->say(s->context, s->message);
}

static int speak_row(const speech *s, rendering r, const json_t *row) {
    const net_dialect_words *w = r.words;
    if (!is_for(row, w)) return 0;
    if (!json_is_true(json_object_get(row, "each"))) return speak_one(s, &r, row);
    int error = 0;
    for (size_t i = 0; error == 0 && w->readings != NULL && i < w->readings->count; i++) {
        r.reading = &w->readings->records[i];
        error = speak_one(s, &r, row);
    }
    return error;
}

static int speak(const net_dialect *d, net_dialect_occasion occasion, const net_dialect_words *w,
                 int (*say)(void *context, const net_dialect_message *message), void *context) {
    static const char *const lists[] = {
        [NET_DIALECT_ANNOUNCES] = "announce", [NET_DIALECT_REPORTS] = "report"};
    const json_t *list = json_object_get(root_of(d), lists[occasion]);
    dialect *own = (dialect *)(uintptr_t)d;
    uint64_t said = 0;
    const speech s = {sim_malloc(sizeof *s.message), &said, say, context};
    if (s.message == NULL) return SIM_ENOMEM;
    int error = 0;
    rendering r = rendering_of(d, w);
    if (r.data != NULL && occasion == NET_DIALECT_REPORTS)
        r.row = cli_data_next(own->data, w->number);
    for (size_t i = 0; i < json_array_size(list) && error == 0; i++)
        error = speak_row(&s, r, json_array_get(list, i));
    if (own->counts && occasion == NET_DIALECT_REPORTS) {
        own->unsaid += said == 0 ? 1 : 0;
        own->too_long += error == SIM_ERANGE ? 1 : 0;
    }
    sim_free(s.message);
    return error;
}

/* The password is a key to sign with, unless it is a signature. */
static int sign(const json_t *signed_with, const rendering *r, char out[NET_SECURE_TOKEN_MAX]) {
    char resource[NET_DIALECT_TEXT_MAX];
    const char *key = or_empty(r->words->password);
    const json_t *valid = json_object_get(signed_with, "valid_s");
    bool is_signature = strncmp(key, signature_word, sizeof signature_word - 1) == 0;
    if (is_signature || *key == '\0')
        return snprintf(out, NET_SECURE_TOKEN_MAX, "%s", key) < NET_SECURE_TOKEN_MAX ? 0
                                                                                     : SIM_ERANGE;
    int error = render_word(r, json_object_get(signed_with, "resource"), resource);
    int64_t until = r->words->time_ms / 1000 +
                    (valid != NULL ? (int64_t)json_integer_value(valid) : SIGNED_FOR_S);
    return error != 0 ? error : net_secure_token(key, resource, until, out);
}

static int render_password(const json_t *root, const rendering *r,
                           char out[NET_DIALECT_PASSWORD_MAX]) {
    size_t n;
    char token[NET_SECURE_TOKEN_MAX];
    rendering with = *r;
    const char *password = json_string_value(json_object_get(root, "password"));
    const json_t *signed_with = json_object_get(root, "signature");
    int error = signed_with != NULL ? sign(signed_with, r, token) : 0;
    if (signed_with != NULL) with.signature = token;
    if (error == 0)
        error = render_text(&with, password != NULL ? password : "${password}", out,
                            NET_DIALECT_PASSWORD_MAX, &n);
    memset(token, 0, sizeof token);
    return error;
}

static int log_in(const net_dialect *d, const net_dialect_words *w, net_dialect_login *out) {
    const rendering r = rendering_of(d, w);
    const json_t *client_id = json_object_get(root_of(d), "client_id");
    const json_t *user_name = json_object_get(root_of(d), "user_name");
    const json_t *version = json_object_get(root_of(d), "version");
    const json_t *will = json_object_get(root_of(d), "will");
    memset(out, 0, sizeof *out);
    out->version = version != NULL ? (uint8_t)json_integer_value(version) : 5;
    int n = snprintf(out->client_id, sizeof out->client_id, "%s", w->device);
    int error = n < (int)sizeof out->client_id ? 0 : SIM_ERANGE;
    (void)snprintf(out->user_name, sizeof out->user_name, "%s", or_empty(w->user_name));
    if (error == 0 && client_id != NULL) error = render_word(&r, client_id, out->client_id);
    if (error == 0 && user_name != NULL) error = render_word(&r, user_name, out->user_name);
    if (error == 0) error = render_password(root_of(d), &r, out->password);
    out->has_will = will != NULL;
    return error == 0 && will != NULL ? render_message(&r, will, &out->will) : error;
}

/* ---- what it is told ---- */

static net_mqtt_span span_of(const char *text) {
    return (net_mqtt_span){(const uint8_t *)text, strlen(text)};
}

static bool fits_topic(const rendering *r, const json_t *row, const char *topic) {
    char filter[NET_DIALECT_TEXT_MAX];
    return render_word(r, json_object_get(row, "topic"), filter) == 0 &&
           net_mqtt_filter_valid(span_of(filter)) &&
           net_mqtt_filter_matches(span_of(filter), span_of(topic));
}

static void add_topic(const rendering *r, const json_t *row,
                      char out[NET_DIALECT_TOPICS_MAX][NET_DIALECT_TEXT_MAX], size_t *count) {
    char *topic = out[*count];
    if (*count == NET_DIALECT_TOPICS_MAX || !is_for(row, r->words)) return;
    if (render_word(r, json_object_get(row, "topic"), topic) != 0) return;
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(out[i], topic) == 0) return;
    }
    (*count)++;
}

static size_t topics(const net_dialect *d, const net_dialect_words *w,
                     char out[NET_DIALECT_TOPICS_MAX][NET_DIALECT_TEXT_MAX]) {
    const rendering r = rendering_of(d, w);
    const json_t *again = json_object_get(root_of(d), "announce_again");
    const json_t *commands = json_object_get(root_of(d), "commands");
    size_t count = 0;
    if (again != NULL) add_topic(&r, again, out, &count);
    for (size_t i = 0; i < json_array_size(commands); i++)
        add_topic(&r, json_array_get(commands, i), out, &count);
    return count;
}

static bool wakes(const net_dialect *d, const net_dialect_words *w, const char *topic,
                  const uint8_t *payload, size_t n) {
    const rendering r = rendering_of(d, w);
    const json_t *again = json_object_get(root_of(d), "announce_again");
    if (again == NULL || !fits_topic(&r, again, topic)) return false;
    const char *wanted = json_string_value(json_object_get(again, "payload"));
    return wanted == NULL || (strlen(wanted) == n && memcmp(wanted, payload, n) == 0);
}

/* Down a path of names with dots between them; NULL: it leads nowhere. */
static const json_t *walk(const json_t *value, const char *path) {
    char name[NET_SENML_NAME_MAX];
    while (*path != '\0' && value != NULL) {
        size_t n = strcspn(path, ".");
        if (n >= sizeof name) return NULL;
        memcpy(name, path, n);
        name[n] = '\0';
        value = json_object_get(value, name);
        path += n + (path[n] == '.' ? 1 : 0);
    }
    return value;
}

/* The number that a value stands for: by the command's own words ("ON": 1), or as it is. */
static bool number_in(const json_t *row, const json_t *value, double *out) {
    const json_t *names = json_object_get(row, "values");
    const char *text = json_string_value(value);
    const json_t *named = text != NULL ? json_object_get(names, text) : NULL;
    char *end = NULL;
    if (named != NULL) value = named;
    if (json_is_boolean(value)) *out = json_is_true(value) ? 1 : 0;
    if (json_is_number(value)) *out = json_number_value(value);
    if (named == NULL && text != NULL) *out = strtod(text, &end);
    bool read = json_is_boolean(value) || json_is_number(value) ||
                (text != NULL && end != text && end != NULL && *end == '\0');
    return read && isfinite(*out);
}

static bool hear(const json_t *row, json_t *heard, char line[NET_DIALECT_LINE_MAX]) {
    double wanted = 0;
    const char *at = json_string_value(json_object_get(row, "at"));
    const json_t *value = walk(heard, or_empty(at));
    if (value == NULL || !number_in(row, value, &wanted)) return false;
    int n = snprintf(line, NET_DIALECT_LINE_MAX, "%s %.10g",
                     json_string_value(json_object_get(row, "word")), wanted);
    return n < NET_DIALECT_LINE_MAX;
}

/* The payload as JSON, or as the text that it is. */
static json_t *payload_of(const json_t *row, const uint8_t *payload, size_t n) {
    if (n > NET_DIALECT_PAYLOAD_MAX) return NULL;
    if (json_object_get(row, "at") == NULL) return json_stringn((const char *)payload, n);
    return json_loadb((const char *)payload, n, JSON_DECODE_ANY, NULL);
}

static bool hears(const net_dialect *d, const net_dialect_words *w, const char *topic,
                  const uint8_t *payload, size_t n, char line[NET_DIALECT_LINE_MAX]) {
    const rendering r = rendering_of(d, w);
    const json_t *commands = json_object_get(root_of(d), "commands");
    bool found = false;
    for (size_t i = 0; i < json_array_size(commands) && !found; i++) {
        const json_t *row = json_array_get(commands, i);
        if (!is_for(row, w) || !fits_topic(&r, row, topic)) continue;
        json_t *heard = payload_of(row, payload, n);
        found = heard != NULL && hear(row, heard, line);
        json_decref(heard);
    }
    return found;
}

/* ---- reading the file ---- */

typedef struct member {
    const char *name;
    json_type type;
    bool needed;
} member;

/* What is wrong, and where. */
typedef struct complaint {
    char *why;
    size_t size;
    const char *where;
    size_t row; /* from 1; 0: none */
} complaint;

static bool wrong(const complaint *c, const char *what, const char *about) {
    char place[32] = "";
    if (c->row > 0) (void)snprintf(place, sizeof place, " %zu", c->row);
    (void)snprintf(c->why, c->size, "%s%s: %s%s%.60s", c->where, place, what,
                   about[0] != '\0' ? " " : "", about);
    return false;
}

static bool is_of(const json_t *value, json_type type) {
    if (type == JSON_NULL) return true; /* any */
    if (type == JSON_TRUE) return json_is_boolean(value);
    return json_typeof(value) == type;
}

static bool members_good(const complaint *c, const json_t *object, const member *list) {
    const char *key;
    json_t *value;
    if (!json_is_object(object)) return wrong(c, "is no object", "");
    for (const member *m = list; m->name != NULL; m++) {
        if (m->needed && json_object_get(object, m->name) == NULL)
            return wrong(c, "does not say its", m->name);
    }
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        const member *m = list;
        while (m->name != NULL && strcmp(m->name, key) != 0) m++;
        if (m->name == NULL) return wrong(c, "unknown member", key);
        if (!is_of(value, m->type)) return wrong(c, "not what is expected there:", key);
    }
    return true;
}

static bool in_range(const json_t *object, const char *name, json_int_t least, json_int_t most) {
    const json_t *value = json_object_get(object, name);
    return value == NULL ||
           (json_integer_value(value) >= least && json_integer_value(value) <= most);
}

static bool is_encoding(const json_t *message) {
    const char *word = json_string_value(json_object_get(message, "encoding"));
    for (int e = 0; word != NULL && e < ENCODINGS; e++) {
        if (strcmp(word, encodings[e].word) == 0) return true;
    }
    return word == NULL;
}

/* A text that no message has room for would be left out of each. */
static bool texts_fit(const complaint *c, const json_t *value) {
    const char *key;
    json_t *inner;
    bool good = !json_is_string(value) || json_string_length(value) < TEXT_MAX ||
                wrong(c, "a text has more than 1,023 bytes", "");
    json_object_foreach((json_t *)(uintptr_t)value, key, inner) {
        good = good && texts_fit(c, inner);
    }
    for (size_t i = 0; i < json_array_size(value); i++)
        good = good && texts_fit(c, json_array_get(value, i));
    return good;
}

static bool message_good(const complaint *c, const json_t *message) {
    static const member members[] = {
        {"topic", JSON_STRING, true},     {"payload", JSON_NULL, false},
        {"encoding", JSON_STRING, false}, {"qos", JSON_INTEGER, false},
        {"retain", JSON_TRUE, false},     {"model", JSON_STRING, false},
        {"each", JSON_TRUE, false},       {"method", JSON_STRING, false},
        {"accept", JSON_NULL, false},     {0}};
    if (!members_good(c, message, members)) return false;
    encoding how = encoding_of(message);
    bool is_text = json_is_string(json_object_get(message, "payload"));
    bool of_senml = how == ENCODING_SENML_JSON || how == ENCODING_SENML_CBOR;
    if (!is_encoding(message))
        return wrong(c, "encoding is one of text, json, cbor, senml+json, senml+cbor", "");
    if (json_object_get(message, "method") != NULL && method_of(message) == 0)
        return wrong(c, "method is GET, POST or PUT", "");
    if (json_object_get(message, "accept") != NULL && accept_of(message) == NET_COAP_FORMAT_NONE)
        return wrong(c, "accept is a word of an encoding, or a number of CoAP's content formats",
                     "");
    bool gets = method_of(message) == NET_COAP_GET;
    if (gets && has_payload(message)) return wrong(c, "a GET has no payload: leave it out", "");
    if (!gets && !of_senml && json_object_get(message, "payload") == NULL)
        return wrong(c, "does not say its", "payload");
    if (how == ENCODING_TEXT && !gets && !is_text)
        return wrong(c, "the payload of a text is no text", "");
    if (json_string_length(json_object_get(message, "topic")) >= NET_DIALECT_TEXT_MAX)
        return wrong(c, "the topic has more than 255 bytes", "");
    if (how != ENCODING_TEXT && !texts_fit(c, json_object_get(message, "payload"))) return false;
    return in_range(message, "qos", 0, 2) || wrong(c, "qos is 0, 1 or 2", "");
}

static bool command_good(const complaint *c, const json_t *command) {
    static const member members[] = {{"topic", JSON_STRING, true},  {"word", JSON_STRING, true},
                                     {"at", JSON_STRING, false},    {"values", JSON_OBJECT, false},
                                     {"model", JSON_STRING, false}, {0}};
    return members_good(c, command, members);
}

static bool signature_good(const complaint *c, const json_t *signature) {
    static const member members[] = {
        {"resource", JSON_STRING, true}, {"valid_s", JSON_INTEGER, false}, {0}};
    return members_good(c, signature, members) &&
           (in_range(signature, "valid_s", 1, SIGNED_FOR_MAX_S) ||
            wrong(c, "valid_s is from 1 to 31622400", ""));
}

static bool again_good(const complaint *c, const json_t *again) {
    static const member members[] = {
        {"topic", JSON_STRING, true}, {"payload", JSON_STRING, false}, {0}};
    return members_good(c, again, members);
}

static bool list_good(complaint *c, const json_t *root, const char *name,
                      bool (*good)(const complaint *c, const json_t *row)) {
    const json_t *list = json_object_get(root, name);
    c->where = name;
    c->row = 0;
    if (json_array_size(list) > ROWS_MAX) return wrong(c, "more than 64 rows", "");
    for (size_t i = 0; i < json_array_size(list); i++) {
        c->row = i + 1;
        if (!good(c, json_array_get(list, i))) return false;
    }
    c->row = 0;
    return true;
}

static bool all_good(complaint *c, const json_t *root) {
    static const member members[] = {
        {"title", JSON_STRING, true},           {"version", JSON_INTEGER, false},
        {"client_id", JSON_STRING, false},      {"user_name", JSON_STRING, false},
        {"password", JSON_STRING, false},       {"signature", JSON_OBJECT, false},
        {"will", JSON_OBJECT, false},           {"announce", JSON_ARRAY, false},
        {"announce_again", JSON_OBJECT, false}, {"report", JSON_ARRAY, true},
        {"commands", JSON_ARRAY, false},        {0}};
    const json_t *will = json_object_get(root, "will");
    const json_t *again = json_object_get(root, "announce_again");
    if (!members_good(c, root, members)) return false;
    if (!in_range(root, "version", 4, 5)) return wrong(c, "version is 4 (3.1.1) or 5", "");
    if (json_array_size(json_object_get(root, "report")) == 0)
        return wrong(c, "reports nothing: add a message to", "report");
    c->where = "will";
    if (will != NULL && !message_good(c, will)) return false;
    const json_t *signature = json_object_get(root, "signature");
    c->where = "signature";
    if (signature != NULL && !signature_good(c, signature)) return false;
    c->where = "announce_again";
    if (again != NULL && !again_good(c, again)) return false;
    return list_good(c, root, "announce", message_good) &&
           list_good(c, root, "report", message_good) &&
           list_good(c, root, "commands", command_good);
}

/* ---- for who reads it backwards ---- */

const json_t *cli_dialect_root(const net_dialect *d) {
    return root_of(d);
}

size_t cli_dialect_placeholder(const char *text, char name[NET_SENML_NAME_MAX]) {
    return placeholder(text, name);
}

int cli_dialect_text(const net_dialect_words *w, const json_t *template, char *out) {
    const rendering r = {.words = w};
    return render_word(&r, template, out);
}

int cli_dialect_dump(json_t *value, net_dialect_message *out) {
    return dump_json(value, out);
}

static const net_dialect_calls calls = {.log_in = log_in,
                                        .speak = speak,
                                        .topics = topics,
                                        .wakes = wakes,
                                        .hears = hears,
                                        .names = cli_dialect_names,
                                        .reads = cli_dialect_reads,
                                        .commands = cli_dialect_commands,
                                        .order = cli_dialect_order};

const net_dialect *cli_dialect_parse(const char *text, size_t n, char *why, size_t size) {
    json_error_t error;
    complaint c = {.why = why, .size = size, .where = "the dialect"};
    (void)snprintf(why, size, "larger than 64 KiB, or no memory for it");
    if (n > CLI_DIALECT_FILE_MAX) return NULL;
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        (void)snprintf(why, size, "line %d: no JSON: %.120s", error.line, error.text);
        return NULL;
    }
    dialect *d = all_good(&c, root) ? sim_malloc(sizeof *d) : NULL;
    if (d == NULL) {
        json_decref(root);
        return NULL;
    }
    *d = (dialect){.base = {&calls}, .root = root};
    return &d->base;
}

void cli_dialect_free(const net_dialect *d) {
    if (d == NULL) return;
    json_decref(((const dialect *)d)->root);
    sim_free((void *)(uintptr_t)d);
}

/* ---- what a protocol cannot say ---- */

static bool fits_broker(const complaint *c, const json_t *row) {
    bool own = json_object_get(row, "method") != NULL || json_object_get(row, "accept") != NULL;
    return !own || wrong(c,
                         "method and accept are CoAP's: give --target coap://HOST, or leave "
                         "them out",
                         "");
}

static bool fits_requests(const complaint *c, const json_t *row) {
    static const char *const brokers[] = {"qos", "retain", "each"};
    for (size_t i = 0; i < sizeof brokers / sizeof *brokers; i++)
        if (json_object_get(row, brokers[i]) != NULL)
            return wrong(c, "is MQTT's, and a report is one request of CoAP: leave out",
                         brokers[i]);
    return true;
}

/* Whether a device could have two reports to send where it sends one request. */
static bool says_once(complaint *c, const json_t *reports) {
    for (size_t i = 0; i < json_array_size(reports); i++) {
        const char *one = json_string_value(json_object_get(json_array_get(reports, i), "model"));
        for (size_t j = 0; j < i; j++) {
            const char *other =
                json_string_value(json_object_get(json_array_get(reports, j), "model"));
            c->row = i + 1;
            if (one == NULL || other == NULL || strcmp(one, other) == 0)
                return wrong(c, "a report is one request of CoAP: give one message for a model",
                             "");
        }
    }
    return true;
}

static bool all_fit(complaint *c, const json_t *root, const net_protocol *protocol) {
    static const char *const brokers[] = {"version",        "client_id", "signature",
                                          "will",           "announce",  "commands",
                                          "announce_again", "user_name", "password"};
    bool requests = protocol->path_is_whole;
    c->where = "the dialect";
    for (size_t i = 0; requests && i < sizeof brokers / sizeof *brokers; i++)
        if (json_object_get(root, brokers[i]) != NULL)
            return wrong(c, "is MQTT's, and CoAP has no such thing: leave out", brokers[i]);
    if (!requests)
        return list_good(c, root, "announce", fits_broker) &&
               list_good(c, root, "report", fits_broker);
    return list_good(c, root, "report", fits_requests) &&
           says_once(c, json_object_get(root, "report"));
}

cli_exit cli_dialect_fits(const net_dialect *d, const net_protocol *protocol, const char *name,
                          cli_trouble *t) {
    char why[256];
    complaint c = {.why = why, .size = sizeof why};
    if (protocol->wraps != NULL) protocol = protocol->wraps;
    if (all_fit(&c, root_of(d), protocol)) return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE, "no dialect of this target: %s (--dialect %.200s)", why,
                    name);
}

bool cli_dialect_knows(const net_dialect *d, const char *model) {
    const json_t *reports = json_object_get(root_of(d), "report");
    const net_dialect_words w = {.model = model};
    for (size_t i = 0; i < json_array_size(reports); i++)
        if (is_for(json_array_get(reports, i), &w)) return true;
    return false;
}

void cli_dialect_tell(const net_dialect *d) {
    const dialect *own = (const dialect *)d;
    if (d == NULL) return;
    if (own->unsaid > 0)
        (void)fprintf(stderr,
                      "note: %" PRIu64
                      " reports were not said: some ${NAME} in the topic or the "
                      "text of their message stands for nothing (--dialect)\n",
                      own->unsaid);
    if (own->too_long > 0)
        (void)fprintf(stderr,
                      "note: %" PRIu64
                      " reports were not sent: they are longer than a message of "
                      "their protocol, 1,024 bytes of CoAP (--dialect)\n",
                      own->too_long);
}

void cli_dialect_use(const net_dialect *d, cli_data *data) {
    dialect *own = (dialect *)(uintptr_t)d;
    own->data = data;
    own->counts = true;
}

cli_exit cli_dialect_takes(const net_dialect *d, const char *password, const char *whose,
                           cli_trouble *t) {
    char token[NET_SECURE_TOKEN_MAX];
    const rendering r = {.words = &(net_dialect_words){.device = "", .password = password}};
    const json_t *signed_with = d == NULL ? NULL : json_object_get(root_of(d), "signature");
    if (signed_with == NULL || sign(signed_with, &r, token) != SIM_EPARSE) return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE,
                    "no key to sign with (%.200s): this dialect wants the device's key in base64, "
                    "or a whole SharedAccessSignature",
                    whose);
}

/* ---- files ---- */

static cli_exit parse_file(const char *path, const net_dialect **out, cli_trouble *t) {
    char why[256];
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return cli_fail(t, CLI_EXIT_USAGE, "cannot read the dialect: %s (%.200s): %s",
                        strerror(errno), path, "name one that is shipped, or a file");
    char *text = sim_malloc(CLI_DIALECT_FILE_MAX + 1);
    size_t n = text != NULL ? fread(text, 1, CLI_DIALECT_FILE_MAX + 1, file) : 0;
    (void)fclose(file);
    (void)snprintf(why, sizeof why, "no memory for it");
    *out = text != NULL ? cli_dialect_parse(text, n, why, sizeof why) : NULL;
    sim_free(text);
    if (*out != NULL) return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE,
                    "no dialect: %s (%.200s): docs/dialects.md tells how one is "
                    "written",
                    why, path);
}

cli_exit cli_dialect_read(const char *name, const net_dialect **out, cli_trouble *t) {
    return cli_dialect_find(name, "--dialect", out, t);
}

/* A name is one of those that are shipped: "home-assistant". */
cli_exit cli_dialect_find(const char *name, const char *where, const net_dialect **out,
                          cli_trouble *t) {
    char path[4096];
    char relative[128];
    *out = NULL;
    bool is_name = name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
    if (!is_name) return parse_file(name, out, t);
    int n = snprintf(relative, sizeof relative, "dialects/%s.json", name);
    if (n < (int)sizeof relative && cli_scenarios_file(relative, path, sizeof path))
        return parse_file(path, out, t);
    return cli_fail(t, CLI_EXIT_USAGE,
                    "no dialect of that name: %.80s (%s): there are aws-shadow, "
                    "azure-iot-hub, home-assistant, plain, thingsboard and thingsboard-coap, or "
                    "give a FILE.json",
                    name, where);
}
