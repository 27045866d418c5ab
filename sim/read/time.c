/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two ways in which logs write a time: ISO 8601, or a number. */
#include <stdlib.h>
#include <string.h>

#include "sim/read/read_private.h"
#include "sim/record/stamp.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* ".123456" after a second: nanoseconds, digits beyond the ninth are dropped; *digits counts those
 * there were. */
static const char *fraction_of(const char *text, int64_t *ns, int *digits) {
    int64_t unit = SIM_SECOND / 10;
    *ns = 0;
    *digits = 0;
    if ((*text != '.' && *text != ',') || !is_digit(text[1])) return text;
    for (text++; is_digit(*text); text++, (*digits)++) {
        *ns += unit * (*text - '0');
        unit /= 10;
    }
    return text;
}

static sim_time resolution_of(int digits) {
    sim_time r = SIM_SECOND;
    for (; digits > 0 && r > 1; digits--) r /= 10;
    return r;
}

static const char *whole_of(const char *text, int64_t *value) {
    const char *from = text;
    for (*value = 0; is_digit(*text); text++) {
        if (*value > (INT64_MAX - 9) / 10) return NULL;
        *value = *value * 10 + (*text - '0');
    }
    return text > from ? text : NULL;
}

const char *read_stamp_seconds(const char *text, int64_t *ns) {
    int64_t whole, fraction;
    int digits;
    const char *end = whole_of(text, &whole);
    if (end == NULL || whole > INT64_MAX / SIM_SECOND / 4) return NULL;
    end = fraction_of(end, &fraction, &digits);
    *ns = whole * SIM_SECOND + fraction;
    return end;
}

/* "1.795285815250e+09", as programs of numbers write it. */
static const char *exponent_stamp(const char *text, int64_t *ns, sim_time *resolution) {
    const char *mantissa = text + strspn(text, "0123456789."), *digits = mantissa + 1;
    if (*mantissa != 'e' && *mantissa != 'E') return NULL;
    digits += *digits == '+';
    size_t n = strspn(digits, "0123456789");
    if (mantissa == text || n == 0 || n > 2 || mantissa - text > 24) return NULL;
    double number = strtod(text, NULL), unit = (double)record_stamp_unit(number);
    if (!(number * unit < 7.2e18)) return NULL;
    *ns = (int64_t)(number * unit);
    *resolution = SIM_MICROSECOND;
    return digits + n;
}

/* Small numbers are seconds since some start. */
static const char *number_stamp(const char *text, int64_t *ns, sim_time *resolution) {
    int64_t whole, fraction;
    int digits;
    const char *end = exponent_stamp(text, ns, resolution);
    if (end != NULL) return end;
    end = whole_of(text, &whole);
    if (end == NULL) return NULL;
    *resolution = 100;
    if (record_stamp_ticks(whole, ns)) return end;
    sim_time unit = record_stamp_unit((double)whole);
    if (whole > INT64_MAX / unit / 2 && unit > 1) return NULL;
    end = fraction_of(end, &fraction, &digits);
    *ns = whole * unit + fraction / (SIM_SECOND / unit);
    *resolution = unit == SIM_SECOND ? resolution_of(digits) : unit;
    return end;
}

bool read_stamp_ns(const record_stamp *s, int64_t *ns) {
    /* years that nanoseconds since 1970 can count */
    if (s->seconds < 0 || s->seconds > INT64_C(7289654400) || s->resolution > SIM_MINUTE)
        return false;
    *ns = s->seconds * SIM_SECOND + s->ns;
    return true;
}

const char *read_stamp(const char *text, int64_t *ns, sim_time *resolution) {
    record_stamp s;
    const char *end = record_stamp_iso(text, &s);
    if (end == NULL) end = record_stamp_named(text, &s);
    if (end == NULL || !read_stamp_ns(&s, ns)) return number_stamp(text, ns, resolution);
    *resolution = s.resolution;
    return end;
}
