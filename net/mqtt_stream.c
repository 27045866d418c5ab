/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets out of a stream (net/mqtt_packet.h). */
#include "net/mqtt_packet.h"

/* 1 and the size of the packet at the front, 0 when more bytes are needed to tell. */
static int size_of(const uint8_t *bytes, size_t n, size_t *size) {
    uint32_t length;
    size_t used;
    if (n < 2) return 0;
    int known = net_mqtt_length_read(bytes + 1, n - 1, &length, &used);
    if (known == 1) *size = 1 + used + length;
    return known;
}

int net_mqtt_stream_next(net_mqtt_stream *s, net_mqtt_span *left, size_t maximum,
                         net_mqtt_span *packet) {
    return net_parts_next(s, left, size_of, maximum, packet);
}
