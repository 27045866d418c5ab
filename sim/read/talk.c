/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/talk.h"

#include <string.h>

#include "sim/core/heap.h"
#include "sim/read/bytes.h"
#include "sim/read/payload.h"

enum {
    HEAD,   /* of a packet or record */
    BODY,   /* of it */
    MESSAGE /* header of a handshake message, within a record */
};

enum {
    CONNECT = 0x10, /* MQTT: type and flags */
    CONNACK = 0x20,
    DISCONNECT = 0xe0,
    TLS_HEADER = 5,
    TLS_MESSAGE = 4,
    TLS_RECORD_MAX = 16384 + 2048, /* RFC 5246 6.2.3 */
    TLS_FATAL = 2
};

void read_talk_deinit(read_talk *t) {
    sim_free(t->kept);
    *t = (read_talk){0};
}

void read_talk_expect(read_talk *t, read_language language) {
    t->language = (uint8_t)language;
}

/* --- what is kept of a body --- */

static void forget(read_talk *t) {
    sim_free(t->kept);
    t->kept = NULL;
    t->kept_length = t->kept_room = 0;
}

static int keep(read_talk *t, record_dtls_span bytes) {
    size_t n = READ_TALK_KEPT_MAX - t->kept_length;
    if (bytes.n < n) n = bytes.n;
    if (n == 0) return 0;
    size_t needed = t->kept_length + n;
    if (t->kept == NULL || needed > t->kept_room) {
        size_t room = needed < 128 ? 128 : needed < 512 ? 512 : READ_TALK_KEPT_MAX;
        uint8_t *kept = sim_realloc(t->kept, room);
        if (kept == NULL) return SIM_ENOMEM;
        t->kept = kept;
        t->kept_room = (uint16_t)room;
    }
    memcpy(t->kept + t->kept_length, bytes.at, n);
    t->kept_length = (uint16_t)needed;
    return 0;
}

static void name(read_words *w, record_dtls_span id, unsigned said) {
    w->said |= said;
    size_t n = id.n < sizeof w->identity ? id.n : sizeof w->identity;
    if (n == 0) return;
    memcpy(w->identity, id.at, n);
    w->identity_length = n;
}

/* --- MQTT --- */

static bool is_wanted(uint8_t type) {
    return type == CONNECT || type == CONNACK;
}

static void end_packet(read_talk *t, read_words *w) {
    record_dtls_span body = {t->kept, t->kept_length}, id;
    if (t->type == CONNECT && read_mqtt_connect(body, &id)) name(w, id, READ_SAID_CONNECT);
    if (t->type == CONNACK && read_mqtt_connack(body, &w->code)) w->said |= READ_SAID_CONNACK;
    forget(t);
    t->state = HEAD;
    t->head_length = 0;
}

/* A byte of the fixed header: the type, then up to four of the length. */
static void take_mqtt_head(read_talk *t, uint8_t byte, read_words *w) {
    t->head[t->head_length++] = byte;
    if (t->head_length == 1) {
        t->type = byte;
        t->lost = byte >> 4 == 0; /* reserved */
        if (t->lost) t->head_length = 0;
        return;
    }
    if (byte >= 0x80) {
        t->lost = t->head_length == 5;
        if (t->lost) t->head_length = 0;
        return;
    }
    t->left = 0;
    for (size_t i = 1; i < t->head_length; i++)
        t->left |= (uint32_t)(t->head[i] & 0x7f) << (7 * (i - 1));
    t->state = BODY;
    if (t->type == DISCONNECT) w->said |= READ_SAID_GOODBYE;
    if (t->left == 0) end_packet(t, w);
}

static int take_mqtt(read_talk *t, record_dtls_span left, read_words *w) {
    while (left.n > 0 && !t->lost) {
        if (t->state == HEAD) {
            take_mqtt_head(t, *read_take(&left, 1), w);
            continue;
        }
        size_t n = left.n < t->left ? left.n : t->left;
        record_dtls_span body = {read_take(&left, n), n};
        int error = is_wanted(t->type) ? keep(t, body) : 0;
        if (error != 0) return error;
        t->left -= (uint32_t)n;
        if (t->left == 0) end_packet(t, w);
    }
    return 0;
}

/* --- CoAP --- */

enum { COAP_CSM = 0xe1, COAP_RELEASE = 0xe4, COAP_ABORT = 0xe5, COAP_TOKEN_MAX = 8 };

/* Bytes of an extended length, and what is added to it: RFC 8323 3.2. */
static size_t coap_extended(uint8_t first, uint32_t *least) {
    static const uint32_t added[] = {[13] = 13, [14] = 269, [15] = 65805};
    unsigned nibble = first >> 4;
    *least = nibble < 13 ? nibble : added[nibble];
    return nibble < 13 ? 0 : (size_t)1 << (nibble - 13);
}

/* A byte of what a message begins with: length and that of the token, more of the length, code. */
static void take_coap_head(read_talk *t, uint8_t byte, read_words *w) {
    uint32_t length;
    t->head[t->head_length++] = byte;
    t->lost = (t->head[0] & 15) > COAP_TOKEN_MAX;
    size_t extended = coap_extended(t->head[0], &length);
    if (t->lost || t->head_length < 2 + extended) {
        if (t->lost) t->head_length = 0;
        return;
    }
    for (size_t i = 0, more = 0; i < extended; i++) {
        more = more << 8 | t->head[1 + i];
        if (i + 1 == extended) length += (uint32_t)more;
    }
    t->left = length + (t->head[0] & 15U);
    t->head_length = 0;
    if (t->left > 0) t->state = BODY;
    if (byte == COAP_RELEASE || byte == COAP_ABORT) w->said |= READ_SAID_GOODBYE;
    if (byte >> 5 < 2 || byte >> 5 > 5 || (w->said & READ_SAID_RESPONSE) != 0) return;
    w->said |= READ_SAID_RESPONSE;
    w->code = byte;
}

static void take_coap(read_talk *t, record_dtls_span left, read_words *w) {
    while (left.n > 0 && !t->lost) {
        if (t->state == HEAD) {
            take_coap_head(t, *read_take(&left, 1), w);
            continue;
        }
        size_t n = left.n < t->left ? left.n : t->left;
        (void)read_take(&left, n);
        t->left -= (uint32_t)n;
        if (t->left == 0) t->state = HEAD;
    }
}

/* --- TLS --- */

static void begin_message(read_talk *t, read_words *w) {
    t->message_left = read_u32(t->message) & 0xffffff;
    if (t->message[0] == RECORD_DTLS_CLIENT_HELLO) w->said |= READ_SAID_HELLO;
}

static void end_message(read_talk *t, read_words *w) {
    record_dtls_span body = {t->kept, t->kept_length}, id;
    if (t->message[0] == RECORD_DTLS_SERVER_HELLO && read_tls_hello_is_13(body))
        w->said |= READ_SAID_13;
    if (t->message[0] == RECORD_DTLS_CLIENT_KEY_EXCHANGE && read_tls_identity(body, &id))
        name(w, id, READ_SAID_IDENTITY);
    forget(t);
    t->message_length = 0;
}

/* Handshake messages: a record holds a piece of one, or several. */
static int take_messages(read_talk *t, record_dtls_span left, read_words *w) {
    while (left.n > 0) {
        if (t->message_length < sizeof t->message) {
            t->message[t->message_length++] = *read_take(&left, 1);
            if (t->message_length < sizeof t->message) continue;
            begin_message(t, w);
        }
        size_t n = left.n < t->message_left ? left.n : t->message_left;
        record_dtls_span body = {read_take(&left, n), n};
        bool wanted = t->message[0] == RECORD_DTLS_SERVER_HELLO ||
                      t->message[0] == RECORD_DTLS_CLIENT_KEY_EXCHANGE;
        int error = wanted ? keep(t, body) : 0;
        if (error != 0) return error;
        t->message_left -= (uint32_t)n;
        if (t->message_left == 0) end_message(t, w);
    }
    return 0;
}

static bool is_record(const uint8_t h[TLS_HEADER]) {
    return h[0] >= RECORD_DTLS_CHANGE_CIPHER_SPEC && h[0] <= RECORD_DTLS_APPLICATION_DATA &&
           h[1] == 3 && h[2] <= 4 && read_u16(h + 3) <= TLS_RECORD_MAX;
}

static void take_tls_head(read_talk *t, uint8_t byte, read_words *w) {
    t->head[t->head_length++] = byte;
    if (t->head_length < TLS_HEADER) return;
    t->head_length = 0;
    t->lost = !is_record(t->head);
    if (t->lost) return;
    t->type = t->head[0];
    t->left = read_u16(t->head + 3);
    if (t->left > 0) t->state = BODY;
    if (t->type == RECORD_DTLS_CHANGE_CIPHER_SPEC) {
        t->changed = true;
        w->said |= READ_SAID_CHANGE;
    }
    if (t->type == RECORD_DTLS_APPLICATION_DATA) w->said |= READ_SAID_SEALED;
}

static int take_record_body(read_talk *t, record_dtls_span body, read_words *w) {
    if (t->changed) return 0;
    if (t->type == RECORD_DTLS_HANDSHAKE) return take_messages(t, body, w);
    bool begins = t->left == 2 && read_u16(t->head + 3) == 2;
    if (t->type == RECORD_DTLS_ALERT && begins && body.at[0] == TLS_FATAL)
        w->said |= READ_SAID_ALERT;
    return 0;
}

static int take_tls(read_talk *t, record_dtls_span left, read_words *w) {
    while (left.n > 0 && !t->lost) {
        if (t->state == HEAD) {
            take_tls_head(t, *read_take(&left, 1), w);
            continue;
        }
        size_t n = left.n < t->left ? left.n : t->left;
        record_dtls_span body = {read_take(&left, n), n};
        int error = take_record_body(t, body, w);
        if (error != 0) return error;
        t->left -= (uint32_t)n;
        if (t->left == 0) t->state = HEAD;
    }
    return 0;
}

/* --- which language --- */

/* A CSM of one option without a value, which could also begin a CONNECT of exactly 4193 or 8289
 * bytes. */
static bool is_small_csm(const uint8_t *head, size_t n) {
    return n > 2 && head[0] == 0x10 && head[1] == COAP_CSM && (head[2] == 0x20 || head[2] == 0x40);
}

/* Whether the first bytes are a CONNECT's: it takes 13 to be sure of the longest. */
static read_language as_mqtt(const uint8_t *head, size_t n) {
    static const char *const names[] = {"\0\4MQTT", "\0\6MQIsdp"};
    size_t at = 1;
    if (head[0] != CONNECT || is_small_csm(head, n)) return READ_LANGUAGE_OTHER;
    while (at < n && at < 5 && head[at] >= 0x80) at++;
    if (++at > 5) return READ_LANGUAGE_OTHER;
    for (size_t i = 0; i < 2; i++) {
        size_t length = 2 + (size_t)names[i][1], there = n > at ? n - at : 0;
        size_t compared = there < length ? there : length;
        if (memcmp(head + at, names[i], compared) != 0) continue;
        return compared == length ? READ_LANGUAGE_MQTT : READ_LANGUAGE_UNTOLD;
    }
    return READ_LANGUAGE_OTHER;
}

static read_language as_tls(const uint8_t *head, size_t n) {
    if (head[0] != RECORD_DTLS_HANDSHAKE || (n > 1 && head[1] != 3)) return READ_LANGUAGE_OTHER;
    if (n <= TLS_HEADER) return READ_LANGUAGE_UNTOLD;
    return head[TLS_HEADER] == RECORD_DTLS_CLIENT_HELLO ? READ_LANGUAGE_TLS : READ_LANGUAGE_OTHER;
}

/* The first message is a CSM, and needs no token. */
static read_language as_coap(const uint8_t *head, size_t n) {
    uint32_t least;
    size_t before = 1 + coap_extended(head[0], &least);
    if ((head[0] & 15) != 0) return READ_LANGUAGE_OTHER;
    if (n <= before) return READ_LANGUAGE_UNTOLD;
    return head[before] == COAP_CSM ? READ_LANGUAGE_COAP : READ_LANGUAGE_OTHER;
}

/* Each in turn: what it may be still, it is not told to be something else. */
static read_language language_of(const uint8_t *head, size_t n) {
    read_language (*const tries[])(const uint8_t *head, size_t n) = {as_mqtt, as_tls, as_coap};
    read_language language = READ_LANGUAGE_OTHER;
    for (size_t i = 0; i < sizeof tries / sizeof *tries && language == READ_LANGUAGE_OTHER; i++)
        language = tries[i](head, n);
    return language;
}

static int take_told(read_talk *t, record_dtls_span bytes, read_words *w) {
    if (t->language == READ_LANGUAGE_MQTT) return take_mqtt(t, bytes, w);
    if (t->language == READ_LANGUAGE_COAP) take_coap(t, bytes, w);
    return t->language == READ_LANGUAGE_TLS ? take_tls(t, bytes, w) : 0;
}

/* The first bytes wait in `head` until they tell; then they are read like all others. */
static int take_first(read_talk *t, record_dtls_span bytes, read_words *w) {
    uint8_t first[sizeof t->head];
    while (bytes.n > 0 && t->language == READ_LANGUAGE_UNTOLD) {
        t->head[t->head_length++] = *read_take(&bytes, 1);
        t->language = (uint8_t)language_of(t->head, t->head_length);
    }
    if (t->language == READ_LANGUAGE_UNTOLD) return 0;
    size_t n = t->head_length;
    memcpy(first, t->head, n);
    t->head_length = 0;
    int error = take_told(t, (record_dtls_span){first, n}, w);
    return error == 0 ? take_told(t, bytes, w) : error;
}

/* --- holes --- */

/* Whether a hole lies in what is stepped over anyway. */
static bool is_spared(const read_talk *t, size_t hole) {
    if (t->language == READ_LANGUAGE_UNTOLD || t->state != BODY || t->lost) return false;
    if (hole > t->left || t->kept_length > 0) return false;
    if (t->language == READ_LANGUAGE_COAP) return true;
    if (t->language == READ_LANGUAGE_MQTT) return !is_wanted(t->type);
    return t->type != RECORD_DTLS_HANDSHAKE || t->changed;
}

static void take_hole(read_talk *t, size_t hole) {
    if (hole == 0 || t->language == READ_LANGUAGE_OTHER) return;
    if (is_spared(t, hole)) {
        t->left -= (uint32_t)hole;
        if (t->left == 0) t->state = HEAD;
        return;
    }
    if (t->language == READ_LANGUAGE_UNTOLD) t->language = READ_LANGUAGE_OTHER;
    t->lost = true;
}

/* After a hole a segment may begin with a packet or record. */
static bool finds_itself(read_talk *t, record_dtls_span bytes) {
    if (bytes.n == 0) return false;
    if (t->language == READ_LANGUAGE_TLS && (bytes.n < TLS_HEADER || !is_record(bytes.at)))
        return false;
    forget(t);
    t->lost = false;
    t->state = HEAD;
    t->left = t->message_left = 0;
    t->head_length = t->message_length = 0;
    return true;
}

int read_talk_take(read_talk *t, record_dtls_span bytes, size_t hole, read_words *words) {
    int error = 0;
    if (t->lost && !finds_itself(t, bytes)) return 0;
    if (bytes.n > 0)
        error = t->language == READ_LANGUAGE_UNTOLD ? take_first(t, bytes, words)
                                                    : take_told(t, bytes, words);
    if (error == 0) take_hole(t, hole);
    return error;
}
