/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places of reports: what stands for a device, and who is at one. */
#include <string.h>

#include "net/place.h"
#include "sim/core/error.h"
#include "tests/unit/with_cmocka.h"

static void test_places(void **state) {
    (void)state;
    static const struct {
        const char *place, *of_device; /* bs-7, a thermostat */
    } cases[] = {
        {"t", "t"},
        {"devices/${device}/telemetry", "devices/bs-7/telemetry"},
        {"${model}/dev-${device}", "thermostat/dev-bs-7"},
        {"v1/t?id=${device}&k=${model}x", "v1/t?id=bs-7&k=thermostatx"},
        {"t?token=a/b//c", NULL}, /* wrong for its "//" */
    };
    char text[NET_PLACE_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (cases[i].of_device == NULL) {
            assert_non_null(net_place_wrong(cases[i].place));
            continue;
        }
        assert_null(net_place_wrong(cases[i].place));
        assert_int_equal(net_place_of(cases[i].place, "bs-7", "thermostat", text), 0);
        assert_string_equal(text, cases[i].of_device);
        text[strcspn(text, "?")] = '\0';
        assert_true(net_place_has(cases[i].place, text));
    }
    assert_false(net_place_is_template("a/b"));
    assert_true(net_place_is_template("a/b?c"));
    assert_true(net_place_is_template("a/${device}"));
}

static void test_who_is_elsewhere(void **state) {
    (void)state;
    assert_false(net_place_has("t", "tt"));
    assert_false(net_place_has("t", ""));
    assert_false(net_place_has("d/${device}/t", "d//t"));
    assert_false(net_place_has("d/${device}/t", "d/a/b/t"));
    assert_false(net_place_has("d/${device}/t", "d/a"));
    assert_false(net_place_has("d/x-${device}", "d/x-"));
    assert_true(net_place_has("d/x-${device}", "d/x-x-1"));
    assert_true(net_place_has("d/${device}?q", "d/1"));
}

static void test_what_is_wrong(void **state) {
    (void)state;
    static const char *const wrong[] = {"",          "/t",         "t/",         "a//b", "?a=b",
                                        "${home}/t", "${device}x", "a/${device", "$${x}"};
    char text[NET_PLACE_MAX], is_long[NET_PLACE_TEMPLATE_MAX + 1], device[NET_PLACE_MAX + 1];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_non_null(net_place_wrong(wrong[i]));
    memset(is_long, 'a', sizeof is_long);
    is_long[sizeof is_long - 1] = '\0';
    assert_non_null(net_place_wrong(is_long));
    is_long[sizeof is_long - 2] = '\0';
    assert_null(net_place_wrong(is_long));
    memset(device, 'd', sizeof device);
    device[NET_PLACE_MAX] = '\0';
    assert_int_equal(net_place_of("${device}", device, "m", text), SIM_ERANGE);
    device[NET_PLACE_MAX - 1] = '\0';
    assert_int_equal(net_place_of("${device}", device, "m", text), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_who_is_elsewhere),
        cmocka_unit_test(test_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
