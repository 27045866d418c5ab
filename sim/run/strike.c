/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fault strikes: counted, named, told, and done to the cloud and to all streets. */
#include <stdio.h>
#include <string.h>

#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street.h"
#include "sim/run/run_private.h"
#include "sim/run/strike.h"

typedef struct strike_call {
    const fleet_fault *fault;
    const fleet_selection *selection;
    const void *order;
    uint8_t trigger;
} strike_call;

/* Faults that the run does as a whole, because what they do in one street depends on the others. */
static const struct {
    const fleet_fault *fault;
    int (*strike)(run *r, const fleet_selection *s, const void *order, char *why, size_t size);
} wholes[] = {
    {&fleet_fault_inject, run_inject},
    {&fleet_fault_offer_update, run_offer_update},
};

static int strike_street(run *r, uint32_t street, void *with) {
    const strike_call *c = with;
    return fleet_street_strike(r->streets[street], r->now, c->fault, c->selection, c->order,
                               c->trigger);
}

static uint64_t struck_count(const run *r, const strike_call *c) {
    uint64_t n = 0;
    for (uint32_t i = 0; c->fault->struck != NULL && i < r->street_count; i++)
        n += c->fault->struck(r->streets[i], c->selection);
    return n;
}

static int tell(run *r, const strike_call *c, uint64_t struck) {
    char line[RUN_STORY_TEXT];
    if (c->fault->tell == NULL) return run_tell(r, c->selection, c->fault->told);
    c->fault->tell(c->order, struck, line, sizeof line);
    return run_add_line(r, line);
}

static int strike_all(run *r, strike_call *c) {
    const fleet_fault *f = c->fault;
    const char *trigger = f->trigger == NULL ? NULL : *(const char *const *)c->order;
    const run_trigger what = {.struck = struck_count(r, c),
                              .power = f->power,
                              .everybody = f->reach == FLEET_REACH_CLOUD};
    int error = trigger == NULL ? 0 : run_add_trigger(r, trigger, &what, &c->trigger);
    if (error == 0) error = tell(r, c, what.struck);
    if (error != 0) return error;
    if (f->cloud != NULL) f->cloud(&r->capacity, r->now, c->order);
    return f->street == NULL ? 0 : run_each_street(r, strike_street, c);
}

int run_strike(run *r, const fleet_fault *f, const fleet_selection *s, const void *order, char *why,
               size_t size) {
    static const fleet_selection everybody = {.zone = UINT32_MAX};
    fleet_order own = {.bytes = {0}};
    SIM_PROMISE(r->in_drill && f->size <= sizeof own);
    why[0] = '\0';
    if (f->built_in_only && run_is_real(r)) return SIM_ESTATE;
    if (f->reach == FLEET_REACH_CLOUD) s = &everybody;
    if (order == NULL) order = f->usual;
    if (order != NULL) memcpy(own.bytes, order, f->size);
    const char *wrong = f->wrong == NULL ? NULL : f->wrong(&r->spec, r->now, s, &own);
    if (wrong != NULL) {
        (void)snprintf(why, size, "%s", wrong);
        return SIM_ERANGE;
    }
    for (size_t i = 0; i < sizeof wholes / sizeof wholes[0]; i++)
        if (wholes[i].fault == f) return wholes[i].strike(r, s, &own, why, size);
    strike_call c = {.fault = f, .selection = s, .order = &own};
    return strike_all(r, &c);
}
