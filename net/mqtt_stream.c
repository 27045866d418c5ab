/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets out of a stream (net/mqtt_packet.h). */
#include <string.h>

#include "net/mqtt_packet.h"
#include "sim/core/heap.h"

enum { ROOM_LEAST = 64, ROOM_KEPT = 4096 };

/* How many bytes the packet at the front has: 1 and its size, 0 when more are needed to tell. */
static int size_of(const uint8_t *bytes, size_t n, size_t maximum, size_t *size) {
    uint32_t length;
    size_t used;
    if (n < 2) return 0;
    int known = net_mqtt_length_read(bytes + 1, n - 1, &length, &used);
    if (known != 1) return known;
    *size = 1 + used + length;
    return *size > maximum ? SIM_ERANGE : 1;
}

static int room_for(net_mqtt_stream *s, size_t n) {
    if (n <= s->room) return 0;
    size_t room = s->room == 0 ? ROOM_LEAST : s->room;
    while (room < n) room *= 2;
    uint8_t *bytes = sim_realloc(s->bytes, room);
    if (bytes == NULL) return SIM_ENOMEM;
    s->bytes = bytes;
    s->room = room;
    return 0;
}

static int keep(net_mqtt_stream *s, net_mqtt_span *left, size_t n) {
    net_mqtt_span more;
    if (n > left->n) n = left->n;
    int error = room_for(s, s->n + n);
    if (error != 0 || !net_mqtt_take(left, n, &more)) return error;
    if (n > 0) memcpy(s->bytes + s->n, more.bytes, n);
    s->n += n;
    return 0;
}

/* The packet that was given out is done with. */
static void begin_anew(net_mqtt_stream *s) {
    if (!s->whole) return;
    s->whole = false;
    s->n = 0;
    if (s->room > ROOM_KEPT) net_mqtt_stream_deinit(s);
}

int net_mqtt_stream_next(net_mqtt_stream *s, net_mqtt_span *left, size_t maximum,
                         net_mqtt_span *packet) {
    size_t size = 0;
    begin_anew(s);
    if (s->n == 0) { /* it may be there as a whole already */
        int known = size_of(left->bytes, left->n, maximum, &size);
        if (known < 0) return known;
        if (known == 1 && net_mqtt_take(left, size, packet)) return 1;
    }
    int known = size_of(s->bytes, s->n, maximum, &size);
    while (known == 0 && left->n > 0) { /* byte by byte through the header */
        int error = keep(s, left, 1);
        if (error != 0) return error;
        known = size_of(s->bytes, s->n, maximum, &size);
    }
    if (known != 1) return known;
    int error = keep(s, left, size - s->n);
    if (error != 0 || s->n < size) return error;
    *packet = (net_mqtt_span){s->bytes, s->n};
    s->whole = true;
    return 1;
}

void net_mqtt_stream_deinit(net_mqtt_stream *s) {
    sim_free(s->bytes);
    *s = (net_mqtt_stream){0};
}
