/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/mqtt_filter.h - names and filters of topics (MQTT 5, 4.7 and 4.8). Pure. */
#ifndef NET_MQTT_FILTER_H
#define NET_MQTT_FILTER_H

#include "net/mqtt_property.h"

bool net_mqtt_filter_name_valid(net_mqtt_span name);
bool net_mqtt_filter_valid(net_mqtt_span filter);
/* "$share/GROUP/FILTER" (4.8.2): *group and *filter are its parts. False: it begins so and is
 * wrong. What does not begin so is all filter, its group empty. */
bool net_mqtt_filter_shared(net_mqtt_span text, net_mqtt_span *group, net_mqtt_span *filter);
/* Wildcards at the front do not match names that begin with '$' (4.7.2). Both are valid. */
bool net_mqtt_filter_matches(net_mqtt_span filter, net_mqtt_span name);
bool net_mqtt_filter_has_wildcard(net_mqtt_span filter);

#endif
