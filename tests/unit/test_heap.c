/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <malloc.h>
#include <pthread.h>
#include <string.h>

#include "sim/core/heap.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/with_cmocka.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

static void assert_use(sim_heap_use before, int64_t bytes, int64_t blocks) {
    const sim_heap_use now = sim_heap_in_use();
    assert_int_equal(now.bytes - before.bytes, bytes);
    assert_int_equal(now.blocks - before.blocks, blocks);
}

static int64_t usable(void *p) {
    return (int64_t)malloc_usable_size(p);
}

static void test_counts(void **state) {
    (void)state;
    const sim_heap_use before = sim_heap_in_use();
    void *a = sim_malloc(100);
    assert_use(before, usable(a), 1);
    uint8_t *b = sim_calloc(10, 30);
    assert_use(before, usable(a) + usable(b), 2);
    for (int i = 0; i < 300; i++) assert_int_equal(b[i], 0);
    char *c = sim_strdup("text");
    assert_string_equal(c, "text");
    assert_use(before, usable(a) + usable(b) + usable(c), 3);
    memset(a, 7, 100);
    a = sim_realloc(a, 100000);
    assert_int_equal(((uint8_t *)a)[99], 7);
    assert_use(before, usable(a) + usable(b) + usable(c), 3);
    a = sim_realloc(a, 10);
    assert_use(before, usable(a) + usable(b) + usable(c), 3);
    sim_free(b);
    sim_free(c);
    assert_use(before, usable(a), 1);
    assert_null(sim_realloc(a, 0)); /* frees */
    assert_use(before, 0, 0);
    a = sim_realloc(NULL, 50); /* allocates */
    assert_use(before, usable(a), 1);
    sim_free(a);
    sim_free(NULL);
    assert_use(before, 0, 0);
}

static void test_too_much(void **state) {
    (void)state;
    if (SANITIZED) skip(); /* a sanitizer reports a request that large instead of refusing it */
    const sim_heap_use before = sim_heap_in_use();
    volatile size_t huge = SIZE_MAX / 2; /* volatile: gcc would warn of what this test is about */
    assert_null(sim_malloc(huge));
    assert_null(sim_calloc(huge, 3));
    char *p = sim_strdup("kept");
    assert_null(sim_realloc(p, huge)); /* what fails leaves the old block alone */
    assert_string_equal(p, "kept");
    sim_free(p);
    assert_use(before, 0, 0);
}

static void test_fails_on_purpose(void **state) {
    (void)state;
    void *p[4];
    sim_heap_fail(2, false);
    for (int i = 0; i < 4; i++) p[i] = sim_malloc(10);
    assert_true(sim_heap_fail_never());
    assert_true(p[0] != NULL && p[1] != NULL && p[2] == NULL && p[3] != NULL);
    for (int i = 0; i < 4; i++) sim_free(p[i]);

    const uint64_t refused = sim_heap_refusals();
    sim_heap_fail(1, true);
    p[0] = sim_malloc(10);
    assert_true(sim_heap_refusals() == refused);
    p[1] = sim_calloc(1, 10);
    p[2] = sim_strdup("x");
    p[3] = sim_realloc(p[0], 10000);
    assert_true(p[0] != NULL && p[1] == NULL && p[2] == NULL && p[3] == NULL);
    assert_true(sim_heap_refusals() == refused + 3);
    sim_free(p[0]); /* a failed sim_realloc has not freed it */
    assert_true(sim_heap_fail_never());

    sim_heap_fail(5, true);
    sim_free(sim_malloc(1));
    assert_false(sim_heap_fail_never()); /* it did not come to a failure */
    p[0] = sim_malloc(1);
    assert_non_null(p[0]);
    sim_free(p[0]);
}

static void *allocate_once(void *unused) {
    (void)unused;
    return sim_malloc(64);
}

static void *free_it(void *p) {
    sim_free(p);
    return NULL;
}

static void *in_thread(void *(*job)(void *), void *argument) {
    pthread_t thread;
    void *result;
    assert_int_equal(pthread_create(&thread, NULL, job, argument), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    return result;
}

/* Made in a thread that ended, freed in another that ended: the sum was right all the time. */
static void test_threads_that_ended_still_count(void **state) {
    (void)state;
    const sim_heap_use before = sim_heap_in_use();
    for (int i = 0; i < 50; i++) {
        void *p = in_thread(allocate_once, NULL);
        assert_use(before, usable(p), 1);
        in_thread(free_it, p);
        assert_use(before, 0, 0);
    }
    void *p = in_thread(allocate_once, NULL);
    sim_free(p);
    assert_use(before, 0, 0);
}

/* Threads that come and go do not make the book-keeping grow. */
static void test_tallies_are_used_again(void **state) {
    (void)state;
    if (SANITIZED) skip(); /* mallinfo2 knows nothing of a sanitizer's heap */
    size_t before = 0;
    for (int i = 0; i < 110; i++) {
        if (i == 10) before = mallinfo2().uordblks;
        in_thread(free_it, in_thread(allocate_once, NULL));
    }
    assert_true(mallinfo2().uordblks < before + 10 * 64);
}

static void test_failures_are_this_threads(void **state) {
    (void)state;
    sim_heap_fail(0, true);
    void *p = in_thread(allocate_once, NULL);
    assert_false(sim_heap_fail_never());
    assert_non_null(p);
    sim_free(p);
}

static pthread_key_t late_key;
static void free_late(void *p) {
    sim_free(p);
}

static void *leave_to_destructor(void *unused) {
    (void)unused;
    pthread_setspecific(late_key, sim_malloc(10));
    return NULL;
}

/* A library that frees in a destructor of its own, after our tally was returned. */
static void test_free_while_a_thread_ends(void **state) {
    (void)state;
    const sim_heap_use before = sim_heap_in_use();
    sim_free(sim_malloc(1)); /* our key first, so that its destructor runs first */
    assert_int_equal(pthread_key_create(&late_key, free_late), 0);
    for (int i = 0; i < 20; i++) in_thread(leave_to_destructor, NULL);
    pthread_key_delete(late_key);
    assert_use(before, 0, 0);
}

enum { THREADS = 4, ROUNDS = 20000 };

static void *churn(void *unused) {
    (void)unused;
    void *p[16] = {NULL};
    for (uint32_t i = 0; i < ROUNDS; i++) {
        sim_free(p[i % 16]);
        p[i % 16] = sim_malloc(1 + i * 7 % 500);
        if (i % 1000 == 0) (void)sim_heap_in_use();
    }
    for (int i = 0; i < 15; i++) sim_free(p[i]);
    return p[15];
}

static void test_many_threads(void **state) {
    (void)state;
    const sim_heap_use before = sim_heap_in_use();
    pthread_t thread[THREADS];
    int64_t left = 0;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, churn, NULL), 0);
    void *p[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(thread[i], &p[i]), 0);
        left += usable(p[i]);
    }
    assert_use(before, left, THREADS);
    for (int i = 0; i < THREADS; i++) sim_free(p[i]);
    assert_use(before, 0, 0);
}

static int three_allocations(void *context) {
    void *a = sim_malloc(1), *b = sim_calloc(1, 1), *c = sim_strdup(context);
    const int error = a == NULL || b == NULL || c == NULL ? SIM_ENOMEM : 0;
    sim_free(a);
    sim_free(b);
    sim_free(c);
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    assert_int_equal(fail_every_allocation(three_allocations, "text"), 3);
}

static void test_a_list_grows_by_half(void **state) {
    (void)state;
    size_t room = 0;
    int *list = sim_more(NULL, 0, &room, sizeof *list);
    assert_non_null(list);
    assert_true(room > 0);
    for (size_t count = 0; count < 1000; count++) {
        size_t before = room;
        int *more = sim_more(list, count, &room, sizeof *list);
        assert_non_null(more);
        assert_true(room > count && (count < before ? room == before : room < 2 * before + 64));
        list = more;
        list[count] = (int)count;
    }
    for (int i = 0; i < 1000; i++) assert_int_equal(list[i], i);
    size_t before = room;
    sim_heap_fail(0, false);
    assert_null(sim_more(list, room, &room, sizeof *list));
    assert_true(sim_heap_fail_never());
    assert_int_equal(room, before);
    assert_null(sim_more(list, room, &room, SIZE_MAX / 2)); /* more bytes than there are */
    sim_free(list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_list_grows_by_half),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_too_much),
        cmocka_unit_test(test_fails_on_purpose),
        cmocka_unit_test(test_threads_that_ended_still_count),
        cmocka_unit_test(test_tallies_are_used_again),
        cmocka_unit_test(test_failures_are_this_threads),
        cmocka_unit_test(test_free_while_a_thread_ends),
        cmocka_unit_test(test_many_threads),
        cmocka_unit_test(test_every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
