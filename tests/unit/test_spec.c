/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "net/protocol.h"
#include "net/security.h"
#include "sim/fleet/spec.h"
#include "tests/support/small_fleet.h"
#include "tests/unit/with_cmocka.h"

static void spoil(fleet_spec *s, int which) {
    fleet_zone *z = &s->zones[0];
    dev_profile *p = &z->groups[0].profile;
    switch (which) {
        case 0:
            s->cloud.connections_per_s = 0;
            break;
        case 1:
            s->zone_count = 0;
            break;
        case 2:
            z->homes = 0;
            break;
        case 3:
            z->homes_per_street = 0;
            break;
        case 4:
            z->group_count = 0;
            break;
        case 5:
            z->router_boot_minimum = z->router_boot_maximum + 1;
            break;
        case 6:
            z->router_boot_minimum = -1;
            break;
        case 7:
            z->start_over = -1;
            break;
        case 8:
            z->groups[0].per_home = 0;
            break;
        case 9:
            z->groups[0].per_home = 1001;
            break;
        case 10:
            z->homes_per_street = 65536 / 4 + 1;
            break;
        case 11:
            z->homes = 1000001;
            break;
        case 12:
            z->uplink.loss = 1.5;
            break;
        case 13:
            z->backhaul.jitter = -1;
            break;
        case 14:
            p->model = NULL;
            break;
        case 15:
            p->boot_minimum = p->boot_maximum + 1;
            break;
        case 16:
            p->connect_limit = 0;
            break;
        case 17:
            p->report_every = 0;
            break;
        case 18:
            p->link.report_topic = "";
            break;
        case 19:
            p->link.report_topic = NULL;
            break;
        case 20:
            p->link.protocol = NULL;
            break;
        case 21:
            p->law.factor = 0.5;
            break;
        case 22:
            z->uplink.latency = 0;
            break;
        case 23:
            z->backhaul.latency = 0;
            break;
        case 24:
            z->uplink.bits_per_s = 0;
            break; /* but a queue */
        case 25:
            z->homes = UINT32_MAX;
            z->homes_per_street = 1;
            break;
        default:
            fail();
    }
}
enum { SPOILS = 26 };

static void test_each_mistake_is_named(void **state) {
    (void)state;
    fleet_spec spec;
    char why[256];
    small_fleet_spec(&spec, 10, 5, 10, true);
    assert_null(fleet_spec_wrong(&spec, false, why, sizeof why));
    for (int i = 0; i < SPOILS; i++) {
        fleet_spec twin = spec;
        spoil(&twin, i);
        why[0] = '\0';
        const char *wrong = fleet_spec_wrong(&twin, false, why, sizeof why);
        if (wrong == NULL) print_error("mistake %d was not seen\n", i);
        assert_ptr_equal(wrong, why);
        assert_true(strlen(why) > 10);
    }
}

/* Kinds that differ by their dialect alone: as many as there are numbers for doors. */
static void test_ways_into_the_cloud(void **state) {
    (void)state;
    static char names[FLEET_WAYS_MAX + 1][8];
    fleet_spec spec;
    char why[256];
    small_fleet_spec(&spec, 10, 5, 10, true);
    fleet_zone *z = &spec.zones[0];
    z->groups[0].per_home = 1;
    for (uint32_t g = 0; g <= FLEET_WAYS_MAX; g++) {
        z->groups[g] = z->groups[0];
        (void)snprintf(names[g], sizeof names[g], "d%u", g);
        z->groups[g].dialect = names[g];
    }
    z->group_count = FLEET_WAYS_MAX;
    assert_null(fleet_spec_wrong(&spec, false, why, sizeof why));
    z->group_count++;
    assert_non_null(fleet_spec_wrong(&spec, false, why, sizeof why));
    assert_non_null(strstr(why, "14 ways"));
    z->groups[FLEET_WAYS_MAX].dialect = names[0];
    assert_null(fleet_spec_wrong(&spec, false, why, sizeof why));
}

/* A protocol that nobody has a door for, plain or secured, in either world. */
static void test_a_protocol_without_a_door(void **state) {
    (void)state;
    static const net_security *const securities[] = {&net_security_dtls, NULL};
    const net_protocol strange = {.name = "strange", .securities = securities};
    fleet_spec spec;
    char why[256];
    for (int i = 0; i < 4; i++) {
        small_fleet_spec(&spec, 10, 5, 10, true);
        net_protocol_settings *link = &spec.zones[0].groups[0].profile.link;
        link->protocol = &strange;
        link->security = i < 2 ? NULL : securities[0];
        assert_non_null(fleet_spec_wrong(&spec, i % 2 == 0, why, sizeof why));
        assert_non_null(strstr(why, "no door"));
        link->protocol = &net_protocol_coap;
        assert_null(fleet_spec_wrong(&spec, i % 2 == 0, why, sizeof why));
    }
}

static void test_the_real_world_needs_no_latency(void **state) {
    (void)state;
    fleet_spec spec;
    char why[256];
    small_fleet_spec(&spec, 10, 5, 10, true);
    spec.zones[0].uplink = spec.zones[0].backhaul = (net_hop_settings){0};
    assert_null(fleet_spec_wrong(&spec, true, why, sizeof why));
    assert_non_null(fleet_spec_wrong(&spec, false, why, sizeof why));
}

static void test_counts(void **state) {
    (void)state;
    fleet_spec spec;
    char why[256];
    small_fleet_spec(&spec, 10, 3, 10, true);
    assert_int_equal(fleet_spec_homes(&spec), 10);
    assert_int_equal(fleet_spec_devices(&spec), 40);
    spec.zone_count = 2;
    spec.zones[1] = spec.zones[0];
    spec.zones[1].homes = 7;
    spec.zones[1].group_count = 2;
    spec.zones[1].groups[1] = spec.zones[1].groups[0];
    spec.zones[1].groups[1].per_home = 3;
    assert_int_equal(fleet_spec_homes(&spec), 17);
    assert_int_equal(fleet_spec_devices(&spec), 40 + 7 * 7);
    assert_null(fleet_spec_wrong(&spec, false, why, sizeof why));
    spec.zones[1].groups[1].profile.link.protocol = NULL; /* in the last corner */
    (void)snprintf(spec.zones[1].name, sizeof spec.zones[1].name, "corner");
    assert_non_null(fleet_spec_wrong(&spec, false, why, sizeof why));
    assert_memory_equal(why, "corner: ", 8);
}

static bool is_one_of_three(const fleet_group *group, const void *three) {
    return group->per_home == *(const uint32_t *)three;
}

/* Every kind of every zone is asked; of those that fit it is the first. */
static void test_any(void **state) {
    (void)state;
    fleet_spec spec;
    const uint32_t three = 3;
    small_fleet_spec(&spec, 10, 3, 10, true);
    spec.zone_count = 2;
    spec.zones[1] = spec.zones[0];
    spec.zones[1].group_count = 3;
    spec.zones[1].groups[1] = spec.zones[1].groups[2] = spec.zones[1].groups[0];
    assert_null(fleet_spec_any(&spec, is_one_of_three, &three));
    spec.zones[1].groups[2].per_home = 3;
    assert_ptr_equal(fleet_spec_any(&spec, is_one_of_three, &three), &spec.zones[1].groups[2]);
    spec.zones[0].groups[0].per_home = 3;
    assert_ptr_equal(fleet_spec_any(&spec, is_one_of_three, &three), &spec.zones[0].groups[0]);
    spec.zones[0].groups[0].per_home = 1;
    spec.zones[1].group_count = 2; /* the third is none of its own any more */
    assert_null(fleet_spec_any(&spec, is_one_of_three, &three));
}

static void test_the_largest(void **state) {
    (void)state;
    fleet_spec spec;
    char why[256];
    small_fleet_spec(&spec, 1000000, 250, 10, true);
    assert_int_equal(fleet_spec_devices(&spec), FLEET_DEVICES_MAX);
    assert_null(fleet_spec_wrong(&spec, false, why, sizeof why));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_mistake_is_named),
        cmocka_unit_test(test_ways_into_the_cloud),
        cmocka_unit_test(test_the_real_world_needs_no_latency),
        cmocka_unit_test(test_a_protocol_without_a_door),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_any),
        cmocka_unit_test(test_the_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
