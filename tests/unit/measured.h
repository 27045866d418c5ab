/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/measured.h - a measure of a finding by its name: what a verdict stands on is compared,
 * and not the sentence about it. */
#ifndef TESTS_UNIT_MEASURED_H
#define TESTS_UNIT_MEASURED_H

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "sim/judge/finding.h"
#include "tests/unit/with_cmocka.h"

/* A test that asks for one that is not there fails. */
static inline const judge_measure *measured(const judge_finding *f, const char *name) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (strcmp(f->measures[i].name, name) == 0) return &f->measures[i];
    fail_msg("%s: no measure \"%s\"", f->unit, name);
    return NULL;
}

/* The value, where NAN is as good as NAN. */
static inline bool measured_is(const judge_finding *f, const char *name, double value) {
    double found = measured(f, name)->value;
    return isnan(value) ? isnan(found) : fabs(found - value) <= 1e-9 * fmax(1, fabs(value));
}

#endif
