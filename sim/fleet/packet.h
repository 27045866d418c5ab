/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/packet.h - a datagram on its way, and the ledger that must balance at the end of every
 * run. */
#ifndef SIM_FLEET_PACKET_H
#define SIM_FLEET_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/hop.h"
#include "sim/core/error.h"

typedef struct fleet_packet {
    uint32_t device;     /* within its street */
    uint16_t connection; /* the device's socket it belongs to */
    uint16_t size;
    bool up;      /* towards the cloud */
    uint8_t step; /* hops of its route that it has entered */
    /* cloud_fate, once decided; a packet downwards with CLOUD_FATE_REFUSE is the ICMP error that
     * says so */
    uint8_t fate;
    uint8_t cloud_life; /* that it was let in to, see fleet_street */
    uint8_t data[];
} fleet_packet;

/* NULL: no memory. `n` <= UINT16_MAX (promise). */
fleet_packet *fleet_packet_new(uint32_t device, uint16_t connection, bool up, const uint8_t *data,
                               size_t n);
fleet_packet *fleet_packet_copy(const fleet_packet *p);
void fleet_packet_free(fleet_packet *p);

/* Every packet is somewhere: sent + duplicated = delivered + dropped + in flight. */
#define FLEET_LEDGER_MAP(X)                                                               \
    X(sent)                                                                               \
    X(duplicated)                                                                         \
    X(delivered)                                                                          \
    X(dropped_loss) /* by hops, as the next two */                                        \
    X(dropped_queue)                                                                      \
    X(dropped_down)                                                                       \
    X(dropped_closed) /* at a device that is off or has closed that socket */             \
    X(dropped_over)   /* by the cloud, over its capacity or while it was down; refused */ \
    X(in_flight)

typedef struct fleet_ledger {
#define FLEET_LEDGER_FIELD(name) uint64_t name;
    FLEET_LEDGER_MAP(FLEET_LEDGER_FIELD)
#undef FLEET_LEDGER_FIELD
} fleet_ledger;

bool fleet_ledger_balances(const fleet_ledger *l);
uint64_t fleet_ledger_dropped(const fleet_ledger *l);
void fleet_ledger_add(fleet_ledger *into, const fleet_ledger *from);
/* Enters what one passage through a hop did: `before` and `after` are the hop's counts. */
void fleet_ledger_hop(fleet_ledger *l, const net_hop_count *before, const net_hop_count *after);

#endif
