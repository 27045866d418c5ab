/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/examine/csv.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/record/stamp.h"

const char examine_csv_separators[] = ",;\t";

enum { NUMBER_MAX = 64, EXACT_POWER_MAX = 22, EXPONENT_MAX = 9999 };

static examine_field trimmed(const char *from, const char *to) {
    while (from < to && (*from == ' ' || *from == '\t')) from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t')) to--;
    return (examine_field){from, (size_t)(to - from)};
}

/* A field that begins with a quote, at *at; its doubled quotes become one, in place. *at moves to
 * its separator or to the end. */
static examine_field unquoted(char **at, const char *end, char separator) {
    char *from = *at + 1, *to = from, *p = from;
    while (p < end) {
        if (*p == '"' && (p + 1 == end || p[1] != '"')) break;
        if (*p == '"') p++;
        *to++ = *p++;
    }
    const char *next = memchr(p, separator, (size_t)(end - p));
    *at = next == NULL ? p + (end - p) : p + (next - p);
    return (examine_field){from, (size_t)(to - from)};
}

static examine_field plain(char **at, const char *end, char separator) {
    char *from = *at;
    char *next = memchr(from, separator, (size_t)(end - from));
    *at = next == NULL ? from + (end - from) : next;
    return trimmed(from, *at);
}

size_t examine_csv_split(char *line, size_t n, char separator, examine_field *fields, size_t max) {
    if (n > 0 && line[n - 1] == '\r') n--;
    const char *end = line + n;
    size_t count = 0;
    for (char *at = line; count < max; at++) {
        while (at < end && *at == ' ') at++;
        fields[count++] =
            at < end && *at == '"' ? unquoted(&at, end, separator) : plain(&at, end, separator);
        if (at == end) break;
    }
    return count;
}

char examine_csv_separator(const char *line, size_t n) {
    char best = ',';
    size_t most = 0;
    for (const char *s = examine_csv_separators; *s != '\0'; s++) {
        size_t count = 0;
        for (size_t i = 0; i < n; i++) count += line[i] == *s;
        if (count <= most) continue;
        most = count;
        best = *s;
    }
    return best;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Seconds since 1970 by a number; a double has 16 ticks of 100 ns for its last place. */
static double seconds_of(double number) {
    int64_t ns;
    if (number > 1e17 && number < 1e18 && record_stamp_ticks((int64_t)number, &ns))
        return (double)ns / (double)SIM_SECOND;
    const sim_time a_second = SIM_SECOND / record_stamp_unit(number);
    return number / (double)a_second;
}

bool examine_csv_time(examine_field f, double *seconds) {
    char text[NUMBER_MAX + 1];
    record_stamp s;
    double number;
    if (f.n > NUMBER_MAX) return false;
    memcpy(text, f.text, f.n);
    text[f.n] = '\0';
    const char *end = record_stamp_iso(text, &s);
    if (end == NULL) end = record_stamp_named(text, &s);
    if (end != NULL && end == text + f.n) {
        *seconds = (double)s.seconds + (double)s.ns / (double)SIM_SECOND;
        return true;
    }
    if (end != NULL || !examine_csv_number(f, false, &number)) return false;
    *seconds = seconds_of(number);
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

static bool is_point(char c, bool comma) {
    return c == '.' || (comma && c == ',');
}

static bool read_decimal(const char *at, const char *end, bool comma, decimal *d) {
    *d = (decimal){.exact = true};
    d->negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    bool point = false, any = false;
    for (; at < end && (is_digit(*at) || (is_point(*at, comma) && !point)); at++) {
        if (!is_digit(*at)) {
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

bool examine_csv_number(examine_field f, bool comma, double *number) {
    static const double power_of_ten[EXACT_POWER_MAX + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    decimal d;
    char text[NUMBER_MAX + 1];
    double value;
    if (f.n > NUMBER_MAX || !read_decimal(f.text, f.text + f.n, comma, &d)) return false;
    if (small_enough(&d)) {
        value = (double)d.digits;
        value = d.power < 0 ? value / power_of_ten[-d.power] : value * power_of_ten[d.power];
        *number = d.negative ? -value : value;
        return true;
    }
    memcpy(text, f.text, f.n);
    text[f.n] = '\0';
    char *point = strchr(text, ',');
    if (point != NULL) *point = '.';
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
