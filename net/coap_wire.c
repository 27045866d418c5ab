/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/coap_wire.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>

#include "net/vkernel.h"
#include "net/vkernel_calls.h"

/* What goes wrong on the wire is the subject of a run, not a line on a terminal. */
static void log_nothing(coap_log_t level, const char *message) {
    (void)level;
    (void)message;
}

static int draw(void *out, size_t n) {
    return net_vkernel_random(out, n) == 0; /* 1 is libcoap's word for success */
}

static void prepare(void) {
    /* libcoap counts its ticks from this moment on: run time 0, so that every run and every thread
     * sees the same ticks. */
    net_vkernel_scope previous = net_vkernel_enter(NULL, 0, 0, NULL);
    coap_set_log_handler(log_nothing);
    coap_set_log_level(LOG_EMERG);
    coap_set_prng(draw);
    coap_startup();
    net_vkernel_leave(previous);
}

void net_coap_prepare_library(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare);
}

void net_coap_step(coap_context_t *context) {
    struct epoll_event events[2]; /* socket and timer */
    int n = vk_epoll_wait(coap_context_get_coap_fd(context), events, 2, 0);
    SIM_PROMISE(n >= 0);
    coap_io_do_epoll(context, events, (size_t)n);
}

coap_address_t net_coap_virtual_address(uint32_t peer) {
    coap_address_t address;
    coap_address_init(&address);
    address.size = sizeof address.addr.sin;
    address.addr.sin.sin_family = AF_INET;
    address.addr.sin.sin_port = htons(NET_VKERNEL_PORT);
    address.addr.sin.sin_addr.s_addr = htonl(NET_VKERNEL_NETWORK + peer);
    return address;
}

uint32_t net_coap_virtual_peer(const coap_address_t *address) {
    return ntohl(address->addr.sin.sin_addr.s_addr) - NET_VKERNEL_NETWORK;
}

uint32_t net_coap_option_uint(const coap_pdu_t *pdu, coap_option_num_t number, uint32_t absent) {
    coap_opt_iterator_t iterator;
    const coap_opt_t *option = coap_check_option(pdu, number, &iterator);
    if (option == NULL || coap_opt_length(option) > sizeof(uint32_t)) return absent;
    return coap_decode_var_bytes(coap_opt_value(option), coap_opt_length(option));
}

int net_coap_add_uint(coap_pdu_t *pdu, coap_option_num_t number, uint32_t value) {
    uint8_t bytes[sizeof value];
    size_t n = coap_encode_var_safe(bytes, sizeof bytes, value);
    return coap_add_option(pdu, number, n, bytes) != 0;
}

bool net_coap_header_read(const uint8_t *datagram, size_t n, net_coap_header *out) {
    if (n < NET_COAP_HEADER_SIZE || datagram[0] >> 6 != 1) return false;
    *out = (net_coap_header){datagram[0] >> 4 & 3, datagram[1],
                             (uint16_t)(datagram[2] << 8 | datagram[3])};
    return true;
}

bool net_coap_header_is_signal(const net_coap_header *h) {
    return h->code >> 5 == 7;
}

void net_coap_header_empty(enum net_coap_type type, uint16_t mid,
                           uint8_t out[NET_COAP_HEADER_SIZE]) {
    out[0] = (uint8_t)(1 << 6 | type << 4);
    out[1] = 0;
    out[2] = (uint8_t)(mid >> 8);
    out[3] = (uint8_t)mid;
}
