/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_run.c - the virtual run itself: bytes choose the laws, the path and the faults of
 * a small fleet. Checked: no crash, no leak, every packet accounted for (the run's own promise), no
 * time that does not pass, and when all is mended everybody comes back. */

#include <math.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/run/clock.h"
#include "sim/run/drill.h"
#include "sim/run/options.h"
#include "sim/run/run.h"
#include "sim/run/run_private.h"
#include "sim/run/strike.h"
#include "tests/support/small_fleet.h"
#include "tests/support/story.h"
#include "tests/support/strikes.h"

enum { ACTS_MOST = 60 };

typedef struct script {
    const uint8_t *at;
    size_t n;
    int acts, mended;
    bool came_back;
} script;

static uint8_t byte(script *s) {
    if (s->n == 0) return 0;
    s->n--;
    return *s->at++;
}

static fleet_selection some(script *s) {
    uint8_t how = byte(s);
    fleet_selection sel = {.zone = how % 16 == 15 ? 3 : UINT32_MAX, .filter_count = 1};
    sel.filters[0].number = how >> 4;
    sel.filters[0].share = how / 256.0;
    switch (how % 4) {
        case 0:
            sel.filter_count = 0;
            break;
        case 1:
            sel.filters[0].kind = FLEET_FILTER_HOME_SHARE;
            break;
        case 2:
            sel.filters[0].kind = FLEET_FILTER_DEVICE_SHARE;
            break;
        default:
            sel.filters[0].kind = FLEET_FILTER_STREET;
            sel.filters[0].number = how % 3;
            break;
    }
    return sel;
}

static cloud_limits limits(script *s) {
    cloud_limits l = cloud_limits_default;
    l.connections_per_s = (1 + byte(s)) / 16.0;
    l.connection_queue = byte(s) % 16;
    l.requests_per_s = (1 + byte(s)) / 4.0;
    l.request_queue = byte(s) % 16;
    l.over = (cloud_over)(byte(s) % 3);
    l.max_age_s = 1 + byte(s);
    return l;
}

/* A value of an order, small enough that the run can be mended afterwards. */
static void draw(script *s, const sim_field *f, void *at) {
    double low = f->minimum, high = sim_field_is_bounded(f) ? f->maximum : 1e9;
    uint8_t b = byte(s);
    size_t choices = 0;
    if (f->kind == SIM_FIELD_DURATION)
        *(sim_time *)at = sim_time_max(b * SIM_SECOND / 10, (sim_time)low);
    else if (f->kind == SIM_FIELD_NUMBER)
        *(double *)at = fmin(low + b / 16.0, high);
    else if (f->kind == SIM_FIELD_FRACTION)
        *(double *)at = b % 200 / 200.0;
    else if (f->kind == SIM_FIELD_COUNT32)
        *(uint32_t *)at = (uint32_t)fmin(low + b % 16, high);
    else if (f->kind == SIM_FIELD_BYTES)
        *(uint32_t *)at = b * 16u;
    else if (f->kind == SIM_FIELD_RATE)
        *(uint64_t *)at = 1000 + 100 * (uint64_t)b;
    else if (f->kind == SIM_FIELD_BOOLEAN)
        *(bool *)at = b % 2 != 0;
    else if (f->kind == SIM_FIELD_CHOICE) {
        while (f->choices[choices] != NULL) choices++;
        *(int *)at = (int)(b % choices);
    } else {
        SIM_PROMISE(f->kind == SIM_FIELD_TEXT); /* the usual one */
    }
}

/* An order that does not fit, or asks for devices that are not there, is not wrong here. What is
 * said twice (lasting, ends_at) is said once. */
static int act(run *r, script *s, uint8_t what) {
    const fleet_selection sel = some(s);
    char why[FLEET_FAULT_WHY];
    size_t faults = 0;
    fleet_order order = {.bytes = {0}};
    while (fleet_faults[faults] != NULL) faults++;
    const fleet_fault *f = fleet_faults[what % faults];
    if (f->usual != NULL) memcpy(&order, f->usual, f->size);
    if (f->of_zone != NULL) f->of_zone(&r->spec.zones[0], &order);
    for (const sim_field *field = f->fields; field != NULL && field->name != NULL; field++)
        if (strcmp(field->name, "ends_at") != 0) draw(s, field, order.bytes + field->offset);
    int error = run_strike(r, f, &sel, &order, why, sizeof why);
    return error == SIM_ERANGE && why[0] != '\0' ? 0 : error;
}

static int mend(run *r) {
    const net_hop_settings good = r->spec.zones[0].uplink;
    int error = strike_uplink(r, &story_all, &good);
    if (error == 0) error = strike_cloud(r, &cloud_limits_default);
    if (error == 0) error = strike_accept_then_close(r, 0, NULL);
    if (error == 0) error = strike_network(r, &story_all, true, "mended");
    return error == 0 ? strike_power(r, &story_all, true, "mended") : error;
}

static sim_time pause_of(uint8_t b) {
    return b < 64    ? b * (10 * SIM_MILLISECOND)
           : b < 192 ? (b - 63) * SIM_SECOND
                     : (b - 190) * SIM_MINUTE;
}

static int resume(void *context, run *r, bool met, run_wait *next) {
    script *s = context;
    int error = 0;
    if (s->mended == 0 && s->n > 0 && s->acts++ < ACTS_MOST) {
        uint8_t what = byte(s);
        error = act(r, s, what);
        *next = (run_wait){.kind = what >= 128 ? RUN_WAIT_ONLINE : RUN_WAIT_UNTIL,
                           .until = run_now(r) + pause_of(byte(s)),
                           .online_share = (what >> 3) % 16 / 15.0};
        return error;
    }
    if (s->mended++ == 0) {
        *next = (run_wait){
            .kind = RUN_WAIT_ONLINE, .until = run_now(r) + 6 * SIM_HOUR, .online_share = 1};
        return mend(r);
    }
    s->came_back = met;
    next->kind = RUN_WAIT_DONE;
    return 0;
}

static void choose(fleet_spec *spec, script *s) {
    small_fleet_spec(spec, 4, 2, 5, true);
    fleet_zone *z = &spec->zones[0];
    dev_profile *p = &z->groups[0].profile;
    z->groups[0].per_home = 2;
    uint8_t start = byte(s);
    p->metrics = start % 2 == 1;
    p->battery = start % 4 == 1;
    z->start_over = start * SIM_SECOND;
    z->router_boot_minimum = 0;
    z->router_boot_maximum = byte(s) * SIM_SECOND;
    p->law = (dev_law){.kind = (dev_law_kind)(byte(s) % DEV_LAWS),
                       .initial_window = byte(s) * SIM_SECOND / 8,
                       .base = (1 + byte(s)) * SIM_SECOND / 4,
                       .cap = 300 * SIM_SECOND,
                       .factor = 2,
                       .low = 0.5,
                       .high = 1.5};
    p->report_every = (1 + byte(s)) * SIM_SECOND;
    z->backhaul.loss = byte(s) % 16 / 100.0;
    z->backhaul.duplicate = byte(s) % 16 / 100.0;
    spec->cloud = limits(s);
    p->law.tries = byte(s) % 8;
    p->law.rest = p->law.tries * SIM_SECOND; /* whoever gives up for good does not come back */
    p->law.reset_after = byte(s) * SIM_SECOND;
    p->law.on_the = byte(s) % 4 * SIM_MINUTE;
    p->law.seed = (dev_law_seed)(byte(s) % DEV_LAW_SEEDS);
}

/* A pause that does not grow has no factor: an impossible law becomes the usual one. */
static void make_law_right(fleet_spec *spec) {
    dev_law *law = &spec->zones[0].groups[0].profile.law;
    char why[256];
    if (fleet_spec_wrong(spec, false, why, sizeof why) != NULL) *law = dev_law_usual(law->kind);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    return net_secure_startup();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const sim_heap_use before = sim_heap_in_use();
    script s = {.at = data, .n = size};
    const run_options options = {.seed = 1 + byte(&s), .threads = 1};
    const run_drill drill = {.context = &s, .resume = resume};
    fleet_spec spec;
    char why[256];
    int code;
    choose(&spec, &s);
    make_law_right(&spec);
    run *r = run_new(&spec, &options, why, sizeof why, &code);
    SIM_PROMISE(r != NULL);
    int error = run_drive(r, &drill);
    SIM_PROMISE(error == 0 || error == SIM_ERANGE); /* too many triggers */
    SIM_PROMISE(error != 0 || s.came_back);
    run_free(r);
    SIM_PROMISE(sim_heap_in_use().blocks == before.blocks);
    return 0;
}
