/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/cbor.h - writes CBOR (RFC 8949) into memory that is given, a value after another; what has
 * none of its room left writes nothing more, and says so at the end. */
#ifndef NET_CBOR_H
#define NET_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct net_cbor {
    uint8_t *at; /* where the next value begins */
    size_t left;
    bool full; /* something did not fit */
} net_cbor;

/* So many values follow, or pairs of a name and a value. */
void net_cbor_array(net_cbor *w, size_t count);
void net_cbor_map(net_cbor *w, size_t pairs);
void net_cbor_text(net_cbor *w, const char *text, size_t n); /* UTF-8 */
/* The shortest of integer, single and double that says exactly this. */
void net_cbor_number(net_cbor *w, double value);
void net_cbor_integer(net_cbor *w, int64_t value);
void net_cbor_boolean(net_cbor *w, bool value);
void net_cbor_null(net_cbor *w);

#endif
