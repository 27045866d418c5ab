/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/dialect.h - how what a device says becomes topics and payloads of MQTT, or requests of CoAP,
 * where a backend has a convention of its own: templates in, messages out; and for the built-in
 * cloud in the place of a broker, the way back. Pure; whoever reads a dialect from somewhere fills
 * in the row of functions (sim/cli/dialect.c). */
#ifndef NET_DIALECT_H
#define NET_DIALECT_H

#include "net/senml.h"
#include "sim/core/time.h"

enum {
    NET_DIALECT_TEXT_MAX = 256, /* of a topic or a word, with the final 0 */
    NET_DIALECT_PASSWORD_MAX = 768,
    NET_DIALECT_PAYLOAD_MAX = 8192,
    NET_DIALECT_LINE_MAX = 64, /* of a command */
    NET_DIALECT_TOPICS_MAX = 8
};

typedef struct net_dialect net_dialect;

/* Somebody's backend, as its user describes it on the command line; or the built-in cloud in the
 * place of one. All may be NULL. */
typedef struct net_backend {
    const net_dialect *dialect; /* NULL: topics as the built-in cloud has them, bodies as sent */
    const char *host;           /* as the user wrote it */
    const char *user_name, *password;
    const char *path; /* of a WebSocket under MQTT (MQTT 5 6); NULL: there is none */
    bool built_in;    /* then the device's protocol says whether there is one */
    sim_time epoch;   /* what makes a time that is passed in one since 1970 */
} net_backend;

typedef struct net_dialect_words { /* what placeholders stand for; borrowed */
    const char *device, *model;
    const char *host, *user_name, *password; /* NULL: "" */
    uint32_t number;                         /* of the device, in the fleet */
    int64_t time_ms;                         /* since 1970 */
    const net_senml_pack *readings;          /* NULL: there are none */
    const uint8_t *body;                     /* the same as they were sent */
    size_t body_size;
} net_dialect_words;

typedef struct net_dialect_message {
    char topic[NET_DIALECT_TEXT_MAX];
    uint8_t payload[NET_DIALECT_PAYLOAD_MAX];
    size_t size;
    uint8_t qos; /* of MQTT, as the next one */
    bool retain;
    uint8_t method; /* of CoAP, as the rest (net/coap.h); 0: as its kind of device has it */
    uint16_t format, accept; /* NET_COAP_FORMAT_NONE: it does not say */
} net_dialect_message;

typedef struct net_dialect_login {
    char client_id[NET_DIALECT_TEXT_MAX];
    char user_name[NET_DIALECT_TEXT_MAX]; /* "": none */
    char password[NET_DIALECT_PASSWORD_MAX];
    uint8_t version; /* 4 or 5 */
    bool has_will;
    net_dialect_message will;
} net_dialect_login;

typedef enum net_dialect_occasion {
    NET_DIALECT_ANNOUNCES, /* it has connected, or is asked to say again who it is */
    NET_DIALECT_REPORTS,
    NET_DIALECT_OCCASIONS
} net_dialect_occasion;

/* What a backend reads out of a message. */
typedef struct net_dialect_heard {
    bool reports; /* it belongs to a report, ... */
    bool whole;   /* ... and nothing else does */
    bool apart;   /* its topic is the same for all devices: it is between one and the backend */
    char device[NET_DIALECT_TEXT_MAX]; /* that it names; "": none */
    net_senml_pack readings;           /* of a report; names as the device's data sheet has them */
} net_dialect_heard;

typedef struct net_dialect_calls {
    /* SIM_ERANGE: a text is too long, or stands for what is not there; SIM_ENOMEM. */
    int (*log_in)(const net_dialect *d, const net_dialect_words *w, net_dialect_login *out);
    /* Calls `say` for each message of the occasion; `message` is borrowed for the call. An error of
     * `say` ends it and is returned; or SIM_ENOMEM. */
    int (*speak)(const net_dialect *d, net_dialect_occasion occasion, const net_dialect_words *w,
                 int (*say)(void *context, const net_dialect_message *message), void *context);
    /* The filters to subscribe to; returns how many. Those that would be too long are left out. */
    size_t (*topics)(const net_dialect *d, const net_dialect_words *w,
                     char out[NET_DIALECT_TOPICS_MAX][NET_DIALECT_TEXT_MAX]);
    /* Whether that message asks the device to announce itself again. */
    bool (*wakes)(const net_dialect *d, const net_dialect_words *w, const char *topic,
                  const uint8_t *payload, size_t n);
    /* The command in it as a device takes it: "set-point 21.5". False: there is none. */
    bool (*hears)(const net_dialect *d, const net_dialect_words *w, const char *topic,
                  const uint8_t *payload, size_t n, char line[NET_DIALECT_LINE_MAX]);
    /* The rest is the backend's. Whom a CONNECT names in its client identifier or its user name,
     * "" where it has none. False: neither is where this dialect says who it is. */
    bool (*names)(const net_dialect *d, const char *client_id, const char *user_name,
                  char device[NET_DIALECT_TEXT_MAX]);
    /* False: the dialect has no such message. */
    bool (*reads)(const net_dialect *d, const char *topic, const uint8_t *payload, size_t n,
                  net_dialect_heard *out);
    /* Whether commands go to who follows that filter, and to which device's; "": it does not say.
     */
    bool (*commands)(const net_dialect *d, const char *filter, char device[NET_DIALECT_TEXT_MAX]);
    /* Calls `say` for each message that is the command in `line` to w->device, with the filter that
     * the device follows it by; borrowed for the call. SIM_ENOMEM. */
    int (*order)(const net_dialect *d, const net_dialect_words *w, const char *line,
                 void (*say)(void *context, const char *filter, const net_dialect_message *m),
                 void *context);
} net_dialect_calls;

struct net_dialect { /* the part that all begin with */
    const net_dialect_calls *calls;
};

#endif
