/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/test_wire.h"

#include <string.h>

static test_packet *place(test_wire *w, uint32_t i) {
    return &w->packets[(w->head + i) % TEST_WIRE_PACKETS];
}

static void note(test_wire *w, const test_packet *p) {
    sim_fingerprint_word(&w->sent_all, (uint64_t)w->now);
    sim_fingerprint_word(&w->sent_all, (uint64_t)p->end << 1 | (p->up ? 1 : 0));
    sim_fingerprint_bytes(&w->sent_all, p->bytes, p->n);
}

/* Behind the last one, not yet under way. */
static test_packet *prepare(test_wire *w, sim_time at, bool up, const uint8_t *bytes, size_t n) {
    SIM_PROMISE(w->count < TEST_WIRE_PACKETS && n <= TEST_WIRE_BYTES);
    test_packet *p = place(w, w->count);
    *p = (test_packet){.at = at, .number = test_wire_sent(w), .up = up, .n = n};
    memcpy(p->bytes, bytes, n);
    w->sent[up]++;
    return p;
}

static bool loses(const test_wire *w, const test_packet *p) {
    bool looked = w->look != NULL && w->look(w->looker, p);
    bool by_number = p->number < 64 && (w->lost >> p->number & 1) != 0;
    return looked || by_number || w->cut || (p->up ? w->lose_up : w->lose_down);
}

test_packet *test_wire_put(test_wire *w, bool up, uint32_t end, uint16_t connection,
                           const uint8_t *bytes, size_t n) {
    sim_time latency = w->latency == 0 ? TEST_WIRE_LATENCY : w->latency;
    test_packet *p = prepare(w, w->now + latency, up, bytes, n);
    p->end = end;
    p->connection = connection;
    note(w, p);
    if (loses(w, p)) return NULL;
    w->count++;
    return p;
}

test_packet *test_wire_put_at(test_wire *w, sim_time at, bool up, const uint8_t *bytes, size_t n) {
    test_packet *p = prepare(w, at, up, bytes, n);
    note(w, p);
    const test_packet later = *p;
    uint32_t i = w->count++;
    for (; i > 0 && place(w, i - 1)->at > at; i--) *place(w, i) = *place(w, i - 1);
    *place(w, i) = later;
    return place(w, i);
}

test_packet *test_wire_last(test_wire *w) {
    return w->count == 0 ? NULL : place(w, w->count - 1);
}

sim_time test_wire_due(const test_wire *w) {
    return w->count == 0 ? SIM_NEVER : w->packets[w->head].at;
}

void test_wire_advance(test_wire *w, sim_time at) {
    w->now = sim_time_max(w->now, at);
}

bool test_wire_take(test_wire *w, test_packet *out) {
    if (test_wire_due(w) > w->now) return false;
    *out = *place(w, 0);
    w->head = (w->head + 1) % TEST_WIRE_PACKETS;
    w->count--;
    return true;
}
