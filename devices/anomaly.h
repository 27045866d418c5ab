/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/anomaly.h - devices that misbehave on order: what an order (kind, strength, time) changes
 * in a device's vitals, readings and behaviour. Pure; the drill gives the orders and keeps the
 * truth. What it is like at strength 1 stands in anomaly.c; strength 0 changes nothing, to the
 * byte. */
#ifndef DEVICES_ANOMALY_H
#define DEVICES_ANOMALY_H

#include "devices/device.h"
#include "devices/vitals.h"
#include "sim/record/anomaly.h"

struct dev_anomaly {
    struct dev_anomaly *next;
    sim_time from, to; /* from <= now < to: it goes on */
    sim_time ramp;     /* grows evenly from nothing to its strength for so long; 0: at once */
    double strength;   /* >= 0; 1: as anomaly.c describes it */
    sim_stream stream; /* its own draws */
    uint32_t campaign; /* that it belongs to */
    uint8_t kind;      /* enum record_anomaly */
    bool holds;        /* a stuck sensor has got stuck, at... */
    double held;       /* ...this */
};

/* What an order says; the rest of a dev_anomaly is its own. */
typedef struct dev_anomaly_order {
    record_anomaly kind;
    sim_time from, to, ramp;
    double strength;
    uint32_t campaign;
} dev_anomaly_order;

/* Kinds that can be ordered: the ten of EN 303 645's examples and their like. */
bool dev_anomaly_is_possible(record_anomaly kind);
/* NULL, or what a device of this kind would need for it to show: "has no battery: say power =
 * \"battery\" ..." (static). */
const char *dev_anomaly_lacks(record_anomaly kind, const dev_profile *p);
/* The device, whose vitals are there, will do so. SIM_ENOMEM. */
SIM_MUST_USE int dev_anomaly_order_to(dev_vitals *v, uint64_t seed, uint32_t device,
                                      const dev_anomaly_order *order);
void dev_anomaly_forget(dev_vitals *v); /* all orders */

/* ---- what comes of it ---- */

/* Adds to the counts what happened from..to, during which there was power. */
void dev_anomaly_suffer(dev_vitals *v, sim_time from, sim_time to);
/* Connections established just now besides the honest ones. */
uint64_t dev_anomaly_connections(dev_vitals *v, sim_time now);
/* The device's main reading as it will be told; `honest` is what it is. */
double dev_anomaly_reading(dev_vitals *v, sim_time now, double honest);
/* The report that is due is not sent. Draws: ask once for each. */
bool dev_anomaly_silences(dev_vitals *v, sim_time now);
/* The image that an update brings is signed by the wrong key: its verification must fail. */
bool dev_anomaly_spoils_update(const dev_device *d, sim_time now);

#endif
