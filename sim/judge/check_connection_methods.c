/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/check_connection_methods.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "sim/judge/checks.h"
#include "sim/judge/words.h"

/* Protocols by which things connect, each with the standard that says how. `service`: what a device
 * wants from its cloud; the others only protect or carry it. */
static const struct {
    const char *name, *standard;
    bool service;
} protocols[] = {
    {"CoAP", "RFC 7252", true},
    {"CoAPS", "RFC 7252 over DTLS", true},
    {"MQTT", "MQTT 3.1.1 and 5.0 (OASIS), ISO/IEC 20922", true},
    {"MQTTS", "MQTT over TLS (OASIS)", true},
    {"LwM2M", "OMA LightweightM2M", true},
    {"HTTP", "RFC 9110", true},
    {"HTTPS", "RFC 9110 over TLS", true},
    {"WebSocket", "RFC 6455", true},
    {"AMQP", "AMQP 1.0 (OASIS), ISO/IEC 19464", true},
    {"DTLS", "RFC 6347, RFC 9147", false},
    {"TLS", "RFC 5246, RFC 8446", false},
    {"QUIC", "RFC 9000", false},
    {"TCP", "RFC 9293", false},
};
enum { PROTOCOLS = sizeof protocols / sizeof *protocols };

typedef uint32_t protocol_set;

static bool is_word_part(char c) {
    return isalnum((unsigned char)c) != 0 || c == '_';
}

/* Whether `name` stands in `text` as a word: CoAP is not in "CoAPS", MQTT is in "MQTT-5". */
static bool names(const char *text, const char *name) {
    size_t n = strlen(name);
    for (const char *at = text; at != NULL && *at != '\0'; at++) {
        if (strncasecmp(at, name, n) != 0 || is_word_part(at[n])) continue;
        if (at == text || !is_word_part(at[-1])) return true;
    }
    return false;
}

static protocol_set named_in(const judge_interface *i) {
    protocol_set set = 0;
    for (unsigned p = 0; p < PROTOCOLS; p++)
        if (names(i->id, protocols[p].name) || names(i->description, protocols[p].name))
            set |= 1U << p;
    return set;
}

/* A protocol and what it is called when it is protected are the same service: CoAPS speaks CoAP. */
static protocol_set with_plain(protocol_set set) {
    for (unsigned p = 0; p + 1 < PROTOCOLS; p++) {
        size_t n = strlen(protocols[p].name);
        bool pair = strncmp(protocols[p].name, protocols[p + 1].name, n) == 0 &&
                    strcmp(protocols[p + 1].name + n, "S") == 0;
        if (pair && (set >> p & 3) != 0) set |= 3U << p;
    }
    return set;
}

/* The first observed service that no declared interface names, or NULL. */
static const char *undeclared(const judge_connection_methods_case *c, protocol_set declared) {
    for (size_t i = 0; c->observed != NULL && c->observed[i] != NULL; i++) {
        for (unsigned p = 0; p < PROTOCOLS; p++) {
            bool same = strcasecmp(protocols[p].name, c->observed[i]) == 0;
            if (same && protocols[p].service && (declared >> p & 1) == 0) return c->observed[i];
        }
    }
    return NULL;
}

/* "CoAP (RFC 7252), DTLS (RFC 6347, RFC 9147)" */
static void say_standards(protocol_set set, judge_finding *out) {
    const char *between = "";
    for (unsigned p = 0; p < PROTOCOLS; p++) {
        if ((set >> p & 1) == 0) continue;
        judge_finding_say_more(out, "%s%s (%s)", between, protocols[p].name, protocols[p].standard);
        between = ", ";
    }
}

static void say_undeclared(const judge_connection_methods_case *c, const char *service,
                           judge_finding *out) {
    char attempts[JUDGE_WORD_MAX];
    judge_finding_say(out, "%s to connect spoke %s, and no declared interface does.",
                      judge_words_of(c->attempts, "attempt", attempts, sizeof attempts), service);
}

typedef struct looked {
    protocol_set all;
    size_t known;
    const judge_interface *strange; /* the first that names no protocol we know */
} looked;

static looked look(const judge_connection_methods_case *c) {
    looked l = {0};
    for (size_t i = 0; i < c->interface_count; i++) {
        protocol_set set = named_in(&c->interfaces[i]);
        l.all |= set;
        l.known += set != 0 ? 1 : 0;
        if (set == 0 && l.strange == NULL) l.strange = &c->interfaces[i];
    }
    return l;
}

void judge_connection_methods(const judge_connection_methods_case *c, judge_finding *out) {
    judge_check_begin(&judge_check_connection_methods, out);
    looked l = look(c);
    const char *service = c->attempts > 0 ? undeclared(c, with_plain(l.all)) : NULL;
    if (c->interface_count == 0) {
        judge_finding_inform(out, "declared interfaces", "", 0, 0, "nothing was declared");
        judge_finding_say(
            out, "No interface was declared, so there is no connection method to examine.");
        return;
    }
    if (l.strange != NULL) { /* it may be the one that was observed: no more can be said */
        judge_finding_inform(out, "interfaces of a known standard", "share",
                             (double)l.known / (double)c->interface_count, c->interface_count,
                             "a protocol that is not known here cannot be examined");
        judge_finding_say(
            out,
            "The declared interface '%.*s' names no protocol whose standard is known here, so "
            "somebody has to examine it.",
            judge_words_shown(l.strange->id, 80), l.strange->id);
        return;
    }
    judge_finding_measure(out, "interfaces of a known standard", "share", 1, JUDGE_AT_LEAST, 1,
                          c->interface_count);
    judge_finding_measure(out, "attempts of an undeclared service", "attempts",
                          service != NULL ? (double)c->attempts : 0, JUDGE_AT_MOST, 0, c->attempts);
    out->verdict = service != NULL ? JUDGE_FAIL : JUDGE_PASS;
    if (service != NULL) {
        say_undeclared(c, service, out);
        return;
    }
    judge_finding_say(out, "Every declared connection method follows a standard: ");
    say_standards(l.all, out);
    judge_finding_say_more(out, ".");
}

/* ---- the row ---- */

static int judge(const judge_evidence *e, const void *wanted, judge_finding *out) {
    (void)wanted;
    const judge_connection_methods_case c = {
        .interfaces = e->ixit != NULL ? e->ixit->interfaces : NULL,
        .interface_count = e->ixit != NULL ? e->ixit->interface_count : 0,
        .observed = e->protocols,
        .attempts = e->attempt_count};
    judge_connection_methods(&c, out);
    return 0;
}

static const sim_field fields[] = {{.name = NULL}};

const judge_check judge_check_connection_methods = {
    .word = "connection_methods",
    .unit = "5.9-3-1 a",
    .provision = "5.9-3",
    .title = "does every connection method follow a standard?",
    .needs = JUDGE_NEED_IXIT,
    .fields = fields,
    .judge = judge,
    .bad_twin = {"tests/determinism/bad_twins.lua", "check=connection_methods"},
};
