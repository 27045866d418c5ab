/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_dtls_record.c - any datagram for the readers of DTLS records: no look beyond its
 * end, and what they say agrees. */
#include "sim/record/dtls_record.h"
#include "sim/record/dtls_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_span(record_dtls_span inner, record_dtls_span outer) {
    SIM_PROMISE(inner.n <= outer.n);
    SIM_PROMISE(inner.n == 0 || (inner.at >= outer.at && inner.at + inner.n <= outer.at + outer.n));
}

static void read_messages(record_dtls_span body) {
    const record_dtls_span whole = body;
    record_dtls_message m;
    record_dtls_hello h;
    while (record_dtls_take_message(&body, &m)) {
        check_span(m.fragment, whole);
        SIM_PROMISE(m.offset + m.fragment.n <= m.length);
        if (!record_dtls_read_hello(&m, &h)) continue;
        SIM_PROMISE(record_dtls_is_whole(&m) && h.random == m.fragment.at + 2);
        check_span(h.session_id, m.fragment);
        check_span(h.cookie, m.fragment);
        check_span(h.cipher_suites, m.fragment);
        check_span(h.compressions, m.fragment);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    record_dtls_span left = {data, size};
    const record_dtls_span whole = left;
    record_dtls_record r;
    record_dtls_glance sight;
    const int error = record_dtls_look(data, size, &sight);
    SIM_PROMISE(error == 0 || error == SIM_EPARSE);
    SIM_PROMISE(error == 0 || (sight.content_type == 0 && sight.epoch == 0 && !sight.client_hello));
    SIM_PROMISE(!sight.has_cookie || sight.client_hello);
    SIM_PROMISE(!sight.client_hello ||
                (sight.content_type == RECORD_DTLS_HANDSHAKE && sight.epoch == 0));
    for (int count = 0; record_dtls_take_record(&left, &r); count++) {
        check_span(r.whole, whole);
        check_span(r.body, r.whole);
        SIM_PROMISE(count > 0 ||
                    (error == 0 && r.type == sight.content_type && r.epoch == sight.epoch));
        read_messages(r.body);
    }
    return 0;
}
