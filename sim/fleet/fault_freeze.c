/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cloud is there, and says nothing. */
#include <stdio.h>
#include <string.h>

#include "sim/fleet/fault_orders.h"
#include "sim/fleet/spec.h"
#include "sim/fleet/street_private.h"
#include "sim/judge/words.h"

static bool gives_such(const fleet_group *group, const void *context) {
    const net_protocol_settings *link = &group->profile.link;
    return fleet_silence_concerns(link->protocol, link->security != NULL,
                                  *(const cloud_frozen *)context);
}

/* One kind of answer alone is a word of one protocol. */
static const char *check(const fleet_spec *spec, sim_time now, const fleet_selection *sel,
                         void *order) {
    const fleet_freeze_order *o = order;
    const cloud_frozen what = (cloud_frozen)(o->what + 1);
    (void)now;
    (void)sel;
    if (fleet_spec_any(spec, gives_such, &what) != NULL) return NULL;
    return "what = ...: no device here waits for that; MQTT has connack, puback and pingresp, CoAP "
           "created, changed and notification, over TCP csm and pong, too, DTLS and TLS handshake";
}

static int freeze(fleet_street *s, const fleet_selection *sel, const void *order, uint8_t trigger) {
    const fleet_freeze_order *o = order;
    (void)sel;
    for (uint32_t i = 0; i < s->device_count; i++) fleet_street_comes_after(s, i, trigger);
    return fleet_street_freeze(s, (cloud_frozen)(o->what + 1),
                               sim_time_add(s->shard.now, o->lasting));
}

static void tell(const void *order, uint64_t struck, char *line, size_t size) {
    const fleet_freeze_order *o = order;
    char span[24];
    (void)snprintf(line, size, "cloud withholds %s for %s: %s open",
                   o->what == 0 ? "every answer" : fleet_silence_words[o->what],
                   sim_time_text(o->lasting, span, sizeof span), JUDGE_OF(struck, "session"));
}

static const sim_field fields[] = {
    {.name = "lasting",
     .kind = SIM_FIELD_DURATION,
     .offset = offsetof(fleet_freeze_order, lasting),
     .minimum = 1e9,
     .maximum = 366 * 86400e9,
     .required = true,
     .help = "sockets are open and nothing is answered for so long"},
    {.name = "what",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(fleet_freeze_order, what),
     .choices = fleet_silence_words,
     .help =
         "is withheld: all (usual); or alone handshake, of MQTT connack, puback or pingresp, of "
         "CoAP created, changed or notification, over TCP csm or pong, too"},
    FLEET_FIELD_TRIGGER,
    {.name = NULL},
};
static const fleet_freeze_order usual = {.trigger = "freeze"};

const fleet_fault fleet_fault_freeze = {
    .verb = "freeze",
    .help = "the cloud is there and says nothing: no answer of it, or none of one kind, goes out",
    .trigger = "freeze",
    .reach = FLEET_REACH_CLOUD,
    .built_in_only = true,
    .fields = fields,
    .size = sizeof usual,
    .usual = &usual,
    .wrong = check,
    .struck = fleet_street_online,
    .tell = tell,
    .street = freeze,
};
