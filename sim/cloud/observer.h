/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/observer.h - who watches what the cloud does (design D15). Each call is optional: NULL
 * where nobody wants to know. */
#ifndef CLOUD_OBSERVER_H
#define CLOUD_OBSERVER_H

#include "net/address.h"
#include "net/senml.h"
#include "sim/core/time.h"
#include "sim/record/attempt.h"

typedef struct cloud_observer {
    /* How the connection from `from` ended up: ONLINE, BUSY or REFUSED. */
    void (*outcome)(void *context, const net_address *from, record_outcome outcome);
    /* The device speaks from this address now, or no longer; last heard there at `heard`. A device
     * that comes back without having said goodbye is told as gone first. */
    void (*session)(void *context, uint32_t device, const net_address *from, bool up,
                    sim_time heard);
    /* Somebody said the device's identity and did not have its key. */
    void (*refused)(void *context, uint32_t device);
    /* A report was taken: of which device (CLOUD_NOBODY, CLOUD_ANYBODY: of none that is known),
     * what it says (NULL: nothing that can be read), and the bytes of its payload. */
    void (*report)(void *context, uint32_t device, const net_senml_pack *pack, size_t bytes);
    /* The device (or CLOUD_ANYBODY) wrote the shared value: it was changed, or somebody else had
     * been faster. */
    void (*change)(void *context, uint32_t device, bool made);
} cloud_observer;

#endif
