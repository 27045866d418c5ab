/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/secure_token.h - a shared access signature, as Azure's services take it for a password: an
 * HMAC-SHA256 over a resource and the time until which it is valid. */
#ifndef NET_SECURE_TOKEN_H
#define NET_SECURE_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

enum {
    NET_SECURE_TOKEN_KEY_MAX = 128, /* bytes of a key */
    NET_SECURE_TOKEN_MAX = 768
};

/* `key` is in base64; `expires_s` since 1970. SIM_EPARSE: that is no key; SIM_ERANGE: the resource
 * is too long. */
SIM_MUST_USE int net_secure_token(const char *key, const char *resource, int64_t expires_s,
                                  char out[NET_SECURE_TOKEN_MAX]);

#endif
