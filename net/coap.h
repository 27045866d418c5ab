/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/coap.h - words of RFC 7252, RFC 7641 and RFC 8428 that both ends use. */
#ifndef NET_COAP_H
#define NET_COAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum net_coap_method {
    NET_COAP_GET = 1,
    NET_COAP_POST = 2,
    NET_COAP_PUT = 3,
    NET_COAP_DELETE = 4
}; /* RFC 7252 12.1.1 */

/* A response code as on the wire, class << 5 | detail: NET_COAP_CODE(2, 5) is 2.05. */
#define NET_COAP_CODE(class, detail) ((uint8_t)((class) << 5 | (detail)))
#define NET_COAP_CREATED NET_COAP_CODE(2, 1)
#define NET_COAP_DELETED NET_COAP_CODE(2, 2)
#define NET_COAP_CHANGED NET_COAP_CODE(2, 4)
#define NET_COAP_CONTENT NET_COAP_CODE(2, 5)
#define NET_COAP_CONTINUE NET_COAP_CODE(2, 31) /* RFC 7959 2.9.1 */
#define NET_COAP_BAD_REQUEST NET_COAP_CODE(4, 0)
#define NET_COAP_UNAUTHORIZED NET_COAP_CODE(4, 1)
#define NET_COAP_BAD_OPTION NET_COAP_CODE(4, 2)
#define NET_COAP_FORBIDDEN NET_COAP_CODE(4, 3)
#define NET_COAP_NOT_FOUND NET_COAP_CODE(4, 4)
#define NET_COAP_METHOD_NOT_ALLOWED NET_COAP_CODE(4, 5)
#define NET_COAP_NOT_ACCEPTABLE NET_COAP_CODE(4, 6)
#define NET_COAP_INCOMPLETE NET_COAP_CODE(4, 8) /* RFC 7959 2.9.2 */
#define NET_COAP_PRECONDITION_FAILED NET_COAP_CODE(4, 12)
#define NET_COAP_TOO_LARGE NET_COAP_CODE(4, 13)
#define NET_COAP_SERVICE_UNAVAILABLE NET_COAP_CODE(5, 3)

enum {
    NET_COAP_FORMAT_NONE = 0xFFFF,
    NET_COAP_FORMAT_TEXT = 0,         /* text/plain;charset=utf-8 */
    NET_COAP_FORMAT_OCTETS = 42,      /* application/octet-stream */
    NET_COAP_FORMAT_JSON = 50,        /* application/json */
    NET_COAP_FORMAT_CBOR = 60,        /* application/cbor, RFC 8949 */
    NET_COAP_FORMAT_SENML_JSON = 110, /* application/senml+json, RFC 8428 12.3.2 */
    NET_COAP_FORMAT_SENML_CBOR = 112, /* application/senml+cbor, RFC 8428 12.3.2 */
    NET_COAP_MAX_AGE_DEFAULT = 60,    /* s, RFC 7252 5.10.5 */
    /* bytes; one datagram, RFC 7252 4.6. A client sends no more; to a server more may come in
     * blocks, NET_COAP_BODY_MAX in all */
    NET_COAP_PAYLOAD_MAX = 1024
};

typedef struct net_coap_request {
    uint8_t method;         /* enum net_coap_method */
    bool observe;           /* GET only: register as an observer (RFC 7641) */
    const char *path;       /* "a/b"; borrowed */
    const char *query;      /* "k=v&l=w" or NULL; borrowed */
    uint16_t format;        /* Content-Format number or NET_COAP_FORMAT_NONE */
    bool accepts;           /* what the answer is to be; not on a server */
    uint16_t accept;        /* with it: a Content-Format number (RFC 7252 5.10.4) */
    const uint8_t *payload; /* borrowed */
    size_t payload_size;    /* 0..NET_COAP_PAYLOAD_MAX; on a server 0..NET_COAP_BODY_MAX */
    /* If-Match with this entity-tag (RFC 7252 5.10.8.1); 0: none, or one that is longer than 4
     * bytes */
    uint32_t if_match;
    bool if_none_match; /* only if there is no such resource yet (RFC 7252 5.10.8.2) */
    uint32_t tag;       /* the asker's number; comes back with the answer; not on a server */
    /* Sent once, Non-confirmable, and no answer is wanted (RFC 7967). Not on a server. */
    bool unanswered;
} net_coap_request;

typedef struct net_coap_response {
    /* of the request; for a notification, of the request that began the observation */
    uint32_t tag;
    uint8_t code;       /* 0: none was wanted, and the request has been sent */
    bool notification;  /* a later message of an observation */
    uint32_t max_age_s; /* as sent, else NET_COAP_MAX_AGE_DEFAULT */
    uint16_t format;
    /* ETag (RFC 7252 5.10.6); 0: none, or one that is longer than 4 bytes */
    uint32_t entity_tag;
    const uint8_t *payload; /* borrowed for the call */
    size_t payload_size;
} net_coap_response;

#endif
