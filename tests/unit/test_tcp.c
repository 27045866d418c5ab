/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_tcp.c - two ends of a virtual TCP over hops: what opens, what is lost and comes again, and
 * when, how it ends, and what a stranger's segment does. */
#include <string.h>

#include "net/hop.h"
#include "net/tcp.h"
#include "sim/core/heap.h"
#include "tests/support/test_wire.h"
#include "tests/unit/with_cmocka.h"

enum { TIMES = 64, CLIENT = 0, SERVER = 1 };
#define MS SIM_MILLISECOND

typedef struct wire wire;
typedef struct one_end {
    wire *wire;
    net_tcp tcp;
    sim_time sent_at[TIMES];
    net_tcp_segment sent[TIMES]; /* without their data */
    uint32_t sents, opened, rooms, ends;
    net_end why;
    sim_time ended_at;
    uint64_t bytes, sum; /* received */
    bool echoes, closes_at_once, aborts_when_it_hears;
} one_end;

struct wire {
    test_wire line; /* behind the hops; up: to the server */
    one_end ends[2];
    net_hop hops[2];  /* by the end that sends */
    uint64_t lose[2]; /* bit n: the n-th segment of that end is lost */
    bool nobody;      /* no server behind its port */
};

static int side(const one_end *e) {
    return (int)(e - e->wire->ends);
}

static void put(wire *w, int from, const uint8_t *bytes, size_t n) {
    sim_time out[2];
    uint32_t copies = net_hop_push(&w->hops[from], (uint32_t)n, w->line.now, out);
    for (uint32_t i = 0; i < copies; i++)
        (void)test_wire_put_at(&w->line, out[i], from == CLIENT, bytes, n);
}

static void on_send(void *owner, const uint8_t *bytes, size_t n) {
    one_end *e = owner;
    uint32_t number = e->sents++;
    net_tcp_segment s;
    assert_int_equal(net_tcp_segment_read(&s, bytes, n), 0);
    if (number < TIMES) {
        e->sent_at[number] = e->wire->line.now;
        e->sent[number] = s;
    }
    bool lost = number < 64 && (e->wire->lose[side(e)] >> number & 1) != 0;
    if (!lost && !e->wire->line.cut) put(e->wire, side(e), bytes, n);
}

static void on_opened(void *owner) {
    one_end *e = owner;
    e->opened++;
    if (e->closes_at_once) net_tcp_close(&e->tcp, e->wire->line.now);
}

static void on_received(void *owner, const uint8_t *bytes, size_t n) {
    one_end *e = owner;
    for (size_t i = 0; i < n; i++) e->sum = e->sum * 31 + bytes[i];
    e->bytes += n;
    if (e->aborts_when_it_hears) net_tcp_abort(&e->tcp);
    if (e->echoes) assert_int_equal(net_tcp_write(&e->tcp, e->wire->line.now, bytes, n), n);
}

static void on_room(void *owner) {
    one_end *e = owner;
    e->rooms++;
}

static void on_ended(void *owner, net_end why) {
    one_end *e = owner;
    e->ends++;
    e->why = why;
    e->ended_at = e->wire->line.now;
}

static const net_tcp_calls calls = {on_send, on_opened, on_received, on_room, on_ended};

static wire *wire_new(net_hop_settings hop) {
    wire *w = sim_calloc(1, sizeof *w);
    assert_non_null(w);
    for (int i = 0; i < 2; i++) {
        w->ends[i].wire = w;
        net_hop_init(&w->hops[i], &hop, sim_stream_for(7, SIM_PURPOSE_HOP, (uint64_t)i));
    }
    return w;
}

static wire *wire_of(sim_time latency) {
    return wire_new((net_hop_settings){.latency = latency});
}

static void wire_free(wire *w) {
    for (int i = 0; i < 2; i++) net_tcp_free(&w->ends[i].tcp);
    sim_free(w);
}

static void connect_client(wire *w) {
    one_end *e = &w->ends[CLIENT];
    net_tcp_connect(&e->tcp, &net_tcp_linux, &calls, e, 50000, 1883, 0xFFFFFF00, w->line.now);
}

/* As the stack of a machine: to the connection, or to the one who listens, or a reset. */
static void arrive(wire *w, const test_packet *p) {
    one_end *e = &w->ends[p->up ? SERVER : CLIENT];
    if (e->tcp.state != NET_TCP_CLOSED) {
        net_tcp_input(&e->tcp, w->line.now, p->bytes, p->n);
        return;
    }
    bool taken =
        p->up && !w->nobody &&
        net_tcp_accept(&e->tcp, &net_tcp_linux, &calls, e, p->bytes, p->n, 77, w->line.now);
    uint8_t reset[NET_TCP_HEADER];
    if (!taken && net_tcp_segment_reset(p->bytes, p->n, reset) && !w->line.cut)
        put(w, side(e), reset, sizeof reset);
}

/* The next event up to `until`. False: there is none. */
static bool step(wire *w, sim_time until) {
    sim_time due =
        sim_time_min(net_tcp_deadline(&w->ends[0].tcp), net_tcp_deadline(&w->ends[1].tcp));
    sim_time next = sim_time_min(due, test_wire_due(&w->line));
    if (next > until) return false;
    w->line.now = next;
    test_packet p;
    if (test_wire_take(&w->line, &p)) {
        arrive(w, &p);
        return true;
    }
    for (int i = 0; i < 2; i++) net_tcp_wake(&w->ends[i].tcp, w->line.now);
    return true;
}

static void run(wire *w, sim_time until) {
    while (step(w, until)) {
    }
    w->line.now = until;
}

static uint64_t sum_of(size_t n) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) sum = sum * 31 + (uint8_t)(i * 7 + i / 251);
    return sum;
}

static uint8_t *some_bytes(size_t n) {
    uint8_t *bytes = sim_malloc(n);
    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++) bytes[i] = (uint8_t)(i * 7 + i / 251);
    return bytes;
}

static void say(one_end *e, const char *text) {
    size_t n = strlen(text);
    assert_int_equal(net_tcp_write(&e->tcp, e->wire->line.now, (const uint8_t *)text, n), n);
}

/* ---- opening ---- */

static void test_a_handshake_takes_one_round_trip(void **state) {
    (void)state;
    wire *w = wire_of(10 * MS);
    connect_client(w);
    assert_int_equal(net_tcp_write(&w->ends[CLIENT].tcp, 0, (const uint8_t *)"x", 1), 0);
    run(w, 19 * MS);
    assert_int_equal(w->ends[CLIENT].opened, 0);
    run(w, 20 * MS);
    assert_int_equal(w->ends[CLIENT].opened, 1);
    assert_int_equal(w->ends[SERVER].opened, 0);
    run(w, 30 * MS);
    assert_int_equal(w->ends[SERVER].opened, 1);
    assert_int_equal(w->ends[CLIENT].sents, 2);
    assert_int_equal(w->ends[CLIENT].sent[0].flags, NET_TCP_SYN);
    assert_int_equal(w->ends[CLIENT].sent[0].mss, 1460);
    assert_true(w->ends[CLIENT].sent[0].sack_permitted);
    assert_int_equal(w->ends[SERVER].sent[0].flags, NET_TCP_SYN | NET_TCP_ACK);
    assert_int_equal(net_tcp_deadline(&w->ends[CLIENT].tcp), SIM_NEVER);
    assert_int_equal(net_tcp_deadline(&w->ends[SERVER].tcp), SIM_NEVER);
    wire_free(w);
}

static void test_a_syn_into_the_void(void **state) {
    (void)state;
    static const struct {
        uint8_t linear;
        uint32_t count;
        sim_time times[12]; /* the last is the end */
    } rows[] = {{0, 7, {0, 1, 3, 7, 15, 31, 63, 127}},
                {4, 11, {0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67, 131}}};
    for (int i = 0; i < 2; i++) {
        wire *w = wire_of(10 * MS);
        one_end *e = &w->ends[CLIENT];
        net_tcp_settings settings = net_tcp_linux;
        settings.syn_linear = rows[i].linear;
        w->line.cut = true;
        net_tcp_connect(&e->tcp, &settings, &calls, e, 50000, 1883, 1, 0);
        run(w, SIM_HOUR);
        assert_int_equal(e->sents, rows[i].count);
        for (uint32_t k = 0; k < rows[i].count; k++)
            assert_int_equal(e->sent_at[k], rows[i].times[k] * SIM_SECOND);
        assert_int_equal(e->ends, 1);
        assert_int_equal(e->why, NET_END_TIMEOUT);
        assert_int_equal(e->ended_at, rows[i].times[rows[i].count] * SIM_SECOND);
        assert_int_equal(e->opened, 0);
        wire_free(w);
    }
}

static void test_nobody_listens(void **state) {
    (void)state;
    wire *w = wire_of(10 * MS);
    w->nobody = true;
    connect_client(w);
    run(w, SIM_HOUR);
    assert_int_equal(w->ends[CLIENT].why, NET_END_REFUSED);
    assert_int_equal(w->ends[CLIENT].ended_at, 20 * MS);
    assert_int_equal(w->ends[CLIENT].sents, 1);
    wire_free(w);
}

static void test_a_lost_syn_ack(void **state) {
    (void)state;
    wire *w = wire_of(10 * MS);
    w->lose[SERVER] = 1;
    connect_client(w);
    run(w, SIM_HOUR);
    /* Both repeat after a second; the answer to the second SYN is the one that opens. */
    assert_int_equal(w->ends[CLIENT].opened, 1);
    assert_int_equal(w->ends[SERVER].opened, 1);
    assert_int_equal(w->ends[CLIENT].sent_at[1], SIM_SECOND);
    assert_int_equal(w->ends[CLIENT].ends + w->ends[SERVER].ends, 0);
    wire_free(w);
}

static void test_a_client_that_dies_in_the_handshake(void **state) {
    (void)state;
    static const sim_time times[] = {0, 1, 3, 7, 15, 31};
    wire *w = wire_of(0);
    connect_client(w);
    w->lose[SERVER] = UINT64_MAX; /* nobody is there to answer with a reset */
    assert_true(step(w, 0));
    net_tcp_free(&w->ends[CLIENT].tcp);
    run(w, SIM_HOUR);
    assert_int_equal(w->ends[SERVER].sents, 6);
    for (int k = 0; k < 6; k++) assert_int_equal(w->ends[SERVER].sent_at[k], times[k] * SIM_SECOND);
    assert_int_equal(w->ends[SERVER].why, NET_END_TIMEOUT);
    wire_free(w);
}

/* ---- data ---- */

static wire *open_wire(net_hop_settings hop) {
    wire *w = wire_new(hop);
    connect_client(w);
    run(w, 500 * MS);
    assert_int_equal(w->ends[CLIENT].opened, 1);
    assert_int_equal(w->ends[SERVER].opened, 1);
    return w;
}

static wire *open_wire_of(sim_time latency) {
    return open_wire((net_hop_settings){.latency = latency});
}

static void test_an_answer_carries_the_acknowledgement(void **state) {
    (void)state;
    wire *w = open_wire_of(10 * MS);
    w->ends[SERVER].echoes = true;
    say(&w->ends[CLIENT], "hello");
    run(w, SIM_SECOND);
    assert_int_equal(w->ends[CLIENT].bytes, 5);
    assert_int_equal(w->ends[SERVER].sents, 2); /* SYN-ACK, and the echo */
    assert_int_equal(w->ends[CLIENT].sents, 4); /* SYN, ACK, data, ACK of the echo */
    assert_int_equal(w->ends[CLIENT].sent[2].flags, NET_TCP_ACK | NET_TCP_PSH);
    assert_null(w->ends[CLIENT].tcp.buffer);
    wire_free(w);
}

/* One segment in flight: a probe after SRTT + 200 ms, then RFC 6298's doubling up to 120 s. */
static void test_data_into_the_void(void **state) {
    (void)state;
    wire *w = open_wire_of(10 * MS);
    one_end *e = &w->ends[CLIENT];
    w->line.cut = true;
    say(e, "hello");
    run(w, 2 * SIM_HOUR);
    const sim_time rto = (20 + 200) * MS; /* the variation, 4 * 10 ms, is below the grain */
    sim_time at = 500 * MS, gap = rto;
    assert_int_equal(e->sents, 2 + 1 + 1 + 15);
    assert_int_equal(e->sent_at[2], at);
    assert_int_equal(e->sent_at[3], at += gap);
    for (uint32_t k = 4; k < 19; k++) {
        at += gap;
        assert_int_equal(e->sent_at[k], at);
        assert_int_equal(e->sent[k].sequence, e->sent[2].sequence);
        gap = sim_time_min(2 * gap, 120 * SIM_SECOND);
    }
    assert_int_equal(e->why, NET_END_TIMEOUT);
    assert_int_equal(e->ended_at, at + gap);
    wire_free(w);
}

/* Without the probe each pause is twice the one before: so it is when one of the two does not offer
 * SACK. */
static void test_data_into_the_void_without_a_probe(void **state) {
    (void)state;
    wire *w = wire_of(10 * MS);
    one_end *e = &w->ends[CLIENT];
    net_tcp_settings plain = net_tcp_linux;
    plain.probes = false;
    net_tcp_connect(&e->tcp, &plain, &calls, e, 50000, 1883, 1, 0);
    run(w, 500 * MS);
    assert_false(e->sent[0].sack_permitted);
    assert_false(w->ends[SERVER].sent[0].sack_permitted);
    w->line.cut = true;
    say(e, "hello");
    run(w, 5 * SIM_SECOND);
    static const sim_time times[] = {500, 500 + 220, 500 + 660, 500 + 1540, 500 + 3300};
    for (uint32_t k = 0; k < 5; k++) assert_int_equal(e->sent_at[2 + k], times[k] * MS);
    wire_free(w);
}

/* RFC 6298 2.2 and 2.3 by hand: R = 600 ms twice. */
static void test_a_timeout_follows_the_round_trip(void **state) {
    (void)state;
    wire *w = wire_of(300 * MS);
    connect_client(w);
    run(w, 2 * SIM_SECOND);
    one_end *e = &w->ends[CLIENT];
    assert_int_equal(e->tcp.smoothed, 600 * MS);
    assert_int_equal(e->tcp.timeout, 600 * MS + 4 * 300 * MS);
    say(e, "x");
    run(w, 4 * SIM_SECOND);
    assert_int_equal(e->tcp.smoothed, 600 * MS);
    assert_int_equal(e->tcp.timeout, 600 * MS + 4 * 225 * MS);
    wire_free(w);
}

/* RFC 6298 5.7: of a repeated SYN there is no measure. */
static void test_a_repeated_syn_measures_nothing(void **state) {
    (void)state;
    wire *w = wire_of(10 * MS);
    w->lose[CLIENT] = 1;
    connect_client(w);
    run(w, 2 * SIM_SECOND);
    assert_int_equal(w->ends[CLIENT].opened, 1);
    w->line.cut = true;
    say(&w->ends[CLIENT], "x");
    run(w, 5 * SIM_SECOND);
    assert_int_equal(w->ends[CLIENT].sent_at[3], 2 * SIM_SECOND);
    assert_int_equal(w->ends[CLIENT].sent_at[4], 5 * SIM_SECOND);
    wire_free(w);
}

static void test_a_lost_segment_is_a_delay(void **state) {
    (void)state;
    wire *w = open_wire_of(10 * MS);
    w->lose[CLIENT] = 1 << 2; /* the first with data */
    w->ends[SERVER].echoes = true;
    say(&w->ends[CLIENT], "hello");
    run(w, 600 * MS);
    assert_int_equal(w->ends[SERVER].bytes, 0);
    run(w, 740 * MS);
    assert_int_equal(w->ends[SERVER].bytes, 5);
    assert_int_equal(w->ends[CLIENT].bytes, 5);
    assert_int_equal(w->ends[CLIENT].tcp.repetitions, 0);
    wire_free(w);
}

static void test_a_lost_acknowledgement_delivers_once(void **state) {
    (void)state;
    wire *w = open_wire_of(10 * MS);
    w->lose[SERVER] = 1 << 1;
    say(&w->ends[CLIENT], "hello");
    run(w, SIM_SECOND);
    assert_int_equal(w->ends[SERVER].bytes, 5);
    assert_int_equal(w->ends[CLIENT].sents, 4); /* sent twice */
    assert_int_equal(w->ends[CLIENT].tcp.una, w->ends[CLIENT].tcp.max);
    wire_free(w);
}

/* RFC 9293 3.7.4: small pieces wait for the acknowledgement of the one before, and go together. */
static void test_small_pieces_go_together(void **state) {
    (void)state;
    wire *w = open_wire_of(10 * MS);
    for (int i = 0; i < 5; i++) say(&w->ends[CLIENT], "piece");
    run(w, SIM_SECOND);
    assert_int_equal(w->ends[SERVER].bytes, 25);
    assert_int_equal(w->ends[CLIENT].sents, 2 + 2);
    assert_int_equal(w->ends[CLIENT].sent[3].size, 20);
    wire_free(w);
}

/* The third duplicate acknowledgement brings back what was lost, long before the timer would. */
static void test_a_hole_is_filled_fast(void **state) {
    (void)state;
    wire *w = open_wire_of(10 * MS);
    enum { SIZE = 8 * 1460 };
    uint8_t *bytes = some_bytes(SIZE);
    w->lose[CLIENT] = 1 << 4; /* the third of eight segments */
    assert_int_equal(net_tcp_write(&w->ends[CLIENT].tcp, w->line.now, bytes, SIZE), SIZE);
    run(w, w->line.now + 45 * MS);
    assert_int_equal(w->ends[SERVER].bytes, SIZE);
    assert_true(w->ends[SERVER].sum == sum_of(SIZE));
    assert_int_equal(w->ends[CLIENT].sents, 2 + 9);
    assert_null(w->ends[SERVER].tcp.held);
    sim_free(bytes);
    wire_free(w);
}

/* Writes as there is room, until all is there. */
static void pour(wire *w, const uint8_t *bytes, size_t size, sim_time until) {
    one_end *from = &w->ends[CLIENT];
    size_t written = 0;
    while (w->ends[SERVER].bytes < size && from->ends == 0) {
        written += net_tcp_write(&from->tcp, w->line.now, bytes + written, size - written);
        assert_true(from->tcp.buffered <= net_tcp_linux.buffer);
        assert_true(w->ends[SERVER].tcp.held_bytes <= net_tcp_linux.window);
        if (!step(w, until)) break;
    }
}

static void test_a_bad_line_loses_nothing(void **state) {
    (void)state;
    enum { SIZE = 1000000 };
    uint8_t *bytes = some_bytes(SIZE);
    net_hop_settings bad = {.latency = 20 * MS, .jitter = 5 * MS, .loss = 0.05, .duplicate = 0.05};
    wire *w = wire_new(bad);
    connect_client(w);
    run(w, 20 * SIM_SECOND);
    pour(w, bytes, SIZE, SIM_HOUR);
    assert_int_equal(w->ends[SERVER].bytes, SIZE);
    assert_true(w->ends[SERVER].sum == sum_of(SIZE));
    assert_true(w->ends[CLIENT].rooms > 0);
    sim_free(bytes);
    wire_free(w);
}

/* A line of 1 Mbit/s and a queue that holds 20 segments: it is filled, and not much more is sent
 * than it can carry. */
static void test_a_line_is_filled(void **state) {
    (void)state;
    enum { SIZE = 1000000 };
    uint8_t *bytes = some_bytes(SIZE);
    wire *w = wire_new(
        (net_hop_settings){.latency = 20 * MS, .bits_per_s = 1000000, .queue_bytes = 20 * 1500});
    connect_client(w);
    run(w, SIM_SECOND);
    pour(w, bytes, SIZE, SIM_HOUR);
    assert_int_equal(w->ends[SERVER].bytes, SIZE);
    assert_true(w->ends[SERVER].sum == sum_of(SIZE));
    assert_in_range(w->line.now, 9 * SIM_SECOND, 12 * SIM_SECOND); /* 8.1 s at the line's rate */
    assert_true(w->ends[CLIENT].sents < SIZE / 1460 * 11 / 10);
    sim_free(bytes);
    wire_free(w);
}

/* ---- the end ---- */

static void test_a_close_says_what_was_written(void **state) {
    (void)state;
    wire *w = open_wire_of(10 * MS);
    say(&w->ends[CLIENT], "good bye");
    net_tcp_close(&w->ends[CLIENT].tcp, w->line.now);
    assert_int_equal(net_tcp_write(&w->ends[CLIENT].tcp, w->line.now, (const uint8_t *)"x", 1), 0);
    run(w, SIM_HOUR);
    assert_int_equal(w->ends[SERVER].bytes, 8);
    assert_int_equal(w->ends[SERVER].why, NET_END_CLOSED);
    assert_int_equal(w->ends[SERVER].ended_at, 510 * MS);
    assert_int_equal(w->ends[CLIENT].why, NET_END_NONE);
    assert_int_equal(w->ends[CLIENT].ended_at, 520 * MS);
    assert_int_equal(w->ends[CLIENT].ends + w->ends[SERVER].ends, 2);
    wire_free(w);
}

static void test_a_close_before_it_is_open(void **state) {
    (void)state;
    wire *w = wire_of(10 * MS);
    connect_client(w);
    net_tcp_close(&w->ends[CLIENT].tcp, 0);
    assert_int_equal(w->ends[CLIENT].why, NET_END_NONE);
    assert_int_equal(w->ends[CLIENT].ends, 1);
    net_tcp_close(&w->ends[CLIENT].tcp, 0);
    assert_int_equal(w->ends[CLIENT].ends, 1);
    wire_free(w);

    w = wire_of(10 * MS); /* accepted, and closed at once */
    w->ends[SERVER].closes_at_once = true;
    connect_client(w);
    run(w, SIM_SECOND);
    assert_int_equal(w->ends[CLIENT].opened, 1);
    assert_int_equal(w->ends[CLIENT].why, NET_END_CLOSED);
    assert_int_equal(w->ends[SERVER].why, NET_END_NONE);
    wire_free(w);
}

static void test_a_lost_fin_comes_again(void **state) {
    (void)state;
    wire *w = open_wire_of(10 * MS);
    w->lose[CLIENT] = 1 << 2;
    net_tcp_close(&w->ends[CLIENT].tcp, w->line.now);
    run(w, 600 * MS);
    assert_int_equal(w->ends[SERVER].ends, 0);
    run(w, 800 * MS);
    assert_int_equal(w->ends[SERVER].why, NET_END_CLOSED);
    assert_int_equal(w->ends[CLIENT].ends, 1);
    wire_free(w);
}

/* The other end's last words are lost, and it is gone: a reset comes, and it is over. */
static void test_a_lost_last_word(void **state) {
    (void)state;
    wire *w = open_wire_of(10 * MS);
    w->lose[SERVER] = 1 << 1 | 1 << 2;
    net_tcp_close(&w->ends[CLIENT].tcp, w->line.now);
    run(w, SIM_HOUR);
    assert_int_equal(w->ends[SERVER].why, NET_END_CLOSED);
    assert_int_equal(w->ends[CLIENT].ends, 1);
    assert_int_equal(w->ends[CLIENT].why, NET_END_RESET);
    wire_free(w);
}

/* The other end took the FIN, and never closes its side. */
static void test_waiting_for_the_other_end_to_close(void **state) {
    (void)state;
    wire *w = open_wire_of(10 * MS);
    one_end *e = &w->ends[CLIENT];
    net_tcp_close(&e->tcp, w->line.now);
    w->line.cut = true;
    const net_tcp_segment ack = {.source_port = 1883,
                                 .destination_port = 50000,
                                 .sequence = e->tcp.expected,
                                 .acknowledgment = e->tcp.max,
                                 .window = 1000,
                                 .flags = NET_TCP_ACK};
    uint8_t bytes[NET_TCP_SEGMENT_MAX];
    size_t n = net_tcp_segment_write(&ack, bytes);
    net_tcp_input(&e->tcp, w->line.now, bytes, n);
    run(w, SIM_HOUR);
    assert_int_equal(e->why, NET_END_NONE);
    assert_int_equal(e->ended_at, 500 * MS + 60 * SIM_SECOND);
    wire_free(w);
}

static void test_a_reset(void **state) {
    (void)state;
    wire *w = open_wire_of(10 * MS);
    say(&w->ends[SERVER], "never read");
    net_tcp_abort(&w->ends[CLIENT].tcp);
    assert_int_equal(w->ends[CLIENT].ends, 0); /* who aborts is not told */
    run(w, SIM_HOUR);
    assert_int_equal(w->ends[SERVER].why, NET_END_RESET);
    assert_null(w->ends[SERVER].tcp.buffer);
    wire_free(w);

    w = open_wire_of(10 * MS); /* from within a call */
    w->ends[SERVER].aborts_when_it_hears = true;
    say(&w->ends[CLIENT], "go away");
    run(w, SIM_HOUR);
    assert_int_equal(w->ends[CLIENT].why, NET_END_RESET);
    assert_int_equal(w->ends[SERVER].ends, 0);
    wire_free(w);
}

/* A power cut: the other end learns of it only when it speaks, and the rebooted machine knows no
 * such connection. */
static void test_half_open(void **state) {
    (void)state;
    wire *w = open_wire_of(10 * MS);
    net_tcp_free(&w->ends[CLIENT].tcp);
    run(w, SIM_DAY);
    assert_int_equal(w->ends[SERVER].ends, 0);
    say(&w->ends[SERVER], "are you there?");
    run(w, w->line.now + SIM_SECOND);
    assert_int_equal(w->ends[SERVER].why, NET_END_RESET);
    wire_free(w);
}

/* ---- strangers ---- */

typedef struct stranger {
    const char *what;
    uint8_t flags;
    int32_t sequence;       /* from what is expected next */
    int32_t acknowledgment; /* from what was sent last */
    bool ends;              /* the connection */
    bool is_answered;       /* with an acknowledgement (RFC 5961, RFC 9293 3.10.7.4) */
} stranger;

static const stranger strangers[] = {
    {"a reset that fits", NET_TCP_RST, 0, 0, true, false},
    {"a reset in the window", NET_TCP_RST, 1000, 0, false, true},
    {"a reset outside of it", NET_TCP_RST, 70000, 0, false, false},
    {"an old reset", NET_TCP_RST, -1, 0, false, false},
    {"a SYN", NET_TCP_SYN, 0, 0, false, true},
    {"an old number", NET_TCP_ACK, -1, 0, false, true},
    {"a number far ahead", NET_TCP_ACK, 70000, 0, false, true},
    {"what was never sent", NET_TCP_ACK, 0, 1, false, true},
    {"neither reset nor acknowledgement", NET_TCP_PSH, 0, 0, false, false},
    {"nothing new", NET_TCP_ACK, 0, 0, false, false},
};

static void test_strangers(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        const stranger *x = &strangers[i];
        wire *w = open_wire_of(10 * MS);
        one_end *e = &w->ends[CLIENT];
        const net_tcp_segment s = {.source_port = 1883,
                                   .destination_port = 50000,
                                   .sequence = e->tcp.expected + (uint32_t)x->sequence,
                                   .acknowledgment = e->tcp.max + (uint32_t)x->acknowledgment,
                                   .window = 64240,
                                   .flags = x->flags};
        uint8_t bytes[NET_TCP_SEGMENT_MAX];
        size_t n = net_tcp_segment_write(&s, bytes);
        net_tcp_input(&e->tcp, w->line.now, bytes, n);
        print_message("%s\n", x->what);
        assert_int_equal(e->ends, x->ends);
        assert_int_equal(e->sents - 2, x->is_answered);
        wire_free(w);
    }
}

static void test_a_wrong_answer_to_a_syn(void **state) {
    (void)state;
    static const struct {
        uint8_t flags;
        int32_t acknowledgment;
        bool ends, is_reset;
    } rows[] = {{NET_TCP_RST | NET_TCP_ACK, 0, true, false},
                {NET_TCP_RST | NET_TCP_ACK, 1, false, false},
                {NET_TCP_RST, 0, false, false},
                {NET_TCP_SYN | NET_TCP_ACK, 5, false, true},
                {NET_TCP_ACK, 0, false, false},
                {NET_TCP_SYN, 0, false, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        wire *w = wire_of(10 * MS);
        one_end *e = &w->ends[CLIENT];
        connect_client(w);
        const net_tcp_segment s = {.source_port = 1883,
                                   .destination_port = 50000,
                                   .acknowledgment = e->tcp.max + (uint32_t)rows[i].acknowledgment,
                                   .flags = rows[i].flags};
        uint8_t bytes[NET_TCP_SEGMENT_MAX];
        size_t n = net_tcp_segment_write(&s, bytes);
        net_tcp_input(&e->tcp, w->line.now, bytes, n);
        assert_int_equal(e->ends, rows[i].ends);
        assert_int_equal(e->opened, 0);
        assert_int_equal(e->sents, 1 + rows[i].is_reset);
        if (rows[i].is_reset) assert_int_equal(e->sent[1].flags, NET_TCP_RST);
        wire_free(w);
    }
}

/* A reader that is full: its closed window is asked about until it opens, for as long as it
 * answers, and nothing is sent into it. */
static void test_a_closed_window(void **state) {
    (void)state;
    wire *w = open_wire_of(10 * MS);
    one_end *e = &w->ends[CLIENT];
    w->line.cut = true;
    net_tcp_segment s = {.source_port = 1883,
                         .destination_port = 50000,
                         .sequence = e->tcp.expected,
                         .acknowledgment = e->tcp.max,
                         .flags = NET_TCP_ACK};
    uint8_t bytes[NET_TCP_SEGMENT_MAX];
    net_tcp_input(&e->tcp, w->line.now, bytes, net_tcp_segment_write(&s, bytes));
    say(e, "hello");
    assert_int_equal(e->sents, 2);
    for (int i = 0; i < 30; i++) {
        uint32_t before = e->sents;
        run(w, net_tcp_deadline(&e->tcp));
        assert_int_equal(e->sents, before + 1);
        assert_int_equal(e->sent[2].size, 0);
        net_tcp_input(&e->tcp, w->line.now, bytes, net_tcp_segment_write(&s, bytes));
    }
    assert_int_equal(e->ends, 0);
    s.window = 1000;
    uint32_t before = e->sents;
    net_tcp_input(&e->tcp, w->line.now, bytes, net_tcp_segment_write(&s, bytes));
    assert_int_equal(e->sents, before + 1);
    assert_int_equal(e->tcp.nxt, e->tcp.una + 5);
    wire_free(w);
}

static void test_segments_of_another_connection(void **state) {
    (void)state;
    wire *w = open_wire_of(10 * MS);
    one_end *e = &w->ends[CLIENT];
    net_tcp_segment s = {.source_port = 1884,
                         .destination_port = 50000,
                         .sequence = e->tcp.expected,
                         .flags = NET_TCP_RST};
    uint8_t bytes[NET_TCP_SEGMENT_MAX];
    net_tcp_input(&e->tcp, w->line.now, bytes, net_tcp_segment_write(&s, bytes));
    s.source_port = 1883;
    s.destination_port = 50001;
    net_tcp_input(&e->tcp, w->line.now, bytes, net_tcp_segment_write(&s, bytes));
    net_tcp_input(&e->tcp, w->line.now, bytes, NET_TCP_HEADER - 1);
    assert_int_equal(e->ends + e->sents, 2);
    wire_free(w);
}

/* ---- segments ---- */

static void test_a_segment_there_and_back(void **state) {
    (void)state;
    const net_tcp_segment s = {.sequence = 0x01020304,
                               .acknowledgment = 0xF0E0D0C0,
                               .source_port = 50000,
                               .destination_port = 8883,
                               .window = 64240,
                               .mss = 1440,
                               .flags = NET_TCP_SYN | NET_TCP_ACK,
                               .data = (const uint8_t *)"abc",
                               .size = 3};
    static const uint8_t wanted[] = {0xC3, 0x50, 0x22, 0xB3, 1,    2,    3,    4,   0xF0,
                                     0xE0, 0xD0, 0xC0, 0x60, 0x12, 0xFA, 0xF0, 0,   0,
                                     0,    0,    2,    4,    5,    0xA0, 'a',  'b', 'c'};
    uint8_t bytes[NET_TCP_SEGMENT_MAX];
    assert_int_equal(net_tcp_segment_write(&s, bytes), sizeof wanted);
    assert_memory_equal(bytes, wanted, sizeof wanted);
    net_tcp_segment got;
    assert_int_equal(net_tcp_segment_read(&got, bytes, sizeof wanted), 0);
    assert_int_equal(got.sequence, s.sequence);
    assert_int_equal(got.acknowledgment, s.acknowledgment);
    assert_int_equal(got.source_port, s.source_port);
    assert_int_equal(got.destination_port, s.destination_port);
    assert_int_equal(got.window, s.window);
    assert_int_equal(got.mss, s.mss);
    assert_int_equal(got.flags, s.flags);
    assert_int_equal(got.size, 3);
    assert_memory_equal(got.data, "abc", 3);
    assert_false(got.sack_permitted);
    for (size_t n = 0; n < 24; n++)
        assert_int_equal(net_tcp_segment_read(&got, bytes, n), SIM_EPARSE);
    bytes[12] = 0x40; /* a header shorter than one */
    assert_int_equal(net_tcp_segment_read(&got, bytes, sizeof wanted), SIM_EPARSE);
}

static void test_options(void **state) {
    (void)state;
    static const struct {
        const char *options;
        uint16_t mss;
    } rows[] = {
        {"\1\1\1\1\2\4\5\xa0", 1440}, {"\0\0\0\0\2\4\5\xa0", 0},    {"\4\2\2\4\5\xa0\0\0", 1440},
        {"\3\0\2\4\5\xa0\0\0", 0},    {"\2\4\5\xa0\0\0\0\0", 1440}, {"\1\1\1\1\1\1\2\4", 0},
        {"\1\1\1\1\1\1\1\2", 0},      {"\2\3\5\2\4\5\xa0\0", 1440}, {"\3\1\2\4\5\xa0\0\0", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[28] = {[12] = 0x70, [13] = NET_TCP_SYN};
        memcpy(bytes + 20, rows[i].options, 8);
        net_tcp_segment s;
        assert_int_equal(net_tcp_segment_read(&s, bytes, sizeof bytes), 0);
        assert_int_equal(s.mss, rows[i].mss);
    }
}

static void test_what_answers_a_segment_of_no_connection(void **state) {
    (void)state;
    uint8_t bytes[NET_TCP_SEGMENT_MAX], reset[NET_TCP_HEADER];
    net_tcp_segment s = {.source_port = 1,
                         .destination_port = 2,
                         .sequence = 100,
                         .acknowledgment = 200,
                         .flags = NET_TCP_SYN},
                    r;
    assert_true(net_tcp_segment_reset(bytes, net_tcp_segment_write(&s, bytes), reset));
    assert_int_equal(net_tcp_segment_read(&r, reset, sizeof reset), 0);
    assert_int_equal(r.flags, NET_TCP_RST | NET_TCP_ACK);
    assert_int_equal(r.sequence, 0);
    assert_int_equal(r.acknowledgment, 101);
    assert_int_equal(r.source_port, 2);
    s.flags = NET_TCP_ACK | NET_TCP_FIN;
    assert_true(net_tcp_segment_reset(bytes, net_tcp_segment_write(&s, bytes), reset));
    assert_int_equal(net_tcp_segment_read(&r, reset, sizeof reset), 0);
    assert_int_equal(r.flags, NET_TCP_RST);
    assert_int_equal(r.sequence, 200);
    s.flags = NET_TCP_RST;
    assert_false(net_tcp_segment_reset(bytes, net_tcp_segment_write(&s, bytes), reset));
    assert_false(net_tcp_segment_reset(bytes, 10, reset));
}

static void test_only_a_syn_is_accepted(void **state) {
    (void)state;
    static const uint8_t flags[] = {NET_TCP_ACK, NET_TCP_RST, NET_TCP_SYN | NET_TCP_ACK,
                                    NET_TCP_SYN | NET_TCP_RST, 0};
    for (size_t i = 0; i < sizeof flags; i++) {
        net_tcp t = {0};
        uint8_t bytes[NET_TCP_SEGMENT_MAX];
        size_t n = net_tcp_segment_write(&(net_tcp_segment){.flags = flags[i]}, bytes);
        assert_false(net_tcp_accept(&t, &net_tcp_linux, &calls, NULL, bytes, n, 1, 0));
    }
}

/* Without memory a connection ends, or what came too early is lost; nothing leaks. */
static void test_no_memory(void **state) {
    (void)state;
    wire *w = open_wire_of(10 * MS);
    sim_heap_use before = sim_heap_in_use();
    sim_heap_fail(0, true);
    assert_int_equal(net_tcp_write(&w->ends[CLIENT].tcp, w->line.now, (const uint8_t *)"x", 1), 0);
    assert_true(sim_heap_fail_never());
    assert_int_equal(w->ends[CLIENT].why, NET_END_NO_MEMORY);
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
    wire_free(w);

    enum { SIZE = 8 * 1460 };
    uint8_t *bytes = some_bytes(SIZE);
    w = open_wire_of(10 * MS);
    w->lose[CLIENT] = 1 << 2;
    assert_int_equal(net_tcp_write(&w->ends[CLIENT].tcp, w->line.now, bytes, SIZE), SIZE);
    sim_heap_fail(0, true);
    run(w, w->line.now + 30 * MS);
    assert_true(sim_heap_fail_never());
    assert_null(w->ends[SERVER].tcp.held);
    run(w, SIM_MINUTE);
    assert_int_equal(w->ends[SERVER].bytes, SIZE);
    assert_true(w->ends[SERVER].sum == sum_of(SIZE));
    sim_free(bytes);
    wire_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_handshake_takes_one_round_trip),
        cmocka_unit_test(test_a_syn_into_the_void),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_a_lost_syn_ack),
        cmocka_unit_test(test_a_client_that_dies_in_the_handshake),
        cmocka_unit_test(test_an_answer_carries_the_acknowledgement),
        cmocka_unit_test(test_data_into_the_void),
        cmocka_unit_test(test_data_into_the_void_without_a_probe),
        cmocka_unit_test(test_a_timeout_follows_the_round_trip),
        cmocka_unit_test(test_a_repeated_syn_measures_nothing),
        cmocka_unit_test(test_a_lost_segment_is_a_delay),
        cmocka_unit_test(test_a_lost_acknowledgement_delivers_once),
        cmocka_unit_test(test_small_pieces_go_together),
        cmocka_unit_test(test_a_hole_is_filled_fast),
        cmocka_unit_test(test_a_bad_line_loses_nothing),
        cmocka_unit_test(test_a_line_is_filled),
        cmocka_unit_test(test_a_close_says_what_was_written),
        cmocka_unit_test(test_a_close_before_it_is_open),
        cmocka_unit_test(test_a_lost_fin_comes_again),
        cmocka_unit_test(test_a_lost_last_word),
        cmocka_unit_test(test_waiting_for_the_other_end_to_close),
        cmocka_unit_test(test_a_reset),
        cmocka_unit_test(test_half_open),
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_a_wrong_answer_to_a_syn),
        cmocka_unit_test(test_a_closed_window),
        cmocka_unit_test(test_segments_of_another_connection),
        cmocka_unit_test(test_a_segment_there_and_back),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_what_answers_a_segment_of_no_connection),
        cmocka_unit_test(test_only_a_syn_is_accepted),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
