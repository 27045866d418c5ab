/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/columns.h"

#include "sim/cloud/edge.h"
#include "sim/core/rough.h"
#include "sim/fleet/street_account.h"
#include "sim/run/count.h"
#include "sim/run/run_private.h"

/* The sum of a counter of the edges. */
#define SUM_OF_EDGES(column, counter)                          \
    uint64_t run_column_##column(const run *r, sim_time now) { \
        uint64_t sum = 0;                                      \
        (void)now;                                             \
        for (uint32_t i = 0; i < r->street_count; i++)         \
            sum += fleet_street_edge(r->streets[i])->counter;  \
        return sum;                                            \
    }
SUM_OF_EDGES(attempts, seen)
SUM_OF_EDGES(successes, successes)
SUM_OF_EDGES(rejections, rejections)

/* The sum of what became of requests. */
#define SUM_OF_REQUESTS(column, counter)                       \
    uint64_t run_column_##column(const run *r, sim_time now) { \
        uint64_t sum = 0;                                      \
        (void)now;                                             \
        for (uint32_t i = 0; i < r->street_count; i++)         \
            sum += fleet_street_sums(r->streets[i])->counter;  \
        return sum;                                            \
    }
SUM_OF_REQUESTS(due, devices.reports_due)
SUM_OF_REQUESTS(sent, devices.reports_sent)
SUM_OF_REQUESTS(answered, reports_answered)
SUM_OF_REQUESTS(refused, reports_refused)
SUM_OF_REQUESTS(failed, reports_failed)
SUM_OF_REQUESTS(chain_dhcp, asked[FLEET_SERVER_ADDRESS])
SUM_OF_REQUESTS(chain_dns, asked[FLEET_SERVER_NAME])
SUM_OF_REQUESTS(chain_time, asked[FLEET_SERVER_TIME])

uint64_t run_column_waiting(const run *r, sim_time now) {
    return run_column_sent(r, now) - run_column_answered(r, now) - run_column_refused(r, now) -
           run_column_failed(r, now);
}

/* Of what was answered since the last row. */
static uint64_t latency_us(const run *r, double share) {
    sim_rough all = {.count = 0};
    for (uint32_t i = 0; i < r->street_count; i++) {
        const sim_rough *one = fleet_street_second(r->streets[i]);
        if (one->count > 0) sim_rough_merge(&all, one);
    }
    return (uint64_t)(sim_rough_quantile(&all, share) / SIM_MICROSECOND);
}

uint64_t run_column_median_us(const run *r, sim_time now) {
    (void)now;
    return latency_us(r, 0.5);
}

uint64_t run_column_p95_us(const run *r, sim_time now) {
    (void)now;
    return latency_us(r, 0.95);
}

uint64_t run_column_second(const run *r, sim_time now) {
    (void)r;
    return (uint64_t)(now / SIM_SECOND);
}

uint64_t run_column_online(const run *r, sim_time now) {
    (void)now;
    return run_online(r);
}

uint64_t run_column_queue_depth(const run *r, sim_time now) {
    return cloud_capacity_waiting(&r->capacity, CLOUD_DEMAND_CONNECTION, now);
}

report_second run_columns(const run *r, sim_time now) {
    return (report_second){
#define COLUMN(member, column, how, page) .member = run_column_##member(r, now),
        RUN_COLUMN_MAP(COLUMN)
#undef COLUMN
    };
}
