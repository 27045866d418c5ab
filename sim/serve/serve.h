/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/serve/serve.h - the built-in cloud on real sockets, for devices that are not ours. */
#ifndef SIM_SERVE_SERVE_H
#define SIM_SERVE_SERVE_H

#include <signal.h>

#include "net/address.h"
#include "net/secure_stream.h"
#include "sim/cloud/capacity.h"
#include "sim/examine/watch.h"
#include "sim/fleet/credentials.h"
#include "sim/fleet/spec.h"

typedef struct serve_totals {
    uint64_t attempts, sessions_open, registered, requests, reports, malformed, discarded_datagrams,
        over_capacity;
    uint64_t no_suite; /* clients that offer no suite that is served */
    uint64_t alarms;
    /* reports that cannot be read, of nobody who is known, or for whom there was no room */
    uint64_t unexamined;
} serve_totals;
typedef struct serve_options {
    /* port 0: not served */
    net_address coap, coaps, coap_tcp, coaps_tcp, mqtt, mqtts, ws, wss;
    net_secure_stream_papers papers; /* of what TLS protects; their offset is not used */
    cloud_limits limits;
    uint16_t keep_alive_maximum_s; /* of MQTT 5 clients that have one; 0: whatever they want */
    sim_time close_after;          /* as cloud_service has it, and the next */
    bool resets;
    /* known identities; with accept_derived also "bs-NNNNNNNN" with keys derived from `seed` */
    const fleet_credential *credentials;
    size_t credential_count;
    bool accept_derived;
    uint64_t seed;
    /* of the telemetry, borrowed; NULL: nobody examines. Windows are of real time from the start */
    const examine_watch_settings *examination;
    /* An alarm as a line of JSON, without its end. May take a while: nothing is served meanwhile.
     */
    void (*alarm)(void *context, const char *line);
    const volatile sig_atomic_t *stop;
    /* Called once the sockets are bound (a line to print), then every few seconds with running
     * totals. */
    void (*ready)(void *context);
    void (*totals)(void *context, const serve_totals *t);
    void *context;
} serve_options;
SIM_MUST_USE int serve_for_real(const serve_options *o, char *why, size_t size);

#endif
