/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/record/metric.h - what may be known of a device while it works: the names that devices report
 * under, the cloud examines and verdicts quote.
 *
 * Where AWS IoT Device Defender has a metric of that meaning it has that name here (its
 * documentation of cloud-side and device-side metrics); the others are our own. A device-side
 * metric is the device's own word, sent as telemetry: a device in somebody else's hands can lie
 * about it. */
#ifndef SIM_RECORD_METRIC_H
#define SIM_RECORD_METRIC_H

#include "sim/core/error.h"

/* How its values are read: events since the last report add up, a level is a value of its own, a
 * member is one of a set (an address), told by a number that stands for it. */
typedef enum record_metric_kind {
    RECORD_METRIC_EVENTS,
    RECORD_METRIC_LEVEL,
    RECORD_METRIC_MEMBER
} record_metric_kind;
typedef enum record_metric_side {
    RECORD_METRIC_CLOUD_SIDE,
    RECORD_METRIC_DEVICE_SIDE
} record_metric_side;

#define RECORD_METRIC_MAP(X)                                                                       \
    X(MESSAGES_IN, "aws:num-messages-received", EVENTS, CLOUD_SIDE, "messages from the device")    \
    X(MESSAGES_OUT, "aws:num-messages-sent", EVENTS, CLOUD_SIDE, "messages to the device")         \
    X(MESSAGE_BYTES, "aws:message-byte-size", LEVEL, CLOUD_SIDE, "bytes of a message")             \
    X(AUTHORIZATION_FAILURES, "aws:num-authorization-failures", EVENTS, CLOUD_SIDE,                \
      "refused identities")                                                                        \
    X(CONNECTION_ATTEMPTS, "aws:num-connection-attempts", EVENTS, CLOUD_SIDE,                      \
      "attempts to connect")                                                                       \
    X(DISCONNECTS, "aws:num-disconnects", EVENTS, CLOUD_SIDE, "sessions that ended")               \
    X(DISCONNECT_DURATION, "aws:disconnect-duration", LEVEL, CLOUD_SIDE,                           \
      "seconds without a session")                                                                 \
    X(SOURCE_ADDRESS, "aws:source-ip-address", MEMBER, CLOUD_SIDE, "address a session comes from") \
    X(BYTES_IN, "aws:all-bytes-in", EVENTS, DEVICE_SIDE, "bytes received, from anybody")           \
    X(BYTES_OUT, "aws:all-bytes-out", EVENTS, DEVICE_SIDE, "bytes sent, to anybody")               \
    X(PACKETS_IN, "aws:all-packets-in", EVENTS, DEVICE_SIDE, "packets received")                   \
    X(PACKETS_OUT, "aws:all-packets-out", EVENTS, DEVICE_SIDE, "packets sent")                     \
    X(LISTENING_PORTS, "aws:num-listening-tcp-ports", LEVEL, DEVICE_SIDE, "open TCP ports")        \
    X(TCP_CONNECTIONS, "aws:num-established-tcp-connections", LEVEL, DEVICE_SIDE,                  \
      "established connections")                                                                   \
    X(DESTINATION, "aws:destination-ip-addresses", MEMBER, DEVICE_SIDE,                            \
      "address that was talked to")                                                                \
    X(FAILED_LOGINS, "failed-logins", EVENTS, DEVICE_SIDE, "refused logins at the device")         \
    X(UPDATE_FAILURES, "update-failures", EVENTS, DEVICE_SIDE,                                     \
      "updates whose authenticity could not be shown")                                             \
    X(RESETS, "resets", EVENTS, DEVICE_SIDE, "boots")                                              \
    X(BATTERY, "battery", LEVEL, DEVICE_SIDE, "charge, per cent")                                  \
    X(FIRMWARE, "firmware", LEVEL, DEVICE_SIDE, "version that runs, a number")                     \
    X(READING, "reading", LEVEL, DEVICE_SIDE, "what the device measures")

typedef enum record_metric {
#define RECORD_METRIC_ENUM(name, word, kind, side, title) RECORD_METRIC_##name,
    RECORD_METRIC_MAP(RECORD_METRIC_ENUM)
#undef RECORD_METRIC_ENUM
        RECORD_METRICS
} record_metric;

const char *record_metric_word(record_metric m);
record_metric_kind record_metric_kind_of(record_metric m);
record_metric_side record_metric_side_of(record_metric m);
SIM_MUST_USE int record_metric_named(const char *word, record_metric *out); /* SIM_EPARSE */

#endif
