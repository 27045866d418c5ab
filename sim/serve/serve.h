/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/serve/serve.h - the built-in cloud on real sockets, for devices that are not ours. */
#ifndef SIM_SERVE_SERVE_H
#define SIM_SERVE_SERVE_H

#include <signal.h>
#include <stdbool.h>

#include "net/address.h"
#include "net/secure_stream.h"
#include "sim/cloud/capacity.h"
#include "sim/examine/watch.h"
#include "sim/fleet/credentials.h"
#include "sim/fleet/spec.h"

/* What is told of while it serves: X(member, kind, name, words, help). `name` is that of the metric
 * in summary.json where there is such a one, `words` stand in front of the number in a line for
 * people; GAUGE: how many there are now, COUNTER: how many there have been. */
#define SERVE_TOTALS_MAP(X)                                                                       \
    X(attempts, COUNTER, "attempts", "attempts", "Attempts to connect.")                          \
    X(sessions_open, GAUGE, "cloud_sessions", "sessions open", "Sessions that are open.")         \
    X(registered, COUNTER, "attempts_online", "registered", "Attempts that ended in a session.")  \
    X(requests, COUNTER, "cloud_requests", "requests", "Requests that reached the service.")      \
    X(reports, COUNTER, "cloud_reports", "reports", "Reports among them that were taken.")        \
    X(over_capacity, COUNTER, "cloud_over_capacity", "over capacity",                             \
      "Connections and requests over capacity.")                                                  \
    X(malformed, COUNTER, "cloud_reports_malformed", "malformed", "Reports that cannot be read.") \
    X(discarded_datagrams, COUNTER, "cloud_datagrams_discarded", "discarded datagrams",           \
      "Datagrams that were thrown away unread.")                                                  \
    X(no_suite, COUNTER, "cloud_no_suite", "no suite in common",                                  \
      "Clients that offer no suite that is served.")

/* The same, of an examiner. */
#define SERVE_EXAMINED_MAP(X)                                                    \
    X(alarms, COUNTER, "alarms", "alarms", "Alarms of the examiner.")            \
    X(unexamined, COUNTER, "cloud_reports_not_examined", "reports not examined", \
      "Reports that cannot be examined: unreadable, of nobody known, or without room.")

typedef struct serve_totals {
#define SERVE_TOTALS_MEMBER(member, kind, name, words, help) uint64_t member;
    SERVE_TOTALS_MAP(SERVE_TOTALS_MEMBER)
    SERVE_EXAMINED_MAP(SERVE_TOTALS_MEMBER)
#undef SERVE_TOTALS_MEMBER
    sim_time now; /* since it began to serve */
    bool last;    /* it is over */
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
    void (*ready)(void *context); /* once the sockets are bound: a line to print */
    /* Every second, as it stands, and when it is over. */
    void (*totals)(void *context, const serve_totals *t);
    void *context;
} serve_options;
SIM_MUST_USE int serve_for_real(const serve_options *o, char *why, size_t size);

#endif
