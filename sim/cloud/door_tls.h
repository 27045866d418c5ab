/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/door_tls.h - TLS of a door of streams: the cloud's certificate and, where clients have
 * them, their keys. */
#ifndef CLOUD_DOOR_TLS_H
#define CLOUD_DOOR_TLS_H

#include "sim/cloud/door.h"

/* What secures the connections of the door with these settings. `find` with `context`, borrowed
 * like `calls`, knows the keys of clients that have some; `tickets`, the door's, feeds the key of
 * its session tickets. NULL: there is no memory. */
net_secure_stream_domain *cloud_door_tls_new(const cloud_door_settings *settings,
                                             const net_secure_stream_calls *calls,
                                             net_secure_find_key *find, void *context,
                                             sim_stream *tickets);

/* The tickets of a domain that was so made are worth nothing any more. */
void cloud_door_tls_forget(net_secure_stream_domain *tls, const cloud_door_settings *settings,
                           sim_stream *tickets);

#endif
