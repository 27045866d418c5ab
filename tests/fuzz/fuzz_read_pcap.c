/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_read_pcap.c - any bytes as a capture, and as a packet behind every kind of link:
 * no crash, no read past the end, and what is read keeps its contract. */
#include "tests/fuzz/judge_hostile.h"

#include "sim/read/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_packets(const uint8_t *data, size_t size) {
    static const int links[] = {0, 1, 12, 108, 113, 228, 229, 276};
    read_packet p;
    read_coap m;
    record_dtls_span out, bytes = {data, size};
    unsigned code;
    char text[READ_ADDRESS_MAX];
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        if (read_packet_parse(links[i], bytes, &p) != READ_RESULT_WHOLE) continue;
        SIM_PROMISE(p.payload.n <= size);
        SIM_PROMISE(read_address_text(&p.source, text) < sizeof text);
    }
    if (read_coap_parse(bytes, &m)) SIM_PROMISE(m.token.n <= 8);
    if (read_mqtt_connect(bytes, &out)) SIM_PROMISE(out.n <= size);
    (void)read_mqtt_connack(bytes, &code);
    (void)read_tls_is_hello(bytes);
    (void)read_tls_has(bytes, RECORD_DTLS_CHANGE_CIPHER_SPEC);
    (void)read_tls_alert(bytes);
    (void)read_tls_is_13(bytes);
    if (read_tls_identity(bytes, &out)) SIM_PROMISE(out.n <= size);
    if (read_dtls_identity(bytes, &out)) SIM_PROMISE(out.n <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const read_by ways[] = {READ_BY_ANY, READ_BY_ADDRESS, READ_BY_CLIENT_ID};
    try_packets(data, size);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const read_options o = {.format = READ_FORMAT_PCAP, .by = ways[i]};
        judge_hostile_read(data, size, &o);
    }
    return 0;
}
