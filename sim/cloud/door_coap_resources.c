/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the door's resources answer: each asks the service, in neutral words. */
#include <stdio.h>
#include <string.h>

#include "net/manifest.h"
#include "net/place.h"
#include "sim/cloud/door_coap_private.h"
#include "sim/core/random.h"

static cloud_request request_of(const coap_door *d, coap_peer *p) {
    return (cloud_request){.now = d->now, .fate = d->fate, .session = &p->session};
}

/* An answer of the service in CoAP's words; `done` is the code of what was done as asked. */
static void say(const cloud_answer *answer, uint8_t done, net_coap_reply *reply) {
    static const uint8_t codes[] = {[CLOUD_ANSWER_CONTENT] = NET_COAP_CONTENT,
                                    [CLOUD_ANSWER_BUSY] = NET_COAP_SERVICE_UNAVAILABLE,
                                    [CLOUD_ANSWER_REFUSED] = NET_COAP_FORBIDDEN,
                                    [CLOUD_ANSWER_UNKNOWN] = NET_COAP_NOT_FOUND,
                                    [CLOUD_ANSWER_MALFORMED] = NET_COAP_BAD_REQUEST,
                                    [CLOUD_ANSWER_OVERTAKEN] = NET_COAP_PRECONDITION_FAILED};
    reply->code = answer->kind == CLOUD_ANSWER_TAKEN ? done : codes[answer->kind];
    if (answer->kind == CLOUD_ANSWER_BUSY) reply->max_age_s = answer->hold_s;
    if (answer->kind != CLOUD_ANSWER_CONTENT) return;
    reply->entity_tag = answer->version;
    reply->format = answer->bytes == NULL ? NET_COAP_FORMAT_TEXT : NET_COAP_FORMAT_OCTETS;
    reply->body = answer->bytes;
    reply->payload_size = answer->size;
    if (answer->bytes == NULL) memcpy(reply->payload, answer->text, answer->size);
}

/* Whose name this is: the device number, or NOBODY. With DTLS only the session's own identity
 * counts, and with TLS what it has proved, which it must where names alone are not believed. */
static uint32_t device_named(const coap_door *d, const coap_peer *p, const char *name) {
    uint8_t key[NET_SECURE_KEY_MAX];
    uint32_t device = CLOUD_NOBODY;
    const char *proven = coap_peer_proven(p);
    if (proven != NULL && strcmp(name, proven) != 0) return CLOUD_NOBODY;
    if (proven == NULL && p->tls != NULL && d->settings.identities_required) return CLOUD_NOBODY;
    return d->calls->who(d->context, name, &device, key) == 0 ? CLOUD_NOBODY : device;
}

/* The value of "ep=NAME" in the query, which may hold more. False: there is none that could be a
 * name. */
static bool endpoint_name(const char *query, char name[NET_SECURE_IDENTITY_MAX]) {
    const char *at = query;
    while (at != NULL && strncmp(at, "ep=", 3) != 0) {
        at = strchr(at, '&');
        if (at != NULL) at++;
    }
    if (at == NULL) return false;
    size_t length = strcspn(at + 3, "&");
    if (length == 0 || length >= NET_SECURE_IDENTITY_MAX) return false;
    memcpy(name, at + 3, length);
    name[length] = '\0';
    return true;
}

/* Never 0. */
static uint64_t hash_of(const char *name) {
    uint64_t hash = 1;
    for (; *name != '\0'; name++) hash = sim_hash64(hash ^ (uint8_t)*name);
    return hash != 0 ? hash : 1;
}

/* Who registers under that name: a device, NOBODY, or a guest, which is ANYBODY. */
static uint32_t registers_as(coap_door *d, coap_peer *p, const char *name) {
    uint32_t device = device_named(d, p, name);
    const bool guest =
        device == CLOUD_NOBODY && d->settings.guests && p->secure == NULL && p->tls == NULL;
    if (guest) device = CLOUD_ANYBODY;
    if (device != CLOUD_NOBODY && coap_peer_is_device(d, p, device) != 0) device = CLOUD_NOBODY;
    p->guest = guest ? hash_of(name) : 0;
    return device;
}

static void answer_register(coap_door *d, coap_peer *p, const net_coap_request *request,
                            net_coap_reply *reply) {
    const cloud_request r = request_of(d, p);
    cloud_answer answer;
    char name[NET_SECURE_IDENTITY_MAX];
    if (cloud_service_busy(d->service, &r, &answer)) {
        say(&answer, 0, reply);
        return;
    }
    const bool named = endpoint_name(request->query, name);
    const uint32_t device = named ? registers_as(d, p, name) : (uint32_t)CLOUD_NOBODY;
    answer = cloud_service_register(d->service, &r, device);
    if (device < CLOUD_ANYBODY) {
        const char *channel = cloud_service_commanded(d->service, device) ? "c" : "s";
        (void)snprintf(d->publish_path, sizeof d->publish_path, "%s/%s", channel, name);
        d->publish = p;
    }
    say(&answer, NET_COAP_CREATED, reply);
    if (answer.kind != CLOUD_ANSWER_TAKEN) return;
    (void)snprintf(d->location, sizeof d->location, "rd/%s", name);
    reply->location = d->location;
}

/* The registration is the peer's own, else there is none. */
static void answer_registration(coap_door *d, coap_peer *p, const net_coap_request *request,
                                net_coap_reply *reply) {
    const cloud_request r = request_of(d, p);
    const char *name = request->path + strlen("rd/");
    const bool guest = p->guest != 0 && p->guest == hash_of(name);
    uint32_t device = guest ? (uint32_t)CLOUD_ANYBODY : device_named(d, p, name);
    bool leaves = request->method == NET_COAP_DELETE;
    cloud_answer answer = cloud_service_renew(d->service, &r, device);
    if (leaves && answer.kind == CLOUD_ANSWER_TAKEN) {
        coap_peer_leaves_device(d, p);
        p->session.online = false;
        p->guest = 0;
    }
    say(&answer, leaves ? NET_COAP_DELETED : NET_COAP_CHANGED, reply);
}

static void answer_report(coap_door *d, coap_peer *p, const net_coap_request *request,
                          net_coap_reply *reply) {
    const cloud_request r = request_of(d, p);
    cloud_answer answer =
        cloud_service_report(d->service, &r, request->format == NET_COAP_FORMAT_SENML_CBOR,
                             request->payload, request->payload_size);
    say(&answer, NET_COAP_CHANGED, reply);
}

/* The manifest, or a block of the image. */
static void answer_update(coap_door *d, coap_peer *p, const net_coap_request *request,
                          net_coap_reply *reply) {
    const cloud_request r = request_of(d, p);
    uint32_t version, number;
    cloud_answer answer;
    const cloud_update *u =
        cloud_service_update(d->service, &r, request->path + strlen("fw/"), &answer);
    if (u != NULL && request->query == NULL)
        answer = cloud_service_manifest(d->service, u);
    else if (u != NULL && net_manifest_block_named(request->query, &version, &number))
        answer = cloud_service_block(d->service, u, version, number);
    else if (u != NULL)
        answer = (cloud_answer){.kind = CLOUD_ANSWER_MALFORMED};
    say(&answer, 0, reply);
}

static void answer_desired(coap_door *d, coap_peer *p, const net_coap_request *request,
                           net_coap_reply *reply) {
    const cloud_request r = request_of(d, p);
    uint32_t device = device_named(d, p, request->path + strlen("s/"));
    cloud_answer answer = cloud_service_desired(d->service, &r, device);
    say(&answer, 0, reply);
}

static void answer_commands(coap_door *d, coap_peer *p, const net_coap_request *request,
                            net_coap_reply *reply) {
    const cloud_request r = request_of(d, p);
    uint32_t device = device_named(d, p, request->path + strlen("c/"));
    cloud_answer answer = cloud_service_commands(d->service, &r, device);
    say(&answer, 0, reply);
}

static void answer_shared(coap_door *d, coap_peer *p, const net_coap_request *request,
                          net_coap_reply *reply) {
    const cloud_request r = request_of(d, p);
    cloud_answer answer = request->method == NET_COAP_GET
                              ? cloud_service_value(d->service, &r)
                              : cloud_service_change(d->service, &r, request->if_match,
                                                     request->payload, request->payload_size);
    say(&answer, NET_COAP_CHANGED, reply);
}

/* RFC 6690. With DTLS the peer is authenticated by now; plain CoAP has nothing to hide here: these
 * are the paths of this page. */
static void answer_core(coap_door *d, coap_peer *p, const net_coap_request *request,
                        net_coap_reply *reply) {
    enum { FORMAT_LINK = 40 };
    static const char links[] = "</rd>;rt=\"core.rd\",</t>;ct=112,</v>;ct=0";
    (void)d;
    (void)p;
    (void)request;
    memcpy(reply->payload, links, sizeof links - 1);
    reply->payload_size = sizeof links - 1;
    reply->format = FORMAT_LINK;
    reply->code = NET_COAP_CONTENT;
}

/* ---- which is asked for ---- */

enum {
    GET = 1 << NET_COAP_GET,
    POST = 1 << NET_COAP_POST,
    PUT = 1 << NET_COAP_PUT,
    DELETE = 1 << NET_COAP_DELETE
};

typedef struct resource {
    const char *path; /* one that ends with '/': whatever begins so */
    unsigned methods;
    cloud_frozen kind; /* of its answers; NOT: none that can be withheld */
    void (*answer)(coap_door *d, coap_peer *p, const net_coap_request *request,
                   net_coap_reply *reply);
} resource;

static const resource resources[] = {{"rd", POST, CLOUD_FROZEN_CREATED, answer_register},
                                     {"rd/", POST | DELETE, CLOUD_FROZEN_NOT, answer_registration},
                                     {"t", POST | PUT, CLOUD_FROZEN_CHANGED, answer_report},
                                     {"s/", GET, CLOUD_FROZEN_NOT, answer_desired},
                                     {"c/", GET, CLOUD_FROZEN_NOT, answer_commands},
                                     {"fw/", GET, CLOUD_FROZEN_NOT, answer_update},
                                     {"v", GET | PUT, CLOUD_FROZEN_NOT, answer_shared},
                                     {".well-known/core", GET, CLOUD_FROZEN_NOT, answer_core}};
static const resource reports = {NULL, POST | PUT, CLOUD_FROZEN_CHANGED, answer_report};

static bool is_at(const resource *r, const char *path) {
    size_t n = strlen(r->path);
    return r->path[n - 1] == '/' ? strncmp(path, r->path, n) == 0 : strcmp(path, r->path) == 0;
}

static const resource *resource_at(const coap_door *d, const char *path) {
    for (size_t i = 0; i < CLOUD_DOOR_TOPICS_MAX && d->settings.report_topics[i] != NULL; i++) {
        if (net_place_has(d->settings.report_topics[i], path)) return &reports;
    }
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
        if (is_at(&resources[i], path)) return &resources[i];
    }
    return NULL;
}

void coap_door_request(void *owner, net_coap_peer peer, const net_coap_request *request,
                       net_coap_reply *reply) {
    coap_door *d = owner;
    coap_peer *p = d->peers[d->slot_of_coap[peer]];
    const resource *r = resource_at(d, request->path);
    bool is_withheld = r != NULL && d->frozen != CLOUD_FROZEN_NOT && r->kind == d->frozen;
    d->unanswered = is_withheld ? p : NULL;
    d->service->counts.requests++;
    if (r == NULL)
        d->service->counts.not_found++;
    else if (request->method > NET_COAP_DELETE || (r->methods >> request->method & 1) == 0)
        reply->code = NET_COAP_METHOD_NOT_ALLOWED;
    else if (request->if_none_match)
        reply->code = NET_COAP_PRECONDITION_FAILED; /* what can be asked for is there */
    else
        r->answer(d, p, request, reply);
}
