/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/secure_password.h - a password as Mosquitto's file of passwords keeps it: PBKDF2 (RFC 8018)
 * with HMAC-SHA-512, by wolfCrypt. */
#ifndef NET_SECURE_PASSWORD_H
#define NET_SECURE_PASSWORD_H

#include <stddef.h>

#include "sim/core/error.h"
#include "sim/core/random.h"

enum { NET_SECURE_PASSWORD_TEXT = 160 }; /* bytes, with the final 0 */

/* "$7$101$SALT$HASH"; the salt comes from `stream`. SIM_ELIBRARY, SIM_ENOMEM. */
SIM_MUST_USE int net_secure_password(const char *password, sim_stream *stream,
                                     char out[NET_SECURE_PASSWORD_TEXT]);

#endif
