/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/hop.h"

#include <string.h>

#include "net/hop_kind.h"

void net_hop_init(net_hop *h, const net_hop_settings *settings, sim_stream stream) {
    *h = (net_hop){.settings = *settings, .stream = stream};
}

/* What this packet draws. Always the same four, needed or not: so a change of one setting leaves
 * the other faults where they were. */
typedef struct draws {
    double loss, duplicate, jitter[2];
} draws;

static draws draw(sim_stream *stream) {
    draws d;
    d.loss = sim_stream_unit(stream);
    d.duplicate = sim_stream_unit(stream);
    d.jitter[0] = sim_stream_unit(stream);
    d.jitter[1] = sim_stream_unit(stream);
    return d;
}

/* Time that `bytes` keep a line of this rate busy, rounded up; the product needs more than 64 bits.
 */
static sim_time time_on_line(uint64_t bytes, uint64_t bits_per_s) {
    unsigned __int128 ns = (unsigned __int128)bytes * 8 * SIM_SECOND + bits_per_s - 1;
    ns /= bits_per_s;
    return ns < SIM_NEVER ? (sim_time)ns : SIM_NEVER;
}

/* Bytes that have entered a line of this rate and not left it yet. */
static uint64_t bytes_waiting(const net_hop *h, sim_time now) {
    if (h->busy_until <= now) return 0;
    unsigned __int128 bits =
        (unsigned __int128)(h->busy_until - now) * h->settings.bits_per_s / SIM_SECOND;
    return (uint64_t)(bits / 8);
}

/* Takes one copy through queue and line. False: the queue is full. */
static bool pass(net_hop *h, uint32_t bytes, sim_time now, sim_time wait, double jitter,
                 sim_time *out) {
    const net_hop_settings *s = &h->settings;
    sim_time leaves = now;
    if (s->bits_per_s > 0) {
        /* then the packet does not wait, however small the queue is */
        bool idle = h->busy_until <= now;
        if (!idle && s->queue_bytes > 0 && bytes_waiting(h, now) + bytes > s->queue_bytes)
            return false;
        leaves = sim_time_add(sim_time_max(now, h->busy_until), time_on_line(bytes, s->bits_per_s));
        h->busy_until = leaves;
    }
    sim_time late = (sim_time)(jitter * ((double)s->jitter + 1));
    *out = sim_time_max(h->last_out, sim_time_add(sim_time_add(leaves, wait), s->latency + late));
    h->last_out = *out;
    return true;
}

uint32_t net_hop_push(net_hop *h, uint32_t bytes, sim_time now, sim_time out[2]) {
    const net_hop_settings *s = &h->settings;
    draws d = draw(&h->stream);
    bool falls = s->kind != NULL && s->kind->falls != NULL && s->kind->falls(h, now);
    sim_time wait = s->kind != NULL && s->kind->waits != NULL ? s->kind->waits(h, now) : 0;
    h->count.in++;
    if (s->down || falls || d.loss < s->loss) {
        h->count.dropped[s->down ? NET_HOP_DROP_DOWN : NET_HOP_DROP_LOSS]++;
        return 0;
    }
    uint32_t copies = d.duplicate < s->duplicate ? 2 : 1;
    h->count.duplicated += copies - 1;
    uint32_t passed = 0;
    for (uint32_t i = 0; i < copies; i++) {
        if (pass(h, bytes, now, wait, d.jitter[i], &out[passed])) passed++;
    }
    h->count.dropped[NET_HOP_DROP_QUEUE] += copies - passed;
    h->count.out += passed;
    return passed;
}

const sim_field net_hop_fields[] = {NET_HOP_COMMON_FIELDS, NET_HOP_FIELDS_END};

static const sim_field line_fields[] = {NET_HOP_FIELDS, NET_HOP_FIELDS_END};
const net_hop_kind net_hop_line = {
    .word = "line",
    .help = "latency, jitter, loss, duplication and rate, and no more",
    .fields = line_fields,
};

const net_hop_kind *const net_hop_kinds[] = {
#define KIND(name) &net_hop_##name,
    NET_HOP_KIND_MAP(KIND)
#undef KIND
        NULL};

const net_hop_kind *net_hop_kind_named(const char *word) {
    for (const net_hop_kind *const *k = net_hop_kinds; *k != NULL; k++)
        if (strcmp((*k)->word, word) == 0) return *k;
    return NULL;
}

static bool is_fraction(double x) {
    return x >= 0 && x <= 1; /* false for what is not a number */
}

const char *net_hop_settings_wrong(const net_hop_settings *s) {
    if (s->latency < 0 || s->latency > SIM_DAY) return "latency must be between 0 and one day";
    if (s->jitter < 0 || s->jitter > SIM_DAY) return "jitter must be between 0 and one day";
    if (!is_fraction(s->loss)) return "loss must be between 0 and 1";
    if (!is_fraction(s->duplicate)) return "duplication must be between 0 and 1";
    if (s->queue_bytes > 0 && s->bits_per_s == 0) return "a queue limit needs a rate";
    return s->kind != NULL && s->kind->wrong != NULL ? s->kind->wrong(s) : NULL;
}
