/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/pauses.h - what a log says about outages, and about the pauses that devices made between
 * their attempts. */
#ifndef SIM_READ_PAUSES_H
#define SIM_READ_PAUSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/read/log.h"

enum { READ_OUTAGES_MAX = 200 };

typedef enum read_found {
    READ_FOUND_GIVEN,   /* told by the user */
    READ_FOUND_TRIGGER, /* a trigger that the log names */
    /* half of all connections, or a tenth and 50 of them, were lost within five seconds */
    READ_FOUND_LOSSES,
    /* a minute and more without an attempt, then half of the devices and more came */
    READ_FOUND_SILENCE
} read_found;

typedef struct read_outage {
    sim_time from; /* when the connections were lost; SIM_NEVER: not seen */
    /* when attempts could succeed again, or the first attempt where that is not known */
    sim_time to;
    read_found how;
    sim_time span; /* of LOSSES: from the first to the last that was seen of them */
    /* whom it struck (sim/read/struck.h), and who was online and was not seen to lose anything */
    uint64_t devices, silent;
    const char *name; /* of the trigger; borrowed from the log */
    /* most of the sessions after it were ended by their clients, who come and go as they please */
    bool visits;
} read_outage;
/* "given", "found: connections were lost together, within 5 s": how it was found. */
char *read_found_text(const read_outage *o, char *text, size_t size);

/* Finds outages in a finished log, in order of time. At most `room`; returns how many. SIM_ENOMEM.
 */
SIM_MUST_USE int read_outages_find(const read_log *log, read_outage *out, size_t room,
                                   size_t *count);
/* What was told in whole seconds may be a second off: a loss in the second before `from` belongs to
 * the outage, and where an attempt that began in the second before `to` came online in it, service
 * was back when it began. The flags say which of the two were told so. */
void read_outage_round(const read_log *log, read_outage *o, bool from_whole, bool to_whole);
/* Fills devices, silent and visits of given outages from the log. SIM_ENOMEM. */
SIM_MUST_USE int read_outages_count(const read_log *log, read_outage *outages, size_t count);
/* Sets trigger (the last outage that struck its device, i: i + 1; none: 0) and number of every
 * attempt. SIM_ENOMEM. */
SIM_MUST_USE int read_outages_assign(read_log *log, const read_outage *outages, size_t count);

typedef struct read_pause {
    /* from the failure that was seen to the next attempt (4.3: not start to start) */
    sim_time length;
    uint32_t device;
    uint32_t episode; /* 1, 2, ... per device: between two times online */
    uint32_t number;  /* 0: before the first attempt of the episode, k: after its k-th has failed */
    bool from_start;  /* the failure was not seen: counted from the attempt's start */
} read_pause;

typedef struct read_pauses {
    read_pause *items;
    size_t count, capacity;
} read_pauses;
void read_pauses_deinit(read_pauses *p);

/* The pauses of the devices below `devices`, in order of time. An outage begins a new episode.
 * SIM_ENOMEM. */
SIM_MUST_USE int read_pauses_of(const read_log *log, uint32_t devices, const read_outage *outages,
                                size_t outage_count, read_pauses *out);

/* What one device did, as sim/judge/classify.h takes it: the attempts of one outage have one
 * trigger, 1, 2, ... */
typedef struct read_tries {
    record_attempts attempts;
    /* of each: when it, or the session that it led to, was seen to end; else SIM_NEVER */
    sim_time *ended;
    size_t capacity; /* of `ended` */
    bool more;       /* outages after the 255th were left out */
} read_tries;
void read_tries_deinit(read_tries *t);

/* An outage is what lies between two times online, or begins with one that was given or named.
 * Those that the device ended with its first attempt say nothing and are left out; but attempts
 * that were accepted and closed within 30 s, one after the other, are one outage. `loss_counts` (of
 * read_estimate): the loss stands in front of the attempts as the first that failed. SIM_ENOMEM. */
SIM_MUST_USE int read_tries_of(const read_log *log, uint32_t device, const read_outage *outages,
                               size_t outage_count, bool loss_counts, read_tries *out);

#endif
