/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/sums.h"

void fleet_sums_add(fleet_sums *into, const fleet_sums *from) {
#define ADD(name) into->name += from->name;
#define ADD_LIST(name, count) \
    for (int i = 0; i < (count); i++) into->name[i] += from->name[i];
    dev_counts_add(&into->devices, &from->devices);
    FLEET_SUMS_MAP(ADD)
    FLEET_SUMS_LISTS_MAP(ADD_LIST)
#undef ADD
#undef ADD_LIST
}

void fleet_sums_answered(fleet_sums *s, const net_protocol *protocol, const net_answer *answer) {
    if (answer->kind == NET_UNANSWERED || answer->detail >= FLEET_ANSWER_NUMBERS) return;
    s->answers[net_protocol_answering(protocol) * FLEET_ANSWER_NUMBERS + answer->detail]++;
}

const char *fleet_answer_text(uint32_t at) {
    const net_protocol *p = net_protocols[at / FLEET_ANSWER_NUMBERS];
    return p->answer_text != NULL ? p->answer_text((uint16_t)(at % FLEET_ANSWER_NUMBERS)) : NULL;
}
