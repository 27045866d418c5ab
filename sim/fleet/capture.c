/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/capture.h"

#include <string.h>

#include "sim/record/pcap_write.h"

/* The cloud's address, and that of the service that is not the makers': of the devices' prefix
 * (net/address.c), in subnets where no device is. */
static const uint8_t cloud_ip[][16] = {
    {0xFD, 0xB1, 0xAC, 0x57, 0xA2, 0x70, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1},
    {0xFD, 0xB1, 0xAC, 0x57, 0xA2, 0x70, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1},
};

void fleet_capture_add(fleet_tape *t, sim_time at, fleet_captured_kind kind, bool segment,
                       const net_address *device, fleet_captured_end to, const uint8_t *data,
                       size_t n) {
    record_pcap_end there = {.port = device->port};
    record_pcap_end cloud = {.port = (uint16_t)(to.port + (to.non_associated ? 1 : 0))};
    memcpy(there.ip, device->ip, sizeof there.ip);
    memcpy(cloud.ip, cloud_ip[to.non_associated ? 1 : 0], sizeof cloud.ip);
    uint8_t *out = fleet_tape_room(t, RECORD_PCAP_HEADERS + RECORD_PCAP_QUOTING + n);
    if (out == NULL) return;
    size_t wrote = 0;
    size_t (*packet)(uint8_t *, sim_time, const record_pcap_end *, const record_pcap_end *,
                     const uint8_t *, size_t) =
        segment ? record_pcap_segment : record_pcap_datagram;
    switch (kind) {
        case FLEET_CAPTURED_UP:
            wrote = packet(out, at, &there, &cloud, data, n);
            break;
        case FLEET_CAPTURED_DOWN:
            wrote = packet(out, at, &cloud, &there, data, n);
            break;
        case FLEET_CAPTURED_REFUSAL:
            wrote = record_pcap_refusal(out, at, &there, &cloud, data, n);
            break;
    }
    fleet_tape_keep(t, at, wrote);
}
