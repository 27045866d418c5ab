/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/life.h - how a device lives with its power and its network, as a table one can read:
 * per state and event, what to do and where to go. An empty slot is a decision: the event is
 * counted as ignored. A few lives serve many models; what they do is in devices/actions.h. */
#ifndef DEV_LIFE_H
#define DEV_LIFE_H

#include "devices/model.h"

struct dev_life {
    const char *name; /* "always on" */
    bool sleeps;      /* knows ASLEEP, and changes no shared value */
    dev_rule rules[DEV_STATES][DEV_EVENTS];
};

/* Radio on as long as there is power (RFC 7228: P9). */
extern const dev_life dev_life_always_on;
/* Keeps its session and turns its radio off between two reports (RFC 7228: P1, low-power). What
 * comes meanwhile is not heard: neither that the link went, nor that the cloud ended the
 * session; it finds out with its next report. Whenever it comes online it reports how things
 * stand. */
extern const dev_life dev_life_sleepy;

/* How long it stays awake after the last answer. */
#define DEV_LIFE_AWAKE (2 * SIM_SECOND)

#endif
