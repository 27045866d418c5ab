/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/cbor.h - writes CBOR (RFC 8949) into memory that is given, a value after another; what has
 * none of its room left writes nothing more, and says so at the end. And reads it, a token after
 * another. */
#ifndef NET_CBOR_H
#define NET_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

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

typedef struct net_cbor_token {
    enum {
        NET_CBOR_UNSIGNED, /* number */
        NET_CBOR_NEGATIVE, /* -1 - number */
        NET_CBOR_FLOAT,    /* real */
        NET_CBOR_TEXT,     /* data, number bytes; or indefinite: chunks follow */
        NET_CBOR_BYTES,    /* as TEXT */
        NET_CBOR_ARRAY,    /* number items, or indefinite */
        NET_CBOR_MAP,      /* number pairs, or indefinite */
        NET_CBOR_TAG,      /* number */
        NET_CBOR_BOOLEAN,  /* number */
        NET_CBOR_NOTHING,  /* null, undefined */
        NET_CBOR_BREAK
    } kind;
    bool indefinite;
    uint64_t number;
    double real;
    const uint8_t *data;
} net_cbor_token;

typedef struct net_cbor_reader {
    const uint8_t *at;
    size_t left;
} net_cbor_reader;

/* The next token; texts are borrowed. SIM_EPARSE: there is none, or no whole one. */
SIM_MUST_USE int net_cbor_next(net_cbor_reader *r, net_cbor_token *t);
/* True while the container that `t` began has another item (or pair); takes the break of an
 * indefinite one. */
bool net_cbor_more(net_cbor_reader *r, net_cbor_token *t);

#endif
