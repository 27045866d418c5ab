/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_mqtt_client.c - a device's MQTT client (stock libmosquitto) and a broker that
 * says whatever the input says, in parts, with time between them. Checked: no crash, no leak, no
 * storm, an end that comes once, and each deadline lies ahead once it was kept. */
#include <string.h>

#include "net/mqtt_client.h"
#include "sim/core/heap.h"

enum { ACTS_MOST = 200, SENT_MOST = 1 << 20 };

typedef struct device {
    net_mqtt_client *client;
    size_t sent;
    bool ended;
} device;

static void on_send(void *owner, const uint8_t *bytes, size_t n) {
    device *d = owner;
    (void)bytes;
    d->sent += n;
    SIM_PROMISE(!d->ended && d->sent < SENT_MOST);
}

static void on_connected(void *owner, uint8_t reason, bool session_present) {
    (void)owner;
    (void)reason;
    (void)session_present;
}

static void on_acknowledged(void *owner, uint16_t id, uint8_t reason) {
    (void)owner;
    (void)id;
    (void)reason;
}

static void on_received(void *owner, const net_mqtt_publish *message) {
    const device *d = owner;
    SIM_PROMISE(!d->ended && message->topic != NULL && message->qos <= 2);
}

static void on_ended(void *owner, net_end why, uint8_t reason) {
    device *d = owner;
    (void)reason;
    SIM_PROMISE(!d->ended && why != NET_END_NONE);
    d->ended = true;
}

static void keep_deadlines(device *d, sim_time now) {
    for (int i = 0; net_mqtt_client_deadline(d->client) <= now; i++) {
        SIM_PROMISE(i < 10);
        net_mqtt_client_wake(d->client, now);
    }
}

static void say(device *d, sim_time now, uint8_t what) {
    const net_mqtt_publish message = {
        .topic = "t/plug", .payload = (const uint8_t *)"on", .size = 2, .qos = (uint8_t)(what % 3)};
    uint16_t id;
    int error = what % 4 == 3 ? net_mqtt_client_subscribe(d->client, now, "c/plug", 1, &id)
                              : net_mqtt_client_publish(d->client, now, &message, &id);
    SIM_PROMISE(error == 0 || error == SIM_ESTATE);
}

static void talk(device *d, const uint8_t *data, size_t size) {
    sim_time now = SIM_SECOND;
    for (int acts = 0; acts < ACTS_MOST && size >= 2; acts++) {
        uint8_t what = data[0] >> 5;
        size_t n = 0;
        if (what == 0)
            now += data[1] * SIM_SECOND;
        else if (what == 1)
            say(d, now, data[1]);
        else
            n = data[1] < size - 2 ? data[1] : size - 2;
        if (n > 0) net_mqtt_client_input(d->client, now, data + 2, n);
        keep_deadlines(d, now);
        data += 2 + n;
        size -= 2 + n;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const net_mqtt_calls calls = {on_send, on_connected, on_acknowledged, on_received,
                                         on_ended};
    if (size == 0) return 0;
    const net_mqtt_connect hello = {.version = data[0] % 2 == 0 ? 5 : 4,
                                    .client_id = "plug",
                                    .keep_alive_s = 60,
                                    .clean_start = (data[0] & 2) != 0};
    sim_stream stream = sim_stream_for(1, SIM_PURPOSE_LIBRARY, 1);
    net_vkernel *kernel = net_vkernel_new();
    device d = {0};
    SIM_PROMISE(kernel != NULL);
    d.client = net_mqtt_client_new(kernel, &stream, &calls, &d);
    SIM_PROMISE(d.client != NULL && net_mqtt_client_connect(d.client, SIM_SECOND, &hello) == 0);
    const sim_heap_use before = sim_heap_in_use();
    talk(&d, data + 1, size - 1);
    net_mqtt_client_free(d.client);
    net_vkernel_free(kernel);
    SIM_PROMISE(sim_heap_in_use().blocks < before.blocks);
    return 0;
}
