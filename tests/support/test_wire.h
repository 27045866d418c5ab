/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_wire.h - the wire of a fixture: a clock that is a variable, a queue of packets between two
 * ends, and what is lost. All of it zero is a wire at rest. The fixture itself says who the ends
 * are and what else is due. */
#ifndef TESTS_SUPPORT_TEST_WIRE_H
#define TESTS_SUPPORT_TEST_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/error.h"
#include "sim/core/fingerprint.h"
#include "sim/core/time.h"

enum { TEST_WIRE_PACKETS = 512, TEST_WIRE_BYTES = 1500 };
#define TEST_WIRE_LATENCY (10 * SIM_MILLISECOND)

typedef struct test_packet {
    sim_time at;         /* when it arrives */
    uint32_t number;     /* of all that were sent, from 0 */
    bool up;             /* from the device, or client */
    uint32_t end;        /* whose it is, where there are several */
    uint16_t connection; /* of that end, where it has several one after the other */
    size_t n;
    uint8_t bytes[TEST_WIRE_BYTES];
} test_packet;

typedef struct test_wire {
    sim_time now, latency;    /* latency 0: TEST_WIRE_LATENCY */
    bool cut;                 /* nothing arrives that is sent from now on */
    bool lose_up, lose_down;  /* nor anything of one direction */
    uint64_t lost;            /* bit i: packet number i does not arrive */
    uint32_t sent[2];         /* packets, lost ones too; [1]: up */
    sim_fingerprint sent_all; /* of every packet with its time, end and direction */
    /* At each packet as it is sent; true: it is lost. NULL: nobody looks. */
    bool (*look)(void *looker, const test_packet *p);
    void *looker;
    uint32_t head, count;
    test_packet packets[TEST_WIRE_PACKETS]; /* at the end: only what is in use is ever read */
} test_wire;

static inline uint32_t test_wire_sent(const test_wire *w) {
    return w->sent[0] + w->sent[1];
}

/* Sends. The packet on its way, which the caller may still change; NULL: it is lost. */
test_packet *test_wire_put(test_wire *w, bool up, uint32_t end, uint16_t connection,
                           const uint8_t *bytes, size_t n);
/* The same over a way of the fixture's own, at whose end it is at `at`: nothing is lost but by the
 * queue, and one that was sent later may overtake. */
test_packet *test_wire_put_at(test_wire *w, sim_time at, bool up, const uint8_t *bytes, size_t n);
/* The one that was sent last of those under way; NULL: none. */
test_packet *test_wire_last(test_wire *w);
/* When the next one arrives; SIM_NEVER: none is under way. */
sim_time test_wire_due(const test_wire *w);
/* Sets the clock to `at`, never back. */
void test_wire_advance(test_wire *w, sim_time at);
/* Takes the next one off the wire if it has arrived by now. */
bool test_wire_take(test_wire *w, test_packet *out);

#endif
