/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log of the EMQX broker: the text lines of version 4 ("TIME [level] ID@PEER [MQTT] RECV
 * CONNECT(…)") and of version 5 ("TIME [level] msg: …, peername: …, clientid: …"), JSON lines of
 * version 5, and the events client.connected and client.disconnected of its rules written as JSON
 * lines. */
#include <stdlib.h>
#include <string.h>

#include "sim/read/json.h"

/* What a line says about a connection, whatever its form. */
typedef struct saying {
    read_text msg;    /* "mqtt_packet_received", "terminate", "client.connected" */
    read_text peer;   /* "1.2.3.4:567" */
    read_text id;     /* client id */
    read_text packet; /* "CONNECT(…)" */
    read_text reason; /* of an end: "normal", "{shutdown,tcp_closed}" */
    bool received;    /* the packet came from the client */
    bool from_code;   /* a line that names the place in the broker's code */
} saying;

static bool is(read_text t, const char *word) {
    return t.n == strlen(word) && memcmp(t.at, word, t.n) == 0;
}

static bool begins(read_text t, const char *word) {
    return t.n >= strlen(word) && memcmp(t.at, word, strlen(word)) == 0;
}

/* The word behind `name` in a packet, to the comma or parenthesis. */
static read_text part_of(read_text packet, const char *name) {
    size_t length = strlen(name);
    for (size_t i = 0; i + length <= packet.n; i++) {
        if (memcmp(packet.at + i, name, length) != 0) continue;
        size_t from = i + length, to = from;
        while (to < packet.n && packet.at[to] != ',' && packet.at[to] != ')') to++;
        return (read_text){packet.at + from, to - from};
    }
    return (read_text){packet.at, 0};
}

static unsigned reason_of(read_text packet) {
    read_text code = part_of(packet, "ReasonCode=");
    char digits[8] = "";
    memcpy(digits, code.at, code.n < sizeof digits ? code.n : sizeof digits - 1);
    return code.n > 0 ? (unsigned)strtoul(digits, NULL, 10) : 255;
}

static bool is_made_up(read_text id) {
    return id.n == 0 || is(id, "undefined");
}

static int take_saying(read_broker *b, saying *s) {
    if (s->peer.n > 0 && begins(s->packet, "CONNECT(") && s->received) {
        read_text id = part_of(s->packet, "ClientId=");
        if (!is_made_up(id)) s->id = id;
        return read_broker_attempt_once(b, s->peer, s->id); /* CONNECT is told more than once */
    }
    if (s->peer.n > 0 && begins(s->packet, "CONNACK(") && !s->received)
        return read_broker_outcome(b, s->peer, s->id, read_connack(reason_of(s->packet)));
    if (s->received && s->id.n > 0 && begins(s->packet, "DISCONNECT("))
        return read_broker_goodbye(b, s->id);
    if (is(s->msg, "client.connected") || is(s->msg, "client_connected"))
        return read_broker_outcome(b, s->peer, s->id, RECORD_OUTCOME_ONLINE);
    if (!is(s->msg, "client.disconnected") && !is(s->msg, "client_disconnected") &&
        !begins(s->msg, "terminate"))
        return 0;
    const read_closing c = {
        .id = s->id,
        .peer = {s->id.at, 0},
        .online = true,
        .by_client = is(s->reason, "normal") || is(s->reason, "{shutdown,normal}")};
    int error = s->id.n > 0 ? read_broker_closed(b, &c) : 0;
    return error == 0 && s->peer.n > 0 ? read_broker_gone(b, s->peer) : error;
}

/* --- text --- */

/* The value behind "key: ", to the next ", " or the end. */
static read_text value_of(const char *text, const char *key) {
    size_t length = strlen(key);
    for (const char *at = strstr(text, key); at != NULL; at = strstr(at + 1, key)) {
        if (at != text && at[-1] != ' ') continue;
        const char *from = at + length, *to = strstr(from, ", ");
        return (read_text){from, to != NULL ? (size_t)(to - from) : strlen(from)};
    }
    return (read_text){text, 0};
}

/* A packet ends with its parenthesis, not with the first comma in it. */
static read_text packet_of(const char *text) {
    static const char *const kinds[] = {"CONNECT(", "CONNACK(", "DISCONNECT("};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *at = strstr(text, kinds[i]);
        if (at == NULL || (at != text && at[-1] != ' ')) continue;
        const char *end = strchr(at, ')');
        return (read_text){at, end != NULL ? (size_t)(end - at) + 1 : strlen(at)};
    }
    return (read_text){text, 0};
}

/* "1.2.3.4:567", to the next blank. */
static read_text peer_at(const char *text) {
    size_t n = strcspn(text, " "), digits = n;
    while (digits > 0 && text[digits - 1] >= '0' && text[digits - 1] <= '9') digits--;
    bool good = digits < n && digits > 1 && text[digits - 1] == ':' && memchr(text, '@', n) == NULL;
    return (read_text){text, good ? n : 0};
}

/* Version 4: "ID@1.2.3.4:567 …" or "1.2.3.4:567 …" before the sentence. */
static void who_of(const char *text, saying *s) {
    s->peer = peer_at(text);
    for (const char *at = strchr(text, '@'); at != NULL && s->peer.n == 0;
         at = strchr(at + 1, '@')) {
        s->peer = peer_at(at + 1);
        if (s->peer.n > 0) s->id = (read_text){text, (size_t)(at - text)};
    }
    if (s->id.n > 6 && begins(s->id, "<<\"")) s->id = (read_text){s->id.at + 3, s->id.n - 6};
}

static bool say_text(const char *text, saying *s) {
    *s = (saying){.msg = value_of(text, "msg: "),
                  .packet = packet_of(text),
                  .reason = value_of(text, "reason: ")};
    read_text peer = value_of(text, "peername: "), id = value_of(text, "clientid: ");
    s->peer = s->id = (read_text){text, 0};
    if (peer.n > 0) {
        s->peer = peer;
        s->id = id;
        s->received = is(s->msg, "mqtt_packet_received");
    } else {
        who_of(text, s);
        s->received = strstr(text, " RECV ") != NULL;
    }
    return s->peer.n > 0;
}

/* "2023-01-30T16:39:24.889009+08:00 [debug] " */
static const char *text_of(const char *line, int64_t *ns, sim_time *resolution) {
    const char *end = read_stamp(line, ns, resolution);
    if (end == NULL || end[0] != ' ' || end[1] != '[') return NULL;
    const char *close = strstr(end, "] ");
    return close != NULL && close - end < 16 ? close + 2 : NULL;
}

/* --- JSON --- */

static bool say_json(const char *line, saying *s, int64_t *ns, sim_time *resolution) {
    read_text key, value;
    bool timed = false;
    *s = (saying){.msg = {line, 0},
                  .peer = {line, 0},
                  .id = {line, 0},
                  .packet = {line, 0},
                  .reason = {line, 0}};
    for (const char *at = line; (at = read_json_member(at, &key, &value)) != NULL;) {
        if (is(key, "time") || is(key, "timestamp"))
            timed = read_stamp(value.at, ns, resolution) != NULL || timed;
        if (is(key, "msg") || is(key, "event")) s->msg = value;
        if (is(key, "peername")) s->peer = value;
        if (is(key, "clientid") || is(key, "client_id")) s->id = value;
        if (is(key, "packet")) s->packet = value;
        if (is(key, "reason")) s->reason = value;
        if (is(key, "mfa")) s->from_code = true;
    }
    s->received = is(s->msg, "mqtt_packet_received");
    return timed && s->msg.n > 0;
}

/* --- the whole --- */

/* Levels and brackets are what others write, too. */
static bool is_surely_text(const char *text) {
    static const char *const marks[] = {"msg: ", "mfa: ",    "[MQTT]",  "[Channel",
                                        "emqx",  "CONNECT(", "CONNACK("};
    if (read_foreign_broker(text) != NULL) return false;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strstr(text, marks[i]) != NULL) return true;
    return false;
}

static bool is_surely_json(const saying *s) {
    static const char *const words[] = {"mqtt_packet_received", "mqtt_packet_sent",
                                        "client.connected",     "client.disconnected",
                                        "client_connected",     "client_disconnected"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is(s->msg, words[i])) return true;
    return begins(s->msg, "terminate") || s->from_code;
}

static bool fits(read_wrapped *line, bool surely) {
    saying s;
    int64_t ns;
    sim_time resolution = 1;
    if (line->text[0] == '{') {
        if (!say_json(line->text, &s, &ns, &resolution) || (surely && !is_surely_json(&s)))
            return false;
    } else {
        const char *text = text_of(line->text, &ns, &resolution);
        if (text == NULL || (surely && !is_surely_text(text))) return false;
        line->text += text - line->text;
    }
    line->ns = ns;
    line->resolution = resolution;
    line->timed = true;
    line->sure = true;
    line->yearless = false;
    return true;
}

static int take_line(read_broker *b, const read_wrapped *line) {
    saying s;
    int64_t ns;
    sim_time resolution;
    bool said = line->text[0] == '{' ? say_json(line->text, &s, &ns, &resolution)
                                     : say_text(line->text, &s);
    return said ? take_saying(b, &s) : 0;
}

const read_form read_form_emqx = {
    READ_FORMAT_EMQX, "an EMQX",
    "the broker writes them at level debug, or let a rule write its events client.connected and "
    "client.disconnected as JSON lines",
    fits, take_line};
