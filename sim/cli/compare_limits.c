/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/compare_limits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lua/names.h"
#include "sim/core/units.h"
#include "sim/judge/words.h"

static cli_exit refuse(const char *text, cli_trouble *t) {
    return cli_fail(t, CLI_EXIT_USAGE,
                    "no limit: %.80s (--fail-on): write verdict, 'MEASURE>+20%%' or "
                    "'MEASURE<-20%%', as in 'time to 95 %% online>+20%%'",
                    text);
}

/* "+20%" behind '>', "-20%" behind '<'. */
static bool read_percent(const char *sign, double *percent) {
    double part;
    if (sign[1] != (*sign == '>' ? '+' : '-')) return false;
    if (strchr(sign, '%') == NULL || sim_units_fraction(sign + 2, &part) != 0) {
        /* above 100 % it is no fraction of ours */
        char digits[24];
        size_t n = strcspn(sign + 2, "%");
        if (n == 0 || n >= sizeof digits || strcmp(sign + 2 + n, "%") != 0) return false;
        memcpy(digits, sign + 2, n);
        digits[n] = '\0';
        if (sim_units_number(digits, &part) != 0 || part < 0) return false;
        part /= 100;
    }
    *percent = (*sign == '>' ? 100 : -100) * part;
    return true;
}

cli_exit cli_limits_take(cli_limits *l, const char *text, cli_trouble *t) {
    if (l->count == CLI_LIMITS_MAX)
        return cli_fail(t, CLI_EXIT_USAGE, "too many limits (--fail-on): give at most %d",
                        CLI_LIMITS_MAX);
    cli_limit *one = &l->items[l->count];
    *one = (cli_limit){.text = text};
    if (strcmp(text, "verdict") != 0) {
        const char *sign = strpbrk(text, "<>");
        size_t n = sign == NULL ? 0 : (size_t)(sign - text);
        if (n == 0 || n >= sizeof one->measure || !read_percent(sign, &one->percent))
            return refuse(text, t);
        memcpy(one->measure, text, n);
        one->measure[n] = '\0';
    }
    l->count++;
    return CLI_EXIT_PASS;
}

static cli_exit check_verdict(const report_values *a, const report_values *b, cli_trouble *t) {
    if (a->verdict == b->verdict || judge_verdict_worse(a->verdict, b->verdict) != b->verdict)
        return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_FAILED, "B is worse than A (--fail-on verdict): %s became %s",
                    judge_verdict_word(a->verdict), judge_verdict_word(b->verdict));
}

/* A measure that neither run has is a misspelt one. */
static cli_exit unknown(const cli_limit *l, const report_values *a, cli_trouble *t) {
    const char *names[REPORT_READ_VALUES_MAX];
    for (size_t i = 0; i < a->count; i++) names[i] = a->items[i].name;
    const char *near = script_names_near(l->measure, names, a->count);
    return cli_fail(t, CLI_EXIT_USAGE, "neither run has a measure '%.60s' (--fail-on)%s%.60s%s",
                    l->measure,
                    near == NULL ? ": compare without it shows them" : ": did you mean '",
                    near == NULL ? "" : near, near == NULL ? "" : "'?");
}

static bool is_passed(const cli_limit *l, double a, double b) {
    double limit = a + fabs(a) * l->percent / 100;
    return l->percent >= 0 && l->text[strcspn(l->text, "<>")] == '>' ? b > limit : b < limit;
}

static cli_exit check_measure(const cli_limit *l, const report_values *a, const report_values *b,
                              cli_trouble *t) {
    char from[JUDGE_WORD_MAX], to[JUDGE_WORD_MAX];
    const report_value *in_a = report_values_find(a, l->measure),
                       *in_b = report_values_find(b, l->measure);
    if (in_a == NULL && in_b == NULL) return unknown(l, a, t);
    bool known_a = in_a != NULL && !isnan(in_a->value),
         known_b = in_b != NULL && !isnan(in_b->value);
    if (!known_a || !known_b)
        return cli_fail(t, CLI_EXIT_INCONCLUSIVE,
                        "cannot be compared: %.60s (--fail-on): %s could not measure it",
                        l->measure,
                        known_a   ? "B"
                        : known_b ? "A"
                                  : "neither run");
    if (!is_passed(l, in_a->value, in_b->value)) return CLI_EXIT_PASS;
    judge_words_beside(in_a->value, in_b->value, from, sizeof from);
    judge_words_beside(in_b->value, in_a->value, to, sizeof to);
    return cli_fail(t, CLI_EXIT_FAILED, "B is worse than A (--fail-on '%.80s'): %s became %s%s%s",
                    l->text, from, to, in_b->unit[0] == '\0' ? "" : " ", in_b->unit);
}

cli_exit cli_limits_check(const cli_limits *l, const report_values *a, const report_values *b,
                          cli_trouble *t) {
    static const cli_exit gravest[] = {CLI_EXIT_USAGE, CLI_EXIT_FAILED, CLI_EXIT_INCONCLUSIVE};
    for (size_t k = 0; k < sizeof gravest / sizeof *gravest; k++)
        for (size_t i = 0; i < l->count; i++) {
            cli_trouble one = {0};
            cli_exit found = l->items[i].measure[0] == '\0'
                                 ? check_verdict(a, b, &one)
                                 : check_measure(&l->items[i], a, b, &one);
            if (found != gravest[k]) continue;
            *t = one;
            return found;
        }
    return CLI_EXIT_PASS;
}
