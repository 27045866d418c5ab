/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/packet.h - a datagram on its way, and the ledger that must balance at the end of every
 * run. */
#ifndef RUN_PACKET_H
#define RUN_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/hop.h"
#include "sim/core/error.h"

typedef struct run_packet {
    uint32_t device;     /* within its street */
    uint16_t connection; /* the device's socket it belongs to */
    uint16_t size;
    bool up; /* towards the cloud */
    /* cloud_fate, once decided; a packet downwards with CLOUD_FATE_REFUSE is the ICMP error that
     * says so */
    uint8_t fate;
    uint8_t cloud_life; /* that it was let in to, see run_street */
    uint8_t data[];
} run_packet;

/* NULL: no memory. `n` <= UINT16_MAX (promise). */
run_packet *run_packet_new(uint32_t device, uint16_t connection, bool up, const uint8_t *data,
                           size_t n);
run_packet *run_packet_copy(const run_packet *p);
void run_packet_free(run_packet *p);

/* Every packet is somewhere: sent + duplicated = delivered + dropped + in flight. */
typedef struct run_ledger {
    uint64_t sent, duplicated, delivered;
    uint64_t dropped_loss, dropped_queue, dropped_down; /* by hops */
    uint64_t dropped_closed; /* at a device that is off or has closed that socket */
    /* by the cloud, over its capacity or while it was down; refused ones too */
    uint64_t dropped_over;
    uint64_t in_flight;
} run_ledger;

bool run_ledger_balances(const run_ledger *l);
uint64_t run_ledger_dropped(const run_ledger *l);
void run_ledger_add(run_ledger *into, const run_ledger *from);
/* Enters what one passage through a hop did: `before` and `after` are the hop's counts. */
void run_ledger_hop(run_ledger *l, const net_hop_count *before, const net_hop_count *after);

#endif
