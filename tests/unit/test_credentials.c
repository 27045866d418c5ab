/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "sim/fleet/credentials.h"
#include "tests/unit/every_allocation.h"

enum { DEVICES = 4000000 };

static fleet_credential credential(const char *identity, const char *key) {
    fleet_credential c = {.key_size = strlen(key)};
    (void)snprintf(c.identity, sizeof c.identity, "%s", identity);
    memcpy(c.key, key, c.key_size);
    return c;
}

static void test_derived(void **state) {
    (void)state;
    static const uint32_t numbers[] = {0, 1, 42, 99999, DEVICES - 1};
    fleet_credentials c, other;
    char identity[NET_SECURE_IDENTITY_MAX];
    uint8_t key[NET_SECURE_KEY_MAX], again[NET_SECURE_KEY_MAX];
    assert_int_equal(fleet_credentials_init(&c, 1, NULL, 0), 0);
    assert_int_equal(fleet_credentials_init(&other, 2, NULL, 0), 0);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        uint32_t device = UINT32_MAX;
        assert_int_equal(fleet_credentials_of(&c, numbers[i], identity, key),
                         FLEET_DERIVED_KEY_SIZE);
        assert_int_equal(fleet_credentials_who(&c, identity, DEVICES, &device, again),
                         FLEET_DERIVED_KEY_SIZE);
        assert_int_equal(device, numbers[i]);
        assert_memory_equal(key, again, FLEET_DERIVED_KEY_SIZE);
        assert_int_equal(fleet_credentials_who(&other, identity, DEVICES, &device, again),
                         FLEET_DERIVED_KEY_SIZE);
        assert_memory_not_equal(key, again, FLEET_DERIVED_KEY_SIZE); /* another seed, another key */
    }
    assert_int_equal(fleet_credentials_of(&c, 42, identity, key), FLEET_DERIVED_KEY_SIZE);
    assert_string_equal(identity, "bs-00000042");
    (void)fleet_credentials_of(&c, 0, identity, key);
    assert_string_equal(identity, "bs-00000000");
    (void)fleet_credentials_of(&c, 100000000, identity, key);
    assert_string_equal(identity, "bs-100000000");
    (void)fleet_credentials_of(&c, UINT32_MAX, identity, key);
    assert_string_equal(identity, "bs-4294967295");
    fleet_credentials_deinit(&c);
    fleet_credentials_deinit(&other);
}

static void test_names_of_nobody(void **state) {
    (void)state;
    static const char *const names[] = {"",
                                        "bs-",
                                        "bs-42",
                                        "bs-0000042",
                                        "bs-000000042",
                                        "bs-0000004x",
                                        "bs-00000100" /* = devices */,
                                        "BS-00000042",
                                        "xbs-00000042",
                                        "bs-00000042 ",
                                        "bs--0000042",
                                        "bs-+0000042",
                                        "bs-99999999999999999999999",
                                        "bs-18446744073709551616",
                                        "bs-4294967338",
                                        "bs- 0000042"};
    fleet_credentials c;
    uint8_t key[NET_SECURE_KEY_MAX];
    uint32_t device = 1234;
    assert_int_equal(fleet_credentials_init(&c, 1, NULL, 0), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(fleet_credentials_who(&c, names[i], 100, &device, key), 0);
        assert_int_equal(device, 1234);
    }
    assert_int_equal(fleet_credentials_who(&c, "bs-00000099", 100, &device, key),
                     FLEET_DERIVED_KEY_SIZE);
    fleet_credentials_deinit(&c);
}

static void test_list(void **state) {
    (void)state;
    const fleet_credential list[] = {credential("a", "k"),
                                     credential("b", "longer key of the second"),
                                     credential("bs-00000001", "not derived")};
    fleet_credentials c;
    char identity[NET_SECURE_IDENTITY_MAX];
    uint8_t key[NET_SECURE_KEY_MAX];
    uint32_t device = 9;
    assert_int_equal(fleet_credentials_init(&c, 1, list, 3), 0);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(fleet_credentials_of(&c, i, identity, key), list[i].key_size);
        assert_string_equal(identity, list[i].identity);
        assert_memory_equal(key, list[i].key, list[i].key_size);
        assert_int_equal(fleet_credentials_who(&c, identity, 3, &device, key), list[i].key_size);
        assert_int_equal(device, i);
        assert_memory_equal(key, list[i].key, list[i].key_size);
    }
    assert_int_equal(fleet_credentials_who(&c, "c", 3, &device, key), 0);
    /* not with a list */
    assert_int_equal(fleet_credentials_who(&c, "bs-00000000", 3, &device, key), 0);
    c.derived_too = true;
    assert_int_equal(fleet_credentials_who(&c, "bs-00000000", 3, &device, key),
                     FLEET_DERIVED_KEY_SIZE);
    assert_int_equal(device, 3); /* nobody of the list */
    assert_int_equal(fleet_credentials_who(&c, "bs-00000001", 3, &device, key),
                     strlen("not derived"));
    assert_int_equal(device, 2); /* the list comes first */
    fleet_credentials_deinit(&c);
}

static void test_one_for_all(void **state) {
    (void)state;
    const fleet_credential one = credential("fleet", "secret");
    fleet_credentials c;
    char identity[NET_SECURE_IDENTITY_MAX];
    uint8_t key[NET_SECURE_KEY_MAX];
    assert_int_equal(fleet_credentials_init(&c, 1, &one, 1), 0);
    for (uint32_t i = 0; i < 1000; i += 99) {
        assert_int_equal(fleet_credentials_of(&c, i, identity, key), 6);
        assert_string_equal(identity, "fleet");
    }
    fleet_credentials_deinit(&c);
}

static void test_an_identity_twice(void **state) {
    (void)state;
    const fleet_credential list[] = {credential("a", "1"), credential("b", "2"),
                                     credential("a", "3")};
    fleet_credentials c;
    assert_int_equal(fleet_credentials_init(&c, 1, list, 2), 0);
    fleet_credentials_deinit(&c);
    assert_int_equal(fleet_credentials_init(&c, 1, list, 3), SIM_ERANGE);
    fleet_credentials_deinit(&c); /* of what failed: nothing */
}

static int hundred(void *context) {
    fleet_credentials c;
    int error = fleet_credentials_init(&c, 1, context, 100);
    fleet_credentials_deinit(&c);
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    static fleet_credential list[100];
    for (int i = 0; i < 100; i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "device %d", i);
        list[i] = credential(name, "key");
    }
    assert_true(fail_every_allocation(hundred, list) > 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_derived),
        cmocka_unit_test(test_names_of_nobody),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_one_for_all),
        cmocka_unit_test(test_an_identity_twice),
        cmocka_unit_test(test_every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
