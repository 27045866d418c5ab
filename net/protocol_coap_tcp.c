/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CoAP over TCP and TLS (RFC 8323) as a protocol of links. Stock libcoap speaks and listens; its
 * peer's bytes reach it message by message, so that what ends a connection has a name. */
#include "net/coap_stream.h"
#include "net/protocol_coap.h"
#include "sim/core/heap.h"

/* MQTT's usual one: RFC 8323 has none. */
#define ALIVE_USUAL (60 * SIM_SECOND)

typedef struct coap_tcp {
    net_link *link;
    net_coap_client *client;
    net_parts parts;
    sim_time alive_every; /* SIM_NEVER: it does not ask */
    sim_time pong_due;    /* of a Ping that was not answered yet; else SIM_NEVER */
    net_end why;          /* as the peer said */
    bool introduced;      /* its CSM came */
    bool over;
} coap_tcp;

static void end(coap_tcp *t, net_end why) {
    if (t->over) return;
    t->over = true;
    net_link_over(t->link, why);
}

/* ---- what the client tells ---- */

/* A Ping is answered within a quarter of the time that may pass in silence, as an MQTT device has
 * it with its PINGREQ. */
static void on_send(void *owner, const uint8_t *bytes, size_t n) {
    coap_tcp *t = owner;
    uint8_t code;
    size_t size;
    bool pings = net_coap_message_peek((net_span){bytes, n}, &code, &size) && code == NET_COAP_PING;
    if (pings) t->pong_due = sim_time_add(net_vkernel_now(), t->alive_every / 4);
    net_link_output(t->link, bytes, n);
}

static void on_answered(void *owner, const net_coap_response *r) {
    net_coap_tell(((coap_tcp *)owner)->link, r);
}

static void on_failed(void *owner, uint32_t tag, int error) {
    net_coap_tell_failed(((coap_tcp *)owner)->link, tag, error);
}

static void on_opened(void *owner) {
    net_link_established(((coap_tcp *)owner)->link);
}

static void on_closed(void *owner, bool late) {
    coap_tcp *t = owner;
    end(t, t->why != NET_END_NONE ? t->why : late ? NET_END_TIMEOUT : NET_END_LOST);
}

/* ---- verbs ---- */

static void *tcp_open(const net_link_setup *setup, sim_time now, net_link *link) {
    static const net_coap_client_calls calls = {on_send, on_answered, on_failed, on_opened,
                                                on_closed};
    sim_time alive_every = setup->settings->alive_every;
    coap_tcp *t = sim_malloc(sizeof *t);
    (void)now;
    if (t == NULL) return NULL;
    *t = (coap_tcp){.link = link,
                    .alive_every = alive_every == 0 ? ALIVE_USUAL : alive_every,
                    .pong_due = SIM_NEVER};
    t->client = net_coap_client_new_on_stream(setup->kernel, setup->stream, &calls, t);
    if (t->client != NULL) return t;
    sim_free(t);
    return NULL;
}

static void tcp_start(void *client, sim_time now) {
    coap_tcp *t = client;
    if (!net_coap_client_start(t->client, now, t->alive_every)) end(t, NET_END_NO_MEMORY);
}

static int tcp_ask(void *client, const net_protocol_settings *settings, sim_time now,
                   const net_ask *ask) {
    return net_coap_ask(((coap_tcp *)client)->client, settings, now, ask);
}

/* Why the peer will have ended the connection, when libcoap has read this signal (5.5, 5.6). */
static net_end reason_of(const net_coap_message *m) {
    enum { ALTERNATIVE_ADDRESS = 2, HOLD_OFF = 4 };
    net_span value;
    if (m->code == NET_COAP_ABORT) return NET_END_ABORTED;
    if (m->code != NET_COAP_RELEASE) return NET_END_NONE;
    if (net_coap_message_option(m->rest, ALTERNATIVE_ADDRESS, &value)) return NET_END_ELSEWHERE;
    return net_coap_message_option(m->rest, HOLD_OFF, &value) ? NET_END_BUSY : NET_END_CLOSED;
}

/* A CSM comes first (5.3). */
static void take(coap_tcp *t, sim_time now, net_span part) {
    net_coap_message m;
    if (!net_coap_message_read(part, &m) || (!t->introduced && m.code != NET_COAP_CSM)) {
        end(t, NET_END_PROTOCOL);
        return;
    }
    t->introduced = true;
    t->why = reason_of(&m);
    net_coap_client_input(t->client, now, part.bytes, part.n);
}

static void tcp_input(void *client, sim_time now, const uint8_t *bytes, size_t n) {
    coap_tcp *t = client;
    net_span left = {bytes, n}, part;
    int more = 1;
    if (n > 0) t->pong_due = SIM_NEVER;
    while (more == 1 && !t->over) {
        more = net_parts_next(&t->parts, &left, net_coap_message_size, NET_COAP_MESSAGE_MAX, &part);
        if (more == 1) take(t, now, part);
    }
    if (more < 0) end(t, more == SIM_ENOMEM ? NET_END_NO_MEMORY : NET_END_PROTOCOL);
}

/* A stream is refused before it is open. */
static void tcp_refused(void *client, sim_time now) {
    (void)now;
    end(client, NET_END_REFUSED);
}

static void tcp_wake(void *client, sim_time now) {
    coap_tcp *t = client;
    net_coap_client_wake(t->client, now);
    if (t->pong_due <= now) end(t, NET_END_LOST);
}

static sim_time tcp_deadline(const void *client) {
    const coap_tcp *t = client;
    return sim_time_min(net_coap_client_deadline(t->client), t->pong_due);
}

static void tcp_free(void *client) {
    coap_tcp *t = client;
    if (t == NULL) return;
    net_coap_client_free(t->client);
    net_parts_deinit(&t->parts);
    sim_free(t);
}

static const char *const plain[] = {"CoAP", "TCP", NULL};
static const char *const secured[] = {"CoAP", "TLS", NULL};

/* RFC 8323 5.3, 5.4; the rest as with datagrams */
static const char *const answers[] = {"csm", "created", "changed", "notification", "pong", NULL};

static const net_security *const securities[] = {&net_security_tls, &net_security_tls_psk, NULL};

const net_protocol net_protocol_coap_tcp = {.name = "coap-tcp",
                                            .application = "coap", /* RFC 8323 8.2 */
                                            .path_is_whole = true,
                                            .plain = plain,
                                            .secured = secured,
                                            .transport = NET_STREAM,
                                            .port = 5683, /* RFC 8323 8.1, 8.2 */
                                            .secured_port = 5684,
                                            .alive_usual = ALIVE_USUAL,
                                            .answer_limit = NET_COAP_STREAM_ANSWER_LIMIT,
                                            .answers = answers,
                                            .securities = securities,
                                            .usual_security = &net_security_tls,
                                            .open = tcp_open,
                                            .start = tcp_start,
                                            .ask = tcp_ask,
                                            .input = tcp_input,
                                            .refused = tcp_refused,
                                            .wake = tcp_wake,
                                            .deadline = tcp_deadline,
                                            .free = tcp_free,
                                            .answer_text = net_coap_answer_text};
