/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/mqtt_filter.h"

#include <string.h>

enum { TOPIC_MAX = 65535 };

static bool has(net_mqtt_span s, char c) {
    return s.n > 0 && memchr(s.bytes, c, s.n) != NULL;
}

bool net_mqtt_filter_has_wildcard(net_mqtt_span filter) {
    return has(filter, '+') || has(filter, '#');
}

bool net_mqtt_filter_name_valid(net_mqtt_span name) {
    return name.n > 0 && name.n <= TOPIC_MAX && !net_mqtt_filter_has_wildcard(name);
}

/* The level at the front of *left, without its slash. *last: there is no slash behind it. */
static net_mqtt_span take_level(net_mqtt_span *left, bool *last) {
    const uint8_t *slash = left->n == 0 ? NULL : memchr(left->bytes, '/', left->n);
    size_t n = slash == NULL ? left->n : (size_t)(slash - left->bytes);
    net_mqtt_span level = {left->bytes, n};
    *last = slash == NULL;
    if (*last) return level;
    left->bytes += n + 1;
    left->n -= n + 1;
    return level;
}

static bool is(net_mqtt_span level, char c) {
    return level.n == 1 && level.bytes[0] == (uint8_t)c;
}

/* A wildcard fills a whole level, and '#' is the last one. */
bool net_mqtt_filter_valid(net_mqtt_span filter) {
    bool last = false;
    if (filter.n == 0 || filter.n > TOPIC_MAX) return false;
    while (!last) {
        net_mqtt_span level = take_level(&filter, &last);
        if (net_mqtt_filter_has_wildcard(level) && level.n != 1) return false;
        if (is(level, '#') && !last) return false;
    }
    return true;
}

bool net_mqtt_filter_shared(net_mqtt_span text, net_mqtt_span *group, net_mqtt_span *filter) {
    static const char prefix[] = "$share/";
    bool last;
    *group = (net_mqtt_span){0};
    *filter = text;
    if (text.n < sizeof prefix - 1 || memcmp(text.bytes, prefix, sizeof prefix - 1) != 0)
        return true;
    filter->bytes += sizeof prefix - 1;
    filter->n -= sizeof prefix - 1;
    *group = take_level(filter, &last);
    return !last && group->n > 0 && !net_mqtt_filter_has_wildcard(*group) && filter->n > 0;
}

bool net_mqtt_filter_matches(net_mqtt_span filter, net_mqtt_span name) {
    bool filter_last = false, name_last = false;
    if (name.n > 0 && name.bytes[0] == '$' && (filter.bytes[0] == '+' || filter.bytes[0] == '#'))
        return false;
    while (!filter_last && !name_last) {
        net_mqtt_span wanted = take_level(&filter, &filter_last);
        if (is(wanted, '#')) return true;
        net_mqtt_span level = take_level(&name, &name_last);
        bool same = wanted.n == level.n &&
                    (wanted.n == 0 || memcmp(wanted.bytes, level.bytes, wanted.n) == 0);
        if (!same && !is(wanted, '+')) return false;
    }
    /* "a/#" is also "a" itself. */
    return filter_last == name_last || (name_last && is(take_level(&filter, &filter_last), '#'));
}
