/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TCP: a SYN is an attempt (the same sequence number again is a retransmission, also shortly after
 * a RST); the first bytes of the client tell MQTT, TLS and CoAP from each other; a CONNACK, a
 * handshake that was finished, a response, or bytes of a protocol that is not known make it online.
 * RFC 9293, 5246, 8446, 8323, OASIS MQTT 3.1.1 and 5. */
#include "sim/core/heap.h"
#include "sim/read/capture.h"

/* a client that closes sooner after its last words did not wait for an answer to them */
static const sim_time answer_awaited = SIM_SECOND;

/* Windows sends a SYN that met a RST three times, half a second apart; no client of its own accord
 * takes port and sequence number again so soon. */
static const sim_time asks_again = 3 * SIM_SECOND;

/* --- what was said --- */

static int client_said(read_capture *c, read_flow *f) {
    read_dialogue *d = f->dialogue;
    unsigned said = d->words.said;
    int error = 0;
    if (d->client.language == READ_LANGUAGE_MQTT) f->speaks = READ_SPEAKS_MQTT;
    if (d->client.language == READ_LANGUAGE_TLS) f->speaks = READ_SPEAKS_TLS;
    if (d->client.language == READ_LANGUAGE_COAP) f->speaks = READ_SPEAKS_COAP;
    if ((said & (READ_SAID_CONNECT | READ_SAID_IDENTITY)) != 0)
        error = read_flow_identify(c, f, d->words.identity, d->words.identity_length);
    if ((said & READ_SAID_GOODBYE) != 0) f->goodbye = true;
    if (f->sealed && (said & READ_SAID_SEALED) != 0) f->confirmed = true;
    return error;
}

/* TLS 1.2: the server changes to encryption when it is content; 1.3: it does so at once, and only
 * what it sends after the client's own encrypted bytes shows that both are. */
static void server_said_tls(read_capture *c, read_flow *f, unsigned said) {
    bool was_confirmed = f->confirmed;
    if ((said & READ_SAID_13) != 0) f->sealed = true;
    bool done = f->sealed ? was_confirmed && (said & READ_SAID_SEALED) != 0
                          : (said & READ_SAID_CHANGE) != 0;
    if ((said & READ_SAID_ALERT) != 0)
        read_flow_settle(c, f, RECORD_OUTCOME_REFUSED);
    else if (done)
        read_flow_settle(c, f, RECORD_OUTCOME_ONLINE);
}

/* Its CSM says that it is there, its first response whether it lets the client in. */
static void server_said_coap(read_capture *c, read_flow *f, const read_words *w) {
    if ((w->said & READ_SAID_RESPONSE) != 0 && !f->online)
        read_flow_settle(c, f, read_coap_outcome(w->code));
    else if ((w->said & READ_SAID_GOODBYE) != 0 && !f->online)
        read_flow_settle(c, f, RECORD_OUTCOME_REFUSED);
}

static void server_said(read_capture *c, read_flow *f) {
    const read_words *w = &f->dialogue->words;
    if (f->speaks == READ_SPEAKS_TLS)
        server_said_tls(c, f, w->said);
    else if (f->speaks == READ_SPEAKS_MQTT && (w->said & READ_SAID_CONNACK) != 0)
        read_flow_settle(c, f, read_connack(w->code));
    else if (f->speaks == READ_SPEAKS_COAP)
        server_said_coap(c, f, w);
    else if (f->speaks == READ_SPEAKS_UNKNOWN)
        read_flow_settle(c, f, RECORD_OUTCOME_ONLINE);
}

/* --- streams --- */

typedef struct side {
    read_capture *capture;
    read_flow *flow;
} side;

static int client_sink(void *context, record_dtls_span bytes, size_t hole) {
    side *s = context;
    read_dialogue *d = s->flow->dialogue;
    d->words = (read_words){0};
    int error = read_talk_take(&d->client, bytes, hole, &d->words);
    return error == 0 ? client_said(s->capture, s->flow) : error;
}

static int server_sink(void *context, record_dtls_span bytes, size_t hole) {
    side *s = context;
    read_dialogue *d = s->flow->dialogue;
    static const read_language languages[] = {[READ_SPEAKS_UNKNOWN] = READ_LANGUAGE_OTHER,
                                              [READ_SPEAKS_MQTT] = READ_LANGUAGE_MQTT,
                                              [READ_SPEAKS_TLS] = READ_LANGUAGE_TLS,
                                              [READ_SPEAKS_COAP] = READ_LANGUAGE_COAP};
    d->words = (read_words){0};
    read_talk_expect(&d->server, languages[s->flow->speaks]);
    int error = read_talk_take(&d->server, bytes, hole, &d->words);
    if (error == 0) server_said(s->capture, s->flow);
    return error;
}

static int begin_dialogue(read_flow *f) {
    read_dialogue *d = sim_calloc(1, sizeof *d);
    if (d == NULL) return SIM_ENOMEM;
    read_stream_begin(&d->client_stream, (uint32_t)f->tag + 1);
    if (f->accepted) read_stream_begin(&d->server_stream, f->server_next);
    f->dialogue = d;
    return 0;
}

/* Whether the rest of what is said matters: of MQTT the client's goodbye does, to the end. */
static bool is_settled(const read_capture *c, const read_flow *f) {
    bool told = f->online ||
                (!f->again && c->log->attempts.items[f->attempt].outcome != RECORD_OUTCOME_NONE);
    const read_dialogue *d = f->dialogue;
    if (f->speaks == READ_SPEAKS_TLS) return told && (f->sealed || d->client.changed);
    return f->speaks == READ_SPEAKS_UNKNOWN && told && d->client.language == READ_LANGUAGE_OTHER;
}

/* What the client said before the server answered may have been captured after it. */
static int hold_server(side *s, const read_packet *p) {
    read_dialogue *d = s->flow->dialogue;
    bool untold = d->client.language == READ_LANGUAGE_UNTOLD;
    if (!untold)
        return d->server_stream.held ? read_stream_flow(&d->server_stream, server_sink, s) : 0;
    bool answers =
        (p->flags & READ_ACK) != 0 && read_stream_unseen(&d->client_stream, p->confirmed) > 0;
    if (answers && p->payload.n > 0) d->server_stream.held = true;
    return 0;
}

static int take_segment(side *s, const read_packet *p, bool from_client) {
    read_dialogue *d = s->flow->dialogue;
    const read_segment segment = {p->sequence, p->payload, p->missing};
    read_stream *own = from_client ? &d->client_stream : &d->server_stream,
                *other = from_client ? &d->server_stream : &d->client_stream;
    int error = from_client ? 0 : hold_server(s, p);
    if (error == 0 && p->payload.n + p->missing > 0)
        error = read_stream_take(own, &segment, from_client ? client_sink : server_sink, s);
    if (error == 0 && (p->flags & READ_ACK) != 0)
        error =
            read_stream_confirm(other, p->confirmed, from_client ? server_sink : client_sink, s);
    return error == 0 && from_client ? hold_server(s, p) : error;
}

static int flush(side *s) {
    read_dialogue *d = s->flow->dialogue;
    int error = read_stream_flush(&d->client_stream, client_sink, s);
    return error == 0 ? read_stream_flush(&d->server_stream, server_sink, s) : error;
}

static size_t waiting_in(const read_dialogue *d) {
    return d->client_stream.bytes + d->server_stream.bytes;
}

static int take_bytes(read_capture *c, read_flow *f, const read_packet *p, bool from_client) {
    side s = {c, f};
    bool ends = (p->flags & (READ_FIN | READ_RST)) != 0;
    if (f->heard || (f->dialogue == NULL && p->payload.n + p->missing == 0)) return 0;
    int error = f->dialogue == NULL ? begin_dialogue(f) : 0;
    if (error != 0) return error;
    size_t before = waiting_in(f->dialogue);
    error = take_segment(&s, p, from_client);
    if (error == 0 && (ends || c->waiting > READ_WAITING_MAX)) error = flush(&s);
    c->waiting += waiting_in(f->dialogue);
    c->waiting -= before;
    if (is_settled(c, f)) read_flow_hush(c, f);
    return error;
}

/* --- packets --- */

static int take_syn(read_capture *c, const read_packet *p) {
    bool from_client;
    int error;
    read_flow *f = read_flow_of(c, p, &from_client);
    bool same = f != NULL && from_client && f->tag == p->sequence;
    if (same && (!f->ended || (!f->accepted && c->now - f->latest <= asks_again))) {
        f->again = f->again || f->ended;
        f->heard = f->ended = false;
        f->latest = c->now;
        read_flow_prove(c, f);
        return 0;
    }
    f = read_flow_begin(c, p, READ_SPEAKS_UNKNOWN, p->sequence, &error);
    if (f != NULL) f->client_next = p->sequence + 1;
    return error;
}

/* A client that acknowledges has heard of the server, whether or not the capture has: where it has
 * not, nothing is known of what the server said. */
static void note_one_way(read_capture *c, read_flow *f, const read_packet *p) {
    if (f->one_way || f->accepted || (p->flags & (READ_ACK | READ_RST)) != READ_ACK) return;
    f->one_way = true;
    c->log->one_way[f->service]++;
}

static void take_accepted(read_capture *c, read_flow *f, const read_packet *p) {
    if (!f->accepted) read_flow_answered(c, f);
    /* several queues of a network card: what came first is captured second */
    c->log->one_way[f->service] -= f->one_way;
    f->one_way = false;
    f->accepted = true;
    f->server_next = p->sequence + 1;
}

/* A client that sends something new is there; what it only repeats may be a socket's that it has
 * long since given up. */
static void note_sent(read_capture *c, read_flow *f, const read_packet *p) {
    uint32_t end = p->sequence + (uint32_t)(p->payload.n + p->missing);
    if ((int32_t)(end - f->client_next) <= 0) return;
    f->client_next = end;
    read_flow_prove(c, f);
}

/* A client that closes, or aborts as small stacks do in place of it, ends what it came for, unless
 * it waits in vain for an answer; one that knows nothing of the connection any more answers with a
 * RST that acknowledges nothing (RFC 9293 3.10.7.1). A server of a protocol that is not known may
 * close after its answer, as HTTP's do. */
static bool says_goodbye(const read_capture *c, const read_flow *f, const read_packet *p,
                         bool from_client) {
    bool resets = (p->flags & READ_RST) != 0, closes = !resets && (p->flags & READ_FIN) != 0,
         aborts = resets && (p->flags & READ_ACK) != 0;
    if (from_client && (closes || aborts))
        return f->asked == 0 || c->now - f->asked < answer_awaited;
    return !from_client && closes && f->speaks == READ_SPEAKS_UNKNOWN && f->online;
}

int read_capture_tcp(read_capture *c, const read_packet *p) {
    bool from_client;
    if ((p->flags & (READ_SYN | READ_ACK)) == READ_SYN) return take_syn(c, p);
    read_flow *f = read_flow_of(c, p, &from_client);
    if (f == NULL && (p->flags & READ_SYN) != 0)
        c->log->answers_alone += read_flow_is_wanted(c, p->source.port);
    if (f == NULL || f->ended) return 0;
    if ((p->flags & READ_SYN) != 0) {
        if (!from_client) take_accepted(c, f, p);
        return 0;
    }
    if (from_client) note_one_way(c, f, p);
    bool speaks = p->payload.n + p->missing > 0, closes = (p->flags & (READ_RST | READ_FIN)) != 0;
    int error = take_bytes(c, f, p, from_client);
    if (speaks && from_client) note_sent(c, f, p);
    if (!f->accepted && !from_client) read_flow_answered(c, f);
    if (speaks) f->asked = from_client ? c->now : 0;
    if (says_goodbye(c, f, p, from_client)) f->goodbye = true;
    return error == 0 && closes ? read_flow_end(c, f, !from_client) : error;
}
