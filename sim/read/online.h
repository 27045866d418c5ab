/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/online.h - how many devices were online in each second of a log, as far as it shows. */
#ifndef SIM_READ_ONLINE_H
#define SIM_READ_ONLINE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/read/pauses.h"

/* Seconds of the log: 0 .. the one of its last sign. */
size_t read_online_seconds(const read_log *log);

/* online[i]: devices that are online when second i ends, of read_online_seconds. A device is online
 * from its first success, whenever before that it may have been. It is offline from the end of its
 * session where the log shows that, else from the outage after which it comes back (its beginning,
 * or where that was not seen its end), else from its next attempt. The attempts have their triggers
 * from read_outages_assign. SIM_ENOMEM. */
SIM_MUST_USE int read_online(const read_log *log, const read_outage *outages, size_t count,
                             uint64_t *online);

#endif
