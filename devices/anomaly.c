/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/anomaly.h"

#include <math.h>

#include "sim/core/heap.h"

/* Traffic of an attack at strength 1, for each hour. The figures are assumptions that an attacker
 * of consumer devices would recognise. */
typedef struct anomaly_traffic {
    double logins;                  /* tried and refused */
    double packets_in, packets_out; /* */
    double bytes_in, bytes_out;
    double charge;      /* per cent of the battery */
    double connections; /* at any time */
} anomaly_traffic;

static const anomaly_traffic traffic_of[RECORD_ANOMALIES] = {
    /* a list of leaked passwords, one every 15 s: fast enough to be of use, slow enough for
     * lock-outs */
    [RECORD_ANOMALY_CREDENTIAL_STUFFING] = {.logins = 240,
                                            .packets_in = 1200,
                                            .packets_out = 1200,
                                            .bytes_in = 96000,
                                            .bytes_out = 72000,
                                            .connections = 1},
    /* half a kilobit a second: a thermostat's logs and keys, or a trickle of sound */
    [RECORD_ANOMALY_EXFILTRATION] = {.packets_in = 90,
                                     .packets_out = 180,
                                     .bytes_in = 3600,
                                     .bytes_out = 200000,
                                     .connections = 1},
    /* two probes a second, one in twenty is answered */
    [RECORD_ANOMALY_BOTNET_SCAN] = {.packets_in = 360,
                                    .packets_out = 7200,
                                    .bytes_in = 18000,
                                    .bytes_out = 432000,
                                    .connections = 4},
    /* a packet every 6 s keeps the radio awake: 20 mA of a battery of 2,400 mAh are empty after
     * five days */
    [RECORD_ANOMALY_BATTERY_DRAIN] = {.packets_in = 600,
                                      .packets_out = 600,
                                      .bytes_in = 36000,
                                      .bytes_out = 36000,
                                      .charge = 0.8},
};

static const double drift_an_hour = 0.25;            /* of the reading's unit: 6 degrees a day */
static const double rail_low = -55, rail_high = 125; /* where a digital thermometer ends */
enum { SCANNED = 1 << 17 /* addresses in 198.18.0.0/15 */ };

bool dev_anomaly_is_possible(record_anomaly kind) {
    switch (kind) {
        case RECORD_ANOMALY_UNKNOWN:
        case RECORD_ANOMALY_LOCK_STEP:
        case RECORD_ANOMALY_NEW_DESTINATION:
        case RECORD_ANOMALIES:
            return false;
        default:
            return true;
    }
}

const char *dev_anomaly_lacks(record_anomaly kind, const dev_profile *p) {
    if (kind == RECORD_ANOMALY_BATTERY_DRAIN && !p->battery)
        return "has no battery: say power = \"battery\" for its kind of device in setup";
    const anomaly_traffic *t = &traffic_of[kind];
    if ((t->packets_out > 0 || t->logins > 0) && !p->metrics)
        return "does not tell what this would show in: say metrics = true for its kind of device "
               "in setup";
    return NULL;
}

int dev_anomaly_order_to(dev_vitals *v, uint64_t seed, uint32_t device,
                         const dev_anomaly_order *order) {
    dev_anomaly *m = sim_malloc(sizeof *m);
    dev_anomaly **at = &v->orders;
    if (m == NULL) return SIM_ENOMEM;
    *m = (dev_anomaly){.from = order->from,
                       .to = order->to,
                       .ramp = order->ramp,
                       .strength = order->strength,
                       .stream = sim_stream_for(seed, SIM_PURPOSE_ANOMALY,
                                                (uint64_t)order->campaign << 32 | device),
                       .campaign = order->campaign,
                       .kind = (uint8_t)order->kind};
    while (*at != NULL) at = &(*at)->next;
    *at = m;
    return 0;
}

void dev_anomaly_forget(dev_vitals *v) {
    while (v->orders != NULL) {
        dev_anomaly *m = v->orders;
        v->orders = m->next;
        sim_free(m);
    }
}

static bool goes_on(const dev_anomaly *m, sim_time now) {
    return now >= m->from && now < m->to;
}

/* At one instant. */
static double strength_at(const dev_anomaly *m, sim_time now) {
    if (!goes_on(m, now)) return 0;
    double grown = m->ramp > 0 ? (double)(now - m->from) / (double)m->ramp : 1;
    return m->strength * fmin(grown, 1);
}

/* Strength times hours from..to. It grows evenly and then stays: the mean of a stretch on either
 * side of that is the strength in its middle. */
static double strength_hours(const dev_anomaly *m, sim_time from, sim_time to) {
    from = sim_time_max(from, m->from);
    to = sim_time_min(to, m->to);
    if (from >= to) return 0;
    sim_time grown = sim_time_min(to, sim_time_max(from, sim_time_add(m->from, m->ramp)));
    double growing = strength_at(m, from + (grown - from) / 2) * (double)(grown - from);
    double steady = m->strength * (double)(to - grown);
    return (growing + steady) / (double)SIM_HOUR;
}

static void talk(dev_anomaly *m, dev_vitals_counts *c, uint64_t packets) {
    if (packets == 0) return;
    if (m->kind == RECORD_ANOMALY_EXFILTRATION)
        dev_vitals_talked_to(c, DEV_DESTINATION_STRANGER + 1 + m->campaign % 254);
    for (int i = 0; m->kind == RECORD_ANOMALY_BOTNET_SCAN && i < DEV_DESTINATIONS_MAX; i++)
        dev_vitals_talked_to(
            c, DEV_DESTINATION_SCAN + (uint32_t)sim_stream_below(&m->stream, SCANNED));
}

static void suffer(dev_vitals *v, dev_anomaly *m, double hours) {
    const anomaly_traffic *t = &traffic_of[m->kind];
    dev_vitals_counts *c = &v->counts;
    if (hours <= 0) return;
    uint64_t out = dev_vitals_poisson(&m->stream, hours * t->packets_out);
    uint64_t in = dev_vitals_poisson(&m->stream, hours * t->packets_in);
    c->packets_out += out;
    c->packets_in += in;
    if (out > 0) c->bytes_out += (uint64_t)((double)out * t->bytes_out / t->packets_out);
    if (in > 0) c->bytes_in += (uint64_t)((double)in * t->bytes_in / t->packets_in);
    c->failed_logins += (uint32_t)dev_vitals_poisson(&m->stream, hours * t->logins);
    v->charge = fmax(0, v->charge - hours * t->charge);
    talk(m, c, out);
}

void dev_anomaly_suffer(dev_vitals *v, sim_time from, sim_time to) {
    for (dev_anomaly *m = v->orders; m != NULL; m = m->next)
        suffer(v, m, strength_hours(m, from, to));
}

uint64_t dev_anomaly_connections(dev_vitals *v, sim_time now) {
    uint64_t n = 0;
    for (dev_anomaly *m = v->orders; m != NULL; m = m->next)
        n += dev_vitals_poisson(&m->stream, strength_at(m, now) * traffic_of[m->kind].connections);
    return n;
}

static double reading_of(dev_anomaly *m, sim_time now, double honest) {
    double strength = strength_at(m, now);
    switch (m->kind) {
        case RECORD_ANOMALY_STUCK_SENSOR:
            if (!m->holds) m->held = honest;
            m->holds = true;
            return honest + fmin(strength, 1) * (m->held - honest);
        case RECORD_ANOMALY_OUT_OF_RANGE:
            if (sim_stream_unit(&m->stream) >= strength) return honest;
            return sim_stream_below(&m->stream, 2) == 0 ? rail_low : rail_high;
        case RECORD_ANOMALY_SLOW_DRIFT:
            return honest + drift_an_hour * strength_hours(m, m->from, now);
        default:
            return honest;
    }
}

double dev_anomaly_reading(dev_vitals *v, sim_time now, double honest) {
    double told = honest;
    for (dev_anomaly *m = v->orders; m != NULL; m = m->next) {
        if (goes_on(m, now)) told = reading_of(m, now, told);
    }
    /* hundredths, as a float says them: what is honest stays as it is */
    return told == honest ? honest : (double)(float)(floor(told * 100 + 0.5) / 100);
}

bool dev_anomaly_silences(dev_vitals *v, sim_time now) {
    bool silent = false;
    for (dev_anomaly *m = v->orders; m != NULL; m = m->next) {
        if (m->kind == RECORD_ANOMALY_SILENT_DEVICE && goes_on(m, now))
            silent |= sim_stream_unit(&m->stream) < strength_at(m, now);
    }
    return silent;
}

bool dev_anomaly_spoils_update(const dev_device *d, sim_time now) {
    const dev_anomaly *m = d->vitals == NULL ? NULL : d->vitals->orders;
    while (m != NULL && !(m->kind == RECORD_ANOMALY_UPDATE_SIGNATURE && strength_at(m, now) > 0))
        m = m->next;
    return m != NULL;
}
