/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/real_loop.h"

#include <uv.h>

#include "sim/core/heap.h"

struct net_real_loop {
    uv_loop_t loop;
    uv_timer_t timer;
    uint64_t began_ns;
};

net_real_loop *net_real_loop_new(void) {
    net_real_loop *l = sim_calloc(1, sizeof *l);
    if (l == NULL) return NULL;
    if (uv_loop_init(&l->loop) != 0) {
        sim_free(l);
        return NULL;
    }
    (void)uv_timer_init(&l->loop, &l->timer); /* cannot fail */
    net_real_loop_restart(l);
    return l;
}

void net_real_loop_free(net_real_loop *l) {
    if (l == NULL) return;
    uv_close((uv_handle_t *)&l->timer, NULL);
    (void)uv_run(&l->loop, UV_RUN_DEFAULT); /* until the last handle is gone */
    (void)uv_loop_close(&l->loop);
    sim_free(l);
}

struct uv_loop_s *net_real_loop_uv(net_real_loop *l) {
    return &l->loop;
}

void net_real_loop_restart(net_real_loop *l) {
    l->began_ns = uv_hrtime();
}

sim_time net_real_loop_now(const net_real_loop *l) {
    return (sim_time)(uv_hrtime() - l->began_ns);
}

static void on_timer(uv_timer_t *timer) {
    (void)timer; /* it only ends the wait */
}

/* libuv's timer counts whole milliseconds: rounded down, the last fraction is waited for in turns
 * without sleep. */
void net_real_loop_turn(net_real_loop *l, sim_time until) {
    sim_time left = sim_time_min(until - net_real_loop_now(l), NET_REAL_TURN);
    uint64_t ms = left <= 0 ? 0 : (uint64_t)(left / SIM_MILLISECOND);
    uv_update_time(&l->loop);
    if (ms == 0) {
        (void)uv_run(&l->loop, UV_RUN_NOWAIT);
        return;
    }
    /* It repeats because uv_run rings due timers before it sleeps: one that came due in between
     * (this thread had lost its processor) would leave nothing to wake up for. */
    (void)uv_timer_start(&l->timer, on_timer, ms, ms);
    (void)uv_run(&l->loop, UV_RUN_ONCE);
    (void)uv_timer_stop(&l->timer);
}

const char *net_real_loop_version(void) {
    return uv_version_string();
}
