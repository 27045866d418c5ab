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

enum {
    PREFIXES_MAX = 6,
    SEARCHED = 256,    /* bytes in front of a line of unknown prefixes */
    NAMED_LINES = 1000 /* looked at for another broker's words */
};
/* rotated: the next file begins when the one before ended, on a clock that counts in seconds */
/* "2026: " within a line is no time. */
static const int64_t not_since_1970 = 1000 * SIM_DAY;
static const int64_t goes_on = SIM_SECOND;
/* That a client is gone is noticed when its keep-alive is over, which is not told: 60 s mostly. */
static const int64_t noticed_late = 5 * SIM_MINUTE;
/* What may be another program's line moves the clock no further. */
static const int64_t believed = SIM_DAY;
static const int64_t half_a_year = 183 * SIM_DAY, leap_year = 366 * SIM_DAY;

static void broker_deinit(read_broker *b) {
    sim_map_deinit(&b->peers);
    sim_free(b->online);
    sim_free(b->at_home);
    sim_free(b->at_peer);
    sim_free(b->attempt);
    sim_free(b->named);
    sim_map_deinit(&b->made_up);
}

void read_broker_free(read_broker *b) {
    if (b == NULL) return;
    broker_deinit(b);
    sim_free(b);
}

/* --- lines --- */

static const read_form *form_at(const read_form *const *forms, size_t count, read_wrapped *line,
                                bool surely) {
    for (size_t i = 0; i < count; i++)
        if (forms[i]->fits(line, surely)) return forms[i];
    return NULL;
}

/* Where a time or a sentence may begin: in quotes only as a field of a table. */
static bool is_border(const char *line, const char *at) {
    if (at == line) return true;
    if (at[-1] == '"') return at - 1 == line || strchr(",;\t", at[-2]) != NULL;
    return strchr(" \t|,:[({>", at[-1]) != NULL;
}

/* Any words in front of a line that is surely one: with a time of its own, or, where no line had
 * one so far, behind any time. */
static const read_form *anywhere(const read_form *const *forms, size_t count, read_wrapped *line) {
    const read_form *form = NULL;
    read_wrapped found = *line;
    for (size_t i = 0; i < SEARCHED && line->text[i] != '\0'; i++) {
        char *at = line->text + i;
        read_wrapped own = {.text = at}; /* not loose */
        if (!is_border(line->text, at)) continue;
        if (i > 0 && *at >= '0' && *at <= '9' &&
            (form = form_at(forms, count, &own, true)) != NULL && own.ns >= not_since_1970) {
            *line = own;
            return form;
        }
        found.text = at;
        if (line->loose && found.timed && (form = form_at(forms, count, &found, true)) != NULL)
            break;
        if (!found.timed) (void)read_prefix_time(at, &found);
        if (!line->timed && found.ns < not_since_1970) found.timed = false;
        form = NULL;
    }
    if (form == NULL) return NULL;
    size_t n = strlen(found.text);
    /* a field of a CSV */
    if (found.text > line->text && found.text[-1] == '"' && found.text[n - 1] == '"')
        found.text[n - 1] = '\0';
    *line = found;
    return form;
}

const read_form *read_form_of(const read_form *const *forms, size_t count, read_wrapped *line,
                              bool surely) {
    const read_form *form = NULL;
    bool loose = line->loose;
    line->loose = false;
    for (int i = 0; i < PREFIXES_MAX; i++) {
        if ((form = form_at(forms, count, line, surely)) != NULL) return form;
        if (!read_prefix_take(line)) break;
    }
    line->loose = loose;
    return anywhere(forms, count, line);
}

/* The broker of the file before, if this one goes on with it; else a new one. */
static int find_broker(read_log *log, const read_form *form, int64_t begins, read_broker **out) {
    read_broker *b = log->broker;
    if (b == NULL || b->format != form->format || begins < b->latest - goes_on) {
        read_broker_free(b);
        log->broker = b = sim_calloc(1, sizeof *b);
        if (b == NULL) return SIM_ENOMEM;
        b->log = log;
        b->format = form->format;
        b->oldest = (uint32_t)log->attempts.count;
    }
    b->events = 0;
    *out = b;
    return 0;
}

/* Of times without a year: December is followed by January. */
static void add_years(read_broker *b, read_wrapped *line) {
    if (!line->yearless) return;
    if (line->ns + b->years < b->previous - half_a_year) b->years += leap_year;
    line->ns += b->years;
}

static int take_line(read_broker *b, const read_form *form, read_wrapped *line) {
    add_years(b, line);
    if (!line->sure && (b->previous == 0 || line->ns < b->previous - goes_on ||
                        line->ns > b->previous + believed)) {
        read_warn(b->log, READ_WARNING_OTHERS, b->line);
        return 0;
    }
    if (!read_clock(b->log, &b->previous, line->ns, b->line)) return 0;
    if (line->ns > b->latest) b->latest = line->ns;
    if (line->resolution > b->log->resolution) b->log->resolution = line->resolution;
    b->now = line->ns;
    return form->take(b, line);
}

/* Bytes that no program writes into a line of text. */
static bool is_damaged(const char *line, size_t n) {
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)line[i];
        if ((c < 0x20 && c != '\t' && c != '\x1b') || c == 0x7f) return true;
    }
    return false;
}

/* The log is this broker's, and silent; or another's. */
static int nothing_told(const read_form *form, const read_broker *b, uint64_t lines,
                        const char *foreign, char *why) {
    if (foreign != NULL)
        snprintf(why, READ_WHY_MAX,
                 "a log of %s, and not %s log: write its connections as CSV or JSON lines, or "
                 "capture them",
                 foreign, form->product);
    else
        snprintf(why, READ_WHY_MAX, "no line of %s log that tells of a connection among %llu: %s",
                 form->product, (unsigned long long)lines, form->asked);
    return foreign == NULL && b != NULL ? SIM_ESTATE : SIM_EPARSE;
}

int read_broker_lines(FILE *file, read_log *log, const read_form *form, char *why) {
    read_broker *b = NULL;
    const char *foreign = NULL;
    read_lines lines;
    bool loose = true;
    int error = read_lines_init(&lines, file);
    for (char *text; error == 0 && (text = read_lines_next(&lines, log)) != NULL;) {
        read_wrapped line = {.text = text, .loose = loose};
        bool damaged = is_damaged(text, lines.length);
        if (foreign == NULL && lines.number <= NAMED_LINES && (b == NULL || b->events == 0))
            foreign = read_foreign_broker(text);
        if (lines.length == 0) continue;
        if (damaged || read_form_of(&form, 1, &line, false) == NULL) {
            read_warn(log, damaged ? READ_WARNING_MALFORMED : READ_WARNING_OTHERS, lines.number);
            continue;
        }
        loose = loose && (line.loose || !line.sure);
        if (b == NULL) error = find_broker(log, form, line.ns, &b);
        if (error != 0) break;
        b->line = lines.number;
        error = take_line(b, form, &line);
    }
    if (error == 0 && (b == NULL || b->events == 0))
        error = nothing_told(form, b, lines.number, foreign, why);
    read_lines_deinit(&lines);
    return error;
}

/* --- connections --- */

/* The address of a peer, without its port. IPv6 without brackets is read as the log has it: its
 * last group is a port where it is too long for one, or where others were told with theirs. */
static read_text address_of(read_broker *b, read_text peer) {
    enum { GROUP_MAX = 4 };
    size_t n = peer.n;
    while (n > 0 && peer.at[n - 1] >= '0' && peer.at[n - 1] <= '9') n--;
    size_t digits = peer.n - n;
    if (n < 2 || digits == 0 || peer.at[n - 1] != ':') return peer;
    bool bare_6 = memchr(peer.at, ':', n - 1) != NULL && peer.at[n - 2] != ']' &&
                  memchr(peer.at, '.', n) == NULL;
    if (bare_6 && digits <= GROUP_MAX && (!b->ports || peer.at[n - 2] == ':')) return peer;
    b->ports = true;
    return (read_text){peer.at, n - 1};
}

static uint64_t key_of(read_text peer) {
    uint64_t key = peer.n;
    for (size_t i = 0; i < peer.n; i++) key = sim_hash64(key ^ (uint8_t)peer.at[i]);
    return key;
}

static int attempt_of(read_broker *b, read_text peer, uint32_t *index) {
    read_text address = address_of(b, peer);
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
static bool open_attempt(read_broker *b, read_text peer, uint32_t *index) {
    if (!sim_map_get(&b->peers, key_of(peer), index)) return false;
    const record_attempt *a = &b->log->attempts.items[*index];
    if (a->outcome == RECORD_OUTCOME_NONE) return true;
    return address_of(b, peer).n == peer.n && open_from(b, a->home, index);
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
    uint32_t *attempt = sim_realloc(b->attempt, capacity * sizeof *attempt);
    if (attempt != NULL) b->attempt = attempt;
    if (online == NULL || at_home == NULL || at_peer == NULL || attempt == NULL) return SIM_ENOMEM;
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

/* A client that said goodbye was there until then; one that the broker lost may have been gone for
 * a while. As in a capture, the attempt keeps it (ms) until attempts are counted. */
static void prove(read_broker *b, uint32_t attempt, bool by_client) {
    record_attempt *a = &b->log->attempts.items[attempt];
    int64_t ms = (b->now - a->at - (by_client ? 0 : noticed_late)) / SIM_MILLISECOND;
    if (ms > 0) a->number = ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

static int end_session(read_broker *b, uint32_t device, bool by_client) {
    prove(b, b->attempt[device], by_client || b->online[device] == LEAVING);
    const read_end end = {.at = b->now,
                          .device = device,
                          .home = b->at_home[device],
                          .was_online = true,
                          .by_client = by_client || b->online[device] == LEAVING};
    b->online[device] = AWAY;
    return read_ended(b->log, &end);
}

/* The connection of a client without an id of its own. */
static int end_made_up(read_broker *b, uint32_t attempt, bool by_client) {
    const read_end end = {.at = b->now,
                          .device = READ_NOBODY,
                          .home = b->log->attempts.items[attempt].home,
                          .was_online = true,
                          .by_client = by_client};
    prove(b, attempt, by_client);
    return read_ended(b->log, &end);
}

void read_broker_prove(read_broker *b) {
    b->now = b->latest;
    for (uint32_t device = 0; device < b->online_capacity; device++)
        if (b->online[device] != AWAY) prove(b, b->attempt[device], false);
    for (size_t i = 0; i < b->made_up.capacity; i++)
        if (b->made_up.entries[i].used) prove(b, b->made_up.entries[i].value, false);
}

bool read_broker_shares(const read_log *log) {
    return log->broker != NULL && (log->by == READ_BY_ADDRESS || log->broker->made_up.capacity > 0);
}

static int came_online(read_broker *b, uint32_t device, uint32_t index, uint64_t peer) {
    uint32_t home = b->log->attempts.items[index].home;
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
    b->attempt[device] = index;
    return error;
}

/* Ids that the broker makes up for clients without one say nothing about who they are. */
static bool is_made_up(read_text id) {
    static const char prefix[] = "auto-";
    return id.n > sizeof prefix - 1 && memcmp(id.at, prefix, sizeof prefix - 1) == 0;
}

int read_broker_outcome(read_broker *b, read_text peer, read_text id, record_outcome outcome) {
    uint32_t index, device = READ_NOBODY;
    int error = 0;
    b->events++;
    if (!open_attempt(b, peer, &index)) error = attempt_of(b, peer, &index);
    bool made_up = is_made_up(id);
    if (error == 0 && id.n > 0 && !made_up)
        error = read_names_number(&b->log->devices, id.at, id.n, &device);
    if (error == 0 && made_up && outcome == RECORD_OUTCOME_ONLINE)
        error = sim_map_put(&b->made_up, key_of(id), index);
    if (error != 0) return error;
    record_attempt *a = &b->log->attempts.items[index];
    if (device != READ_NOBODY) a->device = device;
    device = a->device;
    read_settle(b->log, index, outcome, b->now);
    /* others of the same address may be open where no port tells them apart */
    if (address_of(b, peer).n < peer.n) sim_map_remove(&b->peers, key_of(peer));
    if (outcome != RECORD_OUTCOME_ONLINE || device == READ_NOBODY) return 0;
    return came_online(b, device, index, key_of(peer));
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

/* Where there was no id, the address stands in its place, or the one that the broker made up.
 * Returns whether that was all. */
static bool without_id(read_broker *b, read_closing *c, int *error) {
    uint32_t index;
    bool made_up = is_made_up(c->id);
    if (made_up && c->outcome == RECORD_OUTCOME_NONE &&
        sim_map_get(&b->made_up, key_of(c->id), &index)) {
        sim_map_remove(&b->made_up, key_of(c->id));
        *error = end_made_up(b, index, c->by_client);
        return true;
    }
    bool is_peer =
        c->peer.n == 0 && address_of(b, c->id).n < c->id.n && open_attempt(b, c->id, &index);
    if (is_peer) c->peer = c->id;
    if (is_peer || made_up) c->id.n = 0;
    return false;
}

int read_broker_closed(read_broker *b, const read_closing *closing) {
    read_closing told = *closing, *c = &told;
    uint32_t device = READ_NOBODY, index;
    int error = 0;
    b->events++;
    if (c->id.n > 0 && without_id(b, c, &error)) return error;
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
    for (size_t i = 0; i < b->made_up.capacity && error == 0; i++)
        if (b->made_up.entries[i].used) error = end_made_up(b, b->made_up.entries[i].value, false);
    sim_map_deinit(&b->made_up);
    sim_map_deinit(&b->peers);
    b->oldest = (uint32_t)b->log->attempts.count;
    return error;
}
