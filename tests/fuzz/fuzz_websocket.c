/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_websocket.c - any bytes from a server: first as its answer to the request, then
 * as frames behind a good one; and from a client, in the same two ways. In pieces whose length the
 * bytes say. No crash, bounded memory, one end, and nothing after it. */
#include <stdbool.h>
#include <string.h>

#include "net/websocket.h"
#include "sim/core/heap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct room {
    net_websocket *socket;
    bool ended;
} room;

static void on_send(void *owner, const uint8_t *bytes, size_t n) {
    (void)owner;
    SIM_PROMISE(bytes != NULL || n == 0);
}

static void on_opened(void *owner) {
    SIM_PROMISE(!((room *)owner)->ended);
}

static void on_received(void *owner, const uint8_t *bytes, size_t n) {
    const room *r = owner;
    SIM_PROMISE(!r->ended);
    if (n > 0 && bytes[0] % 2 == 0) (void)!net_websocket_write(r->socket, bytes, n);
}

static void on_ended(void *owner, net_end why) {
    room *r = owner;
    SIM_PROMISE(!r->ended && why != NET_END_NONE);
    r->ended = true;
}

/* "the sample nonce", of RFC 6455 1.3 */
static int on_random(void *owner, uint8_t *out, size_t n) {
    (void)owner;
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t) "the sample nonce"[i % 16];
    return 0;
}

static const net_websocket_calls calls = {on_send, on_opened, on_received, on_ended, on_random};

static void hear(room *r, const uint8_t *data, size_t size) {
    while (size > 0) {
        size_t n = data[0] % 64 + 1U;
        if (n > size) n = size;
        net_websocket_input(r->socket, data, n);
        data += n;
        size -= n;
    }
    net_websocket_free(r->socket);
}

static void as_client(const uint8_t *data, size_t size, bool answered) {
    static const char yes[] =
        "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";
    room r = {.socket = net_websocket_new(&calls, &r)};
    if (r.socket == NULL) return;
    SIM_PROMISE(net_websocket_start(r.socket, "h", "/mqtt") == 0);
    if (answered) net_websocket_input(r.socket, (const uint8_t *)yes, sizeof yes - 1);
    hear(&r, data, size);
}

static void as_server(const uint8_t *data, size_t size, bool asked) {
    static const char ask[] =
        "GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
        "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: "
        "mqtt\r\n\r\n";
    room r = {.socket = net_websocket_accept("/mqtt", &calls, &r)};
    if (r.socket == NULL) return;
    if (asked) net_websocket_input(r.socket, (const uint8_t *)ask, sizeof ask - 1);
    hear(&r, data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (int good = 0; good <= 1; good++) {
        as_client(data, size, good == 1);
        as_server(data, size, good == 1);
    }
    return 0;
}
