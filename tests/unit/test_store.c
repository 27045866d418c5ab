/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a device keeps, cut at every single step of every verb, and of the boot that follows. */
#include <string.h>

#include "devices/store.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

static const uint8_t root[NET_SEAL_KEY] = "fuses of lock 7";
static const char pin[] = "PIN 4711 of Anna";

enum {
    PAGES = 2, /* a page a bank: the journal is renewed every few puts */
    TEARS = 8, /* ways in which a step is torn */
    KEYS = 5,
    PIN = DEV_STORE_KEY(DEV_DATA_USERS, 0),
};

static const uint8_t keys[KEYS] = {
    DEV_STORE_KEY(DEV_DATA_IDENTITY, 0), PIN, DEV_STORE_KEY(DEV_DATA_USERS, 1),
    DEV_STORE_KEY(DEV_DATA_SETTINGS, 3), DEV_STORE_KEY(DEV_DATA_ACTUATOR, 0)};

typedef struct contents {
    struct {
        size_t n;
        uint8_t bytes[DEV_STORE_VALUE_MAX];
    } values[KEYS];
} contents;

static contents contents_of(const dev_store *s) {
    contents c;
    memset(&c, 0, sizeof c);
    for (size_t i = 0; i < KEYS; i++) c.values[i].n = dev_store_get(s, keys[i], c.values[i].bytes);
    return c;
}

static bool same(const contents *a, const contents *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

/* ---- what a device does to its store ---- */

typedef struct deed {
    enum { PUT_IT, REMOVE_IT, RESET_IT } what;
    size_t key; /* in keys */
    const char *value;
} deed;

static const deed life[] = {
    {PUT_IT, 0, "serial 00042"},
    {PUT_IT, 1, pin},
    {PUT_IT, 3, "21.5"},
    {PUT_IT, 4, "bolted"},
    {PUT_IT, 4, "open"},
    {PUT_IT, 3, "a schedule of the week that takes some forty bytes of flash"},
    {PUT_IT, 2, "phone of Ben"},
    {REMOVE_IT, 2, NULL},
    {REMOVE_IT, 2, NULL}, /* no step */
    {PUT_IT, 4, "bolted"},
    {PUT_IT, 4, "bolted"}, /* no step */
    {PUT_IT, 3, "another schedule, so that the journal is full sooner or later"},
    {PUT_IT, 4, "open"},
    {PUT_IT, 3, "19.0"},
    {PUT_IT, 4, "bolted"},
    {PUT_IT, 3, "a third schedule, the longest of them all, with nights and holidays"},
    {PUT_IT, 4, "open"},
    {RESET_IT, 0, NULL},
    {PUT_IT, 1, "PIN 0815 of Carla"},
    {RESET_IT, 0, NULL},
    {RESET_IT, 0, NULL},
    {PUT_IT, 4, "bolted"},
};
enum { DEEDS = sizeof life / sizeof life[0] };

static int do_it(dev_store *s, const deed *d) {
    if (d->what == RESET_IT) return dev_store_reset(s);
    if (d->what == REMOVE_IT) return dev_store_remove(s, keys[d->key]);
    return dev_store_put(s, keys[d->key], d->value, strlen(d->value));
}

/* ---- a device on the bench ---- */

typedef struct device {
    dev_flash flash;
    dev_store store;
} device;

static void fresh(device *d, const uint8_t *sealed_by, bool without_journal) {
    dev_flash_init(&d->flash, PAGES, sim_stream_for(1, SIM_PURPOSE_DEVICE, 0));
    dev_store_init(&d->store, &d->flash, sealed_by, sim_stream_for(2, SIM_PURPOSE_DEVICE, 0));
    d->store.without_journal = without_journal;
    assert_int_equal(dev_store_open(&d->store), 0);
}

static void copy(device *to, const device *from) {
    assert_int_equal(dev_flash_copy(&to->flash, &from->flash), 0);
    to->store = from->store;
    to->store.flash = &to->flash;
}

static bool shows(const dev_flash *f, const char *text) {
    uint8_t all[PAGES * DEV_FLASH_PAGE];
    dev_flash_read(f, 0, all, sizeof all);
    return memmem(all, sizeof all, text, strlen(text)) != NULL;
}

static uint32_t steps_of_boot(const device *d) {
    device probe;
    copy(&probe, d);
    uint32_t before = probe.flash.steps;
    dev_flash_power(&probe.flash);
    assert_int_equal(dev_store_open(&probe.store), 0);
    uint32_t steps = probe.flash.steps - before;
    dev_flash_deinit(&probe.flash);
    return steps;
}

/* ---- every cut ---- */

typedef struct cuts {
    uint32_t points, thirds, leaks;
} cuts;

/* The power is back for good: old or new, and fit for the next values. */
static void judge(device *d, const contents *old, const contents *new, const deed *done, cuts *c) {
    dev_flash_power(&d->flash);
    assert_int_equal(dev_store_open(&d->store), 0);
    contents now = contents_of(&d->store);
    bool is_new = same(&now, new);
    if (!is_new && !same(&now, old)) c->thirds++;
    if (is_new && done->what == RESET_IT && shows(&d->flash, pin)) c->leaks++;
    assert_int_equal(dev_store_put(&d->store, keys[4], "after", 5), 0);
    contents wanted = now;
    memset(&wanted.values[4], 0, sizeof wanted.values[4]);
    wanted.values[4].n = 5;
    memcpy(wanted.values[4].bytes, "after", 5);
    assert_int_equal(dev_store_open(&d->store), 0);
    contents after = contents_of(&d->store);
    assert_true(same(&after, &wanted));
}

/* Power goes in step `step` of the deed, then in step `again` of the boot; 0: it does not. */
static bool cut_at(const device *before, const deed *done, uint32_t step, uint32_t again,
                   uint64_t tear, const contents *old, const contents *new, cuts *c) {
    device d;
    copy(&d, before);
    d.flash.torn = sim_stream_for(tear, step, again);
    dev_flash_cut_in(&d.flash, step);
    assert_int_equal(do_it(&d.store, done), SIM_EIO);
    dev_flash_power(&d.flash);
    bool more = steps_of_boot(&d) >= again && again > 0;
    if (more) {
        dev_flash_cut_in(&d.flash, again);
        assert_int_equal(dev_store_open(&d.store), SIM_EIO);
        assert_int_equal(dev_store_put(&d.store, keys[0], "x", 1), SIM_ESTATE);
    }
    if (more || again == 0) {
        c->points++;
        judge(&d, old, new, done, c);
    }
    dev_flash_deinit(&d.flash);
    return more;
}

static uint32_t steps_of(const device *before, const deed *done, contents *new) {
    device d;
    copy(&d, before);
    uint32_t start = d.flash.steps;
    assert_int_equal(do_it(&d.store, done), 0);
    *new = contents_of(&d.store);
    uint32_t steps = d.flash.steps - start;
    dev_flash_deinit(&d.flash);
    return steps;
}

static cuts cut_everywhere(const uint8_t *sealed_by, bool without_journal) {
    cuts c = {0};
    device d;
    fresh(&d, sealed_by, without_journal);
    for (size_t i = 0; i < DEEDS; i++) {
        contents old = contents_of(&d.store), new;
        uint32_t steps = steps_of(&d, &life[i], &new);
        for (uint32_t step = 1; step <= steps; step++)
            for (uint64_t tear = 0; tear < TEARS; tear++)
                for (uint32_t again = 0;
                     cut_at(&d, &life[i], step, again, tear, &old, &new, &c) || again == 0;
                     again++) {
                }
        assert_int_equal(do_it(&d.store, &life[i]), 0);
    }
    dev_flash_deinit(&d.flash);
    return c;
}

static void test_every_cut_leaves_old_or_new(void **state) {
    (void)state;
    cuts sealed = cut_everywhere(root, false), plain = cut_everywhere(NULL, false);
    print_message("%u cut points, sealed and in the clear\n", sealed.points + plain.points);
    assert_true(sealed.points > 2000 && plain.points > 2000);
    assert_int_equal(sealed.thirds + plain.thirds, 0);
    assert_int_equal(sealed.leaks + plain.leaks, 0);
}

/* Its bad twin: everything is written anew in place. */
static void test_without_a_journal_there_is_a_third_state(void **state) {
    (void)state;
    cuts c = cut_everywhere(root, true);
    print_message("%u of %u cut points lose what was kept\n", c.thirds, c.points);
    assert_true(c.thirds > c.points / 2);
}

/* ---- the rest ---- */

static void test_secrets_are_not_readable(void **state) {
    (void)state;
    device sealed, plain;
    fresh(&sealed, root, false);
    fresh(&plain, NULL, false);
    assert_int_equal(dev_store_put(&sealed.store, PIN, pin, sizeof pin), 0);
    assert_int_equal(dev_store_put(&plain.store, PIN, pin, sizeof pin), 0);
    assert_false(shows(&sealed.flash, pin));
    assert_true(shows(&plain.flash, pin)); /* the bad twin */
    /* Nor by whoever puts the flash into another device of the kind. */
    uint8_t value[DEV_STORE_VALUE_MAX];
    static const uint8_t other[NET_SEAL_KEY] = "fuses of lock 8";
    sealed.store.root = other;
    assert_int_equal(dev_store_get(&sealed.store, PIN, value), 0);
    sealed.store.root = root;
    assert_int_equal(dev_store_get(&sealed.store, PIN, value), sizeof pin);
    dev_flash_deinit(&sealed.flash);
    dev_flash_deinit(&plain.flash);
}

/* The same value sealed twice looks unlike. */
static void test_seals_differ(void **state) {
    (void)state;
    device a, b;
    uint8_t left[PAGES * DEV_FLASH_PAGE], right[sizeof left];
    fresh(&a, root, false);
    fresh(&b, root, false);
    b.store.salt = sim_stream_for(3, SIM_PURPOSE_DEVICE, 0);
    assert_int_equal(dev_store_put(&a.store, PIN, pin, sizeof pin), 0);
    assert_int_equal(dev_store_put(&b.store, PIN, pin, sizeof pin), 0);
    dev_flash_read(&a.flash, 0, left, sizeof left);
    dev_flash_read(&b.flash, 0, right, sizeof right);
    assert_memory_not_equal(left, right, sizeof left);
    dev_flash_deinit(&a.flash);
    dev_flash_deinit(&b.flash);
}

static void test_full(void **state) {
    (void)state;
    device d;
    uint8_t big[DEV_STORE_VALUE_MAX];
    memset(big, 7, sizeof big);
    fresh(&d, NULL, false);
    for (uint8_t i = 0; i < 3; i++)
        assert_int_equal(dev_store_put(&d.store, DEV_STORE_KEY(DEV_DATA_HISTORY, i), big, 128), 0);
    contents before = contents_of(&d.store);
    uint32_t steps = d.flash.steps;
    assert_int_equal(dev_store_put(&d.store, keys[0], big, 128), SIM_ERANGE);
    assert_int_equal(d.flash.steps, steps);
    contents after = contents_of(&d.store);
    assert_true(same(&before, &after));
    assert_int_equal(dev_store_put(&d.store, keys[0], big, 8), 0);
    dev_flash_deinit(&d.flash);
}

/* Ten thousand changes of one value wear both banks alike, some tens of them an erase. */
static void test_wear(void **state) {
    (void)state;
    device d;
    fresh(&d, root, false);
    for (uint32_t i = 0; i < 10000; i++)
        assert_int_equal(dev_store_put(&d.store, keys[3], &i, sizeof i), 0);
    assert_in_range(dev_flash_worn(&d.flash), 300, 450); /* 14 puts fill a bank */
    assert_in_range(d.flash.pages[0].erases - d.flash.pages[1].erases + 1, 0, 2);
    dev_flash_deinit(&d.flash);
}

/* Whoever writes little has little in memory. */
static void test_little_costs_little(void **state) {
    (void)state;
    device d;
    int64_t before = sim_heap_in_use().bytes;
    fresh(&d, NULL, false);
    assert_int_equal(dev_store_put(&d.store, keys[3], "21.5", 4), 0);
    assert_true(sim_heap_in_use().bytes - before <= 200);
    dev_flash_deinit(&d.flash);
    assert_int_equal(sim_heap_in_use().bytes, before);
}

static bool live_without_memory(void *context) {
    (void)context;
    device d;
    bool done = false;
    dev_flash_init(&d.flash, PAGES, sim_stream_for(1, SIM_PURPOSE_DEVICE, 0));
    dev_store_init(&d.store, &d.flash, NULL, sim_stream_for(2, SIM_PURPOSE_DEVICE, 0));
    if (dev_store_open(&d.store) == 0) {
        done = dev_store_put(&d.store, keys[3], "21.5", 4) == 0;
        int later = dev_store_put(&d.store, keys[4], "open", 4);
        uint8_t value[DEV_STORE_VALUE_MAX];
        (void)sim_heap_fail_never();
        assert_int_equal(dev_store_open(&d.store), 0);
        assert_int_equal(dev_store_get(&d.store, keys[3], value), done ? 4 : 0);
        assert_int_equal(dev_store_get(&d.store, keys[4], value), later == 0 ? 4 : 0);
    }
    dev_flash_deinit(&d.flash);
    return done;
}

/* A put that had no memory leaves no hole in which later ones are lost. */
static void test_no_memory(void **state) {
    (void)state;
    for (long after = 0; after < 6; after++) {
        sim_heap_fail(after, false);
        (void)live_without_memory(NULL);
        (void)sim_heap_fail_never();
    }
    assert_true(live_without_memory(NULL));
}

/* A flash full of anything is an empty store. */
static void test_foreign_flash(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        device d;
        uint8_t unit[DEV_FLASH_UNIT];
        sim_stream noise = sim_stream_for(seed, SIM_PURPOSE_DEVICE, 1);
        dev_flash_init(&d.flash, PAGES, noise);
        for (uint32_t at = 0; at < dev_flash_size(&d.flash); at += DEV_FLASH_UNIT) {
            sim_stream_bytes(&noise, unit, sizeof unit);
            assert_int_equal(dev_flash_program(&d.flash, at, unit), 0);
        }
        dev_store_init(&d.store, &d.flash, root, noise);
        assert_int_equal(dev_store_open(&d.store), 0);
        contents now = contents_of(&d.store), none;
        memset(&none, 0, sizeof none);
        assert_true(same(&now, &none));
        assert_int_equal(dev_store_put(&d.store, keys[0], "x", 1), 0);
        dev_flash_deinit(&d.flash);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cut_leaves_old_or_new),
        cmocka_unit_test(test_without_a_journal_there_is_a_third_state),
        cmocka_unit_test(test_secrets_are_not_readable),
        cmocka_unit_test(test_seals_differ),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_wear),
        cmocka_unit_test(test_little_costs_little),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_foreign_flash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
