/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/secure_token.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wolfssl/options.h>
/* after options.h */
#include <wolfssl/wolfcrypt/coding.h>
#include <wolfssl/wolfcrypt/hmac.h>

enum { RESOURCE_MAX = 384, SEAL = WC_SHA256_DIGEST_SIZE, SEAL_TEXT = 48 };

/* RFC 3986 2.1: all but unreserved characters. */
static bool escape(const char *text, char *out, size_t size) {
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *text != '\0'; text++) {
        bool as_it_is = strchr(plain, *text) != NULL;
        int n = snprintf(out, size, as_it_is ? "%c" : "%%%02X",
                         as_it_is ? *text : (unsigned char)*text);
        if (n < 0 || (size_t)n >= size) return false;
        out += n;
        size -= (size_t)n;
    }
    return true;
}

/* wolfSSL skips what is no letter of base64, and does without the padding. */
static bool is_base64(const char *text, size_t size) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = strspn(text, letters), padding = strspn(text + n, "=");
    return n + padding == size && size % 4 == 0 && padding <= 2;
}

static bool read_key(const char *text, uint8_t key[NET_SECURE_TOKEN_KEY_MAX], word32 *n) {
    size_t size = strlen(text);
    *n = NET_SECURE_TOKEN_KEY_MAX;
    return size > 0 && size <= NET_SECURE_TOKEN_KEY_MAX && is_base64(text, size) &&
           Base64_Decode((const byte *)text, (word32)size, key, n) == 0 && *n > 0;
}

static bool seal(const uint8_t *key, word32 n, const char *what, uint8_t out[SEAL]) {
    Hmac hmac;
    if (wc_HmacInit(&hmac, NULL, INVALID_DEVID) != 0) return false;
    bool good = wc_HmacSetKey(&hmac, WC_SHA256, key, n) == 0 &&
                wc_HmacUpdate(&hmac, (const byte *)what, (word32)strlen(what)) == 0 &&
                wc_HmacFinal(&hmac, out) == 0;
    wc_HmacFree(&hmac);
    return good;
}

int net_secure_token(const char *key, const char *resource, int64_t expires_s,
                     char out[NET_SECURE_TOKEN_MAX]) {
    uint8_t bytes[NET_SECURE_TOKEN_KEY_MAX], sealed[SEAL];
    byte text[SEAL_TEXT];
    word32 n, text_n = sizeof text;
    char escaped[RESOURCE_MAX], what[RESOURCE_MAX + 24], signature[3 * SEAL_TEXT];
    if (!read_key(key, bytes, &n)) return SIM_EPARSE;
    if (!escape(resource, escaped, sizeof escaped)) return SIM_ERANGE;
    (void)snprintf(what, sizeof what, "%s\n%" PRId64, escaped, expires_s);
    bool good = seal(bytes, n, what, sealed) &&
                Base64_Encode_NoNl(sealed, SEAL, text, &text_n) == 0 && text_n < sizeof text;
    memset(bytes, 0, sizeof bytes);
    if (!good) return SIM_ELIBRARY;
    text[text_n] = '\0';
    if (!escape((const char *)text, signature, sizeof signature)) return SIM_ERANGE;
    (void)snprintf(out, NET_SECURE_TOKEN_MAX, "SharedAccessSignature sr=%s&sig=%s&se=%" PRId64,
                   escaped, signature, expires_s);
    return 0;
}
