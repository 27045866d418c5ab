/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fleets whose devices seed their generators with entropy, a serial number, the time and a
 * constant, each drawn here with its own stream. */
#include "sim/core/random.h"
#include "sim/judge/check.h"
#include "sim/judge/checks.h"
#include "tests/unit/measured.h"

enum { DEVICES = 60, ATTEMPTS = 6, BOOTS = 2, ALL = DEVICES * ATTEMPTS * BOOTS };

typedef struct row {
    const char *what;
    bool of_device, of_boot; /* the stream depends on it */
    uint32_t devices;
    judge_verdict verdict;
    bool again_holds, among_holds;
} row;

static const row rows[] = {
    {"entropy", true, true, DEVICES, JUDGE_PASS, true, true},
    {"a serial number", true, false, DEVICES, JUDGE_FAIL, false, true},
    {"the time", false, true, DEVICES, JUDGE_FAIL, true, false},
    {"a constant", false, false, DEVICES, JUDGE_FAIL, false, false},
    {"too few to tell", false, false, 19, JUDGE_INCONCLUSIVE, true, true},
};

static size_t draw(const row *r, record_attempt attempts[ALL]) {
    size_t n = 0;
    for (uint32_t boot = 0; boot < BOOTS; boot++)
        for (uint32_t d = 0; d < r->devices; d++) {
            uint64_t seed = (r->of_device ? 1000 + d : 0) + (r->of_boot ? 10 * (boot + 1) : 0);
            sim_stream stream = sim_stream_for(7, SIM_PURPOSE_LAW, seed);
            sim_time at = (1 + (sim_time)boot) * SIM_HOUR + d * SIM_SECOND;
            for (uint32_t k = 1; k <= ATTEMPTS; k++) {
                attempts[n++] = (record_attempt){
                    .at = at, .device = d, .number = k, .trigger = (uint8_t)(boot + 1)};
                at += sim_stream_between(&stream, SIM_SECOND, (1 << k) * SIM_SECOND);
            }
        }
    return n;
}

static void test_rows(void **state) {
    static record_attempt attempts[ALL];
    const judge_trigger triggers[] = {
        {.name = "start"},
        {.name = "first", .began = SIM_HOUR, .until = 2 * SIM_HOUR, .struck = 60, .anew = true},
        {.name = "second",
         .began = 2 * SIM_HOUR,
         .until = 3 * SIM_HOUR,
         .struck = 60,
         .anew = true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const row *r = &rows[i];
        judge_evidence e = {.triggers = triggers, .trigger_count = 3, .attempts = attempts};
        judge_finding f;
        e.attempt_count = draw(r, attempts);
        print_message("%s\n", r->what);
        assert_int_equal(judge_check_run(&judge_check_randomness, &e, NULL, &f), 0);
        assert_int_equal(f.verdict, r->verdict);
        if (r->verdict == JUDGE_INCONCLUSIVE) continue;
        assert_int_equal(measured(&f, "same pauses after both boots")->holds, r->again_holds);
        assert_int_equal(measured(&f, "same pauses as another device")->holds, r->among_holds);
        e.trigger_count = 2; /* one boot tells nothing */
        assert_int_equal(judge_check_run(&judge_check_randomness, &e, NULL, &f), 0);
        assert_int_equal(f.verdict, JUDGE_INCONCLUSIVE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
