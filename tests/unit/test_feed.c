/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "sim/fleet/feed.h"
#include "tests/unit/with_cmocka.h"

static uint32_t add(fleet_feeds *f, const char *name, const char *under) {
    uint32_t number = 0;
    assert_null(fleet_feed_add(f, name, under, &number));
    return number;
}

static void test_a_tree(void **state) {
    (void)state;
    fleet_feeds f = {.count = 0};
    uint32_t plant = add(&f, "plant", NULL), north = add(&f, "north", "plant");
    uint32_t lane = add(&f, "lane", "north"), south = add(&f, "south", NULL);
    assert_true(fleet_feed_hangs(&f, lane, lane));
    assert_true(fleet_feed_hangs(&f, lane, north));
    assert_true(fleet_feed_hangs(&f, lane, plant));
    assert_true(fleet_feed_hangs(&f, lane, FLEET_FEED_NONE));
    /* its bad twins: power does not go upwards, nor across */
    assert_false(fleet_feed_hangs(&f, plant, lane));
    assert_false(fleet_feed_hangs(&f, lane, south));
    assert_false(fleet_feed_hangs(&f, FLEET_FEED_NONE, plant));
    assert_int_equal(fleet_feed_named(&f, "lane"), lane);
    assert_int_equal(fleet_feed_named(&f, "nowhere"), FLEET_FEED_NONE);
}

static void refuse(fleet_feeds *f, const char *name, const char *under, const char *wrong) {
    uint32_t before = f->count, number;
    const char *why = fleet_feed_add(f, name, under, &number);
    assert_non_null(why);
    assert_non_null(strstr(why, wrong));
    assert_int_equal(f->count, before);
}

static void test_what_cannot_be(void **state) {
    (void)state;
    char name[FLEET_FEED_NAME];
    fleet_feeds f = {.count = 0};
    refuse(&f, "a", "b", "loop"); /* and then b under a */
    refuse(&f, "a", "a", "feed itself");
    refuse(&f, "", NULL, "1 to 31");
    refuse(&f, "a name of thirty-two letters, all", NULL, "1 to 31");
    (void)add(&f, "a", NULL);
    refuse(&f, "a", NULL, "another");
    for (uint32_t i = 1; i < FLEET_FEEDS_MAX; i++) {
        (void)snprintf(name, sizeof name, "z%u", i);
        (void)add(&f, name, "a");
    }
    refuse(&f, "one more", NULL, "64");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_tree),
                                       cmocka_unit_test(test_what_cannot_be)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
