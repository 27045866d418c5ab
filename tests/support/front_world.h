/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/support/front_world.h - the built-in cloud's CoAP door and a few devices' connections,
 * back to back: a clock that is a variable, a wire of 10 ms that the test may cut, a record of what
 * happened. For the tests and the fuzz target of sim/cloud/door_coap. */
#ifndef TESTS_FRONT_WORLD_H
#define TESTS_FRONT_WORLD_H

#include "sim/cloud/door.h"
#include "tests/support/coap_channel.h"
#include "tests/support/test_wire.h"

enum {
    FRONT_WORLD_CLIENTS = 40,
    FRONT_WORLD_DATAGRAM = TEST_WIRE_BYTES,
    FRONT_WORLD_DUES = 256 /* peers that want to be woken */
};
#define FRONT_WORLD_LATENCY TEST_WIRE_LATENCY

typedef struct front_world front_world;

typedef struct front_client {
    front_world *world;
    uint32_t number;
    coap_channel *channel; /* NULL: none */
    bool over;             /* it has ended; freed when the call in hand is over */
    sim_stream stream;
    net_address address;
    const char *identity; /* NULL: its own, "bs-0000000N" */
    const char *key;      /* NULL: its own; else 16 letters */
    uint32_t ready, answered, notified, failed, ended;
    net_coap_response last; /* answer or notification; payload in `text` */
    char text[136];
    uint32_t outcomes[RECORD_OUTCOMES]; /* as the front told them of its address */
    uint32_t refused;                   /* times that somebody said its name without its key */
    double desired;
    cloud_glance attempt; /* of its latest datagram that demands a connection */
} front_client;

struct front_world {
    net_vkernel *kernel, *client_kernel;
    net_secure_domain *domain; /* of the clients; NULL: plain */
    cloud_service service;
    cloud_door *door;
    front_client clients[FRONT_WORLD_CLIENTS];
    uint32_t count;
    test_wire wire; /* up: to the front; what it has no room for is lost */
    struct {
        sim_id peer;
        sim_time due;
    } dues[FRONT_WORLD_DUES];
    uint32_t due_count;
    uint64_t told; /* calls of wake_at for a session */
    sim_time members[32];
    cloud_fate fate;            /* of what arrives at the front */
    bool shared;                /* the identity "fleet" is known, and everybody's */
    bool commanded;             /* clients follow c/NAME, not s/NAME */
    const cloud_update *update; /* offered to every client; NULL: none */
    int error;                  /* the first of the door's input */
};

/* NULL: no memory. */
front_world *front_world_new(bool secure, uint32_t clients, uint32_t peers_maximum);
void front_world_free(front_world *w); /* NULL is fine */
/* A fresh connection of client `i`, from its next port or from the same one; the old one is gone
 * without a word. SIM_ENOMEM. */
SIM_MUST_USE int front_world_connect(front_world *w, uint32_t i, bool same_port);
void front_world_power_off(front_world *w, uint32_t i);
SIM_MUST_USE int front_world_request(front_world *w, uint32_t i, net_coap_request request);
SIM_MUST_USE int front_world_register(front_world *w, uint32_t i); /* POST rd?ep=(own identity) */
/* Bytes from client i's address, at the front at once. */
void front_world_inject(front_world *w, uint32_t i, const uint8_t *bytes, size_t n);
/* All that is due up to `until`. */
void front_world_run(front_world *w, sim_time until);
/* From now on sessions are closed so long after their registration. */
void front_world_close_after(front_world *w, sim_time close_after);
void front_world_for(front_world *w, sim_time span); /* ... for so long from now */

#endif
