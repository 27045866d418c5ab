/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/vkernel.h - the kernel that stock protocol libraries see (design D1).
 *
 * The libraries' undefined system calls are renamed in their static archives
 * (cmake/libcoap_symbols.txt and its like) and land in vkernel.c: sockets, timers and
 * epoll sets that are rows of a table, a clock that is the run's time, randomness that is a stream.
 *
 * A *node* is one library endpoint: at most one epoll set, one timer and one socket, for datagrams
 * or for a stream whose connection whoever drives the library has opened already. Its
 * descriptors are derived from its row, so three of them cost one row. One table belongs to one
 * shard; which table, node, time and stream are current is thread-local between net_vkernel_enter
 * and net_vkernel_leave, and nothing else is global. */
#ifndef NET_VKERNEL_H
#define NET_VKERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/random.h"
#include "sim/core/time.h"

typedef struct net_vkernel net_vkernel;
typedef uint32_t net_node; /* row + 1; 0: none */

/* Seconds between the Unix epoch and the run's time 0 in the virtual world: 2025-01-01T00:00:00Z.
 */
#define NET_VKERNEL_EPOCH_S 1735689600

/* What the library believes the address of virtual peer `peer` to be: IPv4 address
 * NET_VKERNEL_NETWORK + peer (host order, peer < 2^24) and this port. */
#define NET_VKERNEL_NETWORK UINT32_C(0x0A000000)
#define NET_VKERNEL_PORT 5683

/* A library wants to send `n` bytes to virtual peer number `peer` (a client's only peer is 0).
 * Called inside enter/leave. */
typedef void net_vkernel_output(void *owner, uint32_t peer, const uint8_t *data, size_t n);

net_vkernel *net_vkernel_new(void);    /* NULL: no memory */
void net_vkernel_free(net_vkernel *k); /* all nodes must be closed (promise) */
SIM_MUST_USE int net_vkernel_open(net_vkernel *k, void *owner, net_vkernel_output *output,
                                  net_node *out); /* SIM_ENOMEM, SIM_EAGAIN */
void net_vkernel_close(net_vkernel *k, net_node node);

/* From here on this thread's library calls belong to `node`. `stream` (borrowed) feeds getrandom,
 * coap_prng and wolfSSL; NULL: the operating system does. Calls nest: the previous state is
 * restored by the matching leave. `k`/`node` may be NULL/0 for a library that only needs clock and
 * randomness. */
typedef struct net_vkernel_scope {
    net_vkernel *kernel;
    sim_time now;
    sim_stream *stream;
    const uint8_t *datagram; /* at the node's socket, or the stream's next bytes; NULL: none */
    size_t datagram_size;
    uint32_t peer; /* that sent it */
    net_node node;
    bool refused; /* the node's socket has an error to report: ECONNREFUSED */
} net_vkernel_scope;
net_vkernel_scope net_vkernel_enter(net_vkernel *k, net_node node, sim_time now,
                                    sim_stream *stream);
void net_vkernel_leave(net_vkernel_scope previous);
/* The time of the current scope; 0 outside of all. */
sim_time net_vkernel_now(void);

/* Hands one datagram from virtual peer `peer` to the current node's socket (promise: there is one).
 * Borrowed until the library has read it, at the latest until net_vkernel_leave: the caller runs
 * the library's I/O step at once. */
void net_vkernel_arrive(uint32_t peer, const uint8_t *data, size_t n);
/* Of what arrived, how many bytes nobody has read yet. */
size_t net_vkernel_unread(void);
/* The current node's socket has got an ICMP error: its next read fails with ECONNREFUSED, as on a
 * connected socket of the real world. Lasts as long as a datagram does. */
void net_vkernel_refused(void);
/* When the node's timer wants to fire (absolute run time); SIM_NEVER: not armed. */
sim_time net_vkernel_deadline(const net_vkernel *k, net_node node);

/* Fills `out` from the current stream, or from the operating system when there is none (the real
 * world). 0, or SIM_EIO when the system has no randomness. For wolfSSL and for libcoap's prng. */
int net_vkernel_random(void *out, size_t n);

#endif
