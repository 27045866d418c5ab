/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/secure_certificate.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <wolfssl/options.h>
/* after options.h */
#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include "net/vkernel.h"
#include "sim/core/error.h"
#include "sim/core/heap.h"

/* bytes: of a private number of P-256; more than a certificate of ours and its key have; of a date
 * with its tag and length; of a serial number */
enum { NUMBER = 32, DER_MAX = 1024, KEY_MAX = 160, DATE = 15, SERIAL = 16, TEXT_MAX = 2048 };

/* What is needed to make one; on the heap, the library's part is large. */
typedef struct bench {
    Cert cert;
    WC_RNG random;
    ecc_key key, issuer; /* the issuer's: a second one only where it is another's */
    uint8_t der[DER_MAX], key_der[KEY_MAX];
} bench;

/* UTCTime (RFC 5280 4.1.2.5.1). */
static void put_date(int64_t at_s, uint8_t *out, int *size) {
    char text[32];
    struct tm utc;
    time_t t = (time_t)at_s;
    SIM_PROMISE(gmtime_r(&t, &utc) != NULL && utc.tm_year >= 50 && utc.tm_year < 150);
    SIM_PROMISE(strftime(text, sizeof text, "%y%m%d%H%M%SZ", &utc) == DATE - 2);
    out[0] = ASN_UTC_TIME;
    out[1] = DATE - 2;
    memcpy(out + 2, text, DATE - 2);
    *size = DATE;
}

static int name_host(Cert *cert, const char *host) {
    size_t n = strlen(host);
    uint8_t *at = cert->altNames;
    *at++ = ASN_SEQUENCE | ASN_CONSTRUCTED;
    *at++ = (uint8_t)(n + 2);
    *at++ = ASN_CONTEXT_SPECIFIC | ASN_DNS_TYPE;
    *at++ = (uint8_t)n;
    for (size_t i = 0; i < n; i++) at[i] = (uint8_t)host[i]; /* no final 0 */
    cert->altNamesSz = (int)n + 4;
    return 0;
}

/* What it may be used for (RFC 5280 4.2.1.3, 4.2.1.12). */
static int say_use(Cert *cert, const net_certificate_order *o) {
    cert->isCA = o->kind == NET_CERTIFICATE_AUTHORITY;
    if (cert->isCA) return wc_SetKeyUsage(cert, "keyCertSign,cRLSign");
    int error = o->kind == NET_CERTIFICATE_SERVER ? name_host(cert, o->name) : 0;
    if (error == 0) error = wc_SetKeyUsage(cert, "digitalSignature");
    return error != 0 ? error
                      : wc_SetExtKeyUsage(
                            cert, o->kind == NET_CERTIFICATE_SERVER ? "serverAuth" : "clientAuth");
}

static int describe(bench *b, const net_certificate_order *o) {
    Cert *c = &b->cert;
    int error = wc_InitCert(c);
    if (error != 0) return error;
    SIM_PROMISE(strlen(o->name) < NET_CERTIFICATE_NAME_MAX);
    (void)snprintf(c->subject.commonName, sizeof c->subject.commonName, "%s", o->name);
    c->sigType = CTC_SHA256wECDSA;
    put_date(o->from_s, c->beforeDate, &c->beforeDateSz);
    put_date(o->until_s, c->afterDate, &c->afterDateSz);
    error = wc_RNG_GenerateBlock(&b->random, c->serial, SERIAL);
    c->serial[0] = (uint8_t)((c->serial[0] & 0x7f) | 0x40); /* positive, and of that length */
    c->serialSz = SERIAL;
    c->selfSigned = o->issuer == NULL;
    if (error == 0) error = say_use(c, o);
    if (error == 0) error = wc_SetSubjectKeyIdFromPublicKey_ex(c, ECC_TYPE, &b->key);
    if (error != 0 || o->issuer == NULL) return error;
    error = wc_SetIssuerBuffer(c, o->issuer->bytes, o->issuer->size);
    return error != 0 ? error : wc_SetAuthKeyIdFromCert(c, o->issuer->bytes, (int)o->issuer->size);
}

static int take_issuer(bench *b, const net_certificate *issuer) {
    word32 at = 0;
    if (issuer == NULL) return 0;
    return wc_EccPrivateKeyDecode(net_certificate_key(issuer), &at, &b->issuer, issuer->key_size);
}

/* The size of the certificate in b->der; negative: an error. */
static int make(bench *b, const net_certificate_order *o) {
    ecc_key *signer = o->issuer == NULL ? &b->key : &b->issuer;
    int error = wc_ecc_make_key_ex(&b->random, NUMBER, &b->key, ECC_SECP256R1);
    if (error == 0) error = take_issuer(b, o->issuer);
    if (error == 0) error = describe(b, o);
    if (error != 0) return error;
    int n = wc_MakeCert_ex(&b->cert, b->der, sizeof b->der, ECC_TYPE, &b->key, &b->random);
    if (n < 0) return n;
    return wc_SignCert_ex(b->cert.bodySz, b->cert.sigType, b->der, sizeof b->der, ECC_TYPE, signer,
                          &b->random);
}

static net_certificate *pack(bench *b, int size) {
    int key_size = size > 0 ? wc_EccKeyToDer(&b->key, b->key_der, sizeof b->key_der) : -1;
    SIM_PROMISE(key_size > 0 || size <= 0 || key_size == MEMORY_E);
    if (key_size <= 0) return NULL;
    net_certificate *c = sim_malloc(sizeof *c + (size_t)size + (size_t)key_size);
    if (c == NULL) return NULL;
    c->size = (uint16_t)size;
    c->key_size = (uint16_t)key_size;
    memcpy(c->bytes, b->der, (size_t)size);
    memcpy(c->bytes + size, b->key_der, (size_t)key_size);
    return c;
}

net_certificate *net_certificate_new(const net_certificate_order *o, sim_stream *stream) {
    bench *b = sim_calloc(1, sizeof *b);
    if (b == NULL) return NULL;
    net_certificate *made = NULL;
    net_vkernel_scope previous = net_vkernel_enter(NULL, 0, 0, stream);
    if (wc_InitRng(&b->random) == 0) {
        if (wc_ecc_init(&b->key) == 0 && wc_ecc_init(&b->issuer) == 0) made = pack(b, make(b, o));
        wc_ecc_free(&b->key);
        wc_ecc_free(&b->issuer);
        (void)wc_FreeRng(&b->random);
    }
    net_vkernel_leave(previous);
    explicit_bzero(b, sizeof *b);
    sim_free(b);
    return made;
}

void net_certificate_free(net_certificate *c) {
    if (c == NULL) return;
    explicit_bzero(c->bytes + c->size, c->key_size);
    sim_free(c);
}

/* ---- somebody else's ---- */

/* bytes in DER of a certificate, and of a key; of the two */
enum { FOREIGN_MAX = 8192, FOREIGN_BOTH = 2 * FOREIGN_MAX };

/* Sizes of both, in DER, one behind the other; 0: *wrong says why. */
static uint16_t read_pem(const char *text, uint8_t *der, bool of_key, const char **wrong) {
    int n = of_key ? wc_KeyPemToDer((const byte *)text, (int)strlen(text), der, FOREIGN_MAX, NULL)
                   : wc_CertPemToDer((const byte *)text, (int)strlen(text), der, FOREIGN_MAX,
                                     CERT_TYPE);
    if (n > 0) return (uint16_t)n;
    if (n != MEMORY_E)
        *wrong = of_key ? "this is no private key in PEM (without a password)"
                        : "this is no certificate in PEM";
    return 0;
}

net_certificate *net_certificate_read(const char *certificate, const char *key,
                                      const char **wrong) {
    uint8_t *der = sim_malloc(FOREIGN_BOTH);
    net_certificate *c = NULL;
    *wrong = NULL;
    if (der == NULL) return NULL;
    uint16_t size = read_pem(certificate, der, false, wrong);
    uint16_t key_size = size > 0 ? read_pem(key, der + FOREIGN_MAX, true, wrong) : 0;
    if (key_size > 0) c = sim_malloc(sizeof *c + size + key_size);
    if (c != NULL) {
        c->size = size;
        c->key_size = key_size;
        memcpy(c->bytes, der, size);
        memcpy(c->bytes + size, der + FOREIGN_MAX, key_size);
    }
    explicit_bzero(der, FOREIGN_BOTH);
    sim_free(der);
    return c;
}

static char *text_of(const uint8_t *der, size_t n, int type) {
    char *text = sim_malloc(TEXT_MAX);
    if (text == NULL) return NULL;
    int size = wc_DerToPem(der, (word32)n, (byte *)text, TEXT_MAX - 1, type);
    if (size > 0) {
        text[size] = '\0';
        return text;
    }
    sim_free(text);
    return NULL;
}

char *net_certificate_text(const net_certificate *c) {
    return text_of(c->bytes, c->size, CERT_TYPE);
}

char *net_certificate_key_text(const net_certificate *c) {
    return text_of(net_certificate_key(c), c->key_size, ECC_PRIVATEKEY_TYPE);
}
