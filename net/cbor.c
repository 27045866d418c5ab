/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/cbor.h"

#include <cbor/encoding.h>
#include <math.h>
#include <string.h>

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
