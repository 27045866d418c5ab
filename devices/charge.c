/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/charge.h"

#include <math.h>

#define RADIO_W 60e-3
#define AWAKE_W 15e-3
#define ASLEEP_W 30e-6
#define BYTE_J (32e-6 * RADIO_W)
#define DATAGRAM_J 1e-3 /* the radio starts, waits for a free channel and an acknowledgement */
#define SENSE_J 0.5e-3

/* Between two attempts it sleeps; while it tries, and while it has a session and does not sleep,
 * its radio is on. */
static const double watts[DEV_STATES] = {
    [DEV_STATE_OFF] = 0,
    [DEV_STATE_BOOTING] = AWAKE_W,
    [DEV_STATE_WAITING_FOR_LINK] = ASLEEP_W,
    [DEV_STATE_WAITING_FOR_ATTEMPT] = ASLEEP_W,
    [DEV_STATE_CONNECTING] = RADIO_W,
    [DEV_STATE_ONLINE] = RADIO_W,
    [DEV_STATE_ASLEEP] = ASLEEP_W,
};

static void spend(dev_charge *c, double joules) {
    if (c->counts) c->left_j = fmax(0, c->left_j - joules);
}

void dev_charge_init(dev_charge *c, double full_j) {
    *c = (dev_charge){.left_j = full_j, .state = DEV_STATE_OFF, .counts = full_j > 0};
}

void dev_charge_state(dev_charge *c, dev_state state, sim_time now) {
    spend(c, watts[c->state] * sim_time_seconds(now - c->since));
    c->since = now;
    c->state = (uint8_t)state;
}

void dev_charge_datagram(dev_charge *c, size_t bytes) {
    spend(c, DATAGRAM_J + BYTE_J * (double)bytes);
}

void dev_charge_sensed(dev_charge *c) {
    spend(c, SENSE_J);
}

bool dev_charge_is_empty(const dev_charge *c) {
    return c->counts && c->left_j <= 0;
}
