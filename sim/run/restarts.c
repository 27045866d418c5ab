/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs of a drill after which devices that kept their power must connect anew. */
#include <inttypes.h>
#include <stdio.h>

#include "sim/run/run_private.h"

typedef struct restart_call {
    const fleet_selection *selection;
    sim_time span;
    bool tell;
    uint8_t trigger;
} restart_call;

static const fleet_selection everybody = {.zone = UINT32_MAX};

static uint64_t online_count(const run *r, const fleet_selection *s) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < r->street_count; i++) n += fleet_street_online(&r->streets[i], s);
    return n;
}

static int routers_street(run *r, fleet_street *s, void *with) {
    const restart_call *c = with;
    return fleet_street_restart_routers(s, r->now, c->selection, c->span, c->trigger);
}

static int cloud_street(run *r, fleet_street *s, void *with) {
    const restart_call *c = with;
    return fleet_street_restart_cloud(s, r->now, c->tell, c->trigger);
}

static int close_street(run *r, fleet_street *s, void *with) {
    const restart_call *c = with;
    return fleet_street_close_after(s, r->now, c->span, c->trigger);
}

int run_restart_routers(run *r, const fleet_selection *s, sim_time off, const char *trigger) {
    SIM_PROMISE(r->in_drill);
    restart_call c = {.selection = s, .span = off};
    int error = run_add_trigger(r, trigger, online_count(r, s), false, &c.trigger);
    if (error == 0) error = run_tell(r, s, "routers restart");
    return error == 0 ? run_each_street(r, routers_street, &c) : error;
}

int run_restart_cloud(run *r, sim_time down, bool tell, const char *trigger) {
    char line[RUN_STORY_TEXT], span[24];
    SIM_PROMISE(r->in_drill);
    if (run_is_real(r)) return SIM_ESTATE;
    restart_call c = {.tell = tell};
    uint64_t online = online_count(r, &everybody);
    (void)snprintf(line, sizeof line, "cloud restarts, back in %s: %" PRIu64 " session%s %s",
                   sim_time_text(down, span, sizeof span), online, online == 1 ? "" : "s",
                   tell ? "closed" : "forgotten");
    int error = run_add_trigger(r, trigger, online, false, &c.trigger);
    if (error == 0) error = run_say(r, line);
    if (error != 0) return error;
    cloud_capacity_stop(&r->capacity, r->now, sim_time_add(r->now, down));
    return run_each_street(r, cloud_street, &c);
}

int run_accept_then_close(run *r, sim_time close_after, const char *trigger) {
    char line[RUN_STORY_TEXT], span[24];
    SIM_PROMISE(r->in_drill);
    if (run_is_real(r)) return SIM_ESTATE;
    restart_call c = {.span = close_after};
    int error = 0;
    (void)snprintf(line, sizeof line, "cloud lets sessions live again");
    if (close_after > 0) {
        uint64_t online = online_count(r, &everybody);
        (void)snprintf(line, sizeof line,
                       "cloud accepts, and closes %s later: %" PRIu64 " session%s closed now",
                       sim_time_text(close_after, span, sizeof span), online,
                       online == 1 ? "" : "s");
        error = run_add_trigger(r, trigger, online, false, &c.trigger);
    }
    if (error == 0) error = run_say(r, line);
    return error == 0 ? run_each_street(r, close_street, &c) : error;
}
