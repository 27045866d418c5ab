/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who follows what (3.8 to 3.11, 4.7, 4.8), and what is retained (3.3.1.3). */
#include <string.h>

#include "net/mqtt_filter.h"
#include "sim/cloud/broker_private.h"
#include "sim/core/heap.h"

/* ---- filters that somebody follows ---- */

static net_mqtt_span group_of(const cloud_broker_topic *t) {
    return (net_mqtt_span){t->bytes, t->group};
}

static net_mqtt_span filter_of(const cloud_broker_topic *t) {
    return (net_mqtt_span){t->bytes + t->group, t->filter};
}

static bool same(net_mqtt_span a, net_mqtt_span b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.bytes, b.bytes, a.n) == 0);
}

/* NULL: nobody follows it, or another filter has the same hash. */
static cloud_broker_topic *topic_at(const cloud_broker *b, net_mqtt_span group,
                                    net_mqtt_span filter) {
    uint32_t slot;
    if (!sim_map_get(&b->topic_by_filter, cloud_broker_hash(b, group, filter), &slot)) return NULL;
    cloud_broker_topic *t = cloud_broker_table_at(&b->topics, slot);
    return same(group_of(t), group) && same(filter_of(t), filter) ? t : NULL;
}

static void remove_topic(cloud_broker *b, cloud_broker_topic *t) {
    if (t->scanned > 0) {
        cloud_broker_topic *last = b->scanned[--b->scanned_count];
        b->scanned[t->scanned - 1] = last;
        last->scanned = t->scanned;
    }
    sim_map_remove(&b->topic_by_filter, t->hash);
    cloud_broker_table_remove(&b->topics, t->id);
    sim_free(t);
}

static int scan_topic(cloud_broker *b, cloud_broker_topic *t) {
    cloud_broker_topic **scanned =
        sim_more(b->scanned, b->scanned_count, &b->scanned_room, sizeof(cloud_broker_topic *));
    if (scanned == NULL) return SIM_ENOMEM;
    b->scanned = scanned;
    b->scanned[b->scanned_count++] = t;
    t->scanned = (uint32_t)b->scanned_count;
    return 0;
}

static cloud_broker_topic *make_topic(cloud_broker *b, net_mqtt_span group, net_mqtt_span filter) {
    uint32_t taken;
    uint64_t hash = cloud_broker_hash(b, group, filter);
    if (sim_map_get(&b->topic_by_filter, hash, &taken)) return NULL;
    cloud_broker_topic *t = sim_calloc(1, sizeof *t + group.n + filter.n);
    if (t == NULL) return NULL;
    t->hash = hash;
    t->group = group.n;
    t->filter = filter.n;
    (void)net_mqtt_put_bytes(net_mqtt_put_bytes(t->bytes, group), filter);
    int error = cloud_broker_table_put(&b->topics, t, &t->id);
    if (error != 0) {
        sim_free(t);
        return NULL;
    }
    error = sim_map_put(&b->topic_by_filter, hash, t->id.slot);
    if (error == 0 && (group.n > 0 || net_mqtt_filter_has_wildcard(filter)))
        error = scan_topic(b, t);
    if (error == 0) return t;
    remove_topic(b, t);
    return NULL;
}

/* ---- subscriptions ---- */

static cloud_broker_subscription *subscription_of(const cloud_broker_session *s,
                                                  const cloud_broker_topic *t) {
    cloud_broker_subscription *sub = t == NULL ? NULL : s->subscriptions;
    while (sub != NULL && sub->topic != t) sub = sub->next_of_session;
    return sub;
}

static void unlink_from_topic(cloud_broker_topic *t, cloud_broker_subscription *sub) {
    if (sub->before != NULL) sub->before->after = sub->after;
    if (sub->after != NULL) sub->after->before = sub->before;
    if (t->first == sub) t->first = sub->after;
    if (t->last == sub) t->last = sub->before;
}

static void join_topic(cloud_broker_topic *t, cloud_broker_subscription *sub) {
    sub->before = t->last;
    sub->after = NULL;
    if (t->last != NULL) t->last->after = sub;
    t->last = sub;
    if (t->first == NULL) t->first = sub;
}

static void remove_subscription(cloud_broker *b, cloud_broker_session *s,
                                cloud_broker_subscription *sub) {
    cloud_broker_subscription **at = &s->subscriptions;
    while (*at != sub) at = &(*at)->next_of_session;
    *at = sub->next_of_session;
    s->subscription_count--;
    unlink_from_topic(sub->topic, sub);
    if (sub->topic->first == NULL) remove_topic(b, sub->topic);
    sim_free(sub);
}

void cloud_broker_unsubscribe_all(cloud_broker *b, cloud_broker_session *s) {
    while (s->subscriptions != NULL) remove_subscription(b, s, s->subscriptions);
}

static cloud_broker_subscription *make_subscription(cloud_broker *b, cloud_broker_session *s,
                                                    net_mqtt_span group, net_mqtt_span filter) {
    if (s->subscription_count >= b->settings.subscriptions_maximum) return NULL;
    cloud_broker_subscription *sub = sim_calloc(1, sizeof *sub);
    if (sub == NULL) return NULL;
    cloud_broker_topic *t = topic_at(b, group, filter);
    if (t == NULL) t = make_topic(b, group, filter);
    if (t == NULL) {
        sim_free(sub);
        return NULL;
    }
    sub->session = s;
    sub->topic = t;
    sub->next_of_session = s->subscriptions;
    s->subscriptions = sub;
    s->subscription_count++;
    join_topic(t, sub);
    return sub;
}

int cloud_broker_follows(const cloud_broker *b, const cloud_broker_connection *c,
                         net_mqtt_span filter) {
    const cloud_broker_topic *t = topic_at(b, (net_mqtt_span){0}, filter);
    const cloud_broker_subscription *sub =
        c->session == NULL ? NULL : subscription_of(c->session, t);
    return sub == NULL ? -1 : sub->qos;
}

/* ---- retained messages ---- */

static void send_retained(cloud_broker *b, const cloud_broker_subscription *sub,
                          cloud_broker_message *m) {
    cloud_broker_terms terms = {.qos = m->qos < sub->qos ? m->qos : sub->qos, .retain = true};
    if (m->expires_at <= b->now) return;
    if (sub->identifier != 0) terms.identifiers[terms.identifier_count++] = sub->identifier;
    cloud_broker_deliver(b, sub->session, m, &terms);
}

static void send_all_retained(cloud_broker *b, const cloud_broker_subscription *sub) {
    net_mqtt_span filter = filter_of(sub->topic);
    uint32_t slot;
    if (sub->topic->group > 0) return; /* 4.8.2 */
    if (!net_mqtt_filter_has_wildcard(filter)) {
        uint64_t hash = cloud_broker_hash(b, filter, (net_mqtt_span){0});
        if (!sim_map_get(&b->retained_by_topic, hash, &slot)) return;
        cloud_broker_message *m = b->retained.items[slot];
        if (same(cloud_broker_message_topic(m), filter)) send_retained(b, sub, m);
        return;
    }
    for (size_t i = 0; i < b->retained.room; i++) {
        cloud_broker_message *m = b->retained.items[i];
        if (m != NULL && net_mqtt_filter_matches(filter, cloud_broker_message_topic(m)))
            send_retained(b, sub, m);
    }
}

static void forget_retained(cloud_broker *b, uint64_t hash, uint32_t slot) {
    cloud_broker_message_release(b->retained.items[slot]);
    cloud_broker_table_remove(&b->retained, (sim_id){slot, b->retained.slots.generation[slot]});
    sim_map_remove(&b->retained_by_topic, hash);
}

uint8_t cloud_broker_retain(cloud_broker *b, cloud_broker_message *m) {
    uint32_t slot;
    sim_id id;
    uint64_t hash = cloud_broker_hash(b, cloud_broker_message_topic(m), (net_mqtt_span){0});
    if (sim_map_get(&b->retained_by_topic, hash, &slot)) forget_retained(b, hash, slot);
    if (m->payload == 0) return 0;
    if (cloud_broker_table_put(&b->retained, m, &id) != 0) return NET_MQTT_QUOTA_EXCEEDED;
    if (sim_map_put(&b->retained_by_topic, hash, id.slot) != 0) {
        cloud_broker_table_remove(&b->retained, id);
        return NET_MQTT_QUOTA_EXCEEDED;
    }
    m->references++;
    return 0;
}

void cloud_broker_retained_drop(cloud_broker *b) {
    for (uint32_t i = 0; i < b->retained.room; i++) {
        const cloud_broker_message *m = b->retained.items[i];
        if (m != NULL)
            forget_retained(
                b, cloud_broker_hash(b, cloud_broker_message_topic(m), (net_mqtt_span){0}), i);
    }
}

/* ---- SUBSCRIBE, UNSUBSCRIBE ---- */

enum { OLD = 0, NEW = 1 }; /* a subscription was there before, or was not */

/* Its reason code. */
static uint8_t subscribe(cloud_broker *b, cloud_broker_connection *c, const net_mqtt_filter *f,
                         uint32_t identifier, uint8_t *is_new) {
    net_mqtt_span group, filter;
    if (!net_mqtt_filter_shared(f->topic, &group, &filter) || !net_mqtt_filter_valid(filter))
        return NET_MQTT_TOPIC_FILTER_INVALID;
    uint8_t reason = b->calls->subscribe(c->owner, f->topic);
    if (reason >= NET_MQTT_UNSPECIFIED_ERROR) return reason;
    cloud_broker_subscription *sub = subscription_of(c->session, topic_at(b, group, filter));
    *is_new = sub == NULL ? NEW : OLD;
    if (sub == NULL) sub = make_subscription(b, c->session, group, filter);
    if (sub == NULL) return NET_MQTT_QUOTA_EXCEEDED;
    sub->qos = f->qos;
    sub->no_local = f->no_local;
    sub->retain_as_published = f->retain_as_published;
    sub->identifier = identifier;
    return f->qos;
}

/* What was there before, after the answer (3.8.4). */
static void tell_subscribed(cloud_broker *b, cloud_broker_connection *c, const net_mqtt_filter *f,
                            uint8_t is_new) {
    net_mqtt_span group, filter;
    (void)net_mqtt_filter_shared(f->topic, &group, &filter);
    const cloud_broker_subscription *sub = subscription_of(c->session, topic_at(b, group, filter));
    if (sub == NULL) return;
    bool wanted = f->retain_handling == 0 || (f->retain_handling == 1 && is_new == NEW);
    if (!wanted) return;
    send_all_retained(b, sub);
    b->calls->subscribed(c->owner, f->topic);
}

/* A reason code and `is_new` for each filter; NULL: no memory. */
static uint8_t *codes_for(const net_mqtt_packet *p, size_t *count) {
    net_mqtt_span list = p->list;
    net_mqtt_filter f;
    *count = 0;
    while (net_mqtt_take_filter(p->type, &list, &f)) ++*count;
    return sim_calloc(2, *count);
}

static void answer(cloud_broker *b, cloud_broker_connection *c, net_mqtt_type type, uint16_t id,
                   uint8_t *codes, size_t count) {
    const net_mqtt_packet p = {.type = type, .id = id, .list = {codes, count}};
    for (size_t i = 0; i < count; i++) {
        bool failed = codes[i] >= NET_MQTT_UNSPECIFIED_ERROR;
        if (failed && c->version != NET_MQTT_5) codes[i] = NET_MQTT_UNSPECIFIED_ERROR;
    }
    if (!cloud_broker_send(b, c, &p)) cloud_broker_fail(b, c, NET_MQTT_PACKET_TOO_LARGE);
}

void cloud_broker_on_subscribe(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p) {
    size_t count;
    net_mqtt_filter f;
    net_mqtt_span list = p->list;
    uint8_t *codes = codes_for(p, &count);
    uint32_t identifier = net_mqtt_number(&p->properties, NET_MQTT_SUBSCRIPTION_IDENTIFIER, 0);
    if (codes == NULL) {
        cloud_broker_fail(b, c, NET_MQTT_SERVER_BUSY);
        return;
    }
    for (size_t i = 0; net_mqtt_take_filter(p->type, &list, &f); i++)
        codes[i] = subscribe(b, c, &f, identifier, &codes[count + i]);
    answer(b, c, NET_MQTT_SUBACK, p->id, codes, count);
    list = p->list;
    for (size_t i = 0; !c->closing && net_mqtt_take_filter(p->type, &list, &f); i++) {
        if (codes[i] < NET_MQTT_UNSPECIFIED_ERROR) tell_subscribed(b, c, &f, codes[count + i]);
    }
    sim_free(codes);
}

static uint8_t unsubscribe(cloud_broker *b, cloud_broker_session *s, net_mqtt_span text) {
    net_mqtt_span group, filter;
    if (!net_mqtt_filter_shared(text, &group, &filter) || !net_mqtt_filter_valid(filter))
        return NET_MQTT_TOPIC_FILTER_INVALID;
    cloud_broker_subscription *sub = subscription_of(s, topic_at(b, group, filter));
    if (sub == NULL) return NET_MQTT_NO_SUBSCRIPTION_EXISTED;
    remove_subscription(b, s, sub);
    return NET_MQTT_SUCCESS;
}

void cloud_broker_on_unsubscribe(cloud_broker *b, cloud_broker_connection *c, net_mqtt_packet *p) {
    size_t count;
    net_mqtt_filter f;
    net_mqtt_span list = p->list;
    uint8_t *codes = codes_for(p, &count);
    if (codes == NULL) {
        cloud_broker_fail(b, c, NET_MQTT_SERVER_BUSY);
        return;
    }
    for (size_t i = 0; net_mqtt_take_filter(p->type, &list, &f); i++)
        codes[i] = unsubscribe(b, c->session, f.topic);
    answer(b, c, NET_MQTT_UNSUBACK, p->id, codes, count);
    sim_free(codes);
}

/* ---- from a publication to those who follow its topic ---- */

static void add_terms(const cloud_broker_subscription *sub, const cloud_broker_message *m,
                      bool retain, cloud_broker_terms *terms) {
    uint8_t qos = m->qos < sub->qos ? m->qos : sub->qos;
    if (qos > terms->qos) terms->qos = qos;
    if (sub->retain_as_published && retain) terms->retain = true;
    if (sub->identifier != 0 && terms->identifier_count < CLOUD_BROKER_IDENTIFIERS_MAX)
        terms->identifiers[terms->identifier_count++] = sub->identifier;
}

/* One copy for all of a session's subscriptions that match, with the highest QoS among them
 * (3.3.4). */
static void route_to_session(cloud_broker *b, cloud_broker_message *m, cloud_broker_session *s,
                             const cloud_broker_session *from, bool retain) {
    cloud_broker_terms terms = {0};
    net_mqtt_span name = cloud_broker_message_topic(m);
    if (s->stamp == b->stamp) return;
    s->stamp = b->stamp;
    for (const cloud_broker_subscription *sub = s->subscriptions; sub != NULL;
         sub = sub->next_of_session) {
        bool skipped = sub->topic->group > 0 || (sub->no_local && s == from);
        if (!skipped && net_mqtt_filter_matches(filter_of(sub->topic), name))
            add_terms(sub, m, retain, &terms);
    }
    cloud_broker_deliver(b, s, m, &terms);
}

static bool route_to_all(cloud_broker *b, cloud_broker_message *m, const cloud_broker_topic *t,
                         const cloud_broker_session *from, bool retain) {
    bool somebody = false;
    for (cloud_broker_subscription *sub = t->first; sub != NULL; sub = sub->after) {
        if (sub->no_local && sub->session == from) continue;
        route_to_session(b, m, sub->session, from, retain);
        somebody = true;
    }
    return somebody;
}

/* One of the group, in turn; who has a connection goes before who has not. */
static void route_to_one(cloud_broker *b, cloud_broker_message *m, cloud_broker_topic *t,
                         bool retain) {
    cloud_broker_terms terms = {.share = t->id};
    cloud_broker_subscription *sub = t->first, *chosen = t->first;
    while (sub != NULL && sub->session->connection == NULL) sub = sub->after;
    if (sub != NULL) chosen = sub;
    if (chosen == NULL) return; /* it cannot be: who left last took the filter along */
    add_terms(chosen, m, retain, &terms);
    unlink_from_topic(t, chosen); /* to the end of the line */
    join_topic(t, chosen);
    cloud_broker_deliver(b, chosen->session, m, &terms);
}

bool cloud_broker_route(cloud_broker *b, cloud_broker_message *m, const cloud_broker_session *from,
                        bool retain) {
    net_mqtt_span name = cloud_broker_message_topic(m);
    bool somebody = false;
    b->stamp++;
    const cloud_broker_topic *exact = topic_at(b, (net_mqtt_span){0}, name);
    if (exact != NULL) somebody = route_to_all(b, m, exact, from, retain);
    for (size_t i = 0; i < b->scanned_count; i++) {
        cloud_broker_topic *t = b->scanned[i];
        if (!net_mqtt_filter_matches(filter_of(t), name)) continue;
        if (t->group > 0)
            route_to_one(b, m, t, retain);
        else if (!route_to_all(b, m, t, from, retain))
            continue;
        somebody = true;
    }
    return somebody;
}

/* With QoS 2 it stays with whom it was sent to, and ends with him: another may have it twice. */
void cloud_broker_hand_over(cloud_broker *b, const cloud_broker_session *s) {
    for (const cloud_broker_delivery *d = s->first; d != NULL; d = d->next) {
        bool is_his = d->message == NULL || (d->qos == 2 && d->id != 0);
        if (!is_his && sim_slots_valid(&b->topics.slots, d->share))
            route_to_one(b, d->message, cloud_broker_table_at(&b->topics, d->share.slot),
                         d->retain);
    }
}
