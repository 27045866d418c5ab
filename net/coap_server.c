/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/coap_server.h"

#include <stdio.h>
#include <string.h>

#include "net/coap_wire.h"
#include "sim/core/fingerprint.h"
#include "sim/core/heap.h"
#include "sim/core/slots.h"

/* libcoap keeps its session and resource tables as long as something is in them, and may not find
 * memory for new ones (vkernel.c). So each context has, from its first moment on, a session and a
 * resource that stay: the session of a peer that nobody is, and the resource .well-known/core. */
enum { ANCHOR = NET_COAP_SERVER_PEERS, SESSIONS };

/* Bytes of a path or query that reach the owner; what is longer names nothing we know. */
enum { TEXT_MAX = 256 };

/* Registrations under new tokens after which a peer's observation begins anew: a peer that
 * registers with ever other options would fill our memory. */
enum { REGISTRATIONS_MAX = 8 };

static const char discovery_path[] = ".well-known/core"; /* RFC 6690 4 */

typedef struct peer_row {
    coap_session_t *session;   /* NULL before its first datagram */
    coap_resource_t *resource; /* its observable path; NULL: none */
    sim_stream *stream;
    uint64_t token; /* of its latest registration */
    /* message ID of the confirmable notification that it has not acknowledged */
    uint16_t outstanding;
    uint8_t registrations; /* under different tokens since its resource was made */
    bool waits;            /* `outstanding` means something */
    bool muted;            /* nothing leaves for this peer */
    bool ends;             /* its observation is to end when the library has returned */
    bool reliable;         /* what left for it has arrived */
} peer_row;

/* A libcoap context and its peers. */
typedef struct member {
    net_coap_server *server;
    coap_context_t *context;
    struct member *next, *previous; /* members with room */
    sim_time now;                   /* of the verb that runs */
    sim_time reported;              /* deadline that the owner knows */
    sim_id id;
    net_node node;
    uint32_t free_peers; /* bit per row */
    bool inside;         /* the library is running */
    bool peer_ends;      /* some row's `ends` is set */
    peer_row peers[SESSIONS];
} member;
_Static_assert(NET_COAP_SERVER_PEERS <= 32, "free_peers has a bit for each");
#define ALL_FREE (UINT32_MAX >> (32 - NET_COAP_SERVER_PEERS))

struct net_coap_server {
    net_vkernel *kernel;
    const net_coap_server_calls *calls;
    void *owner;
    member **members; /* by slot; NULL: none */
    uint32_t capacity;
    sim_slots slots;
    member *roomy;     /* head of the list of members with room */
    member *spare;     /* at most one member without peers is kept */
    sim_stream stream; /* for draws that belong to no peer */
    net_coap_blocks *blocks;
    bool closing; /* the owner hears nothing any more */
};

enum { MEMBERS_MAX = UINT32_MAX / NET_COAP_SERVER_PEERS - 1 };

/* ---- Peers and members ---- */

static member *member_of(const net_coap_server *s, net_coap_peer peer, uint32_t *row) {
    uint32_t slot = (peer - 1) / NET_COAP_SERVER_PEERS;
    *row = (peer - 1) % NET_COAP_SERVER_PEERS;
    SIM_PROMISE(peer != 0 && slot < s->capacity && s->members[slot] != NULL);
    SIM_PROMISE((s->members[slot]->free_peers >> *row & 1) == 0);
    return s->members[slot];
}

static net_coap_peer peer_of(const member *m, uint32_t row) {
    return m->id.slot * NET_COAP_SERVER_PEERS + row + 1;
}

static void link_roomy(member *m) {
    net_coap_server *s = m->server;
    m->previous = NULL;
    m->next = s->roomy;
    if (m->next != NULL) m->next->previous = m;
    s->roomy = m;
}

static void unlink_roomy(member *m) {
    if (m->previous != NULL) m->previous->next = m->next;
    if (m->next != NULL) m->next->previous = m->previous;
    if (m->server->roomy == m) m->server->roomy = m->next;
}

static net_vkernel_scope enter(member *m, sim_time now, sim_stream *stream) {
    m->now = now;
    return net_vkernel_enter(m->server->kernel, m->node, now, stream);
}

/* ---- From the library to the owner ---- */

static void output(void *owner, uint32_t peer, const uint8_t *data, size_t n) {
    member *m = owner;
    if (peer >= ANCHOR) return;
    peer_row *row = &m->peers[peer];
    net_coap_header header;
    if (net_coap_header_read(data, n, &header) && header.type == NET_COAP_CON) {
        row->outstanding = header.mid;
        row->waits = true;
    }
    if (!row->muted && !m->server->closing)
        m->server->calls->send(m->server->owner, peer_of(m, peer), data, n);
}

static int on_event(coap_session_t *session, const coap_event_t event) {
    if (event != COAP_EVENT_SERVER_SESSION_NEW) return 0;
    member *m = coap_get_app_data(coap_session_get_context(session));
    uint32_t row = net_coap_virtual_peer(coap_session_get_addr_remote(session));
    SIM_PROMISE(row < SESSIONS);
    /* With a reference of ours libcoap never drops a session for being idle, and never wakes up to
     * look. */
    m->peers[row].session = coap_session_reference(session);
    return 0;
}

/* Whether the option's bytes can stand in a path or query as they are (RFC 3986 2.3, 2.2); the rest
 * is written as %XX. */
static bool is_plain(uint8_t byte) {
    return byte > ' ' && byte < 0x7F && strchr("/&%", byte) == NULL;
}

/* Joins the repeated options of this number with `mark`. False when the text is too long. */
static bool join(const coap_pdu_t *pdu, coap_option_num_t number, char mark, char text[TEXT_MAX]) {
    coap_opt_iterator_t iterator;
    coap_opt_filter_t filter;
    coap_option_filter_clear(&filter);
    coap_option_filter_set(&filter, number);
    coap_option_iterator_init(pdu, &iterator, &filter);
    size_t at = 0;
    for (const coap_opt_t *option = coap_option_next(&iterator); option != NULL;
         option = coap_option_next(&iterator)) {
        const uint8_t *value = coap_opt_value(option);
        if (at > 0 && at < TEXT_MAX) text[at++] = mark;
        for (uint32_t i = 0; i < coap_opt_length(option); i++) {
            if (at + 4 > TEXT_MAX) return false;
            if (is_plain(value[i])) {
                text[at++] = (char)value[i];
            } else {
                at += (size_t)snprintf(text + at, TEXT_MAX - at, "%%%02X", value[i]);
            }
        }
    }
    if (at >= TEXT_MAX) return false;
    text[at] = '\0';
    return true;
}

/* A block of a request's payload that was taken is named in its answer (RFC 7959 2.3). */
static void echo_block(const coap_pdu_t *request, coap_pdu_t *response) {
    uint32_t block = net_coap_option_uint(request, COAP_OPTION_BLOCK1, UINT32_MAX);
    if (block != UINT32_MAX && coap_pdu_get_code(response) >> 5 == 2)
        net_coap_add_uint(response, COAP_OPTION_BLOCK1, block);
}

/* Puts the payload into the response: all of it, or the block that the peer asks for (RFC 7959
 * 2.4). False: no such block. */
static bool add_payload(const coap_pdu_t *request, coap_pdu_t *response,
                        const net_coap_reply *reply) {
    coap_block_t block;
    const uint8_t *payload = reply->body != NULL ? reply->body : reply->payload;
    if (!coap_get_block(request, COAP_OPTION_BLOCK2, &block)) {
        echo_block(request, response);
        return reply->payload_size == 0 || coap_add_data(response, reply->payload_size, payload);
    }
    size_t from = (size_t)block.num << (block.szx + 4);
    if (from >= reply->payload_size && block.num > 0) return false;
    if (coap_write_block_opt(&block, COAP_OPTION_BLOCK2, response, reply->payload_size) < 0)
        return false;
    echo_block(request, response);
    return reply->payload_size == 0 ||
           coap_add_block(response, reply->payload_size, payload, block.num, block.szx);
}

/* The value of a hexadecimal digit as snprintf's %X writes it. */
static uint8_t digit(char c) {
    return (uint8_t)(c <= '9' ? c - '0' : c - 'A' + 10);
}

/* The way back from join(): an option for each segment, its bytes as they were. */
static void add_location(coap_pdu_t *response, const char *path) {
    uint8_t segment[TEXT_MAX];
    size_t n = 0;
    for (const char *at = path;; at++) {
        if (*at != '/' && *at != '\0') {
            bool escaped = *at == '%';
            segment[n++] = escaped ? (uint8_t)((unsigned)digit(at[1]) << 4 | (unsigned)digit(at[2]))
                                   : (uint8_t)*at;
            if (escaped) at += 2;
            continue;
        }
        coap_add_option(response, COAP_OPTION_LOCATION_PATH, n, segment);
        n = 0;
        if (*at == '\0') return;
    }
}

static void write_reply(const coap_pdu_t *request, coap_pdu_t *response,
                        const net_coap_reply *reply) {
    coap_pdu_set_code(response, (coap_pdu_code_t)reply->code);
    if (reply->entity_tag != 0) net_coap_add_uint(response, COAP_OPTION_ETAG, reply->entity_tag);
    if (reply->location != NULL) add_location(response, reply->location);
    if (reply->format != NET_COAP_FORMAT_NONE)
        net_coap_add_uint(response, COAP_OPTION_CONTENT_FORMAT, reply->format);
    if (reply->max_age_s != NET_COAP_MAX_AGE_DEFAULT)
        net_coap_add_uint(response, COAP_OPTION_MAXAGE, reply->max_age_s);
    if (!add_payload(request, response, reply))
        coap_pdu_set_code(response, COAP_RESPONSE_CODE_BAD_REQUEST);
}

static net_coap_reply only(uint8_t code) {
    return (net_coap_reply){
        .code = code, .format = NET_COAP_FORMAT_NONE, .max_age_s = NET_COAP_MAX_AGE_DEFAULT};
}

/* RFC 7252 5.4.5: of an option that may stand once, each further one counts as unrecognised, and
 * for these that means 4.02. (Of those that are elective, the first is read.) */
static bool has_one_too_many(const coap_pdu_t *request) {
    static const coap_option_num_t once[] = {
        COAP_OPTION_URI_HOST, COAP_OPTION_IF_NONE_MATCH, COAP_OPTION_URI_PORT,
        COAP_OPTION_ACCEPT,   COAP_OPTION_BLOCK2,        COAP_OPTION_BLOCK1,
    };
    for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
        coap_opt_iterator_t iterator;
        coap_opt_filter_t filter;
        coap_option_filter_clear(&filter);
        coap_option_filter_set(&filter, once[i]);
        coap_option_iterator_init(request, &iterator, &filter);
        size_t count = 0;
        while (count < 2 && coap_option_next(&iterator) != NULL) count++;
        if (count == 2) return true;
    }
    return false;
}

/* RFC 7959 2.2: the size exponent 7 is reserved. */
static bool has_reserved_size(const coap_pdu_t *request, coap_option_num_t number) {
    enum { EXPONENT = 7 };
    return (net_coap_option_uint(request, number, 0) & EXPONENT) == EXPONENT;
}

/* Requests that the owner is not asked about: *code is the answer then. */
static bool is_refused(const coap_pdu_t *request, uint8_t *code) {
    if (coap_pdu_get_code(request) > (coap_pdu_code_t)NET_COAP_DELETE)
        *code = NET_COAP_METHOD_NOT_ALLOWED;
    else if (has_one_too_many(request))
        *code = NET_COAP_BAD_OPTION;
    else if (has_reserved_size(request, COAP_OPTION_BLOCK1) ||
             has_reserved_size(request, COAP_OPTION_BLOCK2))
        *code = NET_COAP_BAD_REQUEST;
    else
        return false;
    return true;
}

/* What the blocks of one payload have in common, beside their peer (RFC 7959 2.5, RFC 9175 3.3). */
static uint64_t purpose_of(const coap_pdu_t *pdu, const net_coap_request *r) {
    enum { REQUEST_TAG = 292 };
    coap_opt_iterator_t iterator;
    const coap_opt_t *tag = coap_check_option(pdu, REQUEST_TAG, &iterator);
    sim_fingerprint f;
    sim_fingerprint_init(&f);
    sim_fingerprint_word(&f, r->method);
    sim_fingerprint_word(&f, r->format);
    sim_fingerprint_bytes(&f, r->path, strlen(r->path));
    if (r->query != NULL) sim_fingerprint_bytes(&f, r->query, strlen(r->query));
    if (tag != NULL) sim_fingerprint_bytes(&f, coap_opt_value(tag), coap_opt_length(tag));
    return f.value;
}

/* A payload in blocks is put together. True: it is whole now and stands in *r; false: *reply says
 * what became of this block. */
static bool gather(member *m, uint32_t row, const coap_pdu_t *pdu, net_coap_request *r,
                   net_coap_reply *reply) {
    static const uint8_t codes[] = {
        [NET_COAP_GATHERED_MORE] = NET_COAP_CONTINUE,
        [NET_COAP_GATHERED_GAP] = NET_COAP_INCOMPLETE,
        [NET_COAP_GATHERED_TOO_LARGE] = NET_COAP_TOO_LARGE,
        [NET_COAP_GATHERED_MALFORMED] = NET_COAP_BAD_REQUEST,
        [NET_COAP_GATHERED_NO_MEMORY] = NET_COAP_SERVICE_UNAVAILABLE,
    };
    coap_block_t of;
    if (!coap_get_block(pdu, COAP_OPTION_BLOCK1, &of) || (of.num == 0 && !of.m)) return true;
    const net_coap_block block = {.peer = peer_of(m, row),
                                  .what = purpose_of(pdu, r),
                                  .number = of.num,
                                  .size_exponent = (uint8_t)of.szx,
                                  .more = of.m,
                                  .data = r->payload,
                                  .n = r->payload_size};
    net_coap_gathered outcome =
        net_coap_blocks_take(m->server->blocks, &block, &r->payload, &r->payload_size);
    if (outcome == NET_COAP_GATHERED_WHOLE) return true;
    *reply = only(codes[outcome]);
    return false;
}

/* Content goes out as the peer accepts it, or not at all (RFC 7252 5.10.4). */
static void heed_accept(const coap_pdu_t *request, net_coap_reply *reply) {
    uint32_t accepted = net_coap_option_uint(request, COAP_OPTION_ACCEPT, reply->format);
    if (reply->code == NET_COAP_CONTENT && accepted != reply->format)
        *reply = only(NET_COAP_NOT_ACCEPTABLE);
}

static bool has_option(const coap_pdu_t *request, coap_option_num_t number) {
    coap_opt_iterator_t iterator;
    return coap_check_option(request, number, &iterator) != NULL;
}

static void ask_owner(member *m, uint32_t row, const coap_pdu_t *request, bool observe,
                      net_coap_reply *reply) {
    char path[TEXT_MAX];
    char query[TEXT_MAX];
    if (!join(request, COAP_OPTION_URI_PATH, '/', path) ||
        !join(request, COAP_OPTION_URI_QUERY, '&', query))
        return;
    uint32_t format =
        net_coap_option_uint(request, COAP_OPTION_CONTENT_FORMAT, NET_COAP_FORMAT_NONE);
    net_coap_request r = {
        .method = (uint8_t)coap_pdu_get_code(request),
        .observe = observe,
        .path = path,
        .query = query[0] == '\0' ? NULL : query,
        .if_match = net_coap_option_uint(request, COAP_OPTION_IF_MATCH, 0),
        .if_none_match = has_option(request, COAP_OPTION_IF_NONE_MATCH),
        .format = format < NET_COAP_FORMAT_NONE ? (uint16_t)format : (uint16_t)NET_COAP_FORMAT_NONE,
    };
    coap_get_data(request, &r.payload_size, &r.payload);
    if (!gather(m, row, request, &r, reply)) return;
    m->server->calls->request(m->server->owner, peer_of(m, row), &r, reply);
    SIM_PROMISE(reply->payload_size <=
                (reply->body != NULL ? NET_COAP_PAYLOAD_MAX : sizeof reply->payload));
    heed_accept(request, reply);
}

/* Whether the peer asks to be an observer. (libcoap refuses a message whose Observe is longer than
 * 3 bytes, so both see the same value.) */
static bool asks_to_observe(const coap_pdu_t *request) {
    return coap_pdu_get_code(request) == COAP_REQUEST_CODE_GET &&
           net_coap_option_uint(request, COAP_OPTION_OBSERVE, UINT32_MAX) == COAP_OBSERVE_ESTABLISH;
}

/* Counts registrations under new tokens; true when there were too many. */
static bool is_one_too_many(peer_row *row, const coap_pdu_t *request) {
    coap_bin_const_t bytes = coap_pdu_get_token(request);
    uint64_t token = coap_decode_var_bytes8(bytes.s, bytes.length);
    if (row->registrations > 0 && token == row->token) return false;
    row->token = token;
    return ++row->registrations > REGISTRATIONS_MAX;
}

/* A notification must never carry an error: libcoap 4.3.1 then frees the observation and goes on
 * using it (coap_notify_observers). So the peer is muted until the library has returned, and its
 * observation ends then, which tells it 4.04. */
static void end_instead(member *m, peer_row *row, coap_pdu_t *response) {
    coap_pdu_set_code(response, COAP_RESPONSE_CODE_CONTENT);
    row->muted = true;
    row->ends = true;
    m->peer_ends = true;
}

static void answer(member *m, uint32_t index, bool registers, bool notification,
                   const coap_pdu_t *request, net_coap_reply *reply) {
    peer_row *row = &m->peers[index];
    if (is_refused(request, &reply->code)) return;
    ask_owner(m, index, request, registers || notification, reply);
    if (registers && reply->code >> 5 == 2 && is_one_too_many(row, request)) {
        *reply = only(NET_COAP_SERVICE_UNAVAILABLE);
        row->ends = true;
        m->peer_ends = true;
    }
}

static void on_request(coap_resource_t *resource, coap_session_t *session,
                       const coap_pdu_t *request, const coap_string_t *query,
                       coap_pdu_t *response) {
    (void)query;
    member *m = coap_get_app_data(coap_session_get_context(session));
    uint32_t index = net_coap_virtual_peer(coap_session_get_addr_remote(session));
    net_coap_reply reply = only(NET_COAP_NOT_FOUND);
    bool own = index < ANCHOR && m->peers[index].resource == resource;
    bool observes = asks_to_observe(request);
    bool others = !own && coap_resource_get_userdata(resource) != NULL;
    /* Answers are acknowledgements or non-confirmable. */
    bool notification = coap_pdu_get_type(response) == COAP_MESSAGE_CON;
    if (others && observes) {
        reply.code = NET_COAP_FORBIDDEN; /* only an error keeps libcoap from registering */
    } else if (index < ANCHOR && !m->server->closing) {
        answer(m, index, own && observes && !notification, notification, request, &reply);
    }
    write_reply(request, response, &reply);
    if (notification && coap_pdu_get_code(response) >> 5 != 2)
        end_instead(m, &m->peers[index], response);
}

/* ---- Contexts ---- */

static void handle_all_methods(coap_resource_t *resource) {
    for (coap_request_t method = COAP_REQUEST_GET; method <= COAP_REQUEST_IPATCH; method++) {
        coap_register_request_handler(resource, method, on_request);
    }
}

/* A resource at `path`, handed to the context. NULL: no memory. (coap_resource_init would copy the
 * path itself, but then make a resource without one when there is no memory, which cannot be
 * freed.) */
static coap_resource_t *add_resource(coap_context_t *context, const char *path, int flags) {
    coap_str_const_t *uri = coap_new_str_const((const uint8_t *)path, strlen(path));
    if (uri == NULL) return NULL;
    coap_resource_t *resource = coap_resource_init(uri, flags | COAP_RESOURCE_FLAGS_RELEASE_URI);
    if (resource == NULL) {
        coap_delete_str_const(uri);
        return NULL;
    }
    handle_all_methods(resource);
    coap_add_resource(context, resource);
    return resource;
}

/* Lets a byte of the peer that nobody is arrive, so that libcoap makes its session. */
static bool add_anchor(member *m) {
    static const uint8_t nothing[1] = {0};
    net_vkernel_arrive(ANCHOR, nothing, sizeof nothing);
    net_coap_step(m->context);
    return m->peers[ANCHOR].session != NULL;
}

static bool open_context(member *m) {
    coap_address_t any = net_coap_virtual_address(0);
    m->context = coap_new_context(NULL);
    if (m->context == NULL) return false;
    coap_set_app_data(m->context, m);
    coap_register_event_handler(m->context, on_event);
    if (coap_new_endpoint(m->context, &any, COAP_PROTO_UDP) == NULL) return false;
    coap_resource_t *unknown = coap_resource_unknown_init(on_request);
    if (unknown == NULL) return false;
    handle_all_methods(unknown);
    coap_add_resource(m->context, unknown);
    return add_resource(m->context, discovery_path, 0) != NULL && add_anchor(m);
}

static void close_context(member *m) {
    net_vkernel_scope previous = enter(m, m->now, &m->server->stream);
    if (m->peers[ANCHOR].session != NULL) coap_session_release(m->peers[ANCHOR].session);
    coap_free_context(m->context);
    net_vkernel_leave(previous);
}

static void free_member(member *m) {
    net_coap_server *s = m->server;
    close_context(m);
    net_vkernel_close(s->kernel, m->node);
    s->members[m->id.slot] = NULL;
    SIM_PROMISE(sim_slots_give_back(&s->slots, m->id) == 0);
    sim_free(m);
}

static int reserve_slot(net_coap_server *s, uint32_t slot) {
    if (slot < s->capacity) return 0;
    uint32_t capacity = s->capacity == 0 ? 8 : 2 * s->capacity;
    member **members = sim_realloc(s->members, capacity * sizeof(member *));
    if (members == NULL) return SIM_ENOMEM;
    memset(members + s->capacity, 0, (capacity - s->capacity) * sizeof(member *));
    s->members = members;
    s->capacity = capacity;
    return 0;
}

static int add_member(net_coap_server *s, sim_time now) {
    sim_id id;
    int error = sim_slots_take(&s->slots, &id);
    if (error != 0) return error;
    error = reserve_slot(s, id.slot);
    member *m = error == 0 ? sim_calloc(1, sizeof *m) : NULL;
    if (m == NULL) error = SIM_ENOMEM;
    if (error == 0) error = net_vkernel_open(s->kernel, m, output, &m->node);
    if (error != 0) {
        sim_free(m);
        SIM_PROMISE(sim_slots_give_back(&s->slots, id) == 0);
        return error;
    }
    m->server = s;
    m->id = id;
    m->free_peers = ALL_FREE;
    m->reported = SIM_NEVER;
    s->members[id.slot] = m;
    net_vkernel_scope previous = enter(m, now, &s->stream);
    bool opened = open_context(m);
    net_vkernel_leave(previous);
    if (!opened) {
        free_member(m);
        return SIM_ENOMEM;
    }
    s->spare = m;
    link_roomy(m);
    return 0;
}

/* ---- Steps of the library ---- */

static void report_deadline(member *m) {
    net_coap_server *s = m->server;
    sim_time due = net_vkernel_deadline(s->kernel, m->node);
    if (due == m->reported || s->closing) return;
    m->reported = due;
    s->calls->deadline(s->owner, m->id.slot, due);
}

/* One step of libcoap's I/O; `datagram` (NULL: none) arrives from peer `index`. */
static void run_library(member *m, sim_time now, sim_stream *stream, uint32_t index,
                        const uint8_t *datagram, size_t n) {
    SIM_PROMISE(!m->inside);
    net_vkernel_scope previous = enter(m, now, stream);
    if (datagram != NULL) net_vkernel_arrive(index, datagram, n);
    m->inside = true;
    net_coap_step(m->context);
    m->inside = false;
    net_vkernel_leave(previous);
}

/* Takes a message that waits for the peer's acknowledgement out of libcoap's queue, by
 * acknowledging it in the peer's name: the other ways to do it leave the retransmission times of
 * the context's other peers wrong (4.3.1 keeps them relative to their predecessor). */
static void settle(member *m, uint32_t index) {
    peer_row *row = &m->peers[index];
    if (!row->waits) return;
    uint8_t acknowledgement[NET_COAP_HEADER_SIZE];
    net_coap_header_empty(NET_COAP_ACK, row->outstanding, acknowledgement);
    row->waits = false;
    run_library(m, m->now, row->stream, index, acknowledgement, sizeof acknowledgement);
}

/* Deleting a resource tells its observers 4.04, non-confirmable. libcoap sets its timer to "at
 * once" for that, so it gets its step. */
static void delete_resource(member *m, uint32_t index) {
    peer_row *row = &m->peers[index];
    if (row->resource == NULL) return;
    net_vkernel_scope previous = enter(m, m->now, row->stream);
    coap_resource_t *resource = row->resource;
    row->resource = NULL;
    coap_delete_resource(m->context, resource);
    net_vkernel_leave(previous);
    run_library(m, m->now, row->stream, index, NULL, 0);
}

static void end_observation(member *m, uint32_t index) {
    peer_row *row = &m->peers[index];
    char path[TEXT_MAX];
    bool had = row->resource != NULL;
    if (had)
        snprintf(path, sizeof path, "%s",
                 (const char *)coap_resource_get_uri_path(row->resource)->s);
    row->ends = false;
    settle(m, index);
    row->muted = false;
    delete_resource(m, index);
    /* Without memory the path stops being observable: the peer's next registration gets an answer
     * without Observe. */
    if (had && net_coap_server_observable(m->server, m->now, peer_of(m, index), path) != 0)
        row->resource = NULL;
}

static void after_library(member *m) {
    for (uint32_t i = 0; i < ANCHOR; i++) { /* an acknowledgement may call up the next message */
        while (m->peers[i].reliable && m->peers[i].waits) settle(m, i);
    }
    while (m->peer_ends) {
        m->peer_ends = false;
        for (uint32_t i = 0; i < ANCHOR; i++) {
            if (m->peers[i].ends) end_observation(m, i);
        }
    }
    report_deadline(m);
}

static void step(member *m, sim_time now, sim_stream *stream) {
    run_library(m, now, stream, ANCHOR, NULL, 0);
    after_library(m);
}

/* ---- Verbs ---- */

net_coap_server *net_coap_server_new(net_vkernel *k, const net_coap_server_calls *calls,
                                     void *owner) {
    net_coap_prepare_library();
    net_coap_server *s = sim_calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    s->kernel = k;
    s->calls = calls;
    s->owner = owner;
    s->stream = sim_stream_for(0, SIM_PURPOSE_SERVER, UINT64_MAX);
    sim_slots_init(&s->slots, MEMBERS_MAX);
    s->blocks = net_coap_blocks_new();
    if (s->blocks != NULL) return s;
    net_coap_server_free(s);
    return NULL;
}

void net_coap_server_free(net_coap_server *s) {
    if (s == NULL) return;
    s->closing = true;
    for (uint32_t i = 0; i < s->capacity; i++) {
        for (uint32_t row = 0; row < ANCHOR && s->members[i] != NULL; row++) {
            member *m = s->members[i];
            if ((m->free_peers >> row & 1) == 0) net_coap_server_forget(s, m->now, peer_of(m, row));
        }
    }
    if (s->spare != NULL) free_member(s->spare);
    net_coap_blocks_free(s->blocks);
    sim_slots_deinit(&s->slots);
    sim_free(s->members);
    sim_free(s);
}

int net_coap_server_admit(net_coap_server *s, sim_time now, sim_stream *stream,
                          net_coap_peer *out) {
    if (s->roomy == NULL) {
        int error = add_member(s, now);
        if (error != 0) return error;
    }
    member *m = s->roomy;
    uint32_t row = (uint32_t)__builtin_ctz(m->free_peers);
    m->free_peers &= ~(UINT32_C(1) << row);
    m->peers[row] = (peer_row){.stream = stream};
    if (m->free_peers == 0) unlink_roomy(m);
    if (s->spare == m) s->spare = NULL;
    *out = peer_of(m, row);
    return 0;
}

void net_coap_server_rely(net_coap_server *s, net_coap_peer peer) {
    uint32_t index;
    member *m = member_of(s, peer, &index);
    m->peers[index].reliable = true;
}

static void drop_session(member *m, uint32_t index) {
    peer_row *row = &m->peers[index];
    coap_session_t *session = row->session;
    if (session == NULL) return;
    settle(m, index);
    net_vkernel_scope previous = enter(m, m->now, row->stream);
    coap_session_disconnected(session, COAP_NACK_NOT_DELIVERABLE);
    /* The public way to free a server's session at once: as a client's session it is freed with its
     * last reference. */
    coap_session_set_type_client(session);
    coap_session_release(session);
    coap_session_release(session);
    net_vkernel_leave(previous);
}

static void give_back(member *m, uint32_t index) {
    net_coap_server *s = m->server;
    if (m->free_peers == 0) link_roomy(m);
    m->free_peers |= UINT32_C(1) << index;
    if (m->free_peers != ALL_FREE) return;
    if (s->spare == NULL) {
        s->spare = m;
        return;
    }
    unlink_roomy(m);
    free_member(m);
}

void net_coap_server_forget(net_coap_server *s, sim_time now, net_coap_peer peer) {
    uint32_t index;
    member *m = member_of(s, peer, &index);
    SIM_PROMISE(!m->inside);
    m->now = now;
    net_coap_blocks_forget(s->blocks, peer);
    m->peers[index].muted = true;
    delete_resource(m, index);
    drop_session(m, index);
    m->peers[index] = (peer_row){0};
    after_library(m);
    give_back(m, index);
}

static void note_settled(peer_row *row, const net_coap_header *h) {
    bool settles = h->type == NET_COAP_ACK || h->type == NET_COAP_RST;
    if (settles && h->mid == row->outstanding) row->waits = false;
}

/* libcoap 4.3.1 answers 4.04 to a method that it does not know (RFC 7252 5.8: 4.05). It is given
 * the highest that it knows in its place, which is_refused refuses. */
static bool is_unknown_method(const net_coap_header *h) {
    return h->code > COAP_REQUEST_CODE_IPATCH && h->code >> 5 == 0;
}

static void refuse_method(member *m, sim_time now, uint32_t index, const uint8_t *datagram,
                          size_t n) {
    uint8_t copy[COAP_RXBUFFER_SIZE]; /* libcoap reads no more */
    size_t size = n < sizeof copy ? n : sizeof copy;
    memcpy(copy, datagram, size);
    copy[1] = COAP_REQUEST_CODE_IPATCH;
    run_library(m, now, m->peers[index].stream, index, copy, size);
}

void net_coap_server_input(net_coap_server *s, sim_time now, net_coap_peer peer,
                           const uint8_t *datagram, size_t n) {
    uint32_t index;
    member *m = member_of(s, peer, &index);
    net_coap_header header;
    if (!net_coap_header_read(datagram, n, &header)) return; /* RFC 7252 3: in silence */
    if (net_coap_header_is_signal(&header)) return;
    note_settled(&m->peers[index], &header);
    if (is_unknown_method(&header))
        refuse_method(m, now, index, datagram, n);
    else
        run_library(m, now, m->peers[index].stream, index, datagram, n);
    after_library(m);
}

static bool has_path(const peer_row *row, const char *path) {
    if (row->resource == NULL) return false;
    const coap_str_const_t *uri = coap_resource_get_uri_path(row->resource);
    return strlen(path) == uri->length && memcmp(path, uri->s, uri->length) == 0;
}

/* A path belongs to the peer that came last: the same device may have come back before its old self
 * was forgotten. */
static void take_path(member *m, const char *path) {
    for (uint32_t i = 0; i < ANCHOR; i++) {
        if (has_path(&m->peers[i], path)) delete_resource(m, i);
    }
}

int net_coap_server_observable(net_coap_server *s, sim_time now, net_coap_peer peer,
                               const char *path) {
    uint32_t index;
    member *m = member_of(s, peer, &index);
    SIM_PROMISE(!m->inside);
    if (strlen(path) >= TEXT_MAX || strcmp(path, discovery_path) == 0) return SIM_ERANGE;
    if (has_path(&m->peers[index], path)) return 0;
    m->now = now;
    delete_resource(m, index);
    take_path(m, path);
    net_vkernel_scope previous = enter(m, now, m->peers[index].stream);
    coap_resource_t *resource = add_resource(m->context, path, COAP_RESOURCE_FLAGS_NOTIFY_CON);
    net_vkernel_leave(previous);
    if (resource == NULL) return SIM_ENOMEM;
    coap_resource_set_get_observable(resource, 1);
    coap_resource_set_userdata(resource, &m->peers[index]);
    m->peers[index].resource = resource;
    m->peers[index].registrations = 0;
    return 0;
}

void net_coap_server_notify(net_coap_server *s, sim_time now, net_coap_peer peer) {
    uint32_t index;
    member *m = member_of(s, peer, &index);
    peer_row *row = &m->peers[index];
    if (row->resource == NULL) return;
    net_vkernel_scope previous = enter(m, now, row->stream);
    bool observed = coap_resource_notify_observers(row->resource, NULL) != 0;
    net_vkernel_leave(previous);
    if (observed && !m->inside) step(m, now, row->stream);
}

void net_coap_server_wake(net_coap_server *s, sim_time now, uint32_t slot) {
    /* its last peer is gone, and it with them */
    if (slot >= s->capacity || s->members[slot] == NULL) return;
    step(s->members[slot], now, &s->stream);
}
