/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the logs of all brokers have in common: peers that connect, clients that are online, and the
 * order in which the two are told. */
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/random.h"
#include "sim/read/read_private.h"

static void broker_deinit(read_broker *b) {
    sim_map_deinit(&b->peers);
    sim_free(b->online);
    sim_free(b->at_home);
}

int read_broker_lines(FILE *file, read_log *log, read_broker_line *take, const char *product,
                      const char *asked, char *why) {
    read_broker b = {.log = log, .oldest = (uint32_t)log->attempts.count};
    read_lines lines;
    int error = read_lines_init(&lines, file);
    for (const char *line; error == 0 && (line = read_lines_next(&lines, log)) != NULL;) {
        b.line = lines.number;
        error = take(&b, line);
    }
    if (error == 0 && b.events == 0) {
        error = SIM_EPARSE;
        snprintf(why, READ_WHY_MAX, "no line of %s log that tells of a connection among %llu: %s",
                 product, (unsigned long long)lines.number, asked);
    }
    read_lines_deinit(&lines);
    broker_deinit(&b);
    return error;
}

/* The address of a peer, without its port. */
static read_text address_of(read_text peer) {
    size_t n = peer.n;
    while (n > 0 && peer.at[n - 1] >= '0' && peer.at[n - 1] <= '9') n--;
    if (n < 2 || peer.at[n - 1] != ':')
        return peer; /* "::1" keeps its colons: they have no port behind them */
    if (n >= 2 && peer.at[n - 2] == ':') return peer;
    return (read_text){peer.at, n - 1};
}

static uint64_t key_of(read_text peer) {
    uint64_t key = peer.n;
    for (size_t i = 0; i < peer.n; i++) key = sim_hash64(key ^ (uint8_t)peer.at[i]);
    return key;
}

static int attempt_of(read_broker *b, read_text peer, uint32_t *index) {
    read_text address = address_of(peer);
    record_attempt a = {.at = b->now, .latency = SIM_NEVER, .device = READ_NOBODY};
    int error = read_names_number(&b->log->homes, address.at, address.n, &a.home);
    if (error == 0) error = read_add(b->log, &a, index);
    if (error == 0) error = sim_map_put(&b->peers, key_of(peer), *index);
    return error;
}

int read_broker_attempt(read_broker *b, read_text peer) {
    uint32_t index;
    b->events++;
    return attempt_of(b, peer, &index);
}

static bool open_attempt(const read_broker *b, read_text peer, uint32_t *index) {
    return sim_map_get(&b->peers, key_of(peer), index) &&
           b->log->attempts.items[*index].outcome == RECORD_OUTCOME_NONE;
}

int read_broker_attempt_once(read_broker *b, read_text peer, read_text id) {
    uint32_t index;
    int error = 0;
    b->events++;
    if (!open_attempt(b, peer, &index)) error = attempt_of(b, peer, &index);
    if (error != 0 || id.n == 0) return error;
    return read_names_number(&b->log->devices, id.at, id.n, &b->log->attempts.items[index].device);
}

int read_broker_gone(read_broker *b, read_text peer) {
    uint32_t index;
    b->events++;
    if (open_attempt(b, peer, &index)) read_settle(b->log, index, RECORD_OUTCOME_REFUSED, b->now);
    sim_map_remove(&b->peers, key_of(peer));
    return 0;
}

/* Room to note where a device stands. */
static int know(read_broker *b, uint32_t device) {
    if (device < b->online_capacity) return 0;
    size_t capacity = (size_t)device + device / 2 + 64;
    uint8_t *online = sim_realloc(b->online, capacity);
    if (online != NULL) b->online = online;
    uint32_t *at_home = sim_realloc(b->at_home, capacity * sizeof *at_home);
    if (at_home != NULL) b->at_home = at_home;
    if (online == NULL || at_home == NULL) return SIM_ENOMEM;
    memset(online + b->online_capacity, 0, capacity - b->online_capacity);
    b->online_capacity = capacity;
    return 0;
}

static int came_online(read_broker *b, uint32_t device, uint32_t home) {
    int error = know(b, device);
    if (error != 0) return error;
    if (b->online[device] && b->at_home[device] != home)
        read_warn(b->log, READ_WARNING_TWO_PLACES, b->line);
    if (b->online[device]) { /* the broker closes the old connection of the same client */
        const read_end end = {b->now, device, b->at_home[device], 0, true};
        error = read_ended(b->log, &end);
    }
    b->online[device] = 1;
    b->at_home[device] = home;
    return error;
}

int read_broker_outcome(read_broker *b, read_text peer, read_text id, record_outcome outcome) {
    uint32_t index, device = READ_NOBODY;
    int error = 0;
    b->events++;
    if (!open_attempt(b, peer, &index)) error = attempt_of(b, peer, &index);
    if (error == 0 && id.n > 0) error = read_names_number(&b->log->devices, id.at, id.n, &device);
    if (error != 0) return error;
    record_attempt *a = &b->log->attempts.items[index];
    if (device != READ_NOBODY) a->device = device;
    device = a->device;
    read_settle(b->log, index, outcome, b->now);
    sim_map_remove(&b->peers, key_of(peer));
    if (outcome != RECORD_OUTCOME_ONLINE || device == READ_NOBODY) return 0;
    return came_online(b, device, a->home);
}

int read_broker_lost(read_broker *b, read_text id) {
    uint32_t device;
    int error = read_names_number(&b->log->devices, id.at, id.n, &device);
    if (error == 0) error = know(b, device);
    if (error != 0) return error;
    b->events++;
    if (!b->online[device]) return 0; /* connected before the log begins, or told twice */
    b->online[device] = 0;
    const read_end end = {b->now, device, b->at_home[device], 0, true};
    return read_ended(b->log, &end);
}

int read_broker_refused(read_broker *b) {
    const record_attempts *all = &b->log->attempts;
    b->events++;
    while (b->oldest < all->count && all->items[b->oldest].outcome != RECORD_OUTCOME_NONE)
        b->oldest++;
    if (b->oldest < all->count) read_settle(b->log, b->oldest, RECORD_OUTCOME_REFUSED, b->now);
    return 0;
}

int read_broker_restart(read_broker *b) {
    int error = 0;
    for (uint32_t device = 0; device < b->online_capacity && error == 0; device++) {
        if (!b->online[device]) continue;
        b->online[device] = 0;
        const read_end end = {b->now, device, b->at_home[device], 0, true};
        error = read_ended(b->log, &end);
    }
    sim_map_deinit(&b->peers);
    b->oldest = (uint32_t)b->log->attempts.count;
    return error;
}
