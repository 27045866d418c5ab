/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/capacity.h"

#include <math.h>
#include <stddef.h>

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

const char *cloud_limits_wrong(const cloud_limits *l) {
    if (!rate_makes_sense(l->connections_per_s)) return "connections per second must be 0.001 to 1e9";
    if (!rate_makes_sense(l->requests_per_s)) return "requests per second must be 0.001 to 1e9";
    if (l->max_age_s < 1 || l->max_age_s > 86400) return "max_age must be 1 s to 24 h";
    return NULL;
}

static sim_time cost_of(double per_second) {
    return sim_time_max(1, sim_time_from_seconds(1.0 / per_second));
}

void cloud_capacity_init(cloud_capacity *c, const cloud_limits *limits) {
    SIM_PROMISE(cloud_limits_wrong(limits) == NULL);
    *c = (cloud_capacity){.limits = *limits};
    c->connection_cost = cost_of(limits->connections_per_s);
    c->request_cost = cost_of(limits->requests_per_s);
}

void cloud_capacity_change(cloud_capacity *c, const cloud_limits *limits) {
    SIM_PROMISE(cloud_limits_wrong(limits) == NULL);
    c->limits = *limits;
    c->connection_cost = cost_of(limits->connections_per_s);
    c->request_cost = cost_of(limits->requests_per_s);
}

/* Whoever waits and whoever is in service leave one after another, so the time until the queue is empty tells how many there are. */
static uint32_t waiting(sim_time free_at, sim_time cost, sim_time now) {
    if (free_at <= now) return 0;
    sim_time ahead = (free_at - now + cost - 1) / cost;
    return (uint32_t)sim_time_min(ahead - 1, UINT32_MAX);
}

cloud_decision cloud_capacity_decide(cloud_capacity *c, cloud_demand demand, sim_time now) {
    if (demand == CLOUD_DEMAND_NOTHING) return (cloud_decision){.serve_at = now, .fate = CLOUD_FATE_ADMIT};
    bool connection = demand == CLOUD_DEMAND_CONNECTION;
    sim_time cost = connection ? c->connection_cost : c->request_cost;
    sim_time *free_at = connection ? &c->connection_free_at : &c->request_free_at;
    uint32_t queue = connection ? c->limits.connection_queue : c->limits.request_queue;
    bool idle = *free_at <= now;
    if (!idle && waiting(*free_at, cost, now) >= queue) {
        c->over[demand]++;
        cloud_fate fate = c->limits.over == CLOUD_OVER_BUSY ? CLOUD_FATE_BUSY : CLOUD_FATE_DROP;
        return (cloud_decision){.serve_at = now, .fate = fate};
    }
    sim_time serve_at = idle ? now : *free_at;
    *free_at = sim_time_add(serve_at, cost);
    c->admitted[demand]++;
    return (cloud_decision){.serve_at = serve_at, .fate = CLOUD_FATE_ADMIT};
}

uint32_t cloud_capacity_waiting(const cloud_capacity *c, cloud_demand demand, sim_time now) {
    switch (demand) {
        case CLOUD_DEMAND_CONNECTION:
            return waiting(c->connection_free_at, c->connection_cost, now);
        case CLOUD_DEMAND_REQUEST:
            return waiting(c->request_free_at, c->request_cost, now);
        case CLOUD_DEMAND_NOTHING:
            break;
    }
    return 0;
}
