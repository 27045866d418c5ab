/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-labels: threads */
#include <pthread.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/record/dtls_record.h"
#include "sim/record/dtls_wire.h"
#include "tests/unit/secure_pair.h"
#include "tests/unit/with_cmocka.h"

static secure_pair pair; /* the one of the test in hand */

static void start(uint64_t client_seed, uint64_t server_seed) {
    assert_true(secure_pair_init(&pair, client_seed, server_seed, &net_secure_timing_default));
}

static void start_open(void) {
    start(1, 2);
    secure_pair_open(&pair);
    assert_int_equal(pair.client.opened, 1);
    assert_int_equal(pair.server.opened, 1);
}

static int stop(void **state) {
    (void)state;
    secure_pair_deinit(&pair);
    memset(&pair, 0, sizeof pair);
    return 0;
}

static void say(secure_end *from, const char *text) {
    assert_int_equal(
        net_secure_write(from->session, pair.wire.now, (const uint8_t *)text, strlen(text)), 0);
}

static void expect_heard(const secure_end *end, int times, const char *text) {
    assert_int_equal(end->received, times);
    assert_int_equal(end->size, strlen(text));
    assert_memory_equal(end->data, text, strlen(text));
}

/* Both directions work. */
static void expect_talk(void) {
    int client = pair.client.received, server = pair.server.received;
    say(&pair.client, "is anybody there?");
    secure_pair_run(&pair, pair.wire.now + SIM_SECOND);
    expect_heard(&pair.server, server + 1, "is anybody there?");
    say(&pair.server, "yes");
    secure_pair_run(&pair, pair.wire.now + SIM_SECOND);
    expect_heard(&pair.client, client + 1, "yes");
}

/* ---- the plain course ---- */

static uint8_t kept[64][SECURE_PAIR_DATAGRAM];
static size_t kept_size[64];

static bool keep(void *looker, const test_packet *d) {
    (void)looker;
    if (d->number >= 64) return false;
    memcpy(kept[d->number], d->bytes, d->n);
    kept_size[d->number] = d->n;
    return false;
}

/* The sizes say what is in them: no session to resume (32 bytes in the ServerHello), no ticket, no
 * hint, one datagram for each flight. */
static void test_handshake_takes_six_datagrams(void **state) {
    (void)state;
    static const size_t sizes[6] = {101, 60, 133, 100, 93 + sizeof "device-1", 67};
    start(1, 2);
    pair.wire.look = keep;
    assert_int_equal(net_secure_deadline(pair.client.session), SIM_NEVER);
    assert_string_equal(net_secure_identity(pair.client.session), "device-1");
    secure_pair_open(&pair);
    assert_int_equal(test_wire_sent(&pair.wire), 6);
    for (int i = 0; i < 6; i++) assert_int_equal(kept_size[i], sizes[i]);
    assert_true(net_secure_is_open(pair.client.session));
    assert_true(net_secure_is_open(pair.server.session));
    assert_int_equal(pair.server.opened_at, 5 * SECURE_PAIR_LATENCY);
    assert_int_equal(pair.client.opened_at, 6 * SECURE_PAIR_LATENCY);
    assert_string_equal(net_secure_identity(pair.server.session), "device-1");
    expect_talk();
    assert_int_equal(net_secure_discarded(pair.client.domain), 0);
    assert_int_equal(net_secure_discarded(pair.server.domain), 0);
}

static void test_write_knows_its_limits(void **state) {
    (void)state;
    static uint8_t data[NET_SECURE_DATAGRAM_MAX];
    enum { MOST = NET_SECURE_DATA_MAX };
    start(1, 2);
    assert_int_equal(net_secure_write(pair.client.session, 0, data, 1), SIM_ESTATE);
    secure_pair_open(&pair);
    assert_int_equal(net_secure_write(pair.client.session, pair.wire.now, data, 0), SIM_ERANGE);
    assert_int_equal(net_secure_write(pair.client.session, pair.wire.now, data, MOST + 1),
                     SIM_ERANGE);
    assert_int_equal(net_secure_write(pair.client.session, pair.wire.now, data, MOST), 0);
    secure_pair_run(&pair, pair.wire.now + SIM_SECOND);
    assert_int_equal(pair.server.size, MOST);
    net_secure_close(pair.client.session, pair.wire.now);
    assert_int_equal(net_secure_write(pair.client.session, pair.wire.now, data, 1), SIM_ESTATE);
}

static void test_close_is_heard_and_answered(void **state) {
    (void)state;
    start_open();
    uint32_t sent = test_wire_sent(&pair.wire);
    net_secure_close(pair.client.session, pair.wire.now);
    assert_false(net_secure_is_open(pair.client.session));
    assert_int_equal(pair.client.ended, 0);
    secure_pair_run(&pair, pair.wire.now + SIM_SECOND);
    assert_int_equal(pair.server.ended, 1);
    assert_int_equal(pair.server.why, NET_END_CLOSED);
    assert_int_equal(test_wire_sent(&pair.wire), sent + 2);
    assert_int_equal(net_secure_deadline(pair.server.session), SIM_NEVER);
    net_secure_wake(pair.server.session, pair.wire.now);
    net_secure_close(pair.server.session, pair.wire.now);
    assert_int_equal(pair.server.ended, 1);
}

static void test_free_says_nothing(void **state) {
    (void)state;
    start_open();
    uint32_t sent = test_wire_sent(&pair.wire);
    net_secure_free(pair.client.session);
    pair.client.session = NULL;
    secure_pair_run(&pair, pair.wire.now + SIM_HOUR);
    assert_int_equal(test_wire_sent(&pair.wire), sent);
    assert_true(net_secure_is_open(pair.server.session));
}

static void test_ends_have_words(void **state) {
    (void)state;
    assert_string_equal(net_end_text(NET_END_WRONG_KEY), "key is wrong");
    assert_string_equal(net_end_text((net_end)99), "unknown end");
}

/* ---- replay ---- */

static uint64_t bytes_of(uint64_t client_seed, uint64_t server_seed) {
    start(client_seed, server_seed);
    secure_pair_open(&pair);
    expect_talk();
    uint64_t value = pair.wire.sent_all.value;
    stop(NULL);
    return value;
}

static void test_same_seeds_same_datagrams(void **state) {
    (void)state;
    uint64_t first = bytes_of(1, 2);
    assert_true(bytes_of(1, 2) == first);
    assert_true(bytes_of(3, 2) != first);
    assert_true(bytes_of(1, 4) != first);
    assert_true(bytes_of(1, 2) == first); /* nothing that the others drew is left behind */
}

enum { THREADS = 4 };
static secure_pair thread_pairs[THREADS];

static void *run_thread(void *p) {
    secure_pair *own = p;
    for (int i = 0; i < 50; i++) {
        if (!secure_pair_init(own, 1, 2, &net_secure_timing_default)) return NULL;
        secure_pair_open(own);
        secure_pair_deinit(own);
    }
    return p;
}

/* Domains of several threads have nothing in common. */
static void test_threads_do_not_disturb_each_other(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    start_open();
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_thread, &thread_pairs[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        void *done;
        assert_int_equal(pthread_join(threads[i], &done), 0);
        assert_non_null(done);
        assert_true(thread_pairs[i].wire.sent_all.value == pair.wire.sent_all.value);
    }
}

/* ---- loss ---- */

typedef struct loss_case {
    /* number of the datagram; 0 ClientHello, 1 HelloVerifyRequest, 2 ClientHello, 3 ServerHello, 4
     * Finished, 5 Finished */
    int lost;
    sim_time opened_at; /* client */
    int sent;
} loss_case;

static const loss_case loss_cases[] = {
    {0, SIM_SECOND + 6 * SECURE_PAIR_LATENCY, 7}, {1, SIM_SECOND + 6 * SECURE_PAIR_LATENCY, 8},
    {2, SIM_SECOND + 6 * SECURE_PAIR_LATENCY, 7}, {3, SIM_SECOND + 6 * SECURE_PAIR_LATENCY, 0},
    {4, SIM_SECOND + 6 * SECURE_PAIR_LATENCY, 0}, {5, SIM_SECOND + 6 * SECURE_PAIR_LATENCY, 8},
};

static void test_one_lost_datagram_costs_one_timeout(void **state) {
    const loss_case *c = *state;
    start(1, 2);
    pair.wire.lost = UINT64_C(1) << c->lost;
    net_secure_client_start(pair.client.session, 0);
    secure_pair_run(&pair, SIM_MINUTE);
    assert_int_equal(pair.client.opened, 1);
    assert_in_range(pair.client.opened_at, SIM_SECOND, c->opened_at);
    if (c->sent != 0) assert_int_equal(test_wire_sent(&pair.wire), c->sent);
    expect_talk();
}

/* Any four of the first twelve datagrams, or fewer, are lost: the handshake ends well, and nobody
 * talks for ever. */
static void test_every_pattern_of_loss_opens(void **state) {
    (void)state;
    for (uint64_t lost = 0; lost < 1 << 12; lost++) {
        if (__builtin_popcountll(lost) > 4) continue;
        start(lost, 2);
        pair.wire.lost = lost;
        net_secure_client_start(pair.client.session, 0);
        secure_pair_run(&pair, SIM_MINUTE);
        if (pair.client.opened != 1)
            fail_msg("not open after the loss of %#lx", (unsigned long)lost);
        assert_in_range(test_wire_sent(&pair.wire), 6, 40);
        pair.wire.lost = 0;
        expect_talk();
        stop(NULL);
    }
}

static void test_records_that_come_backwards(void **state) {
    (void)state;
    start(1, 2);
    pair.backwards = true;
    net_secure_client_start(pair.client.session, 0);
    secure_pair_run(&pair, SIM_MINUTE);
    assert_int_equal(pair.client.opened, 1);
    assert_int_equal(pair.server.opened, 1);
    expect_talk();
}

/* The answers take longer than the timer: all is sent twice, and nothing comes of it. */
static void test_slow_wire(void **state) {
    (void)state;
    start(1, 2);
    pair.wire.latency = 3 * SIM_SECOND;
    net_secure_client_start(pair.client.session, 0);
    secure_pair_run(&pair, SIM_MINUTE);
    assert_int_equal(pair.client.opened_at, 6 * pair.wire.latency);
    assert_int_equal(pair.server.opened, 1);
    assert_in_range(test_wire_sent(&pair.wire), 7, 30);
    pair.wire.latency = SECURE_PAIR_LATENCY;
    expect_talk();
}

/* ---- timers ---- */

static sim_time sent_at[64];

static bool note_time(void *looker, const test_packet *d) {
    (void)looker;
    if (d->number < 64) sent_at[d->number] = pair.wire.now;
    return false;
}

typedef struct timer_case {
    net_secure_timing timing;
    int count;
    int seconds[8];
    int end_s;
} timer_case;

static const timer_case timer_cases[] = {
    {{1, 60, 60 * SIM_SECOND}, 6, {0, 1, 3, 7, 15, 31}, 60},
    {{9, 60, 300 * SIM_SECOND}, 8, {0, 9, 27, 63, 123, 183, 243, 0}, 300},
    {{1, 4, 20 * SIM_SECOND}, 7, {0, 1, 3, 7, 11, 15, 19}, 20},
};

static void test_client_timer(void **state) {
    const timer_case *c = *state;
    assert_true(secure_pair_init(&pair, 1, 2, &c->timing));
    pair.server_gone = true;
    pair.wire.look = note_time;
    net_secure_client_start(pair.client.session, 0);
    for (sim_time t = 0; t <= (c->end_s + 1) * SIM_SECOND; t += 250 * SIM_MILLISECOND) {
        secure_pair_run(&pair, t);
        net_secure_wake(pair.client.session, t); /* early: harmless */
    }
    int count = c->seconds[c->count - 1] == 0 ? c->count - 1 : c->count;
    assert_int_equal(test_wire_sent(&pair.wire), count);
    for (int i = 0; i < count; i++) assert_int_equal(sent_at[i], c->seconds[i] * SIM_SECOND);
    assert_int_equal(pair.client.ended, 1);
    assert_int_equal(pair.client.why, NET_END_TIMEOUT);
    assert_int_equal(pair.client.ended_at, c->end_s * SIM_SECOND);
    assert_int_equal(net_secure_deadline(pair.client.session), SIM_NEVER);
}

/* The client falls silent after its second ClientHello. */
static void test_server_timer(void **state) {
    (void)state;
    static const int seconds[] = {0, 1, 3, 7, 15, 31};
    sim_time first = 3 * SECURE_PAIR_LATENCY; /* the server's first answer with a session */
    start(1, 2);
    net_secure_client_start(pair.client.session, 0);
    secure_pair_run(&pair, 2 * SECURE_PAIR_LATENCY);
    pair.client_gone = true;
    net_secure_free(pair.client.session);
    pair.client.session = NULL;
    pair.wire.look = note_time;
    secure_pair_run(&pair, first + SIM_HOUR);
    assert_int_equal(test_wire_sent(&pair.wire), 3 + 6);
    for (int i = 0; i < 6; i++) assert_int_equal(sent_at[3 + i], first + seconds[i] * SIM_SECOND);
    assert_int_equal(pair.server.why, NET_END_TIMEOUT);
    assert_int_equal(pair.server.ended_at, first + SIM_MINUTE);
    assert_string_equal(net_secure_identity(pair.server.session), "");
}

/* RFC 6347 4.2.4.1: the timer keeps its value until a flight got through at once. */
static void test_timer_keeps_its_value_after_loss(void **state) {
    (void)state;
    start(1, 2);
    pair.wire.lost = 3; /* the first ClientHello and its repetition at 1 s */
    pair.wire.look = note_time;
    net_secure_client_start(pair.client.session, 0);
    secure_pair_run(&pair, 3 * SIM_SECOND + 2 * SECURE_PAIR_LATENCY); /* HelloVerifyRequest is in */
    pair.server_gone = true;
    assert_int_equal(net_secure_deadline(pair.client.session),
                     7 * SIM_SECOND + 2 * SECURE_PAIR_LATENCY);
}

/* ---- ends ---- */

static void test_unknown_identity(void **state) {
    (void)state;
    start(1, 2);
    pair.known = "device-2";
    secure_pair_open(&pair);
    assert_int_equal(pair.server.ended, 1);
    assert_int_equal(pair.server.why, NET_END_UNKNOWN_IDENTITY);
    assert_int_equal(pair.client.ended, 1);
    assert_int_equal(pair.client.why, NET_END_UNKNOWN_IDENTITY);
    assert_int_equal(pair.client.opened + pair.server.opened, 0);
}

/* Two wolfSSL ends whose keys differ would answer each other's repetitions for ever: 100 datagrams
 * in a second at 10 ms. */
static void test_wrong_key(void **state) {
    (void)state;
    start(1, 2);
    pair.key[0] ^= 1;
    secure_pair_open(&pair);
    secure_pair_run(&pair, SIM_HOUR);
    assert_int_equal(pair.server.why, NET_END_WRONG_KEY);
    assert_int_equal(pair.client.why, NET_END_SILENT);
    assert_int_equal(pair.client.ended_at, SIM_MINUTE);
    assert_int_equal(pair.client.opened + pair.server.opened, 0);
    assert_int_equal(test_wire_sent(&pair.wire),
                     /* five of a handshake, five rings of each timer, five repetitions provoked */
                     20);
    assert_true(net_secure_discarded(pair.server.domain) >= 6);
}

static void test_server_goes_after_our_finished(void **state) {
    (void)state;
    start(1, 2);
    pair.wire.lost = UINT64_MAX << 5; /* the server's Finished and all after it */
    secure_pair_open(&pair);
    secure_pair_run(&pair, SIM_HOUR);
    assert_int_equal(pair.server.opened, 1);
    assert_int_equal(pair.client.why, NET_END_SILENT);
}

/* ---- alerts ---- */

static void alert(uint8_t out[15], uint8_t level, uint8_t description) {
    static const uint8_t frame[15] = {RECORD_DTLS_ALERT, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2};
    memcpy(out, frame, 15);
    out[13] = level;
    out[14] = description;
}

typedef struct alert_case {
    int after; /* datagrams, then the alert in the clear */
    uint8_t level, description;
    net_end why;
} alert_case;

static const alert_case client_alerts[] = {
    {1, 2, 40, NET_END_ABORTED},
    {3, 2, 115, NET_END_UNKNOWN_IDENTITY},
    {5, 2, 115, NET_END_UNKNOWN_IDENTITY},
    {5, 2, 40, NET_END_UNKNOWN_IDENTITY},
    {5, 2, 51, NET_END_WRONG_KEY},
    {5, 2, 20, NET_END_WRONG_KEY},
    {5, 2, 80, NET_END_ABORTED},
    {5, 1, 0, NET_END_SILENT},
    {3, 1, 0, NET_END_CLOSED},
    {3, 1, 90, NET_END_NONE}, /* a warning */
    {3, 7, 40, NET_END_NONE}, /* no such level */
};

static void test_client_takes_an_alert(void **state) {
    const alert_case *c = *state;
    uint8_t bytes[15];
    start(1, 2);
    net_secure_client_start(pair.client.session, 0);
    secure_pair_run(&pair, (c->after - 1) * SECURE_PAIR_LATENCY);
    assert_int_equal(test_wire_sent(&pair.wire), c->after);
    alert(bytes, c->level, c->description);
    net_secure_input(pair.client.session, pair.wire.now, bytes, sizeof bytes);
    assert_int_equal(pair.client.why, c->why);
    assert_int_equal(pair.client.ended, c->why != NET_END_NONE);
    if (c->why != NET_END_NONE) return;
    secure_pair_run(&pair, SIM_SECOND);
    expect_talk();
}

static void test_server_takes_an_alert_until_the_client_changed_its_cipher(void **state) {
    (void)state;
    uint8_t bytes[15];
    alert(bytes, 2, 40);
    start(1, 2);
    pair.key[0] ^= 1; /* so that it stays in the handshake */
    secure_pair_open(&pair);
    uint64_t discarded = net_secure_discarded(pair.server.domain);
    net_secure_input(pair.server.session, pair.wire.now, bytes, sizeof bytes);
    assert_int_equal(pair.server.ended, 0);
    assert_int_equal(net_secure_discarded(pair.server.domain), discarded + 1);
    stop(NULL);

    start(1, 2);
    net_secure_client_start(pair.client.session, 0);
    secure_pair_run(&pair, 3 * SECURE_PAIR_LATENCY);
    net_secure_input(pair.server.session, pair.wire.now, bytes, sizeof bytes);
    assert_int_equal(pair.server.why, NET_END_ABORTED);
}

/* Nothing in the clear touches an open session, whoever sends it. */
static void test_open_session_ignores_the_clear(void **state) {
    (void)state;
    uint8_t bytes[15];
    start_open();
    for (int i = 0; i < 256; i++) {
        alert(bytes, (uint8_t)(1 + i % 2), (uint8_t)i);
        net_secure_input(pair.client.session, pair.wire.now, bytes, sizeof bytes);
        net_secure_input(pair.server.session, pair.wire.now, bytes, sizeof bytes);
    }
    assert_int_equal(net_secure_discarded(pair.client.domain), 256);
    assert_int_equal(net_secure_discarded(pair.server.domain), 256);
    expect_talk();
}

/* ---- hostile input ---- */

/* Random bytes, half of them behind a good record header. */
static size_t garbage(sim_stream *s, uint8_t out[SECURE_PAIR_DATAGRAM]) {
    size_t n = (size_t)sim_stream_below(s, SECURE_PAIR_DATAGRAM) + 1;
    sim_stream_bytes(s, out, n);
    if (n < 64 || n % 2 == 0) return n;
    static const uint8_t versions[2] = {0xff, 0xfd};
    out[0] = (uint8_t)(RECORD_DTLS_CHANGE_CIPHER_SPEC + n / 2 % 4);
    out[1] = 0xfe;
    out[2] = versions[n / 8 % 2];
    out[3] = 0;
    out[4] = (uint8_t)(n / 16 % 2);
    out[11] = (uint8_t)((n - 13) >> 8);
    out[12] = (uint8_t)(n - 13);
    return n;
}

static void shower(secure_end *end, sim_stream *s) {
    uint8_t bytes[SECURE_PAIR_DATAGRAM];
    for (int i = 0; i < 50; i++) {
        size_t n = garbage(s, bytes);
        if (end == &pair.server)
            secure_pair_to_server(&pair, bytes, n);
        else
            net_secure_input(end->session, pair.wire.now, bytes, n);
    }
}

static void test_garbage_between_all_datagrams(void **state) {
    (void)state;
    sim_stream s = sim_stream_for(5, 0, 0);
    for (int round = 0; round < 20; round++) {
        start((uint64_t)round, 2);
        net_secure_client_start(pair.client.session, 0);
        for (int i = 0; i < 8; i++) {
            shower(&pair.client, &s);
            shower(&pair.server, &s);
            secure_pair_run(&pair, pair.wire.now + SECURE_PAIR_LATENCY);
        }
        assert_int_equal(pair.client.opened, 1);
        assert_int_equal(pair.server.opened, 1);
        expect_talk();
        assert_int_equal(net_secure_discarded(pair.client.domain), 400);
        assert_int_equal(net_secure_discarded(pair.server.domain), 400);
        stop(NULL);
    }
}

/* Every bit of every byte of a sealed record is checked; what came once is not taken again. */
static void test_open_session_takes_only_what_is_sealed_and_new(void **state) {
    (void)state;
    start_open();
    pair.wire.look = keep;
    uint32_t number = test_wire_sent(&pair.wire);
    say(&pair.client, "once");
    pair.wire.count = 0; /* taken off the wire */
    for (size_t bit = 0; bit < kept_size[number] * 8; bit++) {
        kept[number][bit / 8] ^= (uint8_t)(1 << bit % 8);
        net_secure_input(pair.server.session, pair.wire.now, kept[number], kept_size[number]);
        kept[number][bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t n = 0; n < kept_size[number]; n++)
        net_secure_input(pair.server.session, pair.wire.now, kept[number], n);
    assert_int_equal(pair.server.received, 0);
    assert_int_equal(net_secure_discarded(pair.server.domain), kept_size[number] * 9);
    net_secure_input(pair.server.session, pair.wire.now, kept[number], kept_size[number]);
    expect_heard(&pair.server, 1, "once");
    net_secure_input(pair.server.session, pair.wire.now, kept[number], kept_size[number]);
    assert_int_equal(pair.server.received, 1);
    assert_int_equal(net_secure_discarded(pair.server.domain), kept_size[number] * 9 + 1);
    expect_talk();
}

/* Just before each datagram of a handshake comes a copy of it with one bit of its record header
 * changed. Only a number that is a little too high in the ClientHello with the cookie does harm:
 * the answer must go on from that number (RFC 6347 4.2.1), so it is believed. */
static void test_wrong_record_header_in_a_handshake(void **state) {
    (void)state;
    for (int number = 0; number < 6; number++) {
        for (int bit = 0; bit < 8 * RECORD_DTLS_RECORD_HEADER; bit++) {
            if (number == 2 && bit / 8 == 10) continue;
            start(1, 2);
            net_secure_client_start(pair.client.session, 0);
            secure_pair_run(&pair, (number + 1) * SECURE_PAIR_LATENCY - 1);
            test_packet d = *test_wire_last(&pair.wire);
            d.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            if (d.up)
                secure_pair_to_server(&pair, d.bytes, d.n);
            else
                net_secure_input(pair.client.session, pair.wire.now, d.bytes, d.n);
            secure_pair_run(&pair, SIM_MINUTE);
            if (pair.client.opened != 1 || pair.server.opened != 1)
                fail_msg("datagram %d, bit %d", number, bit);
            expect_talk();
            stop(NULL);
        }
    }
}

/* All datagrams of the handshake once more, to either end, when it is over. */
static void test_replayed_handshake_changes_nothing(void **state) {
    (void)state;
    start(1, 2);
    pair.wire.look = keep;
    secure_pair_open(&pair);
    for (int i = 0; i < 6; i++) {
        net_secure_input(pair.client.session, pair.wire.now, kept[i], kept_size[i]);
        net_secure_input(pair.server.session, pair.wire.now, kept[i], kept_size[i]);
    }
    expect_talk();
    for (int i = 0; i < 6; i++) {
        net_secure_input(pair.client.session, pair.wire.now, kept[i], kept_size[i]);
        net_secure_input(pair.server.session, pair.wire.now, kept[i], kept_size[i]);
    }
    expect_talk();
}

/* ... and with any bit changed, as new records. wolfSSL ended sessions when the flight that it was
 * asked to repeat came in a record of DTLS 1.0. */
static void test_changed_handshake_closes_nothing(void **state) {
    (void)state;
    start(1, 2);
    pair.wire.look = keep;
    secure_pair_open(&pair);
    pair.wire.look = NULL;
    uint16_t number = 1000;
    for (int i = 0; i < 6; i++) {
        for (size_t bit = 0; bit < kept_size[i] * 8; bit++) {
            kept[i][9] = (uint8_t)(number >> 8); /* record number */
            kept[i][10] = (uint8_t)number++;
            kept[i][bit / 8] ^= (uint8_t)(1 << bit % 8);
            net_secure_input(pair.client.session, pair.wire.now, kept[i], kept_size[i]);
            net_secure_input(pair.server.session, pair.wire.now, kept[i], kept_size[i]);
            kept[i][bit / 8] ^= (uint8_t)(1 << bit % 8);
            pair.wire.count = 0;
        }
    }
    expect_talk();
}

/* Several records in a datagram; a bad one does not take the others with it. */
static void test_datagram_of_many_records(void **state) {
    (void)state;
    uint8_t bytes[3 * SECURE_PAIR_DATAGRAM];
    size_t n = 0;
    start_open();
    pair.wire.look = keep;
    uint32_t number = test_wire_sent(&pair.wire);
    say(&pair.client, "one");
    say(&pair.client, "bad");
    say(&pair.client, "three");
    pair.wire.count = 0;
    kept[number + 1][kept_size[number + 1] - 1] ^= 1;
    for (uint32_t i = number; i < number + 3; i++) {
        memcpy(bytes + n, kept[i], kept_size[i]);
        n += kept_size[i];
    }
    net_secure_input(pair.server.session, pair.wire.now, bytes, n);
    expect_heard(&pair.server, 2, "three");
    assert_int_equal(net_secure_discarded(pair.server.domain), 1);
}

/* Whoever sends fragments that wolfSSL must store until the rest comes fills no more than this. */
static void test_early_fragments_fill_little(void **state) {
    (void)state;
    enum { FRAGMENT = 20, LENGTH = 1024, MOST = 64 * 1024 };
    static const uint8_t types[3] = {RECORD_DTLS_SERVER_HELLO_DONE, RECORD_DTLS_SERVER_KEY_EXCHANGE,
                                     RECORD_DTLS_CLIENT_KEY_EXCHANGE};
    uint8_t bytes[13 + 12 + FRAGMENT] = {RECORD_DTLS_HANDSHAKE, 0xfe, 0xfd, [12] = 12 + FRAGMENT};
    start(1, 2);
    net_secure_client_start(pair.client.session, 0);
    secure_pair_run(&pair, 3 * SECURE_PAIR_LATENCY); /* both half open */
    const sim_heap_use before = sim_heap_in_use();
    for (int i = 0; i < 100000; i++) {
        bytes[9] = (uint8_t)(i >> 8);
        bytes[10] = (uint8_t)i;
        bytes[13] = types[i % 3];
        bytes[14] = i % 5 == 0; /* of 64 KB and more: wolfSSL would end the session */
        bytes[15] = LENGTH >> 8;
        bytes[18] = (uint8_t)(2 + i % 50);
        bytes[20] = (uint8_t)(i / 50 % 4);
        bytes[21] = (uint8_t)(i * 7);
        bytes[24] = FRAGMENT;
        net_secure_input(pair.client.session, 0, bytes, sizeof bytes);
        net_secure_input(pair.server.session, 0, bytes, sizeof bytes);
    }
    assert_int_equal(pair.client.ended + pair.server.ended, 0);
    assert_in_range(sim_heap_in_use().bytes - before.bytes, 0, MOST);
}

/* ---- the stateless half ---- */

static net_secure_session *made;

static int listen_to(const net_address *from, const uint8_t *bytes, size_t n) {
    made = NULL;
    return net_secure_listen(pair.server.domain, pair.wire.now, from, bytes, n, &pair.server.stream,
                             &pair.server, secure_pair_on_send, &made);
}

/* Leaves the two ClientHellos in kept[0] and kept[2] and the server without a session. */
static void keep_hellos(void) {
    start(1, 2);
    pair.wire.look = keep;
    secure_pair_open(&pair);
    net_secure_free(pair.server.session);
    pair.server.session = NULL;
    pair.wire.count = 0;
}

static void test_burst_without_cookie_keeps_nothing(void **state) {
    (void)state;
    uint8_t bytes[SECURE_PAIR_DATAGRAM];
    sim_stream s = sim_stream_for(6, 0, 0);
    keep_hellos();
    sim_heap_use before = sim_heap_in_use();
    pair.wire.look = NULL;
    for (int i = 0; i < 100000; i++) {
        net_address from = {.ip = {0xfd, 0, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i},
                            .port = (uint16_t)i};
        uint32_t sent = test_wire_sent(&pair.wire);
        if (i % 2 == 0) {
            assert_int_equal(listen_to(&from, kept[0], kept_size[0]), 0);
            assert_int_equal(test_wire_sent(&pair.wire), sent + 1);
        } else {
            assert_int_equal(listen_to(&from, bytes, garbage(&s, bytes)), SIM_EPARSE);
            assert_int_equal(test_wire_sent(&pair.wire), sent);
        }
        assert_null(made);
        pair.wire.count = 0;
    }
    sim_heap_use after = sim_heap_in_use();
    assert_int_equal(after.blocks, before.blocks);
    assert_int_equal(after.bytes, before.bytes);
    assert_int_equal(net_secure_discarded(pair.server.domain), 50000);
}

/* Offsets in the second ClientHello: 13 record header, 12 message header, 2 version, 32 random, 1
 * session id, 1 + 32 cookie, 2 + 2 suites, 2. */
typedef struct cookie_case {
    const char *what;
    size_t at;
    bool good;
} cookie_case;

static const cookie_case cookie_cases[] = {
    {"nothing", SIZE_MAX, true},
    /* it may come again in another record */
    {"record number", 10, true},
    {"extensions", 25 + 2 + 32 + 1 + 33 + 4 + 2 + 2 + 6 + 7, true}, /* a named group */
    {"version", 26, false},
    {"random", 25 + 2 + 31, false},
    {"cookie", 25 + 2 + 32 + 1 + 1, false},
    {"end of cookie", 25 + 2 + 32 + 1 + 32, false},
    {"suites", 25 + 2 + 32 + 1 + 33 + 3, false},
    {"compression", 25 + 2 + 32 + 1 + 33 + 5, false},
};

static void test_cookie_binds(void **state) {
    const cookie_case *c = *state;
    keep_hellos();
    if (c->at != SIZE_MAX) kept[2][c->at] ^= 1;
    uint32_t sent = test_wire_sent(&pair.wire);
    assert_int_equal(listen_to(&pair.from, kept[2], kept_size[2]), 0);
    assert_int_equal(made != NULL, c->good);
    assert_int_equal(test_wire_sent(&pair.wire), sent + 1);
    assert_int_equal(kept[sent][13],
                     c->good ? RECORD_DTLS_SERVER_HELLO : RECORD_DTLS_HELLO_VERIFY_REQUEST);
    net_secure_free(made);
}

static void test_cookie_binds_the_address(void **state) {
    (void)state;
    keep_hellos();
    for (int i = 0; i < 18; i++) {
        net_address from = pair.from;
        if (i < 16)
            from.ip[i] ^= 1;
        else
            from.port ^= (uint16_t)(1 << 9 * (i - 16));
        assert_int_equal(listen_to(&from, kept[2], kept_size[2]), 0);
        assert_null(made);
        pair.wire.count = 0;
    }
    assert_int_equal(listen_to(&pair.from, kept[2], kept_size[2]), 0);
    assert_non_null(made);
    net_secure_free(made);
}

/* A HelloVerifyRequest as RFC 6347 4.2.1 wants it: the numbers of the ClientHello, DTLS 1.0, and
 * shorter than what it answers. */
static void test_hello_verify_request(void **state) {
    (void)state;
    keep_hellos();
    kept[0][10] = 33; /* record number */
    kept[0][18] = 3;  /* message_seq */
    uint32_t sent = test_wire_sent(&pair.wire);
    assert_int_equal(listen_to(&pair.from, kept[0], kept_size[0]), 0);
    const uint8_t *b = kept[sent];
    assert_true(kept_size[sent] < kept_size[0]);
    assert_int_equal(b[10], 33);
    assert_int_equal(b[18], 3);
    assert_int_equal(b[25] << 8 | b[26], RECORD_DTLS_VERSION_1_0);
}

/* A ClientHello with a good cookie that cannot be served is told so, and nothing stays. */
typedef struct refused_case {
    const char *what;
    size_t at; /* in the first ClientHello */
    uint8_t value, alert, unsuited;
} refused_case;

enum { COOKIE_AT = 25 + 2 + 32 + 1 + 1, SUITE_AT = COOKIE_AT + 2 };

static const refused_case refused_cases[] = {
    {"no such suite", SUITE_AT, 0xc1, 40, 1},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", SUITE_AT + 1, 0xae, 40, 1},
    {"DTLS 1.0", 25 + 1, 0xff, 40, 0},
    {"no such version", 25 + 1, 0x00, 70, 0},
    {"compression only", SUITE_AT + 3, 0x01, 40, 0},
};

static void test_hello_that_cannot_be_served(void **state) {
    const refused_case *c = *state;
    keep_hellos();
    const uint32_t sent = test_wire_sent(&pair.wire);
    kept[0][c->at] = kept[2][c->at + (c->at > COOKIE_AT ? 32 : 0)] = c->value;
    assert_int_equal(listen_to(&pair.from, kept[0], kept_size[0]), 0);
    memcpy(kept[2] + COOKIE_AT, kept[sent] + 28, 32); /* the cookie for it */
    const sim_heap_use before = sim_heap_in_use();
    assert_int_equal(listen_to(&pair.from, kept[2], kept_size[2]), SIM_EPARSE);
    assert_null(made);
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
    assert_int_equal(test_wire_sent(&pair.wire), sent + 2);
    assert_int_equal(net_secure_unsuited(pair.server.domain), c->unsuited);
    assert_int_equal(net_secure_discarded(pair.server.domain), 1 - c->unsuited);
    assert_int_equal(pair.server.ended, 0);
    assert_int_equal(kept_size[sent + 1], 15);
    assert_int_equal(kept[sent + 1][0], RECORD_DTLS_ALERT);
    assert_int_equal(kept[sent + 1][14], c->alert);
}

/* A device that lost its power and comes back from the same address is not the business of the
 * session that it had (RFC 6347 4.2.8). */
static void test_hello_of_another_life_is_for_the_listener(void **state) {
    (void)state;
    start(1, 2);
    net_secure_client_start(pair.client.session, 0);
    secure_pair_run(&pair, 3 * SECURE_PAIR_LATENCY); /* half open */
    pair.wire.look = keep;
    uint32_t sent = test_wire_sent(&pair.wire);
    sim_stream again = sim_stream_for(9, 9, 9);
    static const uint8_t key[1] = {1};
    net_secure_session *reborn =
        net_secure_client_new(pair.client.domain, "device-1", key, 1, &again, &pair.client);
    assert_non_null(reborn);
    net_secure_client_start(reborn, pair.wire.now);
    record_dtls_glance sight;
    assert_int_equal(record_dtls_look(kept[sent], kept_size[sent], &sight), 0);
    assert_false(net_secure_knows_hello(pair.server.session, sight.random));
    net_secure_input(pair.server.session, pair.wire.now, kept[sent], kept_size[sent]);
    assert_int_equal(test_wire_sent(&pair.wire), sent + 1);
    assert_int_equal(net_secure_discarded(pair.server.domain), 1);
    net_secure_free(reborn);
}

/* ... nor is a later one with another Random, though it looks like a repetition. */
static void test_hello_with_another_random(void **state) {
    (void)state;
    start(1, 2);
    pair.wire.look = keep;
    net_secure_client_start(pair.client.session, 0);
    secure_pair_run(&pair, 3 * SECURE_PAIR_LATENCY); /* half open */
    const uint32_t sent = test_wire_sent(&pair.wire);
    assert_true(net_secure_knows_hello(pair.server.session, kept[2] + 25 + 2));
    assert_false(net_secure_knows_hello(pair.client.session, kept[2] + 25 + 2));
    kept[2][10]++; /* a new record */
    net_secure_input(pair.server.session, pair.wire.now, kept[2], kept_size[2]);
    assert_int_equal(test_wire_sent(&pair.wire), sent + 1);
    assert_int_equal(net_secure_discarded(pair.server.domain), 0);
    stop(NULL);

    start(1, 2);
    net_secure_client_start(pair.client.session, 0);
    secure_pair_run(&pair, 3 * SECURE_PAIR_LATENCY);
    kept[2][25 + 2] ^= 1;
    net_secure_input(pair.server.session, pair.wire.now, kept[2], kept_size[2]);
    assert_int_equal(test_wire_sent(&pair.wire), sent);
    assert_int_equal(net_secure_discarded(pair.server.domain), 1);
}

/* A server whose cookie secret changed asks again; wolfSSL's client would end at that. */
static void test_second_hello_verify_request(void **state) {
    (void)state;
    start(1, 2);
    pair.wire.look = keep;
    net_secure_client_start(pair.client.session, 0);
    secure_pair_run(&pair, 2 * SECURE_PAIR_LATENCY);
    kept[1][10] = 1; /* record number */
    kept[1][18] = 1; /* message_seq */
    net_secure_input(pair.client.session, pair.wire.now, kept[1], kept_size[1]);
    assert_int_equal(net_secure_discarded(pair.client.domain), 1);
    secure_pair_run(&pair, SIM_SECOND);
    expect_talk();
}

/* ---- the final flight ---- */

static void test_final_flight_can_be_repeated_until_the_client_spoke(void **state) {
    (void)state;
    start(1, 2);
    pair.wire.lost = 1 << 5 | 1 << 7 | 1 << 9; /* the server's Finished, three times */
    net_secure_client_start(pair.client.session, 0);
    secure_pair_run(&pair, 20 * SIM_SECOND);
    assert_int_equal(pair.client.opened, 1);
    assert_int_equal(pair.client.opened_at, 7 * SIM_SECOND + 6 * SECURE_PAIR_LATENCY);
    assert_int_equal(net_secure_deadline(pair.server.session),
                     240 * SIM_SECOND + 5 * SECURE_PAIR_LATENCY);
    sim_heap_use before = sim_heap_in_use();
    say(&pair.client, "here");
    secure_pair_run(&pair, pair.wire.now + SIM_SECOND);
    assert_int_equal(net_secure_deadline(pair.server.session), SIM_NEVER);
    assert_true(sim_heap_in_use().bytes < before.bytes - 500);
}

static void test_final_flight_is_let_go_in_the_end(void **state) {
    (void)state;
    start_open();
    sim_heap_use before = sim_heap_in_use();
    secure_pair_run(&pair, 300 * SIM_SECOND);
    assert_int_equal(net_secure_deadline(pair.server.session), SIM_NEVER);
    assert_true(sim_heap_in_use().bytes < before.bytes - 500);
    expect_talk();
}

/* ---- memory ---- */

static void test_memory_of_an_open_session(void **state) {
    (void)state;
    enum { CLIENT = 6 * 1024, BOTH = 12 * 1024, RETAINED = 8 * 1024 };
    if (secure_pair_awake == 0) return; /* it asks what the wakeful keep */
    start(1, 2);
    net_secure_free(pair.client.session);
    sim_heap_use before = sim_heap_in_use();
    pair.client.session = net_secure_client_new(pair.client.domain, "device-1", pair.key,
                                                sizeof pair.key, &pair.client.stream, &pair.client);
    secure_pair_open(&pair);
    /* the server holds its final flight */
    const int64_t silent = sim_heap_in_use().bytes - before.bytes;
    expect_talk();
    sim_heap_use both = sim_heap_in_use();
    assert_in_range(silent, both.bytes - before.bytes, both.bytes - before.bytes + RETAINED);
    net_secure_free(pair.server.session);
    pair.server.session = NULL;
    sim_heap_use client = sim_heap_in_use();
    print_message("client %ld B, both %ld B\n", (long)(client.bytes - before.bytes),
                  (long)(both.bytes - before.bytes));
    assert_in_range(client.bytes - before.bytes, 1, CLIENT);
    assert_in_range(both.bytes - before.bytes, 1, BOTH);
}

/* ---- sleep ---- */

/* What two ends say to one another from hello to good-bye, as one number. */
static uint64_t bytes_of_a_life(uint32_t awake) {
    const uint32_t usual = secure_pair_awake;
    secure_pair_awake = awake;
    start(1, 2);
    secure_pair_awake = usual;
    secure_pair_open(&pair);
    for (int round = 0; round < 300; round++) {
        say(&pair.client, "a reading");
        if (round % 3 == 0) say(&pair.client, "another, before the first is answered");
        secure_pair_run(&pair, pair.wire.now + SIM_SECOND);
        assert_int_equal(net_secure_sleeps(pair.client.session), awake == 0);
        assert_int_equal(net_secure_sleeps(pair.server.session), awake == 0);
        say(&pair.server, "an answer");
        secure_pair_run(&pair, pair.wire.now + SIM_SECOND);
    }
    assert_int_equal(pair.client.received, 300);
    net_secure_close(pair.client.session, pair.wire.now);
    secure_pair_run(&pair, pair.wire.now + SIM_SECOND);
    assert_int_equal(pair.server.why, NET_END_CLOSED);
    const uint64_t bytes = pair.wire.sent_all.value;
    stop(NULL);
    return bytes;
}

/* Nonces count on through a sleep, as do the numbers of records. */
static void test_who_sleeps_says_what_the_wakeful_says(void **state) {
    (void)state;
    assert_true(bytes_of_a_life(0) == bytes_of_a_life(NET_SECURE_ALL_AWAKE));
}

enum { CROWD = 40, CROWD_STAY = 14, CROWD_LATE = 2, CROWD_AWAKE = CROWD_STAY + CROWD_LATE };
static secure_pair crowd[CROWD];

/* All of them belong to the domains of the first. */
static void gather_crowd(void) {
    for (int i = 0; i < CROWD; i++) {
        secure_pair *p = &crowd[i];
        assert_true(secure_pair_init(p, (uint64_t)i, 2, &net_secure_timing_default));
        if (i == 0) continue;
        net_secure_free(p->client.session);
        net_secure_domain_free(p->client.domain);
        net_secure_domain_free(p->server.domain);
        p->client.domain = crowd[0].client.domain;
        p->server.domain = crowd[0].server.domain;
        p->client.session = net_secure_client_new(p->client.domain, "device-1", p->key,
                                                  sizeof p->key, &p->client.stream, &p->client);
        assert_non_null(p->client.session);
    }
}

static void dismiss_crowd(void) {
    for (int i = CROWD; i-- > 0;) {
        if (i > 0) crowd[i].client.domain = crowd[i].server.domain = NULL;
        secure_pair_deinit(&crowd[i]);
    }
    memset(crowd, 0, sizeof crowd);
}

static void say_in_crowd(int i, const char *text) {
    secure_pair *p = &crowd[i];
    assert_int_equal(
        net_secure_write(p->client.session, p->wire.now, (const uint8_t *)text, strlen(text)), 0);
    secure_pair_run(p, p->wire.now + SIM_SECOND);
    expect_heard(&p->server, p->server.received, text);
}

/* The first that opened stay awake, and the last that spoke; the others keep a fourteenth. */
static void test_who_spoke_long_ago_sleeps(void **state) {
    (void)state;
    enum { ASLEEP = 768, AWAKE = 6 * 1024 };
    const uint32_t usual = secure_pair_awake;
    secure_pair_awake = CROWD_AWAKE;
    sim_heap_use before = sim_heap_in_use();
    gather_crowd();
    secure_pair_awake = usual;
    for (int i = 0; i < CROWD; i++) {
        secure_pair_open(&crowd[i]);
        say_in_crowd(i, "first");
    }
    for (int i = 0; i < CROWD; i++) {
        const int turn = i * 9 % CROWD; /* in another order */
        say_in_crowd(turn, "second");
        assert_int_equal(crowd[turn].server.received, 2);
    }
    int late = 0;
    for (int i = 0; i < CROWD; i++) {
        const int place = i * 9 % CROWD; /* in that order: 9 is its own inverse */
        late += i >= CROWD_STAY && !net_secure_sleeps(crowd[i].client.session);
        if (i < CROWD_STAY || place == CROWD - 1)
            assert_false(net_secure_sleeps(crowd[i].client.session));
    }
    assert_int_equal(late, CROWD_LATE);
    sim_heap_use after = sim_heap_in_use();
    print_message("%d ends, %d awake: %ld B\n", 2 * CROWD, 2 * CROWD_AWAKE,
                  (long)(after.bytes - before.bytes));
    assert_in_range(after.bytes - before.bytes, 1,
                    2 * CROWD * ASLEEP + 2 * (CROWD_AWAKE + 2) * AWAKE);
    dismiss_crowd();
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
}

static void write_if_open(secure_end *end) {
    static const uint8_t data[] = "x";
    if (end->session == NULL || !net_secure_is_open(end->session)) return;
    int error = net_secure_write(end->session, pair.wire.now, data, sizeof data);
    assert_true(error == 0 || end->ended == 1);
}

/* Out of memory, or what the other end's being out of memory looks like from here; never a word
 * about key, identity or protocol. */
static void expect_honest_end(const secure_end *end) {
    assert_in_range(end->ended, 0, 1);
    switch (end->why) {
        case NET_END_NONE:
        case NET_END_NO_MEMORY:
        case NET_END_ABORTED:
        case NET_END_TIMEOUT:
        case NET_END_SILENT:
            return;
        default:
            fail_msg("ended: %s", net_end_text(end->why));
    }
}

static void whole_life(void) {
    if (!secure_pair_init(&pair, 1, 2, &net_secure_timing_default)) return;
    net_secure_client_start(pair.client.session, 0);
    secure_pair_run(&pair, 50 * SIM_SECOND);
    write_if_open(&pair.client);
    secure_pair_run(&pair, 51 * SIM_SECOND);
    write_if_open(&pair.server);
    secure_pair_run(&pair, 400 * SIM_SECOND);
    expect_honest_end(&pair.client);
    expect_honest_end(&pair.server);
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    for (int for_good = 0; for_good < 2; for_good++) {
        for (long n = 0;; n++) {
            sim_heap_use before = sim_heap_in_use();
            sim_heap_fail(n, for_good == 1);
            whole_life();
            bool failed = sim_heap_fail_never();
            stop(NULL);
            sim_heap_use after = sim_heap_in_use();
            if (after.blocks != before.blocks) fail_msg("allocation %ld leaks", n);
            if (!failed) break;
        }
    }
}

#define ONE(test) cmocka_unit_test_teardown(test, stop)
#define COUNT(table) (sizeof(table) / sizeof *(table))
#define ROWS(test, table)                                                         \
    for (size_t i = 0; i < COUNT(table); i++)                                     \
    tests[count++] = (struct CMUnitTest)cmocka_unit_test_prestate_setup_teardown( \
        test, NULL, stop, (void *)(uintptr_t) & (table)[i])

int main(void) {
    static const struct CMUnitTest singles[] = {
        ONE(test_handshake_takes_six_datagrams),
        ONE(test_write_knows_its_limits),
        ONE(test_close_is_heard_and_answered),
        ONE(test_free_says_nothing),
        ONE(test_ends_have_words),
        ONE(test_same_seeds_same_datagrams),
        ONE(test_threads_do_not_disturb_each_other),
        ONE(test_every_pattern_of_loss_opens),
        ONE(test_records_that_come_backwards),
        ONE(test_slow_wire),
        ONE(test_server_timer),
        ONE(test_timer_keeps_its_value_after_loss),
        ONE(test_unknown_identity),
        ONE(test_wrong_key),
        ONE(test_server_goes_after_our_finished),
        ONE(test_server_takes_an_alert_until_the_client_changed_its_cipher),
        ONE(test_open_session_ignores_the_clear),
        ONE(test_garbage_between_all_datagrams),
        ONE(test_open_session_takes_only_what_is_sealed_and_new),
        ONE(test_wrong_record_header_in_a_handshake),
        ONE(test_replayed_handshake_changes_nothing),
        ONE(test_changed_handshake_closes_nothing),
        ONE(test_datagram_of_many_records),
        ONE(test_early_fragments_fill_little),
        ONE(test_burst_without_cookie_keeps_nothing),
        ONE(test_cookie_binds_the_address),
        ONE(test_hello_verify_request),
        ONE(test_hello_of_another_life_is_for_the_listener),
        ONE(test_hello_with_another_random),
        ONE(test_second_hello_verify_request),
        ONE(test_final_flight_can_be_repeated_until_the_client_spoke),
        ONE(test_final_flight_is_let_go_in_the_end),
        ONE(test_memory_of_an_open_session),
        ONE(test_who_sleeps_says_what_the_wakeful_says),
        ONE(test_who_spoke_long_ago_sleeps),
        ONE(test_every_allocation_fails),
    };
    struct CMUnitTest tests[COUNT(singles) + COUNT(loss_cases) + COUNT(timer_cases) +
                            COUNT(client_alerts) + COUNT(cookie_cases) + COUNT(refused_cases)];
    size_t count = COUNT(singles);
    memcpy(tests, singles, sizeof singles);
    ROWS(test_one_lost_datagram_costs_one_timeout, loss_cases);
    ROWS(test_client_timer, timer_cases);
    ROWS(test_client_takes_an_alert, client_alerts);
    ROWS(test_cookie_binds, cookie_cases);
    ROWS(test_hello_that_cannot_be_served, refused_cases);
    if (net_secure_startup() != 0) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    /* All of it once more, with sessions that fall asleep whenever they can. */
    secure_pair_awake = 0;
    failed += cmocka_run_group_tests(tests, NULL, NULL);
    net_secure_cleanup();
    return failed;
}
