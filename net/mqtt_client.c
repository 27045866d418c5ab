/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/mqtt_client.h"

#include <errno.h>
#include <inttypes.h>
#include <mqtt_protocol.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <virtual/mosquitto.h>

#include "net/mqtt_property.h"
#include "sim/core/heap.h"

enum { RECEIVE_MAXIMUM = 20 }; /* libmosquitto's own */

/* A fleet has one of these per device. */
struct net_mqtt_client {
    net_vkernel *kernel;
    const net_mqtt_calls *calls;
    void *owner;
    sim_stream *stream;
    struct mosquitto *library; /* NULL before net_mqtt_client_connect */
    /* When a packet last went out and came in, in libmosquitto's seconds: it keeps the two to
     * itself, and its keep-alive counts from them. */
    int64_t out_s, in_s;
    int64_t pinged_s; /* when a PINGREQ went out that is not answered; 0: none */
    net_node node;
    /* The packet that is coming in: bytes of its body that are missing, its length so far. */
    uint32_t missing, length;
    uint16_t keep_alive_s;
    uint8_t type, header; /* its first byte, and how many bytes of its fixed header there were */
    uint8_t refusal;      /* reason of the CONNACK that said no */
    bool in_body : 1;
    bool connected : 1; /* CONNACK said yes, and nothing ended it */
    bool ended : 1;
    bool closing : 1;
};

static void prepare(void) {
    mosquitto_lib_init();
}

static void prepare_library(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare);
}

const char *net_mqtt_version(void) {
    static char text[16];
    int major, minor, revision;
    mosquitto_lib_version(&major, &minor, &revision);
    snprintf(text, sizeof text, "%d.%d.%d", major, minor, revision);
    return text;
}

static int64_t second_of(sim_time now) {
    return now / SIM_SECOND;
}

/* ---- why it ended ---- */

/* Reason codes of MQTT 5 (2.4), and above 0x100 the codes of a CONNACK of 3.1.1 (3.2.2.3). What is
 * not here is a plain end. */
static const struct {
    uint16_t reason;
    net_end end;
} reasons[] = {
    {MQTT_RC_MALFORMED_PACKET, NET_END_PROTOCOL},
    {MQTT_RC_PROTOCOL_ERROR, NET_END_PROTOCOL},
    {MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION, NET_END_REFUSED},
    {MQTT_RC_CLIENTID_NOT_VALID, NET_END_UNKNOWN_IDENTITY},
    {MQTT_RC_BAD_USERNAME_OR_PASSWORD, NET_END_UNKNOWN_IDENTITY},
    {MQTT_RC_NOT_AUTHORIZED, NET_END_UNKNOWN_IDENTITY},
    {MQTT_RC_SERVER_UNAVAILABLE, NET_END_BUSY},
    {MQTT_RC_SERVER_BUSY, NET_END_BUSY},
    {MQTT_RC_BANNED, NET_END_UNKNOWN_IDENTITY},
    {MQTT_RC_BAD_AUTHENTICATION_METHOD, NET_END_REFUSED},
    {MQTT_RC_KEEP_ALIVE_TIMEOUT, NET_END_LOST},
    {MQTT_RC_SESSION_TAKEN_OVER, NET_END_REPLACED},
    {MQTT_RC_RECEIVE_MAXIMUM_EXCEEDED, NET_END_PROTOCOL},
    {MQTT_RC_TOPIC_ALIAS_INVALID, NET_END_PROTOCOL},
    {MQTT_RC_PACKET_TOO_LARGE, NET_END_PROTOCOL},
    {MQTT_RC_QUOTA_EXCEEDED, NET_END_BUSY},
    {MQTT_RC_USE_ANOTHER_SERVER, NET_END_ELSEWHERE},
    {MQTT_RC_SERVER_MOVED, NET_END_ELSEWHERE},
    {MQTT_RC_CONNECTION_RATE_EXCEEDED, NET_END_BUSY},
    {0x101, NET_END_REFUSED}, /* version */
    {0x102, NET_END_UNKNOWN_IDENTITY},
    {0x103, NET_END_BUSY},
    {0x104, NET_END_UNKNOWN_IDENTITY},
    {0x105, NET_END_UNKNOWN_IDENTITY},
};

net_end net_mqtt_end_of(uint8_t reason, net_end otherwise) {
    uint16_t wanted = reason != 0 && reason < 0x80 ? (uint16_t)(0x100 | reason) : reason;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (reasons[i].reason == wanted) return reasons[i].end;
    }
    return otherwise;
}

/* Of libmosquitto's own errors. */
static net_end end_of_error(int rc) {
    switch (rc) {
        case MOSQ_ERR_KEEPALIVE:
            return NET_END_LOST;
        case MOSQ_ERR_NOMEM:
            return NET_END_NO_MEMORY;
        case MOSQ_ERR_CONN_LOST:
            return NET_END_CLOSED;
        default:
            return NET_END_PROTOCOL;
    }
}

static void end(net_mqtt_client *c, net_end why, uint8_t reason) {
    if (c->ended || c->closing) return;
    c->ended = true;
    c->connected = false;
    c->calls->ended(c->owner, why, reason);
}

/* ---- from the library to the owner ---- */

static void output(void *owner, uint32_t peer, const uint8_t *data, size_t n) {
    net_mqtt_client *c = owner;
    (void)peer;
    if (c->closing) return;
    c->out_s = second_of(net_vkernel_now());
    c->calls->send(c->owner, data, n);
}

static void on_connect(struct mosquitto *m, void *owner, int reason, int flags,
                       const mosquitto_property *properties) {
    net_mqtt_client *c = owner;
    (void)m;
    uint16_t keep_alive_s;
    if (mosquitto_property_read_int16(properties, MQTT_PROP_SERVER_KEEP_ALIVE, &keep_alive_s,
                                      false) != NULL)
        c->keep_alive_s = keep_alive_s;
    c->refusal = (uint8_t)reason;
    c->connected = reason == 0;
    c->calls->connected(c->owner, (uint8_t)reason, (flags & 1) != 0);
}

/* Its `rc` is an error of the library, or the reason of a DISCONNECT: those are 0, 4 and 0x80 and
 * above, and errors are below 0x80. */
static void on_disconnect(struct mosquitto *m, void *owner, int rc,
                          const mosquitto_property *properties) {
    net_mqtt_client *c = owner;
    (void)m;
    (void)properties;
    if (c->refusal != 0) {
        end(c, net_mqtt_end_of(c->refusal, NET_END_REFUSED), c->refusal);
    } else if (rc >= 0x80 || rc == 0) {
        end(c, net_mqtt_end_of((uint8_t)rc, NET_END_CLOSED), (uint8_t)rc);
    } else if (rc == MQTT_RC_DISCONNECT_WITH_WILL_MSG && (c->type & 0xF0) == CMD_DISCONNECT) {
        end(c, NET_END_CLOSED, (uint8_t)rc);
    } else {
        end(c, end_of_error(rc), 0);
    }
}

static void on_publish(struct mosquitto *m, void *owner, int id, int reason,
                       const mosquitto_property *properties) {
    net_mqtt_client *c = owner;
    (void)m;
    (void)properties;
    if (!c->closing) c->calls->acknowledged(c->owner, (uint16_t)id, (uint8_t)reason);
}

static void on_subscribe(struct mosquitto *m, void *owner, int id, int count, const int *granted,
                         const mosquitto_property *properties) {
    net_mqtt_client *c = owner;
    (void)m;
    (void)properties;
    int reason = count > 0 && granted[0] >= 0x80 ? granted[0] : 0;
    c->calls->acknowledged(c->owner, (uint16_t)id, (uint8_t)reason);
}

/* Its four bytes, as publish_properties wrote them. 0: there are none. */
static uint32_t correlation_in(const mosquitto_property *properties) {
    void *data = NULL;
    uint16_t n = 0;
    uint32_t number = 0;
    (void)mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA, &data, &n, false);
    net_mqtt_span left = {data, n};
    if (n != sizeof number || !net_mqtt_take_number(&left, sizeof number, &number)) number = 0;
    sim_free(data); /* the library's memory is from there (net/vkernel.c) */
    return number;
}

static uint32_t edition_in(const mosquitto_property *properties) {
    char *name = NULL, *text = NULL;
    uint32_t edition = 0;
    (void)mosquitto_property_read_string_pair(properties, MQTT_PROP_USER_PROPERTY, &name, &text,
                                              false);
    if (name != NULL && text != NULL && strcmp(name, NET_MQTT_EDITION) == 0)
        edition = net_mqtt_edition_of((net_mqtt_span){(const uint8_t *)text, strlen(text)});
    sim_free(name);
    sim_free(text);
    return edition;
}

static void on_message(struct mosquitto *m, void *owner, const struct mosquitto_message *message,
                       const mosquitto_property *properties) {
    net_mqtt_client *c = owner;
    (void)m;
    const net_mqtt_publish got = {.topic = message->topic,
                                  .payload = message->payload,
                                  .size = (size_t)message->payloadlen,
                                  .qos = (uint8_t)message->qos,
                                  .retain = message->retain,
                                  .correlation = correlation_in(properties),
                                  .edition = edition_in(properties)};
    c->calls->received(c->owner, &got);
}

/* ---- life ---- */

net_mqtt_client *net_mqtt_client_new(net_vkernel *k, sim_stream *stream,
                                     const net_mqtt_calls *calls, void *owner) {
    prepare_library();
    net_mqtt_client *c = sim_malloc(sizeof *c);
    if (c == NULL) return NULL;
    *c = (net_mqtt_client){.kernel = k, .calls = calls, .owner = owner, .stream = stream};
    if (net_vkernel_open(k, c, output, &c->node) == 0) return c;
    sim_free(c);
    return NULL;
}

void net_mqtt_client_free(net_mqtt_client *c) {
    if (c == NULL) return;
    c->closing = true;
    net_vkernel_scope previous = net_vkernel_enter(c->kernel, c->node, 0, c->stream);
    mosquitto_destroy(c->library); /* NULL is fine */
    net_vkernel_leave(previous);
    net_vkernel_close(c->kernel, c->node);
    sim_free(c);
}

static int error_of(int rc) {
    switch (rc) {
        case MOSQ_ERR_SUCCESS:
            return 0;
        case MOSQ_ERR_NOMEM:
        case MOSQ_ERR_EAI: /* the virtual kernel knows any name */
            return SIM_ENOMEM;
        case MOSQ_ERR_NO_CONN:
            return SIM_ESTATE;
        case MOSQ_ERR_INVAL:
        case MOSQ_ERR_MALFORMED_UTF8:
        case MOSQ_ERR_PAYLOAD_SIZE:
        case MOSQ_ERR_OVERSIZE_PACKET:
            return SIM_ERANGE;
        default:
            return SIM_ELIBRARY;
    }
}

/* What was queued inside a callback goes out once the library has left it. */
static void flush(net_mqtt_client *c) {
    while (!c->ended && mosquitto_want_write(c->library) &&
           mosquitto_loop_write(c->library, 1) == 0) {
    }
}

static int set_up(net_mqtt_client *c, const net_mqtt_connect *connect) {
    struct mosquitto *m = c->library;
    mosquitto_connect_v5_callback_set(m, on_connect);
    mosquitto_disconnect_v5_callback_set(m, on_disconnect);
    mosquitto_publish_v5_callback_set(m, on_publish);
    mosquitto_subscribe_v5_callback_set(m, on_subscribe);
    mosquitto_message_v5_callback_set(m, on_message);
    int version = connect->version == 4 ? MQTT_PROTOCOL_V311 : MQTT_PROTOCOL_V5;
    int rc = mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, version);
    if (rc == 0 && connect->user_name != NULL)
        rc = mosquitto_username_pw_set(m, connect->user_name, connect->password);
    if (rc == 0 && connect->will_topic != NULL)
        rc = mosquitto_will_set(m, connect->will_topic, (int)connect->will_size, connect->will,
                                connect->will_qos, connect->will_retain);
    return rc;
}

static int send_connect(net_mqtt_client *c, const net_mqtt_connect *connect) {
    mosquitto_property *properties = NULL;
    int rc = 0;
    /* Without ours libmosquitto makes one of the same value, and loses it when it finds no memory
     * for the packet. */
    if (connect->version == 5)
        rc = mosquitto_property_add_int16(&properties, MQTT_PROP_RECEIVE_MAXIMUM, RECEIVE_MAXIMUM);
    if (rc == 0 && connect->version == 5 && connect->session_expiry_s > 0)
        rc = mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                          connect->session_expiry_s);
    if (rc == 0)
        rc = mosquitto_connect_bind_v5(c->library, "cloud", 1883, connect->keep_alive_s, NULL,
                                       properties);
    mosquitto_property_free_all(&properties);
    return rc;
}

int net_mqtt_client_connect(net_mqtt_client *c, sim_time now, const net_mqtt_connect *connect) {
    if (c->library != NULL || c->ended) return SIM_ESTATE;
    net_vkernel_scope previous = net_vkernel_enter(c->kernel, c->node, now, c->stream);
    c->library = mosquitto_new(connect->client_id, connect->clean_start, c);
    int rc = c->library != NULL ? set_up(c, connect)
             : errno == ENOMEM  ? MOSQ_ERR_NOMEM
                                : MOSQ_ERR_INVAL;
    c->keep_alive_s = connect->keep_alive_s;
    c->in_s = second_of(now);
    if (rc == 0) rc = send_connect(c, connect);
    net_vkernel_leave(previous);
    if (rc != 0) c->ended = true;
    return error_of(rc);
}

/* ---- verbs ---- */

static int publish_properties(const net_mqtt_publish *p, mosquitto_property **list) {
    char edition[11];
    uint8_t number[sizeof p->correlation];
    int rc = 0;
    if (p->answer_topic != NULL)
        rc = mosquitto_property_add_string(list, MQTT_PROP_RESPONSE_TOPIC, p->answer_topic);
    if (rc == 0 && p->correlation != 0) {
        net_mqtt_put_number(number, sizeof number, p->correlation);
        rc = mosquitto_property_add_binary(list, MQTT_PROP_CORRELATION_DATA, number, sizeof number);
    }
    if (rc == 0 && p->edition != 0) {
        (void)snprintf(edition, sizeof edition, "%" PRIu32, p->edition);
        rc = mosquitto_property_add_string_pair(list, MQTT_PROP_USER_PROPERTY, NET_MQTT_EDITION,
                                                edition);
    }
    return rc;
}

int net_mqtt_client_publish(net_mqtt_client *c, sim_time now, const net_mqtt_publish *publish,
                            uint16_t *id) {
    if (!c->connected) return SIM_ESTATE;
    int number = 0;
    mosquitto_property *properties = NULL;
    net_vkernel_scope previous = net_vkernel_enter(c->kernel, c->node, now, c->stream);
    int rc = publish_properties(publish, &properties);
    if (rc == 0)
        rc = mosquitto_publish_v5(c->library, &number, publish->topic, (int)publish->size,
                                  publish->payload, publish->qos, publish->retain, properties);
    mosquitto_property_free_all(&properties);
    net_vkernel_leave(previous);
    *id = (uint16_t)number;
    return error_of(rc);
}

int net_mqtt_client_subscribe(net_mqtt_client *c, sim_time now, const char *filter, uint8_t qos,
                              uint16_t *id) {
    if (!c->connected) return SIM_ESTATE;
    int number = 0;
    net_vkernel_scope previous = net_vkernel_enter(c->kernel, c->node, now, c->stream);
    int rc = mosquitto_subscribe_v5(c->library, &number, filter, qos, 0, NULL);
    net_vkernel_leave(previous);
    *id = (uint16_t)number;
    return error_of(rc);
}

/* One byte of a fixed header (MQTT 5 2.1). False: its length has more than four bytes, or is more
 * than is taken, or it is an AUTH, which answers what no device began. */
static bool take_header_byte(net_mqtt_client *c, uint8_t byte) {
    if (c->header++ == 0) {
        c->type = byte;
        c->length = 0;
        return (byte & 0xF0) != CMD_AUTH;
    }
    c->length |= (uint32_t)(byte & 0x7F) << (7 * (c->header - 2));
    if ((byte & 0x80) != 0) return c->header < 5;
    c->missing = c->length;
    c->in_body = true;
    return c->length <= NET_MQTT_PACKET_MAX;
}

/* How many of the bytes belong to the packet that comes in. 0: no device takes that packet. */
static size_t next_piece(net_mqtt_client *c, const uint8_t *bytes, size_t n, bool *complete) {
    size_t size = 0;
    while (!c->in_body && size < n) {
        if (!take_header_byte(c, bytes[size++])) return 0;
    }
    size_t body = c->in_body ? n - size : 0;
    if (body > c->missing) body = c->missing;
    c->missing -= (uint32_t)body;
    *complete = c->in_body && c->missing == 0;
    if (*complete) {
        c->in_body = false;
        c->header = 0;
    }
    return size + body;
}

static void feed(net_mqtt_client *c, const uint8_t *bytes, size_t n) {
    net_vkernel_arrive(0, bytes, n);
    while (!c->ended && net_vkernel_unread() > 0 && mosquitto_loop_read(c->library, 1) == 0) {
    }
}

void net_mqtt_client_input(net_mqtt_client *c, sim_time now, const uint8_t *bytes, size_t n) {
    if (c->library == NULL) return; /* nobody was asked anything yet */
    net_vkernel_scope previous = net_vkernel_enter(c->kernel, c->node, now, c->stream);
    while (n > 0 && !c->ended) {
        bool complete = false;
        size_t piece = next_piece(c, bytes, n, &complete);
        if (piece == 0) {
            end(c, NET_END_PROTOCOL, 0);
            break;
        }
        if (complete) c->in_s = second_of(now);
        if (complete && (c->type & 0xF0) == CMD_PINGRESP) c->pinged_s = 0;
        feed(c, bytes, piece);
        bytes += piece;
        n -= piece;
    }
    if (!c->ended) flush(c);
    net_vkernel_leave(previous);
}

/* libmosquitto waits for a PINGRESP as long as it waited before the PINGREQ. A device that keeps
 * the one and a half keep-alives, after which its server gives it up, asks for less: a quarter. */
static int64_t patience(const net_mqtt_client *c) {
    return c->keep_alive_s < 8 ? 1 : c->keep_alive_s / 4;
}

sim_time net_mqtt_client_deadline(const net_mqtt_client *c) {
    if (c->library == NULL || c->ended || c->keep_alive_s == 0) return SIM_NEVER;
    int64_t from = c->out_s < c->in_s ? c->out_s : c->in_s;
    int64_t due = from + c->keep_alive_s;
    if (c->pinged_s != 0 && c->pinged_s + patience(c) < due) due = c->pinged_s + patience(c);
    return due * SIM_SECOND;
}

void net_mqtt_client_wake(net_mqtt_client *c, sim_time now) {
    if (net_mqtt_client_deadline(c) > now) return;
    if (c->pinged_s != 0 && second_of(now) >= c->pinged_s + patience(c)) {
        end(c, NET_END_LOST, 0);
        return;
    }
    net_vkernel_scope previous = net_vkernel_enter(c->kernel, c->node, now, c->stream);
    mosquitto_loop_misc(c->library);
    /* After a PINGREQ the library counts both from it. */
    c->out_s = c->in_s = second_of(now);
    if (!c->ended) c->pinged_s = second_of(now) + (now == 0);
    net_vkernel_leave(previous);
}
