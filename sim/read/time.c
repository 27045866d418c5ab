/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two ways in which logs write a time: a number, or ISO 8601 (RFC 3339 with or without a zone).
 */
#include "sim/read/read_private.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* `n` digits, no more and no fewer looked at. */
static bool number_of(const char *text, int n, int *out) {
    *out = 0;
    for (int i = 0; i < n; i++) {
        if (!is_digit(text[i])) return false;
        *out = *out * 10 + (text[i] - '0');
    }
    return true;
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

/* Days since 1970-01-01 of a date of the Gregorian calendar: years counted from March, so that the
 * odd day comes last. */
static int64_t days_from(int year, int month, int day) {
    int64_t y = year - (month <= 2);
    int64_t of_year = (INT64_C(153) * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return y * 365 + y / 4 - y / 100 + y / 400 + of_year - 719468;
}

/* "Z", "+02:00", "-0530" or nothing. */
static const char *zone_of(const char *text, int64_t *seconds) {
    int hours, minutes;
    *seconds = 0;
    if (*text == 'Z' || *text == 'z') return text + 1;
    if (*text != '+' && *text != '-') return text;
    if (!number_of(text + 1, 2, &hours)) return NULL;
    const char *rest = text + 3 + (text[3] == ':');
    if (!number_of(rest, 2, &minutes)) return NULL;
    *seconds = (hours * INT64_C(3600) + minutes * INT64_C(60)) * (*text == '-' ? -1 : 1);
    return rest + 2;
}

/* "2026-11-21T18:30:15" and what may follow. */
static const char *iso_of(const char *text, int64_t *ns, sim_time *resolution) {
    int year, month, day, hour, minute, second, digits;
    int64_t fraction, zone;
    if (!number_of(text, 4, &year) || text[4] != '-' || !number_of(text + 5, 2, &month) ||
        text[7] != '-' || !number_of(text + 8, 2, &day) || (text[10] != 'T' && text[10] != ' ') ||
        !number_of(text + 11, 2, &hour) || text[13] != ':' || !number_of(text + 14, 2, &minute) ||
        text[16] != ':' || !number_of(text + 17, 2, &second))
        return NULL;
    if (year < 1970 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ||
        minute > 59 || second > 60)
        return NULL;
    const char *end = zone_of(fraction_of(text + 19, &fraction, &digits), &zone);
    if (end == NULL) return NULL;
    *ns = (days_from(year, month, day) * 86400 + hour * INT64_C(3600) + minute * INT64_C(60) +
           second - zone) *
              SIM_SECOND +
          fraction;
    *resolution = resolution_of(digits);
    return end;
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

/* Which unit a number of that size is in, if it is a date between 1973 and 2200 or so; small
 * numbers are seconds since some start. */
static const char *number_stamp(const char *text, int64_t *ns, sim_time *resolution) {
    static const struct {
        int64_t below;
        sim_time unit;
    } units[] = {{100000000000, SIM_SECOND},
                 {100000000000000, SIM_MILLISECOND},
                 {100000000000000000, SIM_MICROSECOND}};
    int64_t whole, fraction;
    int digits;
    const char *end = whole_of(text, &whole);
    if (end == NULL) return NULL;
    sim_time unit = 1;
    for (int i = 2; i >= 0; i--)
        if (whole < units[i].below) unit = units[i].unit;
    if (whole > INT64_MAX / unit / 2 && unit > 1) return NULL;
    end = fraction_of(end, &fraction, &digits);
    *ns = whole * unit + fraction / (SIM_SECOND / unit);
    *resolution = unit == SIM_SECOND ? resolution_of(digits) : unit;
    return end;
}

const char *read_stamp(const char *text, int64_t *ns, sim_time *resolution) {
    const char *end = iso_of(text, ns, resolution);
    return end != NULL ? end : number_stamp(text, ns, resolution);
}
