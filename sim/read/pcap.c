/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Captures, through libpcap: what is an attempt and how it ended, as far as packets show it.
 *
 * A flow is a pair of addresses and ports. TCP: a SYN is an attempt (the same sequence number
 * again: a retransmission); its first bytes tell MQTT from TLS; a CONNACK, a handshake that was
 * finished, or bytes of a protocol that is not known make it online. DTLS: a ClientHello with a new
 * Random is an attempt, the cookie round belongs to it. CoAP over UDP: a request is an attempt on a
 * flow that is not online, or when it registers (POST rd); the same message id or token again is
 * not. RFC 9293, 5246, 8446, 6347, 9147, 7252, OASIS MQTT 3.1.1 and 5. */
#include <pcap/pcap.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/random.h"
#include "sim/read/packet.h"
#include "sim/read/read_private.h"
#include "sim/record/dtls_record.h"
#include "sim/record/dtls_wire.h"

enum {
    FLOWS_MAX = 1 << 20, /* at once; 64 bytes each, and 24 in the map */
    SERVICES_MAX = UINT8_MAX
};

/* a client that closes sooner after its last words did not wait for an answer to them */
static const sim_time answer_awaited = SIM_SECOND;

enum speaks { UNKNOWN, MQTT, TLS, DTLS, COAP };

typedef struct flow {
    uint64_t key;
    /* of the attempt: SYN sequence, hash of a ClientHello's Random, message id and token */
    uint64_t tag;
    uint32_t attempt;
    uint32_t home;
    uint32_t identity;
    uint8_t service;
    uint8_t speaks;
    bool spoken;    /* the client's first bytes were looked at */
    bool sealed;    /* TLS or DTLS 1.3: the server's side of the handshake is encrypted */
    bool confirmed; /* TLS 1.3: and so is the client's */
    bool online, ended;
    bool goodbye;  /* the client ends it of its own accord */
    int64_t asked; /* when the client last said something that was not answered; 0: all was */
} flow;

typedef struct reader {
    read_log *log;
    const read_options *options;
    flow *flows;
    uint32_t used, capacity, oldest; /* a ring once FLOWS_MAX are there */
    sim_map map;                     /* key -> place in flows */
    int64_t now, previous;
    uint64_t packet;
    uint64_t understood; /* packets of IP */
} reader;

/* --- flows --- */

static uint64_t flow_key(const read_packet *p, bool from_client) {
    const read_endpoint *c = from_client ? &p->source : &p->target,
                        *s = from_client ? &p->target : &p->source;
    uint64_t words[4], key = p->protocol;
    memcpy(words, c->address, 16);
    memcpy(words + 2, s->address, 16);
    for (int i = 0; i < 4; i++) key = sim_hash64(key ^ words[i]);
    return sim_hash64(key ^ ((uint64_t)c->port << 16 | s->port));
}

static flow *flow_of(reader *r, const read_packet *p, bool *from_client) {
    uint32_t at;
    *from_client = true;
    if (sim_map_get(&r->map, flow_key(p, true), &at)) return &r->flows[at];
    *from_client = false;
    return sim_map_get(&r->map, flow_key(p, false), &at) ? &r->flows[at] : NULL;
}

static int grow(reader *r) {
    uint32_t capacity = r->capacity == 0 ? 1024 : 2 * r->capacity;
    flow *flows = sim_realloc(r->flows, capacity * sizeof *flows);
    if (flows == NULL) return SIM_ENOMEM;
    r->flows = flows;
    r->capacity = capacity;
    return 0;
}

/* Room for one more; when there are too many, the oldest is forgotten: what comes of it is not seen
 * any more. */
static int take_place(reader *r, uint32_t *at) {
    if (r->used < FLOWS_MAX) {
        int error = r->used == r->capacity ? grow(r) : 0;
        *at = r->used;
        if (error == 0) r->used++;
        return error;
    }
    SIM_PROMISE(r->flows != NULL);
    *at = r->oldest;
    r->oldest = (r->oldest + 1) % FLOWS_MAX;
    if (!r->flows[*at].ended) read_warn(r->log, READ_WARNING_FORGOTTEN, r->packet);
    sim_map_remove(&r->map, r->flows[*at].key);
    return 0;
}

static int service_of(reader *r, const read_packet *p, uint8_t *service) {
    char name[32];
    uint32_t number;
    int n = snprintf(name, sizeof name, "%s port %u", p->protocol == READ_TCP ? "tcp" : "udp",
                     p->target.port);
    if (r->log->services.count >= SERVICES_MAX) { /* a port scan: all the rest is one */
        *service = SERVICES_MAX - 1;
        return 0;
    }
    int error = read_names_number(&r->log->services, name, (size_t)n, &number);
    *service = (uint8_t)number;
    return error;
}

static bool is_wanted(const reader *r, uint16_t port) {
    for (size_t i = 0; i < r->options->port_count; i++)
        if (r->options->ports[i] == port) return true;
    return r->options->port_count == 0;
}

/* A new flow from the packet's source, or the old one begun anew; an attempt on it. NULL with
 * *error 0: not one of the ports asked for. */
static flow *begin(reader *r, const read_packet *p, enum speaks speaks, uint64_t tag, int *error) {
    char address[READ_ADDRESS_MAX];
    bool from_client;
    uint32_t at;
    *error = 0;
    if (!is_wanted(r, p->target.port)) return NULL;
    flow *f = flow_of(r, p, &from_client);
    if (f == NULL || !from_client) {
        uint64_t key = flow_key(p, true);
        *error = take_place(r, &at);
        if (*error == 0) *error = sim_map_put(&r->map, key, at);
        if (*error != 0) return NULL;
        f = &r->flows[at];
        *f = (flow){.key = key, .identity = READ_NOBODY};
        *error = service_of(r, p, &f->service);
        size_t n = read_address_text(&p->source, address);
        if (*error == 0) *error = read_names_number(&r->log->homes, address, n, &f->home);
    }
    *f = (flow){.key = f->key, .identity = f->identity, .home = f->home, .service = f->service};
    f->speaks = (uint8_t)speaks;
    f->tag = tag;
    const record_attempt a = {.at = r->now,
                              .latency = SIM_NEVER,
                              .device = f->identity,
                              .home = f->home,
                              .trigger = f->service};
    if (*error == 0) *error = read_add(r->log, &a, &f->attempt);
    return *error == 0 ? f : NULL;
}

static void settle(reader *r, flow *f, record_outcome outcome) {
    if (f->ended) return;
    read_settle(r->log, f->attempt, outcome, r->now);
    f->online = outcome == RECORD_OUTCOME_ONLINE;
}

/* The connection is over; `refused`: by the server, before it was of use. */
static int end_of(reader *r, flow *f, bool refused) {
    if (f->ended) return 0;
    const read_end end = {r->now,    r->log->attempts.items[f->attempt].device,
                          f->home,   f->service,
                          f->online, f->online && f->goodbye};
    if (!f->online && refused) read_settle(r->log, f->attempt, RECORD_OUTCOME_REFUSED, r->now);
    f->ended = true;
    f->online = false;
    return read_ended(r->log, &end);
}

static int identify(reader *r, flow *f, const uint8_t *name, size_t n) {
    if (n == 0) return 0;
    int error = read_names_number(&r->log->devices, (const char *)name, n, &f->identity);
    if (error == 0) r->log->attempts.items[f->attempt].device = f->identity;
    return error;
}

/* --- TCP --- */

static int client_bytes(reader *r, flow *f, record_dtls_span data) {
    record_dtls_span id;
    if (f->spoken) {
        if (f->speaks == TLS && f->sealed && read_tls_has(data, RECORD_DTLS_APPLICATION_DATA))
            f->confirmed = true;
        return f->speaks == TLS && read_tls_identity(data, &id) ? identify(r, f, id.at, id.n) : 0;
    }
    f->spoken = true;
    if (read_mqtt_connect(data, &id)) {
        f->speaks = MQTT;
        return identify(r, f, id.at, id.n);
    }
    if (read_tls_is_hello(data)) f->speaks = TLS;
    return 0;
}

/* TLS 1.2: the server changes to encryption when it is content; 1.3: it does so at once, and only
 * what it sends after the client's own encrypted bytes shows that both are. */
static void server_tls(reader *r, flow *f, record_dtls_span data) {
    if (read_tls_is_13(data)) f->sealed = true;
    bool done = f->sealed ? f->confirmed && read_tls_has(data, RECORD_DTLS_APPLICATION_DATA)
                          : read_tls_has(data, RECORD_DTLS_CHANGE_CIPHER_SPEC);
    if (read_tls_alert(data))
        settle(r, f, RECORD_OUTCOME_REFUSED);
    else if (done)
        settle(r, f, RECORD_OUTCOME_ONLINE);
}

static void server_bytes(reader *r, flow *f, record_dtls_span data) {
    unsigned code;
    if (f->speaks == TLS)
        server_tls(r, f, data);
    else if (f->speaks == MQTT && read_mqtt_connack(data, &code))
        settle(r, f, read_connack(code));
    else if (f->speaks == UNKNOWN)
        settle(r, f, RECORD_OUTCOME_ONLINE);
}

static int take_syn(reader *r, const read_packet *p) {
    bool from_client;
    int error;
    flow *f = flow_of(r, p, &from_client);
    if (f != NULL && from_client && f->tag == p->sequence && !f->ended) return 0;
    begin(r, p, UNKNOWN, p->sequence, &error);
    return error;
}

/* A client that closes ends what it came for, unless it waits in vain for an answer; a server of a
 * protocol that is not known may close after its answer, as HTTP's do. */
static bool says_goodbye(const reader *r, const flow *f, const read_packet *p, bool from_client) {
    static const uint8_t disconnect = 0xe0; /* of MQTT; OASIS MQTT 5 3.14 */
    if (from_client && f->speaks == MQTT && p->payload.n >= 2 && p->payload.at[0] == disconnect)
        return true;
    if ((p->flags & READ_FIN) == 0 || (p->flags & READ_RST) != 0) return false;
    if (from_client) return f->asked == 0 || r->now - f->asked < answer_awaited;
    return f->speaks == UNKNOWN && f->online;
}

static int take_tcp(reader *r, const read_packet *p) {
    bool from_client;
    int error = 0;
    if ((p->flags & (READ_SYN | READ_ACK)) == READ_SYN) return take_syn(r, p);
    flow *f = flow_of(r, p, &from_client);
    if (f == NULL || f->ended) return 0;
    if (p->payload.n > 0 && from_client) error = client_bytes(r, f, p->payload);
    if (p->payload.n > 0 && !from_client) server_bytes(r, f, p->payload);
    if (p->payload.n > 0) f->asked = from_client ? r->now : 0;
    if (says_goodbye(r, f, p, from_client)) f->goodbye = true;
    if (error == 0 && (p->flags & (READ_RST | READ_FIN)) != 0) error = end_of(r, f, !from_client);
    return error;
}

/* --- DTLS --- */

static uint64_t tag_of(const uint8_t *bytes, size_t n) {
    uint64_t tag = n;
    for (size_t i = 0; i < n; i++) tag = sim_hash64(tag ^ bytes[i]);
    return tag;
}

static int take_hello(reader *r, const read_packet *p, const record_dtls_glance *sight) {
    bool from_client;
    int error;
    uint64_t tag = tag_of(sight->random, sizeof sight->random);
    flow *f = flow_of(r, p, &from_client);
    if (f != NULL && from_client && f->speaks == DTLS && f->tag == tag) return 0;
    if (f != NULL && from_client && f->online) {
        error = end_of(r, f, false);
        if (error != 0) return error;
    }
    begin(r, p, DTLS, tag, &error);
    return error;
}

static int take_alert(reader *r, flow *f, bool from_client, bool sealed) {
    if (f->online) return end_of(r, f, false);
    if (!sealed && !from_client) settle(r, f, RECORD_OUTCOME_REFUSED);
    return sealed || from_client ? 0 : end_of(r, f, true);
}

static int take_records(reader *r, flow *f, bool from_client, record_dtls_span left) {
    record_dtls_record record;
    record_dtls_span id;
    int error = 0;
    while (error == 0 && record_dtls_take_record(&left, &record)) {
        if (record.type == RECORD_DTLS_ALERT)
            error = take_alert(r, f, from_client, record.epoch > 0);
        else if (record.type == RECORD_DTLS_CHANGE_CIPHER_SPEC && !from_client)
            settle(r, f, RECORD_OUTCOME_ONLINE);
        else if (from_client && record.type == RECORD_DTLS_HANDSHAKE && record.epoch == 0 &&
                 read_dtls_identity(record.body, &id))
            error = identify(r, f, id.at, id.n);
    }
    /* DTLS 1.3 (RFC 9147 4): encrypted records begin with 001. The server's come first, the
     * client's show that it accepts them. */
    if (left.n > 0 && left.at[0] >> 5 == 1) {
        if (!from_client) f->sealed = true;
        if (from_client && f->sealed) settle(r, f, RECORD_OUTCOME_ONLINE);
    }
    return error;
}

/* --- CoAP --- */

static int take_request(reader *r, const read_packet *p, const read_coap *m) {
    bool from_client;
    int error = 0;
    uint64_t tag = sim_hash64(tag_of(m->token.at, m->token.n) ^ m->mid);
    flow *f = flow_of(r, p, &from_client);
    if (f != NULL && !from_client) return 0; /* a server that asks, as LwM2M's do */
    if (f != NULL && f->tag == tag) return 0;
    if (f != NULL && f->online && !m->registers) return 0;
    if (f != NULL && f->online) error = end_of(r, f, false);
    if (error == 0) begin(r, p, COAP, tag, &error);
    return error;
}

static int take_response(reader *r, flow *f, const read_coap *m) {
    unsigned class = m->code >> 5;
    if (m->type == READ_COAP_RESET) return end_of(r, f, true);
    if (class < 2 || f->online) return 0;
    if (class == 2) {
        settle(r, f, RECORD_OUTCOME_ONLINE);
        return 0;
    }
    bool busy = m->code == READ_COAP_UNAVAILABLE || m->code == READ_COAP_TOO_MANY;
    settle(r, f, busy ? RECORD_OUTCOME_BUSY : RECORD_OUTCOME_REFUSED);
    return 0;
}

static int take_udp(reader *r, const read_packet *p) {
    bool from_client;
    record_dtls_glance sight;
    read_coap message;
    if (record_dtls_look(p->payload.at, p->payload.n, &sight) == 0 && sight.client_hello)
        return take_hello(r, p, &sight);
    flow *f = flow_of(r, p, &from_client);
    if (f != NULL && f->speaks == DTLS)
        return f->ended ? 0 : take_records(r, f, from_client, p->payload);
    if (!read_coap_parse(p->payload, &message)) return 0;
    if (f != NULL && !from_client) return f->ended ? 0 : take_response(r, f, &message);
    bool request = message.code >= 1 && message.code <= 31;
    return request && read_coap_port(p->target.port) ? take_request(r, p, &message) : 0;
}

/* "Unreachable": the packet that it quotes went from client to server. */
static int take_unreachable(reader *r, const read_packet *p) {
    bool from_client;
    flow *f = flow_of(r, p, &from_client);
    return f != NULL && from_client && !f->ended ? end_of(r, f, true) : 0;
}

/* --- packets --- */

static int take_packet(reader *r, int link, const struct pcap_pkthdr *head, const uint8_t *bytes) {
    read_packet p;
    bool sane = head->ts.tv_sec >= 0 && head->ts.tv_sec < INT64_MAX / SIM_SECOND / 2 &&
                head->ts.tv_usec >= 0 && head->ts.tv_usec < SIM_SECOND;
    /* The fraction is in nanoseconds: so it was opened. */
    int64_t ns = sane ? (int64_t)head->ts.tv_sec * SIM_SECOND + head->ts.tv_usec : -1;
    r->packet++;
    r->log->read++;
    if (!read_clock(r->log, &r->previous, ns, r->packet)) return 0;
    r->now = ns;
    read_result sight = read_packet_parse(link, (record_dtls_span){bytes, head->caplen}, &p);
    if (sight == READ_RESULT_NONE) return 0;
    r->understood++;
    if (sight == READ_RESULT_SHORT) {
        read_warn(r->log,
                  head->caplen < head->len ? READ_WARNING_SHORT_PACKET : READ_WARNING_MALFORMED,
                  r->packet);
        return 0;
    }
    if (head->caplen < head->len && p.payload.n == 0 && (p.flags & READ_SYN) == 0)
        read_warn(r->log, READ_WARNING_SHORT_PACKET, r->packet);
    if (p.unreachable) return take_unreachable(r, &p);
    return p.protocol == READ_TCP ? take_tcp(r, &p) : take_udp(r, &p);
}

static int take_packets(reader *r, pcap_t *capture, char *why) {
    struct pcap_pkthdr *head;
    const u_char *bytes;
    int error = 0, more = 0, link = pcap_datalink(capture);
    while (error == 0 && (more = pcap_next_ex(capture, &head, &bytes)) == 1)
        error = take_packet(r, link, head, bytes);
    if (error != 0 || more == PCAP_ERROR_BREAK) return error;
    if (r->packet == 0) {
        snprintf(why, READ_WHY_MAX, "not a packet could be read: %.200s", pcap_geterr(capture));
        return SIM_EPARSE;
    }
    read_warn(r->log, READ_WARNING_TRUNCATED, r->packet + 1);
    return 0;
}

static int take_capture(reader *r, pcap_t *capture, char *why) {
    int link = pcap_datalink(capture);
    if (!read_link_known(link)) {
        const char *name = pcap_datalink_val_to_name(link);
        snprintf(why, READ_WHY_MAX,
                 "packets of link type %.40s (%d), which is not read: Ethernet, loopback, raw IP "
                 "and Linux "
                 "cooked are",
                 name != NULL ? name : "unknown", link);
        return SIM_EPARSE;
    }
    int error = take_packets(r, capture, why);
    if (error == 0 && r->packet == 0) {
        snprintf(why, READ_WHY_MAX, "a capture without a packet");
        return SIM_EPARSE;
    }
    if (error == 0 && r->understood == 0) {
        snprintf(why, READ_WHY_MAX, "no packet of IPv4 or IPv6 with TCP or UDP among %llu",
                 (unsigned long long)r->packet);
        return SIM_EPARSE;
    }
    return error;
}

/* libpcap closes the stream that it is given, so it gets one of its own that reads ours. */
static ssize_t read_ours(void *cookie, char *buffer, size_t size) {
    FILE *file = cookie;
    size_t n = fread(buffer, 1, size, file);
    return n == 0 && ferror(file) ? -1 : (ssize_t)n;
}

int read_pcap(FILE *file, const read_options *o, read_log *log, char *why) {
    char trouble[PCAP_ERRBUF_SIZE] = "";
    reader r = {.log = log, .options = o};
    FILE *own = fopencookie(file, "rb", (cookie_io_functions_t){.read = read_ours});
    if (own == NULL) return SIM_ENOMEM;
    pcap_t *capture =
        pcap_fopen_offline_with_tstamp_precision(own, PCAP_TSTAMP_PRECISION_NANO, trouble);
    if (capture == NULL) {
        fclose(own);
        snprintf(why, READ_WHY_MAX, "not a capture that libpcap can read: %.200s", trouble);
        return SIM_EPARSE;
    }
    if (log->resolution < SIM_MICROSECOND) log->resolution = SIM_MICROSECOND;
    int error = take_capture(&r, capture, why);
    pcap_close(capture);
    sim_free(r.flows);
    sim_map_deinit(&r.map);
    return error;
}

int64_t read_pcap_begins(FILE *file) {
    char trouble[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *head;
    const u_char *bytes;
    int64_t begins = INT64_MIN;
    FILE *own = fopencookie(file, "rb", (cookie_io_functions_t){.read = read_ours});
    if (own == NULL) return begins;
    pcap_t *capture =
        pcap_fopen_offline_with_tstamp_precision(own, PCAP_TSTAMP_PRECISION_NANO, trouble);
    if (capture == NULL) {
        fclose(own);
        return begins;
    }
    if (pcap_next_ex(capture, &head, &bytes) == 1 && head->ts.tv_sec < INT64_MAX / SIM_SECOND / 2)
        begins = (int64_t)head->ts.tv_sec * SIM_SECOND + head->ts.tv_usec;
    pcap_close(capture);
    return begins;
}
