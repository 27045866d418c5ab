/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/seal.h"

#include <string.h>
#include <wolfssl/options.h>
/* after options.h */
#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

static int our_error(int library) {
    if (library == 0) return 0;
    if (library == MEMORY_E) return SIM_ENOMEM;
    return library == AES_CCM_AUTH_E ? SIM_EAUTH : SIM_ELIBRARY;
}

static int begin(Aes *aes, const uint8_t *key) {
    int error = wc_AesInit(aes, NULL, INVALID_DEVID);
    if (error == 0) error = wc_AesCcmSetKey(aes, key, NET_SEAL_KEY);
    return error;
}

int net_seal(const uint8_t key[NET_SEAL_KEY], const uint8_t nonce[NET_SEAL_NONCE],
             const uint8_t *plain, size_t n, uint8_t *out) {
    Aes aes;
    int error = begin(&aes, key);
    if (error == 0)
        error = wc_AesCcmEncrypt(&aes, out, plain, (word32)n, nonce, NET_SEAL_NONCE, out + n,
                                 NET_SEAL_TAG, NULL, 0);
    wc_AesFree(&aes);
    return our_error(error);
}

int net_unseal(const uint8_t key[NET_SEAL_KEY], const uint8_t nonce[NET_SEAL_NONCE],
               const uint8_t *sealed, size_t n, uint8_t *plain) {
    Aes aes;
    int error = begin(&aes, key);
    if (error == 0)
        error = wc_AesCcmDecrypt(&aes, plain, sealed, (word32)n, nonce, NET_SEAL_NONCE, sealed + n,
                                 NET_SEAL_TAG, NULL, 0);
    wc_AesFree(&aes);
    if (error != 0) memset(plain, 0, n);
    return our_error(error);
}
