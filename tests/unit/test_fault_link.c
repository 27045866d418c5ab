/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An uplink that loses every packet is no way; one that loses none is. */
#include "tests/unit/fault_bench.h"

static int lossy(run *r, void *context) {
    net_hop_settings settings = r->spec.zones[0].uplink;
    (void)context;
    settings.loss = 1;
    return strike_uplink(r, &story_all, &settings);
}

static int lossless(run *r, void *context) {
    (void)context;
    return strike_uplink(r, &story_all, &r->spec.zones[0].uplink);
}

static void test(void **state) {
    (void)state;
    run *r = bench_struck(lossy, STRIKE_S, 600);
    assert_int_equal(story_online(r), 0);
    story_end(r);
    r = bench_struck(lossless, STRIKE_S, 600); /* bad twin */
    assert_int_equal(story_online(r), DEVICES);
    story_end(r);
}

int main(void) {
    return run_bench(test);
}
