/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide; /* exact products of a mantissa and a unit */

/* mantissa * 10^exponent, exactly what was typed unless `inexact`. */
typedef struct decimal {
    uint64_t mantissa;
    int exponent;
    bool inexact; /* digits other than 0 did not fit */
} decimal;

enum {
    EXPONENT_LIMIT = 100000, /* far beyond any double, far below any int */
    /* with it no digits can make up for an exponent that was cut at its limit */
    TEXT_LIMIT = 100
};

static bool too_long(const char *text) {
    return strnlen(text, TEXT_LIMIT + 1) > TEXT_LIMIT;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static void shift(decimal *d, int by) {
    d->exponent += by;
    if (d->exponent > EXPONENT_LIMIT) d->exponent = EXPONENT_LIMIT;
    if (d->exponent < -EXPONENT_LIMIT) d->exponent = -EXPONENT_LIMIT;
}

/* Takes the digits at `at`; `step` is what one more digit does to the exponent once it is kept (0
 * or -1). `full` says that an earlier digit did not fit: then none of the later ones may, or their
 * places would shift. */
static const char *take_digits(decimal *d, bool *full, const char *at, int step) {
    for (; is_digit(*at); at++) {
        unsigned digit = (unsigned)(*at - '0');
        *full = *full || d->mantissa > (UINT64_MAX - digit) / 10;
        if (!*full) {
            d->mantissa = d->mantissa * 10 + digit;
            shift(d, step);
        } else {
            d->inexact = d->inexact || digit != 0;
            shift(d, step + 1);
        }
    }
    return at;
}

/* digits [ "." digits ]; NULL when that is not what stands there, else the end. */
static const char *take_decimal(decimal *d, const char *at) {
    bool full = false;
    *d = (decimal){0};
    if (!is_digit(*at)) return NULL;
    at = take_digits(d, &full, at, 0);
    if (*at != '.') return at;
    if (!is_digit(at[1])) return NULL;
    return take_digits(d, &full, at + 1, -1);
}

/* [ "e" ["+" | "-"] digits ]; NULL when an "e" has no number after it. */
static const char *take_exponent(decimal *d, const char *at) {
    if (*at != 'e' && *at != 'E') return at;
    at++;
    bool negative = *at == '-';
    if (*at == '-' || *at == '+') at++;
    if (!is_digit(*at)) return NULL;
    int exponent = 0;
    for (; is_digit(*at); at++)
        if (exponent < EXPONENT_LIMIT) exponent = exponent * 10 + (*at - '0');
    if (exponent > EXPONENT_LIMIT) exponent = EXPONENT_LIMIT;
    shift(d, negative ? -exponent : exponent);
    return at;
}

/* [ "-" ] decimal [ exponent ] at the start of a text; the end, or NULL when that is not what
 * stands there. */
static const char *take_number(decimal *d, bool *negative, const char *text) {
    if (too_long(text)) return NULL;
    *negative = *text == '-';
    const char *at = take_decimal(d, *negative ? text + 1 : text);
    return at == NULL ? NULL : take_exponent(d, at);
}

/* The same with a suffix, up to the end of the text. */
static int read_number(decimal *d, bool *negative, const char *text) {
    const char *at = take_number(d, negative, text);
    if (at == NULL) return SIM_EPARSE;
    if (*at == 'k' || *at == 'M' || *at == 'G') {
        shift(d, *at == 'k' ? 3 : *at == 'M' ? 6 : 9);
        at++;
    }
    return *at == '\0' ? 0 : SIM_EPARSE;
}

/* Nearest double. The text handed to strtod holds no decimal point, so no locale can misread it,
 * and nothing that strtod takes beyond decimal numbers. */
static double decimal_double(const decimal *d) {
    char text[40];
    snprintf(text, sizeof text, "%" PRIu64 "e%d", d->mantissa, d->exponent);
    return strtod(text, NULL);
}

int sim_units_number(const char *text, double *out) {
    decimal d;
    bool negative;
    int error = read_number(&d, &negative, text);
    if (error != 0) return error;
    double value = decimal_double(&d);
    if (!isfinite(value)) return SIM_ERANGE;
    *out = negative && value > 0 ? -value : value;
    return 0;
}

/* The number if it is whole and fits. */
static int decimal_whole(decimal d, uint64_t *out) {
    if (d.inexact) return SIM_ERANGE;
    for (; d.mantissa != 0 && d.exponent < 0; d.exponent++) {
        if (d.mantissa % 10 != 0) return SIM_ERANGE;
        d.mantissa /= 10;
    }
    for (; d.mantissa != 0 && d.exponent > 0; d.exponent--) {
        if (d.mantissa > UINT64_MAX / 10) return SIM_ERANGE;
        d.mantissa *= 10;
    }
    *out = d.mantissa;
    return 0;
}

int sim_units_count(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *out) {
    decimal d;
    bool negative;
    uint64_t value;
    int error = read_number(&d, &negative, text);
    if (error == 0) error = decimal_whole(d, &value);
    if (error != 0) return error;
    if ((negative && value != 0) || value < minimum || value > maximum) return SIM_ERANGE;
    *out = value;
    return 0;
}

int sim_units_fraction(const char *text, double *out) {
    decimal d;
    bool negative;
    const char *at = take_number(&d, &negative, text);
    if (at == NULL) return SIM_EPARSE;
    if (*at == '%') {
        shift(&d, -2);
        at++;
    }
    if (*at != '\0') return SIM_EPARSE;
    double value = decimal_double(&d);
    if (value > 1 || (negative && value > 0)) return SIM_ERANGE;
    *out = value;
    return 0;
}

static const struct {
    const char *name;
    sim_time span;
} time_units[] = {
    {"ns", 1},         {"us", SIM_MICROSECOND}, {"ms", SIM_MILLISECOND}, {"s", SIM_SECOND},
    {"m", SIM_MINUTE}, {"h", SIM_HOUR},         {"d", SIM_DAY},
};

static const sim_time longest = 36525 * SIM_DAY; /* 100 Julian years */

/* The letters at `at` as a unit, or NULL; 0 in *span when there is none. */
static const char *take_time_unit(const char *at, sim_time *span) {
    size_t n = strspn(at, "abcdefghijklmnopqrstuvwxyz");
    *span = 0;
    for (size_t i = 0; i < sizeof time_units / sizeof time_units[0]; i++)
        if (strlen(time_units[i].name) == n && memcmp(time_units[i].name, at, n) == 0)
            *span = time_units[i].span;
    return at + n;
}

/* d * span to the nearest nanosecond; beyond `longest` when it is longer than that. */
static sim_time decimal_span(const decimal *d, sim_time span) {
    wide value = (wide)d->mantissa * (wide)span; /* below 2^64 * 2^47 */
    if (value == 0) return 0;
    if (d->exponent > 0) return longest + 1; /* digits overflowed: above 10^18 units */
    if (d->exponent < -37) return 0;         /* 2^111 < 10^34: below half a nanosecond */
    wide divisor = 1;
    for (int i = 0; i < -d->exponent; i++) divisor *= 10;
    value = (value + divisor / 2) / divisor;
    return value > (wide)longest ? longest + 1 : (sim_time)value;
}

int sim_units_duration(const char *text, sim_time *out) {
    if (too_long(text)) return SIM_EPARSE;
    bool negative = *text == '-';
    const char *start = negative ? text + 1 : text, *at = start;
    sim_time sum = 0;
    do {
        decimal d;
        sim_time span;
        bool first = at == start;
        at = take_decimal(&d, at);
        if (at == NULL) return SIM_EPARSE;
        at = take_time_unit(at, &span);
        /* Only a lone zero needs no unit. */
        if (span == 0 && !(first && *at == '\0' && is_digit(at[-1]) && d.mantissa == 0))
            return SIM_EPARSE;
        sum = sim_time_min(sum + decimal_span(&d, span), longest + 1);
    } while (*at != '\0');
    if (negative || sum > longest) return SIM_ERANGE;
    *out = sum;
    return 0;
}

char *sim_units_number_text(double value, char *text, size_t size) {
    SIM_PROMISE(size >= 16);
    double magnitude = fabs(value);
    /* The borders lie where three digits would show 1000 of the smaller unit. */
    if (magnitude >= 999.5e9 || !(magnitude >= 999.5))
        snprintf(text, size, "%.3g", value);
    else if (magnitude < 999.5e3)
        snprintf(text, size, "%.3gk", value / 1e3);
    else if (magnitude < 999.5e6)
        snprintf(text, size, "%.3gM", value / 1e6);
    else
        snprintf(text, size, "%.3gG", value / 1e9);
    return text;
}

char *sim_units_duration_text(sim_time t, char *text, size_t size) {
    static const struct {
        sim_time span;
        char letter;
    } whole[] = {{SIM_DAY, 'd'}, {SIM_HOUR, 'h'}, {SIM_MINUTE, 'm'}};
    size_t used = 0;
    if (t == 0) snprintf(text, size, "0s");
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        if (t < whole[i].span) continue;
        used += (size_t)snprintf(text + used, size - used, "%" PRId64 "%c", t / whole[i].span,
                                 whole[i].letter);
        t %= whole[i].span;
    }
    if (t == 0) return text;
    bool small = used == 0 && t < SIM_SECOND;
    sim_time unit = small ? SIM_MILLISECOND : SIM_SECOND;
    int digits = small ? 6 : 9;
    sim_time part = t % unit;
    while (digits > 0 && part % 10 == 0) {
        part /= 10;
        digits--;
    }
    used += (size_t)snprintf(text + used, size - used, "%" PRId64, t / unit);
    if (digits > 0) used += (size_t)snprintf(text + used, size - used, ".%0*" PRId64, digits, part);
    snprintf(text + used, size - used, "%s", small ? "ms" : "s");
    return text;
}
