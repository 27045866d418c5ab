/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the data sheets declare is what the reports hold, for every model. */
#include "tests/unit/model_bench.h"

static bool agrees(const dev_sheet *sheet, const net_senml_pack *pack) {
    size_t n = 0;
    for (const dev_reading *r = sheet->readings; r->name != NULL; r++, n++) {
        const char *name = n < pack->count ? pack->records[n].name : "";
        size_t base = strlen(name), own = strlen(r->name);
        if (base < own || strcmp(name + base - own, r->name) != 0) return false;
        if (strcmp(pack->records[n].unit, r->unit) != 0) return false;
    }
    return n == pack->count;
}

static void test_every_model(void **state) {
    (void)state;
    static const dev_reading other[] = {{"nothing", "m", 3300, "sensor", ""}, {0}};
    const dev_sheet wrong = {.readings = other};
    for (size_t i = 0; i < DEV_MODELS; i++) {
        const dev_model *m = dev_models[i];
        bench *b = model_bench_online(m, 1);
        net_senml_pack pack = model_bench_report(b);
        print_message("%s\n", m->name);
        assert_true(agrees(m->sheet, &pack));
        assert_false(agrees(&wrong, &pack)); /* the bad twin */
        assert_int_equal(m->told != NULL, m->sheet->takes != NULL);
        assert_true(m->sheet->keeps != NULL || m->sheet->returns == DEV_RETURN_MEASURES);
        for (const dev_reading *r = m->sheet->readings; r->name != NULL; r++)
            assert_true(r->ipso >= 3200 && r->ipso < 3400 && r->component[0] != '\0');
        model_bench_free(b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
