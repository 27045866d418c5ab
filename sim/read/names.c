/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/names.h"

#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/random.h"

void read_names_deinit(read_names *n) {
    sim_free(n->text);
    sim_free(n->starts);
    sim_map_deinit(&n->map);
    *n = (read_names){0};
}

static uint64_t hash_of(const char *name, size_t length) {
    uint64_t hash = length;
    for (size_t i = 0; i < length; i++) hash = sim_hash64(hash ^ (uint8_t)name[i]);
    return hash;
}

static int reserve(read_names *n, size_t length) {
    if (n->used + length + 1 > n->room) {
        size_t room = n->room + n->room / 2 + READ_NAME_MAX + 1;
        char *text = sim_realloc(n->text, room);
        if (text == NULL) return SIM_ENOMEM;
        n->text = text;
        n->room = room;
    }
    size_t *starts = sim_more(n->starts, n->count, &n->capacity, sizeof *starts);
    if (starts == NULL) return SIM_ENOMEM;
    n->starts = starts;
    return 0;
}

/* What is not printable ASCII and not part of a UTF-8 character would do harm on a terminal. */
static char harmless(char c) {
    unsigned char byte = (unsigned char)c;
    return byte < 0x20 || byte == 0x7f ? '?' : c;
}

static int add(read_names *n, const char *name, size_t length, uint64_t hash, uint32_t *number) {
    if (n->count >= UINT32_MAX - 1) return SIM_ERANGE;
    int error = reserve(n, length);
    if (error == 0) error = sim_map_put(&n->map, hash, (uint32_t)n->count);
    if (error != 0) return error;
    n->starts[n->count] = n->used;
    for (size_t i = 0; i < length; i++) n->text[n->used++] = harmless(name[i]);
    n->text[n->used++] = '\0';
    *number = (uint32_t)n->count++;
    return 0;
}

/* The same once made harmless. */
static bool is_named(const read_names *n, uint32_t number, const char *name, size_t length) {
    const char *at = read_names_text(n, number);
    if (strlen(at) != length) return false;
    for (size_t i = 0; i < length; i++)
        if (at[i] != harmless(name[i])) return false;
    return true;
}

int read_names_number(read_names *n, const char *name, size_t length, uint32_t *number) {
    if (length > READ_NAME_MAX) length = READ_NAME_MAX;
    uint64_t hash = hash_of(name, length);
    /* Two names with the same hash: the second moves on, as in any open table. */
    for (; sim_map_get(&n->map, hash, number); hash++)
        if (is_named(n, *number, name, length)) return 0;
    return add(n, name, length, hash, number);
}

const char *read_names_text(const read_names *n, uint32_t number) {
    SIM_PROMISE(number < n->count);
    return n->text + n->starts[number];
}
