/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/shared_value.h"

#include <stdio.h>
#include <string.h>

#include "devices/connection.h"
#include "devices/life.h"
#include "sim/core/heap.h"
#include "sim/core/units.h"

void dev_shared_value_again(dev_step *s) {
    dev_device *d = s->device;
    sim_time pause = dev_law_next(&d->profile->law, d->change_state, &d->law_stream);
    d->step_due = sim_time_add(sim_time_max(s->now, d->quiet_until), pause);
}

/* Without memory for it nothing is changed. */
static void begin(dev_step *s) {
    dev_device *d = s->device;
    if (d->change_state == NULL) d->change_state = sim_calloc(1, sizeof *d->change_state);
    if (d->change_state == NULL) return;
    dev_law_begin(d->change_state);
    dev_shared_value_again(s);
}

static void ask(dev_step *s) {
    dev_connection_ask(s, DEV_TAG_VALUE,
                       (net_ask){.kind = NET_ASK_READ, .topic = DEV_SHARED_VALUE_PATH});
}

/* The value as a number; what is none begins at 0. */
static double number_of(const net_answer *read) {
    char text[16];
    double value = 0;
    if (read->size >= sizeof text) return 0;
    if (read->size > 0) memcpy(text, read->body, read->size);
    text[read->size] = 0;
    return sim_units_number(text, &value) == 0 ? value : 0;
}

static void change(dev_step *s) {
    const net_answer *read = s->cause.answer;
    char text[32];
    int n = snprintf(text, sizeof text, "%.0f", number_of(read) + 1);
    dev_connection_ask(s, DEV_TAG_CHANGE,
                       (net_ask){.kind = NET_ASK_CHANGE,
                                 .topic = DEV_SHARED_VALUE_PATH,
                                 .edition = read->edition,
                                 .format = NET_FORMAT_TEXT,
                                 .body = (const uint8_t *)text,
                                 .size = (size_t)n});
}

static void rest(dev_step *s) {
    s->device->step_due = SIM_NEVER;
}

static dev_action *const actions[DEV_SHARED_EVENTS] = {
    [DEV_SHARED_WANTED] = begin,
    [DEV_SHARED_DUE] = ask,
    [DEV_SHARED_READ] = change,
    [DEV_SHARED_CHANGED] = rest,
    [DEV_SHARED_OVERTAKEN] = dev_shared_value_again,
};

void dev_shared_value_step(dev_step *s, dev_shared_event event, const net_answer *answer) {
    const dev_device *d = s->device;
    if (d->state != DEV_STATE_ONLINE || d->profile->model->life->sleeps) return;
    s->cause = (dev_cause){.answer = answer};
    actions[event](s);
    s->cause = (dev_cause){0};
}

bool dev_shared_value_answered(dev_step *s, const net_answer *answer) {
    bool taken = answer->kind == NET_TAKEN, of_change = answer->tag == DEV_TAG_CHANGE;
    if (taken && answer->tag == DEV_TAG_VALUE)
        dev_shared_value_step(s, DEV_SHARED_READ, answer);
    else if (taken && of_change)
        dev_shared_value_step(s, DEV_SHARED_CHANGED, answer);
    else if (answer->kind == NET_OVERTAKEN && of_change)
        dev_shared_value_step(s, DEV_SHARED_OVERTAKEN, answer);
    else
        return false;
    return true;
}
