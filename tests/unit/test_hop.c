/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_hop.c - one step on the way: each fault does what it says, each has a twin without it, and
 * no packet is lost from the books. */
#include <math.h>
#include <string.h>

#include "net/hop_kind.h"
#include "tests/unit/with_cmocka.h"

enum { PACKETS = 20000, BYTES = 100 };

typedef struct tally {
    uint32_t passed;
    sim_time first, last;
    sim_time least, most; /* time through */
    bool ordered;
} tally;

/* Sends PACKETS packets, one every `gap`, and checks the books. */
static tally send_all(net_hop *h, sim_time gap) {
    tally t = {.least = SIM_NEVER, .ordered = true};
    for (uint32_t i = 0; i < PACKETS; i++) {
        sim_time now = i * gap, out[2];
        uint32_t copies = net_hop_push(h, BYTES, now, out);
        assert_in_range(copies, 0, 2);
        for (uint32_t k = 0; k < copies; k++) {
            assert_true(out[k] >= now);
            t.ordered = t.ordered && out[k] >= t.last;
            if (t.passed++ == 0) t.first = out[k];
            t.last = out[k];
            t.least = sim_time_min(t.least, out[k] - now);
            t.most = sim_time_max(t.most, out[k] - now);
        }
    }
    const net_hop_count *c = &h->count;
    assert_int_equal(c->in, PACKETS);
    assert_int_equal(c->out, t.passed);
    assert_int_equal(c->in + c->duplicated, c->out + c->dropped[NET_HOP_DROP_LOSS] +
                                                c->dropped[NET_HOP_DROP_QUEUE] +
                                                c->dropped[NET_HOP_DROP_DOWN]);
    assert_true(t.ordered);
    return t;
}

static tally run(net_hop_settings settings, sim_time gap, net_hop *h) {
    assert_null(net_hop_settings_wrong(&settings));
    net_hop_init(h, &settings, sim_stream_for(1, SIM_PURPOSE_HOP, 1));
    return send_all(h, gap);
}

/* Within six standard deviations of a binomial count. */
static void assert_share(uint64_t count, double p) {
    double spread = 6 * sqrt(PACKETS * p * (1 - p)) + 0.5;
    assert_true(fabs((double)count - PACKETS * p) <= spread);
}

static void test_latency(void **state) {
    (void)state;
    net_hop h;
    tally t = run((net_hop_settings){.latency = 7 * SIM_MILLISECOND}, SIM_MILLISECOND, &h);
    assert_int_equal(t.passed, PACKETS);
    assert_int_equal(t.least, 7 * SIM_MILLISECOND);
    assert_int_equal(t.most, 7 * SIM_MILLISECOND);
    t = run((net_hop_settings){.latency = 0}, SIM_MILLISECOND, &h);
    assert_int_equal(t.most, 0);
}

static void test_jitter_is_uniform_and_keeps_order(void **state) {
    (void)state;
    net_hop h;
    net_hop_settings s = {.latency = SIM_MILLISECOND, .jitter = 50 * SIM_MILLISECOND};
    tally t = run(s, SIM_SECOND, &h); /* far apart: nothing waits for anything */
    assert_in_range(t.least, SIM_MILLISECOND, SIM_MILLISECOND + SIM_MILLISECOND / 10);
    assert_in_range(t.most, 51 * SIM_MILLISECOND - SIM_MILLISECOND / 10, 51 * SIM_MILLISECOND);
    uint32_t low_half = 0;
    net_hop_init(&h, &s, sim_stream_for(2, SIM_PURPOSE_HOP, 1));
    for (uint32_t i = 0; i < PACKETS; i++) {
        sim_time out[2];
        assert_int_equal(net_hop_push(&h, BYTES, i * SIM_SECOND, out), 1);
        low_half += out[0] - i * SIM_SECOND < 26 * SIM_MILLISECOND;
    }
    assert_share(low_half, 0.5);
    run(s, SIM_MICROSECOND, &h); /* close together: send_all checks the order */
    s.jitter = 1;
    t = run(s, SIM_SECOND, &h);
    assert_int_equal(t.least, SIM_MILLISECOND);
    assert_int_equal(t.most, SIM_MILLISECOND + 1);
}

static void test_loss(void **state) {
    (void)state;
    static const double shares[] = {0, 0.01, 0.5, 1};
    for (size_t i = 0; i < 4; i++) {
        net_hop h;
        run((net_hop_settings){.loss = shares[i]}, SIM_MILLISECOND, &h);
        assert_share(h.count.dropped[NET_HOP_DROP_LOSS], shares[i]);
        assert_int_equal(h.count.dropped[NET_HOP_DROP_DOWN] + h.count.dropped[NET_HOP_DROP_QUEUE],
                         0);
    }
}

static void test_duplication(void **state) {
    (void)state;
    static const double shares[] = {0, 0.1, 1};
    for (size_t i = 0; i < 3; i++) {
        net_hop h;
        tally t = run((net_hop_settings){.duplicate = shares[i], .jitter = SIM_MILLISECOND},
                      SIM_MILLISECOND, &h);
        assert_share(h.count.duplicated, shares[i]);
        assert_int_equal(t.passed, PACKETS + h.count.duplicated);
    }
}

static void test_down(void **state) {
    (void)state;
    net_hop h;
    tally t = run((net_hop_settings){.down = true, .duplicate = 1, .loss = 1}, SIM_MILLISECOND, &h);
    assert_int_equal(t.passed, 0);
    assert_int_equal(h.count.dropped[NET_HOP_DROP_DOWN], PACKETS);
    assert_int_equal(h.count.dropped[NET_HOP_DROP_LOSS], 0);
}

static void test_rate(void **state) {
    (void)state;
    net_hop h;
    /* 100 bytes at 80 kbit/s take 10 ms; a packet every 5 ms: the line is the limit. */
    tally t = run((net_hop_settings){.bits_per_s = 80000}, 5 * SIM_MILLISECOND, &h);
    assert_int_equal(t.passed, PACKETS);
    assert_int_equal(t.first, 10 * SIM_MILLISECOND);
    assert_int_equal(t.last, PACKETS * 10 * SIM_MILLISECOND);
    /* A packet every 20 ms: nobody waits. */
    t = run((net_hop_settings){.bits_per_s = 80000}, 20 * SIM_MILLISECOND, &h);
    assert_int_equal(t.most, 10 * SIM_MILLISECOND);
    /* The copies of a duplicated packet share the line. */
    t = run((net_hop_settings){.bits_per_s = 80000, .duplicate = 1}, 20 * SIM_MILLISECOND, &h);
    assert_int_equal(t.most, 20 * SIM_MILLISECOND);
    /* Rounded up, never 0. */
    t = run((net_hop_settings){.bits_per_s = UINT64_MAX}, SIM_MILLISECOND, &h);
    assert_int_equal(t.most, 1);
}

static void test_queue(void **state) {
    (void)state;
    net_hop h;
    /* Twice as much as the line takes: half is dropped, and nobody waits longer than the queue is.
     */
    tally t =
        run((net_hop_settings){.bits_per_s = 80000, .queue_bytes = 1000}, 5 * SIM_MILLISECOND, &h);
    assert_in_range(h.count.dropped[NET_HOP_DROP_QUEUE], PACKETS / 2 - 20, PACKETS / 2 + 20);
    /* 1,000 bytes are 100 ms */
    assert_in_range(t.most, 90 * SIM_MILLISECOND, 100 * SIM_MILLISECOND);
    /* Half as much: none. */
    run((net_hop_settings){.bits_per_s = 80000, .queue_bytes = 1000}, 20 * SIM_MILLISECOND, &h);
    assert_int_equal(h.count.dropped[NET_HOP_DROP_QUEUE], 0);
    /* A queue smaller than a packet still lets one pass on an idle line. */
    run((net_hop_settings){.bits_per_s = 80000, .queue_bytes = 1}, 20 * SIM_MILLISECOND, &h);
    assert_int_equal(h.count.dropped[NET_HOP_DROP_QUEUE], 0);
    run((net_hop_settings){.bits_per_s = 80000, .queue_bytes = 1}, 9 * SIM_MILLISECOND, &h);
    assert_int_equal(h.count.dropped[NET_HOP_DROP_QUEUE], PACKETS / 2);
}

static void test_all_faults_at_once_keep_the_books(void **state) {
    (void)state;
    net_hop h;
    run((net_hop_settings){.latency = SIM_MILLISECOND,
                           .jitter = 30 * SIM_MILLISECOND,
                           .loss = 0.1,
                           .duplicate = 0.3,
                           .bits_per_s = 80000,
                           .queue_bytes = 500},
        7 * SIM_MILLISECOND, &h);
    for (int i = 0; i < NET_HOP_DROP_DOWN; i++) assert_true(h.count.dropped[i] > 0);
}

static void test_settings_may_change_on_the_way(void **state) {
    (void)state;
    net_hop h;
    net_hop_settings s = {.latency = 100 * SIM_MILLISECOND};
    sim_time out[2];
    net_hop_init(&h, &s, sim_stream_for(1, SIM_PURPOSE_HOP, 1));
    assert_int_equal(net_hop_push(&h, BYTES, 0, out), 1);
    h.settings.latency = 0;
    assert_int_equal(net_hop_push(&h, BYTES, SIM_MILLISECOND, out), 1);
    assert_int_equal(out[0], 100 * SIM_MILLISECOND); /* order is kept */
    h.settings.down = true;
    assert_int_equal(net_hop_push(&h, BYTES, SIM_SECOND, out), 0);
    h.settings.down = false;
    assert_int_equal(net_hop_push(&h, BYTES, SIM_SECOND, out), 1);
    assert_int_equal(out[0], SIM_SECOND);
}

static void test_one_setting_leaves_the_other_draws_alone(void **state) {
    (void)state;
    net_hop_settings plain = {.loss = 0.2};
    net_hop_settings more = {.loss = 0.2, .jitter = SIM_SECOND, .duplicate = 0.5};
    net_hop a, b, other;
    net_hop_init(&a, &plain, sim_stream_for(1, SIM_PURPOSE_HOP, 1));
    net_hop_init(&b, &more, sim_stream_for(1, SIM_PURPOSE_HOP, 1));
    net_hop_init(&other, &plain, sim_stream_for(2, SIM_PURPOSE_HOP, 1));
    uint32_t different = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        sim_time out[2];
        uint32_t lost = net_hop_push(&a, BYTES, i * SIM_SECOND, out) == 0;
        assert_int_equal(net_hop_push(&b, BYTES, i * SIM_SECOND, out) == 0, lost);
        different += (net_hop_push(&other, BYTES, i * SIM_SECOND, out) == 0) != lost;
    }
    assert_true(different > 100); /* bad twin: another stream loses others */
}

static void test_wrong_settings(void **state) {
    (void)state;
    const net_hop_settings wrong[] = {
        {.latency = -1},       {.latency = SIM_DAY + 1}, {.latency = SIM_NEVER}, {.jitter = -1},
        {.jitter = SIM_NEVER}, {.loss = -0.01},          {.loss = 1.01},         {.loss = NAN},
        {.duplicate = -1},     {.duplicate = INFINITY},  {.duplicate = NAN},     {.queue_bytes = 1},
    };
    const net_hop_settings good[] = {
        {0},
        {.latency = SIM_DAY,
         .jitter = SIM_DAY,
         .loss = 1,
         .duplicate = 1,
         .bits_per_s = 1,
         .queue_bytes = UINT32_MAX,
         .down = true},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_non_null(net_hop_settings_wrong(&wrong[i]));
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_null(net_hop_settings_wrong(&good[i]));
}

static void test_extremes_do_not_overflow(void **state) {
    (void)state;
    net_hop h;
    net_hop_settings s = {
        .latency = SIM_DAY, .jitter = SIM_DAY, .bits_per_s = 1, .queue_bytes = UINT32_MAX};
    sim_time out[2] = {0, 0};
    net_hop_init(&h, &s, sim_stream_for(1, SIM_PURPOSE_HOP, 1));
    for (uint32_t i = 0; i < 10; i++) {
        if (net_hop_push(&h, UINT32_MAX, SIM_NEVER / 2, out) > 0) assert_true(out[0] > 0);
    }
}

static net_hop_settings bursts(sim_time every, sim_time lasting, double loss) {
    return (net_hop_settings){.kind = &net_hop_bursts,
                              .own = {{.time = every}, {.time = lasting}, {.number = loss}}};
}

/* As much falls as the two states say, and what falls falls together: of the packets behind one
 * that fell most fall too, which independent loss of the same size does not show. */
static void test_bursts(void **state) {
    (void)state;
    net_hop h;
    uint64_t fell = 0, pairs = 0;
    bool before = false;
    const net_hop_settings s = bursts(9 * SIM_SECOND, SIM_SECOND, 0.8);
    net_hop_init(&h, &s, sim_stream_for(1, SIM_PURPOSE_HOP, 1));
    for (uint32_t i = 0; i < 100000; i++) {
        sim_time out[2];
        bool falls = net_hop_push(&h, BYTES, i * 20 * SIM_MILLISECOND, out) == 0;
        fell += falls ? 1 : 0;
        pairs += falls && before ? 1 : 0;
        before = falls;
    }
    assert_in_range(fell, 7000, 9000); /* a tenth of the time, four fifths */
    assert_int_equal(h.count.dropped[NET_HOP_DROP_LOSS], fell);
    assert_true((double)pairs / (double)fell > 0.7); /* 0.08 were they independent */
    run(bursts(SIM_SECOND, SIM_SECOND, 0), SIM_MILLISECOND, &h);
    assert_int_equal(h.count.dropped[NET_HOP_DROP_LOSS], 0); /* its twin: bursts of no loss */
}

/* A long silence is made up for, and the common settings move no burst. */
static void test_bursts_are_their_own(void **state) {
    (void)state;
    net_hop a, b;
    net_hop_settings s = bursts(SIM_MINUTE, SIM_SECOND, 1), more = s;
    more.latency = SIM_SECOND;
    more.duplicate = 1;
    net_hop_init(&a, &s, sim_stream_for(4, SIM_PURPOSE_HOP, 1));
    net_hop_init(&b, &more, sim_stream_for(4, SIM_PURPOSE_HOP, 1));
    for (uint32_t i = 0; i < 2000; i++) {
        sim_time out[2], now = i * (i % 100 == 0 ? 0 : SIM_SECOND / 4) + i / 100 * SIM_HOUR;
        assert_int_equal(net_hop_push(&a, BYTES, now, out) == 0,
                         net_hop_push(&b, BYTES, now, out) == 0);
    }
    assert_true(a.count.dropped[NET_HOP_DROP_LOSS] > 0);
}

static void test_kinds(void **state) {
    (void)state;
    net_hop_settings s = bursts(0, SIM_SECOND, 1);
    assert_string_equal(net_hop_settings_wrong(&s), "every must be between 1 ms and one day");
    s = bursts(SIM_SECOND, 2 * SIM_DAY, 1);
    assert_string_equal(net_hop_settings_wrong(&s), "lasting must be between 1 ms and one day");
    s = bursts(SIM_SECOND, SIM_SECOND, 1.5);
    assert_string_equal(net_hop_settings_wrong(&s), "burst_loss must be between 0 and 1");
    for (const net_hop_kind *const *k = net_hop_kinds; *k != NULL; k++) {
        s = (net_hop_settings){.kind = *k};
        memcpy(s.own, (*k)->usual, sizeof s.own);
        assert_null(net_hop_settings_wrong(&s));
        assert_ptr_equal(net_hop_kind_named((*k)->word), *k);
        assert_true((*k)->help[0] != '\0');
    }
    assert_null(net_hop_kind_named("rope"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_latency),
        cmocka_unit_test(test_jitter_is_uniform_and_keeps_order),
        cmocka_unit_test(test_loss),
        cmocka_unit_test(test_duplication),
        cmocka_unit_test(test_down),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_queue),
        cmocka_unit_test(test_all_faults_at_once_keep_the_books),
        cmocka_unit_test(test_settings_may_change_on_the_way),
        cmocka_unit_test(test_one_setting_leaves_the_other_draws_alone),
        cmocka_unit_test(test_wrong_settings),
        cmocka_unit_test(test_extremes_do_not_overflow),
        cmocka_unit_test(test_bursts),
        cmocka_unit_test(test_bursts_are_their_own),
        cmocka_unit_test(test_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
