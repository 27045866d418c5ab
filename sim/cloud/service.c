/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/service.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/units.h"

void cloud_service_init(cloud_service *s, uint32_t hold_s, sim_time close_after,
                        const cloud_service_calls *calls, const cloud_observer *observer,
                        void *context) {
    *s = (cloud_service){.hold_s = hold_s,
                         .close_after = close_after,
                         .calls = calls,
                         .observer = observer,
                         .context = context,
                         .shared_version = 1};
}

static cloud_answer only(cloud_answer_kind kind) {
    return (cloud_answer){.kind = kind};
}

static cloud_answer not_for_it(cloud_service *s) {
    s->counts.forbidden++;
    return only(CLOUD_ANSWER_REFUSED);
}

static void tell_outcome(const cloud_service *s, const cloud_session *session,
                         record_outcome outcome) {
    if (s->observer->outcome != NULL) s->observer->outcome(s->context, &session->address, outcome);
}

void cloud_service_let_in(const cloud_service *s, const cloud_request *r) {
    if (s->close_after > 0) r->session->close_at = sim_time_add(r->now, s->close_after);
}

static void came_online(cloud_service *s, const cloud_request *r) {
    cloud_session *session = r->session;
    if (session->online) return;
    session->online = true;
    cloud_service_let_in(s, r);
    tell_outcome(s, session, RECORD_OUTCOME_ONLINE);
}

/* Over capacity: this request, or the whole session. */
bool cloud_service_busy(cloud_service *s, const cloud_request *r, cloud_answer *answer) {
    cloud_session *session = r->session;
    bool busy = r->fate == CLOUD_FATE_BUSY || (session->busy && r->now < session->busy_until);
    if (!busy) return false;
    s->counts.refused_busy++;
    if (session->busy_until == SIM_NEVER)
        session->busy_until = sim_time_add(r->now, s->hold_s * SIM_SECOND);
    if (!session->online) tell_outcome(s, session, RECORD_OUTCOME_BUSY);
    *answer = (cloud_answer){.kind = CLOUD_ANSWER_BUSY, .hold_s = s->hold_s};
    return true;
}

cloud_answer cloud_service_register(cloud_service *s, const cloud_request *r, uint32_t device) {
    if (device == CLOUD_NOBODY) {
        tell_outcome(s, r->session, RECORD_OUTCOME_REFUSED);
        return not_for_it(s);
    }
    s->counts.registrations++;
    came_online(s, r);
    return only(CLOUD_ANSWER_TAKEN);
}

/* The session speaks for that device. */
static bool may_hear(const cloud_request *r, uint32_t device) {
    return r->session->device != CLOUD_NOBODY && device == r->session->device;
}

cloud_answer cloud_service_renew(cloud_service *s, const cloud_request *r, uint32_t device) {
    cloud_answer answer;
    if (cloud_service_busy(s, r, &answer)) return answer;
    bool registered = r->session->online && may_hear(r, device);
    if (!registered) s->counts.not_found++;
    return only(registered ? CLOUD_ANSWER_TAKEN : CLOUD_ANSWER_UNKNOWN);
}

cloud_answer cloud_service_report(cloud_service *s, const cloud_request *r, bool readable,
                                  const uint8_t *payload, size_t n) {
    cloud_answer answer;
    net_senml_pack pack;
    if (cloud_service_busy(s, r, &answer)) return answer;
    if (readable && net_senml_read(payload, n, &pack) != 0) {
        s->counts.reports_malformed++;
        return only(CLOUD_ANSWER_MALFORMED);
    }
    s->counts.reports++;
    came_online(s, r);
    if (s->observer->report != NULL)
        s->observer->report(s->context, r->session->device, readable ? &pack : NULL, n);
    return only(CLOUD_ANSWER_TAKEN);
}

/* The update that is offered to the session's device; NULL: none. */
static const cloud_update *offered(const cloud_service *s, const cloud_session *session) {
    bool may = cloud_session_named(session) && s->calls->update != NULL;
    return may ? s->calls->update(s->context, session->device) : NULL;
}

static cloud_answer wanted(cloud_service *s, const char *word, uint32_t device) {
    cloud_answer answer = only(CLOUD_ANSWER_CONTENT);
    int n = snprintf(answer.text, sizeof answer.text, "%s%.2f", word,
                     s->calls->desired(s->context, device));
    answer.size = n < 0 ? 0 : (size_t)n;
    s->counts.desired_sent++;
    return answer;
}

cloud_answer cloud_service_desired(cloud_service *s, const cloud_request *r, uint32_t device) {
    return may_hear(r, device) ? wanted(s, "", device) : not_for_it(s);
}

cloud_answer cloud_service_commands(cloud_service *s, const cloud_request *r, uint32_t device) {
    if (!may_hear(r, device)) return not_for_it(s);
    cloud_answer answer = wanted(s, "set-point ", device);
    const cloud_update *update = offered(s, r->session);
    if (update == NULL) return answer;
    int n = snprintf(answer.text + answer.size, sizeof answer.text - answer.size,
                     "\nfirmware %" PRIu32, update->announced);
    answer.size += n < 0 ? 0 : (size_t)n;
    return answer;
}

bool cloud_service_commanded(const cloud_service *s, uint32_t device) {
    return s->calls->commanded != NULL && s->calls->commanded(s->context, device);
}

/* ---- updates ---- */

/* Of what is offered now, not of what was when the session began to ask. */
const cloud_update *cloud_service_update(cloud_service *s, const cloud_request *r,
                                         const char *model, cloud_answer *answer) {
    if (cloud_service_busy(s, r, answer)) return NULL;
    const cloud_update *u = offered(s, r->session);
    if (u != NULL && strcmp(model, u->model) == 0) return u;
    s->counts.not_found++;
    *answer = only(CLOUD_ANSWER_UNKNOWN);
    return NULL;
}

cloud_answer cloud_service_manifest(cloud_service *s, const cloud_update *u) {
    s->counts.manifests_sent++;
    return (cloud_answer){
        .kind = CLOUD_ANSWER_CONTENT, .bytes = u->manifest, .size = sizeof u->manifest};
}

cloud_answer cloud_service_block(cloud_service *s, const cloud_update *u, uint32_t version,
                                 uint32_t number) {
    cloud_answer answer = only(CLOUD_ANSWER_CONTENT);
    if (version == u->version) answer.size = cloud_update_block(u, number, &answer.bytes);
    if (answer.size == 0) {
        s->counts.not_found++;
        return only(CLOUD_ANSWER_UNKNOWN);
    }
    s->counts.blocks_sent++;
    return answer;
}

/* ---- the shared value ---- */

cloud_answer cloud_service_value(cloud_service *s, const cloud_request *r) {
    cloud_answer answer;
    if (!r->session->online) return not_for_it(s);
    if (cloud_service_busy(s, r, &answer)) return answer;
    answer = only(CLOUD_ANSWER_CONTENT);
    int n = snprintf(answer.text, sizeof answer.text, "%.0f", s->shared_value);
    answer.size = n < 0 ? 0 : (size_t)n;
    answer.version = s->shared_version;
    return answer;
}

static bool read_value(const uint8_t *payload, size_t n, double *out) {
    char text[16];
    if (n == 0 || n >= sizeof text) return false;
    memcpy(text, payload, n);
    text[n] = '\0';
    return strlen(text) == n && sim_units_number(text, out) == 0 && *out >= 0 && *out < 1e12;
}

cloud_answer cloud_service_change(cloud_service *s, const cloud_request *r, uint32_t version,
                                  const uint8_t *text, size_t n) {
    cloud_answer answer;
    double value;
    if (!r->session->online) return not_for_it(s);
    if (cloud_service_busy(s, r, &answer)) return answer;
    if (version == 0 || !read_value(text, n, &value)) return only(CLOUD_ANSWER_MALFORMED);
    bool made = version == s->shared_version;
    if (made) {
        s->shared_value = value;
        s->shared_version = s->shared_version == UINT32_MAX ? 1 : s->shared_version + 1;
        s->counts.value_changes++;
    } else {
        s->counts.value_conflicts++;
    }
    if (s->observer->change != NULL) s->observer->change(s->context, r->session->device, made);
    return only(made ? CLOUD_ANSWER_TAKEN : CLOUD_ANSWER_OVERTAKEN);
}

/* ---- sessions ---- */

static void tell_session(const cloud_service *s, const cloud_session *session, bool up) {
    if (s->observer->session != NULL && cloud_session_named(session))
        s->observer->session(s->context, session->device, &session->address, up, session->heard);
}

void cloud_service_up(const cloud_service *s, cloud_session *session, uint32_t device) {
    session->device = device;
    tell_session(s, session, true);
}

void cloud_service_down(const cloud_service *s, cloud_session *session) {
    tell_session(s, session, false);
    session->device = CLOUD_NOBODY;
}

void cloud_service_refused(const cloud_service *s, const cloud_session *session, uint32_t device) {
    if (device < CLOUD_ANYBODY && s->observer->refused != NULL)
        s->observer->refused(s->context, device);
    tell_outcome(s, session, RECORD_OUTCOME_REFUSED);
}
