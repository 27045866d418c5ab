/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The capture of what the cloud's edge sees, and the trace: at the end of a window the streets'
 * records are put in the order of (time, street, sequence) and written, so that a file does not
 * depend on threads and what is held in memory is a window's. What goes wrong ends the file and
 * not the run. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fleet/street.h"
#include "sim/record/pcap_write.h"
#include "sim/run/run_private.h"
#include "sim/run/tapes.h"

typedef struct piece {
    sim_time at;
    uint32_t street;
    uint32_t sequence;
} piece;

static int by_time(const void *left, const void *right) {
    const piece *a = left;
    const piece *b = right;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    if (a->street != b->street) return a->street < b->street ? -1 : 1;
    return a->sequence < b->sequence ? -1 : a->sequence > b->sequence ? 1 : 0;
}

static fleet_tape *tape_of(run *r, fleet_taped which, uint32_t street) {
    return fleet_street_tape(r->streets[street], which);
}

/* The streets keep no more for this file. */
static void stop_keeping(run *r, fleet_taped which) {
    r->tapes[which].file = NULL;
    if (which == FLEET_TAPED_CAPTURE)
        r->shared.captured = false;
    else
        r->shared.traced = NULL;
}

static void give_up(run *r, fleet_taped which, int reason) {
    r->tapes[which].trouble = reason == 0 ? EIO : reason;
    stop_keeping(r, which);
}

static void write_bytes(run *r, fleet_taped which, const void *bytes, size_t n) {
    FILE *file = r->tapes[which].file;
    errno = 0;
    if (file != NULL && fwrite(bytes, n, 1, file) != 1) give_up(r, which, errno);
}

void run_capture_to(run *r, FILE *file) {
    uint8_t head[RECORD_PCAP_HEAD];
    record_pcap_head(head);
    r->tapes[FLEET_TAPED_CAPTURE].file = file;
    r->shared.captured = true;
    write_bytes(r, FLEET_TAPED_CAPTURE, head, sizeof head);
}

/* Whether the fleet has all of them; else `why` names the first that it has not. */
static bool all_there(const uint32_t *numbers, uint32_t count, const char *what, uint64_t have,
                      char *why, size_t size) {
    for (uint32_t i = 0; i < count; i++) {
        if (numbers[i] < have) continue;
        snprintf(why, size, "there is no %s %" PRIu32 " (--trace): this fleet's are 0 to %" PRIu64,
                 what, numbers[i], have - 1);
        return false;
    }
    return true;
}

int run_trace_to(run *r, const fleet_traced *traced, FILE *file, char *why, size_t size) {
    if (!all_there(traced->devices, traced->device_count, "device", r->devices, why, size) ||
        !all_there(traced->streets, traced->street_count, "street", r->street_count, why, size))
        return SIM_ERANGE;
    r->traced = *traced;
    r->shared.traced = &r->traced;
    r->tapes[FLEET_TAPED_TRACE].file = file;
    return 0;
}

static void write_pieces(run *r, fleet_taped which, piece *pieces, size_t count) {
    qsort(pieces, count, sizeof *pieces, by_time);
    for (size_t i = 0; i < count && r->tapes[which].file != NULL; i++) {
        const fleet_tape *t = tape_of(r, which, pieces[i].street);
        const fleet_record *item = &t->items[pieces[i].sequence];
        write_bytes(r, which, t->bytes + item->offset, item->n);
    }
}

static size_t count_pieces(run *r, fleet_taped which) {
    size_t count = 0;
    for (uint32_t i = 0; i < r->street_count; i++) {
        const fleet_tape *t = tape_of(r, which, i);
        count += t->count;
        if (t->error != 0) give_up(r, which, ENOMEM);
    }
    return count;
}

static void write_window(run *r, fleet_taped which) {
    size_t count = count_pieces(r, which), at = 0;
    if (count == 0 || r->tapes[which].file == NULL) return;
    piece *pieces = sim_malloc(count * sizeof *pieces);
    if (pieces == NULL) {
        give_up(r, which, ENOMEM);
        return;
    }
    for (uint32_t i = 0; i < r->street_count; i++) {
        const fleet_tape *t = tape_of(r, which, i);
        for (uint32_t k = 0; k < t->count; k++) pieces[at++] = (piece){t->items[k].at, i, k};
    }
    write_pieces(r, which, pieces, count);
    sim_free(pieces);
    for (uint32_t i = 0; i < r->street_count; i++) fleet_tape_clear(tape_of(r, which, i));
}

void run_tapes_window(run *r) {
    for (int which = 0; which < FLEET_TAPES; which++)
        if (r->tapes[which].file != NULL) write_window(r, (fleet_taped)which);
}

void run_tapes_end(run *r) {
    run_tapes_window(r);
    for (int which = 0; which < FLEET_TAPES; which++) {
        FILE *file = r->tapes[which].file;
        errno = 0;
        if (file != NULL && fflush(file) != 0) give_up(r, (fleet_taped)which, errno);
        stop_keeping(r, (fleet_taped)which);
    }
}

static const char *why(const run *r, fleet_taped which) {
    return r->tapes[which].trouble == 0 ? NULL : strerror(r->tapes[which].trouble);
}

const char *run_capture_why(const run *r) {
    return why(r, FLEET_TAPED_CAPTURE);
}

const char *run_trace_why(const run *r) {
    return why(r, FLEET_TAPED_TRACE);
}
