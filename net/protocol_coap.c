/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CoAP as a protocol of links: how each ask is put in a request of RFC 7252, and what a response
 * means. Its client is stock libcoap (net/coap_client.h). The row for datagrams. */
#include "net/protocol_coap.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "net/dialect.h"
#include "net/manifest.h"
#include "net/place.h"

static_assert((int)NET_MANIFEST_BLOCK_NAME_MAX <= NET_IDENTITY_MAX, "its name fits a query");
static_assert((int)NET_BODY_MAX == (int)NET_COAP_PAYLOAD_MAX, "what a link carries fits a message");

/* ---- up ---- */

static net_format format_of(uint16_t number) {
    switch (number) {
        case NET_COAP_FORMAT_NONE:
            return NET_FORMAT_NONE;
        case NET_COAP_FORMAT_TEXT:
            return NET_FORMAT_TEXT;
        case NET_COAP_FORMAT_OCTETS:
            return NET_FORMAT_OCTETS;
        case NET_COAP_FORMAT_SENML_CBOR:
            return NET_FORMAT_SENML_CBOR;
        default:
            return NET_FORMAT_OTHER;
    }
}

static net_answer_kind kind_of(uint8_t code) {
    switch (code) {
        case NET_COAP_SERVICE_UNAVAILABLE:
            return NET_BUSY;
        case NET_COAP_PRECONDITION_FAILED:
            return NET_OVERTAKEN;
        default:
            return code == 0 || code >> 5 == 2 ? NET_TAKEN : NET_REFUSED;
    }
}

/* 4.01 and 4.04 on what a device may do once it has registered: the registration is lost. */
static bool is_unknown(uint8_t code) {
    return code == NET_COAP_UNAUTHORIZED || code == NET_COAP_NOT_FOUND;
}

/* RFC 7252 5.9.3.4: Max-Age of a 5.03 is the number of seconds after which to try again. */
void net_coap_tell(net_link *link, const net_coap_response *r) {
    net_answer_kind kind = kind_of(r->code);
    net_link_answered(
        link, &(net_answer){.tag = r->tag,
                            .kind = kind,
                            .unasked = r->notification,
                            .unknown = is_unknown(r->code),
                            .detail = r->code,
                            .hold = kind == NET_BUSY ? (sim_time)r->max_age_s * SIM_SECOND : 0,
                            .edition = r->entity_tag,
                            .format = format_of(r->format),
                            .body = r->payload,
                            .size = r->payload_size});
}

void net_coap_tell_failed(net_link *link, uint32_t tag, int error) {
    net_link_answered(link, &(net_answer){.tag = tag, .kind = NET_UNANSWERED, .error = error});
}

static void on_answered(void *owner, const net_coap_response *r) {
    net_coap_tell(owner, r);
}

static void on_failed(void *owner, uint32_t tag, int error) {
    net_coap_tell_failed(owner, tag, error);
}

static void on_send(void *owner, const uint8_t *datagram, size_t n) {
    net_link_output(owner, datagram, n);
}

/* ---- down ---- */

static void *coap_open(const net_link_setup *setup, sim_time now, net_link *link) {
    static const net_coap_client_calls calls = {
        .send = on_send, .answered = on_answered, .failed = on_failed};
    return net_coap_client_new(setup->kernel, now, setup->stream, &calls, link);
}

static uint8_t method_of(const net_protocol_settings *settings, net_ask_kind kind) {
    switch (kind) {
        case NET_ASK_REGISTER: /* RFC 9176 5 */
            return NET_COAP_POST;
        case NET_ASK_REPORT:
            if (settings->report_reads) return NET_COAP_GET;
            return settings->report_replaces ? NET_COAP_PUT : NET_COAP_POST;
        case NET_ASK_CHANGE:
            return NET_COAP_PUT;
        default:
            return NET_COAP_GET;
    }
}

static const uint16_t format_numbers[NET_FORMATS] = {
    [NET_FORMAT_NONE] = NET_COAP_FORMAT_NONE,
    [NET_FORMAT_TEXT] = NET_COAP_FORMAT_TEXT,
    [NET_FORMAT_OCTETS] = NET_COAP_FORMAT_OCTETS,
    [NET_FORMAT_SENML_CBOR] = NET_COAP_FORMAT_SENML_CBOR,
    [NET_FORMAT_OTHER] = NET_COAP_FORMAT_NONE,
};

enum { QUERY_MAX = NET_IDENTITY_MAX + 8 };

/* NULL: none. */
static const char *query_of(const net_ask *ask, char text[QUERY_MAX]) {
    if (ask->kind == NET_ASK_REGISTER) {
        snprintf(text, QUERY_MAX, "ep=%s", ask->name);
    } else if (ask->kind == NET_ASK_BLOCK) {
        net_manifest_block_name(ask->version, ask->number, text);
    } else if (ask->kind == NET_ASK_REPORT && strchr(ask->topic, '?') != NULL) {
        return strchr(ask->topic, '?') + 1;
    } else {
        return NULL;
    }
    return text;
}

/* The topic without its query. */
static const char *path_of(const net_ask *ask, char text[NET_PLACE_MAX]) {
    size_t n = strcspn(ask->topic, "?");
    if (ask->kind != NET_ASK_REPORT || ask->topic[n] == '\0') return ask->topic;
    (void)snprintf(text, NET_PLACE_MAX, "%.*s", (int)n, ask->topic);
    return text;
}

/* ---- dialects ---- */

typedef struct saying {
    net_coap_client *client;
    const net_protocol_settings *settings;
    sim_time now;
    uint32_t tag;
    bool said;
} saying;

static int say(void *context, const net_dialect_message *m) {
    saying *s = context;
    char path[NET_DIALECT_TEXT_MAX];
    const char *query = strchr(m->topic, '?');
    if (s->said) return SIM_ESTATE; /* a report is one request */
    s->said = true;
    (void)snprintf(path, sizeof path, "%.*s", (int)strcspn(m->topic, "?"), m->topic);
    const net_coap_request request = {
        .method = m->method != 0 ? m->method : method_of(s->settings, NET_ASK_REPORT),
        .path = path,
        .query = query != NULL ? query + 1 : NULL,
        .format = m->format,
        .accepts = m->accept != NET_COAP_FORMAT_NONE,
        .accept = m->accept,
        .payload = m->payload,
        .payload_size = m->size,
        .unanswered = s->settings->assurance == NET_AT_MOST_ONCE,
        .tag = s->tag};
    return net_coap_client_request(s->client, s->now, &request);
}

static int report_in_dialect(net_coap_client *client, const net_protocol_settings *settings,
                             sim_time now, const net_ask *ask) {
    net_senml_pack pack;
    const net_backend *b = settings->backend;
    const net_credentials *who = ask->who;
    saying s = {.client = client, .settings = settings, .now = now, .tag = ask->tag};
    int error = net_senml_read(ask->body, ask->size, &pack);
    if (error != 0) return error;
    const net_dialect_words w = {
        .device = who->identity,
        .number = who->number,
        .model = settings->model,
        .host = b->host,
        .user_name = who->user_name != NULL ? who->user_name : b->user_name,
        .password = who->user_name != NULL ? who->password : b->password,
        .time_ms = (now + b->epoch) / SIM_MILLISECOND,
        .readings = &pack,
        .body = ask->body,
        .body_size = ask->size};
    error = b->dialect->calls->speak(b->dialect, NET_DIALECT_REPORTS, &w, say, &s);
    return error == 0 && !s.said ? SIM_ELIBRARY : error; /* it has no word for this device */
}

int net_coap_ask(net_coap_client *client, const net_protocol_settings *settings, sim_time now,
                 const net_ask *ask) {
    const net_backend *b = settings->backend;
    if (ask->kind == NET_ASK_REPORT && b != NULL && b->dialect != NULL && ask->who != NULL)
        return report_in_dialect(client, settings, now, ask);
    char query[QUERY_MAX], path[NET_PLACE_MAX];
    const bool reads = ask->kind == NET_ASK_REPORT && settings->report_reads;
    const net_coap_request request = {
        .method = method_of(settings, ask->kind),
        .observe = ask->kind == NET_ASK_FOLLOW,
        .path = path_of(ask, path),
        .query = query_of(ask, query),
        .format = format_numbers[reads ? NET_FORMAT_NONE : ask->format],
        .payload = ask->body,
        .payload_size = reads ? 0 : ask->size,
        .if_match = ask->edition,
        .unanswered = ask->kind == NET_ASK_REPORT && settings->assurance == NET_AT_MOST_ONCE,
        .tag = ask->tag};
    return net_coap_client_request(client, now, &request);
}

static int coap_ask(void *client, const net_protocol_settings *settings, sim_time now,
                    const net_ask *ask) {
    return net_coap_ask(client, settings, now, ask);
}

static void coap_input(void *client, sim_time now, const uint8_t *bytes, size_t n) {
    net_coap_client_input(client, now, bytes, n);
}

static void coap_refused(void *client, sim_time now) {
    net_coap_client_refused(client, now);
}

static void coap_wake(void *client, sim_time now) {
    net_coap_client_wake(client, now);
}

static sim_time coap_deadline(const void *client) {
    return net_coap_client_deadline(client);
}

static void coap_free(void *client) {
    net_coap_client_free(client);
}

static const char *const plain[] = {"CoAP", NULL};
static const char *const secured[] = {"CoAP", "DTLS", NULL};

/* RFC 7252 12.1.2, RFC 7959 2.9, RFC 8132 4, RFC 8516 7. */
const char *net_coap_answer_text(uint16_t detail) {
    static const char *const names[] = {
        [NET_COAP_CREATED] = "2.01 Created",
        [NET_COAP_CODE(2, 2)] = "2.02 Deleted",
        [NET_COAP_CODE(2, 3)] = "2.03 Valid",
        [NET_COAP_CHANGED] = "2.04 Changed",
        [NET_COAP_CONTENT] = "2.05 Content",
        [NET_COAP_CODE(2, 31)] = "2.31 Continue",
        [NET_COAP_BAD_REQUEST] = "4.00 Bad Request",
        [NET_COAP_UNAUTHORIZED] = "4.01 Unauthorized",
        [NET_COAP_CODE(4, 2)] = "4.02 Bad Option",
        [NET_COAP_FORBIDDEN] = "4.03 Forbidden",
        [NET_COAP_NOT_FOUND] = "4.04 Not Found",
        [NET_COAP_METHOD_NOT_ALLOWED] = "4.05 Method Not Allowed",
        [NET_COAP_CODE(4, 6)] = "4.06 Not Acceptable",
        [NET_COAP_CODE(4, 8)] = "4.08 Request Entity Incomplete",
        [NET_COAP_CODE(4, 9)] = "4.09 Conflict",
        [NET_COAP_PRECONDITION_FAILED] = "4.12 Precondition Failed",
        [NET_COAP_CODE(4, 13)] = "4.13 Request Entity Too Large",
        [NET_COAP_CODE(4, 15)] = "4.15 Unsupported Content-Format",
        [NET_COAP_CODE(4, 22)] = "4.22 Unprocessable Entity",
        [NET_COAP_CODE(4, 29)] = "4.29 Too Many Requests",
        [NET_COAP_CODE(5, 0)] = "5.00 Internal Server Error",
        [NET_COAP_CODE(5, 1)] = "5.01 Not Implemented",
        [NET_COAP_CODE(5, 2)] = "5.02 Bad Gateway",
        [NET_COAP_SERVICE_UNAVAILABLE] = "5.03 Service Unavailable",
        [NET_COAP_CODE(5, 4)] = "5.04 Gateway Timeout",
        [NET_COAP_CODE(5, 5)] = "5.05 Proxying Not Supported",
    };
    return detail < sizeof names / sizeof *names ? names[detail] : NULL;
}

/* RFC 7252 12.1.2, RFC 7641 */
static const char *const answers[] = {"created", "changed", "notification", NULL};

static const net_security *const securities[] = {&net_security_dtls, NULL};

const net_protocol net_protocol_coap = {.answer_text = net_coap_answer_text,
                                        .name = "coap",
                                        .application = "coap",
                                        .path_is_whole = true,
                                        .plain = plain,
                                        .secured = secured,
                                        .transport = NET_DATAGRAMS,
                                        .port = 5683, /* RFC 7252 6.1, 6.2 */
                                        .secured_port = 5684,
                                        /* MAX_TRANSMIT_WAIT, RFC 7252 4.8.2 */
                                        .answer_limit = 93 * SIM_SECOND,
                                        .answers = answers,
                                        .securities = securities,
                                        .usual_security = &net_security_dtls,
                                        .open = coap_open,
                                        .ask = coap_ask,
                                        .input = coap_input,
                                        .refused = coap_refused,
                                        .wake = coap_wake,
                                        .deadline = coap_deadline,
                                        .free = coap_free};
