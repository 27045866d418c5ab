/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/counts.h - what doors and services count. Each list makes the struct, the sum
 * (cloud_*_counts_add) and the metrics of a run: a row is the field and the name of its metric,
 * NULL for a count that is no metric, or one that somebody else prints. */
#ifndef CLOUD_COUNTS_H
#define CLOUD_COUNTS_H

#include <stdint.h>

#define CLOUD_DOOR_COUNTS_MAP(X)                                                              \
    X(peers, "cloud_sessions") /* alive now: with a handshake, sessions open or opening */    \
    X(sessions_opened, "cloud_sessions_opened")                                               \
    X(sessions_replaced, "cloud_sessions_replaced") /* the same identity came again */        \
    X(closed, "cloud_sessions_closed")              /* by us: close_after, forget, a stage */ \
    X(handshake_timeouts, "cloud_handshake_timeouts")                                         \
    X(unknown_identity, "cloud_unknown_identity")                                             \
    X(wrong_key, "cloud_wrong_key")                                                           \
    X(no_suite, NULL)                         /* clients that offer none that is served */    \
    X(discarded, "cloud_datagrams_discarded") /* thrown away unread, garbage included */      \
    X(garbage, NULL)                          /* nothing that a handshake could begin with */ \
    X(peers_refused, NULL)                                                                    \
    X(unpublished, NULL) /* registered, but no memory was left for its channel */

#define CLOUD_SERVICE_COUNTS_MAP(X)                  \
    X(registrations, "cloud_registrations")          \
    X(reports, "cloud_reports")                      \
    X(reports_malformed, "cloud_reports_malformed")  \
    X(refused_busy, "cloud_answered_busy")           \
    X(desired_sent, "cloud_set_points_sent")         \
    X(requests, NULL)                                \
    X(forbidden, NULL)                               \
    X(not_found, NULL)                               \
    X(manifests_sent, NULL) /* of updates */         \
    X(blocks_sent, NULL)                             \
    X(value_changes, NULL) /* of the shared value */ \
    X(value_conflicts, NULL)

#define CLOUD_COUNTS_FIELD(field, metric) uint64_t field;
typedef struct cloud_door_counts {
    CLOUD_DOOR_COUNTS_MAP(CLOUD_COUNTS_FIELD)
} cloud_door_counts;

typedef struct cloud_service_counts {
    CLOUD_SERVICE_COUNTS_MAP(CLOUD_COUNTS_FIELD)
} cloud_service_counts;
#undef CLOUD_COUNTS_FIELD

void cloud_door_counts_add(cloud_door_counts *into, const cloud_door_counts *from);
void cloud_service_counts_add(cloud_service_counts *into, const cloud_service_counts *from);

#endif
