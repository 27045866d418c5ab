/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_coap_blocks.c - payloads in blocks, in every order in which they may come. */
#include <string.h>

#include "net/coap_blocks.h"
#include "tests/unit/every_allocation.h"

enum { BODY = 70 };

typedef struct step {
    uint32_t number;
    uint8_t exponent;
    bool more;
    size_t n;
    net_coap_gathered outcome;
} step;

static const uint8_t *letters(void) {
    static uint8_t text[2 * NET_COAP_BODY_MAX];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (uint8_t)('a' + i % 23);
    return text;
}

static net_coap_gathered take(net_coap_blocks *b, uint32_t peer, uint64_t what, const step *s,
                              const uint8_t **body, size_t *size) {
    const net_coap_block block = {
        .peer = peer,
        .what = what,
        .number = s->number,
        .size_exponent = s->exponent,
        .more = s->more,
        .data = letters() + ((size_t)s->number << (s->exponent + 4)),
        .n = s->n,
    };
    return net_coap_blocks_take(b, &block, body, size);
}

static const struct {
    const char *what;
    size_t size; /* of the whole; 0: it never is */
    step steps[8];
} stories[] = {
    {"in order",
     BODY,
     {{0, 1, true, 32, NET_COAP_GATHERED_MORE},
      {1, 1, true, 32, NET_COAP_GATHERED_MORE},
      {2, 1, false, 6, NET_COAP_GATHERED_WHOLE}}},
    {"each one twice: answers were lost",
     BODY,
     {{0, 1, true, 32, NET_COAP_GATHERED_MORE},
      {0, 1, true, 32, NET_COAP_GATHERED_MORE},
      {1, 1, true, 32, NET_COAP_GATHERED_MORE},
      {1, 1, true, 32, NET_COAP_GATHERED_MORE},
      {2, 1, false, 6, NET_COAP_GATHERED_WHOLE},
      {2, 1, false, 6, NET_COAP_GATHERED_WHOLE}}},
    {"smaller blocks later on (RFC 7959 2.3)",
     BODY,
     {{0, 1, true, 32, NET_COAP_GATHERED_MORE},
      {2, 0, true, 16, NET_COAP_GATHERED_MORE},
      {3, 0, true, 16, NET_COAP_GATHERED_MORE},
      {4, 0, false, 6, NET_COAP_GATHERED_WHOLE}}},
    {"an empty last one",
     64,
     {{0, 2, true, 64, NET_COAP_GATHERED_MORE}, {1, 2, false, 0, NET_COAP_GATHERED_WHOLE}}},
    {"begun anew",
     BODY,
     {{0, 1, true, 32, NET_COAP_GATHERED_MORE},
      {1, 1, true, 32, NET_COAP_GATHERED_MORE},
      {0, 2, true, 64, NET_COAP_GATHERED_MORE},
      {1, 2, false, 6, NET_COAP_GATHERED_WHOLE}}},
    {"without the first", 0, {{1, 1, true, 32, NET_COAP_GATHERED_GAP}}},
    {"one is missing",
     0,
     {{0, 1, true, 32, NET_COAP_GATHERED_MORE}, {2, 1, false, 6, NET_COAP_GATHERED_GAP}}},
    {"after the end",
     0,
     {{0, 1, true, 32, NET_COAP_GATHERED_MORE},
      {1, 1, false, 32, NET_COAP_GATHERED_WHOLE},
      {2, 1, true, 32, NET_COAP_GATHERED_GAP}}},
    {"shorter than it says, and not the last", 0, {{0, 1, true, 31, NET_COAP_GATHERED_MALFORMED}}},
    {"longer than it says", 0, {{0, 1, false, 33, NET_COAP_GATHERED_MALFORMED}}},
    {"far beyond what can be kept",
     0,
     {{0, 6, true, 1024, NET_COAP_GATHERED_MORE},
      {0xFFFFF, 6, true, 1024, NET_COAP_GATHERED_TOO_LARGE}}},
};

static void test_stories(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        net_coap_blocks *b = net_coap_blocks_new();
        const uint8_t *body = NULL;
        size_t size = 0;
        for (const step *s = stories[i].steps; s->n > 0 || s->number > 0; s++) {
            net_coap_gathered outcome = take(b, 1, 1, s, &body, &size);
            if (outcome != s->outcome)
                fail_msg("%s: block %u gave %d", stories[i].what, s->number, (int)outcome);
        }
        if (stories[i].size > 0) {
            assert_int_equal(size, stories[i].size);
            assert_memory_equal(body, letters(), size);
        }
        net_coap_blocks_free(b);
    }
}

/* Two peers at once, and another purpose of the same one. */
static void test_transfers_do_not_mix(void **state) {
    (void)state;
    net_coap_blocks *b = net_coap_blocks_new();
    const step first = {0, 0, true, 16, 0}, last = {1, 0, false, 4, 0};
    const uint8_t *body;
    size_t size;
    assert_int_equal(take(b, 1, 1, &first, &body, &size), NET_COAP_GATHERED_MORE);
    assert_int_equal(take(b, 2, 1, &first, &body, &size), NET_COAP_GATHERED_MORE);
    assert_int_equal(take(b, 1, 2, &last, &body, &size), NET_COAP_GATHERED_GAP);
    assert_int_equal(take(b, 3, 1, &last, &body, &size), NET_COAP_GATHERED_GAP);
    assert_int_equal(take(b, 1, 1, &last, &body, &size), NET_COAP_GATHERED_WHOLE);
    net_coap_blocks_forget(b, 2);
    assert_int_equal(take(b, 2, 1, &last, &body, &size), NET_COAP_GATHERED_GAP);
    net_coap_blocks_free(b);
}

static void test_the_largest_body(void **state) {
    (void)state;
    net_coap_blocks *b = net_coap_blocks_new();
    const uint8_t *body;
    size_t size = 0;
    for (uint32_t i = 0; i < NET_COAP_BODY_MAX / 1024; i++) {
        const step s = {i, 6, i + 1 < NET_COAP_BODY_MAX / 1024, 1024, 0};
        (void)take(b, 1, 1, &s, &body, &size);
    }
    assert_int_equal(size, NET_COAP_BODY_MAX);
    const step first = {0, 6, true, 1024, 0}, beyond = {NET_COAP_BODY_MAX / 1024, 6, false, 1, 0};
    assert_int_equal(take(b, 1, 1, &first, &body, &size), NET_COAP_GATHERED_MORE);
    assert_int_equal(take(b, 1, 1, &beyond, &body, &size), NET_COAP_GATHERED_TOO_LARGE);
    net_coap_blocks_free(b);
}

/* However many begin: memory is bounded, and who was heard last goes on. */
static void test_the_longest_unheard_gives_way(void **state) {
    (void)state;
    net_coap_blocks *b = net_coap_blocks_new();
    const step first = {0, 0, true, 16, 0}, last = {1, 0, false, 4, 0};
    const uint8_t *body;
    size_t size;
    const sim_heap_use before = sim_heap_in_use();
    for (uint32_t peer = 1; peer <= 10 * NET_COAP_TRANSFERS_MAX; peer++) {
        assert_int_equal(take(b, peer, 1, &first, &body, &size), NET_COAP_GATHERED_MORE);
        assert_int_equal(take(b, 1, 1, &first, &body, &size), NET_COAP_GATHERED_MORE);
    }
    assert_int_equal(sim_heap_in_use().blocks - before.blocks, NET_COAP_TRANSFERS_MAX);
    assert_int_equal(take(b, 1, 1, &last, &body, &size), NET_COAP_GATHERED_WHOLE);
    assert_int_equal(take(b, 2, 1, &last, &body, &size), NET_COAP_GATHERED_GAP);
    net_coap_blocks_free(b);
}

static int gathers(void *context) {
    (void)context;
    net_coap_blocks *b = net_coap_blocks_new();
    const step first = {0, 0, true, 16, 0};
    const uint8_t *body;
    size_t size;
    if (b == NULL) return SIM_ENOMEM;
    net_coap_gathered outcome = take(b, 1, 1, &first, &body, &size);
    net_coap_blocks_free(b);
    return outcome == NET_COAP_GATHERED_NO_MEMORY ? SIM_ENOMEM : 0;
}

static void test_no_memory(void **state) {
    (void)state;
    assert_true(fail_every_allocation(gathers, NULL) > 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stories),
        cmocka_unit_test(test_transfers_do_not_mix),
        cmocka_unit_test(test_the_largest_body),
        cmocka_unit_test(test_the_longest_unheard_gives_way),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
