/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/core/random.h"
#include "sim/core/workers.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/with_cmocka.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

enum { ITEMS = 100 };

/* Plain memory on purpose: only the workers' own meeting points make it safe, which the thread
 * sanitizer checks. */
typedef struct work {
    uint32_t done[ITEMS];
    pthread_t by[ITEMS];
    uint32_t last[ITEMS]; /* per member: the item done last */
    uint32_t size;
    uint32_t disorder[ITEMS]; /* per member */
} work;

static void note(void *context, uint32_t item) {
    work *w = context;
    const uint32_t member = item % w->size;
    if (w->last[member] != UINT32_MAX && w->last[member] >= item) w->disorder[member]++;
    w->last[member] = item;
    w->done[item]++;
    w->by[item] = pthread_self();
}

static void work_init(work *w, uint32_t size) {
    memset(w, 0, sizeof *w);
    memset(w->last, 0xff, sizeof w->last);
    w->size = size;
}

static void test_every_item_once(void **state) {
    (void)state;
    static const uint32_t sizes[] = {1, 2, 3, 7, 16}, items[] = {0, 1, 2, 5, 16, 17, ITEMS};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        sim_workers *c = sim_workers_new(sizes[s]);
        assert_non_null(c);
        assert_int_equal(sim_workers_size(c), sizes[s]);
        for (size_t k = 0; k < sizeof items / sizeof items[0]; k++) {
            work w;
            work_init(&w, sizes[s]);
            sim_workers_run(c, items[k], note, &w);
            for (uint32_t i = 0; i < ITEMS; i++) assert_int_equal(w.done[i], i < items[k] ? 1 : 0);
            for (uint32_t m = 0; m < ITEMS; m++) assert_int_equal(w.disorder[m], 0);
        }
        sim_workers_free(c);
    }
}

/* An item is always the same member's, and the caller is member 0. */
static void test_items_stay_with_their_member(void **state) {
    (void)state;
    sim_workers *c = sim_workers_new(4);
    work first, w;
    work_init(&first, 4);
    sim_workers_run(c, ITEMS, note, &first);
    for (int round = 0; round < 50; round++) {
        work_init(&w, 4);
        sim_workers_run(c, 1 + (uint32_t)round, note, &w);
        for (uint32_t i = 0; i <= (uint32_t)round; i++)
            assert_true(pthread_equal(w.by[i], first.by[i % 4]));
    }
    assert_true(pthread_equal(first.by[0], pthread_self()));
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < i; k++) assert_false(pthread_equal(first.by[i], first.by[k]));
    sim_workers_free(c);
}

/* What is counted is what happened; how often somebody slept is the machine's business. */
static void test_counts(void **state) {
    (void)state;
    work w;
    work_init(&w, 3);
    for (uint32_t size = 1; size <= 3; size += 2) {
        sim_workers *c = sim_workers_new(size);
        for (int i = 0; i < 5; i++) sim_workers_run(c, ITEMS, note, &w);
        sim_workers_run(c, 1, note, &w);
        sim_workers_count count = sim_workers_counted(c);
        assert_int_equal(count.shared, size == 1 ? 0 : 5);
        assert_int_equal(count.alone, size == 1 ? 6 : 1);
        if (size == 1) assert_true(count.looks == 0 && count.sleeps == 0);
        sim_workers_free(c);
    }
}

/* Each round reads what all others wrote in the round before: neighbours to the left and right, as
 * shards exchange messages. */
typedef struct ring {
    uint64_t now[ITEMS], next[ITEMS];
} ring;

static void mix(void *context, uint32_t i) {
    ring *r = context;
    r->next[i] = sim_hash64(r->now[(i + 1) % ITEMS] ^ (r->now[(i + ITEMS - 1) % ITEMS] << 1));
}

static void turn(void *context, uint32_t i) {
    ring *r = context;
    r->now[i] = r->next[i];
}

static uint64_t mixed(uint32_t size, int rounds) {
    ring r;
    sim_workers *c = sim_workers_new(size);
    assert_non_null(c);
    for (uint64_t i = 0; i < ITEMS; i++) r.now[i] = i;
    for (int i = 0; i < rounds; i++) {
        sim_workers_run(c, ITEMS, mix, &r);
        sim_workers_run(c, ITEMS, turn, &r);
    }
    sim_workers_free(c);
    return r.now[42];
}

static void test_rounds_see_each_other(void **state) {
    (void)state;
    const uint64_t alone = mixed(1, 2000);
    assert_int_equal(mixed(2, 2000), alone);
    assert_int_equal(mixed(7, 2000), alone);
}

/* How many threads of this process but the caller's own are running or ready to run. */
static int awake(void) {
    int found = 0;
    DIR *tasks = opendir("/proc/self/task");
    assert_non_null(tasks);
    for (const struct dirent *d; (d = readdir(tasks)) != NULL;) {
        char path[300], stat[400] = "";
        snprintf(path, sizeof path, "/proc/self/task/%s/stat", d->d_name);
        FILE *f = d->d_name[0] == '.' || atoi(d->d_name) == gettid() ? NULL : fopen(path, "r");
        if (f == NULL) continue;
        const char *state = fgets(stat, sizeof stat, f) == NULL ? NULL : strrchr(stat, ')');
        found += state != NULL && strncmp(state, ") R", 3) == 0;
        fclose(f);
    }
    closedir(tasks);
    return found;
}

typedef struct watch {
    uint32_t watcher;
    bool all_slept;
} watch;

/* One job takes long; it looks for up to a minute whether all others have gone to sleep meanwhile:
 * beside others who want the processor they get to it late. */
static void watch_others(void *context, uint32_t item) {
    watch *w = context;
    const time_t until = time(NULL) + 60;
    while (item == w->watcher && !w->all_slept && time(NULL) < until) w->all_slept = awake() == 0;
}

static void test_who_waits_sleeps(void **state) {
    (void)state;
    sim_workers *c = sim_workers_new(4);
    for (uint32_t watcher = 0; watcher < 4;
         watcher++) { /* 0: the members wait for work; else the caller waits for one, too */
        watch w = {watcher, false};
        sim_workers_run(c, 4, watch_others, &w);
        assert_true(w.all_slept);
    }
    sim_workers_free(c);
}

static void mask_of(void *context, uint32_t item) {
    sigset_t set;
    pthread_sigmask(SIG_SETMASK, NULL, &set);
    ((bool *)context)[item] = sigismember(&set, SIGINT) == 1;
}

/* Ctrl-C reaches the main thread: it alone takes signals. */
static void test_members_take_no_signals(void **state) {
    (void)state;
    bool blocked[3];
    sim_workers *c = sim_workers_new(3);
    sim_workers_run(c, 3, mask_of, blocked);
    assert_false(blocked[0]);
    assert_true(blocked[1] && blocked[2]);
    sim_workers_free(c);
}

static void allocate(void *context, uint32_t item) {
    ((void **)context)[item] = sim_malloc(100);
}

static void test_members_heap_counts(void **state) {
    (void)state;
    void *p[10];
    const sim_heap_use before = sim_heap_in_use();
    sim_workers *c = sim_workers_new(4);
    const sim_heap_use with_crew = sim_heap_in_use();
    sim_workers_run(c, 10, allocate, p);
    assert_int_equal(sim_heap_in_use().blocks - with_crew.blocks, 10);
    sim_workers_free(c);
    assert_int_equal(sim_heap_in_use().blocks - before.blocks, 10);
    for (int i = 0; i < 10; i++) sim_free(p[i]);
    assert_int_equal(sim_heap_in_use().bytes, before.bytes);
}

static int crew_of_three(void *context) {
    sim_workers *c = sim_workers_new(3);
    if (c == NULL) return SIM_ENOMEM;
    sim_workers_run(c, 3, note, context);
    sim_workers_free(c);
    return 0;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    work w;
    work_init(&w, 3);
    assert_int_equal(fail_every_allocation(crew_of_three, &w), 1);
    sim_workers_free(NULL);
}

/* A machine that refuses a thread half-way (here: no address space for a stack): NULL, nothing left
 * running. The child's exit code says what happened. */
static int crew_without_room(void) {
    const sim_heap_use before = sim_heap_in_use();
    pthread_attr_t usual;
    size_t stack;
    if (pthread_getattr_default_np(&usual) != 0 || pthread_attr_getstacksize(&usual, &stack) != 0)
        return 6;
    const rlim_t room = ((rlim_t)256 << 20) + 64 * stack; /* for some threads, not for 255 */
    const struct rlimit limit = {room, room};
    if (setrlimit(RLIMIT_AS, &limit) != 0) return 1;
    sim_workers *few = sim_workers_new(4), *many = sim_workers_new(256);
    if (few == NULL) return 2;
    if (many != NULL) return 3;
    work w;
    work_init(&w, 4);
    sim_workers_run(few, ITEMS, note, &w);
    sim_workers_free(few);
    for (int i = 0; i < ITEMS; i++)
        if (w.done[i] != 1) return 4;
    return sim_heap_in_use().blocks == before.blocks ? 0 : 5;
}

static void test_no_room_for_threads(void **state) {
    (void)state;
    if (SANITIZED) skip(); /* they need terabytes of address space */
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(crew_without_room());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_item_once),
        cmocka_unit_test(test_items_stay_with_their_member),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_rounds_see_each_other),
        cmocka_unit_test(test_who_waits_sleeps),
        cmocka_unit_test(test_members_take_no_signals),
        cmocka_unit_test(test_members_heap_counts),
        cmocka_unit_test(test_every_allocation_fails),
        cmocka_unit_test(test_no_room_for_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
