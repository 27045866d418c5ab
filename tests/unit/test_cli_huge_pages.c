/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/huge_pages.h"
#include "tests/unit/with_cmocka.h"

static void test_kernels_offer_them_or_not(void **state) {
    (void)state;
    assert_true(cli_huge_pages_offered("always [madvise] never\n"));
    assert_false(cli_huge_pages_offered("[always] madvise never\n")); /* everybody has them */
    assert_false(cli_huge_pages_offered("always madvise [never]\n"));
    assert_false(cli_huge_pages_offered(""));
}

/* A test that began anew would never end. */
static void test_small_fleets_stay_as_they_are(void **state) {
    (void)state;
    cli_huge_pages(CLI_HUGE_DEVICES - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels_offer_them_or_not),
        cmocka_unit_test(test_small_fleets_stay_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
