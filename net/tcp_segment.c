/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tcp_segment.h"

#include <string.h>

enum {
    OPTION_END = 0,
    OPTION_NOTHING = 1,
    OPTION_MSS = 2,
    OPTION_SACK_PERMITTED = 4,
    MSS_SIZE = 4,
    SACK_PERMITTED_SIZE = 2,
    SACK_PERMITTED_ROOM = 4 /* with what fills its word */
};

static void put16(uint8_t *to, uint16_t value) {
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

static void put32(uint8_t *to, uint32_t value) {
    put16(to, (uint16_t)(value >> 16));
    put16(to + 2, (uint16_t)value);
}

static uint16_t get16(const uint8_t *from) {
    return (uint16_t)(from[0] << 8 | from[1]);
}

static uint32_t get32(const uint8_t *from) {
    return (uint32_t)get16(from) << 16 | get16(from + 2);
}

size_t net_tcp_segment_write(const net_tcp_segment *s, uint8_t out[NET_TCP_SEGMENT_MAX]) {
    size_t header = NET_TCP_HEADER + (s->mss != 0 ? MSS_SIZE : 0U) +
                    (s->sack_permitted ? SACK_PERMITTED_ROOM : 0U);
    SIM_PROMISE(header + s->size <= NET_TCP_SEGMENT_MAX);
    memset(out, 0, header);
    put16(out, s->source_port);
    put16(out + 2, s->destination_port);
    put32(out + 4, s->sequence);
    put32(out + 8, s->acknowledgment);
    out[12] = (uint8_t)(header / 4 << 4);
    out[13] = s->flags;
    put16(out + 14, s->window);
    if (s->mss != 0) {
        out[NET_TCP_HEADER] = OPTION_MSS;
        out[NET_TCP_HEADER + 1] = MSS_SIZE;
        put16(out + NET_TCP_HEADER + 2, s->mss);
    }
    if (s->sack_permitted) {
        uint8_t *option = out + header - SACK_PERMITTED_ROOM;
        option[0] = option[1] = OPTION_NOTHING;
        option[2] = OPTION_SACK_PERMITTED;
        option[3] = SACK_PERMITTED_SIZE;
    }
    if (s->size > 0) memcpy(out + header, s->data, s->size);
    return header + s->size;
}

static void read_options(net_tcp_segment *s, const uint8_t *option, const uint8_t *end) {
    while (option < end && *option != OPTION_END) {
        if (*option == OPTION_NOTHING) {
            option++;
            continue;
        }
        size_t left = (size_t)(end - option);
        if (left < 2 || option[1] < 2 || option[1] > left) break;
        if (*option == OPTION_MSS && option[1] == MSS_SIZE) s->mss = get16(option + 2);
        if (*option == OPTION_SACK_PERMITTED) s->sack_permitted = true;
        option += option[1];
    }
}

int net_tcp_segment_read(net_tcp_segment *s, const uint8_t *bytes, size_t n) {
    if (n < NET_TCP_HEADER) return SIM_EPARSE;
    size_t header = (size_t)(bytes[12] >> 4) * 4;
    if (header < NET_TCP_HEADER || header > n) return SIM_EPARSE;
    *s = (net_tcp_segment){.source_port = get16(bytes),
                           .destination_port = get16(bytes + 2),
                           .sequence = get32(bytes + 4),
                           .acknowledgment = get32(bytes + 8),
                           .flags = bytes[13],
                           .window = get16(bytes + 14),
                           .data = bytes + header,
                           .size = n - header};
    read_options(s, bytes + NET_TCP_HEADER, bytes + header);
    return 0;
}

bool net_tcp_segment_reset(const uint8_t *bytes, size_t n, uint8_t out[NET_TCP_HEADER]) {
    net_tcp_segment s;
    if (net_tcp_segment_read(&s, bytes, n) != 0 || (s.flags & NET_TCP_RST) != 0) return false;
    net_tcp_segment reset = {
        .source_port = s.destination_port, .destination_port = s.source_port, .flags = NET_TCP_RST};
    if ((s.flags & NET_TCP_ACK) != 0) {
        reset.sequence = s.acknowledgment;
    } else {
        uint32_t numbers = (s.flags >> 1 & 1U) + (s.flags & 1U); /* SYN and FIN are one each */
        reset.flags = NET_TCP_RST | NET_TCP_ACK;
        reset.acknowledgment = s.sequence + (uint32_t)s.size + numbers;
    }
    uint8_t whole[NET_TCP_SEGMENT_MAX];
    memcpy(out, whole, net_tcp_segment_write(&reset, whole));
    return true;
}
