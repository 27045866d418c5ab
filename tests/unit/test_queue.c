/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sim/core/queue.h"
#include "sim/core/random.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/with_cmocka.h"

static sim_event event_at(sim_time at, uint32_t lane, uint32_t source, uint64_t sequence) {
    return (sim_event){.key = {at, lane, source, sequence}};
}

static void test_key_order(void **state) {
    (void)state;
    /* rising: time before lane before source before sequence, each over its whole range */
    static const sim_key rising[] = {
        {0, 0, 0, 0},
        {0, 0, 0, UINT64_MAX},
        {0, 0, 1, 0},
        {0, 0, UINT32_MAX, 7},
        {0, SIM_LANE_NETWORK, 0, 0},
        {0, SIM_LANE_TIMER, 0, 0},
        {0, UINT32_MAX, 0, 0},
        {1, 0, 0, 0},
        {1, 0, 0, 1},
        {1, 0, 0, (uint64_t)1 << 63},
        {SIM_NEVER - 1, 2, 5, 5},
        {SIM_NEVER, 0, 0, 0},
    };
    const int n = sizeof rising / sizeof rising[0];
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < n; k++) {
            const int order = sim_key_compare(&rising[i], &rising[k]);
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
    }
}

static void test_empty(void **state) {
    (void)state;
    sim_queue q;
    sim_event e = event_at(7, 7, 7, 7);
    sim_queue_init(&q);
    assert_null(sim_queue_head(&q));
    assert_false(sim_queue_pop(&q, &e));
    assert_int_equal(e.key.at, 7);
    assert_int_equal(sim_queue_reserve(&q, 0), 0);
    assert_null(q.events);
    assert_int_equal(sim_queue_reserve(&q, 100), 0);
    assert_true(q.capacity >= 100);
    assert_int_equal(sim_queue_reserve(&q, 10), 0);
    assert_true(q.capacity >= 100);
    assert_int_equal(sim_queue_reserve(&q, SIZE_MAX / 2), SIM_ENOMEM);
    assert_null(sim_queue_head(&q));
    sim_queue_deinit(&q);
    sim_queue_deinit(&q);
}

static int by_key(const void *a, const void *b) {
    return sim_key_compare(&((const sim_event *)a)->key, &((const sim_event *)b)->key);
}

/* Random keys out of small ranges, so that every field decides somewhere; sequence makes each key
 * unique. */
static sim_event random_event(sim_stream *s, uint64_t sequence) {
    sim_event e = event_at((sim_time)sim_stream_below(s, 50), (uint32_t)sim_stream_below(s, 3),
                           (uint32_t)sim_stream_below(s, 3), sequence);
    e.kind = (uint16_t)sim_stream_next(s);
    e.target = (uint32_t)sim_stream_next(s);
    e.payload = sim_stream_next(s);
    return e;
}

/* Everything in, everything out, for every size up to 300: all shapes of the last row of the heap.
 */
static void test_sorts(void **state) {
    (void)state;
    static sim_event expected[300];
    sim_stream s = sim_stream_for(1, 0, 0);
    sim_queue q;
    sim_queue_init(&q);
    for (size_t n = 0; n <= 300; n++) {
        for (size_t i = 0; i < n; i++) {
            expected[i] = random_event(&s, i);
            assert_int_equal(sim_queue_push(&q, &expected[i]), 0);
        }
        qsort(expected, n, sizeof expected[0], by_key);
        for (size_t i = 0; i < n; i++) {
            sim_event e;
            assert_memory_equal(sim_queue_head(&q), &expected[i], sizeof e);
            assert_true(sim_queue_pop(&q, &e));
            assert_memory_equal(&e, &expected[i], sizeof e);
        }
        assert_int_equal(q.count, 0);
    }
    sim_queue_deinit(&q);
}

/* Pushes and pops mixed, against a list that is searched for its least each time. */
static void test_against_a_list(void **state) {
    (void)state;
    static sim_event list[400];
    size_t n = 0;
    sim_stream s = sim_stream_for(2, 0, 0);
    sim_queue q;
    sim_queue_init(&q);
    for (uint64_t i = 0; i < 50000; i++) {
        if (n < 400 && (n == 0 || sim_stream_below(&s, 100) < 48 + i / 5000 % 2 * 4)) {
            list[n] = random_event(&s, i);
            assert_int_equal(sim_queue_push(&q, &list[n++]), 0);
        } else {
            size_t least = 0;
            for (size_t k = 1; k < n; k++)
                if (sim_key_compare(&list[k].key, &list[least].key) < 0) least = k;
            sim_event e;
            assert_true(sim_queue_pop(&q, &e));
            assert_memory_equal(&e, &list[least], sizeof e);
            list[least] = list[--n];
        }
        assert_int_equal(q.count, n);
    }
    sim_queue_deinit(&q);
}

/* The order out does not depend on the order in: what makes one shard and sixteen alike. */
static void test_order_in_does_not_matter(void **state) {
    (void)state;
    enum { N = 200 };
    sim_event in[N], first[N], e;
    sim_stream s = sim_stream_for(3, 0, 0);
    sim_queue q;
    sim_queue_init(&q);
    for (uint64_t i = 0; i < N; i++) in[i] = random_event(&s, i);
    for (int round = 0; round < 50; round++) {
        for (size_t i = N - 1; i > 0; i--) {
            const size_t k = sim_stream_below(&s, i + 1);
            e = in[i];
            in[i] = in[k];
            in[k] = e;
        }
        for (size_t i = 0; i < N; i++) assert_int_equal(sim_queue_push(&q, &in[i]), 0);
        for (size_t i = 0; i < N; i++) {
            assert_true(sim_queue_pop(&q, &e));
            if (round == 0) first[i] = e;
            assert_memory_equal(&e, &first[i], sizeof e);
        }
    }
    sim_queue_deinit(&q);
}

/* A queue, an alarm and a clock, as an owner has them. */
typedef struct bench {
    sim_queue queue;
    sim_timer alarm;
    sim_event like;
    uint64_t sequence;
    sim_time now;
} bench;

static void bench_init(bench *b) {
    *b = (bench){
        .like = {
            .key = {.lane = SIM_LANE_TIMER, .source = 9}, .kind = 4, .target = 5, .payload = 6}};
    sim_queue_init(&b->queue);
    sim_timer_init(&b->alarm);
}

static void set(bench *b, sim_time due) {
    assert_int_equal(sim_timer_set(&b->alarm, &b->queue, due, &b->like, &b->sequence), 0);
}

/* Takes the next event; whether the alarm rang with it. */
static bool take(bench *b) {
    sim_event e;
    int error;
    assert_true(sim_queue_pop(&b->queue, &e));
    assert_true(e.key.at >= b->now);
    b->now = e.key.at;
    assert_int_equal(e.kind, 4);
    assert_int_equal(e.target, 5);
    assert_int_equal(e.payload, 6);
    assert_int_equal(e.key.lane, SIM_LANE_TIMER);
    assert_int_equal(e.key.source, 9);
    const bool rings = sim_timer_rings(&b->alarm, &b->queue, &e, &b->sequence, &error);
    assert_int_equal(error, 0);
    return rings;
}

/* A story: "+T" sets the alarm to T, "-" to never, after all pending events up to T ("@T") were
 * taken; the times at which it must ring. */
static void test_alarm_stories(void **state) {
    (void)state;
    static const struct {
        const char *name;
        struct {
            sim_time at, due;
        } moves[6]; /* due 0 ends */
        sim_time rings[4];
        uint64_t events; /* queued in all */
    } rows[] = {
        {"once", {{0, 100}}, {100}, 1},
        {"the same again", {{0, 100}, {5, 100}}, {100}, 1},
        {"later", {{0, 100}, {50, 200}}, {200}, 2},
        {"much later, by steps", {{0, 100}, {50, 150}, {60, 160}, {90, 190}, {95, 195}}, {195}, 2},
        {"earlier", {{0, 100}, {10, 50}}, {50}, 2},
        {"earlier and back", {{0, 100}, {10, 50}, {20, 100}}, {100}, 2},
        {"earlier and later", {{0, 100}, {10, 50}, {20, 120}}, {120}, 3},
        {"never", {{0, 100}, {10, SIM_NEVER}}, {0}, 1},
        {"never and anew", {{0, 100}, {10, SIM_NEVER}, {20, 150}}, {150}, 2},
        {"never and anew, earlier", {{0, 100}, {10, SIM_NEVER}, {20, 50}}, {50}, 2},
        {"again after ringing", {{0, 100}, {100, 130}}, {100, 130}, 2},
        {"at the old time after ringing early", {{0, 100}, {10, 50}, {60, 100}}, {50, 100}, 2},
        {"now", {{0, 100}, {70, 70}}, {70}, 2},
        {"now, twice", {{0, 100}, {70, 70}, {70, 70}}, {70, 70}, 3},
        {"three times earlier", {{0, 100}, {1, 90}, {2, 80}, {3, 70}}, {70}, 4},
        {"three times earlier, then last",
         {{0, 100}, {1, 90}, {2, 80}, {3, 70}, {4, 100}},
         {100},
         4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bench b;
        bench_init(&b);
        size_t rang = 0;
        for (size_t m = 0; m < 7; m++) {
            const sim_time until =
                m < 6 && rows[i].moves[m].due != 0 ? rows[i].moves[m].at : SIM_NEVER;
            for (const sim_event *e;
                 (e = sim_queue_head(&b.queue)) != NULL && e->key.at <= until;) {
                if (!take(&b)) continue;
                if (b.now != rows[i].rings[rang])
                    fail_msg("%s: rang at %d", rows[i].name, (int)b.now);
                rang++;
            }
            if (until == SIM_NEVER) break;
            b.now = until;
            set(&b, rows[i].moves[m].due);
        }
        if (rows[i].rings[rang] != 0) fail_msg("%s: rang only %d times", rows[i].name, (int)rang);
        if (b.sequence != rows[i].events) fail_msg("%s: %d events", rows[i].name, (int)b.sequence);
        assert_true(b.alarm.due == SIM_NEVER && b.alarm.queued == SIM_NEVER &&
                    b.alarm.later == SIM_NEVER);
        sim_queue_deinit(&b.queue);
    }
}

/* Any moves at any time: rings exactly at its deadline, once; and at most two queued events are
 * believed. */
static void test_alarm_at_random(void **state) {
    (void)state;
    sim_stream s = sim_stream_for(4, 0, 0);
    bench b;
    bench_init(&b);
    sim_time due = SIM_NEVER;
    int rings = 0, moves = 0;
    for (int i = 0; i < 200000; i++) {
        const sim_event *head = sim_queue_head(&b.queue);
        if (head != NULL && sim_stream_below(&s, 2) == 0) {
            /* never too late */
            assert_true(due >= b.now && (due == SIM_NEVER || head->key.at <= due));
            const bool rang = take(&b);
            if (rang) {
                assert_int_equal(b.now, due);
                due = SIM_NEVER;
                rings++;
            }
        } else {
            const sim_time latest = head == NULL ? 20 : head->key.at - b.now;
            b.now += (sim_time)sim_stream_below(&s, (uint64_t)latest / 2 + 1);
            const sim_time span = (sim_time)(sim_stream_next(&s) >> sim_stream_between(&s, 56, 63));
            due = sim_stream_below(&s, 8) == 0 ? SIM_NEVER : b.now + span;
            set(&b, due);
            moves++;
        }
        assert_int_equal(b.alarm.due, due);
        assert_true(b.alarm.later == SIM_NEVER || b.alarm.queued < b.alarm.later);
        assert_true(b.alarm.queued <= b.alarm.due);
    }
    assert_true(rings > 10000 && moves > 10000);
    sim_queue_deinit(&b.queue);
}

/* A deadline that goes near and far by turns (an exchange's retransmission in 2 s, an idle time-out
 * in a day) does not fill the queue with far events. */
static void test_alarm_near_and_far(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    size_t most = 0;
    set(&b, SIM_DAY);
    for (int i = 0; i < 100000; i++) {
        set(&b, b.now + 2 * SIM_SECOND);
        set(&b, b.now + SIM_DAY);
        assert_false(take(&b)); /* the near event: no longer due */
        if (b.queue.count > most) most = b.queue.count;
    }
    assert_true(most <= 3);
    sim_queue_deinit(&b.queue);
}

/* A device that lost its power forgets its alarm; what is still queued for it neither rings nor
 * stays. */
static void test_alarm_forgotten(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    set(&b, 100);
    set(&b, 50);
    sim_timer_init(&b.alarm);
    set(&b, 70);
    assert_false(take(&b));
    assert_true(take(&b));
    assert_int_equal(b.now, 70);
    assert_false(take(&b));
    assert_null(sim_queue_head(&b.queue));
    sim_queue_deinit(&b.queue);
}

static void test_alarm_without_memory(void **state) {
    (void)state;
    bench b;
    int error;
    bench_init(&b);
    sim_heap_fail(0, true);
    assert_int_equal(sim_timer_set(&b.alarm, &b.queue, 100, &b.like, &b.sequence), SIM_ENOMEM);
    assert_int_equal(b.alarm.due, SIM_NEVER);
    assert_int_equal(b.sequence, 0);
    sim_heap_fail_never();

    /* no room for what is still to come: says so, and is unset */
    for (int i = 0; i < 16; i++) assert_int_equal(sim_queue_push(&b.queue, &b.like), 0);
    sim_event early = b.like;
    early.key.at = 10;
    b.alarm = (sim_timer){.due = 50, .queued = 10, .later = SIM_NEVER};
    sim_heap_fail(0, true);
    assert_int_equal(sim_timer_set(&b.alarm, &b.queue, 5, &b.like, &b.sequence), SIM_ENOMEM);
    assert_true(b.alarm.due == 50 && b.alarm.queued == 10);
    assert_false(sim_timer_rings(&b.alarm, &b.queue, &early, &b.sequence, &error));
    assert_true(sim_heap_fail_never());
    assert_int_equal(error, SIM_ENOMEM);
    assert_true(b.alarm.due == SIM_NEVER && b.alarm.queued == SIM_NEVER);
    assert_int_equal(b.sequence, 0);
    sim_queue_deinit(&b.queue);
}

static int push_a_thousand(void *context) {
    (void)context;
    sim_queue q;
    int error = 0;
    sim_queue_init(&q);
    for (uint64_t i = 0; i < 1000 && error == 0; i++) {
        const sim_event e = event_at((sim_time)(1000 - i), 0, 0, i);
        error = sim_queue_push(&q, &e);
        assert_int_equal(q.count, error == 0 ? i + 1 : i); /* not pushed, and nothing lost */
        assert_true(q.count == 0 || sim_queue_head(&q)->key.at == (sim_time)(1001 - q.count));
    }
    sim_queue_deinit(&q);
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    assert_int_equal(fail_every_allocation(push_a_thousand, NULL), 7); /* 16, 32 .. 1024 */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_order),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_sorts),
        cmocka_unit_test(test_against_a_list),
        cmocka_unit_test(test_order_in_does_not_matter),
        cmocka_unit_test(test_alarm_stories),
        cmocka_unit_test(test_alarm_at_random),
        cmocka_unit_test(test_alarm_near_and_far),
        cmocka_unit_test(test_alarm_forgotten),
        cmocka_unit_test(test_alarm_without_memory),
        cmocka_unit_test(test_every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
