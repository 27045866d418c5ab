/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/signature.h"

#include <string.h>
#include <wolfssl/options.h>
/* after options.h */
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/sha256.h>

#include "net/vkernel.h"
#include "sim/core/heap.h"

/* bytes: of a number of P-256; of a signature as wolfCrypt wants it */
enum { NUMBER = 32, DER_MAX = 80 };

static int our_error(int library) {
    if (library == 0) return 0;
    return library == MEMORY_E || library == MP_MEM ? SIM_ENOMEM : SIM_ELIBRARY;
}

/* ---- keys ---- */

static int export_key(ecc_key *key, net_signing_key *out) {
    word32 x = NUMBER, y = NUMBER, d = NUMBER;
    return our_error(
        wc_ecc_export_private_raw(key, out->public, &x, out->public + NUMBER, &y, out->secret, &d));
}

int net_signing_key_draw(net_signing_key *out, sim_stream *stream) {
    ecc_key key;
    WC_RNG random;
    int error = our_error(wc_ecc_init(&key));
    if (error != 0) return error;
    net_vkernel_scope previous = net_vkernel_enter(NULL, 0, 0, stream);
    error = our_error(wc_InitRng(&random));
    if (error == 0) {
        error = our_error(wc_ecc_make_key_ex(&random, NUMBER, &key, ECC_SECP256R1));
        (void)wc_FreeRng(&random);
    }
    net_vkernel_leave(previous);
    if (error == 0) error = export_key(&key, out);
    wc_ecc_free(&key);
    return error;
}

/* ---- signatures ---- */

static int sign(ecc_key *key, WC_RNG *random, const uint8_t digest[NET_DIGEST_SIZE],
                uint8_t signature[NET_SIGNATURE_SIZE]) {
    uint8_t der[DER_MAX], r[NUMBER + 1], s[NUMBER + 1];
    word32 n = sizeof der, r_size = sizeof r, s_size = sizeof s;
    int error = wc_ecc_sign_hash(digest, NET_DIGEST_SIZE, der, &n, random, key);
    if (error == 0) error = wc_ecc_sig_to_rs(der, n, r, &r_size, s, &s_size);
    if (error != 0) return our_error(error);
    if (r_size > NUMBER || s_size > NUMBER) return SIM_ELIBRARY;
    memset(signature, 0, NET_SIGNATURE_SIZE);
    memcpy(signature + NUMBER - r_size, r, r_size);
    memcpy(signature + NET_SIGNATURE_SIZE - s_size, s, s_size);
    return 0;
}

int net_signature_make(const net_signing_key *key, const uint8_t digest[NET_DIGEST_SIZE],
                       sim_stream *stream, uint8_t signature[NET_SIGNATURE_SIZE]) {
    ecc_key library;
    WC_RNG random;
    int error = our_error(wc_ecc_init(&library));
    if (error != 0) return error;
    net_vkernel_scope previous = net_vkernel_enter(NULL, 0, 0, stream);
    error = our_error(wc_ecc_import_unsigned(&library, key->public, key->public + NUMBER,
                                             key->secret, ECC_SECP256R1));
    if (error == 0) error = our_error(wc_InitRng(&random));
    if (error == 0) {
        error = sign(&library, &random, digest, signature);
        (void)wc_FreeRng(&random);
    }
    net_vkernel_leave(previous);
    wc_ecc_free(&library);
    return error;
}

int net_signature_check(const uint8_t public[NET_PUBLIC_KEY_SIZE],
                        const uint8_t digest[NET_DIGEST_SIZE],
                        const uint8_t signature[NET_SIGNATURE_SIZE]) {
    ecc_key key;
    uint8_t der[DER_MAX];
    word32 n = sizeof der;
    int genuine = 0;
    int error = wc_ecc_init(&key);
    if (error != 0) return our_error(error);
    error = wc_ecc_import_unsigned(&key, public, public + NUMBER, NULL, ECC_SECP256R1);
    if (error == 0)
        error = wc_ecc_rs_raw_to_sig(signature, NUMBER, signature + NUMBER, NUMBER, der, &n);
    if (error == 0) error = wc_ecc_verify_hash(der, n, digest, NET_DIGEST_SIZE, &genuine, &key);
    wc_ecc_free(&key);
    if (our_error(error) == SIM_ENOMEM) return SIM_ENOMEM;
    return error == 0 && genuine == 1 ? 0 : SIM_EAUTH;
}

/* ---- digests ---- */

struct net_digest {
    wc_Sha256 library;
};

net_digest *net_digest_new(void) {
    net_digest *d = sim_malloc(sizeof *d);
    if (d == NULL) return NULL;
    if (wc_InitSha256(&d->library) == 0) return d;
    sim_free(d);
    return NULL;
}

void net_digest_free(net_digest *d) {
    if (d == NULL) return;
    wc_Sha256Free(&d->library);
    sim_free(d);
}

void net_digest_add(net_digest *d, const uint8_t *data, size_t n) {
    SIM_PROMISE(n <= UINT32_MAX && wc_Sha256Update(&d->library, data, (word32)n) == 0);
}

void net_digest_finish(net_digest *d, uint8_t out[NET_DIGEST_SIZE]) {
    SIM_PROMISE(wc_Sha256Final(&d->library, out) == 0);
}

int net_digest_of(const uint8_t *data, size_t n, uint8_t out[NET_DIGEST_SIZE]) {
    net_digest *d = net_digest_new();
    if (d == NULL) return SIM_ENOMEM;
    net_digest_add(d, data, n);
    net_digest_finish(d, out);
    net_digest_free(d);
    return 0;
}

int net_sha1(const uint8_t *data, size_t n, uint8_t out[NET_SHA1_SIZE]) {
    return n <= UINT32_MAX && wc_ShaHash(data, (word32)n, out) == 0 ? 0 : SIM_ELIBRARY;
}
