/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/pauses.h"

#include <string.h>

#include "sim/core/heap.h"
#include "sim/read/struck.h"
#include "sim/read/walk.h"

/* connections lost within this were lost together */
static const sim_time together = 5 * SIM_SECOND;
/* Who lost his power says nothing, and the service notices when his keep-alive is over: losses no
 * further apart than this, with nobody coming online in between, begin one outage ... */
static const sim_time one_after_another = SIM_MINUTE;
/* ... if they were so many of those that were online: some device is always being lost. */
static const double many_before = 0.1;
static const uint64_t a_fleet = 50; /* as the judge of a fleet needs them */
static const sim_time silence = SIM_MINUTE;
static const sim_time long_silence =
    5 * SIM_MINUTE;                      /* where a log tells no outcomes: parts two episodes ... */
static const sim_time times_longer = 10; /* ... when it is so many times the longest pause before */
static const sim_time closed_at_once =
    30 *
    /* a session this short was not served: AWS CRT begins anew only after one that is longer */
    SIM_SECOND;

char *read_found_text(const read_outage *o, char *text, size_t size) {
    static const char *const texts[] = {
        [READ_FOUND_GIVEN] = "given",
        [READ_FOUND_TRIGGER] = "named in the log",
        [READ_FOUND_LOSSES] = "found: connections were lost together, within 5 s",
        [READ_FOUND_SILENCE] =
            "found: half of the devices and more came after a silence of a minute and more"};
    char span[24];
    if (o->how == READ_FOUND_LOSSES && o->span > together)
        snprintf(text, size, "found: connections were lost one after another, within %s",
                 sim_time_text(o->span, span, sizeof span));
    else
        snprintf(text, size, "%s", texts[o->how]);
    return text;
}

/* --- outages --- */

typedef struct finder {
    const read_log *log;
    read_outage *out;
    size_t room, count;
} finder;

static void add(finder *f, const read_outage *o) {
    if (f->count < f->room) f->out[f->count++] = *o;
}

static void find_named(finder *f) {
    const read_log *log = f->log;
    uint64_t seen[256 / 64] = {0};
    /* the first of several is the start of the run */
    size_t first = log->triggers.count > 1 ? 1 : 0;
    for (size_t i = 0; i < log->attempts.count; i++) {
        const record_attempt *a = &log->attempts.items[i];
        if (a->trigger < first || (seen[a->trigger / 64] >> a->trigger % 64 & 1)) continue;
        seen[a->trigger / 64] |= UINT64_C(1) << a->trigger % 64;
        const read_outage o = {.from = SIM_NEVER,
                               .to = a->at,
                               .how = READ_FOUND_TRIGGER,
                               .name = read_names_text(&log->triggers, a->trigger)};
        add(f, &o);
    }
}

/* Index of the first attempt at or after `from`. */
static size_t attempt_from(const read_log *log, sim_time from) {
    size_t low = 0, high = log->attempts.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (log->attempts.items[middle].at < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* When the attempt after `from` began that came online first: whoever tried while it was under way
 * belongs to its wave. Of the devices that are marked in `of`, NULL: of all. Where none came
 * online, the first attempt; SIM_NEVER: there is none. */
static sim_time back_after(const read_log *log, sim_time from, const bool *of) {
    sim_time back = SIM_NEVER, began = SIM_NEVER, first = SIM_NEVER;
    for (size_t i = attempt_from(log, from);
         i < log->attempts.count && log->attempts.items[i].at < back; i++) {
        const record_attempt *a = &log->attempts.items[i];
        if (of != NULL && !of[a->device]) continue;
        first = sim_time_min(first, a->at);
        if (a->outcome != RECORD_OUTCOME_ONLINE || a->at + a->latency >= back) continue;
        back = a->at + a->latency;
        began = a->at;
    }
    return began != SIM_NEVER ? began : first;
}

/* When service was back for those who lost it from `from` on: others may never have been without.
 * SIM_NEVER: none of them came again. */
static int back_for_the_lost(const read_log *log, sim_time from, sim_time until, sim_time *back) {
    bool *lost = sim_calloc(log->devices.count + 1, sizeof *lost);
    if (lost == NULL) return SIM_ENOMEM;
    for (size_t i = 0; i < log->end_count; i++) {
        const read_end *end = &log->ends[i];
        if (end->was_online && !end->by_client && end->at >= from && end->at <= until)
            lost[end->device] = true;
    }
    *back = back_after(log, from, lost);
    sim_free(lost);
    return 0;
}

/* How many must have been online: a tenth of a fleet, so that what happens before it is there does
 * not count. */
static uint64_t enough_online(const read_log *log) {
    if (log->devices.count == 1) return 1;
    return log->devices.count / 10 > 2 ? log->devices.count / 10 : 2;
}

/* So many of those who were online are an outage: half of them, or a tenth where these are a fleet
 * for themselves. */
static bool is_outage(uint64_t lost, uint64_t online) {
    return 2 * lost >= online || (lost >= a_fleet && 10 * lost >= online);
}

/* Ends that lie together: when the first of them was, how many were online then, and how many were
 * lost since. */
typedef struct losses {
    sim_time began; /* SIM_NEVER: there are none */
    uint64_t before, lost;
} losses;

static void add_loss(losses *l, bool goes_on, sim_time at, uint64_t online) {
    if (l->began == SIM_NEVER || !goes_on) *l = (losses){at, online, 0};
    l->lost++;
}

/* Where the losses before `burst`, one after another, are many, the outage began with them. */
static const losses *beginning(const losses *burst, const losses *chain) {
    uint64_t earlier = chain->before > burst->before ? chain->before - burst->before : 0;
    return (double)earlier >= many_before * (double)chain->before ? chain : burst;
}

/* Bursts of losses that belong to one outage. */
typedef struct spell {
    sim_time from, until; /* the first of its losses, and the last that may be; SIM_NEVER: none */
    sim_time last;        /* of its losses so far */
    sim_time covered;     /* the end of the outage before it */
} spell;

/* A burst is an outage, or goes on with the one that is being found. */
static void add_burst(spell *s, const losses *burst, const losses *chain, sim_time now) {
    sim_time from = beginning(burst, chain)->began;
    s->from = sim_time_min(s->from, from);
    s->until = burst->began + together;
    s->last = now;
}

/* The spell is over: it is an outage, if somebody was seen to come again; else no end is known. */
static int end_spell(finder *f, spell *s) {
    sim_time back;
    if (s->from == SIM_NEVER) return 0;
    if (back_for_the_lost(f->log, s->from, s->until, &back) != 0) return SIM_ENOMEM;
    const read_outage o = {
        .from = s->from, .to = back, .how = READ_FOUND_LOSSES, .span = s->last - s->from};
    s->from = SIM_NEVER;
    if (back == SIM_NEVER) return 0;
    s->covered = sim_time_min(back, s->until);
    add(f, &o);
    return 0;
}

/* Runs of ends that lie together: many of those who were online when the run began. */
static int find_losses(finder *f) {
    read_walk w = {.log = f->log};
    const record_attempt *attempt;
    const read_end *end;
    uint64_t online = 0;
    losses burst = {.began = SIM_NEVER}, chain = {.began = SIM_NEVER};
    spell s = {.from = SIM_NEVER, .covered = -1};
    sim_time latest = 0; /* the last loss */
    int error = 0;
    while (error == 0 && read_walk_step(&w, &attempt, &end)) {
        if (attempt != NULL && attempt->outcome == RECORD_OUTCOME_ONLINE) {
            online++;
            chain.began = SIM_NEVER;
            error = end_spell(f, &s);
        }
        if (attempt != NULL || !end->was_online) continue;
        if (end->by_client) {
            online -= online > 0;
            continue;
        }
        if (end->at - latest > one_after_another) error = end_spell(f, &s);
        add_loss(&burst, end->at - burst.began <= together, end->at, online);
        add_loss(&chain, end->at - latest <= one_after_another, end->at, online);
        latest = end->at;
        online -= online > 0;
        if (is_outage(burst.lost, burst.before) && burst.before >= enough_online(f->log) &&
            burst.began > s.covered)
            add_burst(&s, &burst, &chain, end->at);
    }
    return error != 0 ? error : end_spell(f, &s);
}

/* How many different devices made an attempt from `index` on, until the next silence. */
static uint64_t devices_from(const read_log *log, size_t index, uint32_t *marks, uint32_t mark) {
    uint64_t devices = 0;
    for (size_t i = index; i < log->attempts.count; i++) {
        const record_attempt *a = &log->attempts.items[i];
        if (i > index && a->at - log->attempts.items[i - 1].at >= silence) break;
        devices += marks[a->device] != mark;
        marks[a->device] = mark;
    }
    return devices;
}

/* When the service was back that the attempts from `index` on, before the next silence, asked for;
 * their beginning where none of them came online. */
static sim_time back_of(const read_log *log, size_t index) {
    const record_attempt *items = log->attempts.items;
    sim_time back = back_after(log, items[index].at, NULL);
    for (size_t i = index + 1; i < log->attempts.count && items[i].at <= back; i++)
        if (items[i].at - items[i - 1].at >= silence) return items[index].at;
    return back;
}

static int find_silences(finder *f) {
    const read_log *log = f->log;
    uint32_t *marks = sim_calloc(log->devices.count + 1, sizeof *marks), mark = 0;
    if (marks == NULL) return SIM_ENOMEM;
    for (size_t i = 1; i < log->attempts.count; i++) {
        sim_time at = log->attempts.items[i].at;
        if (at - log->attempts.items[i - 1].at < silence) continue;
        uint64_t devices = devices_from(log, i, marks, ++mark);
        /* who tries in vain tells when the outage was, and is not of the wave after it */
        sim_time back = back_of(log, i), from = back > at ? at : SIM_NEVER;
        const read_outage o = {.from = from, .to = back, .how = READ_FOUND_SILENCE};
        if (2 * devices >= log->devices.count && log->devices.count > 1) add(f, &o);
    }
    sim_free(marks);
    return 0;
}

int read_outages_find(const read_log *log, read_outage *out, size_t room, size_t *count) {
    finder f = {log, out, room, 0};
    int error = 0;
    if (log->triggers.count > 0)
        find_named(&f);
    else
        error = find_losses(&f);
    if (error == 0 && f.count == 0) error = find_silences(&f);
    if (error == 0) error = read_outages_count(log, out, f.count);
    *count = f.count;
    return error;
}

/* Whether more of the sessions that ended in [from, until) were ended by their clients than not. */
static bool are_visits(const read_log *log, sim_time from, sim_time until) {
    size_t own = 0, all = 0;
    for (size_t i = 0; i < log->end_count; i++) {
        const read_end *end = &log->ends[i];
        if (!end->was_online || end->at < from || end->at >= until) continue;
        own += end->by_client;
        all++;
    }
    return 2 * own > all;
}

/* When the outage after `i` begins: what comes then is no longer of this one. */
static sim_time next_outage(const read_outage *outages, size_t count, size_t i) {
    return i + 1 < count ? sim_time_min(outages[i + 1].from, outages[i + 1].to) : SIM_NEVER;
}

void read_outage_round(const read_log *log, read_outage *o, bool from_whole, bool to_whole) {
    const sim_time from = o->from, to = o->to;
    for (size_t i = 0; from_whole && i < log->end_count; i++) {
        const read_end *end = &log->ends[i];
        if (end->was_online && !end->by_client && end->at > from - SIM_SECOND && end->at < from)
            o->from = sim_time_min(o->from, end->at);
    }
    for (size_t i = attempt_from(log, sim_time_max(0, to - SIM_SECOND));
         to_whole && i < log->attempts.count && log->attempts.items[i].at < to; i++) {
        const record_attempt *a = &log->attempts.items[i];
        if (a->outcome == RECORD_OUTCOME_ONLINE && sim_time_add(a->at, a->latency) < to)
            o->to = sim_time_min(o->to, a->at);
    }
}

int read_outages_count(const read_log *log, read_outage *outages, size_t count) {
    for (size_t i = 0; i < count; i++) {
        read_outage *o = &outages[i];
        sim_time until = next_outage(outages, count, i);
        read_struck struck;
        o->visits = are_visits(log, o->to, until);
        int error = read_struck_find(log, o, until, &struck);
        if (error != 0) return error;
        o->devices = struck.count;
        o->silent = struck.silent;
        read_struck_deinit(&struck);
    }
    return 0;
}

/* The number of the outage that each attempt was called by, as the log names it. */
static void number_named(read_log *log, const read_outage *outages, size_t count) {
    uint8_t numbers[256] = {0};
    for (size_t t = 0; t < log->triggers.count && t < 256; t++)
        for (size_t i = 0; i < count; i++)
            if (outages[i].name == read_names_text(&log->triggers, (uint32_t)t))
                numbers[t] = (uint8_t)(i + 1);
    for (size_t i = 0; i < log->attempts.count; i++)
        log->attempts.items[i].trigger = numbers[log->attempts.items[i].trigger];
}

/* Attempts belong to the last outage that struck their device. */
static int number_struck(read_log *log, const read_outage *outages, size_t count) {
    uint8_t *lasts = sim_calloc(log->devices.count + 1, sizeof *lasts);
    record_attempt *items = log->attempts.items;
    size_t k = 0;
    int error = lasts == NULL ? SIM_ENOMEM : 0;
    for (size_t i = 0; i <= count && error == 0; i++) { /* [0, i): before outage i */
        read_struck struck = {0};
        sim_time from = i < count ? sim_time_min(outages[i].from, outages[i].to) : SIM_NEVER;
        for (; k < log->attempts.count && items[k].at < from; k++)
            items[k].trigger = lasts[items[k].device];
        if (i < count)
            error = read_struck_find(log, &outages[i], next_outage(outages, count, i), &struck);
        for (size_t d = 0; struck.devices != NULL && d < log->devices.count; d++)
            if (struck.devices[d]) lasts[d] = (uint8_t)(i + 1);
        read_struck_deinit(&struck);
    }
    sim_free(lasts);
    return error;
}

static int count_attempts(read_log *log) {
    typedef struct last {
        uint32_t number;
        uint8_t trigger;
    } last;
    last *lasts = sim_calloc(log->devices.count + 1, sizeof *lasts);
    if (lasts == NULL) return SIM_ENOMEM;
    for (size_t i = 0; i < log->attempts.count; i++) {
        record_attempt *a = &log->attempts.items[i];
        last *l = &lasts[a->device];
        if (l->trigger != a->trigger) *l = (last){0, a->trigger};
        a->number = ++l->number;
    }
    sim_free(lasts);
    return 0;
}

int read_outages_assign(read_log *log, const read_outage *outages, size_t count) {
    int error = 0;
    if (count > 0 && outages[0].how == READ_FOUND_TRIGGER)
        number_named(log, outages, count);
    else
        error = number_struck(log, outages, count);
    return error == 0 ? count_attempts(log) : error;
}

/* --- pauses --- */

void read_pauses_deinit(read_pauses *p) {
    sim_free(p->items);
    *p = (read_pauses){0};
}

/* How a device stands. */
typedef struct standing {
    const record_attempt *last;
    sim_time ended; /* the last end after that attempt; SIM_NEVER: none was seen */
    sim_time longest;
    uint32_t episode, number;
    size_t outages; /* that began before its last attempt */
    bool left;      /* that end was the client's own doing */
} standing;

static void note_end(standing *s, const read_end *end) {
    s->ended = end->at;
    s->left = end->by_client;
}

static int push(read_pauses *p, const read_pause *item) {
    read_pause *items = sim_more(p->items, p->count, &p->capacity, sizeof *items);
    if (items == NULL) return SIM_ENOMEM;
    p->items = items;
    p->items[p->count++] = *item;
    return 0;
}

static bool begins_anew(const read_log *log, const standing *s, const record_attempt *a,
                        size_t outages) {
    if (s->last == NULL || s->outages != outages || s->last->outcome == RECORD_OUTCOME_ONLINE)
        return true;
    sim_time gap = a->at - s->last->at;
    return log->outcomes == 0 && gap >= long_silence && s->longest > 0 &&
           gap / times_longer >= s->longest;
}

/* When the last attempt failed, as far as it was seen. */
static sim_time failed_at(const standing *s) {
    const record_attempt *a = s->last;
    if (s->ended != SIM_NEVER) return s->ended;
    bool failed = a->outcome == RECORD_OUTCOME_BUSY || a->outcome == RECORD_OUTCOME_REFUSED;
    return failed ? sim_time_add(a->at, a->latency) : SIM_NEVER;
}

static int took_first(read_pauses *p, standing *s, const record_attempt *a, sim_time lost) {
    s->episode++;
    s->number = 1;
    s->longest = 0;
    if (lost == SIM_NEVER || lost > a->at) return 0;
    const read_pause pause = {a->at - lost, a->device, s->episode, 0, false};
    return push(p, &pause);
}

static int took_next(read_pauses *p, standing *s, const record_attempt *a) {
    sim_time failed = failed_at(s);
    bool seen = failed != SIM_NEVER && failed <= a->at;
    const read_pause pause = {a->at - (seen ? failed : s->last->at), a->device, s->episode,
                              s->number++, !seen};
    s->longest = sim_time_max(s->longest, pause.length);
    return push(p, &pause);
}

/* When the connection was lost that the attempt is to replace, as far as that is known. */
static sim_time lost_at(const standing *s, const read_outage *outages, size_t begun) {
    if (s->outages != begun && outages[begun - 1].from != SIM_NEVER) return outages[begun - 1].from;
    return s->last != NULL && !s->left ? s->ended : SIM_NEVER;
}

static int took_attempt(const read_log *log, read_pauses *p, standing *s, const record_attempt *a,
                        const read_outage *outages, size_t begun) {
    int error;
    if (begins_anew(log, s, a, begun)) {
        error = took_first(p, s, a, lost_at(s, outages, begun));
    } else {
        error = took_next(p, s, a);
    }
    s->last = a;
    s->ended = SIM_NEVER;
    s->left = false;
    s->outages = begun;
    return error;
}

int read_pauses_of(const read_log *log, uint32_t devices, const read_outage *outages,
                   size_t outage_count, read_pauses *out) {
    read_walk w = {.log = log};
    const record_attempt *attempt;
    const read_end *end;
    size_t begun = 0;
    int error = 0;
    *out = (read_pauses){0};
    standing *all = sim_calloc((size_t)devices + 1, sizeof *all);
    if (all == NULL) return SIM_ENOMEM;
    while (error == 0 && read_walk_step(&w, &attempt, &end)) {
        if (end != NULL) {
            if (end->device < devices) note_end(&all[end->device], end);
            continue;
        }
        while (begun < outage_count &&
               attempt->at >= sim_time_min(outages[begun].from, outages[begun].to))
            begun++;
        if (attempt->device < devices)
            error = took_attempt(log, out, &all[attempt->device], attempt, outages, begun);
    }
    sim_free(all);
    if (error != 0) read_pauses_deinit(out);
    return error;
}

/* --- the attempts of one device, by outage --- */

void read_tries_deinit(read_tries *t) {
    record_attempts_deinit(&t->attempts);
    sim_free(t->ended);
    *t = (read_tries){0};
}

typedef struct diary {
    const read_log *log;
    const read_outage *outages;
    size_t outage_count, begun;
    bool loss_counts;
    standing s;
    read_tries *out;
    uint32_t trigger;  /* 0: no outage has begun */
    size_t first;      /* where its attempts begin */
    bool all_accepted; /* so far */
} diary;

static int note(diary *d, const record_attempt *a, sim_time ended) {
    read_tries *t = d->out;
    size_t index;
    int error = record_attempts_add(&t->attempts, a, &index);
    if (error != 0) return error;
    if (t->capacity < t->attempts.capacity) {
        sim_time *items = sim_realloc(t->ended, t->attempts.capacity * sizeof *items);
        if (items == NULL) return SIM_ENOMEM;
        t->ended = items;
        t->capacity = t->attempts.capacity;
    }
    t->attempts.items[index].trigger = (uint8_t)d->trigger;
    t->ended[index] = ended;
    return 0;
}

/* Outages that were given or named begin where they are said to; others where a device was online.
 */
static size_t begun_before(const diary *d, sim_time at) {
    size_t begun = d->begun;
    for (size_t i = begun; i < d->outage_count; i++) {
        const read_outage *o = &d->outages[i];
        if (at < sim_time_min(o->from, o->to)) break;
        if (o->how == READ_FOUND_GIVEN || o->how == READ_FOUND_TRIGGER) begun = i + 1;
    }
    return begun;
}

static bool accepted_and_closed(const diary *d, const record_attempt *a, size_t begun) {
    const standing *s = &d->s;
    return d->all_accepted && s->last != NULL && s->outages == begun &&
           a->outcome == RECORD_OUTCOME_ONLINE && s->ended != SIM_NEVER && !s->left &&
           s->ended - s->last->at < closed_at_once;
}

/* An outage that one attempt ended says nothing: the next takes its place. */
static void open_outage(diary *d) {
    read_tries *t = d->out;
    if (t->attempts.count - d->first == 1)
        t->attempts.count--;
    else
        d->trigger++;
    d->first = t->attempts.count;
    d->all_accepted = true;
}

/* The attempt before is over, as far as that was seen. */
static void close_last(diary *d, sim_time now) {
    size_t count = d->out->attempts.count;
    if (count == d->first) return; /* it was left out */
    sim_time ended = failed_at(&d->s);
    d->out->ended[count - 1] = ended <= now ? ended : SIM_NEVER;
}

static int begin_outage(diary *d, const record_attempt *a, size_t begun) {
    sim_time lost = lost_at(&d->s, d->outages, begun);
    open_outage(d);
    d->out->more = d->trigger > UINT8_MAX;
    if (d->out->more || !d->loss_counts || lost > a->at) return 0;
    const record_attempt loss = {
        .at = lost, .device = a->device, .outcome = RECORD_OUTCOME_REFUSED};
    return note(d, &loss, lost);
}

static int take_attempt(diary *d, const record_attempt *a) {
    size_t begun = begun_before(d, a->at);
    bool anew = begins_anew(d->log, &d->s, a, begun);
    int error = 0;
    if (d->s.last != NULL) close_last(d, a->at);
    if (anew && !accepted_and_closed(d, a, begun)) error = begin_outage(d, a, begun);
    if (error != 0 || d->out->more) return error;
    sim_time longest = anew ? 0 : sim_time_max(d->s.longest, a->at - d->s.last->at);
    d->s = (standing){.last = a, .ended = SIM_NEVER, .outages = begun, .longest = longest};
    d->begun = begun;
    d->all_accepted = d->all_accepted && a->outcome == RECORD_OUTCOME_ONLINE;
    return note(d, a, SIM_NEVER);
}

int read_tries_of(const read_log *log, uint32_t device, const read_outage *outages,
                  size_t outage_count, bool loss_counts, read_tries *out) {
    diary d = {.log = log,
               .outages = outages,
               .outage_count = outage_count,
               .loss_counts = loss_counts,
               .s = {.ended = SIM_NEVER},
               .out = out};
    read_walk w = {.log = log};
    const record_attempt *attempt;
    const read_end *end;
    int error = 0;
    *out = (read_tries){0};
    while (error == 0 && !out->more && read_walk_step(&w, &attempt, &end)) {
        if (end != NULL && end->device == device) note_end(&d.s, end);
        if (attempt != NULL && attempt->device == device) error = take_attempt(&d, attempt);
    }
    if (error == 0 && !out->more && d.s.last != NULL) close_last(&d, SIM_NEVER);
    if (error != 0) read_tries_deinit(out);
    return error;
}
