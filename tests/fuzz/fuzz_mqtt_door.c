/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_mqtt_door.c - a broker between clients that say whatever the input says: bytes
 * of a connection, broken connections, time. Checked: no crash, no leak, no storm, whatever it
 * sends is a whole and valid packet, and when all are gone an honest client gets in. */
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "tests/support/mqtt_room.h"

enum { CLIENTS = 4, ACTS_MOST = 400 };

/* Whole packets, right in the version that its CONNECT may have said by now. */
static void check_sent(mqtt_room_client *c) {
    net_mqtt_stream stream = {0};
    net_mqtt_span left = {c->out, c->n}, packet;
    net_mqtt_packet p;
    while (left.n > 0) {
        SIM_PROMISE(net_mqtt_stream_next(&stream, &left, SIZE_MAX, &packet) == 1);
        SIM_PROMISE(net_mqtt_read(NET_MQTT_5, packet, &p) == 0 ||
                    net_mqtt_read(NET_MQTT_3_1_1, packet, &p) == 0);
    }
    c->n = c->read = 0;
}

static void read_all(mqtt_room *r) {
    for (int i = 0; i < CLIENTS; i++) {
        check_sent(&r->clients[i]);
        if (r->clients[i].closed) mqtt_room_lose(r, i);
    }
}

/* An act: what, for whom, how many bytes follow. */
static size_t act(mqtt_room *r, const uint8_t *data, size_t size) {
    int i = data[0] % CLIENTS;
    size_t n = data[1] < size - 2 ? data[1] : size - 2;
    switch (data[0] >> 4) {
        case 0:
            mqtt_room_pass(r, data[1] * SIM_SECOND);
            return 2;
        case 1:
            mqtt_room_lose(r, i);
            return 2;
        case 2:
            r->publish_reason = data[1] % 4 == 0 ? data[1] : 0;
            return 2;
        default:
            if (r->clients[i].connection == NULL) SIM_PROMISE(mqtt_room_open(r, i, NET_MQTT_5));
            mqtt_room_bytes(r, i, data + 2, n);
            return 2 + n;
    }
}

static void honest_client_gets_in(mqtt_room *r) {
    const net_mqtt_packet hello = {
        .type = NET_MQTT_CONNECT, .clean_start = true, .client_id = mqtt_room_text("honest")};
    net_mqtt_packet answer;
    r->publish_reason = 0;
    SIM_PROMISE(mqtt_room_open(r, CLIENTS, NET_MQTT_5));
    mqtt_room_send(r, CLIENTS, &hello);
    SIM_PROMISE(mqtt_room_next(r, CLIENTS, &answer) && answer.reason == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const sim_heap_use before = sim_heap_in_use();
    cloud_broker_settings few = cloud_broker_settings_default;
    few.sessions_maximum = CLIENTS + 1;
    few.subscriptions_maximum = few.queue_maximum = few.retained_maximum = 8;
    few.packet_maximum = 4096;
    mqtt_room r;
    SIM_PROMISE(mqtt_room_init(&r, &few));
    for (int acts = 0; acts < ACTS_MOST && size >= 2; acts++) {
        size_t used = act(&r, data, size);
        data += used;
        size -= used;
        read_all(&r);
    }
    for (int i = 0; i < CLIENTS; i++) mqtt_room_lose(&r, i);
    honest_client_gets_in(&r);
    mqtt_room_deinit(&r);
    SIM_PROMISE(sim_heap_in_use().blocks == before.blocks);
    return 0;
}
