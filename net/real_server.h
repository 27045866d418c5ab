/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/real_server.h - one bound UDP socket on a libuv loop, for the built-in cloud served for real.
 * Answers leave from the address that was asked. */
#ifndef NET_REAL_SERVER_H
#define NET_REAL_SERVER_H

#include "net/address.h"

struct uv_loop_s;
typedef struct net_real_server net_real_server;
typedef void net_real_server_received(void *context, const net_address *from,
                                      const uint8_t *datagram, size_t n);

/* NULL on error, with a line in `why` (size >= 200) that names `bind_to`. */
net_real_server *net_real_server_new(struct uv_loop_s *loop, const net_address *bind_to,
                                     net_real_server_received *received, void *context, char *why,
                                     size_t size);
void net_real_server_free(net_real_server *s);
/* Which address of ours the datagram in hand came to; all zero when none is in hand. */
net_address net_real_server_asked(const net_real_server *s);
/* What is sent from here on leaves from `local` (all zero: the kernel chooses), until the next
 * datagram comes: for an answer that was put off. */
void net_real_server_answer_as(net_real_server *s, const net_address *local);
/* Queues a datagram; net_real_server_flush sends. */
void net_real_server_send(net_real_server *s, const net_address *to, const uint8_t *datagram,
                          size_t n);
void net_real_server_flush(net_real_server *s);
net_address net_real_server_address(
    const net_real_server *s); /* with the port that the system gave when 0 was asked */

#endif
