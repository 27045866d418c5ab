/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may be published and followed at the MQTT door, and what comes of it. */
#include <stdio.h>
#include <string.h>

#include "net/manifest.h"
#include "sim/cloud/door_mqtt_private.h"

enum { TOPIC_MAX = NET_SECURE_IDENTITY_MAX + 4, TELL_QOS = 1 };

/* ---- names ---- */

/* How a topic stands to the one called `word`: what is behind it. */
typedef enum place { ELSEWHERE, ITSELF, OWN, OTHERS } place;

static place place_under(const char *word, net_mqtt_span topic, const char *identity) {
    size_t n = strlen(word), own = strlen(identity);
    if (topic.n < n || memcmp(topic.bytes, word, n) != 0) return ELSEWHERE;
    if (topic.n == n) return ITSELF;
    if (topic.bytes[n] != '/') return ELSEWHERE;
    bool is_own =
        own > 0 && topic.n == n + 1 + own && memcmp(topic.bytes + n + 1, identity, own) == 0;
    return is_own ? OWN : OTHERS;
}

/* What the cloud says to each device. */
static const struct channel {
    const char *word;
    cloud_answer (*ask)(cloud_service *s, const cloud_request *r, uint32_t device);
} channels[] = {{"s", cloud_service_desired}, {"c", cloud_service_commands}};
enum { CHANNELS = sizeof channels / sizeof *channels };

/* Behind the word and its stroke; ITSELF has nothing there. False: too long for any. */
static bool rest_of(const char *word, net_mqtt_span topic, char *out, size_t size) {
    size_t n = topic.n - strlen(word);
    if (n > 0) n--;
    if (n >= size) return false;
    memcpy(out, topic.bytes + topic.n - n, n);
    out[n] = '\0';
    return true;
}

/* ---- telemetry ---- */

static bool same_text(net_mqtt_span said, const char *word) {
    return said.n == strlen(word) && memcmp(said.bytes, word, said.n) == 0;
}

/* A SenML pack in CBOR: so it says, or where nothing is said it begins with a CBOR array. */
static bool is_senml(const net_mqtt_packet *p) {
    enum { MAJOR_TYPE = 0xe0, ARRAY = 0x80 };
    if (net_mqtt_has(&p->properties, NET_MQTT_CONTENT_TYPE))
        return same_text(p->properties.text[NET_MQTT_CONTENT_TYPE], "application/senml+cbor");
    return p->payload.n > 0 && (p->payload.bytes[0] & MAJOR_TYPE) == ARRAY;
}

uint8_t cloud_mqtt_reason(cloud_answer_kind kind) {
    static const uint8_t reasons[] = {
        [CLOUD_ANSWER_TAKEN] = NET_MQTT_SUCCESS,
        [CLOUD_ANSWER_CONTENT] = NET_MQTT_SUCCESS,
        [CLOUD_ANSWER_BUSY] = NET_MQTT_QUOTA_EXCEEDED,
        [CLOUD_ANSWER_REFUSED] = NET_MQTT_NOT_AUTHORIZED,
        [CLOUD_ANSWER_UNKNOWN] = NET_MQTT_TOPIC_NAME_INVALID,
        [CLOUD_ANSWER_MALFORMED] = NET_MQTT_PAYLOAD_FORMAT_INVALID,
        [CLOUD_ANSWER_OVERTAKEN] = NET_MQTT_IMPLEMENTATION_SPECIFIC_ERROR};
    return reasons[kind];
}

static uint8_t report(cloud_mqtt_peer *p, const net_mqtt_packet *packet) {
    const cloud_request r = cloud_mqtt_request(p);
    return cloud_mqtt_reason(cloud_service_report(p->door->service, &r, is_senml(packet),
                                                  packet->payload.bytes, packet->payload.n)
                                 .kind);
}

/* On which report topic it is published. */
static place place_of_report(const cloud_mqtt_peer *p, net_mqtt_span topic) {
    const cloud_mqtt_door *d = p->door;
    place at = place_under("t", topic, p->identity);
    for (size_t i = 0; at == ELSEWHERE && i < CLOUD_DOOR_TOPICS_MAX; i++) {
        if (d->settings.report_topics[i] == NULL) break;
        at = place_under(d->settings.report_topics[i], topic, p->identity);
    }
    return at;
}

/* ---- requests (4.10) ---- */

/* The manifest, or the block of the image that the payload names. */
static cloud_answer ask_update(const cloud_mqtt_peer *p, const cloud_request *r,
                               const net_mqtt_packet *packet) {
    cloud_service *s = p->door->service;
    char model[NET_MANIFEST_MODEL_MAX] = "", block[NET_MANIFEST_BLOCK_NAME_MAX];
    uint32_t version, number;
    cloud_answer answer;
    if (!rest_of("fw", packet->topic, model, sizeof model)) model[0] = '\0'; /* nobody's */
    const cloud_update *u = cloud_service_update(s, r, model, &answer);
    if (u == NULL) return answer;
    if (packet->payload.n == 0) return cloud_service_manifest(s, u);
    size_t n = packet->payload.n < sizeof block ? packet->payload.n : 0;
    memcpy(block, packet->payload.bytes, n);
    block[n] = '\0';
    return strlen(block) == n && net_manifest_block_named(block, &version, &number)
               ? cloud_service_block(s, u, version, number)
               : (cloud_answer){.kind = CLOUD_ANSWER_MALFORMED};
}

/* The shared value; with an edition it is to be changed. */
static cloud_answer ask_value(const cloud_mqtt_peer *p, const cloud_request *r,
                              const net_mqtt_packet *packet) {
    uint32_t edition = net_mqtt_edition_read(&packet->properties);
    return edition == 0 ? cloud_service_value(p->door->service, r)
                        : cloud_service_change(p->door->service, r, edition, packet->payload.bytes,
                                               packet->payload.n);
}

static const struct question {
    const char *word;
    bool deeper; /* what is asked for stands below it */
    cloud_answer (*ask)(const cloud_mqtt_peer *p, const cloud_request *r,
                        const net_mqtt_packet *packet);
} questions[] = {{"fw", true, ask_update}, {"v", false, ask_value}};

/* NULL: it asks nothing of the cloud. */
static const struct question *question_in(const net_mqtt_packet *packet) {
    bool asks = net_mqtt_has(&packet->properties, NET_MQTT_RESPONSE_TOPIC) ||
                net_mqtt_edition_read(&packet->properties) != 0;
    for (size_t i = 0; asks && i < sizeof questions / sizeof *questions; i++) {
        const struct question *q = &questions[i];
        place at = place_under(q->word, packet->topic, "");
        if (at == (q->deeper ? OTHERS : ITSELF)) return q;
    }
    return NULL;
}

/* To who asked alone, on the topic that it named, which it must follow. False: it does not. */
static bool tell_answer(const cloud_mqtt_peer *p, const net_mqtt_packet *asked,
                        const cloud_answer *answer) {
    cloud_mqtt_door *d = p->door;
    uint8_t edition[NET_MQTT_EDITION_MAX];
    net_mqtt_span topic = asked->properties.text[NET_MQTT_RESPONSE_TOPIC];
    const uint8_t *bytes = answer->bytes != NULL ? answer->bytes : (const uint8_t *)answer->text;
    if (cloud_broker_follows(d->broker, p->connection, topic) < 0) return false;
    net_mqtt_packet packet = {.topic = topic, .payload = {bytes, answer->size}};
    if (net_mqtt_has(&asked->properties, NET_MQTT_CORRELATION_DATA))
        net_mqtt_set_text(&packet.properties, NET_MQTT_CORRELATION_DATA,
                          asked->properties.text[NET_MQTT_CORRELATION_DATA]);
    if (answer->version != 0)
        packet.properties.repeated[0] =
            (net_mqtt_span){edition, net_mqtt_edition_write(answer->version, edition)};
    cloud_broker_tell(d->broker, d->now, p->connection, &packet);
    return true;
}

static uint8_t answer_question(cloud_mqtt_peer *p, const struct question *q,
                               const net_mqtt_packet *packet) {
    const cloud_request r = cloud_mqtt_request(p);
    cloud_answer answer = q->ask(p, &r, packet);
    bool told = answer.kind != CLOUD_ANSWER_CONTENT || tell_answer(p, packet, &answer);
    return told ? cloud_mqtt_reason(answer.kind) : NET_MQTT_IMPLEMENTATION_SPECIFIC_ERROR;
}

/* ---- all that is published ---- */

uint8_t cloud_mqtt_publish(void *owner, const net_mqtt_packet *packet) {
    cloud_mqtt_peer *p = owner;
    cloud_mqtt_door *d = p->door;
    const cloud_request r = cloud_mqtt_request(p);
    cloud_answer answer;
    if (d->fate == CLOUD_FATE_DROP) return CLOUD_BROKER_UNHEARD;
    d->service->counts.requests++;
    for (size_t i = 0; i < CHANNELS; i++) {
        if (place_under(channels[i].word, packet->topic, p->identity) == ELSEWHERE) continue;
        d->service->counts.forbidden++;
        return NET_MQTT_NOT_AUTHORIZED;
    }
    place at = place_of_report(p, packet->topic);
    if (at == OTHERS) {
        d->service->counts.forbidden++;
        return NET_MQTT_NOT_AUTHORIZED;
    }
    if (at != ELSEWHERE) return report(p, packet);
    uint8_t reason;
    if (cloud_mqtt_dialect(d) != NULL && cloud_mqtt_dialect_publish(p, packet, &reason))
        return reason;
    const struct question *q = question_in(packet);
    if (q != NULL) return answer_question(p, q, packet);
    return cloud_service_busy(d->service, &r, &answer) ? NET_MQTT_QUOTA_EXCEEDED : NET_MQTT_SUCCESS;
}

/* ---- what is wanted of a device ---- */

static net_mqtt_span own_topic(const cloud_mqtt_peer *p, const char *word, char text[TOPIC_MAX]) {
    int n = snprintf(text, TOPIC_MAX, "%s/%s", word, p->identity);
    return (net_mqtt_span){(const uint8_t *)text, n < 0 ? 0 : (size_t)n};
}

uint8_t cloud_mqtt_subscribe(void *owner, net_mqtt_span filter) {
    cloud_mqtt_peer *p = owner;
    cloud_mqtt_door *d = p->door;
    const cloud_request r = cloud_mqtt_request(p);
    cloud_answer answer;
    d->service->counts.requests++;
    if (d->fate == CLOUD_FATE_DROP || cloud_service_busy(d->service, &r, &answer))
        return NET_MQTT_QUOTA_EXCEEDED;
    if (same_text(filter, CLOUD_MQTT_REFUSED_FILTER)) return NET_MQTT_UNSPECIFIED_ERROR;
    for (size_t i = 0; i < CHANNELS; i++) {
        place at = place_under(channels[i].word, filter, p->identity);
        if (at == ELSEWHERE || (at == OWN && cloud_session_named(&p->session))) continue;
        d->service->counts.forbidden++;
        return NET_MQTT_NOT_AUTHORIZED;
    }
    uint8_t reason = NET_MQTT_SUCCESS;
    if (cloud_mqtt_dialect(d) != NULL) (void)cloud_mqtt_dialect_subscribe(p, filter, &reason);
    return reason;
}

static void tell(cloud_mqtt_peer *p, const struct channel *c, bool retain) {
    cloud_mqtt_door *d = p->door;
    const cloud_request r = cloud_mqtt_request(p);
    char text[TOPIC_MAX];
    net_mqtt_span topic = own_topic(p, c->word, text);
    int qos = cloud_broker_follows(d->broker, p->connection, topic);
    if (qos < 0) return;
    cloud_answer answer = c->ask(d->service, &r, p->session.device);
    if (answer.kind != CLOUD_ANSWER_CONTENT) return;
    const net_mqtt_packet packet = {.qos = (uint8_t)(qos < TELL_QOS ? qos : TELL_QOS),
                                    .retain = retain,
                                    .topic = topic,
                                    .payload = {(const uint8_t *)answer.text, answer.size}};
    cloud_broker_tell(d->broker, d->now, p->connection, &packet);
}

void cloud_mqtt_subscribed(void *owner, net_mqtt_span filter) {
    cloud_mqtt_peer *p = owner;
    for (size_t i = 0; i < CHANNELS; i++) {
        if (place_under(channels[i].word, filter, p->identity) == OWN) tell(p, &channels[i], true);
    }
    if (cloud_mqtt_dialect(p->door) != NULL) cloud_mqtt_dialect_tell(p, &filter, true);
}

void cloud_mqtt_tell_wanted(cloud_mqtt_peer *p, bool retain) {
    if (!cloud_session_named(&p->session)) return;
    for (size_t i = 0; i < CHANNELS; i++) tell(p, &channels[i], retain);
    if (cloud_mqtt_dialect(p->door) != NULL) cloud_mqtt_dialect_tell(p, NULL, retain);
}
