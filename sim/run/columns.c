/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/columns.h"

#include "sim/run/run_private.h"

/* The sum of a counter of the edges. */
#define SUM_OF_EDGES(column, counter)                                                     \
    uint64_t run_column_##column(const run *r, sim_time now) {                            \
        uint64_t sum = 0;                                                                 \
        (void)now;                                                                        \
        for (uint32_t i = 0; i < r->street_count; i++) sum += r->streets[i].edge.counter; \
        return sum;                                                                       \
    }
SUM_OF_EDGES(attempts, seen)
SUM_OF_EDGES(successes, successes)
SUM_OF_EDGES(rejections, rejections)

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
