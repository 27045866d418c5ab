/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "devices/household.h"
#include "devices/life.h"
#include "sim/core/error.h"

const dev_model *const dev_models[] = {
#define MODEL_IN_LIST(model) &dev_##model,
    DEV_MODEL_LIST(MODEL_IN_LIST)
#undef MODEL_IN_LIST
        NULL};

const dev_model *dev_model_named(const char *name) {
    for (size_t i = 0; dev_models[i] != NULL; i++) {
        if (strcmp(dev_models[i]->name, name) == 0) return dev_models[i];
    }
    return NULL;
}

size_t dev_model_number(const dev_model *m) {
    size_t i = 0;
    if (m->base != NULL) m = m->base;
    while (dev_models[i] != NULL && dev_models[i] != m) i++;
    return i;
}

dev_randomness dev_profile_randomness(const dev_profile *p) {
    if (p->randomness > 0) return (dev_randomness)(p->randomness - 1);
    if (p->law.seed == DEV_LAW_SEED_CONSTANT) return DEV_RANDOMNESS_CONSTANT;
    if (p->law.seed == DEV_LAW_SEED_BOOT_TIME) return DEV_RANDOMNESS_BOOT_TIME;
    return p->model->sheet == NULL ? DEV_RANDOMNESS_HARDWARE : p->model->sheet->randomness;
}

/* ---- what it measures ---- */

/* A place in the day, 0 .. 1, that neighbours do not share. */
static double hour_of(uint32_t device) {
    double turns = (double)device * 0.6180339887498949;
    return turns - floor(turns);
}

void dev_model_measure(dev_step *s, net_senml_pack *pack) {
    const dev_model *m = s->device->profile->model;
    m->measure(s, pack);
    double day = sim_time_seconds(s->now) / sim_time_seconds(SIM_DAY) + hour_of(s->device->index);
    for (uint32_t i = 0; i < m->own_count; i++) {
        const dev_own_reading *own = &m->own[i];
        net_senml_record *r = &pack->records[pack->count++];
        double share = 0.5 - 0.5 * cos(2 * M_PI * day);
        *r = (net_senml_record){.value = own->low + (own->high - own->low) * share};
        (void)snprintf(r->name, sizeof r->name, "%s", own->name);
        (void)snprintf(r->unit, sizeof r->unit, "%s", own->unit);
    }
}

/* ---- how long the local function did its work ---- */

static uint64_t microseconds(sim_time t) {
    return (uint64_t)t / 1000;
}

static bool is_able(dev_state state) {
    return state != DEV_STATE_OFF && state != DEV_STATE_BOOTING;
}

/* What begins is taken away, what ends is added: the sum over all that ended is how long it was. */
static void count_from(uint64_t *sum, bool was, bool is, sim_time now) {
    if (was != is) *sum += is ? -microseconds(now) : microseconds(now);
}

static void count_state(dev_step *s, dev_state from, dev_state to) {
    dev_local *l = &s->counts->local[dev_model_number(s->device->profile->model)];
    count_from(&l->powered_us, from != DEV_STATE_OFF, to != DEV_STATE_OFF, s->now);
    count_from(&l->able_us, is_able(from), is_able(to), s->now);
}

void dev_model_count(dev_step *s, size_t counter) {
    s->counts->counters[dev_model_number(s->device->profile->model)][counter]++;
}

void dev_model_kept(dev_step *s) {
    dev_device *d = s->device;
    const dev_model *m = d->profile->model;
    if (m->kept != NULL)
        s->counts->local[dev_model_number(m)].kept_us +=
            microseconds(m->kept(d->own, d->local_since, s->now));
    d->local_since = s->now;
}

void dev_device_local_end(const dev_device *d, dev_counts *counts, sim_time now) {
    const dev_model *m = d->profile->model;
    dev_local *l = &counts->local[dev_model_number(m)];
    count_from(&l->powered_us, d->state != DEV_STATE_OFF, false, now);
    count_from(&l->able_us, is_able((dev_state)d->state), false, now);
    if (m->kept != NULL) l->kept_us += microseconds(m->kept(d->own, d->local_since, now));
}

void dev_model_step(dev_step *s, dev_event event) {
    dev_device *d = s->device;
    dev_state from = (dev_state)d->state;
    const dev_rule *rule = &d->profile->model->life->rules[from][event];
    if (!rule->handled) {
        s->counts->ignored[from][event]++;
        return;
    }
    SIM_PROMISE(s->depth < DEV_STEP_DEPTH_MAX);
    s->depth++;
    s->event = event;
    s->from = from;
    d->state = (uint8_t)rule->next;
    if (rule->next != from) {
        count_state(s, from, rule->next);
        if (d->household != NULL) dev_household_moved(s, from, rule->next);
        s->world->state_changed(s->world->context, d, from, rule->next);
    }
    if (rule->act != NULL) rule->act(s);
    s->depth--;
}
