/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/capture.h"

#include <string.h>

#include "sim/core/heap.h"
#include "sim/record/pcap_write.h"

/* The cloud's address: of the devices' prefix (net/address.c), in a subnet where no device is. */
static const uint8_t cloud_ip[16] = {0xFD, 0xB1, 0xAC, 0x57, 0xA2, 0x70, 0, 1,
                                     0,    0,    0,    0,    0,    0,    0, 1};

static uint8_t *more_bytes(fleet_capture *c, size_t n) {
    if (c->byte_room - c->used >= n) return c->bytes + c->used;
    size_t room = 2 * c->byte_room + n;
    uint8_t *bytes = sim_realloc(c->bytes, room);
    if (bytes == NULL) return NULL;
    c->bytes = bytes;
    c->byte_room = room;
    return c->bytes + c->used;
}

void fleet_capture_add(fleet_capture *c, sim_time at, fleet_captured_kind kind,
                       const net_address *device, uint16_t cloud_port, const uint8_t *data,
                       size_t n) {
    record_pcap_end there = {.port = device->port};
    record_pcap_end cloud = {.port = cloud_port};
    memcpy(there.ip, device->ip, sizeof there.ip);
    memcpy(cloud.ip, cloud_ip, sizeof cloud.ip);
    uint8_t *out = more_bytes(c, RECORD_PCAP_HEADERS + RECORD_PCAP_QUOTING + n);
    fleet_captured *items = sim_more(c->items, c->count, &c->room, sizeof *items);
    if (items != NULL) c->items = items;
    if (out == NULL || items == NULL) {
        c->error = SIM_ENOMEM;
        return;
    }
    size_t wrote = 0;
    switch (kind) {
        case FLEET_CAPTURED_UP:
            wrote = record_pcap_datagram(out, at, &there, &cloud, data, n);
            break;
        case FLEET_CAPTURED_DOWN:
            wrote = record_pcap_datagram(out, at, &cloud, &there, data, n);
            break;
        case FLEET_CAPTURED_REFUSAL:
            wrote = record_pcap_refusal(out, at, &there, &cloud, data, n);
            break;
    }
    c->items[c->count++] = (fleet_captured){.at = at, .offset = c->used, .n = wrote};
    c->used += wrote;
}

void fleet_capture_clear(fleet_capture *c) {
    c->used = c->count = 0;
}

void fleet_capture_deinit(fleet_capture *c) {
    sim_free(c->bytes);
    sim_free(c->items);
    *c = (fleet_capture){0};
}
