/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/real_loop.h - a libuv loop with one timer and one clock: sleep until a time or until bytes
 * arrive. The timer is the kernel's own (timerfd), because libuv's counts whole milliseconds and
 * the fractions would have to be waited for awake. */
#ifndef NET_REAL_LOOP_H
#define NET_REAL_LOOP_H

#include "sim/core/time.h"

struct uv_loop_s;
typedef struct net_real_loop net_real_loop;

const char *net_real_loop_version(void); /* of libuv; static */
net_real_loop *net_real_loop_new(void);  /* NULL: no memory or no descriptors */
/* All sockets on it must be closed. NULL is fine. */
void net_real_loop_free(net_real_loop *l);
struct uv_loop_s *net_real_loop_uv(net_real_loop *l); /* for the sockets of this folder */
void net_real_loop_restart(net_real_loop *l);         /* the clock begins again at 0 */
/* since it was made or restarted; monotonic */
sim_time net_real_loop_now(const net_real_loop *l);
/* Serves the sockets until `until`, or until at least one had something, but never much longer than
 * NET_REAL_TURN: so often the caller looks up for Ctrl-C. A turn that sleeps ends on a tick: up to
 * NET_REAL_TICK after `until`. */
void net_real_loop_turn(net_real_loop *l, sim_time until);
#define NET_REAL_TURN (100 * SIM_MILLISECOND)
/* Fine enough for latencies that are told in milliseconds, and coarse enough that a client of 2,000
 * requests a second spends a quarter of the processor time that it would spend waiting awake. */
#define NET_REAL_TICK (200 * SIM_MICROSECOND)

#endif
