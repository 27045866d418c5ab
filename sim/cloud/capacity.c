/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/capacity.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "sim/core/error.h"

const cloud_limits cloud_limits_default = {
    .connections_per_s = 500,
    .requests_per_s = 20000,
    .connection_queue = 500,
    .request_queue = 20000,
    .over = CLOUD_OVER_DROP,
    .max_age_s = 30,
};

static bool rate_makes_sense(double rate) {
    return isfinite(rate) && rate >= 0.001 && rate <= 1e9;
}

static const char *stages_wrong(const cloud_limits *l) {
    if (l->stage_count > CLOUD_STAGES_MAX) return "there can be 4 further stages at most";
    for (uint32_t i = 0; i < l->stage_count; i++) {
        const cloud_stage *s = &l->stages[i];
        if (!rate_makes_sense(s->per_s)) return "a stage's rate per second must be 0.001 to 1e9";
        if (!(s->overload_cost >= 0 && s->overload_cost <= 1))
            return "a stage's overload_cost must be 0 to 1";
    }
    return NULL;
}

const char *const cloud_over_words[] = {
    [CLOUD_OVER_DROP] = "drop", [CLOUD_OVER_BUSY] = "busy", [CLOUD_OVER_REFUSE] = "refuse", NULL};

const char *const cloud_busy_words[] = {[CLOUD_BUSY_USUAL] = "busy",
                                        [CLOUD_BUSY_UNAVAILABLE] = "unavailable",
                                        [CLOUD_BUSY_QUOTA] = "quota",
                                        [CLOUD_BUSY_RATE] = "rate",
                                        NULL};

const char *cloud_fate_word(cloud_fate fate) {
    static const char *const words[] = {"admitted", "busy", "dropped", "refused", "restarted"};
    return words[fate];
}

const char *cloud_limits_wrong(const cloud_limits *l) {
    if (!rate_makes_sense(l->connections_per_s))
        return "connections per second must be 0.001 to 1e9";
    if (!rate_makes_sense(l->requests_per_s)) return "requests per second must be 0.001 to 1e9";
    if (!(l->overload_cost >= 0 && l->overload_cost <= 1)) return "overload_cost must be 0 to 1";
    if (l->max_age_s < 1 || l->max_age_s > 86400) return "max_age must be 1 s to 24 h";
    return stages_wrong(l);
}

bool cloud_limits_same_stages(const cloud_limits *a, const cloud_limits *b) {
    if (a->stage_count != b->stage_count) return false;
    for (uint32_t i = 0; i < a->stage_count; i++) {
        const cloud_stage *x = &a->stages[i], *y = &b->stages[i];
        if (strcmp(x->word, y->word) != 0 || x->per_s != y->per_s || x->queue != y->queue ||
            x->overload_cost != y->overload_cost || x->restarts != y->restarts)
            return false;
    }
    return true;
}

static sim_time cost_of(double per_second) {
    return sim_time_max(1, sim_time_from_seconds(1.0 / per_second));
}

void cloud_capacity_init(cloud_capacity *c, const cloud_limits *limits) {
    SIM_PROMISE(cloud_limits_wrong(limits) == NULL);
    *c = (cloud_capacity){.limits = *limits};
    c->lines[CLOUD_DEMAND_CONNECTION].cost = cost_of(limits->connections_per_s);
    c->lines[CLOUD_DEMAND_REQUEST].cost = cost_of(limits->requests_per_s);
    for (uint32_t i = 0; i < limits->stage_count; i++)
        c->stages[i].cost = cost_of(limits->stages[i].per_s);
}

/* Services of `cost` each that are still to be completed in `span`, the one in hand included. */
static sim_time services(sim_time span, sim_time cost) {
    return span <= 0 ? 0 : (span - 1) / cost + 1;
}

/* Who waits and who is in service leave one after another, so the time until the queue is empty
 * tells how many there are. */
static sim_time present(const cloud_line *l, sim_time now) {
    sim_time old = services(l->old_until - now, l->old_cost);
    return old + services(l->free_at - sim_time_max(now, l->old_until), l->cost);
}

static void change_pace(cloud_line *l, sim_time cost, sim_time now) {
    sim_time n = present(l, now);
    if (n > 0) {
        l->old_cost = l->old_until <= now ? l->cost : services(l->free_at - now, n);
        l->old_until = l->free_at;
    }
    l->cost = cost;
}

/* ---- the bucket ---- */

static double depth_of(const cloud_limits *l) {
    return l->connection_queue > 0 ? l->connection_queue : 1;
}

/* A token is missing for each `cost` until the bucket is full. */
static void change_bucket(cloud_capacity *c, const cloud_limits *limits, sim_time now) {
    const cloud_line *l = &c->lines[CLOUD_DEMAND_CONNECTION];
    sim_time cost = cost_of(limits->connections_per_s);
    double depth = depth_of(limits), missing = (double)present(l, now);
    if (limits->over != CLOUD_OVER_REFUSE) return;
    if (c->limits.over == CLOUD_OVER_REFUSE)
        missing = (double)sim_time_max(0, c->full_at - now) / (double)l->cost + depth -
                  depth_of(&c->limits);
    missing = fmin(fmax(missing, 0), depth);
    c->full_at = sim_time_add(now, sim_time_from_seconds(missing * sim_time_seconds(cost)));
}

static bool take_token(cloud_capacity *c, sim_time now) {
    sim_time cost = c->lines[CLOUD_DEMAND_CONNECTION].cost;
    sim_time full_at = sim_time_max(c->full_at, now);
    if ((double)services(full_at - now, cost) >= depth_of(&c->limits)) return false;
    c->full_at = sim_time_add(full_at, cost);
    return true;
}

/* What was turned away has cost `share` of a service of `cost` all the same: `at` is pushed back,
 * not further than `most`. */
static void charge(sim_time cost, double share, sim_time *at, sim_time now, sim_time most) {
    sim_time later = sim_time_add(sim_time_max(*at, now), (sim_time)(share * (double)cost));
    if (later <= most) *at = later;
}

static void charge_overload(const cloud_capacity *c, bool again, sim_time *at, sim_time now,
                            sim_time most) {
    double share = c->limits.overload_cost * (again ? CLOUD_OVERLOAD_AGAIN : 1);
    charge(c->lines[CLOUD_DEMAND_CONNECTION].cost, share, at, now, most);
}

static cloud_decision decide_by_token(cloud_capacity *c, bool again, sim_time now) {
    bool taken = take_token(c, now);
    uint64_t *count = taken ? c->admitted : c->over;
    sim_time empty = sim_time_from_seconds(depth_of(&c->limits) / c->limits.connections_per_s);
    count[CLOUD_DEMAND_CONNECTION]++;
    if (!taken)
        charge_overload(c, again, &c->full_at, now,
                        sim_time_add(now, sim_time_add(empty, CLOUD_OVERLOAD_AHEAD)));
    return (cloud_decision){.serve_at = now, .fate = taken ? CLOUD_FATE_ADMIT : CLOUD_FATE_REFUSE};
}

/* A stage that was there before, at its place, keeps who waits in it; a new one has nobody. */
static void change_stages(cloud_capacity *c, const cloud_limits *limits, sim_time now) {
    for (uint32_t i = 0; i < limits->stage_count; i++) {
        sim_time cost = cost_of(limits->stages[i].per_s);
        bool stays = i < c->limits.stage_count &&
                     strcmp(c->limits.stages[i].word, limits->stages[i].word) == 0;
        if (stays)
            change_pace(&c->stages[i], cost, now);
        else
            c->stages[i] = (cloud_line){.cost = cost, .free_at = now};
    }
}

void cloud_capacity_change(cloud_capacity *c, const cloud_limits *limits, sim_time now) {
    SIM_PROMISE(cloud_limits_wrong(limits) == NULL);
    change_bucket(c, limits, now);
    change_stages(c, limits, now);
    c->limits = *limits;
    change_pace(&c->lines[CLOUD_DEMAND_CONNECTION], cost_of(limits->connections_per_s), now);
    change_pace(&c->lines[CLOUD_DEMAND_REQUEST], cost_of(limits->requests_per_s), now);
}

static uint32_t waiting(const cloud_line *l, sim_time now) {
    sim_time n = present(l, now);
    return n == 0 ? 0 : (uint32_t)sim_time_min(n - 1, UINT32_MAX);
}

void cloud_capacity_stop(cloud_capacity *c, sim_time now, sim_time until) {
    for (int demand = CLOUD_DEMAND_CONNECTION; demand <= CLOUD_DEMAND_REQUEST; demand++) {
        cloud_line *l = &c->lines[demand];
        *l = (cloud_line){.cost = l->cost, .free_at = now};
    }
    for (uint32_t i = 0; i < c->limits.stage_count; i++)
        c->stages[i] = (cloud_line){.cost = c->stages[i].cost, .free_at = now};
    c->full_at = now;
    c->down_until = until;
}

static cloud_decision decide_while_down(cloud_capacity *c, cloud_demand demand, sim_time now) {
    static const cloud_fate fates[] = {[CLOUD_OVER_DROP] = CLOUD_FATE_DROP,
                                       [CLOUD_OVER_BUSY] = CLOUD_FATE_BUSY,
                                       [CLOUD_OVER_REFUSE] = CLOUD_FATE_REFUSE};
    bool goes_on = demand == CLOUD_DEMAND_NOTHING;
    if (demand == CLOUD_DEMAND_STAGES)
        c->stage_over++;
    else if (!goes_on)
        c->over[demand]++;
    /* A handshake must come to its end before its client can be told 5.03. */
    if (goes_on && c->limits.over == CLOUD_OVER_BUSY)
        return (cloud_decision){.serve_at = now, .fate = CLOUD_FATE_ADMIT};
    return (cloud_decision){.serve_at = now, .fate = fates[c->limits.over]};
}

/* A place in the line from `now` on, when it is served; SIM_NEVER: there is none. */
static sim_time take_place(cloud_line *l, uint32_t queue, sim_time now) {
    sim_time serve_at = sim_time_max(now, l->free_at);
    sim_time done_at = sim_time_add(serve_at, l->cost);
    bool idle = l->free_at <= now;
    if ((!idle && waiting(l, now) >= queue) || done_at == SIM_NEVER) return SIM_NEVER;
    l->free_at = done_at;
    return serve_at;
}

static cloud_fate fate_over(const cloud_limits *limits) {
    return limits->over == CLOUD_OVER_BUSY ? CLOUD_FATE_BUSY : CLOUD_FATE_DROP;
}

/* From one stage to the next: each is reached in the order in which the one before is left, so no
 * call of a later stage comes out of its time. */
static cloud_decision decide_stages(cloud_capacity *c, sim_time now) {
    sim_time at = now, serve_at = now;
    for (uint32_t i = 0; i < c->limits.stage_count; i++) {
        const cloud_stage *stage = &c->limits.stages[i];
        cloud_line *l = &c->stages[i];
        serve_at = take_place(l, stage->queue, at);
        if (serve_at == SIM_NEVER) {
            charge(l->cost, stage->overload_cost, &l->free_at, at,
                   sim_time_add(at, CLOUD_OVERLOAD_AHEAD));
            c->stage_over++;
            return (cloud_decision){
                .serve_at = at,
                .fate = stage->restarts ? CLOUD_FATE_RESTART : fate_over(&c->limits)};
        }
        at = sim_time_add(serve_at, l->cost);
    }
    c->stage_admitted++;
    return (cloud_decision){.serve_at = serve_at, .fate = CLOUD_FATE_ADMIT};
}

cloud_decision cloud_capacity_decide(cloud_capacity *c, cloud_demand asked, sim_time now) {
    bool again = asked == CLOUD_DEMAND_AGAIN;
    cloud_demand demand = again ? CLOUD_DEMAND_CONNECTION : asked;
    if (now < c->down_until) return decide_while_down(c, demand, now);
    if (demand == CLOUD_DEMAND_NOTHING)
        return (cloud_decision){.serve_at = now, .fate = CLOUD_FATE_ADMIT};
    if (demand == CLOUD_DEMAND_STAGES) return decide_stages(c, now);
    cloud_line *l = &c->lines[demand];
    bool connection = demand == CLOUD_DEMAND_CONNECTION;
    if (connection && c->limits.over == CLOUD_OVER_REFUSE) return decide_by_token(c, again, now);
    uint32_t queue = connection ? c->limits.connection_queue : c->limits.request_queue;
    sim_time serve_at = take_place(l, queue, now);
    if (serve_at == SIM_NEVER) {
        c->over[demand]++;
        if (connection)
            charge_overload(c, again, &l->free_at, now, sim_time_add(now, CLOUD_OVERLOAD_AHEAD));
        return (cloud_decision){.serve_at = now, .fate = fate_over(&c->limits)};
    }
    c->admitted[demand]++;
    return (cloud_decision){.serve_at = serve_at, .fate = CLOUD_FATE_ADMIT};
}

uint32_t cloud_capacity_waiting(const cloud_capacity *c, cloud_demand demand, sim_time now) {
    return demand >= CLOUD_DEMAND_NOTHING ? 0 : waiting(&c->lines[demand], now);
}
