/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/serve/examiner.h - the examiner of telemetry (EN 303 645, 5.10-1) in a cloud that is
 * served for real: nobody says beforehand which devices there are, so each is examined from when it
 * first spoke. Devices are numbered as the fronts do. */
#ifndef SIM_SERVE_EXAMINER_H
#define SIM_SERVE_EXAMINER_H

#include "net/address.h"
#include "sim/core/map.h"
#include "sim/fleet/watch.h"

enum {
    /* devices, about 0.5 KB each as they come; more are counted only */
    SERVE_EXAMINED_MAX = 100000
};

typedef struct serve_examiner {
    examine_watch_fleet *fleet; /* NULL: nobody examines, and the verbs that tell do nothing */
    fleet_watch heard;
    sim_time window, due; /* SIM_NEVER: nobody examines */
    sim_map known;        /* device -> number in the watch */
    uint32_t *devices;    /* and back */
    uint64_t unexamined;  /* reports of devices for which there was no room */
} serve_examiner;

/* All 0 before; settings are borrowed. SIM_ENOMEM. */
SIM_MUST_USE int serve_examiner_init(serve_examiner *e, const examine_watch_settings *settings);
void serve_examiner_deinit(serve_examiner *e); /* all 0 is fine */

/* As cloud_observer has them. An address is a device's whatever its port. */
void serve_examiner_report(serve_examiner *e, sim_time now, uint32_t device,
                           const net_senml_pack *pack, size_t bytes);
void serve_examiner_session(serve_examiner *e, sim_time now, uint32_t device,
                            const net_address *from, bool up, sim_time heard);
/* Only of a device that was there: whoever has no key can not make us remember anybody. */
void serve_examiner_refused(serve_examiner *e, sim_time now, uint32_t device);

/* The window that is due ends. Its notices, until the next; those about devices name them as the
 * fronts do. */
typedef void serve_noticed(void *context, const record_alert *n);
void serve_examiner_close(serve_examiner *e, serve_noticed *noticed, void *context);

#endif
