/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_front.c - the built-in cloud's front between honest devices and somebody who
 * sends from their addresses, repeats and changes what went by, and has no key. The input says what
 * everybody does. Checked: no crash, no leak, no error, no more peers than allowed, no storm, and
 * at the end an honest device still gets in. */
#include <string.h>

#include "sim/core/heap.h"
#include "tests/support/front_world.h"

enum { CLIENTS = 4, PEERS = 6, ACTS_MOST = 120, KEPT = 16 };

typedef struct script {
    const uint8_t *at;
    size_t n;
} script;

static test_packet kept[KEPT];
static uint32_t kept_count;

static uint8_t byte(script *s) {
    if (s->n == 0) return 0;
    s->n--;
    return *s->at++;
}

static bool keep(void *looker, const test_packet *d) {
    (void)looker;
    kept[kept_count++ % KEPT] = *d;
    return false;
}

static void raw(front_world *w, script *s, uint32_t i) {
    uint8_t bytes[256];
    size_t n = byte(s);
    if (n > s->n) n = s->n;
    if (n > 0) memcpy(bytes, s->at, n);
    s->at += n;
    s->n -= n;
    front_world_inject(w, i, bytes, n);
}

/* Something that went by, perhaps with a byte changed, perhaps cut. */
static void again(front_world *w, script *s, uint32_t i) {
    static test_packet d;
    if (kept_count == 0) return;
    d = kept[byte(s) % (kept_count < KEPT ? kept_count : KEPT)];
    uint8_t how = byte(s);
    if (how % 4 != 0 && d.n > 0) d.bytes[byte(s) % d.n] ^= byte(s);
    if (how % 3 == 1) d.n -= byte(s) % (d.n + 1);
    front_world_inject(w, i, d.bytes, d.n);
}

static void ask(front_world *w, script *s, uint32_t i) {
    static const char *const paths[] = {"t",       "s/bs-00000001", "rd", ".well-known/core",
                                        "nowhere", "s/bs-00000000"};
    static const char *const queries[] = {NULL, "ep=bs-00000000", "ep=bs-00000001&x",
                                          "ep=", "a=b&ep=bs-00000002"};
    uint8_t what = byte(s), payload[64];
    size_t n = byte(s) % sizeof payload;
    if (n > s->n) n = s->n;
    if (n > 0) memcpy(payload, s->at, n);
    net_coap_request r = {
        .method = (uint8_t)(1 + what % 4),
        .observe = what % 4 == 0 && what >= 128,
        .path = paths[byte(s) % 6],
        .query = queries[byte(s) % 5],
        .format = what % 8 < 4 ? NET_COAP_FORMAT_SENML_CBOR : NET_COAP_FORMAT_TEXT,
        .payload = payload,
        .payload_size = n};
    if (r.method == NET_COAP_GET) r.payload_size = 0;
    int error = front_world_request(w, i, r);
    (void)error; /* no connection, or not yet open */
}

static void act(front_world *w, script *s) {
    uint8_t what = byte(s);
    uint32_t i = (what >> 4) % CLIENTS;
    switch (what % 16) {
        case 0:
        case 1:
            front_world_for(w, FRONT_WORLD_LATENCY);
            break;
        case 2:
            front_world_for(w, SIM_SECOND);
            break;
        case 3:
            front_world_for(w, byte(s) * SIM_SECOND);
            break;
        case 4:
        case 5:
            SIM_PROMISE(front_world_connect(w, i, false) == 0);
            break;
        case 6:
            SIM_PROMISE(front_world_connect(w, i, true) == 0);
            break;
        case 7:
            front_world_power_off(w, i);
            break;
        case 8:
        case 9:
            raw(w, s, i);
            break;
        case 10:
        case 11:
            again(w, s, i);
            break;
        case 12: {
            int error = front_world_register(w, i);
            (void)error;
            break;
        }
        case 13:
            ask(w, s, i);
            break;
        case 14:
            w->door->kind->notify(w->door, w->wire.now, i);
            break;
        default:
            w->fate = byte(s) % 2 == 0 ? CLOUD_FATE_ADMIT : CLOUD_FATE_BUSY;
            w->wire.cut = what >= 0xc0;
            break;
    }
    SIM_PROMISE(w->error == 0);
    SIM_PROMISE(w->door->kind->count(w->door)->peers <= PEERS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    return net_secure_startup();
}

/* When all is calm again, an honest device from a new port. */
static void comes_in(front_world *w) {
    w->wire.cut = false;
    w->fate = CLOUD_FATE_ADMIT;
    for (uint32_t i = 0; i < CLIENTS; i++) front_world_power_off(w, i);
    front_world_for(w, 2000 * SIM_SECOND);
    front_client *c = &w->clients[0];
    uint32_t online = c->outcomes[RECORD_OUTCOME_ONLINE];
    SIM_PROMISE(front_world_connect(w, 0, false) == 0);
    front_world_for(w, 5 * SIM_SECOND);
    SIM_PROMISE(front_world_register(w, 0) == 0);
    front_world_for(w, 5 * SIM_SECOND);
    SIM_PROMISE(c->outcomes[RECORD_OUTCOME_ONLINE] == online + 1 &&
                c->last.code == NET_COAP_CREATED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    script s = {data, size};
    const sim_heap_use before = sim_heap_in_use();
    kept_count = 0;
    front_world *w = front_world_new(byte(&s) % 4 != 0, CLIENTS, PEERS);
    SIM_PROMISE(w != NULL);
    w->wire.look = keep;
    for (int i = 0; i < ACTS_MOST && s.n > 0; i++) act(w, &s);
    comes_in(w);
    SIM_PROMISE(w->wire.sent[0] < 40L * ACTS_MOST);
    front_world_free(w);
    SIM_PROMISE(sim_heap_in_use().blocks == before.blocks);
    return 0;
}
