/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_read_pcap.c - any bytes as a capture, and as a packet behind every kind of link:
 * no crash, no read past the end, and what is read keeps its contract. */
#include "tests/fuzz/judge_hostile.h"

#include "sim/read/packet.h"
#include "sim/read/payload.h"
#include "sim/read/talk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_payload(record_dtls_span bytes) {
    record_dtls_span out;
    read_coap m;
    read_quic q;
    read_dns d;
    unsigned code;
    if (read_coap_parse(bytes, &m)) SIM_PROMISE(m.token.n <= 8);
    if (read_mqtt_connect(bytes, &out)) SIM_PROMISE(out.n <= bytes.n);
    (void)read_mqtt_connack(bytes, &code);
    (void)read_tls_hello_is_13(bytes);
    if (read_tls_identity(bytes, &out)) SIM_PROMISE(out.n <= bytes.n);
    if (read_dtls_identity(bytes, &out)) SIM_PROMISE(out.n <= bytes.n);
    if (read_quic_parse(bytes, &q)) SIM_PROMISE(q.target.n <= 20 && q.source.n <= 20);
    if (read_dns_parse(bytes, &d)) SIM_PROMISE(strlen(d.name) < sizeof d.name);
}

/* What a side says does not depend on where its bytes are parted. */
static void try_talk(record_dtls_span bytes) {
    read_words whole = {0}, parts = {0};
    read_talk a = {0}, b = {0};
    if (read_talk_take(&a, bytes, 0, &whole) != 0) return;
    for (size_t i = 0, n; i < bytes.n; i += n) {
        n = 1 + bytes.at[i] % 7;
        if (n > bytes.n - i) n = bytes.n - i;
        if (read_talk_take(&b, (record_dtls_span){bytes.at + i, n}, 0, &parts) != 0) return;
        if (a.lost) break; /* then it looks for itself where a segment begins */
    }
    if (!a.lost) {
        SIM_PROMISE(whole.said == parts.said && a.language == b.language);
        SIM_PROMISE(whole.identity_length == parts.identity_length);
        SIM_PROMISE(memcmp(whole.identity, parts.identity, whole.identity_length) == 0);
    }
    read_talk_deinit(&a);
    read_talk_deinit(&b);
}

static void try_packets(record_dtls_span bytes) {
    static const int links[] = {0, 1, 9, 12, 50, 51, 101, 104, 108, 113, 228, 229, 239, 276};
    read_packet p;
    char text[READ_ADDRESS_MAX];
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        read_fragments fragments = {0};
        if (read_packet_parse(links[i], bytes, bytes.n, &fragments, &p) == READ_RESULT_WHOLE) {
            SIM_PROMISE(p.payload.n <= bytes.n);
            SIM_PROMISE(read_address_text(&p.source, text) < sizeof text);
        }
        read_fragments_deinit(&fragments);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const read_by ways[] = {READ_BY_ANY, READ_BY_ADDRESS, READ_BY_CLIENT_ID, READ_BY_MAC};
    const record_dtls_span bytes = {data, size};
    try_packets(bytes);
    try_payload(bytes);
    try_talk(bytes);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const read_options o = {.format = READ_FORMAT_PCAP, .by = ways[i]};
        judge_hostile_read(data, size, &o);
    }
    return 0;
}
