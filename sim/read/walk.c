/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/walk.h"

bool read_walk_step(read_walk *w, const record_attempt **attempt, const read_end **end) {
    const read_log *log = w->log;
    bool more_attempts = w->attempt < log->attempts.count, more_ends = w->end < log->end_count;
    *attempt = NULL;
    *end = NULL;
    if (more_ends && (!more_attempts || log->ends[w->end].at <= log->attempts.items[w->attempt].at))
        *end = &log->ends[w->end++];
    else if (more_attempts)
        *attempt = &log->attempts.items[w->attempt++];
    return *attempt != NULL || *end != NULL;
}
