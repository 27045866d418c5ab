/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/mqtt_client.h - a device's MQTT endpoint: its own stock libmosquitto client on a virtual
 * stream socket, for one connection. Bytes in, bytes out, a deadline; no clock, no socket. What
 * protects and carries the stream is somebody else's, and has opened it already. */
#ifndef NET_MQTT_CLIENT_H
#define NET_MQTT_CLIENT_H

#include "net/end.h"
#include "net/vkernel.h"

typedef struct net_mqtt_client net_mqtt_client;

/* A larger packet ends the connection: libmosquitto would take memory for any size that a peer
 * announces. */
enum { NET_MQTT_PACKET_MAX = 16384 };

const char *net_mqtt_version(void); /* of libmosquitto; static */
/* What a reason that is no success says of a connection; `otherwise`, when it says nothing. */
net_end net_mqtt_end_of(uint8_t reason, net_end otherwise);

typedef struct net_mqtt_connect {
    uint8_t version;       /* 4 (3.1.1) or 5 */
    const char *client_id; /* all pointers are borrowed for the call */
    const char *user_name; /* NULL: none, and no password */
    const char *password;  /* NULL: none */
    uint16_t keep_alive_s; /* 5..65535, or 0: none */
    bool clean_start;
    uint32_t session_expiry_s; /* with version 5 */
    const char *will_topic;    /* NULL: no will */
    const uint8_t *will;
    size_t will_size;
    uint8_t will_qos;
    bool will_retain;
} net_mqtt_connect;

typedef struct net_mqtt_publish {
    const char *topic;
    const uint8_t *payload;
    size_t size;
    uint8_t qos; /* 0..2 */
    bool retain;
    /* With version 5: a question and its answer (4.10). */
    const char *answer_topic; /* to be answered on; NULL: it asks nothing */
    uint32_t correlation;     /* the asker's number, in both; 0: none */
    uint32_t edition;         /* as net_mqtt_edition_read; 0: none */
} net_mqtt_publish;

/* May be called from within any verb below. Inside a call the owner may publish and subscribe, but
 * must not free the client, nor hand it input or wake it: what `send` gets is to be queued. */
typedef struct net_mqtt_calls {
    void (*send)(void *owner, const uint8_t *bytes, size_t n);
    /* CONNACK: its code (3.1.1) or reason code (5); 0 is yes. After any other `ended` follows. */
    void (*connected)(void *owner, uint8_t reason, bool session_present);
    /* What was published or subscribed under `id` is through: PUBACK, PUBCOMP or SUBACK with its
     * reason code; with QoS 0 it was sent, within net_mqtt_client_publish itself. */
    void (*acknowledged)(void *owner, uint16_t id, uint8_t reason);
    void (*received)(void *owner, const net_mqtt_publish *message);
    /* Once; nothing follows. `reason` is that of a DISCONNECT, else 0. */
    void (*ended)(void *owner, net_end why, uint8_t reason);
} net_mqtt_calls;

/* `calls` and `stream` are borrowed for the client's life. Sends nothing yet. NULL: no memory. */
net_mqtt_client *net_mqtt_client_new(net_vkernel *k, sim_stream *stream,
                                     const net_mqtt_calls *calls, void *owner);
/* NULL is fine; sends nothing, also no DISCONNECT, and calls nobody back. */
void net_mqtt_client_free(net_mqtt_client *c);
/* Sends CONNECT; once. SIM_ENOMEM, SIM_ERANGE (a client id or topic that MQTT does not allow),
 * SIM_ELIBRARY, SIM_ESTATE: was asked before. */
SIM_MUST_USE int net_mqtt_client_connect(net_mqtt_client *c, sim_time now,
                                         const net_mqtt_connect *connect);
/* SIM_ESTATE before CONNACK said yes and after the end; else as above. Gives its packet identifier.
 */
SIM_MUST_USE int net_mqtt_client_publish(net_mqtt_client *c, sim_time now,
                                         const net_mqtt_publish *publish, uint16_t *id);
SIM_MUST_USE int net_mqtt_client_subscribe(net_mqtt_client *c, sim_time now, const char *filter,
                                           uint8_t qos, uint16_t *id);
void net_mqtt_client_input(net_mqtt_client *c, sim_time now, const uint8_t *bytes, size_t n);
/* At the deadline: PINGREQ, or the end for want of a PINGRESP. Early is harmless. */
void net_mqtt_client_wake(net_mqtt_client *c, sim_time now);
sim_time net_mqtt_client_deadline(const net_mqtt_client *c); /* SIM_NEVER: none */

#endif
