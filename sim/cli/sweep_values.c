/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sweep_values.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "sim/cli/text.h"
#include "sim/core/heap.h"
#include "sim/core/units.h"

enum { NUMBER_MAX = 100, DIGITS = 3 };
static const double most_of_a_range = 1e12; /* of an end of a range */

typedef enum kind { KIND_NUMBER, KIND_PERCENT, KIND_DURATION } kind;

/* One end of a range. Percentages are kept as they are written, durations in seconds. */
typedef struct quantity {
    kind kind;
    double value;
    bool whole;
} quantity;

typedef struct range {
    quantity from, to;
    double step;    /* by addition; 0: by multiplication, in */
    bool whole;     /* so are the steps */
    uint64_t steps; /* so many */
} range;

void cli_sweep_values_deinit(cli_sweep_values *v) {
    for (size_t i = 0; i < v->count; i++) sim_free(v->items[i]);
    sim_free(v->items);
    *v = (cli_sweep_values){0};
}

static cli_exit no_memory(cli_trouble *t) {
    return cli_fail(t, CLI_EXIT_INTERNAL, "out of memory (--vary): free some and try again");
}

/* Adds `n` bytes of `text`. */
static cli_exit add(cli_sweep_values *v, const char *name, const char *text, size_t n,
                    cli_trouble *t) {
    if (n == 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "a value of %.80s is empty (--vary): write %.80s=VALUE,VALUE", name, name);
    for (size_t i = 0; i < v->count; i++)
        if (strlen(v->items[i]) == n && memcmp(v->items[i], text, n) == 0)
            return cli_fail(t, CLI_EXIT_USAGE,
                            "the value %.*s of %.80s stands twice (--vary): give it once",
                            (int)(n < 80 ? n : 80), text, name);
    if (v->count == CLI_SWEEP_VALUES_MAX)
        return cli_fail(t, CLI_EXIT_USAGE, "too many values of %.80s (--vary): give at most %d",
                        name, CLI_SWEEP_VALUES_MAX);
    char *copy = sim_malloc(n + 1);
    if (copy == NULL) return no_memory(t);
    memcpy(copy, text, n);
    copy[n] = '\0';
    v->items[v->count++] = copy;
    return CLI_EXIT_PASS;
}

static bool read_quantity(const char *text, size_t n, quantity *out) {
    char copy[NUMBER_MAX];
    sim_time duration;
    if (n == 0 || n >= sizeof copy) return false;
    memcpy(copy, text, n);
    copy[n] = '\0';
    *out = (quantity){.kind = KIND_NUMBER};
    if (sim_units_number(copy, &out->value) != 0) {
        out->kind = KIND_DURATION;
        if (sim_units_duration(copy, &duration) == 0) {
            out->value = sim_time_seconds(duration);
        } else {
            out->kind = KIND_PERCENT;
            if (sim_units_fraction(copy, &out->value) != 0) return false;
            out->value *= 100;
        }
    }
    if (fabs(out->value) > most_of_a_range) return false;
    out->whole = out->kind == KIND_NUMBER && out->value == floor(out->value);
    return true;
}

/* Whether a part of the list is a range: two quantities of a kind with ".." between them. Words may
 * hold dots as they like. */
static bool is_range(const char *text, size_t n, range *out, const char **rest) {
    const char *dots = memmem(text, n, "..", 2), *end = text + n;
    if (dots == NULL) return false;
    size_t first = (size_t)(dots - text), second = 0;
    const char *to = dots + 2;
    while (to + second < end && to[second] != '/' && to[second] != ':') second++;
    *rest = to + second;
    return read_quantity(text, first, &out->from) && read_quantity(to, second, &out->to);
}

static cli_exit check_range(const range *r, const char *name, cli_trouble *t) {
    if (r->from.kind != r->to.kind && r->from.value != 0)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "the ends of the range of %.80s have different units (--vary): write both alike, as in "
            "10s..2m or 5%%..50%%",
            name);
    if (r->from.value > r->to.value)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "the range of %.80s runs backwards (--vary): write the smaller end first",
                        name);
    if (r->step == 0 && r->from.value <= 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "steps of the range of %.80s multiply, so it cannot begin at %g (--vary): "
                        "say how much to add, "
                        "as in %g..%g:STEP",
                        name, r->from.value, r->from.value, r->to.value);
    return CLI_EXIT_PASS;
}

/* What follows the range: "/STEPS", ":STEP" or nothing. */
static cli_exit read_steps(range *r, const char *name, const char *rest, size_t n, cli_trouble *t) {
    quantity by;
    r->step = 0;
    r->steps = CLI_SWEEP_STEPS;
    r->whole = r->from.whole && r->to.whole;
    if (n == 0) return CLI_EXIT_PASS;
    bool good = read_quantity(rest + 1, n - 1, &by) && by.value > 0;
    if (*rest == ':' && good && by.kind == r->to.kind) {
        r->step = by.value;
        r->whole = r->whole && by.whole;
        return CLI_EXIT_PASS;
    }
    if (*rest == '/' && good && by.whole && by.value >= 2 && by.value <= CLI_SWEEP_VALUES_MAX) {
        r->steps = (uint64_t)by.value;
        return CLI_EXIT_PASS;
    }
    return cli_fail(t, CLI_EXIT_USAGE,
                    "no steps for the range of %.80s: %.*s (--vary): write FROM..TO/STEPS with 2 "
                    "to %d steps, or "
                    "FROM..TO:STEP with what to add, in the same unit",
                    name, (int)(n < 80 ? n : 80), rest, CLI_SWEEP_VALUES_MAX);
}

/* Three digits, whole where the ends are. Ends are written as they are. */
static const char *write_value(const range *r, double value, bool end, char text[NUMBER_MAX]) {
    static const char *const units[] = {
        [KIND_NUMBER] = "", [KIND_PERCENT] = "%", [KIND_DURATION] = "s"};
    int before = value > 0 ? (int)floor(log10(value)) + 1 : 1;
    double unit = end ? 1e-6 : pow(10, before - DIGITS);
    if (r->whole && unit < 1) unit = 1;
    double rounded = round(value / unit) * unit;
    snprintf(text, NUMBER_MAX, "%.9f", rounded);
    /* there is a point */
    for (size_t n = strlen(text); text[n - 1] == '0' || text[n - 1] == '.'; n--) {
        bool point = text[n - 1] == '.';
        text[n - 1] = '\0';
        if (point) break;
    }
    strncat(text, units[r->to.kind], NUMBER_MAX - strlen(text) - 1);
    return text;
}

static cli_exit add_rounded(cli_sweep_values *v, const range *r, const char *name, double value,
                            bool end, cli_trouble *t) {
    char text[NUMBER_MAX];
    write_value(r, value, end, text);
    if (v->count > 0 && strcmp(v->items[v->count - 1], text) == 0)
        return CLI_EXIT_PASS; /* whole steps may meet */
    return add(v, name, text, strlen(text), t);
}

static cli_exit add_range(cli_sweep_values *v, const range *r, const char *name, cli_trouble *t) {
    double from = r->from.value, to = r->to.value;
    cli_exit trouble = CLI_EXIT_PASS;
    if (r->step > 0 && (to - from) / r->step >= CLI_SWEEP_VALUES_MAX)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "too many steps in the range of %.80s (--vary): give at most %d", name,
                        CLI_SWEEP_VALUES_MAX);
    uint64_t last = r->step > 0 ? (uint64_t)floor((to - from) / r->step + 1e-9) : r->steps - 1;
    for (uint64_t i = 0; i <= last && trouble == CLI_EXIT_PASS; i++) {
        double along = (double)i / (double)(last > 0 ? last : 1);
        double value = r->step > 0 ? from + (double)i * r->step
                       : i == last ? to
                                   : from * pow(to / from, along);
        trouble = add_rounded(v, r, name, value, r->step > 0 || i == 0 || i == last, t);
    }
    return trouble;
}

static cli_exit add_part(cli_sweep_values *v, const char *name, const char *text, size_t n,
                         cli_trouble *t) {
    range r = {0};
    const char *rest = NULL;
    if (!is_range(text, n, &r, &rest)) return add(v, name, text, n, t);
    cli_exit trouble = read_steps(&r, name, rest, (size_t)(text + n - rest), t);
    if (trouble == CLI_EXIT_PASS) trouble = check_range(&r, name, t);
    return trouble == CLI_EXIT_PASS ? add_range(v, &r, name, t) : trouble;
}

cli_exit cli_sweep_values_read(cli_sweep_values *out, const char *name, const char *text,
                               cli_trouble *t) {
    *out = (cli_sweep_values){.items = sim_calloc(CLI_SWEEP_VALUES_MAX, sizeof *out->items)};
    if (out->items == NULL) return no_memory(t);
    for (const char *part = text;; part++) {
        size_t n = strcspn(part, ",");
        cli_exit trouble = add_part(out, name, part, n, t);
        if (trouble != CLI_EXIT_PASS) return trouble;
        part += n;
        if (*part == '\0') return CLI_EXIT_PASS;
    }
}
