/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/store.h"

#include <string.h>
#include <zlib.h>

/* A record is a head (one unit), its value filled up to whole units, and a seal of the record (one
 * unit), which is programmed last: without it the record does not count. */
enum {
    UNIT = DEV_FLASH_UNIT,
    BANK_HEAD = 2 * UNIT,
    SALT = 8,                                               /* bytes before a sealed value */
    STORED_MAX = SALT + DEV_STORE_VALUE_MAX + NET_SEAL_TAG, /* whole units */
    MAGIC = 0x31465342,                                     /* "BSF1" */
};

typedef enum record_kind { PUT = 1, SEALED, REMOVE, RESET } record_kind;

typedef struct record {
    record_kind kind;
    uint8_t key;
    uint16_t n;  /* bytes as they are stored */
    uint32_t at; /* of its head, from the start of the bank */
    uint8_t bytes[STORED_MAX];
} record;

static const struct {
    const char *word;
    bool erased;
} data_rows[DEV_DATAS] = {
#define DATA_ROW(name, word, erased) [DEV_DATA_##name] = {word, erased},
    DEV_DATA_MAP(DATA_ROW)
#undef DATA_ROW
};

const char *dev_data_word(dev_data data) {
    return data_rows[data].word;
}
bool dev_data_is_erased(dev_data data) {
    return data_rows[data].erased;
}

static bool goes_by_reset(uint8_t key) {
    return key >> 4 >= DEV_DATAS || data_rows[key >> 4].erased;
}

/* ---- places ---- */

static uint32_t bank_pages(const dev_store *s) {
    return s->flash->count / 2U;
}
static uint32_t bank_size(const dev_store *s) {
    return bank_pages(s) * DEV_FLASH_PAGE;
}
static uint32_t whole_units(uint32_t n) {
    return (n + UNIT - 1) / UNIT * UNIT;
}
static uint32_t record_size(uint32_t n) {
    return UNIT + whole_units(n) + UNIT;
}

static void read_bank(const dev_store *s, uint8_t bank, uint32_t at, void *out, size_t n) {
    dev_flash_read(s->flash, bank * bank_size(s) + at, out, n);
}

static int program(dev_store *s, uint8_t bank, uint32_t at, const uint8_t unit[UNIT]) {
    return dev_flash_program(s->flash, bank * bank_size(s) + at, unit);
}

static int erase_bank(dev_store *s, uint8_t bank) {
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < bank_pages(s); i++)
        error = dev_flash_erase(s->flash, bank * bank_pages(s) + i);
    return error;
}

static int clear_bank(dev_store *s, uint8_t bank) {
    bool blank = dev_flash_is_blank(s->flash, bank * bank_size(s), bank_size(s));
    return blank ? 0 : erase_bank(s, bank);
}

/* ---- units that prove themselves ---- */

static void put32(uint8_t *out, uint32_t value) {
    for (int i = 0; i < 4; i++) out[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get32(const uint8_t *in) {
    return in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

static uint32_t sum(uint32_t before, const uint8_t *bytes, size_t n) {
    return (uint32_t)crc32(before, bytes, (uInt)n);
}

/* A sum and its complement: a unit that was programmed in part is never one. */
static void write_sum(uint8_t unit[UNIT], uint32_t value) {
    put32(unit, value);
    put32(unit + 4, ~value);
}

static bool is_sum(const uint8_t unit[UNIT], uint32_t value) {
    return get32(unit) == value && get32(unit + 4) == ~value;
}

static void write_head(uint8_t unit[UNIT], const record *r) {
    unit[0] = (uint8_t)r->kind;
    unit[1] = r->key;
    unit[2] = (uint8_t)r->n;
    unit[3] = (uint8_t)(r->n >> 8);
    put32(unit + 4, sum(0, unit, 4));
}

static bool read_head(const uint8_t unit[UNIT], record *r) {
    r->kind = (record_kind)unit[0];
    r->key = unit[1];
    r->n = (uint16_t)(unit[2] | unit[3] << 8);
    return get32(unit + 4) == sum(0, unit, 4) && r->kind >= PUT && r->kind <= RESET &&
           r->n <= STORED_MAX;
}

/* ---- reading the journal ---- */

typedef enum found { FOUND_RECORD, FOUND_SCRAP, FOUND_END } found;

static bool is_erased(const uint8_t unit[UNIT]) {
    for (int i = 0; i < UNIT; i++)
        if (unit[i] != DEV_FLASH_ERASED) return false;
    return true;
}

/* What is at *at, which moves behind it. A head that is none takes one unit, and nothing was
 * written behind it in the same breath. */
static found next_record(const dev_store *s, uint32_t *at, record *r) {
    uint8_t head[UNIT], seal[UNIT];
    if (*at + UNIT > bank_size(s)) return FOUND_END;
    read_bank(s, s->bank, *at, head, UNIT);
    if (is_erased(head)) return FOUND_END;
    r->at = *at;
    *at += UNIT;
    if (!read_head(head, r) || r->at + record_size(r->n) > bank_size(s)) return FOUND_SCRAP;
    read_bank(s, s->bank, *at, r->bytes, r->n);
    read_bank(s, s->bank, *at + whole_units(r->n), seal, UNIT);
    *at = r->at + record_size(r->n);
    return is_sum(seal, sum(sum(0, head, UNIT), r->bytes, r->n)) ? FOUND_RECORD : FOUND_SCRAP;
}

/* The next record that counts. */
static bool next_whole(const dev_store *s, uint32_t *at, record *r) {
    found what;
    while ((what = next_record(s, at, r)) == FOUND_SCRAP) {
    }
    return what == FOUND_RECORD;
}

/* The record that holds `key` now. */
static bool latest(const dev_store *s, uint8_t key, record *r) {
    record seen;
    bool there = false;
    for (uint32_t at = BANK_HEAD; next_whole(s, &at, &seen);) {
        bool mine = seen.kind == RESET ? goes_by_reset(key) : seen.key == key;
        if (!mine) continue;
        there = seen.kind == PUT || seen.kind == SEALED;
        if (there) *r = seen;
    }
    return there;
}

/* Whether `r`, which was read from the journal, is what its key holds now. */
static bool is_latest(const dev_store *s, const record *r) {
    record now;
    return latest(s, r->key, &now) && now.at == r->at;
}

/* ---- values ---- */

static int seal_value(dev_store *s, record *r, const uint8_t *value, size_t n) {
    uint8_t nonce[NET_SEAL_NONCE] = {0};
    sim_stream_bytes(&s->salt, r->bytes, SALT);
    memcpy(nonce, r->bytes, SALT);
    nonce[SALT] = r->key;
    r->kind = SEALED;
    r->n = (uint16_t)(SALT + n + NET_SEAL_TAG);
    return net_seal(s->root, nonce, value, n, r->bytes + SALT);
}

static int make_value(dev_store *s, record *r, uint8_t key, const uint8_t *value, size_t n) {
    *r = (record){.kind = PUT, .key = key, .n = (uint16_t)n};
    if (s->root != NULL) return seal_value(s, r, value, n);
    memcpy(r->bytes, value, n);
    return 0;
}

static size_t open_value(const dev_store *s, const record *r, uint8_t *value) {
    uint8_t nonce[NET_SEAL_NONCE] = {0};
    if (r->kind == PUT) {
        size_t n = s->root == NULL && r->n <= DEV_STORE_VALUE_MAX ? r->n : 0;
        memcpy(value, r->bytes, n);
        return n;
    }
    if (s->root == NULL || r->n <= SALT + NET_SEAL_TAG) return 0;
    size_t n = r->n - (size_t)(SALT + NET_SEAL_TAG);
    memcpy(nonce, r->bytes, SALT);
    nonce[SALT] = r->key;
    return net_unseal(s->root, nonce, r->bytes + SALT, n, value) == 0 ? n : 0;
}

/* ---- writing ---- */

/* Writes a record at *at of a bank, which moves behind it. */
static int write_record(dev_store *s, uint8_t bank, uint32_t *at, const record *r) {
    uint8_t head[UNIT], unit[UNIT];
    write_head(head, r);
    uint32_t place = *at;
    int error = program(s, bank, place, head);
    if (error != 0) return error; /* nothing is there: the place is the next one's */
    *at += record_size(r->n);
    for (uint32_t done = 0; error == 0 && done < r->n; done += UNIT) {
        uint32_t n = r->n - done < UNIT ? r->n - done : UNIT;
        memset(unit, DEV_FLASH_ERASED, UNIT);
        memcpy(unit, r->bytes + done, n);
        error = program(s, bank, place + UNIT + done, unit);
    }
    if (error != 0) return error;
    write_sum(unit, sum(sum(0, head, UNIT), r->bytes, r->n));
    return program(s, bank, place + UNIT + whole_units(r->n), unit);
}

static int write_bank_head(dev_store *s, uint8_t bank, uint32_t generation) {
    uint8_t name[UNIT], proof[UNIT];
    put32(name, MAGIC);
    put32(name + 4, generation);
    write_sum(proof, sum(0, name, UNIT));
    int error = program(s, bank, 0, name);
    return error != 0 ? error : program(s, bank, UNIT, proof);
}

/* 0: the bank has no head. */
static uint32_t bank_generation(const dev_store *s, uint8_t bank) {
    uint8_t name[UNIT], proof[UNIT];
    read_bank(s, bank, 0, name, UNIT);
    read_bank(s, bank, UNIT, proof, UNIT);
    return get32(name) == MAGIC && is_sum(proof, sum(0, name, UNIT)) ? get32(name + 4) : 0;
}

/* Bytes of what counts, but for what is under `but`. */
static uint32_t live_size(const dev_store *s, uint8_t but) {
    record r;
    uint32_t size = BANK_HEAD;
    for (uint32_t at = BANK_HEAD; next_whole(s, &at, &r);)
        if ((r.kind == PUT || r.kind == SEALED) && r.key != but && is_latest(s, &r))
            size += record_size(r.n);
    return size;
}

/* What a record does to the others when the journal is written anew without it. */
static bool is_undone_by(const record *change, uint8_t key) {
    if (change == NULL) return false;
    return change->kind == RESET ? goes_by_reset(key) : change->key == key;
}

static int copy_live(dev_store *s, uint8_t to, uint32_t *end, const record *change) {
    record r;
    int error = 0;
    for (uint32_t at = BANK_HEAD; error == 0 && next_whole(s, &at, &r);)
        if ((r.kind == PUT || r.kind == SEALED) && !is_undone_by(change, r.key) && is_latest(s, &r))
            error = write_record(s, to, end, &r);
    bool more = change != NULL && (change->kind == PUT || change->kind == SEALED);
    if (error == 0 && more) error = write_record(s, to, end, change);
    return error;
}

/* Writes what counts, with the change, into the other bank: it counts from when its head is
 * whole. */
static int renew(dev_store *s, const record *change) {
    uint8_t to = s->bank ^ 1;
    uint32_t end = BANK_HEAD;
    int error = clear_bank(s, to);
    if (error == 0) error = copy_live(s, to, &end, change);
    if (error == 0) error = write_bank_head(s, to, s->generation + 1);
    if (error != 0) return error;
    s->bank = to;
    s->end = end;
    s->generation++;
    return erase_bank(s, to ^ 1);
}

/* The bad twin: everything is in memory for a moment, and nowhere else. */
static int rewrite_in_place(dev_store *s, const record *change) {
    dev_flash before;
    int error = dev_flash_copy(&before, s->flash);
    if (error != 0) return error;
    dev_store memory = *s;
    memory.flash = &before;
    uint32_t end = BANK_HEAD;
    error = erase_bank(s, s->bank);
    if (error == 0) error = write_bank_head(s, s->bank, s->generation);
    record r;
    for (uint32_t at = BANK_HEAD; error == 0 && next_whole(&memory, &at, &r);)
        if (!is_undone_by(change, r.key) && is_latest(&memory, &r))
            error = write_record(s, s->bank, &end, &r);
    bool more = change->kind == PUT || change->kind == SEALED;
    if (error == 0 && more) error = write_record(s, s->bank, &end, change);
    s->end = end;
    dev_flash_deinit(&before);
    return error;
}

/* A change is a record behind the others; where there is no room left the journal is written anew
 * with it. */
static int apply(dev_store *s, const record *change) {
    if (s->without_journal) return rewrite_in_place(s, change);
    if (s->end + record_size(change->n) > bank_size(s)) return renew(s, change);
    return write_record(s, s->bank, &s->end, change);
}

/* ---- verbs ---- */

void dev_store_init(dev_store *s, dev_flash *flash, const uint8_t *root, sim_stream salt) {
    SIM_PROMISE(flash->count % 2 == 0);
    *s = (dev_store){.flash = flash, .root = root, .salt = salt};
}

static int format(dev_store *s) {
    s->bank = 0;
    s->generation = 1;
    int error = clear_bank(s, 0);
    if (error == 0) error = clear_bank(s, 1);
    return error != 0 ? error : write_bank_head(s, 0, 1);
}

static bool was_reset(const dev_store *s) {
    record r;
    for (uint32_t at = BANK_HEAD; next_whole(s, &at, &r);)
        if (r.kind == RESET) return true;
    return false;
}

/* Where the journal ends. One with something behind its end is nobody's work; nothing can be
 * written there, so it counts as full. */
static uint32_t journal_end(const dev_store *s) {
    record r;
    uint32_t end = BANK_HEAD;
    while (next_record(s, &end, &r) != FOUND_END) {
    }
    uint32_t left = bank_size(s) - end;
    bool blank = dev_flash_is_blank(s->flash, s->bank * bank_size(s) + end, left);
    return blank ? end : bank_size(s);
}

int dev_store_open(dev_store *s) {
    uint32_t first = bank_generation(s, 0), second = bank_generation(s, 1);
    s->open = false;
    s->bank = second > first;
    s->generation = second > first ? second : first;
    int error = s->generation == 0 ? format(s) : clear_bank(s, s->bank ^ 1);
    s->end = journal_end(s);
    if (error == 0 && was_reset(s)) error = renew(s, NULL);
    s->open = error == 0;
    return error;
}

int dev_store_put(dev_store *s, uint8_t key, const void *value, size_t n) {
    uint8_t now[DEV_STORE_VALUE_MAX];
    SIM_PROMISE(n >= 1 && n <= DEV_STORE_VALUE_MAX);
    if (!s->open) return SIM_ESTATE;
    if (dev_store_get(s, key, now) == n && memcmp(now, value, n) == 0) return 0;
    record change;
    int error = make_value(s, &change, key, value, n);
    if (error != 0) return error;
    if (live_size(s, key) + record_size(change.n) > bank_size(s)) return SIM_ERANGE;
    return apply(s, &change);
}

int dev_store_remove(dev_store *s, uint8_t key) {
    record held;
    if (!s->open) return SIM_ESTATE;
    if (!latest(s, key, &held)) return 0;
    return apply(s, &(record){.kind = REMOVE, .key = key});
}

/* The record makes it happen; writing the journal anew makes it true of the raw flash too, now or
 * after the next boot. */
int dev_store_reset(dev_store *s) {
    if (!s->open) return SIM_ESTATE;
    const record change = {.kind = RESET};
    int error = apply(s, &change);
    return error == 0 && !s->without_journal ? renew(s, &change) : error;
}

size_t dev_store_get(const dev_store *s, uint8_t key, void *value) {
    record r;
    return s->open && latest(s, key, &r) ? open_value(s, &r, value) : 0;
}
