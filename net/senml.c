/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/senml.h"

#include <math.h>
#include <string.h>

#include "net/cbor.h"

/* CBOR labels of RFC 8428 table 4, with a bit for "seen" each. */
enum label {
    LABEL_BASE_SUM = -6,
    LABEL_BASE_VALUE = -5,
    LABEL_BASE_UNIT = -4,
    LABEL_BASE_TIME = -3,
    LABEL_BASE_NAME = -2,
    LABEL_BASE_VERSION = -1,
    LABEL_NAME = 0,
    LABEL_UNIT = 1,
    LABEL_VALUE = 2,
    LABEL_STRING = 3,
    LABEL_BOOLEAN = 4,
    LABEL_SUM = 5,
    LABEL_TIME = 6,
    LABEL_UPDATE_TIME = 7,
    LABEL_DATA = 8
};
#define SEEN(label) (1u << ((label)-LABEL_BASE_SUM))
#define SEEN_VALUES \
    (SEEN(LABEL_VALUE) | SEEN(LABEL_STRING) | SEEN(LABEL_BOOLEAN) | SEEN(LABEL_DATA))
#define SEEN_BASES (SEEN(LABEL_NAME) - 1)

enum {
    VERSION_MAX = 10, /* RFC 8428 4.4: the version that we know */
    NESTING_MAX = 8   /* of values that we skip */
};

/* RFC 8428 4.5.1: what a name may be made of, once base name and name are joined. */
static bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* By hand: a dozen names in each report, and strspn makes a table for each. */
static bool name_is_valid(const char *name) {
    if (!is_letter_or_digit(name[0])) return false;
    while (is_letter_or_digit(*name) || *name == '-' || *name == ':' || *name == '.' ||
           *name == '/' || *name == '_')
        name++;
    return *name == 0;
}

/* Writes base and name, one after the other, to out[NET_SENML_NAME_MAX]. */
static int name_join(const char *base, const char *name, char *out) {
    size_t head = strnlen(base, NET_SENML_NAME_MAX);
    size_t tail = strnlen(name, NET_SENML_NAME_MAX);
    if (head + tail >= NET_SENML_NAME_MAX) return SIM_ERANGE;
    memcpy(out, base, head);
    memcpy(out + head, name, tail);
    out[head + tail] = 0;
    return 0;
}

/* ---- writing ---- */

static void put_text(net_cbor *w, enum label label, const char *text) {
    if (text[0] == 0) return;
    net_cbor_integer(w, label);
    net_cbor_text(w, text, strlen(text));
}

static void put_number(net_cbor *w, enum label label, double value) {
    net_cbor_integer(w, label);
    net_cbor_number(w, value);
}

static void put_record(net_cbor *w, const net_senml_pack *pack, size_t i) {
    const net_senml_record *r = &pack->records[i];
    bool base_name = i == 0 && pack->base_name[0] != 0;
    bool base_time = i == 0 && pack->base_time_s != 0;
    size_t pairs =
        1u + base_name + base_time + (r->name[0] != 0) + (r->unit[0] != 0) + (r->time_s != 0);
    net_cbor_map(w, pairs);
    if (base_name) put_text(w, LABEL_BASE_NAME, pack->base_name);
    if (base_time) put_number(w, LABEL_BASE_TIME, pack->base_time_s);
    put_text(w, LABEL_NAME, r->name);
    put_text(w, LABEL_UNIT, r->unit);
    if (r->is_boolean) {
        net_cbor_integer(w, LABEL_BOOLEAN);
        net_cbor_boolean(w, r->boolean);
    } else {
        put_number(w, LABEL_VALUE, r->value);
    }
    if (r->time_s != 0) put_number(w, LABEL_TIME, r->time_s);
}

static bool record_is_writable(const net_senml_pack *pack, const net_senml_record *r) {
    char name[NET_SENML_NAME_MAX];
    return name_join(pack->base_name, r->name, name) == 0 && name_is_valid(name) &&
           strnlen(r->unit, NET_SENML_UNIT_MAX) < NET_SENML_UNIT_MAX && isfinite(r->time_s) &&
           (r->is_boolean || isfinite(r->value));
}

int net_senml_write(const net_senml_pack *pack, uint8_t *out, size_t size, size_t *written) {
    net_cbor w = {.at = out, .left = size};
    if (pack->count == 0 || pack->count > NET_SENML_RECORDS_MAX) return SIM_ERANGE;
    if (!isfinite(pack->base_time_s)) return SIM_ERANGE;
    net_cbor_array(&w, pack->count);
    for (size_t i = 0; i < pack->count; i++) {
        if (!record_is_writable(pack, &pack->records[i])) return SIM_ERANGE;
        put_record(&w, pack, i);
    }
    if (w.full) return SIM_ERANGE;
    *written = size - w.left;
    return 0;
}

/* ---- reading ---- */

static int skip_rest(net_cbor_reader *r, net_cbor_token *t, int depth);

/* Skips one value of whatever kind. A number of items that does not fit the input ends with the
 * input. */
static int skip_value(net_cbor_reader *r, int depth) {
    net_cbor_token t;
    int error = net_cbor_next(r, &t);
    return error != 0 ? error : skip_rest(r, &t, depth);
}

static int skip_chunks(net_cbor_reader *r, const net_cbor_token *t) {
    net_cbor_token end = *t;
    while (t->indefinite && net_cbor_more(r, &end)) {
        net_cbor_token chunk;
        int error = net_cbor_next(r, &chunk);
        if (error != 0) return error;
        if (chunk.kind != t->kind || chunk.indefinite) return SIM_EPARSE;
    }
    return 0;
}

static int skip_items(net_cbor_reader *r, net_cbor_token *t, int depth) {
    while (net_cbor_more(r, t)) {
        int error = skip_value(r, depth + 1);
        if (error == 0 && t->kind == NET_CBOR_MAP) error = skip_value(r, depth + 1);
        if (error != 0) return error;
    }
    return 0;
}

/* What follows the token `t`, which began a value. */
static int skip_rest(net_cbor_reader *r, net_cbor_token *t, int depth) {
    if (depth >= NESTING_MAX) return SIM_ERANGE;
    switch (t->kind) {
        case NET_CBOR_TEXT:
        case NET_CBOR_BYTES:
            return skip_chunks(r, t);
        case NET_CBOR_ARRAY:
        case NET_CBOR_MAP:
            return skip_items(r, t, depth);
        case NET_CBOR_TAG:
            return skip_value(r, depth + 1);
        case NET_CBOR_BREAK:
            return SIM_EPARSE; /* outside of anything that it could end */
        case NET_CBOR_UNSIGNED:
        case NET_CBOR_NEGATIVE:
        case NET_CBOR_FLOAT:
        case NET_CBOR_BOOLEAN:
        case NET_CBOR_NOTHING:
            break;
    }
    return 0;
}

/* ---- reading: values of a record ---- */

static int append_text(const net_cbor_token *t, char *out, size_t size, size_t *used) {
    if (t->number >= size - *used) return SIM_ERANGE;
    if (memchr(t->data, 0, t->number) != NULL) return SIM_EPARSE;
    memcpy(out + *used, t->data, t->number);
    *used += t->number;
    return 0;
}

static int read_text(net_cbor_reader *r, char *out, size_t size) {
    net_cbor_token t;
    size_t used = 0;
    int error = net_cbor_next(r, &t);
    if (error != 0) return error;
    if (t.kind != NET_CBOR_TEXT) return SIM_EPARSE;
    if (!t.indefinite) error = append_text(&t, out, size, &used);
    while (error == 0 && t.indefinite && net_cbor_more(r, &t)) {
        net_cbor_token chunk;
        error = net_cbor_next(r, &chunk);
        if (error == 0 && (chunk.kind != NET_CBOR_TEXT || chunk.indefinite)) error = SIM_EPARSE;
        if (error == 0) error = append_text(&chunk, out, size, &used);
    }
    out[used] = 0;
    return error;
}

static int read_integer(net_cbor_reader *r, double *out) {
    net_cbor_token t;
    int error = net_cbor_next(r, &t);
    if (error != 0) return error;
    if (t.kind != NET_CBOR_UNSIGNED && t.kind != NET_CBOR_NEGATIVE) return SIM_EPARSE;
    *out = t.kind == NET_CBOR_UNSIGNED ? (double)t.number : -1.0 - (double)t.number;
    return 0;
}

/* RFC 8949 3.4.4: tag 4, [exponent, mantissa], mantissa * 10^exponent; RFC 8428 section 6 allows
 * it. */
static int read_decimal_fraction(net_cbor_reader *r, double *out) {
    net_cbor_token t;
    double exponent, mantissa;
    int error = net_cbor_next(r, &t);
    if (error != 0) return error;
    if (t.kind != NET_CBOR_ARRAY || (!t.indefinite && t.number != 2)) return SIM_EPARSE;
    error = read_integer(r, &exponent);
    if (error == 0) error = read_integer(r, &mantissa);
    if (error != 0) return error;
    if (t.indefinite && net_cbor_more(r, &t)) return SIM_EPARSE;
    *out = exponent < 0 ? mantissa / pow(10, -exponent) : mantissa * pow(10, exponent);
    return 0;
}

static int read_number(net_cbor_reader *r, double *out) {
    net_cbor_reader before = *r;
    net_cbor_token t;
    int error = net_cbor_next(r, &t);
    if (error != 0) return error;
    if (t.kind == NET_CBOR_FLOAT) {
        *out = t.real;
    } else if (t.kind == NET_CBOR_TAG && t.number == 4) {
        error = read_decimal_fraction(r, out);
    } else {
        *r = before;
        error = read_integer(r, out);
    }
    if (error != 0) return error;
    return isfinite(*out) ? 0 : SIM_EPARSE;
}

static int read_kind(net_cbor_reader *r, int kind, net_cbor_token *t) {
    int error = net_cbor_next(r, t);
    if (error != 0) return error;
    return (int)t->kind == kind ? skip_rest(r, t, 0) : SIM_EPARSE;
}

/* One map as it stands, before base fields are resolved. */
typedef struct raw_record {
    uint32_t seen; /* SEEN(label) */
    char base_name[NET_SENML_NAME_MAX], name[NET_SENML_NAME_MAX];
    char base_unit[NET_SENML_UNIT_MAX], unit[NET_SENML_UNIT_MAX];
    double base_time, base_value, value, time;
    bool boolean;
} raw_record;

static int read_version(net_cbor_reader *r) {
    double version;
    int error = read_integer(r, &version);
    if (error != 0) return error;
    if (version < 1) return SIM_EPARSE;
    return version > VERSION_MAX ? SIM_ERANGE : 0;
}

static int read_field(net_cbor_reader *r, enum label label, raw_record *raw) {
    net_cbor_token t;
    double unused;
    int error;
    switch (label) {
        case LABEL_BASE_NAME:
            return read_text(r, raw->base_name, sizeof raw->base_name);
        case LABEL_NAME:
            return read_text(r, raw->name, sizeof raw->name);
        case LABEL_BASE_UNIT:
            return read_text(r, raw->base_unit, sizeof raw->base_unit);
        case LABEL_UNIT:
            return read_text(r, raw->unit, sizeof raw->unit);
        case LABEL_BASE_TIME:
            return read_number(r, &raw->base_time);
        case LABEL_TIME:
            return read_number(r, &raw->time);
        case LABEL_BASE_VALUE:
            return read_number(r, &raw->base_value);
        case LABEL_VALUE:
            return read_number(r, &raw->value);
        case LABEL_BASE_SUM:
        case LABEL_SUM:
        case LABEL_UPDATE_TIME:
            return read_number(r, &unused);
        case LABEL_BASE_VERSION:
            return read_version(r);
        case LABEL_STRING:
            return read_kind(r, NET_CBOR_TEXT, &t);
        case LABEL_DATA:
            return read_kind(r, NET_CBOR_BYTES, &t);
        case LABEL_BOOLEAN:
            error = read_kind(r, NET_CBOR_BOOLEAN, &t);
            raw->boolean = error == 0 && t.number != 0;
            return error;
    }
    return SIM_EPARSE;
}

/* A label that is text belongs to an extension: passed over, unless it ends in "_", which says that
 * who does not know it must not read on (RFC 8428 4.4). */
static int skip_extension(net_cbor_reader *r, net_cbor_token *label) {
    uint64_t n = label->number;
    if (label->indefinite || (n > 0 && label->data[n - 1] == '_')) return SIM_EPARSE;
    return skip_value(r, 0);
}

static int read_pair(net_cbor_reader *r, raw_record *raw) {
    net_cbor_token t;
    int error = net_cbor_next(r, &t);
    if (error != 0) return error;
    if (t.kind == NET_CBOR_TEXT) return skip_extension(r, &t);
    if (t.kind != NET_CBOR_UNSIGNED && t.kind != NET_CBOR_NEGATIVE) return SIM_EPARSE;
    uint64_t most = t.kind == NET_CBOR_UNSIGNED ? LABEL_DATA : -1 - LABEL_BASE_SUM;
    if (t.number > most) return skip_value(r, 0); /* an extension, too */
    enum label label =
        (enum label)(t.kind == NET_CBOR_UNSIGNED ? (int)t.number : -1 - (int)t.number);
    if (raw->seen & SEEN(label)) return SIM_EPARSE;
    raw->seen |= SEEN(label);
    return read_field(r, label, raw);
}

static int read_raw_record(net_cbor_reader *r, raw_record *raw) {
    net_cbor_token t;
    *raw = (raw_record){0};
    int error = net_cbor_next(r, &t);
    if (error != 0) return error;
    if (t.kind != NET_CBOR_MAP) return SIM_EPARSE;
    while (error == 0 && net_cbor_more(r, &t)) error = read_pair(r, raw);
    return error;
}

/* ---- reading: resolving ---- */

typedef struct bases {
    char unit[NET_SENML_UNIT_MAX];
    double value;
} bases;

static void take_bases(const raw_record *raw, bases *b, net_senml_pack *pack) {
    if (raw->seen & SEEN(LABEL_BASE_NAME))
        memcpy(pack->base_name, raw->base_name, sizeof pack->base_name);
    if (raw->seen & SEEN(LABEL_BASE_UNIT)) memcpy(b->unit, raw->base_unit, sizeof b->unit);
    if (raw->seen & SEEN(LABEL_BASE_TIME)) pack->base_time_s = raw->base_time;
    if (raw->seen & SEEN(LABEL_BASE_VALUE)) b->value = raw->base_value;
}

/* RFC 8428 4.2: at most one value; none only with a sum, or when a base value stands for it. */
static int check_values(const raw_record *raw, bool has_base_value) {
    uint32_t values = raw->seen & SEEN_VALUES;
    if ((values & (values - 1)) != 0) return SIM_EPARSE;
    return values != 0 || has_base_value || (raw->seen & SEEN(LABEL_SUM)) ? 0 : SIM_EPARSE;
}

static int add_record(const raw_record *raw, const bases *b, bool has_base_value,
                      net_senml_pack *pack) {
    char name[NET_SENML_NAME_MAX] = {0};
    int error = check_values(raw, has_base_value);
    if (error == 0) error = name_join(pack->base_name, raw->name, name);
    if (error != 0) return error;
    if (!name_is_valid(name)) return SIM_EPARSE;
    bool is_boolean = raw->seen & SEEN(LABEL_BOOLEAN);
    bool is_number =
        raw->seen & SEEN(LABEL_VALUE) || (has_base_value && !(raw->seen & SEEN_VALUES));
    if (!is_boolean && !is_number) return 0; /* a string, data or a sum alone */
    if (pack->count == NET_SENML_RECORDS_MAX) return SIM_ERANGE;
    net_senml_record *record = &pack->records[pack->count++];
    *record = (net_senml_record){.is_boolean = is_boolean, .boolean = raw->boolean};
    memcpy(record->name, name, sizeof name);
    memcpy(record->unit, raw->seen & SEEN(LABEL_UNIT) ? raw->unit : b->unit, sizeof record->unit);
    if (is_number) record->value = b->value + raw->value;
    record->time_s = pack->base_time_s + raw->time;
    return isfinite(record->value) && isfinite(record->time_s) ? 0 : SIM_EPARSE;
}

static int read_records(net_cbor_reader *r, net_cbor_token *array, net_senml_pack *pack) {
    bases b = {0};
    bool has_base_value = false;
    bool any = false;
    while (net_cbor_more(r, array)) {
        raw_record raw;
        int error = read_raw_record(r, &raw);
        if (error != 0) return error;
        take_bases(&raw, &b, pack);
        if (raw.seen & SEEN(LABEL_BASE_VALUE)) has_base_value = true;
        if (raw.seen == 0) return SIM_EPARSE;
        any = true;
        if ((raw.seen & ~SEEN_BASES) == 0) continue; /* sets bases and measures nothing */
        error = add_record(&raw, &b, has_base_value, pack);
        if (error != 0) return error;
    }
    return any ? 0 : SIM_EPARSE;
}

int net_senml_read(const uint8_t *data, size_t n, net_senml_pack *pack) {
    net_cbor_reader r = {.at = data, .left = n};
    net_cbor_token array;
    *pack = (net_senml_pack){0};
    int error = net_cbor_next(&r, &array);
    if (error != 0) return error;
    if (array.kind != NET_CBOR_ARRAY) return SIM_EPARSE;
    error = read_records(&r, &array, pack);
    if (error != 0) return error;
    return r.left == 0 ? 0 : SIM_EPARSE;
}
