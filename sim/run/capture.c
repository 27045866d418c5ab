/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The capture of what the cloud's edge sees: at the end of a window the streets' records are put in
 * the order of (time, street, sequence) and written, so that the file does not depend on threads
 * and what is held in memory is a window's. What goes wrong ends the capture and not the run. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/record/pcap_write.h"
#include "sim/run/run_private.h"

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

/* No more is kept; the records taken so far are forgotten. */
static void give_up(run *r, int reason) {
    r->capture_trouble = reason == 0 ? EIO : reason;
    r->commons.captured = false;
}

void run_capture_to(run *r, FILE *file) {
    uint8_t head[RECORD_PCAP_HEAD];
    record_pcap_head(head);
    r->capture = file;
    r->commons.captured = true;
    errno = 0;
    if (fwrite(head, sizeof head, 1, file) != 1) give_up(r, errno);
}

static void write_pieces(run *r, piece *pieces, size_t count) {
    qsort(pieces, count, sizeof *pieces, by_time);
    for (size_t i = 0; i < count; i++) {
        const fleet_capture *c = &r->streets[pieces[i].street].capture;
        const fleet_captured *item = &c->items[pieces[i].sequence];
        errno = 0;
        if (fwrite(c->bytes + item->offset, item->n, 1, r->capture) != 1) {
            give_up(r, errno);
            return;
        }
    }
}

void run_capture_window(run *r) {
    size_t count = 0;
    if (!r->commons.captured) return;
    for (uint32_t i = 0; i < r->street_count; i++) {
        count += r->streets[i].capture.count;
        if (r->streets[i].capture.error != 0) give_up(r, ENOMEM);
    }
    piece *pieces = count == 0 ? NULL : sim_malloc(count * sizeof *pieces);
    if (count > 0 && pieces == NULL) give_up(r, ENOMEM);
    size_t at = 0;
    for (uint32_t i = 0; pieces != NULL && i < r->street_count; i++) {
        const fleet_capture *c = &r->streets[i].capture;
        for (uint32_t k = 0; k < c->count; k++) pieces[at++] = (piece){c->items[k].at, i, k};
    }
    if (r->commons.captured && pieces != NULL) write_pieces(r, pieces, count);
    sim_free(pieces);
    for (uint32_t i = 0; i < r->street_count; i++) fleet_capture_clear(&r->streets[i].capture);
}

void run_capture_end(run *r) {
    if (!r->commons.captured) return;
    run_capture_window(r);
    errno = 0;
    if (r->commons.captured && fflush(r->capture) != 0) give_up(r, errno);
    r->commons.captured = false;
}

const char *run_capture_why(const run *r) {
    return r->capture_trouble == 0 ? NULL : strerror(r->capture_trouble);
}
