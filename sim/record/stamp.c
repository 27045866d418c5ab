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

static bool is_date(int year, int month, int day) {
    return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month);
}

/* "2026-11-21" or "2026/11/21". */
static const char *date_of(const char *text, int64_t *days) {
    int year, month, day;
    if (!digits_of(text, 4, &year) || (text[4] != '-' && text[4] != '/') ||
        !digits_of(text + 5, 2, &month) || text[7] != text[4] || !digits_of(text + 8, 2, &day) ||
        is_digit(text[10]) || !is_date(year, month, day))
        return NULL;
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

/* "183015" of the basic format; NULL: none. */
static const char *basic_clock_of(const char *text, record_stamp *out) {
    int hour, minute, second;
    if (!digits_of(text, 2, &hour) || !digits_of(text + 2, 2, &minute) ||
        !digits_of(text + 4, 2, &second) || is_digit(text[6]) || hour > 23 || minute > 59 ||
        second > 60)
        return NULL;
    out->seconds += hour * INT64_C(3600) + minute * INT64_C(60) + second;
    return fraction_of(text + 6, out);
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

/* "20261121T183015", the basic format of ISO 8601, and what is near it; NULL: none. A number of 14
 * digits is no other time that is in use: as milliseconds it would be of 2286 and later. */
static const char *basic_of(const char *text, record_stamp *out) {
    int year, month, day;
    if (!digits_of(text, 4, &year) || !digits_of(text + 4, 2, &month) ||
        !digits_of(text + 6, 2, &day) || !is_date(year, month, day))
        return NULL;
    *out = (record_stamp){.seconds = days_from(year, month, day) * 86400};
    if (is_digit(text[8])) return basic_clock_of(text + 8, out);
    if (text[8] != 'T' && text[8] != ' ') return NULL;
    const char *end = basic_clock_of(text + 9, out);
    return end != NULL ? end : clock_of(text + 9, out);
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

/* Names that mean one zone everywhere (CST, IST and BST do not), and how far they are from UTC. */
static const struct {
    const char *name;
    int hours;
} zones[] = {{"Z", 0},    {"z", 0},    {"UTC", 0},  {"GMT", 0},  {"WET", 0},
             {"WEST", 1}, {"CET", 1},  {"CEST", 2}, {"EET", 2},  {"EEST", 3},
             {"MSK", 3},  {"JST", 9},  {"KST", 9},  {"EST", -5}, {"EDT", -4},
             {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};

static const char *named_zone(const char *text, int64_t *seconds) {
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        size_t n = strlen(zones[i].name);
        if (strncmp(text, zones[i].name, n) != 0 || !ends_word(text[n])) continue;
        *seconds = zones[i].hours * INT64_C(3600);
        return text + n;
    }
    return NULL;
}

/* Behind an offset its name may stand, which says nothing more: "+0000 UTC", "+01:00[Europe/…]". */
static const char *named_besides(const char *text) {
    int64_t ignored;
    const char *end = *text == ' ' ? named_zone(text + 1, &ignored) : NULL;
    if (end != NULL) return end;
    size_t n = *text == '[' && text[1] >= 'A' && text[1] <= 'Z' ? strcspn(text, "] ") : 0;
    return n > 0 && text[n] == ']' ? text + n + 1 : text;
}

/* Behind a blank only what can be nothing but a zone is one: the rest belongs to the line. */
static const char *zone_of(const char *text, record_stamp *out) {
    int64_t seconds = 0;
    const char *at = text + (*text == ' '), *end = named_zone(at, &seconds);
    if (end == NULL && (end = offset_of(at, &seconds)) != NULL) end = named_besides(end);
    if (end == NULL && (*text == '+' || *text == '-')) return NULL;
    if (end == NULL) return text;
    out->seconds -= seconds;
    out->zoned = true;
    return end;
}

const char *record_stamp_iso(const char *text, record_stamp *out) {
    int64_t days = 0;
    const char *end = date_of(text, &days);
    if (end == NULL) return (end = basic_of(text, out)) != NULL ? zone_of(end, out) : NULL;
    *out = (record_stamp){.seconds = days * 86400, .resolution = SIM_DAY};
    if (*end != 'T' && *end != 't' && *end != ' ') return end;
    const char *rest = clock_of(end + 1, out);
    if (rest == NULL) return *end == ' ' ? end : NULL;
    return zone_of(rest, out);
}

/* 1 to 12 by its three letters; 0: none. */
static int month_of(const char *text) {
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int month = 0;
    if (*text < 'A' || *text > 'S') return 0; /* most lines are none */
    while (month < 12 && strncmp(text, months + (size_t)month * 3, 3) != 0) month++;
    return month < 12 ? month + 1 : 0;
}

const char *record_stamp_syslog(const char *text, record_stamp *out) {
    int day, month = month_of(text);
    if (month == 0 || text[3] != ' ') return NULL;
    if (text[4] == ' ' && is_digit(text[5]))
        day = text[5] - '0';
    else if (!digits_of(text + 4, 2, &day))
        return NULL;
    if (text[6] != ' ' || day < 1 || day > days_in(LEAP_YEAR, month)) return NULL;
    *out = (record_stamp){.seconds = days_from(LEAP_YEAR, month, day) * 86400};
    const char *end = clock_of(text + 7, out);
    return end != NULL && out->resolution < SIM_MINUTE ? end : NULL;
}

/* "Sat, " or "Sat " in front of a date. */
static const char *behind_weekday(const char *text) {
    static const char days[] = "MonTueWedThuFriSatSun";
    if (*text < 'F' || *text > 'W') return text; /* most lines */
    for (size_t i = 0; i < 7; i++)
        if (strncmp(text, days + 3 * i, 3) == 0 && (text[3] == ' ' || text[3] == ','))
            return text + 4 + (text[3] == ',' && text[4] == ' ');
    return text;
}

/* One or two digits. */
static const char *day_of(const char *text, int *day) {
    int n = digits_of(text, 2, day) ? 2 : 1;
    return n == 2 || digits_of(text, 1, day) ? text + n : NULL;
}

/* "21 Nov 2026 18:30:15" of mail, "21/Nov/2026:18:30:15" of web servers. */
static const char *day_first(const char *text, record_stamp *out) {
    int day, month, year;
    const char *at = day_of(text, &day);
    if (at == NULL || (*at != ' ' && *at != '/' && *at != '-')) return NULL;
    char between = *at;
    month = month_of(at + 1);
    if (month == 0 || at[4] != between || !digits_of(at + 5, 4, &year) ||
        (at[9] != ' ' && at[9] != ':') || !is_date(year, month, day))
        return NULL;
    *out = (record_stamp){.seconds = days_from(year, month, day) * 86400};
    return clock_of(at + 10, out);
}

/* "Nov 21, 2026 @ 18:30:15.250" of Kibana, "Nov 21 18:30:15 2026" of asctime. */
static const char *month_first(const char *text, record_stamp *out) {
    int day, year, month = month_of(text);
    if (month == 0 || text[3] != ' ') return NULL;
    const char *at = day_of(text + 4 + (text[4] == ' '), &day);
    if (at == NULL) return NULL;
    bool comma = at[0] == ',' && at[1] == ' ' && digits_of(at + 2, 4, &year) && at[6] == ' ';
    *out = (record_stamp){.seconds = 0};
    const char *clock = comma ? at + (at[7] == '@' ? 9 : 7) : at + 1;
    if (!comma && *at != ' ') return NULL;
    const char *end = clock_of(clock, out);
    if (end != NULL && !comma) end = *end == ' ' && digits_of(end + 1, 4, &year) ? end + 5 : NULL;
    if (end == NULL || !is_date(year, month, day)) return NULL;
    out->seconds += days_from(year, month, day) * 86400;
    return end;
}

const char *record_stamp_named(const char *text, record_stamp *out) {
    const char *date = is_digit(*text) ? text : behind_weekday(text);
    const char *end = is_digit(*date) ? day_first(date, out) : month_first(date, out);
    return end != NULL && out->resolution < SIM_MINUTE ? zone_of(end, out) : NULL;
}

bool record_stamp_ticks(int64_t number, int64_t *ns) {
    static const struct {
        int64_t least, most, epoch; /* in ticks */
    } eras[] = {
        {INT64_C(125000000000000000), INT64_C(160000000000000000), INT64_C(116444736000000000)},
        {INT64_C(630000000000000000), INT64_C(665000000000000000), INT64_C(621355968000000000)}};
    for (size_t i = 0; i < sizeof eras / sizeof *eras; i++) {
        if (number < eras[i].least || number > eras[i].most) continue;
        *ns = (number - eras[i].epoch) * 100;
        return true;
    }
    return false;
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

static const double julian_1900 = 2415018.5; /* the Julian day of a spreadsheet's day 0 */

static bool is_sheet_day(double number) {
    double day = number > julian_1900 ? number - julian_1900 : number;
    return day > 36526 && day < 73051;
}

double record_stamp_sheet_1970(double number) {
    return number > julian_1900 ? 25569 + julian_1900 : 25569;
}

bool record_stamp_is_sheet(double first, int digits, double second) {
    const bool parts = first != floor(first);
    if (!is_sheet_day(first)) return false;
    return (digits >= 10 && parts && first < julian_1900) ||
           (is_sheet_day(second) && second != first && (parts || second != floor(second)) &&
            fabs(second - first) < 0.05);
}
