/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many devices a log shows online, second by second. */
#include "sim/read/online.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/judge_logs.h"

enum { SECONDS_MAX = 16 };

typedef struct row {
    const char *what, *log;
    read_outage outage; /* given; to 0: none */
    const char *online; /* a digit a second */
} row;

#define CUT(began, ended) \
    { .from = (began)*SIM_SECOND, .to = (ended)*SIM_SECOND, .how = READ_FOUND_GIVEN }
#define UNSEEN(ended) \
    { .from = SIM_NEVER, .to = (ended)*SIM_SECOND, .how = READ_FOUND_SILENCE }

/* Times begin with the first line; what a log does not show is in the first word. */
static const row rows[] = {
    {"an end that is seen",
     "t,d,e\n100,a,connected\n101,b,connected\n103,a,disconnected\n105,b,disconnected\n",
     {0},
     "122110"},
    {"an end that is not: until the next attempt",
     "t,d,e\n100,a,connected\n101,b,connected\n104,a,connected\n106,b,disconnected\n",
     {0},
     "1222221"},
    {"the outage took both, and one is back",
     "t,d,e\n100,a,connected\n101,b,connected\n108,a,connected\n109,b,connect_failed\n", CUT(4, 7),
     "1222000011"},
    {"nobody saw when it began",
     "t,d,e\n100,a,connected\n101,b,connected\n108,a,connected\n109,b,connect_failed\n", UNSEEN(7),
     "1222222011"},
    {"who stayed is online all the time",
     "t,d,e\n100,a,connected\n101,b,connected\n108,a,connected\n109,c,connected\n", CUT(4, 7),
     "1222111123"},
    {"a session that began in the outage was not lost when it began",
     "t,d,e\n100,a,connected\n105,a,connected\n108,a,connected\n", CUT(3, 7), "111001111"},
    {"a failure does not come online, and nobody twice",
     "t,d,e\n100,a,connect_failed\n101,a,connected\n102,a,connected\n103,a,connected\n",
     {0},
     "0111"},
    {"the broker closes the session before in the second of the next",
     "t,d,e\n100,a,connected\n103,a,disconnected\n103,a,connected\n104,b,connected\n",
     {0},
     "11112"},
    {"the answer comes later, an end before it is of the session before",
     "t,d,o,l\n100,a,online,0.5\n103,a,online,2.5\n106,b,online,0.1\n",
     {0},
     "1110012"},
};

static void read_row_of(const row *r, read_log *log) {
    char why[READ_WHY_MAX];
    bool events = strncmp(r->log, "t,d,e", 5) == 0;
    const read_options o = {.columns = {.time = "t",
                                        .device = "d",
                                        .event = events ? "e" : NULL,
                                        .outcome = events ? NULL : "o",
                                        .latency = events ? NULL : "l"}};
    *log = (read_log){0};
    if (read_text(r->log, &o, log, why) != 0) fail_msg("%s: %s", r->what, why);
    assert_int_equal(read_log_finish(log, &o), 0);
}

static void test_each_second(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const row *r = &rows[i];
        uint64_t online[SECONDS_MAX];
        char text[SECONDS_MAX + 1] = "";
        read_outage outage = r->outage;
        size_t count = outage.to != 0, seconds;
        read_log log;
        read_row_of(r, &log);
        seconds = read_online_seconds(&log);
        assert_true(seconds <= SECONDS_MAX);
        if (count > 0) assert_int_equal(read_outages_assign(&log, &outage, count), 0);
        assert_int_equal(read_online(&log, &outage, count, online), 0);
        for (size_t k = 0; k < seconds; k++) text[k] = (char)('0' + online[k]);
        if (strcmp(text, r->online) != 0) fail_msg("%s: %s, wanted %s", r->what, text, r->online);
        read_log_deinit(&log);
    }
}

static int ask(void *context) {
    uint64_t online[SECONDS_MAX];
    return read_online(context, NULL, 0, online);
}

static void test_memory(void **state) {
    (void)state;
    read_log log;
    read_row_of(&rows[0], &log);
    assert_int_equal(fail_every_allocation(ask, &log), 1);
    read_log_deinit(&log);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_second),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
