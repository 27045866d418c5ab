/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/field.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/units.h"

bool sim_field_is_bounded(const sim_field *f) {
    return f->minimum != 0 || f->maximum != 0;
}

bool sim_field_holds(const sim_field *f, double value) {
    return !sim_field_is_bounded(f) || (value >= f->minimum && value <= f->maximum);
}

/* A bound as people write it. */
static const char *bound_text(const sim_field *f, double bound, char *text, size_t size) {
    if (f->kind == SIM_FIELD_DURATION || f->kind == SIM_FIELD_SPAN)
        return sim_units_duration_text((sim_time)bound, text, size);
    if (fabs(bound) < 1e15 && bound == floor(bound))
        snprintf(text, size, "%.0f", bound);
    else
        snprintf(text, size, "%.15g", bound);
    return text;
}

static void add_bounds(const sim_field *f, char *text, size_t size) {
    char low[64], high[64];
    size_t used = strlen(text);
    if (!sim_field_is_bounded(f)) return;
    bound_text(f, f->minimum, low, sizeof low);
    bound_text(f, f->maximum, high, sizeof high);
    if (isinf(f->minimum))
        snprintf(text + used, size - used, " of at most %s", high);
    else if (isinf(f->maximum))
        snprintf(text + used, size - used, " of at least %s", low);
    else
        snprintf(text + used, size - used, " from %s to %s", low, high);
}

/* A long list is cut, so that what comes after it is still read. */
static void list_choices(const sim_field *f, char *text, size_t size) {
    enum { LIST_MAX = 200 };
    size_t used = (size_t)snprintf(text, size, "one of "), left = 0, i = 0;
    for (; f->choices[i] != NULL && used < LIST_MAX && used < size; i++)
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s", i == 0 ? "" : ", ", f->choices[i]);
    for (; f->choices[i] != NULL; i++) left++;
    if (left > 0 && used < size) snprintf(text + used, size - used, " or %zu more", left);
}

char *sim_field_wanted(const sim_field *f, bool example, char *text, size_t size) {
    static const struct {
        const char *words, *example;
    } kinds[] = {
#define KIND_WORDS(name, word, type, wanted, example) {wanted, example},
        SIM_FIELD_MAP(KIND_WORDS)
#undef KIND_WORDS
    };
    if (f->kind == SIM_FIELD_CHOICE) {
        list_choices(f, text, size);
        return text;
    }
    snprintf(text, size, "%s", kinds[f->kind].words);
    add_bounds(f, text, size);
    size_t used = strlen(text);
    if (example) snprintf(text + used, size - used, "%s", kinds[f->kind].example);
    return text;
}
