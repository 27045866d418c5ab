/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/store.h - what a device keeps when its power goes: values by key in its flash, as a
 * journal. Every verb is whole: whenever power goes in it, the device finds its values after the
 * next boot as they were before the verb or as they are after it (EN 303 645, 5.9-1; a factory
 * reset, 5.11-1, is finished at the next boot).
 *
 * The flash is two banks. The bank with the higher generation holds the journal: a record of each
 * put, the later one counts. A full journal is written anew into the other bank, whose head comes
 * last; then the old bank is erased, so that nothing stays readable that was taken away. With a
 * root key values are sealed (5.4-1): the raw image tells nobody what they are.
 *
 * A store without a journal is a bad twin: it erases its bank and writes everything anew in place.
 */
#ifndef DEV_STORE_H
#define DEV_STORE_H

#include "devices/flash.h"
#include "net/seal.h"

/* Kinds of data (EN 303 645 Annex A, and its table of what is kept): X(name, word, erased by a
 * factory reset). A key's class is its upper half. */
#define DEV_DATA_MAP(X)                                                    \
    X(IDENTITY, "identity", false) /* unique name and key */               \
    X(FIRMWARE, "firmware", false) /* which slot runs, which version */    \
    X(PASSWORD, "password", true)  /* what the user set */                 \
    X(NETWORK, "network", true)    /* credentials of the home's network */ \
    X(USERS, "users", true)        /* pairings, PINs, consent */           \
    X(SETTINGS, "settings", true)  /* schedules, rules, set-points */      \
    X(HISTORY, "history", true)    /* what it sensed, its log */           \
    X(QUEUE, "queue", true)        /* reports that wait for a network */   \
    X(ACTUATOR, "actuator", true)  /* where its bolt, relay, valve is */   \
    X(SESSION, "session", true)    /* tickets and tokens */

typedef enum dev_data {
#define DEV_DATA_ENUM(name, word, erased) DEV_DATA_##name,
    DEV_DATA_MAP(DEV_DATA_ENUM)
#undef DEV_DATA_ENUM
        DEV_DATAS
} dev_data;
const char *dev_data_word(dev_data data);
bool dev_data_is_erased(dev_data data); /* by a factory reset */

/* Key number 0 .. 15 of a class. */
#define DEV_STORE_KEY(data, number) ((uint8_t)((data) << 4 | (number)))

enum { DEV_STORE_VALUE_MAX = 128 /* bytes */ };

typedef struct dev_store {
    dev_flash *flash;     /* borrowed; an even number of pages */
    const uint8_t *root;  /* NET_SEAL_KEY bytes in the processor's fuses; NULL: nothing is sealed */
    sim_stream salt;      /* makes nonces unlike */
    bool without_journal; /* the bad twin */
    bool open;
    uint8_t bank;
    uint32_t end; /* of the journal: bytes from the start of its bank */
    uint32_t generation;
} dev_store;

void dev_store_init(dev_store *s, dev_flash *flash, const uint8_t *root, sim_stream salt);
/* After each boot: finds what there is, and finishes what a cut left undone. A flash that holds no
 * store, whatever is in it, becomes an empty one. SIM_EIO: power went. SIM_ENOMEM. */
SIM_MUST_USE int dev_store_open(dev_store *s);

/* Keeps n bytes, 1 .. DEV_STORE_VALUE_MAX, under `key`; what is kept already costs no step.
 * SIM_ERANGE: no room, nothing changed. SIM_EIO: power went, it is kept or not. SIM_ESTATE: not
 * open. SIM_ENOMEM, SIM_ELIBRARY. */
SIM_MUST_USE int dev_store_put(dev_store *s, uint8_t key, const void *value, size_t n);
/* Takes it away; of a key that holds nothing: nothing to do. As dev_store_put. */
SIM_MUST_USE int dev_store_remove(dev_store *s, uint8_t key);
/* A factory reset: what dev_data_is_erased says goes, from the raw flash too. As dev_store_put. */
SIM_MUST_USE int dev_store_reset(dev_store *s);

/* Bytes under `key`, written to `value` (DEV_STORE_VALUE_MAX); 0: none, or none that this device
 * sealed. */
size_t dev_store_get(const dev_store *s, uint8_t key, void *value);

#endif
