/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the logs of all brokers have in common: peers that connect, clients that are online, and the
 * order in which the two are told. */
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/random.h"
#include "sim/read/read_private.h"

/* how the connection of a client stands; LEAVING: he has said goodbye */
enum { AWAY, ONLINE, LEAVING };
enum { LOOKED_BACK = 4096 }; /* attempts among which an open one is looked for */

static void broker_deinit(read_broker *b) {
    sim_map_deinit(&b->peers);
    sim_free(b->online);
    sim_free(b->at_home);
    sim_free(b->at_peer);
    sim_free(b->named);
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

/* The newest open attempt from a home. */
static bool open_from(const read_broker *b, uint32_t home, uint32_t *index) {
    const record_attempts *all = &b->log->attempts;
    for (size_t i = all->count, n = 0; i > b->oldest && n < LOOKED_BACK; i--, n++) {
        const record_attempt *a = &all->items[i - 1];
        if (a->home != home || a->outcome != RECORD_OUTCOME_NONE) continue;
        *index = (uint32_t)i - 1;
        return true;
    }
    return false;
}

/* Old brokers tell no port: then several peers are one, and the newest that is open is meant. */
static bool open_attempt(const read_broker *b, read_text peer, uint32_t *index) {
    if (!sim_map_get(&b->peers, key_of(peer), index)) return false;
    const record_attempt *a = &b->log->attempts.items[*index];
    if (a->outcome == RECORD_OUTCOME_NONE) return true;
    return address_of(peer).n == peer.n && open_from(b, a->home, index);
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
    uint64_t *at_peer = sim_realloc(b->at_peer, capacity * sizeof *at_peer);
    if (at_peer != NULL) b->at_peer = at_peer;
    uint32_t *at_home = sim_realloc(b->at_home, capacity * sizeof *at_home);
    if (at_home != NULL) b->at_home = at_home;
    if (online == NULL || at_home == NULL || at_peer == NULL) return SIM_ENOMEM;
    memset(online + b->online_capacity, 0, capacity - b->online_capacity);
    memset(at_home + b->online_capacity, 0xff, /* READ_NOBODY */
           (capacity - b->online_capacity) * sizeof *at_home);
    b->online_capacity = capacity;
    return 0;
}

/* Notes that whoever connects from there tells an id. */
static int note_name(read_broker *b, uint32_t home) {
    if (home >= b->named_capacity) {
        size_t capacity = (size_t)home + home / 2 + 64;
        uint8_t *named = sim_realloc(b->named, capacity);
        if (named == NULL) return SIM_ENOMEM;
        memset(named + b->named_capacity, 0, capacity - b->named_capacity);
        b->named = named;
        b->named_capacity = capacity;
    }
    b->named[home] = 1;
    return 0;
}

static int end_session(read_broker *b, uint32_t device, bool by_client) {
    const read_end end = {.at = b->now,
                          .device = device,
                          .home = b->at_home[device],
                          .was_online = true,
                          .by_client = by_client || b->online[device] == LEAVING};
    b->online[device] = AWAY;
    return read_ended(b->log, &end);
}

static int came_online(read_broker *b, uint32_t device, uint32_t home, uint64_t peer) {
    int error = know(b, device);
    if (error == 0) error = note_name(b, home);
    if (error != 0) return error;
    if (b->online[device] != AWAY && b->at_home[device] != home)
        read_warn(b->log, READ_WARNING_TWO_PLACES, b->line);
    /* the broker closes the old connection of the same client */
    if (b->online[device] != AWAY) error = end_session(b, device, false);
    b->online[device] = ONLINE;
    b->at_home[device] = home;
    b->at_peer[device] = peer;
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
    /* others of the same address may be open where no port tells them apart */
    if (address_of(peer).n < peer.n) sim_map_remove(&b->peers, key_of(peer));
    if (outcome != RECORD_OUTCOME_ONLINE || device == READ_NOBODY) return 0;
    return came_online(b, device, a->home, key_of(peer));
}

int read_broker_goodbye(read_broker *b, read_text id) {
    uint32_t device;
    int error = read_names_number(&b->log->devices, id.at, id.n, &device);
    if (error == 0) error = know(b, device);
    if (error == 0 && b->online[device] == ONLINE) b->online[device] = LEAVING;
    return error;
}

/* The open attempt that a sentence without a client is about; false: there is none. */
static bool newest_open(read_broker *b, uint32_t *index) {
    const record_attempts *all = &b->log->attempts;
    bool found = false;
    while (b->oldest < all->count && all->items[b->oldest].outcome != RECORD_OUTCOME_NONE)
        b->oldest++;
    for (size_t i = all->count, n = 0; i > b->oldest && n < LOOKED_BACK; i--, n++) {
        const record_attempt *a = &all->items[i - 1];
        if (a->outcome != RECORD_OUTCOME_NONE) continue;
        bool stranger = a->home >= b->named_capacity || !b->named[a->home];
        if (!found || stranger) *index = (uint32_t)i - 1;
        found = true;
        if (stranger) break;
    }
    return found;
}

/* The open attempt of a client that was turned away, or closed before it was one. */
static bool attempt_closed(read_broker *b, const read_closing *c, uint32_t device,
                           uint32_t *index) {
    if (c->peer.n > 0) return open_attempt(b, c->peer, index);
    if (device != READ_NOBODY && b->at_home[device] != READ_NOBODY &&
        open_from(b, b->at_home[device], index))
        return true;
    return (device == READ_NOBODY || c->outcome != RECORD_OUTCOME_NONE) && newest_open(b, index);
}

static int turn_away(read_broker *b, const read_closing *c, uint32_t device) {
    uint32_t index;
    if (!attempt_closed(b, c, device, &index)) return 0;
    record_attempt *a = &b->log->attempts.items[index];
    read_settle(b->log, index,
                c->outcome == RECORD_OUTCOME_NONE ? RECORD_OUTCOME_REFUSED : c->outcome, b->now);
    if (device == READ_NOBODY) return 0;
    a->device = device;
    if (b->online[device] == AWAY) b->at_home[device] = a->home;
    return note_name(b, a->home);
}

/* A sentence with a peer is about that peer's connection and no later one of the same client. */
static bool is_online(const read_broker *b, const read_closing *c, uint32_t device) {
    if (device == READ_NOBODY || b->online[device] == AWAY) return false;
    return c->peer.n == 0 || b->at_peer[device] == key_of(c->peer);
}

int read_broker_closed(read_broker *b, const read_closing *c) {
    uint32_t device = READ_NOBODY, index;
    int error = 0;
    b->events++;
    if (c->id.n > 0) error = read_names_number(&b->log->devices, c->id.at, c->id.n, &device);
    if (error == 0 && device != READ_NOBODY) error = know(b, device);
    if (error != 0) return error;
    bool opening = c->peer.n > 0 && open_attempt(b, c->peer, &index);
    if (c->outcome == RECORD_OUTCOME_NONE && !opening && is_online(b, c, device))
        return end_session(b, device, c->by_client);
    /* connected before the log begins, or told twice */
    return c->online && !opening ? 0 : turn_away(b, c, device);
}

int read_broker_restart(read_broker *b) {
    int error = 0;
    for (uint32_t device = 0; device < b->online_capacity && error == 0; device++) {
        if (b->online[device] != AWAY) error = end_session(b, device, false);
    }
    sim_map_deinit(&b->peers);
    b->oldest = (uint32_t)b->log->attempts.count;
    return error;
}
