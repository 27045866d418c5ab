/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "sim/cloud/capacity.h"
#include "sim/core/error.h"
#include "sim/core/random.h"
#include "tests/unit/with_cmocka.h"

static cloud_limits limits_of(double rate, uint32_t queue) {
    cloud_limits l = cloud_limits_default;
    l.connections_per_s = l.requests_per_s = rate;
    l.connection_queue = l.request_queue = queue;
    return l;
}

/* ---- by hand: D/D/1 with two places to wait, 10 services a second ---- */

typedef struct by_hand {
    int now_ms, serve_ms; /* -1: over */
    uint32_t waiting;     /* after it */
} by_hand;

static const by_hand rows[] = {
    {0, 0, 0},      /* an idle server takes it at once */
    {0, 100, 1},    /* one in service, one waits */
    {0, 200, 2},    /* two wait: full */
    {0, -1, 2},     /* over */
    {50, -1, 2},    /* still: the first is in service until 100 */
    {100, 300, 2},  /* one left at this very instant, one place is free */
    {150, -1, 2},   /**/
    {299, 400, 2},  /* 200..300 in service, 300 waits */
    {301, 500, 2},  /* 300..400 in service */
    {550, 600, 1},  /* 500..600 in service */
    {1000, 1000, 0} /* idle again */
};

static void walk_by_hand(cloud_demand demand, cloud_over over, cloud_fate expected) {
    cloud_limits l = limits_of(10, 2);
    cloud_capacity c;
    uint64_t admitted = 0, fell = 0;
    l.over = over;
    cloud_capacity_init(&c, &l);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sim_time now = rows[i].now_ms * SIM_MILLISECOND;
        cloud_decision d = cloud_capacity_decide(&c, demand, now);
        if (rows[i].serve_ms < 0) {
            assert_int_equal(d.fate, expected);
            assert_int_equal(d.serve_at, now);
            fell++;
        } else {
            assert_int_equal(d.fate, CLOUD_FATE_ADMIT);
            assert_int_equal(d.serve_at, rows[i].serve_ms * SIM_MILLISECOND);
            admitted++;
        }
        assert_int_equal(cloud_capacity_waiting(&c, demand, now), rows[i].waiting);
    }
    assert_int_equal(c.admitted[demand], admitted);
    assert_int_equal(c.over[demand], fell);
    assert_int_equal(c.admitted[1 - demand], 0); /* the other line is its own */
}

static void test_by_hand(void **state) {
    (void)state;
    walk_by_hand(CLOUD_DEMAND_CONNECTION, CLOUD_OVER_DROP, CLOUD_FATE_DROP);
    walk_by_hand(CLOUD_DEMAND_CONNECTION, CLOUD_OVER_BUSY, CLOUD_FATE_BUSY);
    walk_by_hand(CLOUD_DEMAND_REQUEST, CLOUD_OVER_DROP, CLOUD_FATE_DROP);
    walk_by_hand(CLOUD_DEMAND_REQUEST, CLOUD_OVER_BUSY, CLOUD_FATE_BUSY);
}

static void test_nothing_demands_nothing(void **state) {
    (void)state;
    cloud_limits l = limits_of(0.001, 0);
    cloud_capacity c;
    cloud_capacity_init(&c, &l);
    (void)cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, 0);
    for (int i = 0; i < 10; i++) {
        cloud_decision d = cloud_capacity_decide(&c, CLOUD_DEMAND_NOTHING, i);
        assert_int_equal(d.fate, CLOUD_FATE_ADMIT);
        assert_int_equal(d.serve_at, i);
    }
    assert_int_equal(cloud_capacity_waiting(&c, CLOUD_DEMAND_NOTHING, 0), 0);
    assert_int_equal(c.admitted[0] + c.admitted[1], 1);
}

/* ---- a slow simulation: a list of who is there and when each will be done ---- */

enum { PEOPLE_MAX = 4096 };

typedef struct slow_queue {
    sim_time done[PEOPLE_MAX];
    size_t count;
} slow_queue;

static void slow_leave(slow_queue *q, sim_time now) {
    size_t kept = 0;
    for (size_t i = 0; i < q->count; i++) {
        if (q->done[i] > now) q->done[kept++] = q->done[i];
    }
    q->count = kept;
}

/* -1: over; else when it is served. The one in service does not wait, whatever the queue holds. */
static sim_time slow_decide(slow_queue *q, sim_time now, sim_time cost, uint32_t places) {
    slow_leave(q, now);
    if (q->count > 0 && q->count - 1 >= places) return -1;
    sim_time begins = q->count == 0 ? now : q->done[q->count - 1];
    q->done[q->count++] = begins + cost;
    return begins;
}

static uint32_t slow_waiting(slow_queue *q, sim_time now) {
    slow_leave(q, now);
    return q->count == 0 ? 0 : (uint32_t)q->count - 1;
}

static const struct slow_case {
    double rate, offered; /* per second */
    uint32_t queue;
} slow_cases[] = {
    {10, 9, 5},      {10, 30, 5},   {100, 100, 0}, {333, 1000, 50},
    {500, 480, 500}, {7, 70, 1000}, {3e8, 4e8, 3},
};

static void test_against_a_slow_simulation(void **state) {
    (void)state;
    static slow_queue slow;
    for (size_t k = 0; k < sizeof slow_cases / sizeof *slow_cases; k++) {
        const struct slow_case *s = &slow_cases[k];
        cloud_limits l = limits_of(s->rate, s->queue);
        sim_stream stream = sim_stream_for(k + 1, SIM_PURPOSE_SCRIPT, 0);
        sim_time cost = sim_time_from_seconds(1 / s->rate), now = 0;
        cloud_capacity c;
        slow.count = 0;
        cloud_capacity_init(&c, &l);
        for (int i = 0; i < 5000; i++) {
            now += (sim_time)(sim_stream_unit(&stream) * 2e9 / s->offered);
            if (i % 1000 == 999) now += SIM_HOUR; /* all go home */
            sim_time expected = slow_decide(&slow, now, cost, s->queue);
            cloud_decision d = cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, now);
            assert_int_equal(d.fate == CLOUD_FATE_ADMIT, expected >= 0);
            if (expected >= 0) assert_int_equal(d.serve_at, expected);
            assert_int_equal(cloud_capacity_waiting(&c, CLOUD_DEMAND_CONNECTION, now),
                             slow_waiting(&slow, now));
        }
        assert_true(c.admitted[CLOUD_DEMAND_CONNECTION] > 0);
    }
}

/* New limits while people wait: they keep their times, and are counted one by one all the same. */
static void change_against_slow(double before, double after, uint32_t queue_after) {
    static slow_queue slow;
    cloud_limits l = limits_of(before, 100), m = limits_of(after, queue_after);
    sim_stream stream = sim_stream_for(9, SIM_PURPOSE_SCRIPT, 0);
    sim_time now = 0;
    cloud_capacity c;
    slow.count = 0;
    cloud_capacity_init(&c, &l);
    for (int i = 0; i < 60; i++) {
        assert_true(slow_decide(&slow, 0, sim_time_from_seconds(1 / before), 100) >= 0);
        assert_int_equal(cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, 0).fate,
                         CLOUD_FATE_ADMIT);
    }
    now = sim_time_from_seconds(20.5 / before);
    cloud_capacity_change(&c, &m, now);
    for (int i = 0; i < 400; i++) {
        assert_int_equal(cloud_capacity_waiting(&c, CLOUD_DEMAND_CONNECTION, now),
                         slow_waiting(&slow, now));
        sim_time expected = slow_decide(&slow, now, sim_time_from_seconds(1 / after), queue_after);
        cloud_decision d = cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, now);
        assert_int_equal(d.fate == CLOUD_FATE_ADMIT, expected >= 0);
        if (expected >= 0) assert_int_equal(d.serve_at, expected);
        now += (sim_time)(sim_stream_unit(&stream) * 1.5e9 / (i % 2 == 0 ? before : after));
    }
}

static void test_changing_limits(void **state) {
    (void)state;
    /* much faster: the 39 who wait are still 39, and not 39,000 */
    change_against_slow(1, 1000, 50);
    change_against_slow(1000, 1, 50);   /* much slower: they are still 39, and not none */
    change_against_slow(100, 100, 100); /* the same */
    /* fewer places than wait: all is over until they are gone */
    change_against_slow(10, 20, 5);
}

static void test_changing_twice(void **state) {
    (void)state;
    cloud_limits l = limits_of(10, 100), m = limits_of(100, 100), n = limits_of(1000, 100);
    cloud_capacity c;
    cloud_capacity_init(&c, &l);
    for (int i = 0; i < 21; i++) (void)cloud_capacity_decide(&c, CLOUD_DEMAND_REQUEST, 0);
    cloud_capacity_change(&c, &m, 0);
    for (int i = 0; i < 20; i++) (void)cloud_capacity_decide(&c, CLOUD_DEMAND_REQUEST, 0);
    cloud_capacity_change(&c, &n, 0);
    assert_int_equal(cloud_capacity_waiting(&c, CLOUD_DEMAND_REQUEST, 0), 40);
    /* 21 at 0.1 s and 20 at 0.01 s. */
    cloud_decision d = cloud_capacity_decide(&c, CLOUD_DEMAND_REQUEST, 0);
    assert_int_equal(d.serve_at, 2300 * SIM_MILLISECOND);
    assert_int_equal(cloud_capacity_waiting(&c, CLOUD_DEMAND_REQUEST, d.serve_at), 0);
}

static void test_extremes(void **state) {
    (void)state;
    cloud_capacity c;
    cloud_limits fast = limits_of(1e9, 2), slow = limits_of(0.001, UINT32_MAX);
    cloud_capacity_init(&c, &fast);
    for (int i = 0; i < 3; i++)
        assert_int_equal(cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, 5).serve_at, 5 + i);
    assert_int_equal(cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, 5).fate, CLOUD_FATE_DROP);
    assert_int_equal(cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, 6).fate, CLOUD_FATE_ADMIT);

    /* A thousand seconds each: far away, but never out of time's range. */
    cloud_capacity_init(&c, &slow);
    for (int i = 0; i < 1000; i++) {
        cloud_decision d = cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, 0);
        assert_int_equal(d.serve_at, i * 1000 * SIM_SECOND);
    }
    cloud_decision late =
        cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, SIM_NEVER - SIM_SECOND);
    assert_int_equal(late.fate, CLOUD_FATE_DROP);
    assert_true(late.serve_at < SIM_NEVER);
}

/* ---- refuses at once: a bucket of tokens ---- */

static cloud_limits bucket_of(double rate, uint32_t depth) {
    cloud_limits l = limits_of(rate, depth);
    l.over = CLOUD_OVER_REFUSE;
    return l;
}

/* How many of `offered` that come at one instant are admitted; the others must be refused, then and
 * there. */
static int let_in(cloud_capacity *c, sim_time now, int offered) {
    int admitted = 0;
    for (int i = 0; i < offered; i++) {
        cloud_decision d = cloud_capacity_decide(c, CLOUD_DEMAND_CONNECTION, now);
        assert_int_equal(d.serve_at, now);
        if (d.fate == CLOUD_FATE_ADMIT) admitted++;
        if (d.fate != CLOUD_FATE_ADMIT) assert_int_equal(d.fate, CLOUD_FATE_REFUSE);
    }
    return admitted;
}

static void test_bucket_by_hand(void **state) {
    (void)state;
    static const struct {
        int now_ms, offered, admitted;
    } rows_of_bucket[] = {{0, 5, 3},     /* full at the start: three at once */
                          {99, 2, 0},    /* the next token comes at 100 */
                          {100, 2, 1},   /**/
                          {350, 5, 2},   /* 200, 300 */
                          {400, 1, 1},   /* what had begun by 350 goes on */
                          {10000, 9, 3}, /* never more than it holds */
                          {10250, 1, 1}, /* 10100, 10200: one is left ... */
                          {10299, 2, 1}, /* ... here */
                          {10300, 2, 1}};
    cloud_limits l = bucket_of(10, 3), shallow = bucket_of(10, 0);
    cloud_capacity c;
    cloud_capacity_init(&c, &l);
    for (size_t i = 0; i < sizeof rows_of_bucket / sizeof *rows_of_bucket; i++)
        assert_int_equal(
            let_in(&c, rows_of_bucket[i].now_ms * SIM_MILLISECOND, rows_of_bucket[i].offered),
            rows_of_bucket[i].admitted);
    /* nobody ever waits */
    assert_int_equal(cloud_capacity_waiting(&c, CLOUD_DEMAND_CONNECTION, 0), 0);
    assert_int_equal(c.admitted[CLOUD_DEMAND_CONNECTION], 13);
    assert_int_equal(c.over[CLOUD_DEMAND_CONNECTION], 16);
    cloud_capacity_init(&c, &shallow); /* a bucket that holds none would admit nobody for ever */
    assert_int_equal(let_in(&c, 0, 3), 1);
    assert_int_equal(let_in(&c, 100 * SIM_MILLISECOND, 3), 1);
}

/* Requests of a cloud that refuses connections have their queue, and fall. */
static void test_bucket_is_for_connections(void **state) {
    (void)state;
    walk_by_hand(CLOUD_DEMAND_REQUEST, CLOUD_OVER_REFUSE, CLOUD_FATE_DROP);
}

static void test_bucket_that_changes(void **state) {
    (void)state;
    cloud_limits ten = bucket_of(10, 10), hundred = bucket_of(100, 100), three = bucket_of(10, 3);
    cloud_capacity c;
    cloud_capacity_init(&c, &ten);
    assert_int_equal(let_in(&c, 0, 6), 6);
    cloud_capacity_change(&c, &hundred, 0); /* four tokens stay four ... */
    assert_int_equal(let_in(&c, 0, 9), 4);
    /* ... and come faster from now on */
    assert_int_equal(let_in(&c, 100 * SIM_MILLISECOND, 99), 10);
    assert_int_equal(let_in(&c, SIM_HOUR, 500), 100);
    cloud_capacity_init(&c, &ten);
    cloud_capacity_change(&c, &three, 0); /* what the smaller bucket does not hold is lost */
    assert_int_equal(let_in(&c, 0, 9), 3);
    cloud_capacity_init(&c, &ten);
    assert_int_equal(let_in(&c, 0, 9), 9);
    cloud_capacity_change(&c, &three, 0); /* one was left */
    assert_int_equal(let_in(&c, 0, 9), 1);
}

static void test_queue_that_becomes_a_bucket(void **state) {
    (void)state;
    cloud_limits queue = limits_of(10, 10), bucket = bucket_of(10, 10);
    cloud_capacity c;
    cloud_capacity_init(&c, &queue);
    for (int i = 0; i < 7; i++) (void)cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, 0);
    cloud_capacity_change(&c, &bucket, 0); /* seven are in service or wait for it */
    assert_int_equal(let_in(&c, 0, 9), 3);
    cloud_capacity_init(&c, &queue); /* bad twin: nobody was there */
    cloud_capacity_change(&c, &bucket, 0);
    assert_int_equal(let_in(&c, 0, 12), 10);
    cloud_capacity_change(&c, &queue, 0); /* back: those of the bucket never waited */
    assert_int_equal(cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, 0).fate, CLOUD_FATE_ADMIT);
}

/* Whatever is offered: over any time no more are admitted than the bucket held and the rate brings,
 * and never fewer than the rate while more are offered. */
static void test_bucket_keeps_its_rate(void **state) {
    (void)state;
    sim_stream stream = sim_stream_for(5, SIM_PURPOSE_SCRIPT, 0);
    cloud_limits l = bucket_of(37, 20);
    cloud_capacity c;
    sim_time now = 0;
    cloud_capacity_init(&c, &l);
    for (int i = 0; i < 20000; i++) {
        now += (sim_time)(sim_stream_unit(&stream) * 2e9 / 370);
        (void)let_in(&c, now, 1);
        double brought = 37 * sim_time_seconds(now);
        assert_true((double)c.admitted[CLOUD_DEMAND_CONNECTION] <= 20 + brought + 1e-3);
        assert_true((double)c.admitted[CLOUD_DEMAND_CONNECTION] >= fmin(brought, i + 1) - 1);
    }
}

/* ---- down ---- */

static void test_a_cloud_that_stops(void **state) {
    (void)state;
    static const cloud_fate fates[][3] = {
        {CLOUD_FATE_DROP, CLOUD_FATE_DROP, CLOUD_FATE_DROP},
        {CLOUD_FATE_BUSY, CLOUD_FATE_BUSY, CLOUD_FATE_ADMIT},
        {CLOUD_FATE_REFUSE, CLOUD_FATE_REFUSE, CLOUD_FATE_REFUSE}};
    for (cloud_over over = CLOUD_OVER_DROP; over <= CLOUD_OVER_REFUSE; over++) {
        cloud_limits l = limits_of(10, 5);
        cloud_capacity c;
        l.over = over;
        cloud_capacity_init(&c, &l);
        for (int i = 0; i < 9; i++) (void)cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, 0);
        cloud_capacity_stop(&c, 100, SIM_SECOND);
        for (cloud_demand demand = CLOUD_DEMAND_CONNECTION; demand <= CLOUD_DEMAND_NOTHING;
             demand++) {
            cloud_decision d = cloud_capacity_decide(&c, demand, SIM_SECOND - 1);
            assert_int_equal(d.fate, fates[over][demand]);
            assert_int_equal(d.serve_at, SIM_SECOND - 1);
            assert_int_equal(cloud_capacity_waiting(&c, demand, SIM_SECOND - 1), 0);
        }
        /* Up again, as at the start: who had waited is forgotten, and the bucket is full. */
        int admitted = 0;
        for (int i = 0; i < 20; i++)
            admitted += cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, SIM_SECOND).fate ==
                        CLOUD_FATE_ADMIT;
        assert_int_equal(admitted, over == CLOUD_OVER_REFUSE ? 5 : 6);
    }
}

/* ---- turning away costs ---- */

/* Of `offered` a second for a minute, how many a second are let in during the second half of it. */
static double goodput(cloud_over over, double share, double offered) {
    cloud_limits l = limits_of(10, 10);
    cloud_capacity c;
    uint64_t before = 0;
    l.over = over;
    l.overload_cost = share;
    cloud_capacity_init(&c, &l);
    for (int i = 0; i < (int)(60 * offered); i++) {
        if (i == (int)(30 * offered)) before = c.admitted[CLOUD_DEMAND_CONNECTION];
        (void)cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION,
                                    sim_time_from_seconds(i / offered));
    }
    return (double)(c.admitted[CLOUD_DEMAND_CONNECTION] - before) / 30;
}

/* With capacity C, offered A and share s, what is let in fills the time that is left: (C - A s) /
 * (1 - s), and nothing when A s is C and more. */
static void test_overload_costs(void **state) {
    (void)state;
    for (cloud_over over = CLOUD_OVER_DROP; over <= CLOUD_OVER_REFUSE; over++) {
        assert_true(fabs(goodput(over, 0, 30) - 10) < 0.2);
        assert_true(fabs(goodput(over, 0.5, 9) - 9) < 0.2); /* not over */
        assert_true(fabs(goodput(over, 0.5, 15) - 5) < 0.3);
        assert_true(fabs(goodput(over, 0.25, 20) - 20.0 / 3) < 0.3);
        assert_true(goodput(over, 0.5, 30) < 0.1);
        assert_true(goodput(over, 1, 12) < 0.1);
    }
}

/* Who falls and repeats himself costs an eighth of what a stranger does; in the queue they are
 * alike. */
static void test_repetitions_cost_less(void **state) {
    (void)state;
    for (cloud_over over = CLOUD_OVER_DROP; over <= CLOUD_OVER_REFUSE; over++) {
        cloud_limits l = limits_of(10, 10);
        l.over = over;
        l.overload_cost = 0.8;
        const cloud_demand demands[] = {CLOUD_DEMAND_CONNECTION, CLOUD_DEMAND_AGAIN};
        sim_time behind[2];
        for (int d = 0; d < 2; d++) {
            cloud_capacity c;
            cloud_capacity_init(&c, &l);
            while (cloud_capacity_decide(&c, demands[d], 0).fate == CLOUD_FATE_ADMIT) continue;
            sim_time *at = over == CLOUD_OVER_REFUSE ? &c.full_at : &c.lines[0].free_at;
            sim_time before = *at;
            assert_true(cloud_capacity_decide(&c, demands[d], 0).fate != CLOUD_FATE_ADMIT);
            behind[d] = *at - before;
            assert_int_equal(c.admitted[CLOUD_DEMAND_CONNECTION] > 0, 1);
            assert_int_equal(c.over[CLOUD_DEMAND_CONNECTION], 2);
        }
        assert_int_equal(behind[0], 80 * SIM_MILLISECOND); /* 0.8 of a tenth of a second */
        assert_int_equal(behind[1], 10 * SIM_MILLISECOND);
    }
}

/* However many were turned away: work in vain is never further ahead than 30 s. */
static void test_overload_ends(void **state) {
    (void)state;
    for (cloud_over over = CLOUD_OVER_DROP; over <= CLOUD_OVER_REFUSE; over++) {
        cloud_limits l = limits_of(10, 10);
        cloud_capacity c;
        l.over = over;
        l.overload_cost = 0.5;
        cloud_capacity_init(&c, &l);
        for (int i = 0; i < 100000; i++)
            (void)cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, 0);
        assert_true(cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, 28 * SIM_SECOND).fate !=
                    CLOUD_FATE_ADMIT);
        assert_int_equal(cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, 32 * SIM_SECOND).fate,
                         CLOUD_FATE_ADMIT);
        assert_int_equal(cloud_capacity_decide(&c, CLOUD_DEMAND_REQUEST, 0).fate, CLOUD_FATE_ADMIT);
    }
}

static void test_limits_that_make_no_sense(void **state) {
    (void)state;
    assert_null(cloud_limits_wrong(&cloud_limits_default));
    cloud_limits twins[11];
    for (int i = 0; i < 11; i++) twins[i] = cloud_limits_default;
    twins[0].connections_per_s = 0;
    twins[1].connections_per_s = -1;
    twins[2].connections_per_s = 2e9;
    twins[3].connections_per_s = strtod("nan", NULL);
    twins[4].requests_per_s = strtod("inf", NULL);
    twins[5].requests_per_s = 0.0009;
    twins[6].max_age_s = 0;
    twins[7].max_age_s = 86401;
    twins[8].requests_per_s = 0;
    twins[9].overload_cost = 1.01;
    twins[10].overload_cost = strtod("nan", NULL);
    for (int i = 0; i < 11; i++) assert_non_null(cloud_limits_wrong(&twins[i]));
}

/* What serve and a scenario have unless they are told (docs/commands.md). */
static void test_limits_that_nobody_told(void **state) {
    (void)state;
    const cloud_limits *l = &cloud_limits_default;
    assert_true(l->connections_per_s == 500 && l->requests_per_s == 20000);
    assert_true(l->connection_queue == 500 && l->request_queue == 20000);
    assert_true(l->over == CLOUD_OVER_DROP && l->max_age_s == 30);
    assert_true(l->overload_cost == 0 && l->stage_count == 0);
}

/* The last that still make sense, on either side. */
static void test_limits_at_their_ends(void **state) {
    (void)state;
    cloud_limits least = cloud_limits_default, most = least;
    least.connections_per_s = least.requests_per_s = 0.001;
    least.overload_cost = 0;
    least.max_age_s = 1;
    most.connections_per_s = most.requests_per_s = 1e9;
    most.overload_cost = 1;
    most.max_age_s = 86400;
    most.stage_count = CLOUD_STAGES_MAX;
    for (int i = 0; i < CLOUD_STAGES_MAX; i++)
        most.stages[i] = (cloud_stage){
            .word = "users", .per_s = i % 2 == 0 ? 0.001 : 1e9, .overload_cost = i % 2};
    assert_null(cloud_limits_wrong(&least));
    assert_null(cloud_limits_wrong(&most));
}

/* ---- further stages ---- */

/* Ten a second with two places, then five a second with none: by hand. */
static void test_two_stages(void **state) {
    (void)state;
    static const struct {
        int now_ms, serve_ms; /* -1: over */
    } steps[] = {
        {0, 100},   /* 0..100 in the first, 100..300 in the second */
        {0, -1},    /* reaches the second at 200 */
        {0, 300},   /* 200..300 in the first, and the second is free */
        {0, -1},    /* the first has no place */
        {600, 700}, /* idle again */
    };
    cloud_limits l = limits_of(1000, 10);
    cloud_capacity c;
    l.stage_count = 2;
    l.stages[0] = (cloud_stage){.word = "users", .per_s = 10, .queue = 2};
    l.stages[1] = (cloud_stage){.word = "sessions", .per_s = 5};
    cloud_capacity_init(&c, &l);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        cloud_decision d =
            cloud_capacity_decide(&c, CLOUD_DEMAND_STAGES, steps[i].now_ms * SIM_MILLISECOND);
        bool over = steps[i].serve_ms < 0;
        if (d.fate != (over ? CLOUD_FATE_DROP : CLOUD_FATE_ADMIT)) fail_msg("step %zu", i);
        if (!over) assert_int_equal(d.serve_at, steps[i].serve_ms * SIM_MILLISECOND);
    }
    assert_int_equal(c.stage_admitted, 3);
    assert_int_equal(c.stage_over, 2);
    assert_int_equal(c.admitted[CLOUD_DEMAND_REQUEST], 0); /* instead of its queue */
}

static void test_what_a_full_stage_does(void **state) {
    (void)state;
    static const struct {
        cloud_over over;
        bool restarts;
        cloud_fate fate;
    } rows_of_fate[] = {{CLOUD_OVER_DROP, false, CLOUD_FATE_DROP},
                        {CLOUD_OVER_BUSY, false, CLOUD_FATE_BUSY},
                        {CLOUD_OVER_REFUSE, false, CLOUD_FATE_DROP},
                        {CLOUD_OVER_DROP, true, CLOUD_FATE_RESTART},
                        {CLOUD_OVER_BUSY, true, CLOUD_FATE_RESTART}};
    for (size_t i = 0; i < sizeof rows_of_fate / sizeof *rows_of_fate; i++) {
        cloud_limits l = limits_of(1000, 10);
        cloud_capacity c;
        l.over = rows_of_fate[i].over;
        l.stage_count = 1;
        l.stages[0] =
            (cloud_stage){.word = "users", .per_s = 1, .restarts = rows_of_fate[i].restarts};
        cloud_capacity_init(&c, &l);
        assert_int_equal(cloud_capacity_decide(&c, CLOUD_DEMAND_STAGES, 0).fate, CLOUD_FATE_ADMIT);
        assert_int_equal(cloud_capacity_decide(&c, CLOUD_DEMAND_STAGES, 0).fate,
                         rows_of_fate[i].fate);
        cloud_capacity_stop(&c, 0, 5); /* who was in it is gone */
        assert_int_equal(cloud_capacity_decide(&c, CLOUD_DEMAND_STAGES, 5).fate, CLOUD_FATE_ADMIT);
    }
}

/* Who starts anew has nobody's attempts against it: all tokens are there at once. */
static void test_a_restart_fills_the_bucket(void **state) {
    (void)state;
    cloud_limits l = limits_of(1, 3);
    cloud_capacity c;
    l.over = CLOUD_OVER_REFUSE;
    cloud_capacity_init(&c, &l);
    for (int restarted = 0; restarted < 2; restarted++) {
        const sim_time now = restarted * SIM_SECOND;
        for (int i = 0; i < 3; i++)
            assert_int_equal(cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, now).fate,
                             CLOUD_FATE_ADMIT);
        assert_int_equal(cloud_capacity_decide(&c, CLOUD_DEMAND_CONNECTION, now).fate,
                         CLOUD_FATE_REFUSE);
        cloud_capacity_stop(&c, 0, SIM_SECOND);
    }
}

/* What finds no place keeps one that would have been free from being so, where it costs. */
static void test_a_stage_is_kept_busy_in_vain(void **state) {
    (void)state;
    for (int costs = 0; costs < 2; costs++) {
        cloud_limits l = limits_of(1000, 10);
        cloud_capacity c;
        l.stage_count = 1;
        l.stages[0] = (cloud_stage){.word = "users", .per_s = 1, .overload_cost = costs};
        cloud_capacity_init(&c, &l);
        (void)cloud_capacity_decide(&c, CLOUD_DEMAND_STAGES, 0);
        (void)cloud_capacity_decide(&c, CLOUD_DEMAND_STAGES, 0); /* over: busy until 2 s */
        assert_int_equal(cloud_capacity_decide(&c, CLOUD_DEMAND_STAGES, SIM_SECOND).fate,
                         costs ? CLOUD_FATE_DROP : CLOUD_FATE_ADMIT);
    }
}

static void test_stages_that_change(void **state) {
    (void)state;
    cloud_limits l = limits_of(1000, 10);
    cloud_capacity c;
    l.stage_count = 1;
    l.stages[0] = (cloud_stage){.word = "users", .per_s = 1, .queue = 9};
    cloud_capacity_init(&c, &l);
    for (int i = 0; i < 3; i++) (void)cloud_capacity_decide(&c, CLOUD_DEMAND_STAGES, 0);
    cloud_limits faster = l, other = l;
    faster.stages[0].per_s = 2;
    other.stages[0] = (cloud_stage){.word = "sessions", .per_s = 1, .queue = 9};
    assert_true(cloud_limits_same_stages(&l, &l));
    assert_false(cloud_limits_same_stages(&l, &faster));
    assert_false(cloud_limits_same_stages(&l, &other));
    cloud_capacity was = c;
    cloud_capacity_change(&c, &faster, 0); /* the same stage: its queue stays */
    assert_int_equal(cloud_capacity_decide(&c, CLOUD_DEMAND_STAGES, 0).serve_at, 3 * SIM_SECOND);
    c = was;
    cloud_capacity_change(&c, &other, 0); /* another one: nobody waits in it */
    assert_int_equal(cloud_capacity_decide(&c, CLOUD_DEMAND_STAGES, 0).serve_at, 0);
}

static void test_stages_that_make_no_sense(void **state) {
    (void)state;
    cloud_limits good = cloud_limits_default;
    good.stage_count = 1;
    good.stages[0] = (cloud_stage){.word = "users", .per_s = 1};
    assert_null(cloud_limits_wrong(&good));
    cloud_limits twins[4] = {good, good, good, good};
    twins[0].stages[0].per_s = 0;
    twins[1].stages[0].overload_cost = 1.01;
    twins[2].stages[0].overload_cost = strtod("nan", NULL);
    twins[3].stage_count = CLOUD_STAGES_MAX + 1;
    for (int i = 0; i < 4; i++) assert_non_null(cloud_limits_wrong(&twins[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_restart_fills_the_bucket),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_nothing_demands_nothing),
        cmocka_unit_test(test_against_a_slow_simulation),
        cmocka_unit_test(test_changing_limits),
        cmocka_unit_test(test_changing_twice),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_bucket_by_hand),
        cmocka_unit_test(test_bucket_is_for_connections),
        cmocka_unit_test(test_bucket_that_changes),
        cmocka_unit_test(test_queue_that_becomes_a_bucket),
        cmocka_unit_test(test_bucket_keeps_its_rate),
        cmocka_unit_test(test_a_cloud_that_stops),
        cmocka_unit_test(test_overload_costs),
        cmocka_unit_test(test_overload_ends),
        cmocka_unit_test(test_repetitions_cost_less),
        cmocka_unit_test(test_limits_that_nobody_told),
        cmocka_unit_test(test_limits_at_their_ends),
        cmocka_unit_test(test_limits_that_make_no_sense),
        cmocka_unit_test(test_two_stages),
        cmocka_unit_test(test_what_a_full_stage_does),
        cmocka_unit_test(test_a_stage_is_kept_busy_in_vain),
        cmocka_unit_test(test_stages_that_change),
        cmocka_unit_test(test_stages_that_make_no_sense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
