/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/stamp.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { LEAP_YEAR = 2000 }; /* of a time without a year: it may be a 29 February */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* `n` digits, no more looked at. */
static bool digits_of(const char *text, int n, int *out) {
    *out = 0;
    for (int i = 0; i < n; i++) {
        if (!is_digit(text[i])) return false;
        *out = *out * 10 + (text[i] - '0');
    }
    return true;
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar: years begin in March, so that the leap
 * day comes last. */
static int64_t days_from(int year, int month, int day) {
    const int64_t y = year - (month <= 2);
    const int64_t of_year = (INT64_C(153) * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return y * 365 + y / 4 - y / 100 + y / 400 + of_year - 719468;
}

static int days_in(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

static const char *date_of(const char *text, int64_t *days) {
    int year, month, day;
    if (!digits_of(text, 4, &year) || text[4] != '-' || !digits_of(text + 5, 2, &month) ||
        text[7] != '-' || !digits_of(text + 8, 2, &day) || is_digit(text[10]))
        return NULL;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return NULL;
    *days = days_from(year, month, day);
    return text + 10;
}

static const char *fraction_of(const char *text, record_stamp *out) {
    int64_t unit = SIM_SECOND;
    out->resolution = SIM_SECOND;
    if ((*text != '.' && *text != ',') || !is_digit(text[1])) return text;
    for (text++; is_digit(*text); text++) {
        unit /= 10;
        out->ns += unit * (*text - '0');
        if (unit > 0) out->resolution = unit;
    }
    return text;
}

/* HH:MM[:SS[.fraction]]; NULL: none. */
static const char *clock_of(const char *text, record_stamp *out) {
    int hour, minute, second = 0;
    if (!digits_of(text, 2, &hour) || text[2] != ':' || !digits_of(text + 3, 2, &minute) ||
        is_digit(text[5]))
        return NULL;
    bool to_second = text[5] == ':' && digits_of(text + 6, 2, &second) && !is_digit(text[8]);
    if (hour > 23 || minute > 59 || second > 60) return NULL;
    out->seconds += hour * INT64_C(3600) + minute * INT64_C(60) + second;
    out->resolution = SIM_MINUTE;
    return to_second ? fraction_of(text + 8, out) : text + 5;
}

/* "+02", "+0200", "+02:00" to something that is no digit; NULL: none of them. */
static const char *offset_of(const char *text, int64_t *seconds) {
    int hours, minutes = 0;
    if ((*text != '+' && *text != '-') || !digits_of(text + 1, 2, &hours)) return NULL;
    const char *rest = text + 3;
    const char *more = rest + (*rest == ':');
    if (digits_of(more, 2, &minutes))
        rest = more + 2;
    else if (more != rest)
        return NULL;
    if (hours > 23 || minutes > 59 || is_digit(*rest)) return NULL;
    *seconds = (hours * INT64_C(3600) + minutes * INT64_C(60)) * (*text == '-' ? -1 : 1);
    return rest;
}

static bool ends_word(char c) {
    return !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !is_digit(c);
}

/* The zone at `text`; NULL: there is none. */
static const char *named_zone(const char *text, int64_t *seconds) {
    static const char *const names[] = {"Z", "z", "UTC", "GMT"};
    *seconds = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);
        if (strncmp(text, names[i], n) == 0 && ends_word(text[n])) return text + n;
    }
    return offset_of(text, seconds);
}

/* Behind a blank only what can be nothing but a zone is one: the rest belongs to the line. */
static const char *zone_of(const char *text, record_stamp *out) {
    int64_t seconds;
    const char *end = named_zone(text + (*text == ' '), &seconds);
    if (end == NULL && (*text == '+' || *text == '-')) return NULL;
    if (end == NULL) return text;
    out->seconds -= seconds;
    return end;
}

const char *record_stamp_iso(const char *text, record_stamp *out) {
    int64_t days;
    const char *end = date_of(text, &days);
    if (end == NULL) return NULL;
    *out = (record_stamp){.seconds = days * 86400, .resolution = SIM_DAY};
    if (*end != 'T' && *end != 't' && *end != ' ') return end;
    const char *rest = clock_of(end + 1, out);
    if (rest == NULL) return *end == ' ' ? end : NULL;
    return zone_of(rest, out);
}

const char *record_stamp_syslog(const char *text, record_stamp *out) {
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int day, month = 0;
    while (month < 12 && strncmp(text, months + (size_t)month * 3, 3) != 0) month++;
    if (month == 12 || text[3] != ' ') return NULL;
    if (text[4] == ' ' && is_digit(text[5]))
        day = text[5] - '0';
    else if (!digits_of(text + 4, 2, &day))
        return NULL;
    if (text[6] != ' ' || day < 1 || day > days_in(LEAP_YEAR, month + 1)) return NULL;
    *out = (record_stamp){.seconds = days_from(LEAP_YEAR, month + 1, day) * 86400};
    const char *end = clock_of(text + 7, out);
    return end != NULL && out->resolution < SIM_MINUTE ? end : NULL;
}

sim_time record_stamp_unit(double number) {
    static const struct {
        double below;
        sim_time unit;
    } units[] = {{1e11, SIM_SECOND}, {1e14, SIM_MILLISECOND}, {1e17, SIM_MICROSECOND}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (fabs(number) < units[i].below) return units[i].unit;
    return 1;
}

static bool is_sheet_day(double number) {
    return number > 36526 && number < 73051 && number != floor(number);
}

bool record_stamp_is_sheet(double first, int digits, double second) {
    if (!is_sheet_day(first)) return false;
    return digits >= 10 || (is_sheet_day(second) && second != first && fabs(second - first) < 0.05);
}
