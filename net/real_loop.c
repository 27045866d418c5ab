/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/real_loop.h"

#include <sys/timerfd.h>
#include <unistd.h>
#include <uv.h>

#include "sim/core/error.h"
#include "sim/core/heap.h"

struct net_real_loop {
    uv_loop_t loop;
    uv_poll_t poll; /* of the timer's descriptor */
    int timer;
    uint64_t began_ns;
    uint64_t armed_ns; /* by the system's clock: when the timer rings or has rung */
};

/* It only ends the wait. What is in the descriptor is not read: arming it anew empties it. */
static void on_timer(uv_poll_t *poll, int status, int events) {
    (void)poll;
    (void)status;
    (void)events;
}

static void close_timer(net_real_loop *l) {
    uv_close((uv_handle_t *)&l->poll, NULL);
    (void)uv_run(&l->loop, UV_RUN_DEFAULT); /* until the last handle is gone */
    (void)close(l->timer);
}

static int open_timer(net_real_loop *l) {
    l->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (l->timer < 0) return SIM_EAGAIN;
    if (uv_poll_init(&l->loop, &l->poll, l->timer) != 0) {
        (void)close(l->timer);
        return SIM_EAGAIN;
    }
    if (uv_poll_start(&l->poll, UV_READABLE, on_timer) == 0) return 0;
    close_timer(l);
    return SIM_EAGAIN;
}

net_real_loop *net_real_loop_new(void) {
    net_real_loop *l = sim_calloc(1, sizeof *l);
    if (l == NULL) return NULL;
    if (uv_loop_init(&l->loop) != 0) {
        sim_free(l);
        return NULL;
    }
    if (open_timer(l) != 0) {
        (void)uv_loop_close(&l->loop);
        sim_free(l);
        return NULL;
    }
    net_real_loop_restart(l);
    return l;
}

void net_real_loop_free(net_real_loop *l) {
    if (l == NULL) return;
    close_timer(l);
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

/* The timer rings on ticks of the system's clock: what is due within one is served by one turn, and
 * a turn that a datagram has ended early finds the timer armed for its own tick already. */
static int arm(net_real_loop *l, uint64_t at_ns) {
    uint64_t tick = (at_ns + NET_REAL_TICK - 1) / NET_REAL_TICK * NET_REAL_TICK;
    if (l->armed_ns == tick) return 0;
    const struct itimerspec when = {
        .it_value = {.tv_sec = (time_t)(tick / SIM_SECOND), .tv_nsec = (long)(tick % SIM_SECOND)}};
    if (timerfd_settime(l->timer, TFD_TIMER_ABSTIME, &when, NULL) != 0) return SIM_EIO;
    l->armed_ns = tick;
    return 0;
}

void net_real_loop_turn(net_real_loop *l, sim_time until) {
    uint64_t now = uv_hrtime();
    sim_time left = sim_time_min(until - (sim_time)(now - l->began_ns), NET_REAL_TURN);
    bool sleeps = left > 0 && arm(l, now + (uint64_t)left) == 0;
    (void)uv_run(&l->loop, sleeps ? UV_RUN_ONCE : UV_RUN_NOWAIT);
}

const char *net_real_loop_version(void) {
    return uv_version_string();
}
