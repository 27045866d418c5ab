/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/mqtt_topic.h"

#include <mosquitto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/wall.h"

enum { PART_MAX = 256, PORT_DEFAULT = 1883, STEP_MS = 50, KEEP_ALIVE_S = 60 };

struct net_mqtt_topic {
    struct mosquitto *client;
    char host[PART_MAX], topic[PART_MAX], user[PART_MAX], password[PART_MAX];
    int port;
    double timeout_s;
    bool connected;
    int refused;      /* the reason code of a CONNACK that says no */
    int acknowledged; /* message id of the last PUBACK */
    char why[200];
};

/* ---- the address ---- */

/* Copies [from, to) as one of the parts. False: it is empty or too long. */
static bool take(char part[PART_MAX], const char *from, const char *to) {
    size_t n = (size_t)(to - from);
    if (n == 0 || n >= PART_MAX) return false;
    memcpy(part, from, n);
    part[n] = '\0';
    return true;
}

static bool take_port(net_mqtt_topic *t, const char *from, const char *to) {
    char text[PART_MAX], *end;
    if (!take(text, from, to)) return false;
    long port = strtol(text, &end, 10);
    t->port = (int)port;
    return *end == '\0' && port >= 1 && port <= 65535;
}

static bool take_host(net_mqtt_topic *t, const char *from, const char *to) {
    if (*from == '[') { /* an IPv6 address */
        const char *close = memchr(from, ']', (size_t)(to - from));
        if (close == NULL || !take(t->host, from + 1, close)) return false;
        return close + 1 == to || (close[1] == ':' && take_port(t, close + 2, to));
    }
    const char *colon = memchr(from, ':', (size_t)(to - from));
    if (colon == NULL) return take(t->host, from, to);
    return take(t->host, from, colon) && take_port(t, colon + 1, to);
}

static bool take_url(net_mqtt_topic *t, const char *url) {
    static const char scheme[] = "mqtt://";
    t->port = PORT_DEFAULT;
    if (strncmp(url, scheme, sizeof scheme - 1) != 0) return false;
    const char *at = url + sizeof scheme - 1, *slash = strchr(at, '/');
    if (slash == NULL || !take(t->topic, slash + 1, slash + strlen(slash))) return false;
    if (mosquitto_pub_topic_check(t->topic) != MOSQ_ERR_SUCCESS) return false;
    const char *who = memchr(at, '@', (size_t)(slash - at));
    if (who == NULL) return take_host(t, at, slash);
    const char *colon = memchr(at, ':', (size_t)(who - at));
    if (colon == NULL || !take(t->user, at, colon) || !take(t->password, colon + 1, who))
        return false;
    return take_host(t, who + 1, slash);
}

/* ---- what the library tells ---- */

static void on_connect(struct mosquitto *client, void *context, int code) {
    net_mqtt_topic *t = context;
    (void)client;
    t->connected = code == 0;
    t->refused = code;
}

static void on_disconnect(struct mosquitto *client, void *context, int code) {
    net_mqtt_topic *t = context;
    (void)client;
    (void)code;
    t->connected = false;
}

static void on_publish(struct mosquitto *client, void *context, int id) {
    net_mqtt_topic *t = context;
    (void)client;
    t->acknowledged = id;
}

/* ---- verbs ---- */

net_mqtt_topic *net_mqtt_topic_new(const char *url, double timeout_s, char *why, size_t size) {
    (void)snprintf(why, size, "out of memory");
    net_mqtt_topic *t = sim_calloc(1, sizeof *t);
    if (t == NULL) return NULL;
    t->timeout_s = timeout_s;
    (void)mosquitto_lib_init();
    if (!take_url(t, url)) {
        (void)snprintf(
            why, size,
            "not an address like mqtt://HOST:1883/TOPIC, with a topic without wildcards");
    } else {
        t->client = mosquitto_new(NULL, true, t);
    }
    if (t->client == NULL ||
        (t->user[0] != '\0' &&
         mosquitto_username_pw_set(t->client, t->user, t->password) != MOSQ_ERR_SUCCESS)) {
        net_mqtt_topic_free(t);
        return NULL;
    }
    mosquitto_connect_callback_set(t->client, on_connect);
    mosquitto_disconnect_callback_set(t->client, on_disconnect);
    mosquitto_publish_callback_set(t->client, on_publish);
    return t;
}

void net_mqtt_topic_free(net_mqtt_topic *t) {
    if (t == NULL) return;
    if (t->client != NULL && t->connected) (void)mosquitto_disconnect(t->client);
    if (t->client != NULL) mosquitto_destroy(t->client);
    (void)mosquitto_lib_cleanup();
    sim_free(t);
}

static int fail(net_mqtt_topic *t, int error, const char *why) {
    (void)snprintf(t->why, sizeof t->why, "%s", why);
    t->connected = false;
    return error;
}

static bool is_connected(const net_mqtt_topic *t, int id) {
    (void)id;
    return t->connected;
}

static bool is_acknowledged(const net_mqtt_topic *t, int id) {
    return t->acknowledged == id;
}

/* Lets the library work until it is so, or for too long. */
static int until(net_mqtt_topic *t, bool (*holds)(const net_mqtt_topic *t, int id), int id,
                 double end) {
    while (!holds(t, id)) {
        int code = mosquitto_loop(t->client, STEP_MS, 1);
        if (t->refused != 0) return fail(t, SIM_ECLOSED, mosquitto_connack_string(t->refused));
        if (code != MOSQ_ERR_SUCCESS) return fail(t, SIM_EUNREACHABLE, mosquitto_strerror(code));
        if (sim_wall() > end) return fail(t, SIM_ETIMEOUT, "no answer in time");
    }
    return 0;
}

static int connect_to(net_mqtt_topic *t, double end) {
    t->refused = 0;
    int code = mosquitto_connect(t->client, t->host, t->port, KEEP_ALIVE_S);
    if (code != MOSQ_ERR_SUCCESS) return fail(t, SIM_EUNREACHABLE, mosquitto_strerror(code));
    return until(t, is_connected, 0, end);
}

int net_mqtt_topic_publish(net_mqtt_topic *t, const char *text) {
    double end = sim_wall() + t->timeout_s;
    int id = 0, error = 0;
    /* the broker may have gone meanwhile */
    if (t->connected) (void)mosquitto_loop(t->client, 0, 1);
    if (!t->connected) error = connect_to(t, end);
    if (error != 0) return error;
    int code = mosquitto_publish(t->client, &id, t->topic, (int)strlen(text), text, 1, false);
    if (code != MOSQ_ERR_SUCCESS) return fail(t, SIM_EUNREACHABLE, mosquitto_strerror(code));
    return until(t, is_acknowledged, id, end);
}

const char *net_mqtt_topic_why(const net_mqtt_topic *t) {
    return t->why;
}
