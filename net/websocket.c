/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/websocket.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <wslay/wslay.h>

#include "net/signature.h"
#include "sim/core/heap.h"

enum { NONCE_SIZE = 16, NONCE_TEXT = 24, ACCEPT_TEXT = 28, TEXT_MAX = 255 };

struct net_websocket {
    const net_websocket_calls *calls;
    void *owner;
    wslay_event_context_ptr library;
    const uint8_t *in; /* of the input in hand, and what the library has not taken of it */
    size_t in_size;
    const char *path;             /* of a server; NULL: a client's */
    char accept[ACCEPT_TEXT + 1]; /* what the server answers, or must answer */
    char head[NET_WEBSOCKET_HEAD_MAX + 1];
    size_t head_size;
    bool asked, open, ended;
    bool inside;  /* the library is reading: what is written waits until it has */
    bool carries; /* the frame that is being read is one of data */
};

static void end(net_websocket *w, net_end why) {
    if (w->ended) return;
    w->ended = true;
    w->open = false;
    w->calls->ended(w->owner, why);
}

/* ---- what the library asks ---- */

static ssize_t on_recv(wslay_event_context_ptr library, uint8_t *out, size_t size, int flags,
                       void *user) {
    net_websocket *w = user;
    (void)flags;
    size_t n = w->in_size < size ? w->in_size : size;
    if (n == 0) {
        wslay_event_set_error(library, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(out, w->in, n);
    w->in += n;
    w->in_size -= n;
    return (ssize_t)n;
}

static ssize_t on_send(wslay_event_context_ptr library, const uint8_t *bytes, size_t n, int flags,
                       void *user) {
    net_websocket *w = user;
    (void)library;
    (void)flags;
    w->calls->send(w->owner, bytes, n);
    return (ssize_t)n;
}

static int on_mask(wslay_event_context_ptr library, uint8_t *out, size_t n, void *user) {
    net_websocket *w = user;
    if (w->calls->random(w->owner, out, n) == 0) return 0;
    wslay_event_set_error(library, WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static void on_frame(wslay_event_context_ptr library,
                     const struct wslay_event_on_frame_recv_start_arg *frame, void *user) {
    net_websocket *w = user;
    (void)library;
    w->carries = frame->opcode == WSLAY_BINARY_FRAME || frame->opcode == WSLAY_CONTINUATION_FRAME;
    bool of_text = frame->opcode == WSLAY_TEXT_FRAME; /* MQTT 5 6.0-1 */
    if (of_text || frame->payload_length > NET_WEBSOCKET_FRAME_MAX) end(w, NET_END_PROTOCOL);
}

static void on_chunk(wslay_event_context_ptr library,
                     const struct wslay_event_on_frame_recv_chunk_arg *chunk, void *user) {
    net_websocket *w = user;
    (void)library;
    if (w->carries && !w->ended) w->calls->received(w->owner, chunk->data, chunk->data_length);
}

static const struct wslay_event_callbacks callbacks = {.recv_callback = on_recv,
                                                       .send_callback = on_send,
                                                       .genmask_callback = on_mask,
                                                       .on_frame_recv_start_callback = on_frame,
                                                       .on_frame_recv_chunk_callback = on_chunk};

/* ---- the request and its answer (RFC 6455 4.1) ---- */

/* RFC 4648 4 */
static void base64(const uint8_t *in, size_t n, char *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t bits = (uint32_t)in[i] << 16;
        if (i + 1 < n) bits |= (uint32_t)in[i + 1] << 8;
        if (i + 2 < n) bits |= in[i + 2];
        *out++ = digits[bits >> 18];
        *out++ = digits[bits >> 12 & 63];
        *out++ = '=';
        *out++ = '=';
        if (i + 1 < n) out[-2] = digits[bits >> 6 & 63];
        if (i + 2 < n) out[-1] = digits[bits & 63];
    }
    *out = '\0';
}

static int expect(net_websocket *w, const char *nonce) {
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* RFC 6455 1.3 */
    char text[NONCE_TEXT + sizeof guid];
    uint8_t digest[NET_SHA1_SIZE];
    int n = snprintf(text, sizeof text, "%s%s", nonce, guid);
    int error = net_sha1((const uint8_t *)text, (size_t)n, digest);
    if (error == 0) base64(digest, sizeof digest, w->accept);
    return error;
}

int net_websocket_start(net_websocket *w, const char *host, const char *path) {
    char request[1024];
    char nonce[NONCE_TEXT + 1];
    uint8_t bytes[NONCE_SIZE];
    if (w->asked || strlen(host) > TEXT_MAX || strlen(path) > TEXT_MAX) return SIM_ERANGE;
    if (w->calls->random(w->owner, bytes, sizeof bytes) != 0) return SIM_ELIBRARY;
    base64(bytes, sizeof bytes, nonce);
    int error = expect(w, nonce);
    if (error != 0) return error;
    int n = snprintf(request, sizeof request,
                     "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Protocol: mqtt\r\n"
                     "Sec-WebSocket-Version: 13\r\n\r\n",
                     path, host, nonce);
    w->asked = true;
    w->calls->send(w->owner, (const uint8_t *)request, (size_t)n);
    return 0;
}

/* The value of that field, without the blanks around it; its length in *n. NULL: there is none. */
static const char *field(const char *head, const char *name, size_t *n) {
    size_t length = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, length) != 0 || line[length] != ':') continue;
        const char *value = line + length + 1 + strspn(line + length + 1, " \t");
        *n = strcspn(value, "\r\n");
        while (*n > 0 && (value[*n - 1] == ' ' || value[*n - 1] == '\t')) (*n)--;
        return value;
    }
    return NULL;
}

static bool field_is(const char *head, const char *name, const char *wanted, bool exactly) {
    size_t n = 0;
    const char *value = field(head, name, &n);
    if (value == NULL || n != strlen(wanted)) return false;
    return exactly ? strncmp(value, wanted, n) == 0 : strncasecmp(value, wanted, n) == 0;
}

/* ---- a server's answer (RFC 6455 4.2) ---- */

/* Whether a list of words holds that one. */
static bool field_has(const char *head, const char *name, const char *wanted) {
    size_t left = 0, length = strlen(wanted);
    const char *at = field(head, name, &left);
    while (at != NULL && left > 0) {
        size_t blank = strspn(at, ", \t"), n = strcspn(at + blank, ", \t\r\n");
        if (blank > left) blank = left;
        if (n > left - blank) n = left - blank;
        if (n == length && strncasecmp(at + blank, wanted, n) == 0) return true;
        at += blank + n;
        left -= blank + n;
        if (blank + n == 0) break;
    }
    return false;
}

/* Its first line, without what a query adds to the path. */
static bool asks_for(const char *head, const char *path) {
    size_t n = strlen(path);
    if (strncmp(head, "GET ", 4) != 0 || strncmp(head + 4, path, n) != 0) return false;
    const char *rest = head + 4 + n;
    if (*rest == '?') rest += strcspn(rest, " \r\n");
    return strncmp(rest, " HTTP/1.1\r\n", 11) == 0;
}

/* NULL: it asks for what there is; else the answer that refuses it. */
static const char *refusal_of(const net_websocket *w) {
    static const char get[] = "GET ";
    if (strncmp(w->head, get, sizeof get - 1) != 0) return "405 Method Not Allowed";
    if (!asks_for(w->head, w->path)) return "404 Not Found";
    if (!field_is(w->head, "Upgrade", "websocket", false) ||
        !field_has(w->head, "Connection", "Upgrade"))
        return "426 Upgrade Required";
    if (!field_is(w->head, "Sec-WebSocket-Version", "13", true)) return "426 Upgrade Required";
    return field_has(w->head, "Sec-WebSocket-Protocol", "mqtt") ? NULL : "400 Bad Request";
}

static void say(net_websocket *w, const char *text) {
    w->calls->send(w->owner, (const uint8_t *)text, strlen(text));
}

static void take_request(net_websocket *w) {
    char answer[256], nonce[NONCE_TEXT + 1] = "";
    size_t n = 0;
    const char *key = field(w->head, "Sec-WebSocket-Key", &n);
    const char *refusal = refusal_of(w);
    if (refusal == NULL && (key == NULL || n != NONCE_TEXT)) refusal = "400 Bad Request";
    if (refusal != NULL) {
        (void)snprintf(answer, sizeof answer,
                       "HTTP/1.1 %s\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n"
                       "Connection: close\r\nContent-Length: 0\r\n\r\n",
                       refusal);
        say(w, answer);
        end(w, NET_END_REFUSED);
        return;
    }
    memcpy(nonce, key, NONCE_TEXT);
    if (expect(w, nonce) != 0) {
        end(w, NET_END_NO_MEMORY);
        return;
    }
    (void)snprintf(
        answer, sizeof answer,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n",
        w->accept);
    w->open = true;
    say(w, answer);
    w->calls->opened(w->owner);
}

/* ---- the head, of either ---- */

static void take_answer(net_websocket *w) {
    bool upgraded =
        strncmp(w->head, "HTTP/1.1 101", 12) == 0 && !isdigit((unsigned char)w->head[12]);
    if (strncmp(w->head, "HTTP/1.", 7) == 0 && !upgraded) {
        end(w, NET_END_REFUSED);
        return;
    }
    bool good = upgraded && field_is(w->head, "Upgrade", "websocket", false) &&
                field_is(w->head, "Sec-WebSocket-Accept", w->accept, true) &&
                field_is(w->head, "Sec-WebSocket-Protocol", "mqtt", true);
    if (!good) {
        end(w, NET_END_PROTOCOL);
        return;
    }
    w->open = true;
    w->calls->opened(w->owner);
}

/* Takes bytes up to the end of the head; returns how many. */
static size_t read_head(net_websocket *w, const uint8_t *bytes, size_t n) {
    size_t taken = 0;
    while (taken < n && !w->open && !w->ended) {
        if (w->head_size == NET_WEBSOCKET_HEAD_MAX || bytes[taken] == '\0') {
            end(w, NET_END_PROTOCOL);
            break;
        }
        w->head[w->head_size++] = (char)bytes[taken++];
        w->head[w->head_size] = '\0';
        bool whole = w->head_size >= 4 && memcmp(w->head + w->head_size - 4, "\r\n\r\n", 4) == 0;
        if (!whole) continue;
        if (w->path != NULL)
            take_request(w);
        else
            take_answer(w);
    }
    return taken;
}

/* ---- verbs ---- */

static net_websocket *make(const char *path, const net_websocket_calls *calls, void *owner) {
    net_websocket *w = sim_calloc(1, sizeof *w);
    if (w == NULL) return NULL;
    w->calls = calls;
    w->owner = owner;
    w->path = path;
    w->asked = path != NULL; /* it is asked, and does not ask */
    int error = path != NULL ? wslay_event_context_server_init(&w->library, &callbacks, w)
                             : wslay_event_context_client_init(&w->library, &callbacks, w);
    if (error != 0) {
        sim_free(w);
        return NULL;
    }
    wslay_event_config_set_no_buffering(w->library, 1);
    return w;
}

net_websocket *net_websocket_new(const net_websocket_calls *calls, void *owner) {
    return make(NULL, calls, owner);
}

net_websocket *net_websocket_accept(const char *path, const net_websocket_calls *calls,
                                    void *owner) {
    return make(path, calls, owner);
}

void net_websocket_free(net_websocket *w) {
    if (w == NULL) return;
    wslay_event_context_free(w->library);
    sim_free(w);
}

/* What the library wants to say goes out at once: a pong, the answer to a close. */
static void settle(net_websocket *w, int error) {
    if (wslay_event_want_write(w->library) != 0 && wslay_event_send(w->library) != 0)
        end(w, NET_END_NO_MEMORY);
    if (error == WSLAY_ERR_NOMEM) end(w, NET_END_NO_MEMORY);
    if (error != 0) end(w, NET_END_PROTOCOL);
    uint16_t code = wslay_event_get_status_code_received(w->library);
    if (wslay_event_get_close_received(w->library) != 0)
        end(w, code == WSLAY_CODE_PROTOCOL_ERROR ? NET_END_PROTOCOL : NET_END_CLOSED);
    /* The library says good-bye by itself to who breaks the rules. */
    if (wslay_event_get_close_sent(w->library) != 0) end(w, NET_END_PROTOCOL);
}

void net_websocket_input(net_websocket *w, const uint8_t *bytes, size_t n) {
    if (w->ended || !w->asked) return;
    size_t taken = w->open ? 0 : read_head(w, bytes, n);
    if (!w->open) return;
    w->in = bytes + taken;
    w->in_size = n - taken;
    w->inside = true;
    int error = wslay_event_recv(w->library);
    w->inside = false;
    w->in_size = 0;
    settle(w, error);
}

int net_websocket_write(net_websocket *w, const uint8_t *bytes, size_t n) {
    if (!w->open) return SIM_ESTATE;
    const struct wslay_event_msg message = {
        .opcode = WSLAY_BINARY_FRAME, .msg = bytes, .msg_length = n};
    if (wslay_event_queue_msg(w->library, &message) != 0) return SIM_ENOMEM;
    return w->inside || wslay_event_send(w->library) == 0 ? 0 : SIM_ENOMEM;
}

void net_websocket_close(net_websocket *w) {
    if (w->open && wslay_event_queue_close(w->library, WSLAY_CODE_NORMAL_CLOSURE, NULL, 0) == 0 &&
        !w->inside)
        (void)wslay_event_send(w->library);
    w->open = false;
    w->ended = true;
}
