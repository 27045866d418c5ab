/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/shared_value.h - a value that all devices of a street share in the cloud, and that
 * several want to change at once: each reads it, and writes it back under the condition that nobody
 * else has in between (optimistic concurrency). Who was overtaken tries again when its law says
 * so. The row that many clients contend
 * for in M. Brooker's "Exponential backoff and jitter" (AWS 2015). */
#ifndef DEV_SHARED_VALUE_H
#define DEV_SHARED_VALUE_H

#include "devices/model.h"

#define DEV_SHARED_VALUE_PATH "v"

/* What moves it on, in an alphabet of its own. */
typedef enum dev_shared_event {
    DEV_SHARED_WANTED,    /* somebody at home turns the knob; a change under way is begun anew */
    DEV_SHARED_DUE,       /* the law says that it is time */
    DEV_SHARED_READ,      /* the value came */
    DEV_SHARED_CHANGED,   /* it was written */
    DEV_SHARED_OVERTAKEN, /* somebody else was faster */
    DEV_SHARED_EVENTS
} dev_shared_event;

/* Does what is to be done about it; nothing unless the device is online, in a life that is always
 * on. `answer` as it came, NULL: none did. */
void dev_shared_value_step(dev_step *s, dev_shared_event event, const net_answer *answer);
/* True: the answer was about the shared value alone, and was taken. */
bool dev_shared_value_answered(dev_step *s, const net_answer *answer);
/* Its ask came to nothing: the law's next pause, and no sooner than the cloud wants. */
void dev_shared_value_again(dev_step *s);

#endif
