/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/declared.h - the law that the maker declared, as the judge can use it: it draws
 * episodes from it, as often as it likes, and holds what was observed against them. */
#ifndef SIM_JUDGE_DECLARED_H
#define SIM_JUDGE_DECLARED_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/random.h"
#include "sim/core/time.h"

typedef struct judge_declared {
    const void *law; /* the caller's; borrowed */
    /* The pauses of one episode of one device: pauses[0] before its first attempt, pauses[k] after
     * its k-th has failed; SIM_NEVER from where it gives up. Draws from the stream only. */
    void (*draw)(const void *law, uint64_t device, sim_stream *stream, sim_time *pauses,
                 size_t count);
} judge_declared;

#endif
