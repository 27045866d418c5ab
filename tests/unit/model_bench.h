/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/model_bench.h - one device of any model on the bench (device_bench.h): made, brought
 * online, and what it reports. */
#ifndef TESTS_UNIT_MODEL_BENCH_H
#define TESTS_UNIT_MODEL_BENCH_H

#include "devices/life.h"
#include "net/senml.h"
#include "tests/unit/device_bench.h"

/* Without power, not told anything. */
static inline bench *model_bench_new(const dev_model *model, uint64_t seed) {
    bench *b = sim_malloc(sizeof *b);
    assert_non_null(b);
    bench_init(b, seed);
    dev_device_deinit(&b->device);
    b->profile.model = model;
    b->profile.follows = model->told != NULL;
    b->profile.battery = model->energy[1] != '9';
    b->profile.report_every = model->report_every;
    b->observation.text = "nothing yet";
    dev_device_init(&b->device, 0, 0, &b->profile, seed, b->own);
    return b;
}

static inline bench *model_bench_online(const dev_model *model, uint64_t seed) {
    bench *b = model_bench_new(model, seed);
    bench_power(b, true);
    while (b->device.state != DEV_STATE_ONLINE) bench_step(b);
    while (b->profile.follows && !b->observed) bench_step(b);
    return b;
}

static inline void model_bench_free(bench *b) {
    bench_deinit(b);
    sim_free(b);
}

static inline uint64_t model_bench_count(const bench *b, size_t counter) {
    return b->counts.counters[dev_model_number(b->profile.model)][counter];
}

/* Until its counter has counted once more, a year at most. */
static inline void model_bench_until(bench *b, size_t counter) {
    uint64_t before = model_bench_count(b, counter);
    sim_time limit = b->wire.now + 365 * SIM_DAY;
    while (model_bench_count(b, counter) == before && b->wire.now < limit) bench_step(b);
    assert_true(model_bench_count(b, counter) > before);
}

/* Its first counter goes on counting without a network, for ten times; its bad twin: without power
 * nothing comes of it. */
static inline void model_bench_without_a_network(const dev_model *model) {
    bench *b = model_bench_new(model, 1);
    bench_set_link(b, false);
    bench_power(b, true);
    for (int i = 0; i < 10; i++) model_bench_until(b, 0);
    uint64_t before = model_bench_count(b, 0);
    bench_power(b, false);
    bench_run(b, 5 * SIM_DAY);
    assert_int_equal(model_bench_count(b, 0), before);
    model_bench_free(b);
}

/* What the peer got last; the log of requests begins anew. */
static inline net_senml_pack model_bench_last(bench *b) {
    net_senml_pack pack;
    bench_run(b, 3 * SIM_SECOND);
    assert_in_range(b->request_count, 1, 256);
    const bench_request *r = &b->requests[b->request_count - 1];
    assert_string_equal(r->path, "t");
    assert_int_equal(net_senml_read(r->payload, r->payload_size, &pack), 0);
    b->request_count = 0;
    return pack;
}

/* Its next report. */
static inline net_senml_pack model_bench_report(bench *b) {
    uint64_t before = b->counts.reports_sent;
    while (b->counts.reports_sent == before) {
        if (b->request_count > 100) b->request_count = 0;
        bench_step(b);
    }
    return model_bench_last(b);
}

#endif
