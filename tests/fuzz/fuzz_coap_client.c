/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_coap_client.c - a server, or whoever sits on the way, sends a device what it likes, when it
 * likes.
 *
 * The input is a list of commands, each a byte that says what (mod 5) and a byte that says how
 * much:
 *   0 n: n quarters of a second pass           1 n: the device asks; n odd: as an observer
 *    2 n: a datagram of the next n bytes        3 n: the same, but message ID and token are
 *    made to fit the device's last message
 * 4 n: the device loses power and boots Each request must have one outcome at most, and nothing may
 * be left over at the end. */
#include <stdlib.h>
#include <string.h>

#include "net/coap_client.h"
#include "sim/core/heap.h"

enum { REQUESTS = 256, DATAGRAM = 2048 };

typedef struct device {
    net_vkernel *kernel;
    net_coap_client *client;
    sim_stream stream;
    sim_time now;
    uint32_t asked, first_of_boot;
    uint8_t outcomes[REQUESTS];
    uint8_t last[DATAGRAM];
    size_t size;
} device;

static void send_out(void *owner, const uint8_t *datagram, size_t n) {
    device *d = owner;
    SIM_PROMISE(n >= 4 && n <= DATAGRAM);
    if (datagram[1] == 0) return; /* the last request is of interest */
    memcpy(d->last, datagram, n);
    d->size = n;
}

static void settle(device *d, uint32_t tag) {
    SIM_PROMISE(tag >= d->first_of_boot && tag < d->asked);
    SIM_PROMISE(d->outcomes[tag]++ == 0);
}

static void hear(void *owner, const net_coap_response *r) {
    device *d = owner;
    SIM_PROMISE(r->payload_size == 0 || r->payload != NULL);
    if (!r->notification) settle(d, r->tag);
    SIM_PROMISE(r->tag < d->asked && d->outcomes[r->tag] == 1);
}

static void give_up(void *owner, uint32_t tag, int error) {
    SIM_PROMISE(error == SIM_ETIMEOUT || error == SIM_ECLOSED);
    settle(owner, tag);
}

static const net_coap_client_calls calls = {.send = send_out, .answered = hear, .failed = give_up};

static void boot(device *d) {
    net_coap_client_free(d->client);
    d->first_of_boot = d->asked;
    d->size = 0;
    d->client = net_coap_client_new(d->kernel, d->now, &d->stream, &calls, d);
    SIM_PROMISE(d->client != NULL);
}

static void pass(device *d, sim_time span) {
    sim_time until = d->now + span;
    for (sim_time due = net_coap_client_deadline(d->client); due <= until;
         due = net_coap_client_deadline(d->client)) {
        d->now = sim_time_max(d->now, due);
        net_coap_client_wake(d->client, d->now);
    }
    d->now = until;
}

static void ask(device *d, bool observe) {
    if (d->asked == REQUESTS) return;
    net_coap_request request = {.method = observe ? NET_COAP_GET : NET_COAP_POST,
                                .observe = observe,
                                .path = "t",
                                .format = NET_COAP_FORMAT_NONE};
    request.tag = d->asked++;
    SIM_PROMISE(net_coap_client_request(d->client, d->now, &request) == 0);
}

/* A datagram whose header and token fit: the four first bytes and the token are replaced as far as
 * there are that many. */
static size_t fit(const device *d, uint8_t *bytes, size_t n) {
    size_t token = d->size < 4 ? 0 : d->last[0] & 15;
    if (n < 4 || d->size < 4 + token || n + token > DATAGRAM) return n;
    memmove(bytes + 4 + token, bytes + 4, n - 4);
    memcpy(bytes + 4, d->last + 4, token);
    bytes[0] = (uint8_t)(0x40U | (bytes[0] & 0x30U) | token);
    if ((bytes[0] & 0x20U) != 0)
        memcpy(bytes + 2, d->last + 2, 2); /* acknowledgement or Reset: of that message */
    return n + token;
}

static void arrive(device *d, const uint8_t *data, size_t n, bool fitted) {
    uint8_t bytes[DATAGRAM];
    if (n > 0) memcpy(bytes, data, n);
    if (fitted) n = fit(d, bytes, n);
    uint8_t *exact = malloc(n == 0 ? 1 : n); /* so that a sanitizer sees a read behind the end */
    if (n > 0) memcpy(exact, bytes, n);
    net_coap_client_input(d->client, d->now, exact, n);
    free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    sim_heap_use before = sim_heap_in_use();
    device d = {.stream = sim_stream_for(1, SIM_PURPOSE_LIBRARY, 1), .kernel = net_vkernel_new()};
    boot(&d);
    while (size >= 2) {
        uint8_t what = data[0] % 5, n = data[1];
        data += 2;
        size -= 2;
        size_t bytes = n < size ? n : size;
        if (what == 0) pass(&d, n * SIM_SECOND / 4);
        if (what == 1) ask(&d, n % 2 == 1);
        if (what == 4) boot(&d);
        if (what != 2 && what != 3) continue;
        arrive(&d, data, bytes, what == 3);
        data += bytes;
        size -= bytes;
    }
    pass(&d, (REQUESTS + 4) * (93 * SIM_SECOND)); /* each that waits its turn in vain takes 93 s */
    for (uint32_t i = d.first_of_boot; i < d.asked; i++) SIM_PROMISE(d.outcomes[i] == 1);
    net_coap_client_free(d.client);
    net_vkernel_free(d.kernel);
    SIM_PROMISE(sim_heap_in_use().blocks == before.blocks);
    return 0;
}
