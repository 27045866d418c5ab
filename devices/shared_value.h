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

/* CHANGE_WANTED: the law says when it begins; a change that was under way is begun anew. */
dev_action dev_act_change_begin;
/* CHANGE_DUE: asks for the value. */
dev_action dev_act_change_read;
/* VALUE_READ: writes what it should be. */
dev_action dev_act_change_write;
/* VALUE_CHANGED. */
dev_action dev_act_change_done;
/* CONFLICT: the law's next pause. */
dev_action dev_act_change_again;

#endif
