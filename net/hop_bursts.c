/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A link with two states, as Gilbert (1960) and Elliott (1963) have it: in the good one only the
 * common loss applies, in the bad one most packets fall. How long each lasts is exponential. A
 * radio at the edge of its range, a cable with a loose plug. */
#include <math.h>

#include "net/hop_kind.h"

enum { GOOD, BAD, BAD_LOSS };

/* How long the state lasts that begins now, at least a microsecond so that time passes. */
static sim_time lasts(net_hop *h) {
    sim_time mean = h->settings.own[h->bad ? BAD : GOOD].time;
    double span_s = -sim_time_seconds(mean) * log(1 - sim_stream_unit(&h->stream));
    return sim_time_max(SIM_MICROSECOND, sim_time_from_seconds(span_s));
}

/* What came to pass since the last packet is made up when somebody asks. A hop begins in its good
 * state. */
static void go_on(net_hop *h, sim_time now) {
    if (h->turn == 0) h->turn = lasts(h);
    while (h->turn <= now) {
        h->bad = !h->bad;
        h->turn = sim_time_add(h->turn, lasts(h));
    }
}

static bool falls(net_hop *h, sim_time now) {
    go_on(h, now);
    return sim_stream_unit(&h->stream) < h->settings.own[BAD_LOSS].number && h->bad;
}

static bool is_span(sim_time t) {
    return t >= SIM_MILLISECOND && t <= SIM_DAY;
}

static const char *wrong(const net_hop_settings *s) {
    if (!is_span(s->own[GOOD].time)) return "every must be between 1 ms and one day";
    if (!is_span(s->own[BAD].time)) return "lasting must be between 1 ms and one day";
    double loss = s->own[BAD_LOSS].number;
    return loss >= 0 && loss <= 1 ? NULL : "burst_loss must be between 0 and 1";
}

static const sim_field fields[] = {
    NET_HOP_FIELDS,
    {NET_HOP_OWN_FIELD("every", SIM_FIELD_DURATION, GOOD), .minimum = 1e6, .maximum = 86400e9,
     .help = "the mean time between two bursts; default 1m"},
    {NET_HOP_OWN_FIELD("lasting", SIM_FIELD_DURATION, BAD), .minimum = 1e6, .maximum = 86400e9,
     .help = "the mean length of a burst; default 1s"},
    {NET_HOP_OWN_FIELD("burst_loss", SIM_FIELD_FRACTION, BAD_LOSS),
     .help = "packets that fall in a burst; default 80%"},
    NET_HOP_FIELDS_END,
};

const net_hop_kind net_hop_bursts = {
    .word = "bursts",
    .help = "packets fall in bursts, as on a radio at the edge of its range",
    .fields = fields,
    .usual =
        {[GOOD] = {.time = SIM_MINUTE}, [BAD] = {.time = SIM_SECOND}, [BAD_LOSS] = {.number = 0.8}},
    .wrong = wrong,
    .falls = falls,
};
