/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/model.h"

#include <string.h>

#include "sim/core/error.h"

const dev_model *const dev_models[] = {&dev_thermostat, NULL};

const dev_model *dev_model_named(const char *name) {
    for (size_t i = 0; dev_models[i] != NULL; i++) {
        if (strcmp(dev_models[i]->name, name) == 0) return dev_models[i];
    }
    return NULL;
}

void dev_model_step(dev_step *s, dev_event event) {
    dev_device *d = s->device;
    dev_state from = (dev_state)d->state;
    const dev_rule *rule = &d->profile->model->rules[from][event];
    if (!rule->handled) {
        s->counts->ignored[from][event]++;
        return;
    }
    SIM_PROMISE(s->depth < DEV_STEP_DEPTH_MAX);
    s->depth++;
    s->event = event;
    s->from = from;
    d->state = (uint8_t)rule->next;
    if (rule->next != from) s->world->state_changed(s->world->context, d, from, rule->next);
    if (rule->act != NULL) rule->act(s);
    s->depth--;
}
