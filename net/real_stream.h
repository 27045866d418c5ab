/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/real_stream.h - one listening TCP socket on a libuv loop and its connections, for the
 * built-in cloud served for real: bytes in, bytes out, each connection named by its client's
 * address. */
#ifndef NET_REAL_STREAM_H
#define NET_REAL_STREAM_H

#include "net/address.h"

struct uv_loop_s;
typedef struct net_real_stream net_real_stream;

enum {
    NET_REAL_STREAM_PART = 4096, /* bytes that are read at once */
    /* bytes that a client may leave unread: one that takes nothing is not waited for */
    NET_REAL_STREAM_BACKLOG = 4 << 20
};

/* Made from the loop's turn; they may send and close. */
typedef struct net_real_stream_calls {
    /* n == 0: the connection was made. Else bytes that came on it, in order. */
    void (*received)(void *context, const net_address *from, const uint8_t *bytes, size_t n);
    /* It is gone, by its client, by an error or a backlog; not told of those that were closed. */
    void (*ended)(void *context, const net_address *from);
} net_real_stream_calls;

/* `connections_maximum` at a time; who comes when there are as many waits with the kernel. NULL on
 * error, with a line in `why` (size >= 200) that names `bind_to`. */
net_real_stream *net_real_stream_new(struct uv_loop_s *loop, const net_address *bind_to,
                                     uint32_t connections_maximum,
                                     const net_real_stream_calls *calls, void *context, char *why,
                                     size_t size);
/* Closes all connections, telling nobody. NULL is fine. */
void net_real_stream_free(net_real_stream *s);
/* To a connection that is there; else nothing happens. */
void net_real_stream_send(net_real_stream *s, const net_address *to, const uint8_t *bytes,
                          size_t n);
/* Ends a connection after what was sent (or for a few seconds, if its client takes nothing); with
 * `reset` at once, by RST. */
void net_real_stream_close(net_real_stream *s, const net_address *to, bool reset);
/* With the port that the system gave when 0 was asked. */
net_address net_real_stream_address(const net_real_stream *s);

#endif
