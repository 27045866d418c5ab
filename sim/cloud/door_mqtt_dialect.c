/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clients of the MQTT door that speak a backend's dialect (net/dialect.h). */
#include <stdio.h>
#include <string.h>

#include "sim/cloud/door_mqtt_private.h"
#include "sim/core/heap.h"

enum { REPORT_MAX = 4096 };

/* How long the messages of a report may be apart. */
#define GATHERING SIM_SECOND

static bool copy_span(net_mqtt_span from, char *out, size_t size) {
    bool fits = from.n < size;
    if (fits && from.n > 0) memcpy(out, from.bytes, from.n);
    out[fits ? from.n : 0] = '\0';
    return fits;
}

/* ---- who ---- */

/* Of a device that the dialect names. False: no device can be called so. */
static bool take_name(cloud_mqtt_peer *p, const char *device) {
    size_t n = strlen(device);
    if (n == 0 || n >= sizeof p->identity) return false;
    memcpy(p->identity, device, n + 1);
    return true;
}

bool cloud_mqtt_dialect_identity(cloud_mqtt_peer *p, const net_mqtt_packet *packet) {
    const net_dialect *d = cloud_mqtt_dialect(p->door);
    char client_id[NET_DIALECT_TEXT_MAX], user_name[NET_DIALECT_TEXT_MAX];
    char device[NET_DIALECT_TEXT_MAX];
    p->identity[0] = '\0';
    return copy_span(packet->client_id, client_id, sizeof client_id) &&
           copy_span(packet->user_name, user_name, sizeof user_name) &&
           d->calls->names(d, client_id, user_name, device) && take_name(p, device);
}

/* What names a device is that one's, and tells who speaks where nothing has yet. False: it is
 * another's. */
static bool is_its_own(cloud_mqtt_peer *p, const char *device) {
    uint8_t key[NET_SECURE_KEY_MAX];
    uint32_t number;
    const cloud_mqtt_door *d = p->door;
    if (device[0] == '\0') return true;
    if (p->identity[0] != '\0') return strcmp(p->identity, device) == 0;
    if (d->settings.identities_required || d->calls->who(d->context, device, &number, key) == 0 ||
        !take_name(p, device))
        return false;
    cloud_mqtt_introduce(p, number);
    return true;
}

/* ---- what it says ---- */

/* In this cloud's time, for what does not say its own. */
static double clock_of(const cloud_mqtt_peer *p) {
    return sim_time_seconds(p->door->now + p->door->settings.backend->epoch);
}

static uint8_t report(cloud_mqtt_peer *p, net_senml_pack *pack) {
    uint8_t bytes[REPORT_MAX];
    size_t n = 0;
    const cloud_request r = cloud_mqtt_request(p);
    (void)snprintf(pack->base_name, sizeof pack->base_name, "%s_", p->identity);
    for (size_t i = 0; i < pack->count; i++) {
        if (pack->records[i].time_s == 0) pack->records[i].time_s = clock_of(p);
    }
    bool readable = net_senml_write(pack, bytes, sizeof bytes, &n) == 0;
    return cloud_mqtt_reason(
        cloud_service_report(p->door->service, &r, readable, bytes, readable ? n : 0).kind);
}

void cloud_mqtt_dialect_hand_over(cloud_mqtt_peer *p) {
    cloud_fate fate = p->door->fate;
    p->gathered_due = SIM_NEVER;
    if (p->gathered == NULL) return;
    p->door->fate = CLOUD_FATE_ADMIT; /* each of its messages was answered */
    (void)report(p, p->gathered);
    p->door->fate = fate;
    sim_free(p->gathered);
    p->gathered = NULL;
}

static bool has(const net_senml_pack *pack, const char *name) {
    size_t i = 0;
    while (i < pack->count && strcmp(pack->records[i].name, name) != 0) i++;
    return i < pack->count;
}

/* What was said already belongs to the next report. */
static bool begins_another(const net_senml_pack *gathered, const net_senml_pack *part) {
    return gathered->count + part->count > NET_SENML_RECORDS_MAX ||
           (part->count > 0 && has(gathered, part->records[0].name));
}

static uint8_t gather(cloud_mqtt_peer *p, const net_senml_pack *part) {
    if (p->gathered != NULL && begins_another(p->gathered, part)) cloud_mqtt_dialect_hand_over(p);
    if (p->gathered == NULL) {
        p->gathered = sim_calloc(1, sizeof *p->gathered);
        p->gathered_due = p->door->now + GATHERING;
    }
    if (p->gathered == NULL) return NET_MQTT_QUOTA_EXCEEDED;
    memcpy(p->gathered->records + p->gathered->count, part->records,
           part->count * sizeof *part->records);
    p->gathered->count += part->count;
    return NET_MQTT_SUCCESS;
}

static uint8_t take(cloud_mqtt_peer *p, net_dialect_heard *heard) {
    const cloud_request r = cloud_mqtt_request(p);
    cloud_answer answer;
    if (!is_its_own(p, heard->device)) {
        p->door->service->counts.forbidden++;
        return NET_MQTT_NOT_AUTHORIZED;
    }
    uint8_t reason = NET_MQTT_SUCCESS;
    if (heard->reports && heard->whole)
        reason = report(p, &heard->readings);
    else if (cloud_service_busy(p->door->service, &r, &answer))
        reason = NET_MQTT_QUOTA_EXCEEDED;
    else if (heard->reports)
        reason = gather(p, &heard->readings);
    return reason == NET_MQTT_SUCCESS && heard->apart ? CLOUD_BROKER_KEPT : reason;
}

bool cloud_mqtt_dialect_publish(cloud_mqtt_peer *p, const net_mqtt_packet *packet,
                                uint8_t *reason) {
    char topic[NET_DIALECT_TEXT_MAX];
    const net_dialect *d = cloud_mqtt_dialect(p->door);
    net_dialect_heard *heard = sim_malloc(sizeof *heard);
    bool known = heard != NULL && copy_span(packet->topic, topic, sizeof topic) &&
                 d->calls->reads(d, topic, packet->payload.bytes, packet->payload.n, heard);
    if (known) *reason = take(p, heard);
    sim_free(heard);
    return known;
}

/* ---- what is wanted of it ---- */

bool cloud_mqtt_dialect_subscribe(cloud_mqtt_peer *p, net_mqtt_span filter, uint8_t *reason) {
    char text[NET_DIALECT_TEXT_MAX], device[NET_DIALECT_TEXT_MAX];
    const net_dialect *d = cloud_mqtt_dialect(p->door);
    if (!copy_span(filter, text, sizeof text) || !d->calls->commands(d, text, device)) return false;
    bool own = is_its_own(p, device);
    if (!own) p->door->service->counts.forbidden++;
    *reason = own ? NET_MQTT_SUCCESS : NET_MQTT_NOT_AUTHORIZED;
    return true;
}

typedef struct telling {
    cloud_mqtt_peer *p;
    const net_mqtt_span *filter; /* NULL: any */
    bool retain, told;
} telling;

/* With which quality of service the message is wanted there; -1: it is not. */
static int wanted_by(const telling *t, const char *filter) {
    const cloud_mqtt_peer *p = t->p;
    const net_mqtt_span span = {(const uint8_t *)filter, strlen(filter)};
    bool meant = t->filter == NULL ||
                 (t->filter->n == span.n && memcmp(t->filter->bytes, span.bytes, span.n) == 0);
    return meant ? cloud_broker_follows(p->door->broker, p->connection, span) : -1;
}

/* Once for each command, where the device follows it by several filters. */
static void tell_order(void *context, const char *filter, const net_dialect_message *m) {
    telling *t = context;
    cloud_mqtt_peer *p = t->p;
    int qos = t->told ? -1 : wanted_by(t, filter);
    if (qos < 0) return;
    t->told = true;
    const net_mqtt_packet packet = {.qos = (uint8_t)(qos < m->qos ? qos : m->qos),
                                    .retain = t->retain,
                                    .topic = {(const uint8_t *)m->topic, strlen(m->topic)},
                                    .payload = {m->payload, m->size}};
    cloud_broker_tell(p->door->broker, p->door->now, p->connection, &packet);
}

static void find_order(void *context, const char *filter, const net_dialect_message *m) {
    telling *t = context;
    (void)m;
    t->told |= wanted_by(t, filter) >= 0;
}

/* Whether it follows there what the service always wants of a device. */
static bool follows(cloud_mqtt_peer *p, const net_dialect_words *w, const net_mqtt_span *filter) {
    const net_dialect *d = cloud_mqtt_dialect(p->door);
    telling t = {.p = p, .filter = filter};
    return d->calls->order(d, w, "set-point 0", find_order, &t) == 0 && t.told;
}

/* The service's commands are lines; a dialect without a word for one says nothing of it. */
void cloud_mqtt_dialect_tell(cloud_mqtt_peer *p, const net_mqtt_span *filter, bool retain) {
    const cloud_mqtt_door *door = p->door;
    const net_dialect *d = cloud_mqtt_dialect(door);
    const net_dialect_words w = {
        .device = p->identity,
        .host = door->settings.backend->host,
        .time_ms = (door->now + door->settings.backend->epoch) / SIM_MILLISECOND};
    const cloud_request r = cloud_mqtt_request(p);
    if (!cloud_session_named(&p->session) || !follows(p, &w, filter)) return;
    cloud_answer answer = cloud_service_commands(door->service, &r, p->session.device);
    if (answer.kind != CLOUD_ANSWER_CONTENT) return;
    for (char *line = answer.text, *end = line; end != NULL; line = end + 1) {
        telling t = {.p = p, .filter = filter, .retain = retain};
        end = strchr(line, '\n');
        if (end != NULL) *end = '\0';
        (void)!d->calls->order(d, &w, line, tell_order, &t); /* no memory: it asks again */
    }
}
