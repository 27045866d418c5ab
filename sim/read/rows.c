/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/rows.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "sim/core/units.h"

/* What is left of the hour that is there twice, between one attempt and the next. */
static const sim_time summer_least = 15 * SIM_MINUTE;

enum { TRIGGERS_MAX = UINT8_MAX, WORD_MAX = 64, SHOWN_MAX = 60 };

/* --- words --- */

/* For outcomes, ours first. */
static const struct {
    const char *word;
    record_outcome outcome;
} outcomes[] = {
    {"none", RECORD_OUTCOME_NONE},        {"online", RECORD_OUTCOME_ONLINE},
    {"dropped", RECORD_OUTCOME_DROPPED},  {"busy", RECORD_OUTCOME_BUSY},
    {"refused", RECORD_OUTCOME_REFUSED},  {"unknown", RECORD_OUTCOME_NONE},
    {"timeout", RECORD_OUTCOME_NONE},     {"ok", RECORD_OUTCOME_ONLINE},
    {"success", RECORD_OUTCOME_ONLINE},   {"connected", RECORD_OUTCOME_ONLINE},
    {"accepted", RECORD_OUTCOME_ONLINE},  {"true", RECORD_OUTCOME_ONLINE},
    {"yes", RECORD_OUTCOME_ONLINE},       {"failed", RECORD_OUTCOME_REFUSED},
    {"failure", RECORD_OUTCOME_REFUSED},  {"error", RECORD_OUTCOME_REFUSED},
    {"rejected", RECORD_OUTCOME_REFUSED}, {"denied", RECORD_OUTCOME_REFUSED},
    {"false", RECORD_OUTCOME_REFUSED},    {"no", RECORD_OUTCOME_REFUSED},
    {"throttled", RECORD_OUTCOME_BUSY},   {"unavailable", RECORD_OUTCOME_BUSY},
};

/* A word of the list, nothing, a CONNACK code (0), or a status as HTTP has them (200, 503). */
static bool outcome_of(const char *text, record_outcome *out) {
    uint64_t code;
    *out = RECORD_OUTCOME_NONE;
    if (*text == '\0') return true;
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        if (strcasecmp(text, outcomes[i].word) != 0) continue;
        *out = outcomes[i].outcome;
        return true;
    }
    if (sim_units_count(text, 0, 999, &code) != 0) return false;
    if (code >= 200)
        *out = code < 300                   ? RECORD_OUTCOME_ONLINE
               : code == 429 || code == 503 ? RECORD_OUTCOME_BUSY
                                            : RECORD_OUTCOME_REFUSED;
    else
        *out = read_connack((unsigned)code);
    return true;
}

typedef enum event { EVENT_IN, EVENT_TURNED_AWAY, EVENT_OUT, EVENT_OTHER } event;

/* As platforms call what happens to a connection, in small letters and nothing else. */
static const struct {
    const char *word;
    event event;
} events[] = {
    {"connected", EVENT_IN},
    {"disconnected", EVENT_OUT},
    {"connectfailed", EVENT_TURNED_AWAY},
    {"connect", EVENT_IN},
    {"disconnect", EVENT_OUT},
    {"clientconnected", EVENT_IN},
    {"clientdisconnected", EVENT_OUT},
    {"clientconnect", EVENT_IN},
    {"clientdisconnect", EVENT_OUT},
    {"deviceconnected", EVENT_IN},
    {"devicedisconnected", EVENT_OUT},
    {"deviceconnect", EVENT_IN},
    {"devicedisconnect", EVENT_OUT},
    {"onconnect", EVENT_IN},
    {"ondisconnect", EVENT_OUT},
    {"online", EVENT_IN},
    {"offline", EVENT_OUT},
    {"connectionfailed", EVENT_TURNED_AWAY},
    {"connectionrefused", EVENT_TURNED_AWAY},
    {"connectionrejected", EVENT_TURNED_AWAY},
    {"connectionlost", EVENT_OUT},
    {"connectionclosed", EVENT_OUT},
    {"connectfailure", EVENT_TURNED_AWAY},
    {"connectrejected", EVENT_TURNED_AWAY},
    {"authfailed", EVENT_TURNED_AWAY},
    {"authfailure", EVENT_TURNED_AWAY},
    {"authenticationfailed", EVENT_TURNED_AWAY},
    {"ungracefuldisconnect", EVENT_OUT},
};

/* Why a connection ended, where the client itself ended it. */
static const char *const goodbyes[] = {
    "normal",   "shutdownnormal",       "clientinitiateddisconnect", "true",
    "byclient", "disconnectedbyclient", "clientdisconnect"};

/* Small letters of `text` alone: "{shutdown,normal}" is "shutdownnormal". */
static void letters_of(const char *text, char out[WORD_MAX]) {
    size_t n = 0;
    for (; *text != '\0' && n < WORD_MAX - 1; text++) {
        char lower = (char)(*text | 0x20);
        if (lower >= 'a' && lower <= 'z' && *text != '\0') out[n++] = lower;
    }
    out[n] = '\0';
}

/* "$SYS/brokers/…/connected" and "client.connected" say it in their last part. */
static event event_of(const char *text) {
    char word[WORD_MAX];
    for (const char *at = text; *at != '\0'; at++)
        if ((*at == '/' || *at == '.') && at[1] != '\0') text = at + 1;
    letters_of(text, word);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (strcmp(word, events[i].word) == 0) return events[i].event;
    return EVENT_OTHER;
}

static bool is_goodbye(const char *text) {
    char word[WORD_MAX];
    if (text == NULL) return false;
    letters_of(text, word);
    for (size_t i = 0; i < sizeof goodbyes / sizeof *goodbyes; i++)
        if (strcmp(word, goodbyes[i]) == 0) return true;
    return false;
}

/* --- what is wrong with a row --- */

const char *read_column_name(const read_columns *c, read_column which) {
    const char *const names[READ_COLUMNS] = {c->time,    c->device,  c->home,  c->trigger,
                                             c->outcome, c->latency, c->event, c->reason};
    return names[which] != NULL && names[which][0] != '\0' ? names[which] : NULL;
}

/* Shown on a terminal: nothing that steers it. */
static void shown(const char *value, char out[SHOWN_MAX]) {
    size_t n = 0;
    for (; value[n] != '\0' && n < SHOWN_MAX - 1; n++)
        out[n] = (unsigned char)value[n] < 0x20 || value[n] == 0x7f ? '?' : value[n];
    out[n] = '\0';
}

/* "line 3, column status: "Connection refused" is …" */
__attribute__((format(printf, 4, 5))) static void say(const read_rows *r, read_column which,
                                                      const char *value, const char *format, ...) {
    read_rows *out = (read_rows *)(uintptr_t)r;
    char *why = which == READ_OUTCOME ? out->unknown_why
                : which == READ_EVENT ? out->other_why
                                      : out->why;
    char text[SHOWN_MAX];
    if (why[0] != '\0') return;
    shown(value, text);
    int n = snprintf(why, READ_WHY_MAX, "line %llu, %s %.60s: \"%s\" ", (unsigned long long)r->line,
                     r->json ? "key" : "column", read_column_name(r->columns, which), text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why + n, (size_t)(READ_WHY_MAX - n), format, arguments);
    va_end(arguments);
}

static void list_outcomes(char *text, size_t size) {
    size_t used = 0;
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes && used < size; i++)
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "", outcomes[i].word);
}

static void list_events(char *text, size_t size) {
    size_t used = 0;
    for (size_t i = 0; i < 6 && used < size; i++)
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "", events[i].word);
}

static void bad(read_rows *r) {
    if (r->log->warnings[READ_WARNING_MALFORMED].count == 0)
        memcpy(r->log->malformed, r->unknown_why[0] != '\0' ? r->unknown_why : r->why,
               READ_WHY_MAX);
    read_warn(r->log, READ_WARNING_MALFORMED, r->line);
}

/* --- times --- */

/* Digits behind the point of a number, or -1 when it is none. */
static int digits_of(const char *text) {
    size_t whole = strspn(text, "0123456789");
    if (whole == 0 || (text[whole] != '.' && text[whole] != ','))
        return text[whole] == '\0' ? 0 : -1;
    size_t part = strspn(text + whole + 1, "0123456789");
    return text[whole + 1 + part] == '\0' ? (int)part : -1;
}

/* A spreadsheet's days would be read as seconds: what tells them apart is gathered here. */
static void watch_sheet(read_rows *r, const char *time, int64_t ns) {
    double s = (double)ns / (double)SIM_SECOND;
    if (r->rows == 0) {
        r->first_s = s;
        r->first_digits = digits_of(time);
    } else if (s != r->first_s &&
               (isnan(r->nearest_s) || fabs(s - r->first_s) < fabs(r->nearest_s - r->first_s))) {
        r->nearest_s = s;
    }
}

/* Local time without a zone goes back when summer ends. Rows may stand in any order, so only one
 * such step in a table that is in order else is taken for it. */
static void watch_summer_time(read_rows *r, const char *time, int64_t ns) {
    record_stamp s;
    bool local = record_stamp_iso(time, &s) != NULL && !s.zoned;
    if (ns < r->latest && (!local || r->latest - ns > SIM_HOUR || r->latest - ns < summer_least))
        r->unordered = true;
    if (ns < r->latest && r->steps_back++ == 0) r->step_line = r->line;
    r->latest = ns;
}

static bool read_times(read_rows *r, const read_row *row, record_attempt *a) {
    const char *time = row->value[READ_TIME], *latency = row->value[READ_LATENCY], *end;
    sim_time resolution = 1;
    if (!r->is_ours) time += strspn(time, " ");
    end = r->is_ours ? read_stamp_seconds(time, &a->at) : read_stamp(time, &a->at, &resolution);
    if (end != NULL && !r->is_ours) end += strspn(end, " ");
    if (end == NULL || *end != '\0') {
        say(r, READ_TIME, time,
            "is no time that is known: write seconds since 1970 (or ms, us, ns), or "
            "2026-11-21T18:30:00Z");
        return false;
    }
    a->latency = SIM_NEVER;
    if (latency != NULL && *latency != '\0') {
        end = read_stamp_seconds(latency, &a->latency);
        if (end == NULL || *end != '\0' || a->latency < 0) {
            say(r, READ_LATENCY, latency, "is no latency: write seconds");
            return false;
        }
    }
    if (resolution > r->log->resolution) r->log->resolution = resolution;
    if (!r->is_ours) watch_sheet(r, time, a->at);
    if (!r->is_ours) watch_summer_time(r, time, a->at);
    return true;
}

/* --- rows --- */

void read_rows_init(read_rows *r, read_log *log, const read_columns *columns) {
    *r = (read_rows){.log = log, .columns = columns, .first_s = NAN, .nearest_s = NAN};
    if (log->resolution == 0) log->resolution = 1;
}

bool read_whole_number(const char *text, uint32_t *n) {
    uint64_t value;
    if (sim_units_count(text, 0, UINT32_MAX - 1, &value) != 0) return false;
    *n = (uint32_t)value;
    return true;
}

static int name_them(read_rows *r, const read_row *row, record_attempt *a) {
    const char *device = row->value[READ_DEVICE], *home = row->value[READ_HOME];
    const char *trigger = row->value[READ_TRIGGER];
    uint32_t number = 0;
    if (home == NULL || *home == '\0') home = device;
    int error = read_names_number(&r->log->devices, device, strlen(device), &a->device);
    if (error == 0) error = read_names_number(&r->log->homes, home, strlen(home), &a->home);
    if (error == 0 && trigger != NULL)
        error = read_names_number(&r->log->triggers, trigger, strlen(trigger), &number);
    if (error == 0 && number >= TRIGGERS_MAX) return SIM_ERANGE;
    a->trigger = (uint8_t)number;
    return error;
}

/* Of attempts.csv: exactly those that were answered have a latency, and numbers are numbers. */
static bool is_plausible(const read_row *row, const record_attempt *a) {
    uint32_t number;
    bool answered = a->outcome != RECORD_OUTCOME_NONE && a->outcome != RECORD_OUTCOME_DROPPED;
    return answered == (a->latency != SIM_NEVER) &&
           read_whole_number(row->value[READ_DEVICE], &number);
}

/* What became of the attempt, or that it is no attempt at all. */
static bool read_event(read_rows *r, const read_row *row, record_outcome *outcome, event *what) {
    const char *word = row->value[READ_EVENT], *told = row->value[READ_OUTCOME];
    char words[READ_WHY_MAX / 2];
    bool mapped = word != NULL || read_column_name(r->columns, READ_EVENT) != NULL;
    *what = !mapped ? EVENT_IN : word != NULL ? event_of(word) : EVENT_OTHER;
    if (*what == EVENT_OTHER && word != NULL) {
        list_events(words, sizeof words);
        say(r, READ_EVENT, word, "is no event of a connection that is known, such as %s", words);
    }
    *outcome = *what == EVENT_TURNED_AWAY ? RECORD_OUTCOME_REFUSED
               : mapped                   ? RECORD_OUTCOME_ONLINE
                                          : RECORD_OUTCOME_NONE;
    if (*what == EVENT_OTHER || *what == EVENT_OUT || told == NULL || (mapped && *told == '\0'))
        return true;
    if (outcome_of(told, outcome)) return true;
    list_outcomes(words, sizeof words);
    say(r, READ_OUTCOME, told,
        "is no outcome that is known: write one of %s, an MQTT reason code or a status such as 200",
        words);
    r->unknown++;
    return false;
}

static int take_end(read_rows *r, const read_row *row, const record_attempt *a) {
    const read_end end = {.at = a->at,
                          .device = a->device,
                          .home = a->home,
                          .was_online = true,
                          .by_client = is_goodbye(row->value[READ_REASON])};
    return read_ended(r->log, &end);
}

static int take_attempt(read_rows *r, record_attempt *a, bool told) {
    uint32_t index;
    bool answered = a->outcome != RECORD_OUTCOME_NONE && a->outcome != RECORD_OUTCOME_DROPPED;
    if (told && a->latency == SIM_NEVER && answered) a->latency = 0; /* nobody says when */
    return read_add(r->log, a, &index);
}

int read_rows_take(read_rows *r, const read_row *row) {
    record_attempt a = {0};
    record_outcome outcome;
    event what;
    const char *device = row->value[READ_DEVICE];
    if (row->value[READ_TIME] == NULL || device == NULL || *device == '\0') {
        if (!r->json && r->why[0] == '\0')
            snprintf(r->why, sizeof r->why, "line %llu: it lacks a time or a device",
                     (unsigned long long)r->line);
        read_warn(r->log, r->json ? READ_WARNING_OTHERS : READ_WARNING_MALFORMED, r->line);
        return 0;
    }
    if (!read_times(r, row, &a) || !read_event(r, row, &outcome, &what)) return bad(r), 0;
    if (what == EVENT_OTHER) return read_warn(r->log, READ_WARNING_OTHERS, r->line), 0;
    a.outcome = (uint8_t)outcome;
    a.number = row->number;
    if (r->is_ours && !is_plausible(row, &a)) return bad(r), 0;
    int64_t previous = 0; /* rows may come in any order */
    if (!read_clock(r->log, r->is_ours ? &r->previous : &previous, a.at, r->line)) return 0;
    r->rows++;
    int error = name_them(r, row, &a);
    if (error != 0) return error;
    return what == EVENT_OUT ? take_end(r, row, &a)
                             : take_attempt(r, &a, outcome != RECORD_OUTCOME_NONE);
}

static int end_with(char *why, const char *text) {
    snprintf(why, READ_WHY_MAX, "%s", text);
    return SIM_EPARSE;
}

int read_rows_end(const read_rows *r, char *why) {
    if (r->steps_back == 1 && !r->unordered)
        read_warn(r->log, READ_WARNING_CLOCK_BACK, r->step_line);
    if (10 * r->unknown > r->rows + r->unknown) return end_with(why, r->unknown_why);
    if (record_stamp_is_sheet(r->first_s, r->first_digits, r->nearest_s)) {
        snprintf(why, READ_WHY_MAX,
                 "times such as %.10g look like days of a spreadsheet, and would be read as "
                 "seconds: write (days - %.10g) * 86400, which is seconds since 1970, or format "
                 "them as 2026-11-21 18:30:00",
                 r->first_s, record_stamp_sheet_1970(r->first_s));
        return SIM_EPARSE;
    }
    if (r->rows > 0) return 0;
    const char *first = r->why[0] != '\0' ? r->why : r->other_why;
    if (first[0] != '\0') return end_with(why, first);
    snprintf(why, READ_WHY_MAX, "not one %s that could be read among %llu",
             r->json ? "object with these keys" : "row",
             (unsigned long long)(r->line > 0 ? r->line - !r->json : 0));
    return SIM_EPARSE;
}
