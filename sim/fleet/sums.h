/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/sums.h - what a street counts. */
#ifndef SIM_FLEET_SUMS_H
#define SIM_FLEET_SUMS_H

#include <stdint.h>

#include "devices/device.h"
#include "net/end.h"
#include "net/protocol.h"
#include "sim/core/time.h"
#include "sim/fleet/chain.h"

/* Answers by their protocol (net_protocol_answering) and, within it, by net_answer.detail: the same
 * number is 4.04 of one and 0x84 of another. */
enum { FLEET_ANSWER_NUMBERS = 256, FLEET_ANSWERS = NET_PROTOCOLS * FLEET_ANSWER_NUMBERS };

/* Sums of a street, merged by addition in street order: what is in these lists is in the struct,
 * and is added. X(name), and X(name, how many). */
#define FLEET_SUMS_MAP(X)                                                                          \
    X(online)                                                                                      \
    X(reports_answered)                                                                            \
    X(reports_refused)                                                                             \
    X(reports_failed) /* no answer in time */                                                      \
    X(reports_cut)    /* of those, while the drill kept the device from the cloud */               \
    X(behind)       /* devices with reports that were due, not sent, and not answered for since */ \
    X(datagrams_up) /* at the edge, as the next three */                                           \
    X(datagrams_down)                                                                              \
    X(bytes_up)                                                                                    \
    X(bytes_down)                                                                                  \
    X(wire_errors)                                                                                 \
    X(chains)         /* boot chains that came to their end */                                     \
    X(other_attempts) /* at the service that is not the makers' */                                 \
    X(other_online)                                                                                \
    X(other_lost) /* sessions there that ended while the device had power */
#define FLEET_SUMS_LISTS_MAP(X)                                        \
    X(skipped, DEV_SKIPS)     /* reports that were due and not sent */ \
    X(answers, FLEET_ANSWERS) /* those that ended attempts, too */     \
    X(asked, FLEET_SERVERS)   /* requests of boot chains */            \
    X(attempts_failed, DEV_EVENTS)                                     \
    X(ends, NET_ENDS) /* of attempts */                                \
    X(session_ends, NET_ENDS)

typedef struct fleet_sums {
#define FLEET_SUMS_FIELD(name) uint64_t name;
#define FLEET_SUMS_LIST(name, count) uint64_t name[count];
    dev_counts devices;
    FLEET_SUMS_MAP(FLEET_SUMS_FIELD)
    FLEET_SUMS_LISTS_MAP(FLEET_SUMS_LIST)
#undef FLEET_SUMS_FIELD
#undef FLEET_SUMS_LIST
} fleet_sums;

void fleet_sums_add(fleet_sums *into, const fleet_sums *from);
/* Counts an answer, if it was one. */
void fleet_sums_answered(fleet_sums *s, const net_protocol *protocol, const net_answer *answer);
/* What its protocol calls the answer at that place of `answers`; NULL: nothing. */
const char *fleet_answer_text(uint32_t at);

/* Who restarted for an offer. */
typedef struct fleet_restarts {
    uint64_t devices; /* that were online until then */
    sim_time first;   /* SIM_NEVER: none */
} fleet_restarts;

/* Who of those that were online noticed that the cloud had fallen silent. */
typedef struct fleet_silence {
    uint64_t struck, noticed, unnoticed;
    sim_time slowest;
    double slowest_share, unnoticed_share; /* of what devices declare */
} fleet_silence;

#endif
