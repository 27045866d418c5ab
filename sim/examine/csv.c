/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/examine/csv.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 64, EXACT_POWER_MAX = 22, EXPONENT_MAX = 9999 };

static examine_field trimmed(const char *from, const char *to) {
    while (from < to && (*from == ' ' || *from == '\t')) from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t')) to--;
    return (examine_field){from, (size_t)(to - from)};
}

/* A field that begins with a quote, at *at; its doubled quotes become one, in place. *at moves to
 * its comma or to the end. */
static examine_field unquoted(char **at, const char *end) {
    char *from = *at + 1, *to = from, *p = from;
    while (p < end) {
        if (*p == '"' && (p + 1 == end || p[1] != '"')) break;
        if (*p == '"') p++;
        *to++ = *p++;
    }
    const char *comma = memchr(p, ',', (size_t)(end - p));
    *at = comma == NULL ? p + (end - p) : p + (comma - p);
    return (examine_field){from, (size_t)(to - from)};
}

static examine_field plain(char **at, const char *end) {
    char *from = *at;
    char *comma = memchr(from, ',', (size_t)(end - from));
    *at = comma == NULL ? from + (end - from) : comma;
    return trimmed(from, *at);
}

size_t examine_csv_split(char *line, size_t n, examine_field *fields, size_t max) {
    if (n > 0 && line[n - 1] == '\r') n--;
    const char *end = line + n;
    size_t count = 0;
    for (char *at = line; count < max; at++) {
        while (at < end && *at == ' ') at++;
        fields[count++] = at < end && *at == '"' ? unquoted(&at, end) : plain(&at, end);
        if (at == end) break;
    }
    return count;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* `digits` digits at *at as a number; moves behind them. -1: they are not there. */
static int fixed_digits(const char **at, const char *end, int digits) {
    int value = 0;
    if (end - *at < digits) return -1;
    for (int i = 0; i < digits; i++) {
        if (!is_digit((*at)[i])) return -1;
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += digits;
    return value;
}

static bool take(const char **at, const char *end, char c) {
    if (*at == end || **at != c) return false;
    ++*at;
    return true;
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar: years begin in March, so that the leap
 * day comes last. */
static int64_t days_from_date(int year, int month, int day) {
    const int64_t y = month <= 2 ? year - 1 : year;
    const int64_t m = month <= 2 ? month + 9 : month - 3;
    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool read_date(const char **at, const char *end, int64_t *days) {
    const int year = fixed_digits(at, end, 4);
    if (!take(at, end, '-')) return false;
    const int month = fixed_digits(at, end, 2);
    if (!take(at, end, '-')) return false;
    const int day = fixed_digits(at, end, 2);
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = days_from_date(year, month, day);
    return true;
}

static double read_fraction(const char **at, const char *end) {
    double fraction = 0, place = 0.1;
    for (; *at < end && is_digit(**at); ++*at, place /= 10) fraction += place * (**at - '0');
    return fraction;
}

/* HH:MM[:SS[.fraction]] */
static bool read_clock(const char **at, const char *end, double *seconds) {
    const int hour = fixed_digits(at, end, 2);
    if (!take(at, end, ':')) return false;
    const int minute = fixed_digits(at, end, 2);
    int second = 0;
    double fraction = 0;
    if (take(at, end, ':')) {
        second = fixed_digits(at, end, 2);
        if (take(at, end, '.')) fraction = read_fraction(at, end);
    }
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;
    *seconds = hour * 3600 + minute * 60 + second + fraction;
    return true;
}

/* Z, +HH:MM or -HH:MM; nothing is UTC. */
static bool read_zone(const char **at, const char *end, double *seconds) {
    *seconds = 0;
    if (*at == end || take(at, end, 'Z') || take(at, end, 'z')) return true;
    const bool east = take(at, end, '+');
    if (!east && !take(at, end, '-')) return false;
    const int hour = fixed_digits(at, end, 2);
    take(at, end, ':');
    const int minute = fixed_digits(at, end, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return false;
    *seconds = (east ? 1 : -1) * (hour * 3600 + minute * 60);
    return true;
}

bool examine_csv_time(examine_field f, double *seconds) {
    const char *at = f.text, *end = f.text + f.n;
    if (f.n < 5 || f.text[4] != '-') return examine_csv_number(f, seconds);
    int64_t days = 0;
    double clock = 0, zone = 0;
    if (!read_date(&at, end, &days)) return false;
    if (at < end) {
        if (*at != 'T' && *at != 't' && *at != ' ') return false;
        at++;
        if (!read_clock(&at, end, &clock) || !read_zone(&at, end, &zone) || at != end) return false;
    }
    *seconds = (double)days * 86400 + clock - zone;
    return true;
}

typedef struct decimal {
    uint64_t digits; /* the first 19 */
    int power;       /* times 10^power */
    bool negative, exact;
} decimal;

/* Sign, digits with one point, exponent: the whole field or false. */
static bool read_exponent(const char **at, const char *end, int *power) {
    if (*at == end || (**at != 'e' && **at != 'E')) return true;
    ++*at;
    const bool negative = *at < end && **at == '-';
    if (*at < end && (**at == '-' || **at == '+')) ++*at;
    if (*at == end) return false;
    int value = 0;
    for (; *at < end && is_digit(**at); ++*at)
        if (value < EXPONENT_MAX) value = value * 10 + (**at - '0');
    *power += negative ? -value : value;
    return true;
}

static bool read_decimal(const char *at, const char *end, decimal *d) {
    *d = (decimal){.exact = true};
    d->negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    bool point = false, any = false;
    for (; at < end && (is_digit(*at) || (*at == '.' && !point)); at++) {
        if (*at == '.') {
            point = true;
            continue;
        }
        any = true;
        if (d->digits < UINT64_MAX / 10 - 1) {
            d->digits = d->digits * 10 + (uint64_t)(*at - '0');
            d->power -= point;
        } else {
            d->exact = false;
        }
    }
    return any && read_exponent(&at, end, &d->power) && at == end;
}

/* Both are exact in a double, so one rounding gives the nearest (W. D. Clinger, "How to read
 * floating point numbers accurately", 1990). */
static bool small_enough(const decimal *d) {
    return d->exact && d->digits <= UINT64_C(1) << 53 && d->power >= -EXACT_POWER_MAX &&
           d->power <= EXACT_POWER_MAX;
}

bool examine_csv_number(examine_field f, double *number) {
    static const double power_of_ten[EXACT_POWER_MAX + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    decimal d;
    char text[NUMBER_MAX + 1];
    double value;
    if (f.n > NUMBER_MAX || !read_decimal(f.text, f.text + f.n, &d)) return false;
    if (small_enough(&d)) {
        value = (double)d.digits;
        value = d.power < 0 ? value / power_of_ten[-d.power] : value * power_of_ten[d.power];
        *number = d.negative ? -value : value;
        return true;
    }
    memcpy(text, f.text, f.n);
    text[f.n] = '\0';
    value = strtod(text, NULL);
    if (!isfinite(value)) return false;
    *number = value;
    return true;
}

static bool must_be_quoted(examine_field f) {
    for (size_t i = 0; i < f.n; i++)
        if (f.text[i] == ',' || f.text[i] == '"') return true;
    return f.n > 0 && (f.text[0] == ' ' || f.text[f.n - 1] == ' ');
}

size_t examine_csv_write(examine_field f, char *out) {
    const bool quoted = must_be_quoted(f);
    size_t n = 0;
    if (quoted) out[n++] = '"';
    for (size_t i = 0; i < f.n; i++) {
        const unsigned char c = (unsigned char)f.text[i];
        if (c == '"') out[n++] = '"';
        out[n++] = c < 0x20 || c == 0x7f ? '?' : f.text[i];
    }
    if (quoted) out[n++] = '"';
    return n;
}

bool examine_csv_is(examine_field f, const char *text) {
    return strlen(text) == f.n && memcmp(f.text, text, f.n) == 0;
}
