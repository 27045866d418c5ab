/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/end.h - why a connection ended, in words that any protocol, security or transport can use. */
#ifndef NET_END_H
#define NET_END_H

/* The list makes the enum and the words in results. */
#define NET_END_MAP(X)                                                                 \
    X(NONE, "open")                                                                    \
    X(TIMEOUT, "no answer to the handshake in time")                                   \
    X(SILENT, "peer fell silent after the key exchange (a wrong key looks like this)") \
    X(UNKNOWN_IDENTITY, "identity unknown")                                            \
    X(WRONG_KEY, "key is wrong")                                                       \
    X(ABORTED, "peer broke off with a fatal alert or an Abort")                        \
    X(PROTOCOL, "peer broke the protocol")                                             \
    X(CLOSED, "closed by the peer")                                                    \
    X(REFUSED, "connection refused")                                                   \
    X(RESET, "connection reset by the peer")                                           \
    X(BUSY, "peer has no room")                                                        \
    X(LOST, "nothing was heard of the peer for too long")                              \
    X(REPLACED, "another connection of the same identity took its place")              \
    X(ELSEWHERE, "peer sends its clients to another server")                           \
    X(UNKNOWN_AUTHORITY, "certificate of an unknown authority")                        \
    X(EXPIRED, "certificate is not valid at this time")                                \
    X(WRONG_HOST, "certificate names another host")                                    \
    X(NO_CERTIFICATE, "peer has no certificate")                                       \
    X(BAD_CERTIFICATE, "peer does not take the certificate")                           \
    X(NO_MEMORY, "out of memory")
typedef enum net_end {
#define NET_END_ENUM(name, text) NET_END_##name,
    NET_END_MAP(NET_END_ENUM)
#undef NET_END_ENUM
        NET_ENDS
} net_end;
const char *net_end_text(net_end end);

#endif
