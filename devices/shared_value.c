/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/shared_value.h"

#include <stdio.h>
#include <string.h>

#include "devices/connection.h"
#include "sim/core/units.h"

void dev_act_change_again(dev_step *s) {
    dev_device *d = s->device;
    sim_time pause = dev_law_next(&d->profile->law, &d->change_state, &d->law_stream);
    d->step_due = sim_time_add(sim_time_max(s->now, d->quiet_until), pause);
}

void dev_act_change_begin(dev_step *s) {
    dev_law_begin(&s->device->change_state);
    dev_act_change_again(s);
}

void dev_act_change_read(dev_step *s) {
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

void dev_act_change_write(dev_step *s) {
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

void dev_act_change_done(dev_step *s) {
    s->device->step_due = SIM_NEVER;
}
