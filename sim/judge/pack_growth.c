/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constant, linear or exponential: which of the three curves, each with a plateau at its end, lies
 * nearest to the medians of the pauses. */
#include <math.h>

#include "sim/judge/pack.h"

enum { FEWEST = 4, STEPS = 80 };

/* A rise by less is none, whatever fits. */
static const double rise_minimum = 1.3;
/* The better of two curves leaves half the squares of the other, of which 5 % a pause count for
 * nothing: that much a clock, a scheduler and a network do. */
static const double better = 2, slack = 0.05;

typedef double curve(double parameter, double steps); /* logarithm, over its beginning */

static double linear(double slope, double steps) {
    return log1p(slope * steps);
}

static double exponential(double rate, double steps) {
    return rate * steps;
}

typedef struct fit {
    double squares, parameter, rise;
} fit;

/* Squares of the logarithms about the curve that rises for `plateau` steps. */
static double squares_of(const double *logs, size_t n, curve *of, double parameter,
                         size_t plateau) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += logs[i] - of(parameter, (double)(i < plateau ? i : plateau));
    for (size_t i = 0; i < n; i++) {
        double off = logs[i] - of(parameter, (double)(i < plateau ? i : plateau)) - sum / (double)n;
        squares += off * off;
    }
    return squares;
}

/* The parameter goes from `low` to `high` in steps that multiply. */
static fit best_between(const double *logs, size_t n, curve *of, double low, double high) {
    fit best = {.squares = INFINITY};
    for (int s = 0; s <= STEPS; s++) {
        double parameter = low * pow(high / low, (double)s / STEPS);
        for (size_t plateau = 1; plateau < n; plateau++) {
            double squares = squares_of(logs, n, of, parameter, plateau);
            if (squares < best.squares)
                best = (fit){squares, parameter, exp(of(parameter, (double)plateau))};
        }
    }
    return best;
}

/* And once more between the neighbours of the best of these steps. */
static fit best_of(const double *logs, size_t n, curve *of, double low, double high) {
    const double step = pow(high / low, 1.0 / STEPS);
    const double about = best_between(logs, n, of, low, high).parameter;
    return best_between(logs, n, of, about / step, about * step);
}

/* The rate of all pauses: a plateau that they do not surely have excuses none of them. */
static double overall_rate(const double *logs, size_t n) {
    double rising = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        const double at = (double)i - (double)(n - 1) / 2;
        rising += at * logs[i];
        squares += at * at;
    }
    return rising / squares;
}

static double factor_of(double growth, const double *logs, size_t n, const fit *power) {
    if (growth == JUDGE_GROWTH_CONSTANT) return 1;
    return exp(growth == JUDGE_GROWTH_EXPONENTIAL ? power->parameter : overall_rate(logs, n));
}

static double growth_of(const fit *line, const fit *power, double none, double allowed) {
    const fit *best = line->squares < power->squares ? line : power;
    if (best->rise < rise_minimum || none + allowed < better * (best->squares + allowed))
        return JUDGE_GROWTH_CONSTANT;
    if (power->squares + allowed < (line->squares + allowed) / better)
        return JUDGE_GROWTH_EXPONENTIAL;
    if (line->squares + allowed < (power->squares + allowed) / better) return JUDGE_GROWTH_LINEAR;
    return NAN;
}

judge_pack_curve judge_pack_growth(const double *median_s, size_t n) {
    double logs[JUDGE_PACK_RETRIES_MAX];
    if (n < FEWEST) return (judge_pack_curve){NAN, NAN, NAN};
    for (size_t i = 0; i < n; i++) logs[i] = log(fmax(median_s[i], 1e-3));
    const double none = squares_of(logs, n, linear, 0, 1);
    const fit line = best_of(logs, n, linear, 0.02, 50);
    const fit power = best_of(logs, n, exponential, 0.02, 2.5);
    judge_pack_curve c = {.growth = growth_of(&line, &power, none, slack * slack * (double)n)};
    const bool constant = c.growth == JUDGE_GROWTH_CONSTANT;
    /* a level, a slope and a plateau are taken from the pauses themselves */
    const double squares = constant ? none : fmin(line.squares, power.squares);
    c.factor = factor_of(c.growth, logs, n, &power);
    c.off = sqrt(squares / (double)(constant ? n - 1 : n - 3));
    return c;
}
