/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What our wolfSSL is: cmake/wolfssl.sh compiles it with these words, and installs them as
 * wolfssl/options.h, which whoever uses the library includes first. They are those that its own
 * configure would give, so that a machine that builds it needs no autotools:
 * tests/packages/test_wolfssl.sh, which has the switches, holds one against the other.
 */
#ifndef WOLFSSL_OPTIONS_H
#define WOLFSSL_OPTIONS_H

/* Linux of 64 bits, gcc. */
#define HAVE_C___ATOMIC 1
#define HAVE_THREAD_LS
#define HAVE___UINT128_T 1
#define WOLFSSL_HAVE_ATOMIC_H
#define ERROR_QUEUE_PER_THREAD
#define NO_DO178
#define HAVE_WC_INTROSPECTION
#define WOLFSSL_TEST_STATIC_BUILD
#define WC_NO_ASYNC_THREADING

/* Assembler exists for the first of these; others get portable C, and their multiplications. */
#define WOLFSSL_USE_ALIGN
#if defined __x86_64__
#define WOLFSSL_X86_64_BUILD
#define WOLFSSL_AESNI
#define USE_INTEL_SPEEDUP
#define WOLFSSL_SP_X86_64
#define WOLFSSL_SP_ASM
#define WOLFSSL_SP_X86_64_ASM
#elif defined __aarch64__
#define WOLFSSL_AARCH64_BUILD
#define WOLFSSL_SP_ARM64
#endif

/* The protocols, and what of them a session keeps. */
#define NO_OLD_TLS
#define WOLFSSL_TLS13
#define WOLFSSL_DTLS
#define WOLFSSL_DTLS13
#define WOLFSSL_DTLS_CID
#define WOLFSSL_SEND_HRR_COOKIE
#define WOLFSSL_W64_WRAPPER
#define WOLFSSL_SESSION_EXPORT
#define HAVE_TLS_EXTENSIONS
#define HAVE_SNI
#define HAVE_ALPN
#define HAVE_SUPPORTED_CURVES
#define HAVE_FFDHE_2048
#define HAVE_SESSION_TICKET
#define HAVE_EXTENDED_MASTER
#define HAVE_ENCRYPT_THEN_MAC
#define HAVE_SERVER_RENEGOTIATION_INFO

/* Ciphers and digests. */
#define HAVE_AESCCM
#define HAVE_AESGCM
#define GCM_TABLE_4BIT
#define WOLFSSL_AES_DIRECT
#define HAVE_CHACHA
#define HAVE_POLY1305
#define HAVE_HKDF
#define WOLFSSL_SHA224
#define WOLFSSL_SHA384
#define WOLFSSL_SHA512
#define WOLFSSL_SHA3
#define WOLFSSL_NO_SHAKE128
#define WOLFSSL_NO_SHAKE256
#define NO_DSA
#define NO_RC4
#define NO_MD4
#define NO_DES3
#define NO_DES3_TLS_SUITES

/* Keys, and the arithmetic under them, in times that do not depend on them. */
#define HAVE_ECC
#define HAVE_ECC384
#define HAVE_ECC521
#define ECC_SHAMIR
#define ECC_TIMING_RESISTANT
#define TFM_ECC256
#define TFM_TIMING_RESISTANT
#define HAVE_CURVE25519
#define HAVE_ED25519
#define HAVE_DH_DEFAULT_PARAMS
#define WC_RSA_BLINDING
#define WC_RSA_PSS
#define WOLFSSL_PSS_LONG_SALT
#define WOLFSSL_HAVE_SP_RSA
#define WOLFSSL_HAVE_SP_DH
#define WOLFSSL_HAVE_SP_ECC
#define WOLFSSL_SP_384
#define WOLFSSL_SP_521
#define WOLFSSL_SP_4096
#define WOLFSSL_SP_LARGE_CODE
#define WOLFSSL_SP_MATH_ALL

/* Certificates: read and made; base64 in both directions on every processor. */
#define WOLFSSL_ASN_TEMPLATE
#define WOLFSSL_ASN_PRINT
#define WOLFSSL_BASE64_ENCODE
#define WOLFSSL_SYS_CA_CERTS
#define WOLFSSL_CERT_GEN
#define WOLFSSL_KEY_GEN

/* From here on what no switch of its configure says. */
#define WOLFSSL_STATIC_PSK
#define SMALL_SESSION_CACHE

/*
 * Of a client's certificate its name is read when it was verified, and goes on in the session
 * ticket: 64 bytes of it. Those that we make name hosts (ALT_NAMES) and say what they are for
 * (CERT_EXT).
 */
#define WOLFSSL_ALWAYS_VERIFY_CB
#define WOLFSSL_TICKET_EXTRA_PADDING_SZ 64
#define WOLFSSL_ALT_NAMES
#define WOLFSSL_CERT_EXT

/*
 * Every random byte comes from us and from nothing else, so that handshakes replay. Without the
 * library's own generator between, which was a twelfth of the time of a run and half a kilobyte of
 * each session.
 */
#define WC_NO_HASHDRBG
#define CUSTOM_RAND_GENERATE_BLOCK vk_random_block

#endif
