/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/vitals.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "devices/anomaly.h"
#include "sim/core/error.h"
#include "sim/core/heap.h"
#include "sim/record/metric.h"

enum { METRIC_RECORDS = 9 };

/* ---- assumptions: orders of magnitude of a household, not measurements ---- */

static const double sessions_a_day = 4; /* a look at the app, a turn of the knob */
/* one a week: the household's passwords are mostly stored */
static const double mistypings_a_day = 0.15;
/* of the logarithm: most households within a factor of 3 */
static const double habit_spread = 0.5;
static const double mistyped_again = 0.3; /* after a refused login the next one is refused too */
/* hourly (RFC 4330 asks for no more than one in 15 s) */
static const double time_queries_a_day = 24;
static const double name_queries_a_day = 24;                /* a time to live of an hour */
static const double session_share_of_day = 5.0 / (24 * 60); /* five minutes */
enum {
    HEADERS = 28,          /* IPv4 and UDP, RFC 791 and RFC 768 */
    TIME_BYTES = 48,       /* RFC 4330 */
    NAME_QUERY_BYTES = 42, /* RFC 1035, a name of 24 letters */
    NAME_ANSWER_BYTES = 90,
    SESSION_PACKETS = 10, /* each way */
    SESSION_IN_BYTES = 1200,
    SESSION_OUT_BYTES = 2400,
    LISTENING_PORTS = 1 /* where people log in */
};
static const double gauge_noise = 0.15; /* of the battery's gauge, per cent, standard deviation */

/* Of people in a home, by the hour; adds up to 24. */
static const double use_of_hour[24] = {0.2, 0.1, 0.1, 0.1, 0.1, 0.3, 1.0, 1.8, 1.5, 0.9, 0.8, 0.8,
                                       1.0, 0.9, 0.8, 0.9, 1.1, 1.6, 2.1, 2.3, 2.2, 1.7, 1.1, 0.6};
static const double use_of_weekday = 0.9, use_of_weekend = 1.25; /* five and two of them make 7 */

static double use_at(sim_time now) {
    bool weekend = now / SIM_DAY % 7 >= 5;
    return use_of_hour[now % SIM_DAY / SIM_HOUR] * (weekend ? use_of_weekend : use_of_weekday);
}

double dev_vitals_use(sim_time from, sim_time to) {
    double days = 0;
    while (from < to) {
        sim_time end = sim_time_min(to, (from / SIM_HOUR + 1) * SIM_HOUR);
        days += use_at(from) * (double)(end - from) / (double)SIM_DAY;
        from = end;
    }
    return days;
}

/* Below 30 by the product of uniforms (Knuth, The Art of Computer Programming, 3.4.1). */
uint64_t dev_vitals_poisson(sim_stream *s, double mean) {
    const double product_up_to = 30;
    uint64_t n = 0;
    if (mean <= 0) return 0;
    if (mean > product_up_to) {
        double draw = floor(mean + sqrt(mean) * sim_stream_normal(s) + 0.5);
        return draw > 0 ? (uint64_t)draw : 0;
    }
    const double limit = exp(-mean);
    double product = sim_stream_unit(s);
    while (product > limit) {
        product *= sim_stream_unit(s);
        n++;
    }
    return n;
}

/* ---- life ---- */

dev_vitals *dev_vitals_new(uint64_t seed, uint32_t device, bool told, bool battery) {
    dev_vitals *v = sim_malloc(sizeof *v);
    if (v == NULL) return NULL;
    *v = (dev_vitals){.stream = sim_stream_for(seed, SIM_PURPOSE_VITALS, device),
                      .told = told,
                      .battery = battery};
    v->sessions = (float)(sessions_a_day * exp(habit_spread * sim_stream_normal(&v->stream)));
    v->mistypings = (float)(mistypings_a_day * exp(habit_spread * sim_stream_normal(&v->stream)));
    v->charge = 60 + 40 * sim_stream_unit(&v->stream);
    v->life_days = (float)(400 + 300 * sim_stream_unit(&v->stream));
    return v;
}

void dev_vitals_free(dev_vitals *v) {
    if (v == NULL) return;
    dev_anomaly_forget(v);
    sim_free(v);
}

void dev_vitals_power(dev_vitals *v, sim_time now, bool on) {
    dev_vitals_advance(v, now);
    v->powered = on;
    v->counts = (dev_vitals_counts){.resets = v->counts.resets + (on ? 1 : 0)};
}

/* ---- counting ---- */

void dev_vitals_talked_to(dev_vitals_counts *c, uint32_t address) {
    for (uint32_t i = 0; i < c->destination_count; i++) {
        if (c->destinations[i] == address) return;
    }
    if (c->destination_count < DEV_DESTINATIONS_MAX)
        c->destinations[c->destination_count++] = address;
}

void dev_vitals_datagram(dev_vitals *v, bool out, size_t n) {
    dev_vitals_counts *c = &v->counts;
    *(out ? &c->bytes_out : &c->bytes_in) += n + HEADERS;
    *(out ? &c->packets_out : &c->packets_in) += 1;
    if (out) dev_vitals_talked_to(c, DEV_DESTINATION_CLOUD);
}

/* n questions of one packet each, and their answers. */
static void ask(dev_vitals_counts *c, uint64_t n, uint64_t question, uint64_t answer,
                uint32_t address) {
    if (n == 0) return;
    c->packets_out += n;
    c->packets_in += n;
    c->bytes_out += n * (question + HEADERS);
    c->bytes_in += n * (answer + HEADERS);
    dev_vitals_talked_to(c, address);
}

/* Somebody in the home looks at it: short or long, so bytes vary by a factor of three. */
static void people(dev_vitals *v, double use) {
    dev_vitals_counts *c = &v->counts;
    for (uint64_t n = dev_vitals_poisson(&v->stream, use * (double)v->sessions); n > 0; n--) {
        double length = 0.5 + sim_stream_unit(&v->stream);
        uint64_t packets = (uint64_t)(length * SESSION_PACKETS);
        c->packets_in += packets;
        c->packets_out += packets;
        c->bytes_in += (uint64_t)(length * SESSION_IN_BYTES);
        c->bytes_out += (uint64_t)(length * SESSION_OUT_BYTES);
    }
    for (uint64_t n = dev_vitals_poisson(&v->stream, use * (double)v->mistypings); n > 0; n--) {
        do c->failed_logins++;
        while (sim_stream_unit(&v->stream) < mistyped_again);
    }
}

/* Its load varies by a third from one stretch to the next, but nothing charges it. */
static void discharge(dev_vitals *v, double days) {
    if (!v->battery) return;
    double uneven = 1 + sim_stream_normal(&v->stream) / 3;
    v->charge -= 100 / (double)v->life_days * days * (uneven > 0 ? uneven : 0);
    if (v->charge < 0) v->charge = 0;
}

void dev_vitals_advance(dev_vitals *v, sim_time now) {
    SIM_PROMISE(now >= v->since);
    sim_time from = v->since;
    v->since = now;
    if (!v->powered || now == from) return;
    double days = (double)(now - from) / (double)SIM_DAY;
    people(v, dev_vitals_use(from, now));
    ask(&v->counts, dev_vitals_poisson(&v->stream, days * time_queries_a_day), TIME_BYTES,
        TIME_BYTES, DEV_DESTINATION_TIME);
    ask(&v->counts, dev_vitals_poisson(&v->stream, days * name_queries_a_day), NAME_QUERY_BYTES,
        NAME_ANSWER_BYTES, DEV_DESTINATION_NAMES);
    discharge(v, days);
    dev_anomaly_suffer(v, from, now);
}

/* ---- telling ---- */

static void record(net_senml_pack *pack, record_metric metric, const char *unit, double value) {
    SIM_PROMISE(pack->count < NET_SENML_RECORDS_MAX);
    net_senml_record *r = &pack->records[pack->count++];
    *r = (net_senml_record){.value = value};
    strncpy(r->name, record_metric_word(metric), sizeof r->name - 1);
    strncpy(r->unit, unit, sizeof r->unit - 1);
}

/* The gauge tells tenths; a float says them, and is short. */
static double gauge(dev_vitals *v) {
    double seen = floor((v->charge + gauge_noise * sim_stream_normal(&v->stream)) * 10 + 0.5) / 10;
    return (double)(float)fmin(fmax(seen, 0), 100);
}

void dev_vitals_tell(dev_vitals *v, sim_time now, bool connected, net_senml_pack *pack) {
    const dev_vitals_counts *c = &v->counts;
    if (!v->told) return;
    dev_vitals_advance(v, now);
    uint64_t guests =
        dev_vitals_poisson(&v->stream, (double)v->sessions * use_at(now) * session_share_of_day);
    uint64_t connections = (connected ? 1 : 0) + guests + dev_anomaly_connections(v, now);
    record(pack, RECORD_METRIC_BYTES_IN, "", (double)c->bytes_in);
    record(pack, RECORD_METRIC_BYTES_OUT, "", (double)c->bytes_out);
    record(pack, RECORD_METRIC_PACKETS_IN, "", (double)c->packets_in);
    record(pack, RECORD_METRIC_PACKETS_OUT, "", (double)c->packets_out);
    record(pack, RECORD_METRIC_LISTENING_PORTS, "", LISTENING_PORTS);
    record(pack, RECORD_METRIC_TCP_CONNECTIONS, "", (double)connections);
    record(pack, RECORD_METRIC_FAILED_LOGINS, "", c->failed_logins);
    record(pack, RECORD_METRIC_RESETS, "", c->resets);
    if (v->battery) record(pack, RECORD_METRIC_BATTERY, "%EL", gauge(v)); /* RFC 8428 12.1 */
    for (uint32_t i = 0; i < c->destination_count; i++)
        record(pack, RECORD_METRIC_DESTINATION, "", c->destinations[i]);
    v->counts = (dev_vitals_counts){0};
}

_Static_assert(
    3 + METRIC_RECORDS + 2 + DEV_DESTINATIONS_MAX <= NET_SENML_RECORDS_MAX,
    "readings of a model, metrics, firmware and its failures, and destinations fit a report");
