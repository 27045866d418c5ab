/* SPDX-License-Identifier: GPL-3.0-or-later */
/* coap_world.h - CoAP clients and one CoAP server wired back to back: a clock that is a variable, a
 * wire that the test may cut, a record of all that happened. Used by the tests, the fuzz targets
 * and the bench of net/coap_*. */
#ifndef TESTS_SUPPORT_COAP_WORLD_H
#define TESTS_SUPPORT_COAP_WORLD_H

#include "net/coap_client.h"
#include "net/coap_server.h"
#include "tests/support/test_wire.h"

enum { WORLD_MEMBERS = 16, WORLD_RECORDS = 64 };

typedef struct world world;
typedef struct world_device world_device;

/* One thing that the client told its owner. */
typedef struct world_record {
    sim_time at;
    uint32_t tag;
    int error; /* 0: answered */
    uint8_t code;
    bool notification;
    uint32_t max_age_s;
    uint16_t format;
    size_t payload_size;
    uint8_t payload[128];
} world_record;

struct world_device {
    world *world;
    net_coap_client *client; /* NULL: none */
    net_coap_peer peer;      /* 0: none */
    sim_stream client_stream;
    sim_stream server_stream;
    uint32_t number;
    uint32_t record_count; /* all that happened; the first WORLD_RECORDS are kept */
    world_record records[WORLD_RECORDS];
};

struct world {
    net_vkernel *kernel;
    net_coap_server *server;
    /* up: to the server; its sum holds what the clients were told, too */
    test_wire wire;
    world_device *devices;
    uint32_t device_count;
    sim_time due[WORLD_MEMBERS];
    uint64_t asked; /* times the server's owner was asked */
    /* The test's own: how the server answers. NULL: 2.05 "21" with SenML format to GET, 2.04 to
     * others. */
    void (*serve)(world *w, world_device *d, const net_coap_request *request,
                  net_coap_reply *reply);
    void *test;
};

/* A world with `devices` devices, each with a client and an admitted peer. NULL: no memory. */
world *world_new(uint32_t devices, uint64_t seed);
void world_free(world *w); /* NULL is fine */
/* Creates what is missing of client and peer of device `i`. 0 or SIM_E. */
int world_connect(world *w, uint32_t i);
void world_cut_client(world *w, uint32_t i); /* power loss */
void world_forget_peer(world *w, uint32_t i);
/* Lets everything happen that is due until `until`, then sets the clock to it. */
void world_run(world *w, sim_time until);
/* Earliest thing that is going to happen; SIM_NEVER: nothing. */
sim_time world_next(const world *w);
/* Device `i` asks. */
int world_request(world *w, uint32_t i, const net_coap_request *request);
int world_get(world *w, uint32_t i, const char *path, bool observe, uint32_t tag);
int world_post(world *w, uint32_t i, const char *path, const char *payload, uint32_t tag);
const world_record *world_last(const world *w, uint32_t i); /* NULL: nothing yet */

#endif
