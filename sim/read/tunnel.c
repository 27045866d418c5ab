/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is wrapped: PPPoE (RFC 2516), MPLS (RFC 3032, 4448), GRE (RFC 2784, 2890) with ERSPAN in it,
 * IP in IP (RFC 2003, 4213), AH (RFC 4302), VXLAN (RFC 7348), Geneve (RFC 8926), GTP-U (3GPP TS
 * 29.281) and TZSP (of sniffers that stream). */
#include <string.h>

#include "sim/read/bytes.h"
#include "sim/read/packet_private.h"

enum { LABELS_MAX = 16, GTP_EXTENSIONS = 8, TZSP_TAGS = 64 };

static read_result unread(read_frame *f, const char *kind, unsigned number, const char *name) {
    f->p->unread = (read_unread){kind, number, name, true};
    return READ_RESULT_NONE;
}

/* --- below IP --- */

read_result read_frame_ppp(read_frame *f, record_dtls_span left) {
    const uint8_t *h = read_take(&left, 1);
    if (h == NULL) return READ_RESULT_SHORT;
    unsigned protocol = h[0];
    if ((protocol & 1) == 0) { /* two bytes, unless the first is odd: RFC 1661 6.5 */
        if ((h = read_take(&left, 1)) == NULL) return READ_RESULT_SHORT;
        protocol = protocol << 8 | h[0];
    }
    if (protocol == 0x21 || protocol == 0x57) return read_frame_ip(f, left);
    if (protocol == 0x281) return read_tunnel_ethertype(f, 0x8847, left);
    f->p->unread = (read_unread){"PPP protocol", protocol, NULL, protocol < 0x4000};
    return READ_RESULT_NONE;
}

static read_result read_pppoe(read_frame *f, record_dtls_span left) {
    const uint8_t *h = read_take(&left, 6);
    if (h == NULL || h[0] != 0x11) return READ_RESULT_SHORT;
    return read_frame_ppp(f, left);
}

/* What is below the last label stands nowhere: IP shows itself, and all else is taken for Ethernet,
 * with a control word or without. */
static read_result read_mpls(read_frame *f, record_dtls_span left) {
    for (int i = 0; i < LABELS_MAX; i++) {
        const uint8_t *label = read_take(&left, 4);
        if (label == NULL) return READ_RESULT_SHORT;
        if ((label[2] & 1) == 0) continue;
        if (left.n == 0) return READ_RESULT_SHORT;
        unsigned first = left.at[0] >> 4;
        if (first == 4 || first == 6) return read_frame_ip(f, left);
        if (first == 0 && left.n >= 4 && read_u16(left.at) == 0) read_take(&left, 4);
        return read_frame_ethernet(f, left);
    }
    return unread(f, "MPLS labels, at least", LABELS_MAX, NULL);
}

read_result read_tunnel_ethertype(read_frame *f, uint16_t type, record_dtls_span left) {
    switch (type) {
        case 0x8864:
            return read_pppoe(f, left);
        case 0x8847:
        case 0x8848:
            return read_mpls(f, left);
        case 0x6558: /* transparent Ethernet bridging */
            return read_frame_ethernet(f, left);
        default:
            return READ_RESULT_NONE;
    }
}

/* --- in IP --- */

/* A mirror port far away: version II behind a sequence number has eight bytes, III twelve, and
 * eight more where its last bit says so. */
static read_result read_erspan(read_frame *f, uint16_t type, bool counted, record_dtls_span left) {
    if (type == 0x88be && !counted) return read_frame_ethernet(f, left);
    const uint8_t *h = read_take(&left, type == 0x88be ? 8 : 12);
    if (h == NULL) return READ_RESULT_SHORT;
    if (type == 0x22eb && (h[11] & 1) != 0 && read_take(&left, 8) == NULL) return READ_RESULT_SHORT;
    return read_frame_ethernet(f, left);
}

static read_result read_gre(read_frame *f, record_dtls_span left) {
    const uint8_t *h = read_take(&left, 4);
    if (h == NULL) return READ_RESULT_SHORT;
    uint16_t type = read_u16(h + 2);
    unsigned version = h[1] & 7;
    bool sum = (h[0] & 0x80) != 0, key = (h[0] & 0x20) != 0, counted = (h[0] & 0x10) != 0;
    size_t more = 4u * (size_t)(sum + key + counted) + (version == 1 && (h[1] & 0x80) != 0 ? 4 : 0);
    if (version > 1 || (h[0] & 0x40) != 0) return unread(f, "GRE version", version, "source route");
    if (read_take(&left, more) == NULL) return READ_RESULT_SHORT;
    if (type == 0x880b) /* PPTP's PPP */
        return left.n >= 2 && left.at[0] == 0xff ? (read_take(&left, 2), read_frame_ppp(f, left))
                                                 : read_frame_ppp(f, left);
    if (type == 0x88be || type == 0x22eb) return read_erspan(f, type, counted, left);
    return read_frame_ethertype(f, type, left);
}

static read_result read_authenticated(read_frame *f, record_dtls_span left) {
    const uint8_t *h = read_take(&left, 12);
    if (h == NULL) return READ_RESULT_SHORT;
    size_t length = ((size_t)h[1] + 2) * 4;
    if (length < 12 || read_take(&left, length - 12) == NULL) return READ_RESULT_SHORT;
    return read_frame_carried(f, h[0], left);
}

read_result read_tunnel_ip(read_frame *f, uint8_t protocol, record_dtls_span left) {
    switch (protocol) {
        case 4:
        case 41:
            return read_frame_ip(f, left);
        case 47:
            return read_gre(f, left);
        case 51:
            return read_authenticated(f, left);
        case 97: /* EtherIP, RFC 3378 */
            return read_take(&left, 2) == NULL ? READ_RESULT_SHORT : read_frame_ethernet(f, left);
        case 137:
            return read_mpls(f, left);
        default:
            return READ_RESULT_NONE;
    }
}

/* --- in UDP --- */

static read_result read_vxlan(read_frame *f, record_dtls_span left) {
    const uint8_t *h = read_take(&left, 8);
    if (h == NULL || (h[0] & 0x08) == 0 || h[7] != 0) return READ_RESULT_NONE;
    return read_frame_ethernet(f, left);
}

static read_result read_geneve(read_frame *f, record_dtls_span left) {
    const uint8_t *h = read_take(&left, 8);
    if (h == NULL || h[0] >> 6 != 0) return READ_RESULT_NONE;
    if (read_take(&left, (size_t)(h[0] & 0x3f) * 4) == NULL) return READ_RESULT_SHORT;
    return read_frame_ethertype(f, read_u16(h + 2), left);
}

/* Only G-PDUs carry packets; the rest is between the nodes. */
static read_result read_gtp(read_frame *f, record_dtls_span left) {
    const uint8_t *h = read_take(&left, 8), *more;
    if (h == NULL || h[0] >> 4 != 3 || h[1] != 0xff) return READ_RESULT_NONE;
    if ((h[0] & 7) != 0) {
        if ((more = read_take(&left, 4)) == NULL) return READ_RESULT_SHORT;
        uint8_t next = (h[0] & 4) != 0 ? more[3] : 0;
        for (int i = 0; next != 0 && i < GTP_EXTENSIONS; i++) {
            size_t n = left.n > 0 ? (size_t)left.at[0] * 4 : 0;
            if (n == 0 || (more = read_take(&left, n)) == NULL) return READ_RESULT_SHORT;
            next = more[n - 1];
        }
    }
    return read_frame_ip(f, left);
}

static read_result read_tzsp(read_frame *f, record_dtls_span left) {
    const uint8_t *h = read_take(&left, 4), *tag;
    if (h == NULL || h[0] != 1 || h[1] > 1 || read_u16(h + 2) != 1) return READ_RESULT_NONE;
    for (int i = 0; i < TZSP_TAGS && (tag = read_take(&left, 1)) != NULL; i++) {
        if (*tag == 1) return read_frame_ethernet(f, left);
        if (*tag == 0) continue;
        if ((tag = read_take(&left, 1)) == NULL || read_take(&left, *tag) == NULL) break;
    }
    return READ_RESULT_SHORT;
}

/* Tunnels that hide what they carry, by the port that is theirs. */
static const struct {
    uint16_t port;
    const char *name;
} hidden[] = {{500, "IKE"},         {1194, "OpenVPN"},   {1701, "L2TP"},   {3544, "Teredo"},
              {4500, "ESP in UDP"}, {4790, "VXLAN-GPE"}, {5247, "CAPWAP"}, {51820, "WireGuard"}};

read_result read_tunnel_udp(read_frame *f, uint16_t port, record_dtls_span left) {
    switch (port) {
        case 4789:
        case 8472: /* Linux's own before there was a number */
            return read_vxlan(f, left);
        case 6081:
            return read_geneve(f, left);
        case 2152:
            return read_gtp(f, left);
        case 37008:
            return read_tzsp(f, left);
        default:
            break;
    }
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (hidden[i].port == port) return unread(f, "UDP port", port, hidden[i].name);
    return READ_RESULT_NONE;
}
