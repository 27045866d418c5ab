/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/secure_password.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wolfssl/options.h>
/* after options.h */
#include <wolfssl/wolfcrypt/coding.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/pwdbased.h>

/* mosquitto_passwd's own */
enum { SALT = 12, HASH = 64, ROUNDS = 101 };

static int our_error(int library) {
    if (library == 0) return 0;
    return library == MEMORY_E ? SIM_ENOMEM : SIM_ELIBRARY;
}

int net_secure_password(const char *password, sim_stream *stream,
                        char out[NET_SECURE_PASSWORD_TEXT]) {
    uint8_t salt[SALT], hash[HASH];
    byte salt_text[2 * SALT], hash_text[2 * HASH];
    word32 salt_n = sizeof salt_text - 1, hash_n = sizeof hash_text - 1;
    sim_stream_bytes(stream, salt, sizeof salt);
    int error = wc_PBKDF2(hash, (const byte *)password, (int)strlen(password), salt, SALT, ROUNDS,
                          HASH, WC_SHA512);
    if (error == 0) error = Base64_Encode_NoNl(salt, SALT, salt_text, &salt_n);
    if (error == 0) error = Base64_Encode_NoNl(hash, HASH, hash_text, &hash_n);
    if (error != 0) return our_error(error);
    (void)snprintf(out, NET_SECURE_PASSWORD_TEXT, "$7$%d$%.*s$%.*s", ROUNDS, (int)salt_n,
                   (const char *)salt_text, (int)hash_n, (const char *)hash_text);
    return 0;
}
