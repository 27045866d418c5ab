/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/clients.h - how many clients an address hides at least: connections that are known to
 * have been there at the same time are not one client's, one after the other. */
#ifndef SIM_READ_CLIENTS_H
#define SIM_READ_CLIENTS_H

#include "sim/read/log.h"

/* Fills log->clients, by device, from the attempts, which are sorted and whose `number` holds how
 * many ms after its beginning the client was last known to be there, on that connection.
 * SIM_ENOMEM. */
SIM_MUST_USE int read_clients_count(read_log *log);

#endif
