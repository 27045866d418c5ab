/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/real_loop.h - a libuv loop with one timer and one clock: sleep until a time or until bytes
 * arrive. */
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
/* Serves the sockets until `until`, or until at least one had something, but never longer than
 * NET_REAL_TURN: so often the caller looks up for Ctrl-C. */
void net_real_loop_turn(net_real_loop *l, sim_time until);
#define NET_REAL_TURN (100 * SIM_MILLISECOND)

#endif
