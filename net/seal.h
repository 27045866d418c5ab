/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/seal.h - small secrets at rest: AES-128-CCM (RFC 3610, NIST SP 800-38C) with a tag of 8 bytes
 * and a nonce of 13, as class C1 and C2 radios have it in hardware; by wolfCrypt. */
#ifndef NET_SEAL_H
#define NET_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

enum { NET_SEAL_KEY = 16, NET_SEAL_NONCE = 13, NET_SEAL_TAG = 8 /* bytes */ };

/* Writes n sealed bytes and the tag behind them to `out` (n + NET_SEAL_TAG); n >= 1. The same key
 * must never see a nonce twice. SIM_ENOMEM, SIM_ELIBRARY. */
SIM_MUST_USE int net_seal(const uint8_t key[NET_SEAL_KEY], const uint8_t nonce[NET_SEAL_NONCE],
                          const uint8_t *plain, size_t n, uint8_t *out);
/* Takes n sealed bytes with the tag behind them apart; n >= 1. SIM_EAUTH: they were not sealed so,
 * and `plain` holds nothing. SIM_ENOMEM, SIM_ELIBRARY. */
SIM_MUST_USE int net_unseal(const uint8_t key[NET_SEAL_KEY], const uint8_t nonce[NET_SEAL_NONCE],
                            const uint8_t *sealed, size_t n, uint8_t *plain);

#endif
