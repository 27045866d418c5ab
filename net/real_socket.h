/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/real_socket.h - datagrams between our addresses and the kernel's: socket addresses, source
 * addresses by packet information (RFC 3542, and its IPv4 twin), many datagrams per system call.
 * What the real fleet and the real server share. */
#ifndef NET_REAL_SOCKET_H
#define NET_REAL_SOCKET_H

#include <sys/socket.h>

#include "net/address.h"
#include "sim/core/time.h"

enum { NET_REAL_BATCH = 64, NET_REAL_DATAGRAM_MAX = 2048 };

/* Fills the kernel's form of `a`: AF_INET for a mapped IPv4 address, else AF_INET6. Returns its
 * length. */
socklen_t net_real_to_kernel(const net_address *a, struct sockaddr_storage *out);
net_address net_real_from_kernel(const struct sockaddr_storage *in);
bool net_real_is_ipv4(const net_address *a);

/* A non-blocking UDP socket of the family of `local`, bound to it, with packet information and
 * stamps of arrival on, and buffers as large as the system lets us. Returns the descriptor or
 * -errno. */
int net_real_open(const net_address *local);
/* Likewise of any address of ours, and what it sends goes to `target`. */
int net_real_connect(const net_address *target);
/* Datagrams that came for this socket and that the kernel dropped, because its buffer was full: we
 * were too slow to read them. 0 when the system does not tell. */
uint64_t net_real_dropped(int fd);

typedef struct net_real_datagram {
    net_address remote; /* peer */
    /* our address (port unused): where it came to, or must seem to come from; all zero: let the
     * kernel choose */
    net_address local;
    int64_t stamp_ns; /* received: when it came to this machine, since 1970; 0: not known */
    size_t size;
    uint8_t data[NET_REAL_DATAGRAM_MAX];
} net_real_datagram;

/* How long a received datagram has waited in this machine until now: what reads it is late by that
 * (design D10). 0 when that is not known. */
sim_time net_real_waited(const net_real_datagram *d);

typedef struct net_real_batch {
    net_real_datagram items[NET_REAL_BATCH];
    uint32_t count;
} net_real_batch;

/* Reads what is there, at most a batch; a datagram longer than NET_REAL_DATAGRAM_MAX comes as an
 * empty one. 0, SIM_EAGAIN when there was nothing, SIM_EUNREACHABLE when the peer's port is closed,
 * SIM_EIO. */
SIM_MUST_USE int net_real_receive(int fd, net_real_batch *batch);
/* Sends all of the batch and empties it. *lost counts datagrams that the kernel would not take (its
 * buffers are full: the network lost them, as networks do). */
SIM_MUST_USE int net_real_send(int fd, net_real_batch *batch, uint64_t *lost);

#endif
