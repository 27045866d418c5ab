/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/lookups.h - attempts by name: a client that looks up its server's name and is not
 * answered, or told that there is none, has tried to connect, though no packet went to the server
 * (RFC 1035). */
#ifndef SIM_READ_LOOKUPS_H
#define SIM_READ_LOOKUPS_H

#include "sim/read/capture.h"

enum { READ_LOOKUPS_MAX = 1 << 20 /* tries; 32 bytes each */ };

/* A datagram from or to port 53. SIM_ENOMEM. */
SIM_MUST_USE int read_lookups_take(read_capture *c, const read_packet *p);
/* A client begins a connection: what it looked up just before was found, whether or not the answer
 * was captured. */
void read_lookups_connected(read_capture *c, const read_endpoint *client);
/* The tries become attempts at the service that was tried most: those of names that lead there or,
 * where no name does, of the name that was looked for most and never found; and of clients that
 * tried the service themselves, where anybody did. SIM_ENOMEM, SIM_ERANGE. */
SIM_MUST_USE int read_lookups_close(read_capture *c);
void read_lookups_free(read_lookups *l);

#endif
