/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/websocket.h - either end of a WebSocket (RFC 6455) that carries a stream of bytes, as MQTT 5
 * 6 wants it: subprotocol "mqtt", binary frames whose borders mean nothing. Framing by libwslay,
 * which nobody else sees. Bytes in, bytes out; no clock, no socket. */
#ifndef NET_WEBSOCKET_H
#define NET_WEBSOCKET_H

#include <stddef.h>
#include <stdint.h>

#include "net/end.h"
#include "sim/core/error.h"

typedef struct net_websocket net_websocket;

/* That brokers have by convention. */
#define NET_WEBSOCKET_MQTT_PATH "/mqtt"
enum {
    NET_WEBSOCKET_HEAD_MAX = 4096, /* bytes of a request, and of its answer */
    NET_WEBSOCKET_FRAME_MAX = 1 << 20
};

/* Made from inside the verbs below; the owner may write, but not free it nor feed it. */
typedef struct net_websocket_calls {
    void (*send)(void *owner, const uint8_t *bytes, size_t n); /* for the wire */
    void (*opened)(void *owner);
    void (*received)(void *owner, const uint8_t *bytes, size_t n);
    /* Once; nothing follows. REFUSED: the server wants no WebSocket there, or was asked for none
     * that it has, and has said so. */
    void (*ended)(void *owner, net_end why);
    /* Fills `out` with random bytes. Only asked of a client. */
    int (*random)(void *owner, uint8_t *out, size_t n);
} net_websocket_calls;

/* `calls` is borrowed. NULL: no memory. */
net_websocket *net_websocket_new(const net_websocket_calls *calls, void *owner);
/* A server's end, which waits for a request for `path`, borrowed. NULL: no memory. */
net_websocket *net_websocket_accept(const char *path, const net_websocket_calls *calls,
                                    void *owner);
void net_websocket_free(net_websocket *w); /* NULL is fine; sends nothing, calls nobody */
/* Sends the request for `path` at `host` (at most 255 bytes each). SIM_ERANGE, SIM_ELIBRARY. */
SIM_MUST_USE int net_websocket_start(net_websocket *w, const char *host, const char *path);
void net_websocket_input(net_websocket *w, const uint8_t *bytes, size_t n);
/* In a frame of its own. SIM_ESTATE before it is open and after its end; SIM_ENOMEM. */
SIM_MUST_USE int net_websocket_write(net_websocket *w, const uint8_t *bytes, size_t n);
/* Says good-bye, where it is open; nothing follows, and nobody is called. */
void net_websocket_close(net_websocket *w);

#endif
