/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/coap_client.h"

#include <string.h>

#include "net/coap_stream.h"
#include "net/coap_wire.h"
#include "sim/core/heap.h"

/* EXCHANGE_LIFETIME of RFC 7252 4.8.2. libcoap stops its clock when an empty acknowledgement
 * promises a separate response, which may never come. */
#define ANSWER_LIMIT (247 * SIM_SECOND)

/* RFC 7641 3.4: after this time a notification counts as fresh whatever its number. */
#define FRESH_AFTER (128 * SIM_SECOND)

enum exchange_state {
    WAITING,  /* libcoap sends it, or keeps it until its turn (NSTART 1) */
    PROMISED, /* it has arrived; the response comes by itself until `time` */
    SENT,     /* none is wanted; that it was sent is told at `time` */
    OBSERVING /* answered; notifications follow, the latest at `time` */
};

typedef struct exchange {
    uint64_t token;
    sim_time time;
    uint32_t tag;
    uint32_t sequence; /* Observe option of the latest notification */
    uint16_t mid;
    uint8_t state; /* enum exchange_state */
    bool observe;  /* asked for notifications */
} exchange;

typedef struct exchange_list {
    uint32_t count;
    uint32_t capacity;
    exchange list[];
} exchange_list;

/* A fleet has one of these per device, so what libcoap or the virtual kernel know is not kept a
 * second time. */
struct net_coap_client {
    net_vkernel *kernel;
    const net_coap_client_calls *calls;
    void *owner;
    sim_stream *stream;
    coap_session_t *session;  /* knows the context */
    exchange_list *exchanges; /* NULL before the first request */
    net_node node;
    uint16_t last_response; /* message ID of the last confirmable response ... */
    bool responded : 1;     /* ... if there was one, ... */
    bool accepted : 1;      /* ... and whether it was acknowledged or reset */
    bool inside : 1;        /* the library is running */
    bool closing : 1;
    bool on_stream : 1;
    bool established : 1; /* of a stream: the peer's CSM came */
};
_Static_assert(sizeof(struct net_coap_client) == 56, "every byte is a megabyte in a large fleet");

/* ---- The list of exchanges: few at a time, so it is walked ---- */

static uint64_t token_of(const coap_pdu_t *pdu) {
    coap_bin_const_t token = coap_pdu_get_token(pdu);
    return coap_decode_var_bytes8(token.s, token.length);
}

static exchange *first(const net_coap_client *c) {
    return c->exchanges == NULL ? NULL : c->exchanges->list;
}

static exchange *end(const net_coap_client *c) {
    return c->exchanges == NULL ? NULL : c->exchanges->list + c->exchanges->count;
}

static exchange *find(const net_coap_client *c, uint64_t token) {
    for (exchange *e = first(c); e < end(c); e++) {
        if (e->token == token) return e;
    }
    return NULL;
}

static void drop(net_coap_client *c, exchange *e) {
    *e = c->exchanges->list[--c->exchanges->count];
}

static exchange *append(net_coap_client *c) {
    exchange_list *list = c->exchanges;
    if (list == NULL || list->count == list->capacity) {
        uint32_t count = list == NULL ? 0 : list->count;
        uint32_t capacity = list == NULL ? 1 : 2 * list->capacity;
        list = sim_realloc(list, sizeof *list + capacity * sizeof *list->list);
        if (list == NULL) return NULL;
        *list = (exchange_list){.count = count, .capacity = capacity};
        c->exchanges = list;
    }
    return &list->list[list->count++];
}

/* ---- Between the library and the owner ---- */

static void output(void *owner, uint32_t peer, const uint8_t *data, size_t n) {
    net_coap_client *c = owner;
    (void)peer;
    if (!c->closing) c->calls->send(c->owner, data, n);
}

static bool is_fresh(const exchange *e, uint32_t sequence, sim_time now) {
    const uint32_t half = 1 << 23; /* sequence numbers have 24 bits */
    if (e->time + FRESH_AFTER < now) return true;
    return (e->sequence < sequence && sequence - e->sequence < half) ||
           (e->sequence > sequence && e->sequence - sequence > half);
}

static void tell(net_coap_client *c, uint32_t tag, bool notification, const coap_pdu_t *received) {
    net_coap_response response = {
        .tag = tag,
        .code = (uint8_t)coap_pdu_get_code(received),
        .notification = notification,
        .max_age_s = net_coap_option_uint(received, COAP_OPTION_MAXAGE, NET_COAP_MAX_AGE_DEFAULT),
        .format = NET_COAP_FORMAT_NONE,
        .entity_tag = net_coap_option_uint(received, COAP_OPTION_ETAG, 0),
    };
    uint32_t format =
        net_coap_option_uint(received, COAP_OPTION_CONTENT_FORMAT, NET_COAP_FORMAT_NONE);
    if (format < NET_COAP_FORMAT_NONE) response.format = (uint16_t)format;
    coap_get_data(received, &response.payload_size, &response.payload);
    c->calls->answered(c->owner, &response);
}

/* A response or notification whose token we know. */
static void accept_response(net_coap_client *c, exchange *e, const coap_pdu_t *received) {
    const uint32_t none = UINT32_MAX;
    uint32_t sequence = net_coap_option_uint(received, COAP_OPTION_OBSERVE, none);
    bool goes_on = e->observe && sequence != none && coap_pdu_get_code(received) >> 5 == 2;
    bool notification = e->state == OBSERVING;
    bool stale = notification && goes_on && !is_fresh(e, sequence, net_vkernel_now());
    uint32_t tag = e->tag;
    if (stale) return;
    if (goes_on) {
        e->state = OBSERVING;
        e->sequence = sequence;
        e->time = net_vkernel_now();
    } else {
        drop(c, e);
    }
    tell(c, tag, notification, received);
}

static coap_response_t on_response(coap_session_t *session, const coap_pdu_t *sent,
                                   const coap_pdu_t *received, const coap_mid_t mid) {
    net_coap_client *c = coap_session_get_app_data(session);
    (void)sent;
    coap_pdu_type_t type = coap_pdu_get_type(received);
    exchange *e = find(c, token_of(received));
    if (type == COAP_MESSAGE_CON) {
        c->last_response = (uint16_t)mid;
        c->responded = true;
        c->accepted = e != NULL;
    }
    if (e != NULL) accept_response(c, e, received);
    /* What nobody asked for is reset (RFC 7641 3.6: so a server learns that an observer lost its
     * memory); an acknowledgement never is (RFC 7252 4.2). */
    return e != NULL || type == COAP_MESSAGE_ACK ? COAP_RESPONSE_OK : COAP_RESPONSE_FAIL;
}

static void fail(net_coap_client *c, exchange *e, int error) {
    uint32_t tag = e->tag;
    drop(c, e);
    c->calls->failed(c->owner, tag, error);
}

static void on_nack(coap_session_t *session, const coap_pdu_t *sent,
                    const coap_nack_reason_t reason, const coap_mid_t mid) {
    net_coap_client *c = coap_session_get_app_data(session);
    (void)mid;
    exchange *e = c->closing ? NULL : find(c, token_of(sent));
    if (e == NULL || e->state == OBSERVING) return;
    fail(c, e,
         reason == COAP_NACK_RST          ? SIM_ECLOSED
         : reason == COAP_NACK_ICMP_ISSUE ? SIM_EUNREACHABLE
                                          : SIM_ETIMEOUT);
}

/* ---- Life ---- */

/* Of a stream: libcoap ends a session that was never established when no CSM came in time, or the
 * peer wanted none. */
static int on_event(coap_session_t *session, const coap_event_t event) {
    net_coap_client *c = coap_session_get_app_data(session);
    if (c == NULL || c->closing) return 0;
    if (event == COAP_EVENT_SESSION_CONNECTED) {
        c->established = true;
        c->calls->opened(c->owner);
    } else if (event == COAP_EVENT_SESSION_CLOSED || event == COAP_EVENT_SESSION_FAILED) {
        c->calls->closed(c->owner, event == COAP_EVENT_SESSION_FAILED);
    }
    return 0;
}

static bool open_endpoint(net_coap_client *c, unsigned alive_s) {
    coap_address_t server = net_coap_virtual_address(0);
    coap_context_t *context = coap_new_context(NULL);
    if (context == NULL) return false;
    coap_register_response_handler(context, on_response);
    coap_register_nack_handler(context, on_nack);
    if (c->on_stream) {
        coap_register_event_handler(context, on_event);
        coap_context_set_csm_max_message_size(context, NET_COAP_MESSAGE_MAX);
        coap_context_set_keepalive(context, alive_s);
    }
    c->session = coap_new_client_session(context, NULL, &server,
                                         c->on_stream ? COAP_PROTO_TCP : COAP_PROTO_UDP);
    if (c->session == NULL) {
        coap_free_context(context);
        return false;
    }
    coap_session_set_app_data(c->session, c);
    /* Tokens that a message to an earlier boot of this device will hardly match (RFC 7252 5.3.1).
     */
    uint8_t token[4];
    coap_prng(token, sizeof token);
    coap_session_init_token(c->session, sizeof token, token);
    return true;
}

static net_coap_client *make(net_vkernel *k, bool on_stream, sim_stream *stream,
                             const net_coap_client_calls *calls, void *owner) {
    net_coap_prepare_library();
    net_coap_client *c = sim_malloc(sizeof *c);
    if (c == NULL) return NULL;
    *c = (net_coap_client){
        .kernel = k, .calls = calls, .owner = owner, .stream = stream, .on_stream = on_stream};
    if (net_vkernel_open(k, c, output, &c->node) == 0) return c;
    sim_free(c);
    return NULL;
}

net_coap_client *net_coap_client_new(net_vkernel *k, sim_time now, sim_stream *stream,
                                     const net_coap_client_calls *calls, void *owner) {
    net_coap_client *c = make(k, false, stream, calls, owner);
    if (c == NULL) return NULL;
    net_vkernel_scope previous = net_vkernel_enter(k, c->node, now, stream);
    bool opened = open_endpoint(c, 0);
    net_vkernel_leave(previous);
    if (opened) return c;
    net_coap_client_free(c);
    return NULL;
}

net_coap_client *net_coap_client_new_on_stream(net_vkernel *k, sim_stream *stream,
                                               const net_coap_client_calls *calls, void *owner) {
    return make(k, true, stream, calls, owner);
}

static void step(net_coap_client *c, sim_time now, const uint8_t *bytes, size_t n, bool refused);

/* The step sets libcoap's timer. */
bool net_coap_client_start(net_coap_client *c, sim_time now, sim_time alive_every) {
    sim_time alive_s = alive_every == SIM_NEVER ? 0 : alive_every / SIM_SECOND;
    net_vkernel_scope previous = net_vkernel_enter(c->kernel, c->node, now, c->stream);
    bool opened = open_endpoint(c, (unsigned)sim_time_min(alive_s, UINT32_MAX));
    net_vkernel_leave(previous);
    if (opened) step(c, now, NULL, 0, false);
    return opened;
}

void net_coap_client_free(net_coap_client *c) {
    if (c == NULL) return;
    SIM_PROMISE(!c->inside);
    c->closing = true;
    net_vkernel_scope previous = net_vkernel_enter(c->kernel, c->node, 0, c->stream);
    coap_free_context(coap_session_get_context(c->session)); /* NULL is fine */
    net_vkernel_leave(previous);
    net_vkernel_close(c->kernel, c->node);
    sim_free(c->exchanges);
    sim_free(c);
}

/* ---- Requests ---- */

/* Bytes that `text`, cut at each `mark`, takes as repeated options; SIZE_MAX when a piece is too
 * long for one (RFC 7252 5.10). */
static size_t pieces_size(const char *text, const char *mark) {
    size_t size = 0;
    while (text != NULL && *text != '\0') {
        size_t n = strcspn(text, mark);
        if (n > 255) return SIZE_MAX;
        size += n + 3;
        text += text[n] == '\0' ? n : n + 1;
    }
    return size;
}

static bool add_pieces(coap_pdu_t *pdu, coap_option_num_t number, const char *text,
                       const char *mark) {
    while (text != NULL && *text != '\0') {
        size_t n = strcspn(text, mark);
        if (coap_add_option(pdu, number, n, (const uint8_t *)text) == 0) return false;
        text += text[n] == '\0' ? n : n + 1;
    }
    return true;
}

static bool fits(const net_coap_client *c, const net_coap_request *r) {
    /* token, If-Match, Observe, Content-Format, Accept, No-Response, payload marker */
    const size_t fixed = 8 + 5 + 3 + 4 + 4 + 4 + 1;
    size_t path = pieces_size(r->path, "/");
    size_t query = pieces_size(r->query, "&");
    if (path == SIZE_MAX || query == SIZE_MAX || r->payload_size > NET_COAP_PAYLOAD_MAX)
        return false;
    return fixed + path + query + r->payload_size <= coap_session_max_pdu_size(c->session);
}

/* RFC 7967 2.1: neither 2.xx nor 4.xx nor 5.xx is of interest. */
enum { NO_RESPONSE = 2 | 8 | 16 };

static bool fill(coap_pdu_t *pdu, const net_coap_request *r, const uint8_t *token,
                 size_t token_size) {
    return coap_add_token(pdu, token_size, token) &&
           (r->if_match == 0 || net_coap_add_uint(pdu, COAP_OPTION_IF_MATCH, r->if_match)) &&
           (!r->observe || net_coap_add_uint(pdu, COAP_OPTION_OBSERVE, COAP_OBSERVE_ESTABLISH)) &&
           add_pieces(pdu, COAP_OPTION_URI_PATH, r->path, "/") &&
           (r->format == NET_COAP_FORMAT_NONE ||
            net_coap_add_uint(pdu, COAP_OPTION_CONTENT_FORMAT, r->format)) &&
           add_pieces(pdu, COAP_OPTION_URI_QUERY, r->query, "&") &&
           (!r->accepts || net_coap_add_uint(pdu, COAP_OPTION_ACCEPT, r->accept)) &&
           (!r->unanswered || net_coap_add_uint(pdu, COAP_OPTION_NORESPONSE, NO_RESPONSE)) &&
           (r->payload_size == 0 || coap_add_data(pdu, r->payload_size, r->payload));
}

static bool anything_waits(const net_coap_client *c) {
    for (exchange *e = first(c); e < end(c); e++) {
        if (e->state == WAITING) return true;
    }
    return false;
}

/* Hands the message to libcoap, which owns it from here on. */
static int hand_over(net_coap_client *c, coap_pdu_t *pdu, uint64_t token) {
    if (coap_send(c->session, pdu) != COAP_INVALID_MID) return 0;
    exchange *e = find(c, token);
    if (e != NULL) drop(c, e);
    /* Out of memory after the datagram had left: libcoap 4.3.1 then counts the message as
     * outstanding for ever, and NSTART 1 lets no other pass. */
    if (!c->on_stream && !anything_waits(c))
        coap_session_disconnected(c->session, COAP_NACK_NOT_DELIVERABLE);
    return SIM_ENOMEM;
}

/* That it was sent is told in a later instant than it is asked in. */
static sim_time due_of(const net_coap_client *c, const net_coap_request *r) {
    if (r->unanswered) return net_vkernel_now() + 1;
    return c->on_stream ? sim_time_add(net_vkernel_now(), NET_COAP_STREAM_ANSWER_LIMIT) : SIM_NEVER;
}

static int send_request(net_coap_client *c, const net_coap_request *r) {
    if (c->on_stream && !c->established) return SIM_ESTATE;
    if (!fits(c, r)) return SIM_ERANGE;
    coap_pdu_t *pdu = coap_new_pdu(r->unanswered ? COAP_MESSAGE_NON : COAP_MESSAGE_CON,
                                   (coap_pdu_code_t)r->method, c->session);
    if (pdu == NULL) return SIM_ENOMEM;
    uint8_t token[8];
    size_t token_size;
    coap_session_new_token(c->session, &token_size, token);
    exchange *e = fill(pdu, r, token, token_size) ? append(c) : NULL;
    if (e == NULL) {
        coap_delete_pdu(pdu);
        return SIM_ENOMEM;
    }
    uint64_t number = coap_decode_var_bytes8(token, token_size);
    *e = (exchange){.token = number,
                    .time = due_of(c, r),
                    .tag = r->tag,
                    .mid = (uint16_t)coap_pdu_get_mid(pdu),
                    .state = r->unanswered  ? SENT
                             : c->on_stream ? PROMISED
                                            : WAITING,
                    .observe = r->observe && r->method == NET_COAP_GET};
    return hand_over(c, pdu, number);
}

int net_coap_client_request(net_coap_client *c, sim_time now, const net_coap_request *request) {
    bool outermost = !c->inside;
    net_vkernel_scope previous = net_vkernel_enter(c->kernel, c->node, now, c->stream);
    c->inside = true;
    int error = send_request(c, request);
    if (outermost) {
        /* libcoap's timer may point too late after coap_send when older messages wait; this sets it
         * right. */
        coap_tick_t ticks;
        coap_ticks(&ticks);
        coap_io_prepare_epoll(coap_session_get_context(c->session), ticks);
        c->inside = false;
    }
    net_vkernel_leave(previous);
    return error;
}

/* ---- Input and time ---- */

/* One step of libcoap's I/O; `datagram` may be NULL. */
static void step(net_coap_client *c, sim_time now, const uint8_t *datagram, size_t n,
                 bool refused) {
    SIM_PROMISE(!c->inside);
    net_vkernel_scope previous = net_vkernel_enter(c->kernel, c->node, now, c->stream);
    if (datagram != NULL) net_vkernel_arrive(0, datagram, n);
    if (refused) net_vkernel_refused();
    c->inside = true;
    net_coap_step(coap_session_get_context(c->session));
    c->inside = false;
    net_vkernel_leave(previous);
}

/* libcoap 4.3.1 throws a duplicate of a confirmable response away without acknowledging it, so a
 * server whose acknowledgement was lost would never get one, and give the observer up. RFC 7252 4.2
 * asks for the same answer again. */
static bool answer_duplicate(net_coap_client *c, const net_coap_header *h) {
    if (h->type != NET_COAP_CON || h->code >> 5 < 2 || !c->responded || h->mid != c->last_response)
        return false;
    uint8_t empty[NET_COAP_HEADER_SIZE];
    net_coap_header_empty(c->accepted ? NET_COAP_ACK : NET_COAP_RST, h->mid, empty);
    c->calls->send(c->owner, empty, sizeof empty);
    return true;
}

static void note_acknowledgement(net_coap_client *c, sim_time now, const net_coap_header *h) {
    if (h->type != NET_COAP_ACK) return;
    for (exchange *e = first(c); e < end(c); e++) {
        if (e->state != WAITING || e->mid != h->mid) continue;
        e->state = PROMISED;
        e->time = sim_time_add(now, ANSWER_LIMIT);
    }
}

void net_coap_client_input(net_coap_client *c, sim_time now, const uint8_t *datagram, size_t n) {
    net_coap_header header;
    if (!c->on_stream && net_coap_header_read(datagram, n, &header)) {
        if (net_coap_header_is_signal(&header) || answer_duplicate(c, &header)) return;
        note_acknowledgement(c, now, &header);
    }
    step(c, now, datagram, n, false);
}

static exchange *overdue(net_coap_client *c, enum exchange_state state, sim_time now) {
    for (exchange *e = first(c); e < end(c); e++) {
        if (e->state == state && e->time <= now) return e;
    }
    return NULL;
}

static void tell_sent(net_coap_client *c, sim_time now) {
    for (exchange *e = overdue(c, SENT, now); e != NULL; e = overdue(c, SENT, now)) {
        const net_coap_response sent = {.tag = e->tag, .format = NET_COAP_FORMAT_NONE};
        drop(c, e);
        c->calls->answered(c->owner, &sent);
    }
}

/* Those that were acknowledged are no longer libcoap's to fail. */
void net_coap_client_refused(net_coap_client *c, sim_time now) {
    step(c, now, NULL, 0, true);
    tell_sent(c, SIM_NEVER);
    for (exchange *e; (e = overdue(c, PROMISED, SIM_NEVER)) != NULL;) fail(c, e, SIM_EUNREACHABLE);
}

void net_coap_client_wake(net_coap_client *c, sim_time now) {
    step(c, now, NULL, 0, false);
    tell_sent(c, now);
    for (exchange *e; (e = overdue(c, PROMISED, now)) != NULL;) fail(c, e, SIM_ETIMEOUT);
}

sim_time net_coap_client_deadline(const net_coap_client *c) {
    sim_time due = net_vkernel_deadline(c->kernel, c->node);
    for (exchange *e = first(c); e < end(c); e++) {
        if (e->state == PROMISED || e->state == SENT) due = sim_time_min(due, e->time);
    }
    return due;
}

const char *net_coap_version(void) {
    return coap_package_version();
}
