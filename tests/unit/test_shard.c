/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/core/random.h"
#include "sim/core/shard.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/with_cmocka.h"

/* Keeps what it was given; may post one event per event handled, or fail at one. */
typedef struct log {
    sim_event seen[64];
    size_t count;
    /* posts[i] is posted while event number i is handled; a key.at of SIM_NEVER: none */
    const sim_event *posts;
    size_t posts_count;
    size_t fails_at;
} log;

static int keep(void *context, sim_shard *shard, const sim_event *e) {
    log *l = context;
    const size_t i = l->count++;
    assert_true(i < 64);
    assert_int_equal(shard->now, e->key.at);
    assert_int_equal(shard->handled, l->count);
    if (i < l->posts_count && l->posts[i].key.at != SIM_NEVER)
        assert_int_equal(sim_shard_post(shard, &l->posts[i]), 0);
    l->seen[i] = *e; /* after the post: `e` must outlive a move of the queue's memory */
    return l->fails_at == i + 1 ? SIM_EIO : 0;
}

static sim_event event_at(sim_time at, uint32_t lane, uint32_t source, uint64_t sequence) {
    return (sim_event){.key = {at, lane, source, sequence}, .kind = 1, .target = source};
}

static void post(sim_shard *s, sim_event e) {
    assert_int_equal(sim_shard_post(s, &e), 0);
}

static void test_order_is_by_key(void **state) {
    (void)state;
    log l = {.count = 0};
    sim_shard s;
    sim_shard_init(&s, 3, keep, &l);
    assert_int_equal(s.index, 3);
    assert_int_equal(sim_shard_next(&s), SIM_NEVER);
    static const sim_key rising[] = {{5, 0, 9, 9}, {5, 1, 0, 4}, {5, 1, 2, 0},
                                     {5, 1, 2, 1}, {5, 2, 0, 0}, {6, 0, 0, 0}};
    static const int order_in[] = {4, 2, 0, 5, 3, 1};
    for (size_t i = 0; i < 6; i++) {
        const sim_key *k = &rising[order_in[i]];
        post(&s, event_at(k->at, k->lane, k->source, k->sequence));
    }
    assert_int_equal(sim_shard_next(&s), 5);
    assert_int_equal(sim_shard_step(&s, 100), 0);
    assert_int_equal(l.count, 6);
    for (size_t i = 0; i < 6; i++) assert_int_equal(sim_key_compare(&l.seen[i].key, &rising[i]), 0);
    assert_int_equal(s.now, 100);
    assert_int_equal(s.handled, 6);
    sim_shard_deinit(&s);
    sim_shard_deinit(&s);
}

/* The border belongs to the next step; the clock ends at the border, with or without events. */
static void test_border(void **state) {
    (void)state;
    log l = {.count = 0};
    sim_shard s;
    sim_shard_init(&s, 0, keep, &l);
    post(&s, event_at(9, 0, 0, 0));
    post(&s, event_at(10, 0, 0, 1));
    assert_int_equal(sim_shard_step(&s, 10), 0);
    assert_int_equal(l.count, 1);
    assert_int_equal(s.now, 10);
    post(&s, event_at(10, 0, 1, 0)); /* the current instant is not the past */
    assert_int_equal(sim_shard_step(&s, 10), 0);
    assert_int_equal(l.count, 1);
    assert_int_equal(sim_shard_step(&s, 11), 0);
    assert_int_equal(l.count, 3);
    assert_int_equal(sim_shard_step(&s, 500), 0);
    assert_int_equal(s.now, 500);
    assert_int_equal(sim_shard_next(&s), SIM_NEVER);
    sim_shard_deinit(&s);
}

/* What is posted while an event is handled is handled in the same step, at its place, also at the
 * current instant. */
static void test_posts_at_the_current_instant(void **state) {
    (void)state;
    const sim_event posts[] = {
        event_at(5, 2, 1, 1),                        /* behind the other two of this instant */
        event_at(5, 0, 0, 0),                        /* before what is left of it */
        event_at(5, 1, 1, 2),  event_at(8, 0, 0, 1), /* later, within the step */
        event_at(20, 0, 0, 2),                       /* beyond the step */
    };
    log l = {.posts = posts, .posts_count = 5};
    sim_shard s;
    sim_shard_init(&s, 0, keep, &l);
    post(&s, event_at(5, 1, 1, 0));
    post(&s, event_at(5, 1, 1, 1));
    post(&s, event_at(7, 0, 0, 0));
    assert_int_equal(sim_shard_step(&s, 20), 0);
    static const sim_key expected[] = {{5, 1, 1, 0}, {5, 1, 1, 1}, {5, 0, 0, 0}, {5, 1, 1, 2},
                                       {5, 2, 1, 1}, {7, 0, 0, 0}, {8, 0, 0, 1}};
    assert_int_equal(l.count, 7);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(sim_key_compare(&l.seen[i].key, &expected[i]), 0);
    assert_int_equal(sim_shard_next(&s), 20);
    sim_shard_deinit(&s);
}

/* The queue's memory moves while an event is handled: the event in hand stays what it was. */
static int post_many(void *context, sim_shard *shard, const sim_event *e) {
    (void)context;
    const sim_event before = *e;
    for (uint64_t i = 0; e->key.sequence == 0 && i < 1000; i++) {
        sim_event more = *e;
        more.key.sequence = i + 1;
        assert_int_equal(sim_shard_post(shard, &more), 0);
    }
    assert_memory_equal(&before, e, sizeof before);
    return 0;
}

static void test_event_in_hand_stays(void **state) {
    (void)state;
    sim_shard s;
    sim_shard_init(&s, 0, post_many, NULL);
    post(&s, event_at(5, 1, 2, 0));
    assert_int_equal(sim_shard_step(&s, 6), 0);
    assert_int_equal(s.handled, 1001);
    sim_shard_deinit(&s);
}

static void test_error_ends_the_step(void **state) {
    (void)state;
    log l = {.fails_at = 2};
    sim_shard s;
    sim_shard_init(&s, 0, keep, &l);
    for (uint64_t i = 0; i < 4; i++) post(&s, event_at((sim_time)(10 + i), 0, 0, i));
    assert_int_equal(sim_shard_step(&s, 100), SIM_EIO);
    assert_int_equal(s.now, 11);
    assert_int_equal(s.handled, 2);
    assert_int_equal(sim_shard_next(&s), 12);
    sim_shard_deinit(&s);
}

static uint64_t fingerprint_of(const sim_event *events, size_t n) {
    log l = {.count = 0};
    sim_shard s;
    sim_shard_init(&s, 0, keep, &l);
    for (size_t i = 0; i < n; i++) post(&s, events[i]);
    assert_int_equal(sim_shard_step(&s, 1000), 0);
    const uint64_t value = s.fingerprint.value;
    sim_shard_deinit(&s);
    return value;
}

/* Every field of an event but its payload moves the fingerprint; the payload may be a pointer and
 * must not. */
static void test_fingerprint(void **state) {
    (void)state;
    const sim_event plain[] = {event_at(5, 1, 2, 3), event_at(6, 1, 2, 4)};
    const uint64_t value = fingerprint_of(plain, 2);
    sim_event e[2] = {plain[1], plain[0]};
    /* posted in another order: handled in the same */
    assert_int_equal(fingerprint_of(e, 2), value);
    for (int field = 0; field < 8; field++) {
        memcpy(e, plain, sizeof e);
        e[0].key.at -= field == 0;
        e[0].key.lane += field == 1;
        e[0].key.source += field == 2;
        e[0].key.sequence += field == 3;
        if (field == 4) e[0].kind++;
        e[0].target += field == 5;
        e[0].payload += field == 6;
        if (field == 7) e[0].detail++;
        assert_true((fingerprint_of(e, 2) == value) == (field == 6));
    }
    assert_int_not_equal(fingerprint_of(plain, 1), value);
}

/* A world of its own in each shard: cutting the same devices into one shard or five gives every
 * device the same life. */
enum { DEVICES = 40 };
typedef struct life {
    sim_stream stream;
    uint64_t sequence, trace;
} life;

static int live(void *context, sim_shard *shard, const sim_event *e) {
    life *l = &((life *)context)[e->target];
    l->trace = sim_hash64(l->trace ^ (uint64_t)shard->now);
    sim_event next = *e;
    next.key.at =
        /* many at one instant, some at the current one */
        shard->now + sim_stream_between(&l->stream, 0, 3);
    next.key.sequence = l->sequence++;
    return sim_shard_post(shard, &next);
}

static void run_lives(life *lives, uint32_t shards, sim_time window) {
    sim_shard s[8];
    for (uint32_t i = 0; i < shards; i++) sim_shard_init(&s[i], i, live, lives);
    for (uint32_t d = 0; d < DEVICES; d++) {
        lives[d] = (life){.stream = sim_stream_for(1, SIM_PURPOSE_DEVICE, d), .sequence = 1};
        sim_event start =
            event_at((sim_time)sim_stream_below(&lives[d].stream, 5), SIM_LANE_TIMER, d, 0);
        post(&s[d % shards], start);
    }
    for (sim_time t = window; t <= 1200; t += window)
        for (uint32_t i = 0; i < shards; i++) assert_int_equal(sim_shard_step(&s[i], t), 0);
    for (uint32_t i = 0; i < shards; i++) sim_shard_deinit(&s[i]);
}

static void test_cut_does_not_matter(void **state) {
    (void)state;
    static const struct {
        uint32_t shards;
        sim_time window;
    } rows[] = {{1, 1200}, {1, 1}, {2, 10}, {5, 100}, {7, 3}};
    life expected[DEVICES], lives[DEVICES];
    run_lives(expected, 1, 1200);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        run_lives(lives, rows[i].shards, rows[i].window);
        assert_memory_equal(lives, expected, sizeof lives);
    }
}

/* What breaks a promise ends the process, also in release builds. */
static void break_promise(int which) {
    log l = {.count = 0};
    sim_shard s;
    sim_shard_init(&s, 0, keep, &l);
    if (sim_shard_step(&s, 10) != 0) return;
    sim_event e = event_at(which == 1 ? 9 : which == 2 ? SIM_NEVER : which == 3 ? 9 : 10, 0, 0, 0);
    /* 3: past the shard */
    int error = which == 3 ? sim_queue_push(&s.queue, &e) : sim_shard_post(&s, &e);
    if (error == 0) error = sim_shard_step(&s, which == 4 ? 9 : 20);
    sim_shard_deinit(&s);
}

static bool aborts(int which) {
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        break_promise(which);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void test_promises(void **state) {
    (void)state;
    assert_false(aborts(0));
    assert_true(aborts(1)); /* an event in the past */
    assert_true(aborts(2)); /* an event that never comes */
    assert_true(aborts(3)); /* an event in the past, behind the shard's back */
    assert_true(aborts(4)); /* a step back */
}

static int post_and_step(void *context) {
    (void)context;
    log l = {.count = 0};
    sim_shard s;
    sim_shard_init(&s, 0, keep, &l);
    int error = 0;
    for (uint64_t i = 0; i < 40 && error == 0; i++) {
        const sim_event e = event_at(5, 0, 0, i);
        error = sim_shard_post(&s, &e);
    }
    if (error == 0) error = sim_shard_step(&s, 10);
    sim_shard_deinit(&s);
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    assert_int_equal(fail_every_allocation(post_and_step, NULL), 3); /* 16, 32, 64 */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_is_by_key),
        cmocka_unit_test(test_border),
        cmocka_unit_test(test_posts_at_the_current_instant),
        cmocka_unit_test(test_event_in_hand_stays),
        cmocka_unit_test(test_error_ends_the_step),
        cmocka_unit_test(test_fingerprint),
        cmocka_unit_test(test_cut_does_not_matter),
        cmocka_unit_test(test_promises),
        cmocka_unit_test(test_every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
