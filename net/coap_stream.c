/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/coap_stream.h"

#include <string.h>

#include "sim/core/heap.h"

enum { TOKEN_MAX = 8, DATAGRAM_HEADER = 4, MARKER = 0xFF };

/* ---- messages ---- */

/* Extended lengths: from which number, in how many bytes, with what added (3.2). */
static const struct {
    uint32_t least;
    uint8_t nibble, bytes;
} lengths[] = {{65805, 15, 4}, {269, 14, 2}, {13, 13, 1}};

static uint32_t number_in(const uint8_t *bytes, size_t n) {
    uint32_t number = 0;
    for (size_t i = 0; i < n; i++) number = number << 8 | bytes[i];
    return number;
}

/* Bytes of the length behind the first byte, and what its value begins at. */
static size_t extended_bytes(uint8_t first, uint32_t *least) {
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        *least = lengths[i].least;
        if (first >> 4 == lengths[i].nibble) return lengths[i].bytes;
    }
    *least = first >> 4;
    return 0;
}

int net_coap_message_size(const uint8_t *bytes, size_t n, size_t *size) {
    uint32_t least;
    if (n == 0) return 0;
    if ((bytes[0] & 15) > TOKEN_MAX) return SIM_EPARSE;
    size_t extended = extended_bytes(bytes[0], &least);
    if (n < 1 + extended) return 0;
    *size = 2 + extended + (bytes[0] & 15U) + (size_t)least + number_in(bytes + 1, extended);
    return 1;
}

bool net_coap_message_peek(net_span bytes, uint8_t *code, size_t *size) {
    uint32_t least;
    if (net_coap_message_size(bytes.bytes, bytes.n, size) != 1) return false;
    size_t extended = extended_bytes(bytes.bytes[0], &least);
    if (bytes.n < 2 + extended) return false;
    *code = bytes.bytes[1 + extended];
    return true;
}

bool net_coap_message_read(net_span bytes, net_coap_message *out) {
    size_t size;
    uint32_t least;
    net_span header;
    if (!net_coap_message_peek(bytes, &out->code, &size) || size != bytes.n) return false;
    size_t token = bytes.bytes[0] & 15U;
    if (!net_span_take(&bytes, 2 + extended_bytes(bytes.bytes[0], &least), &header) ||
        !net_span_take(&bytes, token, &out->token))
        return false;
    out->rest = bytes;
    return true;
}

size_t net_coap_message_write(const net_coap_message *m, uint8_t *out) {
    uint8_t nibble = (uint8_t)m->rest.n, *at = out + 1;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        if (m->rest.n < lengths[i].least) continue;
        uint32_t more = (uint32_t)m->rest.n - lengths[i].least;
        nibble = lengths[i].nibble;
        for (unsigned b = lengths[i].bytes; b > 0; b--) *at++ = (uint8_t)(more >> 8 * (b - 1));
        break;
    }
    out[0] = (uint8_t)((unsigned)nibble << 4 | m->token.n);
    *at++ = m->code;
    if (m->token.n > 0) memcpy(at, m->token.bytes, m->token.n);
    at += m->token.n;
    if (m->rest.n > 0) memcpy(at, m->rest.bytes, m->rest.n);
    return (size_t)(at - out) + m->rest.n;
}

/* A delta or length of an option with its extension (RFC 7252 3.1). False: it is not there. */
static bool take_nibble(net_span *rest, unsigned nibble, uint32_t *out) {
    net_span more;
    size_t bytes = nibble == 13 ? 1 : nibble == 14 ? 2 : 0;
    if (nibble == 15 || !net_span_take(rest, bytes, &more)) return false;
    *out = bytes == 0 ? nibble : number_in(more.bytes, bytes) + (bytes == 1 ? 13U : 269U);
    return true;
}

/* 1: the next option's number, which is added to *number, and its value; 0: there is none any more;
 * SIM_EPARSE: what stands there is none. */
static int next_option(net_span *rest, uint32_t *number, net_span *value) {
    uint32_t delta, length;
    net_span first;
    if (!net_span_take(rest, 1, &first) || first.bytes[0] == MARKER) return 0;
    if (!take_nibble(rest, first.bytes[0] >> 4, &delta) ||
        !take_nibble(rest, first.bytes[0] & 15U, &length) || !net_span_take(rest, length, value))
        return SIM_EPARSE;
    *number += delta;
    return 1;
}

bool net_coap_message_option(net_span rest, uint32_t number, net_span *value) {
    uint32_t at = 0;
    int more = next_option(&rest, &at, value);
    while (more == 1 && at < number) more = next_option(&rest, &at, value);
    return more == 1 && at == number;
}

/* ---- a server's end ---- */

struct net_coap_stream {
    const net_coap_stream_calls *calls;
    void *owner;
    net_parts parts;
    uint32_t peer_maximum; /* bytes of a message that the client takes */
    uint16_t mid;          /* of the latest datagram */
    bool introduced;       /* its CSM came */
    bool over;
};

/* Options of signals (5.3 to 5.6). */
enum { MAX_MESSAGE_SIZE = 2, BLOCK_WISE_TRANSFER = 4, CUSTODY = 2, BAD_CSM_OPTION = 2 };

static void say(net_coap_stream *s, net_coap_signal code, net_span token, net_span rest) {
    uint8_t bytes[NET_COAP_MESSAGE_HEADER_MAX + TOKEN_MAX + 80];
    const net_coap_message m = {.code = (uint8_t)code, .token = token, .rest = rest};
    if (s->over) return;
    s->calls->send(s->owner, bytes, net_coap_message_write(&m, bytes));
}

static void end(net_coap_stream *s, net_end why) {
    if (s->over) return;
    s->over = true;
    s->calls->ended(s->owner, why);
}

/* The Abort's payload is for whoever debugs the other end (5.6). */
static void give_up(net_coap_stream *s, const char *diagnostic) {
    uint8_t rest[64] = {MARKER};
    size_t n = 1;
    for (; *diagnostic != '\0' && n < sizeof rest; diagnostic++) rest[n++] = (uint8_t)*diagnostic;
    say(s, NET_COAP_ABORT, (net_span){0}, (net_span){rest, n});
    end(s, NET_END_PROTOCOL);
}

net_coap_stream *net_coap_stream_new(const net_coap_stream_calls *calls, void *owner) {
    static const uint8_t able[] = {MAX_MESSAGE_SIZE << 4 | 2, NET_COAP_MESSAGE_MAX >> 8,
                                   NET_COAP_MESSAGE_MAX & 0xFF,
                                   (BLOCK_WISE_TRANSFER - MAX_MESSAGE_SIZE) << 4};
    net_coap_stream *s = sim_malloc(sizeof *s);
    if (s == NULL) return NULL;
    *s = (net_coap_stream){.calls = calls, .owner = owner, .peer_maximum = NET_COAP_MESSAGE_MAX};
    say(s, NET_COAP_CSM, (net_span){0}, (net_span){able, sizeof able});
    return s;
}

void net_coap_stream_free(net_coap_stream *s) {
    if (s == NULL) return;
    net_parts_deinit(&s->parts);
    sim_free(s);
}

/* An Abort names the option that was at fault (5.6). */
static void refuse_option(net_coap_stream *s, uint32_t number) {
    const uint8_t rest[] = {BAD_CSM_OPTION << 4 | 2, (uint8_t)(number >> 8), (uint8_t)number};
    say(s, NET_COAP_ABORT, (net_span){0}, (net_span){rest, sizeof rest});
    end(s, NET_END_PROTOCOL);
}

/* An option of an odd number is critical, and none of these is known (5.2). */
static void take_csm(net_coap_stream *s, const net_coap_message *m) {
    net_span rest = m->rest, value;
    uint32_t number = 0;
    int more;
    s->introduced = true;
    while ((more = next_option(&rest, &number, &value)) == 1) {
        bool is_size = number == MAX_MESSAGE_SIZE && value.n <= sizeof s->peer_maximum;
        if (is_size) s->peer_maximum = number_in(value.bytes, value.n);
        if (is_size || (number != MAX_MESSAGE_SIZE && number % 2 == 0)) continue;
        refuse_option(s, number);
        return;
    }
    if (more != 0) give_up(s, "a CSM whose options cannot be read");
}

/* With Custody, a Pong says that all before the Ping was processed (5.4): a request is answered
 * when it is taken. */
static void answer_ping(net_coap_stream *s, const net_coap_message *m) {
    static const uint8_t custody[] = {CUSTODY << 4};
    net_span value;
    bool asked = net_coap_message_option(m->rest, CUSTODY, &value);
    say(s, NET_COAP_PONG, m->token, (net_span){custody, asked ? sizeof custody : 0});
}

static void take_signal(net_coap_stream *s, const net_coap_message *m) {
    switch (m->code) {
        case NET_COAP_CSM:
            take_csm(s, m);
            break;
        case NET_COAP_PING:
            answer_ping(s, m);
            break;
        case NET_COAP_RELEASE:
        case NET_COAP_ABORT:
            end(s, NET_END_CLOSED);
            break;
        default: /* a Pong; 5.1: a signal that is not known may be ignored */
            break;
    }
}

/* The message as a datagram. What class it is of, its receiver reads. */
static void pass_on(net_coap_stream *s, const net_coap_message *m) {
    uint8_t datagram[DATAGRAM_HEADER + NET_COAP_MESSAGE_MAX];
    s->mid++;
    datagram[0] = (uint8_t)(1 << 6 | m->token.n); /* version 1, confirmable */
    datagram[1] = m->code;
    datagram[2] = (uint8_t)(s->mid >> 8);
    datagram[3] = (uint8_t)s->mid;
    if (m->token.n > 0) memcpy(datagram + DATAGRAM_HEADER, m->token.bytes, m->token.n);
    if (m->rest.n > 0) memcpy(datagram + DATAGRAM_HEADER + m->token.n, m->rest.bytes, m->rest.n);
    s->calls->received(s->owner, datagram, DATAGRAM_HEADER + m->token.n + m->rest.n);
}

static void take(net_coap_stream *s, net_span part) {
    net_coap_message m;
    if (!net_coap_message_read(part, &m)) {
        give_up(s, "a message that cannot be read");
    } else if (!s->introduced && m.code != NET_COAP_CSM) {
        give_up(s, "the first message is no CSM"); /* 5.3 */
    } else if (m.code >> 5 == 7) {
        take_signal(s, &m);
    } else if (m.code != 0) { /* 3.4: an Empty message is ignored */
        pass_on(s, &m);
    }
}

void net_coap_stream_input(net_coap_stream *s, const uint8_t *bytes, size_t n) {
    net_span left = {bytes, n}, part;
    int more = 1;
    while (!s->over && more == 1) {
        more = net_parts_next(&s->parts, &left, net_coap_message_size, NET_COAP_MESSAGE_MAX, &part);
        if (more == 1) take(s, part);
    }
    if (more == SIM_ENOMEM) end(s, NET_END_NO_MEMORY);
    if (more == SIM_ERANGE) give_up(s, "a message larger than Max-Message-Size");
    if (more == SIM_EPARSE) give_up(s, "a token longer than 8 bytes");
}

void net_coap_stream_write(net_coap_stream *s, const uint8_t *datagram, size_t n) {
    uint8_t bytes[NET_COAP_MESSAGE_HEADER_MAX + NET_COAP_MESSAGE_MAX];
    size_t token = n < DATAGRAM_HEADER ? 0 : datagram[0] & 15U;
    SIM_PROMISE(n >= DATAGRAM_HEADER + token && n - DATAGRAM_HEADER <= NET_COAP_MESSAGE_MAX);
    net_coap_message m = {.code = datagram[1], .token = {datagram + DATAGRAM_HEADER, token}};
    m.rest = (net_span){m.token.bytes + token, n - DATAGRAM_HEADER - token};
    if (s->over || m.code == 0) return;
    size_t size = net_coap_message_write(&m, bytes);
    if (size > s->peer_maximum)
        give_up(s, "an answer larger than your Max-Message-Size");
    else
        s->calls->send(s->owner, bytes, size);
}

void net_coap_stream_close(net_coap_stream *s) {
    say(s, NET_COAP_RELEASE, (net_span){0}, (net_span){0});
    s->over = true;
}
