/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/pcapng.h"

#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/time.h"
#include "sim/read/bytes.h"

enum {
    SECTION = 0x0a0d0d0a,
    INTERFACE = 1,
    PACKET = 2, /* of old; ENHANCED took its place */
    SIMPLE = 3,
    ENHANCED = 6,
    MAGIC = 0x1a2b3c4d,
    OPTION_RESOLUTION = 9,
    OPTION_OFFSET = 14,
    LEAST = 64 * 1024, /* room for a block */
    FRAME = 12,        /* type and both lengths */
    FINEST = 1 << 30   /* ticks a second that are not rounded */
};

void read_pcapng_deinit(read_pcapng *r) {
    sim_free(r->interfaces);
    sim_free(r->block);
    r->interfaces = NULL;
    r->block = NULL;
    r->count = r->capacity = r->room = 0;
}

static uint32_t number(const read_pcapng *r, const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return r->swapped ? __builtin_bswap32(value) : value;
}

static uint16_t half(const read_pcapng *r, const uint8_t *at) {
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return r->swapped ? __builtin_bswap16(value) : value;
}

/* --- blocks --- */

/* The body of the next block. A section's own says in which order its length stands. */
static read_pcapng_result take_block(read_pcapng *r, uint32_t *type, record_dtls_span *body) {
    uint8_t head[FRAME];
    size_t n = fread(head, 1, 8, r->file);
    if (n == 0) return READ_PCAPNG_END;
    if (n < 8) return READ_PCAPNG_CUT;
    *type = number(r, head);
    if (*type == SECTION) {
        if (fread(head + 8, 1, 4, r->file) != 4) return READ_PCAPNG_CUT;
        r->swapped = false;
        if (number(r, head + 8) != MAGIC) r->swapped = true;
        if (number(r, head + 8) != MAGIC) return READ_PCAPNG_CUT;
    }
    size_t taken = *type == SECTION ? 4 : 0, length = number(r, head + 4);
    if (length < FRAME + taken || length > READ_PCAPNG_BLOCK_MAX || length % 4 != 0)
        return READ_PCAPNG_CUT;
    size_t rest = length - 8 - taken;
    if (rest > r->room) {
        size_t room = rest < LEAST ? LEAST : rest;
        uint8_t *block = sim_realloc(r->block, room);
        if (block == NULL) return READ_PCAPNG_NO_MEMORY;
        r->block = block;
        r->room = room;
    }
    if (fread(r->block, 1, rest, r->file) != rest) return READ_PCAPNG_CUT;
    if (number(r, r->block + rest - 4) != length) return READ_PCAPNG_CUT;
    *body = (record_dtls_span){r->block, rest - 4};
    return READ_PCAPNG_PACKET;
}

/* --- interfaces --- */

/* Ticks a second, of the value of if_tsresol: a power of 10, or of 2 with the highest bit. */
static uint64_t units_of(uint8_t resolution) {
    uint64_t units = 1;
    unsigned power = resolution & 0x7f;
    if ((resolution & 0x80) != 0) return power < 63 ? units << power : 0;
    for (unsigned i = 0; i < power; i++) units *= 10;
    return power <= 18 ? units : 0;
}

static void take_options(const read_pcapng *r, record_dtls_span left, read_pcapng_interface *out) {
    for (const uint8_t *h; (h = read_take(&left, 4)) != NULL;) {
        size_t n = half(r, h + 2);
        const uint8_t *value = read_take(&left, (n + 3) / 4 * 4);
        if (value == NULL || half(r, h) == 0) return;
        if (half(r, h) == OPTION_RESOLUTION && n == 1) out->units = units_of(value[0]);
        if (half(r, h) == OPTION_OFFSET && n == 8) memcpy(&out->offset, value, sizeof out->offset);
    }
}

static read_pcapng_result take_interface(read_pcapng *r, record_dtls_span body) {
    read_pcapng_interface new = {.link = -1, .units = 1000000};
    const uint8_t *h = read_take(&body, 8);
    if (h != NULL) new.link = half(r, h);
    if (h != NULL) take_options(r, body, &new);
    if (r->swapped) new.offset = (int64_t)__builtin_bswap64((uint64_t) new.offset);
    if (r->count >= READ_PCAPNG_INTERFACES_MAX) return READ_PCAPNG_CUT;
    read_pcapng_interface *all = sim_more(r->interfaces, r->count, &r->capacity, sizeof *all);
    if (all == NULL) return READ_PCAPNG_NO_MEMORY;
    r->interfaces = all;
    r->interfaces[r->count++] = new;
    return READ_PCAPNG_PACKET;
}

/* --- packets --- */

/* Below 0: no time that can be. */
static int64_t ns_of(const read_pcapng_interface *i, uint64_t ticks) {
    if (i->units == 0) return -1;
    uint64_t seconds = ticks / i->units, rest = ticks % i->units, units = i->units;
    for (; units > FINEST; units >>= 1) rest >>= 1;
    if (seconds >= (uint64_t)(INT64_MAX / SIM_SECOND / 2)) return -1;
    if (i->offset < 0 || i->offset > INT64_MAX / SIM_SECOND / 4) return -1;
    return ((int64_t)seconds + i->offset) * SIM_SECOND + (int64_t)(rest * SIM_SECOND / units);
}

static void give(const read_pcapng *r, size_t interface, size_t captured, size_t whole,
                 record_dtls_span left, read_pcapng_packet *out) {
    *out = (read_pcapng_packet){.link = -1, .ns = -1, .whole = whole};
    if (interface < r->count) out->link = r->interfaces[interface].link;
    out->bytes = (record_dtls_span){left.at, captured < left.n ? captured : left.n};
    if (out->whole < out->bytes.n) out->whole = out->bytes.n;
}

/* The heads of both kinds differ in the width of their interface. */
static bool take_packet(const read_pcapng *r, uint32_t type, record_dtls_span body,
                        read_pcapng_packet *out) {
    const uint8_t *h = read_take(&body, type == SIMPLE ? 4 : 20);
    if (h == NULL) return false;
    if (type == SIMPLE) {
        give(r, 0, number(r, h), number(r, h), body, out);
        return true;
    }
    size_t interface = type == PACKET ? half(r, h) : number(r, h);
    give(r, interface, number(r, h + 12), number(r, h + 16), body, out);
    uint64_t ticks = (uint64_t)number(r, h + 4) << 32 | number(r, h + 8);
    out->timed = true;
    if (interface < r->count) out->ns = ns_of(&r->interfaces[interface], ticks);
    return true;
}

read_pcapng_result read_pcapng_next(read_pcapng *r, read_pcapng_packet *out) {
    uint32_t type;
    record_dtls_span body;
    for (;;) {
        read_pcapng_result result = take_block(r, &type, &body);
        if (result != READ_PCAPNG_PACKET) return result;
        if (type == SECTION) r->count = 0;
        if (type == INTERFACE) result = take_interface(r, body);
        if (result != READ_PCAPNG_PACKET) return result;
        if (type != PACKET && type != SIMPLE && type != ENHANCED) continue;
        return take_packet(r, type, body, out) ? READ_PCAPNG_PACKET : READ_PCAPNG_CUT;
    }
}
