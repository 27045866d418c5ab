/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/cbor.h"

#include <cbor/callbacks.h>
#include <cbor/encoding.h>
#include <cbor/streaming.h>
#include <math.h>
#include <string.h>

enum { BREAK_BYTE = 0xFF }; /* RFC 8949 3.2.1 */

/* `n` bytes were written; 0: there was no room for them. */
static void wrote(net_cbor *w, size_t n) {
    if (n == 0) w->full = true;
    if (w->full) return;
    w->at += n;
    w->left -= n;
}

/* How much room an encoder may use. */
static size_t room(const net_cbor *w) {
    return w->full ? 0 : w->left;
}

void net_cbor_array(net_cbor *w, size_t count) {
    wrote(w, cbor_encode_array_start(count, w->at, room(w)));
}

void net_cbor_map(net_cbor *w, size_t pairs) {
    wrote(w, cbor_encode_map_start(pairs, w->at, room(w)));
}

void net_cbor_text(net_cbor *w, const char *text, size_t n) {
    wrote(w, cbor_encode_string_start(n, w->at, room(w)));
    if (n > 0 && room(w) < n) w->full = true;
    if (n == 0 || w->full) return;
    memcpy(w->at, text, n);
    wrote(w, n);
}

void net_cbor_integer(net_cbor *w, int64_t value) {
    if (value < 0)
        wrote(w, cbor_encode_negint((uint64_t)(-1 - value), w->at, room(w)));
    else
        wrote(w, cbor_encode_uint((uint64_t)value, w->at, room(w)));
}

void net_cbor_number(net_cbor *w, double value) {
    if (value == floor(value) && fabs(value) < 0x1p53)
        net_cbor_integer(w, (int64_t)value);
    else if (fabs(value) < 0x1p127 && (double)(float)value == value)
        wrote(w, cbor_encode_single((float)value, w->at, room(w)));
    else
        wrote(w, cbor_encode_double(value, w->at, room(w)));
}

void net_cbor_boolean(net_cbor *w, bool value) {
    wrote(w, cbor_encode_bool(value, w->at, room(w)));
}

void net_cbor_null(net_cbor *w) {
    wrote(w, cbor_encode_null(w->at, room(w)));
}

/* ---- reading: one item of the library's decoder is a token ---- */

static void on_unsigned64(void *context, uint64_t value) {
    *(net_cbor_token *)context = (net_cbor_token){.kind = NET_CBOR_UNSIGNED, .number = value};
}
static void on_unsigned32(void *context, uint32_t value) {
    on_unsigned64(context, value);
}
static void on_unsigned16(void *context, uint16_t value) {
    on_unsigned64(context, value);
}
static void on_unsigned8(void *context, uint8_t value) {
    on_unsigned64(context, value);
}
static void on_negative64(void *context, uint64_t value) {
    *(net_cbor_token *)context = (net_cbor_token){.kind = NET_CBOR_NEGATIVE, .number = value};
}
static void on_negative32(void *context, uint32_t value) {
    on_negative64(context, value);
}
static void on_negative16(void *context, uint16_t value) {
    on_negative64(context, value);
}
static void on_negative8(void *context, uint8_t value) {
    on_negative64(context, value);
}
static void on_double(void *context, double value) {
    *(net_cbor_token *)context = (net_cbor_token){.kind = NET_CBOR_FLOAT, .real = value};
}
static void on_float(void *context, float value) {
    on_double(context, (double)value);
}
static void on_text(void *context, cbor_data data, size_t n) {
    *(net_cbor_token *)context = (net_cbor_token){.kind = NET_CBOR_TEXT, .data = data, .number = n};
}
static void on_text_start(void *context) {
    *(net_cbor_token *)context = (net_cbor_token){.kind = NET_CBOR_TEXT, .indefinite = true};
}
static void on_bytes(void *context, cbor_data data, size_t n) {
    *(net_cbor_token *)context =
        (net_cbor_token){.kind = NET_CBOR_BYTES, .data = data, .number = n};
}
static void on_bytes_start(void *context) {
    *(net_cbor_token *)context = (net_cbor_token){.kind = NET_CBOR_BYTES, .indefinite = true};
}
static void on_array(void *context, size_t n) {
    *(net_cbor_token *)context = (net_cbor_token){.kind = NET_CBOR_ARRAY, .number = n};
}
static void on_indefinite_array(void *context) {
    *(net_cbor_token *)context = (net_cbor_token){.kind = NET_CBOR_ARRAY, .indefinite = true};
}
static void on_map(void *context, size_t n) {
    *(net_cbor_token *)context = (net_cbor_token){.kind = NET_CBOR_MAP, .number = n};
}
static void on_indefinite_map(void *context) {
    *(net_cbor_token *)context = (net_cbor_token){.kind = NET_CBOR_MAP, .indefinite = true};
}
static void on_tag(void *context, uint64_t value) {
    *(net_cbor_token *)context = (net_cbor_token){.kind = NET_CBOR_TAG, .number = value};
}
static void on_boolean(void *context, bool value) {
    *(net_cbor_token *)context = (net_cbor_token){.kind = NET_CBOR_BOOLEAN, .number = value};
}
static void on_nothing(void *context) {
    *(net_cbor_token *)context = (net_cbor_token){.kind = NET_CBOR_NOTHING};
}
static void on_break(void *context) {
    *(net_cbor_token *)context = (net_cbor_token){.kind = NET_CBOR_BREAK};
}

static const struct cbor_callbacks token_calls = {
    .uint8 = on_unsigned8,
    .uint16 = on_unsigned16,
    .uint32 = on_unsigned32,
    .uint64 = on_unsigned64,
    .negint8 = on_negative8,
    .negint16 = on_negative16,
    .negint32 = on_negative32,
    .negint64 = on_negative64,
    .byte_string_start = on_bytes_start,
    .byte_string = on_bytes,
    .string = on_text,
    .string_start = on_text_start,
    .indef_array_start = on_indefinite_array,
    .array_start = on_array,
    .indef_map_start = on_indefinite_map,
    .map_start = on_map,
    .tag = on_tag,
    .float2 = on_float,
    .float4 = on_float,
    .float8 = on_double,
    .undefined = on_nothing,
    .null = on_nothing,
    .boolean = on_boolean,
    .indef_break = on_break,
};

int net_cbor_next(net_cbor_reader *r, net_cbor_token *t) {
    struct cbor_decoder_result result = cbor_stream_decode(r->at, r->left, &token_calls, t);
    if (result.status != CBOR_DECODER_FINISHED) return SIM_EPARSE;
    r->at += result.read;
    r->left -= result.read;
    return 0;
}

bool net_cbor_more(net_cbor_reader *r, net_cbor_token *t) {
    if (!t->indefinite) return t->number > 0 && t->number--;
    if (r->left == 0 || *r->at != BREAK_BYTE)
        return true; /* an end that is missing fails with the next token */
    r->at++;
    r->left--;
    return false;
}
