/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cloud that begins anew has lost all sessions, and strikes who had one. */
#include "tests/unit/fault_bench.h"

static int restart(run *r, void *context) {
    (void)context;
    return strike_restart_cloud(r, 5 * SIM_SECOND, true, "broker restart");
}

static void test(void **state) {
    (void)state;
    run *r = bench_struck(restart, STRIKE_S, STRIKE_S + 4);
    assert_int_equal(story_online(r), 0);
    assert_int_equal(r->triggers[1].struck, DEVICES);
    story_end(r);
    r = bench_struck(restart, STRIKE_S, 600);
    assert_int_equal(story_online(r), DEVICES);
    story_end(r);
    r = bench_struck(restart, 0, 600); /* bad twin: nobody is there yet */
    assert_int_equal(r->triggers[1].struck, 0);
    assert_int_equal(story_online(r), DEVICES);
    story_end(r);
}

int main(void) {
    return run_bench(test);
}
