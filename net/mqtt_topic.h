/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/mqtt_topic.h - publishes texts to one topic of somebody's MQTT broker, at QoS 1, and waits
 * until the broker has them. Real world only; the stock library. */
#ifndef NET_MQTT_TOPIC_H
#define NET_MQTT_TOPIC_H

#include <stddef.h>

#include "sim/core/error.h"

typedef struct net_mqtt_topic net_mqtt_topic;

/* mqtt://[USER:PASSWORD@]HOST[:1883]/TOPIC. `timeout_s` > 0, for one publication in all. The
 * connection is made with the first one, and again when it was lost. NULL: no memory, or not such
 * an address; `why` (size >= 200) has what. */
net_mqtt_topic *net_mqtt_topic_new(const char *url, double timeout_s, char *why, size_t size);
void net_mqtt_topic_free(net_mqtt_topic *t); /* NULL is fine */

/* 0 when the broker has acknowledged it (PUBACK); else SIM_EUNREACHABLE, SIM_ETIMEOUT, SIM_ECLOSED
 * (refused), and net_mqtt_topic_why has a line. */
SIM_MUST_USE int net_mqtt_topic_publish(net_mqtt_topic *t, const char *text);
const char *net_mqtt_topic_why(const net_mqtt_topic *t);

#endif
