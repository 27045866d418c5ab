/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_coap_stream.c - CoAP on connections (RFC 8323) with a peer that says whatever the
 * input says: the built-in cloud's door before such clients, and a device before such a server.
 * Checked: no crash, no leak, no storm, whatever is sent is whole messages of which the first is a
 * CSM, a connection ends once, and at the door an honest client gets in when all are gone. */
#include <string.h>

#include "net/coap_stream.h"
#include "net/protocol.h"
#include "sim/cloud/door.h"
#include "sim/core/heap.h"

enum { CLIENTS = 4, HONEST = CLIENTS, ACTS_MOST = 300, TIMERS = 64, SENT_MOST = 1 << 20 };

typedef struct script {
    const uint8_t *at;
    size_t n;
} script;

static uint8_t byte(script *s) {
    if (s->n == 0) return 0;
    s->n--;
    return *s->at++;
}

/* As many bytes as the next one says, in memory of their own: a sanitizer sees a read behind their
 * end. NULL: none. */
static uint8_t *some(script *s, size_t *n) {
    *n = byte(s);
    if (*n > s->n) *n = s->n;
    uint8_t *bytes = *n == 0 ? NULL : sim_malloc(*n);
    SIM_PROMISE(*n == 0 || bytes != NULL);
    if (*n > 0) memcpy(bytes, s->at, *n);
    s->at += *n;
    s->n -= *n;
    return bytes;
}

/* What one end has sent, one message after the other. */
typedef struct wire {
    bool introduced;
    size_t sent;
    uint8_t code; /* of the last message */
} wire;

static void check_sent(wire *w, const uint8_t *bytes, size_t n) {
    net_coap_message m;
    SIM_PROMISE(net_coap_message_read((net_span){bytes, n}, &m)); /* each comes by itself */
    SIM_PROMISE(w->introduced || m.code == NET_COAP_CSM);
    w->introduced = true;
    w->code = m.code;
    w->sent += n;
    SIM_PROMISE(w->sent < SENT_MOST);
}

/* ---- the door ---- */

typedef struct room {
    net_vkernel *kernel;
    cloud_door *door;
    cloud_service service;
    sim_time now, members[TIMERS];
    struct {
        bool there;
        wire wire;
    } clients[CLIENTS + 1];
} room;

static uint32_t number_of(const net_address *a) {
    uint32_t number;
    uint16_t connection;
    SIM_PROMISE(net_address_virtual_read(a, &number, &connection));
    return number;
}

static void door_sends(void *context, const net_address *to, const uint8_t *bytes, size_t n) {
    room *r = context;
    SIM_PROMISE(r->clients[number_of(to)].there);
    check_sent(&r->clients[number_of(to)].wire, bytes, n);
}

static void door_closes(void *context, const net_address *to, bool reset) {
    room *r = context;
    (void)reset;
    SIM_PROMISE(r->clients[number_of(to)].there);
    r->clients[number_of(to)].there = false;
}

static void door_wakes_at(void *context, sim_id timer, sim_time due) {
    room *r = context;
    if (timer.generation == 0 && timer.slot < TIMERS) r->members[timer.slot] = due;
}

static size_t door_asks_who(void *context, const char *identity, uint32_t *device,
                            uint8_t key[NET_SECURE_KEY_MAX]) {
    (void)context;
    if (strncmp(identity, "bs-", 3) != 0 || identity[3] < '0' || identity[3] > '0' + HONEST ||
        identity[4] != '\0')
        return 0;
    *device = (uint32_t)(identity[3] - '0');
    memset(key, 'k', 16);
    return 16;
}

static double desired(void *context, uint32_t device) {
    (void)context;
    return 20 + device;
}

static void observe_outcome(void *context, const net_address *from, record_outcome outcome) {
    (void)context, (void)from, (void)outcome;
}

static void observe_session(void *context, uint32_t device, const net_address *from, bool up,
                            sim_time heard) {
    (void)context, (void)device, (void)from, (void)up, (void)heard;
}

static void observe_report(void *context, uint32_t device, const net_senml_pack *pack, size_t n) {
    (void)context, (void)device, (void)pack, (void)n;
}

static bool open_room(room *r) {
    static const cloud_door_calls calls = {door_sends, door_wakes_at, door_asks_who, door_closes};
    static const cloud_service_calls service_calls = {.desired = desired};
    static const cloud_observer observer = {
        .outcome = observe_outcome, .session = observe_session, .report = observe_report};
    const cloud_door_settings settings = {.peers_maximum = CLIENTS + 1, .seed = 1};
    for (int i = 0; i < TIMERS; i++) r->members[i] = SIM_NEVER;
    r->kernel = net_vkernel_new();
    cloud_service_init(&r->service, 30, 0, &service_calls, &observer, r);
    if (r->kernel != NULL)
        r->door = cloud_door_coap_stream.make(&settings, r->kernel, &r->service, &calls, r);
    return r->door != NULL;
}

static void say(room *r, uint32_t i, const uint8_t *bytes, size_t n, cloud_fate fate) {
    const net_address from = net_address_virtual(i, 1);
    if (!r->clients[i].there) {
        r->clients[i].there = true;
        r->clients[i].wire = (wire){0};
        SIM_PROMISE(r->door->kind->input(r->door, r->now, &from, NULL, 0, fate) == 0);
    }
    (void)r->door->kind->look(1, bytes, n);
    if (r->clients[i].there && n > 0)
        SIM_PROMISE(r->door->kind->input(r->door, r->now, &from, bytes, n, fate) == 0);
}

static void leave(room *r, uint32_t i) {
    const net_address from = net_address_virtual(i, 1);
    if (r->clients[i].there) r->door->kind->ended(r->door, r->now, &from);
    r->clients[i].there = false;
}

static void pass(room *r, sim_time span) {
    r->now += span;
    for (uint32_t i = 0; i < TIMERS; i++) {
        if (r->members[i] > r->now) continue;
        r->members[i] = SIM_NEVER;
        r->door->kind->wake(r->door, r->now, (sim_id){.slot = i});
    }
}

static void act(room *r, script *s) {
    static const cloud_fate fates[] = {CLOUD_FATE_ADMIT, CLOUD_FATE_ADMIT, CLOUD_FATE_BUSY,
                                       CLOUD_FATE_DROP, CLOUD_FATE_RESTART};
    uint8_t what = byte(s);
    uint32_t i = what % CLIENTS;
    size_t n;
    if (what >> 5 == 0) {
        pass(r, byte(s) * SIM_SECOND);
    } else if (what >> 5 == 1) {
        leave(r, i);
    } else if (what >> 5 == 2) {
        r->door->kind->notify(r->door, r->now, i);
    } else {
        cloud_fate fate = fates[what >> 5 == 3 ? 2 + i % 3 : 0];
        uint8_t *bytes = some(s, &n);
        say(r, i, bytes, n, fate);
        sim_free(bytes);
    }
}

static void honest_client_gets_in(room *r) {
    uint8_t bytes[64];
    const uint8_t rest[] = {0xb2, 'r', 'd', 0x47, 'e', 'p', '=', 'b', 's', '-', '4'};
    const net_coap_message m = {.code = 2, .rest = {rest, sizeof rest}};
    for (uint32_t i = 0; i < CLIENTS; i++) leave(r, i);
    say(r, HONEST, (const uint8_t *)"\x00\xe1", 2, CLOUD_FATE_ADMIT);
    say(r, HONEST, bytes, net_coap_message_write(&m, bytes), CLOUD_FATE_ADMIT);
    SIM_PROMISE(r->clients[HONEST].wire.code == 0x41);
}

static void at_the_door(script *s) {
    static room r;
    r = (room){0};
    SIM_PROMISE(open_room(&r));
    for (int acts = 0; acts < ACTS_MOST && s->n > 0; acts++) act(&r, s);
    honest_client_gets_in(&r);
    cloud_door_free(r.door);
    net_vkernel_free(r.kernel);
}

/* ---- a device ---- */

typedef struct house {
    net_link *link;
    sim_time now;
    wire wire;
    uint32_t asked, answered, ended;
    bool ready;
} house;

static void link_sends(void *owner, const uint8_t *bytes, size_t n) {
    check_sent(&((house *)owner)->wire, bytes, n);
}

static void link_is_ready(void *owner) {
    house *h = owner;
    SIM_PROMISE(!h->ready);
    h->ready = true;
}

static void link_is_answered(void *owner, const net_answer *answer) {
    house *h = owner;
    if (!answer->unasked) h->answered++;
    SIM_PROMISE(h->answered <= h->asked);
}

static void link_ends(void *owner, net_end why) {
    house *h = owner;
    SIM_PROMISE(why != NET_END_NONE && h->ended == 0);
    h->ended++;
}

static void act_at_home(house *h, script *s) {
    uint8_t what = byte(s);
    size_t n;
    if (what >> 6 == 0) {
        h->now += (what & 63) * SIM_SECOND;
        if (net_link_deadline(h->link) <= h->now) net_link_wake(h->link, h->now);
    } else if (what >> 6 == 1) {
        const net_ask ask = {.kind = what % 2 == 0 ? NET_ASK_REPORT : NET_ASK_FOLLOW,
                             .topic = what % 2 == 0 ? "t" : "s/me",
                             .name = "me"};
        h->asked++;
        if (net_link_ask(h->link, h->now, &ask) != 0) h->asked--;
    } else {
        uint8_t *bytes = some(s, &n);
        net_link_input(h->link, h->now, bytes, n);
        sim_free(bytes);
    }
}

static void at_home(script *s) {
    static const net_link_calls calls = {link_sends, link_is_ready, link_is_answered, link_ends};
    const net_protocol_settings settings = {.protocol = &net_protocol_coap_tcp,
                                            .report_topic = "t"};
    sim_stream stream = sim_stream_for(1, SIM_PURPOSE_LIBRARY, 1);
    house h = {0};
    net_vkernel *kernel = net_vkernel_new();
    const net_link_setup setup = {.settings = &settings,
                                  .kernel = kernel,
                                  .stream = &stream,
                                  .who = &(net_credentials){.identity = "me"}};
    h.link = net_link_new(&setup, 0, &calls, &h);
    SIM_PROMISE(h.link != NULL);
    net_link_start(h.link, 0);
    for (int acts = 0; acts < ACTS_MOST && s->n > 0 && h.ended == 0; acts++) act_at_home(&h, s);
    net_link_free(h.link);
    net_vkernel_free(kernel);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    script s = {data, size};
    const sim_heap_use before = sim_heap_in_use();
    if (byte(&s) % 2 == 0)
        at_the_door(&s);
    else
        at_home(&s);
    SIM_PROMISE(sim_heap_in_use().blocks == before.blocks);
    return 0;
}
