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
    dev_connection_request(
        s, DEV_TAG_VALUE,
        (net_coap_request){
            .method = NET_COAP_GET, .path = DEV_SHARED_VALUE_PATH, .format = NET_COAP_FORMAT_NONE});
}

/* The value as a number; what is none begins at 0. */
static double number_of(const net_coap_response *read) {
    char text[16];
    double value = 0;
    if (read->payload_size >= sizeof text) return 0;
    if (read->payload_size > 0) memcpy(text, read->payload, read->payload_size);
    text[read->payload_size] = 0;
    return sim_units_number(text, &value) == 0 ? value : 0;
}

void dev_act_change_write(dev_step *s) {
    const net_coap_response *read = s->cause.response;
    char text[32];
    int n = snprintf(text, sizeof text, "%.0f", number_of(read) + 1);
    dev_connection_request(s, DEV_TAG_CHANGE,
                           (net_coap_request){.method = NET_COAP_PUT,
                                              .path = DEV_SHARED_VALUE_PATH,
                                              .if_match = read->entity_tag,
                                              .format = NET_COAP_FORMAT_TEXT,
                                              .payload = (const uint8_t *)text,
                                              .payload_size = (size_t)n});
}

void dev_act_change_done(dev_step *s) {
    s->device->step_due = SIM_NEVER;
}
