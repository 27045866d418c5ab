/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/fault_orders.h - the rows of faults and what they are ordered with, for whoever orders
 * them from C. Others need sim/fleet/fault.h alone. */
#ifndef SIM_FLEET_FAULT_ORDERS_H
#define SIM_FLEET_FAULT_ORDERS_H

#include "net/hop.h"
#include "sim/cloud/capacity.h"
#include "sim/cloud/update.h"
#include "sim/fleet/fault.h"
#include "sim/record/anomaly.h"

/* Power of whole homes when the selection has no device filter: router and devices; else of those
 * devices alone. Off: RAM is lost, nothing is sent. */
extern const fleet_fault fleet_fault_cut_power;
extern const fleet_fault fleet_fault_restore_power; /* fleet_trigger_order */
/* The homes' way to the internet, silently (a black hole: the link stays up). */
extern const fleet_fault fleet_fault_cut_network;
extern const fleet_fault fleet_fault_restore_network; /* fleet_trigger_order */
typedef struct fleet_trigger_order {
    const char *trigger;
} fleet_trigger_order;

/* The routers of homes lose their power for `off` and boot; their devices keep theirs, and see the
 * link go and come. */
extern const fleet_fault fleet_fault_restart_routers;
typedef struct fleet_routers_order {
    const char *trigger;
    sim_time off;
} fleet_routers_order;

/* The mains sags: devices on it are off for `lasting`, routers are not. */
extern const fleet_fault fleet_fault_brown_out;
typedef struct fleet_brown_out_order {
    const char *trigger;
    sim_time lasting;
} fleet_brown_out_order;

/* A fresh battery in devices with a household that run on one: a fleet_trigger_order. */
extern const fleet_fault fleet_fault_replace_battery;

/* A server of the homes' boot chains answers so late from now on, or not at all. */
extern const fleet_fault fleet_fault_server;
typedef struct fleet_server_order {
    int which; /* fleet_server */
    sim_time answers_after;
    bool gone;
} fleet_server_order;

/* Replaces settings of the homes' uplinks by a net_hop_settings; `down` is kept. */
extern const fleet_fault fleet_fault_link;

/* The cloud changes the observed set-point of the devices: a double, degrees Celsius. */
extern const fleet_fault fleet_fault_set_point;
extern const fleet_fault fleet_fault_report_every;

/* Those of the devices that are online change the value that their street shares in the cloud, all
 * at this instant (devices/shared_value.h). */
extern const fleet_fault fleet_fault_change_shared_value;

/* New limits for the built-in cloud from now on: a cloud_limits. */
extern const fleet_fault fleet_fault_cloud;

/* From now on the built-in cloud lets devices in, registers them, and closes their session
 * `close_after` later; sessions that there are at once. 0: no longer, without a trigger. */
extern const fleet_fault fleet_fault_accept_then_close;
typedef struct fleet_close_order {
    const char *trigger;
    sim_time close_after;
    int closes; /* a place of fleet_close_words */
} fleet_close_order;
/* "in-order": each is told; "reset": a connection is reset, a session of datagrams forgotten. */
extern const char *const fleet_close_words[];
enum { FLEET_CLOSES_IN_ORDER, FLEET_RESETS };

/* The built-in cloud stops, is down for `down`, and begins anew without its sessions. Silent:
 * devices learn it when a request of theirs is not answered; else it closes them in order first, so
 * that everybody knows in the same instant. While it is down nothing is admitted, as the limits'
 * `over` says. */
extern const fleet_fault fleet_fault_cloud_restart;
typedef struct fleet_restart_order {
    const char *trigger;
    sim_time down;
    int silent;
} fleet_restart_order;

/* The built-in cloud is there and says nothing for `lasting`: its process stands still, or
 * withholds one kind of answer (a cloud_frozen, less 1). */
extern const fleet_fault fleet_fault_freeze;
typedef struct fleet_freeze_order {
    const char *trigger;
    sim_time lasting;
    int what;
} fleet_freeze_order;

/* The service that is not the makers' is gone for `lasting`: its sessions end, and nobody is let
 * in. */
extern const fleet_fault fleet_fault_non_associated_outage;
typedef struct fleet_non_associated_order {
    const char *trigger;
    sim_time lasting;
} fleet_non_associated_order;

/* An update is offered to the devices that take updates, in place of any before. A device that is
 * off hears of it when it is back. At most FLEET_OFFERS_MAX a run. */
extern const fleet_fault fleet_fault_offer_update;
typedef struct fleet_update_order {
    const char *trigger; /* that a device that restarts for it comes back under */
    uint32_t version;    /* 1.. */
    uint32_t bytes;      /* of the image: 1..CLOUD_UPDATE_SIZE_MAX */
    sim_time over;       /* each device is told at a random time within it; 0: all at once */
    int rogue;           /* a cloud_rogue */
} fleet_update_order;

/* Devices of the selection misbehave, with known truth (EN 303 645, 5.10-1). One campaign. */
extern const fleet_fault fleet_fault_inject;
typedef struct fleet_injection_order {
    int kind;         /* an index in fleet_injection_kinds */
    sim_time after;   /* from now on until it begins */
    sim_time lasting; /* > 0; SIM_NEVER: until the run ends */
    sim_time ends_at; /* instead of `lasting`; SIM_NEVER: not given */
    sim_time ramp;    /* grows for so long; 0: at once */
    double strength;  /* >= 0; 1: as devices/anomaly.c describes it */
    uint32_t devices; /* so many of the selection, picked by the seed; 0: all */
} fleet_injection_order;
/* Words of the anomalies that devices can be told to show; NULL ends them. */
extern const char *const fleet_injection_kinds[];

#endif
