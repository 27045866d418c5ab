/* SPDX-License-Identifier: GPL-3.0-or-later */
/* New limits hold from then on: a cloud that has no more room answers nobody. */
#include "tests/unit/fault_bench.h"

static int narrow(run *r, void *context) {
    cloud_limits limits = r->spec.cloud;
    (void)context;
    limits.requests_per_s = 0.001;
    limits.request_queue = 0;
    return strike_cloud(r, &limits);
}

static int as_it_was(run *r, void *context) {
    (void)context;
    return strike_cloud(r, &r->spec.cloud);
}

static void test(void **state) {
    (void)state;
    run *r = bench_struck(narrow, STRIKE_S, 600);
    assert_true(r->capacity.over[CLOUD_DEMAND_REQUEST] > DEVICES);
    story_end(r);
    r = bench_struck(as_it_was, STRIKE_S, 600); /* bad twin */
    assert_int_equal(r->capacity.over[CLOUD_DEMAND_REQUEST], 0);
    story_end(r);
}

int main(void) {
    return run_bench(test);
}
