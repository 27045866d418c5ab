/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_read_pcap.c - any bytes as a capture, and as a packet behind every kind of link: no crash, no read past the end, and what is read keeps its contract. */
#include "tests/fuzz/judge_hostile.h"

#include "sim/judge/read_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_packets(const uint8_t *data, size_t size) {
    static const int links[] = {0, 1, 12, 108, 113, 228, 229, 276};
    judge_packet p;
    judge_coap m;
    sim_dtls_span out, bytes = {data, size};
    unsigned code;
    char text[JUDGE_ADDRESS_MAX];
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        if (judge_packet_read(links[i], bytes, &p) != JUDGE_SIGHT_WHOLE) continue;
        SIM_PROMISE(p.payload.n <= size);
        SIM_PROMISE(judge_address_text(&p.source, text) < sizeof text);
    }
    if (judge_coap_read(bytes, &m)) SIM_PROMISE(m.token.n <= 8);
    if (judge_mqtt_connect(bytes, &out)) SIM_PROMISE(out.n <= size);
    (void)judge_mqtt_connack(bytes, &code);
    (void)judge_tls_is_hello(bytes);
    (void)judge_tls_has(bytes, SIM_DTLS_CHANGE_CIPHER_SPEC);
    (void)judge_tls_alert(bytes);
    (void)judge_tls_is_13(bytes);
    if (judge_tls_identity(bytes, &out)) SIM_PROMISE(out.n <= size);
    if (judge_dtls_identity(bytes, &out)) SIM_PROMISE(out.n <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const judge_by ways[] = {JUDGE_BY_ANY, JUDGE_BY_ADDRESS, JUDGE_BY_CLIENT_ID};
    try_packets(data, size);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const judge_read_options o = {.format = JUDGE_FORMAT_PCAP, .by = ways[i]};
        judge_hostile_read(data, size, &o);
    }
    return 0;
}
