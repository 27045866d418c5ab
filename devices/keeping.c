/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/keeping.h"

#include <string.h>

/* What pairing writes, beside the rows of a data sheet: its keys are the last of their class. */
enum {
    HOME = DEV_STORE_KEY(DEV_DATA_NETWORK, 15),
    OWNER = DEV_STORE_KEY(DEV_DATA_USERS, 15),
    CONSENT = DEV_STORE_KEY(DEV_DATA_USERS, 14)
};
static const uint8_t pairing_keys[] = {HOME, OWNER, CONSENT};
enum { PAIRING_KEYS = sizeof pairing_keys / sizeof *pairing_keys };

/* A row with a size, on the way through a data sheet. */
typedef struct row {
    const dev_keep *keep;
    uint8_t key;
    size_t at; /* in dev_household.kept and its like */
} row;

static const dev_keep *rows_of(const dev_model *m) {
    static const dev_keep none[] = {{0}};
    return m->sheet->keeps != NULL ? m->sheet->keeps : none;
}

static bool next_row(const dev_model *m, row *r) {
    const dev_keep *first = rows_of(m);
    if (r->keep != NULL) r->at += r->keep->size;
    r->keep = r->keep == NULL ? first : r->keep + 1;
    while (r->keep->what != NULL && r->keep->size == 0) r->keep++;
    if (r->keep->what == NULL) return false;
    r->key = DEV_STORE_KEY(r->keep->data, r->keep - first);
    SIM_PROMISE(r->at + r->keep->size <= DEV_HOUSEHOLD_KEPT && r->keep - first < CONSENT % 16);
    return true;
}

static void *member(const dev_device *d, const row *r) {
    return (uint8_t *)d->own + r->keep->offset;
}

/* The factory knows no codes. */
static void note_factory(dev_household *h, const dev_device *d) {
    for (row r = {0}; next_row(d->profile->model, &r);)
        if (r.keep->data != DEV_DATA_USERS) memcpy(h->factory + r.at, member(d, &r), r.keep->size);
}

int dev_keeping_pair(dev_household *h) {
    static const char yes[] = "yes";
    int error = 0;
    for (int i = 0; i < PAIRING_KEYS && error == 0; i++)
        error = dev_store_put(&h->store, pairing_keys[i], yes, sizeof yes);
    return error;
}

bool dev_keeping_is_paired(const dev_household *h) {
    uint8_t value[DEV_STORE_VALUE_MAX];
    bool all = true;
    for (int i = 0; i < PAIRING_KEYS; i++)
        all = all && dev_store_get(&h->store, pairing_keys[i], value) > 0;
    return all;
}

static int write_row(dev_household *h, const dev_device *d, const row *r) {
    int error = dev_store_put(&h->store, r->key, member(d, r), r->keep->size);
    if (error == 0) memcpy(h->kept + r->at, member(d, r), r->keep->size);
    return error;
}

int dev_keeping_init(dev_household *h, dev_device *d) {
    note_factory(h, d);
    int error = dev_store_open(&h->store);
    if (error == 0) error = dev_keeping_pair(h);
    for (row r = {0}; error == 0 && next_row(d->profile->model, &r);) error = write_row(h, d, &r);
    return error;
}

int dev_keeping_save(dev_household *h, const dev_device *d, sim_time now) {
    int error = 0;
    bool due = h->save_due <= now;
    if (due) h->save_due = SIM_NEVER;
    for (row r = {0}; error == 0 && next_row(d->profile->model, &r);) {
        if (memcmp(member(d, &r), h->kept + r.at, r.keep->size) == 0) continue;
        if (r.keep->every == 0 || due)
            error = write_row(h, d, &r);
        else
            h->save_due = sim_time_min(h->save_due, sim_time_add(now, r.keep->every));
    }
    return error;
}

int dev_keeping_reset(dev_household *h) {
    return dev_store_reset(&h->store);
}

static void take_factory(dev_household *h, const dev_device *d, const row *r) {
    memcpy(member(d, r), h->factory + r->at, r->keep->size);
    memcpy(h->kept + r->at, h->factory + r->at, r->keep->size);
}

void dev_keeping_forget(dev_household *h, const dev_device *d) {
    for (row r = {0}; next_row(d->profile->model, &r);)
        if (dev_data_is_erased(r.keep->data)) take_factory(h, d, &r);
}

bool dev_keeping_is_empty(const dev_household *h, const dev_model *m) {
    uint8_t value[DEV_STORE_VALUE_MAX];
    bool empty = true;
    for (int i = 0; i < PAIRING_KEYS; i++)
        empty = empty && dev_store_get(&h->store, pairing_keys[i], value) == 0;
    for (row r = {0}; next_row(m, &r);)
        if (dev_data_is_erased(r.keep->data))
            empty = empty && dev_store_get(&h->store, r.key, value) == 0;
    return empty;
}

void dev_keeping_cut(dev_household *h, const dev_device *d) {
    h->writing = true;
    for (row r = {0}; next_row(d->profile->model, &r);)
        memcpy(h->meant + r.at, member(d, &r), r.keep->size);
}

/* ---- when power returns ---- */

static bool is_lost_by(dev_variant variant, dev_data data) {
    return (variant == DEV_VARIANT_FORGETS_USERS && data == DEV_DATA_USERS) ||
           (variant == DEV_VARIANT_FORGETS_SETTINGS && data == DEV_DATA_SETTINGS);
}

static void load_row(dev_household *h, const dev_device *d, const row *r) {
    uint8_t value[DEV_STORE_VALUE_MAX];
    size_t n = dev_store_get(&h->store, r->key, value);
    bool forgets = h->booted && is_lost_by(d->profile->variant, r->keep->data);
    bool there = n == r->keep->size && !forgets;
    memcpy(member(d, r), there ? value : h->factory + r->at, r->keep->size);
}

/* How a row is that was loaded, by what a person would say who remembers. */
static dev_note compare_row(const dev_household *h, const dev_device *d, const row *r, bool reset) {
    const void *is = member(d, r);
    bool erased = reset && dev_data_is_erased(r->keep->data);
    size_t n = r->keep->size;
    if (erased)
        return memcmp(is, h->factory + r->at, n) == 0 ? DEV_NOTE_RESTORED_SAME
                                                      : DEV_NOTE_RESTORED_CORRUPT;
    if (memcmp(is, h->kept + r->at, n) == 0) return DEV_NOTE_RESTORED_SAME;
    if (h->writing && memcmp(is, h->meant + r->at, n) == 0) return DEV_NOTE_RESTORED_SAME;
    return memcmp(is, h->factory + r->at, n) == 0 ? DEV_NOTE_RESTORED_WORSE
                                                  : DEV_NOTE_RESTORED_CORRUPT;
}

/* A reset that was cut has happened or has not: it is the pairing that tells. */
dev_note dev_keeping_boot(dev_household *h, const dev_device *d) {
    dev_note worst = DEV_NOTE_RESTORED_SAME;
    dev_flash_cut_in(&h->flash, 0);
    dev_flash_power(&h->flash);
    int error = dev_store_open(&h->store);
    bool reset = (h->stage == DEV_STAGE_FACTORY || h->resetting) && !dev_keeping_is_paired(h);
    for (row r = {0}; next_row(d->profile->model, &r);) {
        load_row(h, d, &r);
        dev_note how = compare_row(h, d, &r, reset);
        worst = how > worst ? how : worst;
        memcpy(h->kept + r.at, member(d, &r), r.keep->size);
    }
    h->writing = h->resetting = false;
    return error != 0 && worst == DEV_NOTE_RESTORED_SAME ? DEV_NOTE_RESTORED_WORSE : worst;
}
