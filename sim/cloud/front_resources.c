/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the cloud's resources answer. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/cloud/front_private.h"
#include "sim/core/units.h"

static void came_online(cloud_front *f, cloud_peer *p) {
    if (p->online) return;
    p->online = true;
    if (f->config.close_after > 0) p->close_at = sim_time_add(f->now, f->config.close_after);
    f->calls->outcome(f->context, &p->address, RECORD_OUTCOME_ONLINE);
}

/* Whose name this is: the device number, or NOBODY. With DTLS only the session's own identity
 * counts. */
static uint32_t device_named(const cloud_front *f, const cloud_peer *p, const char *name) {
    uint8_t key[NET_SECURE_KEY_MAX];
    uint32_t device = CLOUD_FRONT_NOBODY;
    if (p->session != NULL && strcmp(name, net_secure_identity(p->session)) != 0)
        return CLOUD_FRONT_NOBODY;
    return f->calls->who(f->context, name, &device, key) == 0 ? CLOUD_FRONT_NOBODY : device;
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

/* Over capacity, for this datagram or for the whole connection. */
static bool is_busy(const cloud_front *f, const cloud_peer *p) {
    return f->fate == CLOUD_FATE_BUSY || (p->busy && f->now < p->busy_until);
}

static void answer_busy(cloud_front *f, cloud_peer *p, net_coap_reply *reply) {
    f->counts.refused_busy++;
    if (p->busy_until == SIM_NEVER)
        p->busy_until = sim_time_add(f->now, f->config.max_age_s * SIM_SECOND);
    if (!p->online) f->calls->outcome(f->context, &p->address, RECORD_OUTCOME_BUSY);
    reply->code = NET_COAP_SERVICE_UNAVAILABLE;
    reply->max_age_s = f->config.max_age_s;
}

static void answer_register(cloud_front *f, cloud_peer *p, const net_coap_request *request,
                            net_coap_reply *reply) {
    if (request->method != NET_COAP_POST) {
        reply->code = NET_COAP_METHOD_NOT_ALLOWED;
        return;
    }
    if (is_busy(f, p)) {
        answer_busy(f, p, reply);
        return;
    }
    char name[NET_SECURE_IDENTITY_MAX];
    uint32_t device = endpoint_name(request->query, name) ? device_named(f, p, name)
                                                          : (uint32_t)CLOUD_FRONT_NOBODY;
    if (device == CLOUD_FRONT_NOBODY || cloud_peer_is_device(f, p, device) != 0) {
        f->counts.forbidden++;
        f->calls->outcome(f->context, &p->address, RECORD_OUTCOME_REFUSED);
        reply->code = NET_COAP_FORBIDDEN;
        return;
    }
    if (device != CLOUD_FRONT_ANYBODY) {
        (void)snprintf(f->publish_path, sizeof f->publish_path, "s/%s", name);
        f->publish = p;
    }
    f->counts.registrations++;
    came_online(f, p);
    reply->code = NET_COAP_CREATED;
}

static void answer_report(cloud_front *f, cloud_peer *p, const net_coap_request *request,
                          net_coap_reply *reply) {
    if (request->method != NET_COAP_POST && request->method != NET_COAP_PUT) {
        reply->code = NET_COAP_METHOD_NOT_ALLOWED;
        return;
    }
    if (is_busy(f, p)) {
        answer_busy(f, p, reply);
        return;
    }
    net_senml_pack pack;
    if (request->format == NET_COAP_FORMAT_SENML_CBOR &&
        net_senml_read(request->payload, request->payload_size, &pack) != 0) {
        f->counts.reports_malformed++;
        reply->code = NET_COAP_BAD_REQUEST;
        return;
    }
    f->counts.reports++;
    came_online(f, p);
    if (f->calls->telemetry != NULL && p->device < CLOUD_FRONT_ANYBODY)
        f->calls->telemetry(f->context, p->device,
                            request->format == NET_COAP_FORMAT_SENML_CBOR ? &pack : NULL,
                            request->payload_size);
    reply->code = NET_COAP_CHANGED;
}

/* The update that is offered to this peer's device; NULL: none. */
static const cloud_update *update_of(const cloud_front *f, const cloud_peer *p) {
    bool known = p->device != CLOUD_FRONT_NOBODY && p->device != CLOUD_FRONT_ANYBODY;
    return known && f->calls->update != NULL ? f->calls->update(f->context, p->device) : NULL;
}

/* `key` and a number, after which `*at` stands. False: something else is there. */
static bool read_field(const char **at, const char *key, uint32_t *out) {
    uint64_t value = 0;
    if (strncmp(*at, key, strlen(key)) != 0) return false;
    const char *digits = *at + strlen(key);
    const char *c = digits;
    for (; *c >= '0' && *c <= '9' && value <= UINT32_MAX; c++)
        value = 10 * value + (uint64_t)(*c - '0');
    *at = c;
    *out = (uint32_t)value;
    return c > digits && value <= UINT32_MAX;
}

/* "v=2&block=7": a block of version 2. */
static bool read_block_query(const char *query, uint32_t *version, uint32_t *number) {
    return read_field(&query, "v=", version) && read_field(&query, "&block=", number) &&
           *query == '\0';
}

/* The manifest, or a block of the image: of what is offered now, not of what was when the peer
 * began to ask. */
static void answer_update(cloud_front *f, cloud_peer *p, const net_coap_request *request,
                          net_coap_reply *reply) {
    uint32_t version, number;
    if (request->method != NET_COAP_GET) {
        reply->code = NET_COAP_METHOD_NOT_ALLOWED;
        return;
    }
    if (is_busy(f, p)) {
        answer_busy(f, p, reply);
        return;
    }
    const cloud_update *u = update_of(f, p);
    if (u == NULL || strcmp(request->path + strlen("fw/"), u->model) != 0) {
        f->counts.not_found++;
        return;
    }
    if (request->query == NULL) {
        reply->body = u->manifest;
        reply->payload_size = sizeof u->manifest;
        f->counts.manifests_sent++;
    } else if (!read_block_query(request->query, &version, &number)) {
        reply->code = NET_COAP_BAD_REQUEST;
        return;
    } else {
        reply->payload_size =
            version == u->version ? cloud_update_block(u, number, &reply->body) : 0;
        if (reply->payload_size == 0) f->counts.not_found++;
        if (reply->payload_size == 0) return;
        f->counts.blocks_sent++;
    }
    reply->format = NET_COAP_FORMAT_OCTETS;
    reply->code = NET_COAP_CONTENT;
}

static void answer_set_point(cloud_front *f, const cloud_peer *p, const net_coap_request *request,
                             net_coap_reply *reply) {
    if (request->method != NET_COAP_GET) {
        reply->code = NET_COAP_METHOD_NOT_ALLOWED;
        return;
    }
    const char *name = request->path + strlen("s/");
    if (p->device == CLOUD_FRONT_NOBODY || device_named(f, p, name) != p->device) {
        f->counts.forbidden++;
        reply->code = NET_COAP_FORBIDDEN;
        return;
    }
    double celsius = f->calls->set_point(f->context, p->device);
    const cloud_update *update = update_of(f, p);
    char *text = (char *)reply->payload;
    int n = update == NULL ? snprintf(text, sizeof reply->payload, "%.2f", celsius)
                           : snprintf(text, sizeof reply->payload, "%.2f fw=%" PRIu32, celsius,
                                      update->announced);
    reply->payload_size = n < 0 ? 0 : (size_t)n;
    reply->format = NET_COAP_FORMAT_TEXT;
    reply->code = NET_COAP_CONTENT;
    f->counts.set_points_sent++;
}

static void answer_value(const cloud_front *f, net_coap_reply *reply) {
    int n = snprintf((char *)reply->payload, sizeof reply->payload, "%.0f", f->shared_value);
    reply->payload_size = n < 0 ? 0 : (size_t)n;
    reply->format = NET_COAP_FORMAT_TEXT;
    reply->entity_tag = f->shared_version;
    reply->code = NET_COAP_CONTENT;
}

static bool read_value(const net_coap_request *request, double *out) {
    char text[16];
    if (request->payload_size == 0 || request->payload_size >= sizeof text) return false;
    memcpy(text, request->payload, request->payload_size);
    text[request->payload_size] = '\0';
    return strlen(text) == request->payload_size && sim_units_number(text, out) == 0 && *out >= 0 &&
           *out < 1e12;
}

static void change_value(cloud_front *f, const cloud_peer *p, const net_coap_request *request,
                         net_coap_reply *reply) {
    double value;
    if (request->if_match == 0 || !read_value(request, &value)) {
        reply->code = NET_COAP_BAD_REQUEST;
        return;
    }
    bool made = request->if_match == f->shared_version;
    if (made) {
        f->shared_value = value;
        f->shared_version = f->shared_version == UINT32_MAX ? 1 : f->shared_version + 1;
        f->counts.value_changes++;
    } else {
        f->counts.value_conflicts++;
    }
    if (f->calls->change != NULL) f->calls->change(f->context, p->device, made);
    reply->code = made ? NET_COAP_CHANGED : NET_COAP_PRECONDITION_FAILED;
}

/* For who has registered, or reported: nobody else's contention is of interest. */
static void answer_shared(cloud_front *f, cloud_peer *p, const net_coap_request *request,
                          net_coap_reply *reply) {
    if (!p->online) {
        f->counts.forbidden++;
        reply->code = NET_COAP_FORBIDDEN;
    } else if (is_busy(f, p)) {
        answer_busy(f, p, reply);
    } else if (request->method == NET_COAP_GET) {
        answer_value(f, reply);
    } else if (request->method == NET_COAP_PUT) {
        change_value(f, p, request, reply);
    } else {
        reply->code = NET_COAP_METHOD_NOT_ALLOWED;
    }
}

/* RFC 6690. With DTLS the peer is authenticated by now; plain CoAP has nothing to hide here: these
 * are the paths of this page. */
static void answer_core(const net_coap_request *request, net_coap_reply *reply) {
    enum { FORMAT_LINK = 40 };
    static const char links[] = "</rd>;rt=\"core.rd\",</t>;ct=112,</v>;ct=0";
    if (request->method != NET_COAP_GET) {
        reply->code = NET_COAP_METHOD_NOT_ALLOWED;
        return;
    }
    memcpy(reply->payload, links, sizeof links - 1);
    reply->payload_size = sizeof links - 1;
    reply->format = FORMAT_LINK;
    reply->code = NET_COAP_CONTENT;
}

static bool is_report_path(const cloud_front *f, const char *path) {
    if (strcmp(path, "t") == 0) return true;
    for (size_t i = 0; i < CLOUD_FRONT_PATHS_MAX && f->config.report_paths[i] != NULL; i++) {
        if (strcmp(path, f->config.report_paths[i]) == 0) return true;
    }
    return false;
}

void cloud_front_request(void *owner, net_coap_peer peer, const net_coap_request *request,
                         net_coap_reply *reply) {
    cloud_front *f = owner;
    cloud_peer *p = f->peers[f->slot_of_coap[peer]];
    f->counts.requests++;
    if (strcmp(request->path, "rd") == 0) {
        answer_register(f, p, request, reply);
    } else if (is_report_path(f, request->path)) {
        answer_report(f, p, request, reply);
    } else if (strncmp(request->path, "s/", 2) == 0) {
        answer_set_point(f, p, request, reply);
    } else if (strncmp(request->path, "fw/", 3) == 0) {
        answer_update(f, p, request, reply);
    } else if (strcmp(request->path, "v") == 0) {
        answer_shared(f, p, request, reply);
    } else if (strcmp(request->path, ".well-known/core") == 0) {
        answer_core(request, reply);
    } else {
        f->counts.not_found++;
    }
}
