/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outages, pauses, the law that made them, and the verdict over one device: logs are made from
 * declared laws here. */
#include <math.h>
#include <stdio.h>

#include "devices/law.h"
#include "sim/judge/classify.h"
#include "sim/read/estimate.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/judge_logs.h"

static const read_options plain = {.format = READ_FORMAT_ANY};

/* --- logs from laws --- */

/* Times in tenths of a second. */
#define LAW(law, first, most)                                                                  \
    {                                                                                          \
        .kind = DEV_LAW_##law, .base = (first)*SIM_SECOND / 10, .cap = (most)*SIM_SECOND / 10, \
        .factor = 2                                                                            \
    }

/* One device, `outages` of them with `retries` failed attempts each, then online for a minute.
 * Attempts fail after `timeout`; `noise` s of a uniform error. */
typedef struct play {
    dev_law law;
    int outages, retries;
    sim_time timeout;
    double noise;
    bool loss_counts; /* the pause before the first attempt is the law's first, too */
} play;

static void add(read_log *log, sim_time at, record_outcome outcome, sim_time latency) {
    uint32_t index, device;
    const record_attempt a = {.at = at, .latency = latency, .outcome = (uint8_t)outcome};
    size_t where;
    assert_int_equal(read_names_number(&log->devices, "thing", 5, &device), 0);
    assert_int_equal(read_names_number(&log->homes, "home", 4, &index), 0);
    assert_int_equal(record_attempts_add(&log->attempts, &a, &where), 0);
    log->outcomes += outcome != RECORD_OUTCOME_NONE;
    log->latest_ns = at + (latency == SIM_NEVER ? 0 : latency);
}

static void perform(const play *p, uint64_t seed, read_log *log) {
    sim_time now = SIM_HOUR;
    sim_stream noise = sim_stream_for(seed, SIM_PURPOSE_SCRIPT, 1);
    static read_end ends[200];
    *log = (read_log){.resolution = SIM_MICROSECOND};
    log->ends = ends; /* taken away again by end_play */
    add(log, now, RECORD_OUTCOME_ONLINE, SIM_MILLISECOND);
    for (int i = 0; i < p->outages; i++) {
        sim_stream stream = sim_stream_for(seed, SIM_PURPOSE_LAW, (uint64_t)i);
        dev_law_state state;
        dev_law_begin(&state);
        now += SIM_MINUTE;
        ends[log->end_count++] = (read_end){.at = now, .was_online = true};
        if (p->loss_counts) dev_law_next(&p->law, &state, &stream);
        for (int k = 0; k <= p->retries; k++) {
            now += dev_law_next(&p->law, &state, &stream) +
                   (sim_time)(p->noise * 1e9 * sim_stream_unit(&noise));
            if (k == p->retries)
                add(log, now, RECORD_OUTCOME_ONLINE, SIM_MILLISECOND);
            else
                add(log, now, RECORD_OUTCOME_REFUSED, p->timeout);
            if (k < p->retries) now += p->timeout;
        }
    }
    assert_int_equal(read_log_finish(log, &plain), 0);
}

static void end_play(read_log *log) {
    log->ends = NULL;
    read_log_deinit(log);
}

/* --- outages --- */

static void test_outages_found(void **state) {
    (void)state;
    const play p = {LAW(FIXED, 100, 100), 3, 5, SIM_SECOND, 0, false};
    read_log log;
    read_outage outages[READ_OUTAGES_MAX];
    size_t count;
    perform(&p, 1, &log);
    assert_int_equal(read_outages_find(&log, outages, READ_OUTAGES_MAX, &count), 0);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(outages[i].how, READ_FOUND_LOSSES);
        assert_int_equal(outages[i].devices, 1);
        assert_true(outages[i].to > outages[i].from);
    }
    assert_int_equal(read_outages_assign(&log, outages, count), 0);
    assert_int_equal(log.attempts.items[0].trigger, 0);
    assert_int_equal(log.attempts.items[1].trigger, 1);
    assert_int_equal(log.attempts.items[1].number, 1);
    assert_int_equal(log.attempts.items[6].number, 6);
    assert_int_equal(log.attempts.items[7].trigger, 2);
    end_play(&log);
}

/* --- losses in a fleet --- */

enum { FLEET_MAX = 200 };

/* A fleet of `named` devices of which `online` came online, a second each; an hour later `lost` of
 * them are lost, evenly over `spread`; then one comes back. Adds the outages found. */
typedef struct losses {
    uint32_t named, online, lost;
    sim_time spread;
    size_t found;
} losses;

static void add_named(read_log *log, sim_time at, uint32_t number, record_outcome outcome) {
    char name[16];
    uint32_t home;
    size_t where;
    record_attempt a = {.at = at, .outcome = (uint8_t)outcome};
    int n = snprintf(name, sizeof name, "d%u", number);
    assert_int_equal(read_names_number(&log->devices, name, (size_t)n, &a.device), 0);
    assert_int_equal(read_names_number(&log->homes, "home", 4, &home), 0);
    assert_int_equal(record_attempts_add(&log->attempts, &a, &where), 0);
    log->outcomes++;
    log->latest_ns = at;
}

static size_t outages_of(const losses *l, read_outage *outages) {
    static read_end ends[FLEET_MAX];
    read_log log = {.resolution = 1, .ends = ends};
    const sim_time dark = 2 * SIM_HOUR;
    size_t count;
    for (uint32_t i = 0; i < l->named; i++)
        add_named(&log, SIM_HOUR + i * SIM_SECOND, i,
                  i < l->online ? RECORD_OUTCOME_ONLINE : RECORD_OUTCOME_REFUSED);
    for (uint32_t i = 0; i < l->lost; i++)
        ends[log.end_count++] =
            (read_end){.at = dark + (l->lost > 1 ? l->spread * i / (l->lost - 1) : 0),
                       .device = i,
                       .was_online = true};
    add_named(&log, dark + SIM_MINUTE, 0, RECORD_OUTCOME_ONLINE);
    assert_int_equal(read_log_finish(&log, &plain), 0);
    assert_int_equal(read_outages_find(&log, outages, READ_OUTAGES_MAX, &count), 0);
    end_play(&log);
    /* where no losses are found, the silence before the one that comes back is looked at: one of
     * many is none */
    return count;
}

/* Together within five seconds, half of who was online (or a tenth that is a fleet for itself), and
 * a tenth of the fleet online at all. */
static void test_losses_in_a_fleet(void **state) {
    (void)state;
    static const losses rows[] = {
        {100, 100, 100, 0, 1},
        {100, 100, 50, SIM_SECOND, 1}, /* half */
        {100, 100, 49, SIM_SECOND, 0},
        {99, 99, 49, SIM_SECOND, 0}, /* less than half */
        {99, 99, 50, SIM_SECOND, 1},
        {200, 200, 50, SIM_SECOND, 1}, /* a quarter, and a fleet for themselves */
        {200, 200, 49, SIM_SECOND, 0},
        {100, 100, 50, 5 * SIM_SECOND, 1},     /* together: the last one five seconds later */
        {100, 100, 50, 5 * SIM_SECOND + 1, 0}, /* the 50th begins a run of its own */
        {100, 10, 10, 0, 1},                   /* a tenth of the fleet was online */
        {100, 9, 9, 0, 0},
        {20, 2, 2, 0, 1}, /* two at least */
        {20, 1, 1, 0, 0},
        {30, 3, 2, 0, 1}, /* three of thirty are a tenth, and two of them more than half */
        {39, 2, 2, 0, 0}, /* a tenth of 39 is three */
    };
    read_outage outages[READ_OUTAGES_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t found = outages_of(&rows[i], outages);
        if (found != rows[i].found) fail_msg("row %zu: %zu outages", i, found);
        if (found == 0) continue;
        assert_int_equal(outages[0].how, READ_FOUND_LOSSES);
        assert_int_equal(outages[0].devices, rows[i].lost); /* the others are not accused */
        assert_int_equal(outages[0].silent, rows[i].online - rows[i].lost);
        assert_true(outages[0].to - outages[0].from == SIM_MINUTE);
    }
}

/* Of a fleet of a hundred, `earlier` are lost one after another, so far `apart`, then fifty at
 * once. How long after the first loss the one outage began that is found. */
static sim_time began_after(uint32_t earlier, sim_time apart) {
    enum { FLEET = 100, BURST = 50 };
    static read_end ends[FLEET_MAX];
    read_log log = {.resolution = 1, .ends = ends};
    read_outage outages[READ_OUTAGES_MAX];
    const sim_time first = 2 * SIM_HOUR, burst = first + (sim_time)earlier * apart;
    size_t count;
    for (uint32_t i = 0; i < FLEET; i++)
        add_named(&log, SIM_HOUR + i * SIM_SECOND, i, RECORD_OUTCOME_ONLINE);
    for (uint32_t i = 0; i < earlier + BURST; i++)
        ends[log.end_count++] = (read_end){.at = i < earlier ? first + (sim_time)i * apart : burst,
                                           .device = i,
                                           .was_online = true};
    add_named(&log, burst + SIM_MINUTE, earlier, RECORD_OUTCOME_ONLINE);
    assert_int_equal(read_log_finish(&log, &plain), 0);
    assert_int_equal(read_outages_find(&log, outages, READ_OUTAGES_MAX, &count), 0);
    assert_int_equal(count, 1);
    end_play(&log);
    return outages[0].from - (first - SIM_HOUR); /* a log's time begins with its first attempt */
}

/* Losses a minute apart at most belong to the outage that follows, where they are a tenth of those
 * that were online. */
static void test_losses_one_after_another(void **state) {
    (void)state;
    assert_int_equal(began_after(10, SIM_MINUTE), 0);
    assert_int_equal(began_after(11, SIM_MINUTE), 0);
    assert_int_equal(began_after(9, SIM_MINUTE), 9 * SIM_MINUTE);
    assert_int_equal(began_after(10, SIM_MINUTE + 1), 10 * (SIM_MINUTE + 1));
    assert_int_equal(began_after(20, SIM_MINUTE), 0);
    assert_int_equal(began_after(20, SIM_MINUTE + 1), 20 * (SIM_MINUTE + 1));
}

static void find(const char *text, read_outage *outages, size_t *count, read_log *log) {
    char why[READ_WHY_MAX];
    const read_options o = {.columns = {.time = "t", .device = "d"}};
    *log = (read_log){0};
    assert_int_equal(read_text(text, &o, log, why), 0);
    assert_int_equal(read_log_finish(log, &o), 0);
    assert_int_equal(read_outages_find(log, outages, READ_OUTAGES_MAX, count), 0);
}

static void test_outages_by_silence(void **state) {
    (void)state;
    read_outage outages[READ_OUTAGES_MAX];
    read_log log;
    size_t count;
    find("t,d\n1,a\n2,b\n3,c\n100,a\n101,b\n", outages, &count, &log);
    assert_int_equal(count, 1);
    assert_int_equal(outages[0].how, READ_FOUND_SILENCE);
    assert_true(outages[0].to == 99 * SIM_SECOND);
    assert_int_equal(outages[0].devices, 2);
    read_log_deinit(&log);
    find("t,d\n1,a\n2,b\n3,c\n100,a\n", outages, &count,
         &log); /* one of three is not a fleet that comes back */
    assert_int_equal(count, 0);
    read_log_deinit(&log);
    find("t,d\n1,a\n2,b\n3,c\n60,a\n61,b\n", outages, &count, &log); /* no silence of a minute */
    assert_int_equal(count, 0);
    read_log_deinit(&log);
}

/* Ten were lost together; after a minute the first success takes four seconds, the next begins in
 * it and takes one, a third begins after the first success: the outage ends when the attempt that
 * succeeded first began. */
static void test_outage_ends_where_its_first_success_began(void **state) {
    (void)state;
    static const struct {
        sim_time late[2], latency[2]; /* after the first attempt, which is refused; s */
        sim_time ends;
    } rows[] = {
        {{2, 5}, {4, 1}, 2}, /* 2 s .. 6 s, and 5 s .. 6 s: the one that began first */
        {{2, 4}, {4, 1}, 4}, /* 2 s .. 6 s, and 4 s .. 5 s: the one that succeeded first */
        {{2, 9}, {4, 1}, 2}, /* the second began after the first success */
        {{3, 4}, {9, 20}, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_log log = {.resolution = SIM_MICROSECOND};
        read_end ends[1] = {{.at = SIM_HOUR + SIM_SECOND, .was_online = true}};
        read_outage outages[READ_OUTAGES_MAX];
        size_t count;
        sim_time again = SIM_HOUR + SIM_MINUTE;
        log.ends = ends;
        log.end_count = 1;
        add(&log, SIM_HOUR, RECORD_OUTCOME_ONLINE, SIM_MILLISECOND);
        add(&log, again, RECORD_OUTCOME_REFUSED, SIM_MILLISECOND);
        for (size_t k = 0; k < 2; k++)
            add(&log, again + rows[i].late[k] * SIM_SECOND, RECORD_OUTCOME_ONLINE,
                rows[i].latency[k] * SIM_SECOND);
        assert_int_equal(read_log_finish(&log, &plain), 0);
        assert_int_equal(read_outages_find(&log, outages, READ_OUTAGES_MAX, &count), 0);
        assert_int_equal(count, 1);
        if (outages[0].to != SIM_MINUTE + rows[i].ends * SIM_SECOND)
            fail_msg("row %zu: ends at %.3f s", i, sim_time_seconds(outages[0].to));
        end_play(&log);
    }
}

/* --- pauses --- */

static void test_pauses_count_from_failure(void **state) {
    (void)state;
    const play p = {LAW(FIXED, 100, 100), 2, 3, 7 * SIM_SECOND, 0, false};
    read_log log;
    read_pauses pauses;
    perform(&p, 1, &log);
    assert_int_equal(read_pauses_of(&log, 1, NULL, 0, &pauses), 0);
    assert_int_equal(pauses.count, 2 * (1 + 3));
    for (size_t i = 0; i < pauses.count; i++) {
        assert_int_equal(pauses.items[i].number, i % 4);
        assert_int_equal(pauses.items[i].episode, 2 + i / 4);
        assert_false(pauses.items[i].from_start);
        assert_true(pauses.items[i].length ==
                    (i % 4 == 0 ? 0 : 10 * SIM_SECOND)); /* not the 17 s from start to start */
    }
    read_pauses_deinit(&pauses);
    for (size_t i = 0; i < log.attempts.count; i++) /* the same, seen by one who sees no failures */
        if (log.attempts.items[i].outcome == RECORD_OUTCOME_REFUSED)
            log.attempts.items[i].outcome = RECORD_OUTCOME_NONE;
    assert_int_equal(read_pauses_of(&log, 1, NULL, 0, &pauses), 0);
    assert_true(pauses.items[1].from_start && pauses.items[1].length == 17 * SIM_SECOND);
    read_pauses_deinit(&pauses);
    end_play(&log);
}

/* What one device did, by outage. */
static read_tries tries_of(const char *text, const read_outage *outages, size_t count) {
    static const read_options o = {.columns = {.time = "t", .device = "d", .outcome = "o"}};
    char why[READ_WHY_MAX];
    read_log log = {0};
    read_tries tries;
    assert_int_equal(read_text(text, &o, &log, why), 0);
    assert_int_equal(read_log_finish(&log, &o), 0);
    assert_int_equal(read_tries_of(&log, 0, outages, count, false, &tries), 0);
    read_log_deinit(&log);
    return tries;
}

static void test_tries_by_outage(void **state) {
    (void)state;
    static const char text[] =
        "t,d,o\n1,a,ok\n2,b,no\n100,a,no\n110,a,no\n120,a,ok\n300,a,ok\n500,a,no\n510,a,ok\n";
    read_tries tries = tries_of(text, NULL, 0);
    assert_int_equal(tries.attempts.count, 5); /* those that the device ended at once say nothing */
    static const uint8_t triggers[] = {1, 1, 1, 2, 2};
    for (size_t i = 0; i < 5; i++) assert_int_equal(tries.attempts.items[i].trigger, triggers[i]);
    assert_true(tries.ended[0] == tries.attempts.items[0].at); /* answered, and nobody says when */
    assert_true(tries.ended[2] == SIM_NEVER && !tries.more);
    read_tries_deinit(&tries);
    /* one that is given parts what no success does */
    const read_outage given = {.from = SIM_NEVER, .to = 105 * SIM_SECOND, .how = READ_FOUND_GIVEN};
    tries = tries_of(text, &given, 1);
    assert_int_equal(tries.attempts.count, 4);
    assert_int_equal(tries.attempts.items[0].trigger, 1); /* from 110 s on */
    assert_int_equal(tries.attempts.items[2].trigger, 2);
    read_tries_deinit(&tries);
}

static const judge_measure *measure(const judge_finding *f, const char *name) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (strcmp(f->measures[i].name, name) == 0) return &f->measures[i];
    return NULL;
}

/* Accepted and closed after half a second, again and again, behind an outage. */
static void test_accept_then_close_is_one_outage(void **state) {
    (void)state;
    read_log log = {.resolution = 1};
    read_tries tries;
    read_end ends[40];
    sim_time now = SIM_HOUR;
    for (int i = 0; i < 4; i++)
        add(&log, now += SIM_SECOND, RECORD_OUTCOME_REFUSED, SIM_MILLISECOND);
    log.ends = ends;
    for (int i = 0; i < 20; i++) {
        add(&log, now += 2 * SIM_SECOND, RECORD_OUTCOME_ONLINE, SIM_MILLISECOND);
        ends[log.end_count++] = (read_end){.at = now + SIM_SECOND / 2, .was_online = true};
    }
    assert_int_equal(read_log_finish(&log, &plain), 0);
    assert_int_equal(read_tries_of(&log, 0, NULL, 0, false, &tries), 0);
    assert_int_equal(tries.attempts.count, 24);
    assert_int_equal(tries.attempts.items[4].trigger, 1);
    assert_int_equal(tries.attempts.items[5].trigger, 2);
    assert_int_equal(tries.attempts.items[23].trigger, 2);
    assert_true(tries.ended[5] == tries.attempts.items[5].at + SIM_SECOND / 2);
    const judge_device_case c = {
        .attempts = tries.attempts.items, .count = tries.attempts.count, .ended = tries.ended};
    judge_finding f;
    judge_device(&c, &judge_device_policy_default, &f);
    assert_int_equal(f.verdict, JUDGE_FAIL);
    assert_false(measure(&f, "trend, accepted and closed")->holds);
    assert_int_equal(f.defects & 1U << JUDGE_DEFECT_RESET_ON_CONNECT,
                     1U << JUDGE_DEFECT_RESET_ON_CONNECT);
    read_tries_deinit(&tries);
    end_play(&log);
}

/* The same visits, but that the device ended each itself: nothing closed, and no outage behind the
 * first; its pauses before a visit are its own, no law's. */
static void test_visits_are_no_outage(void **state) {
    (void)state;
    for (int own = 0; own < 2; own++) {
        read_log log = {.resolution = 1};
        read_tries tries;
        read_pauses pauses;
        read_outage outages[READ_OUTAGES_MAX];
        read_end ends[40];
        size_t count;
        sim_time now = SIM_HOUR;
        log.ends = ends;
        for (int i = 0; i < 20; i++) {
            add(&log, now += 2 * SIM_SECOND, RECORD_OUTCOME_ONLINE, SIM_MILLISECOND);
            ends[log.end_count++] =
                (read_end){.at = now + SIM_SECOND / 2, .was_online = true, .by_client = own == 1};
        }
        assert_int_equal(read_log_finish(&log, &plain), 0);
        assert_int_equal(read_outages_find(&log, outages, READ_OUTAGES_MAX, &count), 0);
        assert_int_equal(count > 0, own == 0);
        assert_int_equal(read_pauses_of(&log, 1, NULL, 0, &pauses), 0);
        assert_int_equal(pauses.count, own == 0 ? 19 : 0);
        read_pauses_deinit(&pauses);
        outages[0] = (read_outage){.from = SIM_NEVER, .to = 0, .how = READ_FOUND_GIVEN};
        assert_int_equal(read_outages_count(&log, outages, 1), 0);
        assert_int_equal(outages[0].visits, own == 1);
        assert_int_equal(read_tries_of(&log, 0, NULL, 0, false, &tries), 0);
        assert_int_equal(tries.attempts.count, own == 0 ? 20 : 1);
        read_tries_deinit(&tries);
        end_play(&log);
    }
}

/* More outages than triggers have numbers. */
static void test_tries_of_very_many_outages(void **state) {
    (void)state;
    read_log log = {.resolution = 1};
    read_tries tries;
    for (int i = 0; i < 1000; i++)
        add(&log, SIM_HOUR + i * SIM_MINUTE,
            i % 3 == 2 ? RECORD_OUTCOME_ONLINE : RECORD_OUTCOME_REFUSED, 0);
    assert_int_equal(read_log_finish(&log, &plain), 0);
    assert_int_equal(read_tries_of(&log, 0, NULL, 0, false, &tries), 0);
    assert_true(tries.more);
    assert_int_equal(tries.attempts.count, 255 * 3);
    assert_int_equal(tries.attempts.items[tries.attempts.count - 1].trigger, 255);
    read_tries_deinit(&tries);
    read_log_deinit(&log);
}

/* --- laws --- */

static read_estimate estimate_of(const play *p, uint64_t seed) {
    read_log log;
    read_pauses pauses;
    read_estimate e;
    perform(p, seed, &log);
    assert_int_equal(read_pauses_of(&log, 1, NULL, 0, &pauses), 0);
    assert_int_equal(read_estimate_law(&pauses, log.resolution, 0.05, &e), 0);
    read_pauses_deinit(&pauses);
    end_play(&log);
    return e;
}

/* Which law it was, over 100 seeds: how many must be told right, and the interval within 5 %. */
static void test_laws(void **state) {
    (void)state;
    static const struct {
        const char *name;
        play p;
        read_answer grows, jitter;
        double interval, factor, cap; /* NAN: random, not checked */
        int right;                    /* of 100 */
    } rows[] = {
        {"fixed 10 s, one outage",
         {LAW(FIXED, 100, 100), 1, 8, SIM_SECOND, 0.02, false},
         READ_NO,
         READ_NO,
         10,
         1,
         NAN,
         100},
        {"fixed 1 s",
         {LAW(FIXED, 10, 10), 10, 5, 0, 0.02, false},
         READ_NO,
         READ_NO,
         1,
         1,
         NAN,
         100},
        {"fixed 67 s",
         {LAW(FIXED, 670, 670), 3, 5, SIM_SECOND, 0.02, false},
         READ_NO,
         READ_NO,
         67,
         1,
         NAN,
         100},
        {"exponential 1..60 s",
         {LAW(EXPONENTIAL, 10, 600), 3, 9, SIM_SECOND, 0.02, false},
         READ_YES,
         READ_NO,
         1,
         2,
         60,
         100},
        {"exponential, one outage",
         {LAW(EXPONENTIAL, 10, 1280), 1, 7, 0, 0.01, false},
         READ_YES,
         READ_NO,
         1,
         2,
         NAN,
         100},
        {"exponential, the loss counts",
         {LAW(EXPONENTIAL, 10, 80), 3, 7, 0, 0.01, true},
         READ_YES,
         READ_NO,
         1,
         2,
         8,
         100},
        {"full jitter",
         {LAW(FULL_JITTER, 10, 600), 10, 5, 0, 0.02, false},
         READ_YES,
         READ_YES,
         NAN,
         NAN,
         NAN,
         99},
        {"equal jitter",
         {LAW(EQUAL_JITTER, 10, 600), 10, 5, 0, 0.02, false},
         READ_YES,
         READ_YES,
         NAN,
         NAN,
         NAN,
         99},
        {"decorrelated",
         {LAW(DECORRELATED_JITTER, 10, 3000), 10, 5, 0, 0.02, false},
         READ_YES,
         READ_YES,
         NAN,
         NAN,
         NAN,
         95},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int right = 0;
        for (uint64_t seed = 1; seed <= 100; seed++) {
            read_estimate e = estimate_of(&rows[i].p, seed);
            bool good = e.grows == rows[i].grows && e.jitter == rows[i].jitter &&
                        e.loss_counts == rows[i].p.loss_counts;
            good = good &&
                   (isnan(rows[i].interval) || fabs(e.interval_s / rows[i].interval - 1) < 0.05);
            good = good && (isnan(rows[i].factor) || fabs(e.factor / rows[i].factor - 1) < 0.05);
            good = good && (isnan(rows[i].cap) || fabs(e.cap_s / rows[i].cap - 1) < 0.05);
            right += good;
        }
        if (right < rows[i].right) fail_msg("%s: told right in %d of 100", rows[i].name, right);
    }
}

/* A clock of whole seconds says nothing about the jitter of pauses of two. */
static void test_coarse_clock(void **state) {
    (void)state;
    const play p = {LAW(FIXED, 20, 20), 10, 5, 0, 0.9, false};
    read_log log;
    read_pauses pauses;
    read_estimate e;
    perform(&p, 1, &log);
    assert_int_equal(read_pauses_of(&log, 1, NULL, 0, &pauses), 0);
    assert_int_equal(read_estimate_law(&pauses, SIM_SECOND, 0.05, &e), 0);
    assert_int_equal(e.jitter, READ_UNCLEAR);
    assert_int_equal(read_estimate_law(&pauses, SIM_MICROSECOND, 0.05, &e), 0);
    assert_int_equal(e.jitter, READ_YES);
    read_pauses_deinit(&pauses);
    end_play(&log);
}

static void test_too_few(void **state) {
    (void)state;
    const read_pauses none = {0};
    read_estimate e;
    char text[240];
    assert_int_equal(read_estimate_law(&none, 1, 0.05, &e), 0);
    assert_int_equal(e.pauses, 0);
    assert_string_equal(read_estimate_text(&e, text, sizeof text),
                        "no pause between two attempts was seen");
    const play p = {LAW(FIXED, 100, 100), 1, 2, 0, 0, false};
    e = estimate_of(&p, 1);
    assert_int_equal(e.grows, READ_UNCLEAR);
    assert_int_equal(e.jitter, READ_UNCLEAR);
}

/* The law of a table of pauses, in six outages; what is no pause is off by milliseconds. */
static read_estimate estimate_of_table(const sim_time *table, uint32_t n, sim_time noise) {
    enum { OUTAGES = 6 };
    read_pause items[OUTAGES * 8];
    read_pauses p = {.items = items};
    read_estimate e;
    for (uint32_t o = 1; o <= OUTAGES; o++)
        for (uint32_t k = 1; k <= n; k++)
            items[p.count++] = (read_pause){
                .length = table[k - 1] + (o * k % 5) * noise, .episode = o, .number = k};
    assert_int_equal(read_estimate_law(&p, SIM_MILLISECOND, 0.05, &e), 0);
    return e;
}

/* A pause of nothing has no size that others grow from, and what it is off by is no jitter. */
static void test_steps_of_nothing(void **state) {
    (void)state;
    static const sim_time late[] = {0, 0, SIM_SECOND, 2 * SIM_SECOND, 4 * SIM_SECOND},
                          amid[] = {5 * SIM_SECOND, 0, 5 * SIM_SECOND, 60 * SIM_SECOND},
                          between[] = {SIM_SECOND, 0, SIM_SECOND, 0, 30 * SIM_SECOND},
                          short_ones[] = {10 * SIM_MILLISECOND, 20 * SIM_MILLISECOND,
                                          40 * SIM_MILLISECOND, 80 * SIM_MILLISECOND};
    char text[240];
    read_estimate e = estimate_of_table(late, 5, SIM_MILLISECOND);
    assert_int_equal(e.at_once, 2);
    assert_int_equal(e.jitter, READ_NO);
    assert_memory_equal(read_estimate_text(&e, text, sizeof text),
                        "the first 2 at once, then growing from 1 s by a factor of 2, without", 68);
    e = estimate_of_table(late + 1, 4, SIM_MILLISECOND);
    assert_int_equal(e.at_once, 1);
    assert_memory_equal(read_estimate_text(&e, text, sizeof text),
                        "the first at once, then growing from 1 s by a factor of 2, without", 66);
    e = estimate_of_table(amid, 4, SIM_MILLISECOND);
    assert_int_equal(e.at_once, 0);
    assert_int_equal(e.jitter, READ_NO);
    /* each by itself: between others, and off by up to 32 ms */
    e = estimate_of_table(between, 5, 8 * SIM_MILLISECOND);
    assert_int_equal(e.jitter, READ_NO);
    e = estimate_of_table(short_ones, 4, SIM_MILLISECOND);
    assert_int_equal(e.at_once, 0);
}

/* --- verdicts --- */

/* `found`: in words, what sort of law it was. */
static judge_finding verdict_of(const play *p, const dev_law *law, char *found, size_t size) {
    read_log log;
    read_pauses pauses;
    read_estimate e;
    read_tries tries;
    judge_finding f;
    const judge_declared declared = {law, dev_law_draw};
    perform(p, 7, &log);
    assert_int_equal(read_pauses_of(&log, 1, NULL, 0, &pauses), 0);
    assert_int_equal(read_estimate_law(&pauses, log.resolution, 0.05, &e), 0);
    assert_int_equal(read_tries_of(&log, 0, NULL, 0, e.loss_counts, &tries), 0);
    judge_device(&(judge_device_case){.attempts = tries.attempts.items,
                                      .count = tries.attempts.count,
                                      .ended = tries.ended,
                                      .name = "thing",
                                      .law_found = read_estimate_text(&e, found, size),
                                      .declared = law != NULL ? &declared : NULL,
                                      .declared_text = "a law",
                                      .clock = log.resolution},
                 &judge_device_policy_default, &f);
    read_tries_deinit(&tries);
    read_pauses_deinit(&pauses);
    end_play(&log);
    return f;
}

/* Whether it is the declared law: nobody can say, it is, it is not. */
typedef enum agreement { UNTOLD, AGREES, DIFFERS } agreement;

static agreement agreement_of(const judge_finding *f) {
    const judge_measure *chance = measure(f, "chance of such delays"),
                        *sooner = measure(f, "sooner than declared");
    if ((chance != NULL && !chance->holds) || (sooner != NULL && !sooner->holds)) return DIFFERS;
    return chance != NULL && chance->relation != JUDGE_NONE ? AGREES : UNTOLD;
}

static bool breaks(const judge_finding *f, const char *name) {
    const judge_measure *m = measure(f, name);
    return m != NULL && !m->holds;
}

static void test_verdicts(void **state) {
    (void)state;
    static const dev_law full = LAW(FULL_JITTER, 10, 600), fixed = LAW(FIXED, 100, 100),
                         slow = LAW(FIXED, 200, 200), exponential = LAW(EXPONENTIAL, 10, 600),
                         equal = LAW(EQUAL_JITTER, 10, 600);
    static const struct {
        play p;
        const dev_law *declared;
        judge_verdict verdict;
        agreement agrees;
        const char *found;  /* in what was found */
        const char *broken; /* a measure; NULL: none, or not this row's business */
        double outages;
    } rows[] = {
        {{LAW(FULL_JITTER, 10, 600), 10, 5, 0, 0.02, false},
         NULL,
         JUDGE_PASS,
         UNTOLD,
         "with jitter",
         NULL,
         10},
        {{LAW(FULL_JITTER, 10, 600), 10, 5, 0, 0.02, false},
         &full,
         JUDGE_PASS,
         AGREES,
         "",
         NULL,
         10},
        {{LAW(FULL_JITTER, 10, 600), 10, 5, 0, 0.02, false},
         &fixed,
         JUDGE_FAIL,
         DIFFERS,
         "",
         NULL,
         10},
        {{LAW(FULL_JITTER, 10, 600), 10, 5, 0, 0.02, false},
         &equal,
         JUDGE_FAIL,
         DIFFERS,
         "",
         "sooner than declared",
         10},
        {{LAW(FULL_JITTER, 10, 600), 4, 5, 0, 0.02, false},
         NULL,
         JUDGE_INCONCLUSIVE,
         UNTOLD,
         "",
         NULL,
         4},
        {{LAW(FIXED, 100, 100), 10, 5, 0, 0.02, false},
         NULL,
         JUDGE_FAIL,
         UNTOLD,
         "fixed 10 s, without jitter (variation 0.000632)",
         "variation, upper bound",
         10},
        {{LAW(FIXED, 100, 100), 10, 5, 0, 0.02, false}, &fixed, JUDGE_FAIL, AGREES, "", NULL, 10},
        {{LAW(FIXED, 100, 100), 10, 5, 7 * SIM_SECOND, 0.02, false},
         &fixed,
         JUDGE_FAIL,
         AGREES,
         "",
         NULL,
         10},
        {{LAW(FIXED, 100, 100), 10, 5, 0, 0.02, false}, &slow, JUDGE_FAIL, DIFFERS, "", NULL, 10},
        {{LAW(FIXED, 100, 100), 10, 5, 0, 0.02, false}, &full, JUDGE_FAIL, DIFFERS, "", NULL, 10},
        {{LAW(FIXED, 5, 5), 10, 5, 0, 0, false},
         NULL,
         JUDGE_FAIL,
         UNTOLD,
         "fixed 0.5 s",
         NULL,
         10}, /* short, but so is the clock */
        {{LAW(FIXED, 100, 100), 2, 5, 0, 0.02, false},
         NULL,
         JUDGE_INCONCLUSIVE,
         UNTOLD,
         "",
         NULL,
         0},
        {{LAW(FIXED, 100, 100), 3, 0, 0, 0, false},
         NULL,
         JUDGE_INCONCLUSIVE,
         UNTOLD,
         "no pause between two attempts",
         NULL,
         0},
        {{LAW(EXPONENTIAL, 10, 600), 4, 8, 0, 0.02, false},
         &exponential,
         JUDGE_FAIL,
         AGREES,
         "",
         NULL,
         4},
        {{LAW(EXPONENTIAL, 10, 600), 4, 8, 0, 0.02, true},
         &exponential,
         JUDGE_FAIL,
         AGREES,
         "",
         NULL,
         4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char found[240];
        judge_finding f = verdict_of(&rows[i].p, rows[i].declared, found, sizeof found);
        if (f.verdict != rows[i].verdict || agreement_of(&f) != rows[i].agrees ||
            measure(&f, "outages")->value != rows[i].outages ||
            strstr(found, rows[i].found) == NULL ||
            (rows[i].broken != NULL && !breaks(&f, rows[i].broken)))
            fail_msg("row %zu: %s: %d, %g, %s: %s", i, judge_verdict_word(f.verdict),
                     (int)agreement_of(&f), measure(&f, "outages")->value, found, f.sentence);
    }
}

static int whole(void *context) {
    read_log *log = context;
    read_outage outages[8];
    read_pauses pauses = {0};
    read_tries tries = {0};
    read_estimate e;
    size_t count;
    int error = read_outages_find(log, outages, 8, &count);
    if (error == 0) error = read_outages_assign(log, outages, count);
    if (error == 0) error = read_pauses_of(log, 1, outages, count, &pauses);
    if (error == 0) error = read_estimate_law(&pauses, 1, 0.05, &e);
    if (error == 0) error = read_tries_of(log, 0, outages, count, e.loss_counts, &tries);
    read_tries_deinit(&tries);
    read_pauses_deinit(&pauses);
    return error;
}

static void test_every_allocation(void **state) {
    (void)state;
    const play p = {LAW(FIXED, 100, 100), 3, 5, 0, 0, false};
    read_log log;
    perform(&p, 1, &log);
    assert_true(fail_every_allocation(whole, &log) >= 5);
    end_play(&log);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outages_found),
        cmocka_unit_test(test_losses_in_a_fleet),
        cmocka_unit_test(test_losses_one_after_another),
        cmocka_unit_test(test_outages_by_silence),
        cmocka_unit_test(test_pauses_count_from_failure),
        cmocka_unit_test(test_tries_by_outage),
        cmocka_unit_test(test_accept_then_close_is_one_outage),
        cmocka_unit_test(test_visits_are_no_outage),
        cmocka_unit_test(test_outage_ends_where_its_first_success_began),
        cmocka_unit_test(test_tries_of_very_many_outages),
        cmocka_unit_test(test_laws),
        cmocka_unit_test(test_coarse_clock),
        cmocka_unit_test(test_too_few),
        cmocka_unit_test(test_steps_of_nothing),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_every_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
