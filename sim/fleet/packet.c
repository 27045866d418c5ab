/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/packet.h"

#include <string.h>

#include "sim/core/heap.h"

fleet_packet *fleet_packet_new(uint32_t device, uint16_t connection, bool up, const uint8_t *data,
                               size_t n) {
    SIM_PROMISE(n <= UINT16_MAX);
    fleet_packet *p = sim_malloc(sizeof *p + n);
    if (p == NULL) return NULL;
    *p = (fleet_packet){.device = device, .connection = connection, .size = (uint16_t)n, .up = up};
    memcpy(p->data, data, n);
    return p;
}

fleet_packet *fleet_packet_copy(const fleet_packet *p) {
    fleet_packet *copy = fleet_packet_new(p->device, p->connection, p->up, p->data, p->size);
    if (copy == NULL) return NULL;
    copy->step = p->step;
    copy->fate = p->fate;
    copy->cloud_life = p->cloud_life;
    return copy;
}

void fleet_packet_free(fleet_packet *p) {
    sim_free(p);
}

uint64_t fleet_ledger_dropped(const fleet_ledger *l) {
    return l->dropped_loss + l->dropped_queue + l->dropped_down + l->dropped_closed +
           l->dropped_over;
}

bool fleet_ledger_balances(const fleet_ledger *l) {
    return l->sent + l->duplicated == l->delivered + fleet_ledger_dropped(l) + l->in_flight;
}

void fleet_ledger_add(fleet_ledger *into, const fleet_ledger *from) {
#define ADD(name) into->name += from->name;
    FLEET_LEDGER_MAP(ADD)
#undef ADD
}

void fleet_ledger_hop(fleet_ledger *l, const net_hop_count *before, const net_hop_count *after) {
    l->duplicated += after->duplicated - before->duplicated;
    l->dropped_loss += after->dropped[NET_HOP_DROP_LOSS] - before->dropped[NET_HOP_DROP_LOSS];
    l->dropped_queue += after->dropped[NET_HOP_DROP_QUEUE] - before->dropped[NET_HOP_DROP_QUEUE];
    l->dropped_down += after->dropped[NET_HOP_DROP_DOWN] - before->dropped[NET_HOP_DROP_DOWN];
}
