/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/prefix.h"

#include <string.h>

#include "sim/read/json.h"
#include "sim/record/stamp.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           c == '.' || c == '-' || c == '/' || c == '@';
}

static char *name_end(char *at) {
    while (is_name(*at)) at++;
    return at;
}

/* Notes a time; false: none that counts. */
static bool note(read_wrapped *w, const record_stamp *s, bool yearless) {
    int64_t ns;
    if (!read_stamp_ns(s, &ns)) return false;
    w->ns = ns;
    w->resolution = s->resolution;
    w->timed = true;
    w->yearless = yearless;
    return true;
}

/* A time in any of its forms at `at`; behind it, NULL: none. A number needs a fraction, or it may
 * be anything. */
static char *time_at(char *at, read_wrapped *w) {
    record_stamp s;
    char *end = (char *)(uintptr_t)record_stamp_iso(at, &s);
    if (end != NULL) return note(w, &s, false) ? end : NULL;
    end = (char *)(uintptr_t)record_stamp_named(at, &s);
    if (end != NULL) return note(w, &s, false) ? end : NULL;
    end = (char *)(uintptr_t)record_stamp_syslog(at, &s);
    if (end != NULL) return note(w, &s, true) ? end : NULL;
    int64_t ns;
    sim_time resolution;
    end = (char *)(uintptr_t)read_stamp(at, &ns, &resolution);
    if (end == NULL || resolution == SIM_SECOND || end == at) return NULL;
    w->ns = ns;
    w->resolution = resolution;
    w->timed = true;
    w->yearless = false;
    return end;
}

/* ESC [ … m: a colour. */
static bool take_colour(read_wrapped *w) {
    if (w->text[0] != '\x1b' || w->text[1] != '[') return false;
    char *end = w->text + 2 + strspn(w->text + 2, "0123456789;");
    if (*end != 'm') return false;
    w->text = end + 1;
    return true;
}

/* "mosquitto-1  | ", of docker compose. */
static bool take_service(read_wrapped *w) {
    char *name = name_end(w->text), *bar = name + strspn(name, " ");
    if (name == w->text || bar == name || *bar != '|') return false;
    w->text = bar + 1 + (bar[1] == ' ');
    return true;
}

/* "[pod/mosquitto-0/mosquitto] ", of kubectl logs --prefix. */
static bool take_pod(read_wrapped *w) {
    if (strncmp(w->text, "[pod/", 5) != 0) return false;
    char *end = name_end(w->text + 1);
    if (end[0] != ']' || end[1] != ' ') return false;
    w->text = end + 2;
    return true;
}

/* "stdout F ", behind the time in the files of Kubernetes (CRI). */
static void skip_stream(read_wrapped *w) {
    if (strncmp(w->text, "stdout ", 7) != 0 && strncmp(w->text, "stderr ", 7) != 0) return;
    char *tag = w->text + 7, *end = name_end(tag);
    if (end > tag && *end == ' ' && (*tag == 'F' || *tag == 'P')) w->text = end + 1;
}

static bool has_letter(const char *from, const char *to) {
    while (from < to && (is_digit(*from) || !is_name(*from))) from++;
    return from < to;
}

/* "broker mosquitto[812]: " or "mosquitto: ", behind the time of a journal or syslog; "1700000000:
 * " is a line's own time. */
static void skip_program(read_wrapped *w) {
    char *ident = w->text, *end = name_end(ident);
    if (end > ident && *end == ' ') {
        ident = end + 1;
        end = name_end(ident);
    }
    if (!has_letter(ident, end)) return;
    char *after = end;
    if (*after == '[') {
        after += 1 + strspn(after + 1, "0123456789");
        after += *after == ']';
    }
    if (after[0] != ':' || after[1] != ' ') return;
    w->ident = ident;
    w->text = after + 2;
}

/* "Tue " before, and "CET " behind a time, as journalctl -o short-full has it. */
static char *skip_capitals(char *at, size_t least, size_t most, bool lower) {
    size_t n = 0;
    while (at[n] >= 'A' && (at[n] <= 'Z' || (lower && n > 0 && at[n] >= 'a' && at[n] <= 'z'))) n++;
    return n >= least && n <= most && at[n] == ' ' ? at + n + 1 : at;
}

/* "2023-11-14T22:13:19.29Z ", "Nov 14 22:13:19 broker mosquitto[812]: ", "1700000000.29 …". */
static bool take_time(read_wrapped *w) {
    char *end = time_at(w->text, w);
    if (end == NULL) {
        char *from = skip_capitals(w->text, 3, 3, true);
        end = from != w->text && is_digit(*from) ? time_at(from, w) : NULL;
    }
    if (end == NULL || *end != ' ') return false;
    w->text = skip_capitals(end + strspn(end, " "), 2, 5, false);
    skip_stream(w);
    skip_program(w);
    return true;
}

/* "[2023-11-14 22:13:20] " and "[  123.456789] ", "[123.456789 <    0.000123 >] ": since the
 * machine's start. */
static bool take_bracket(read_wrapped *w) {
    if (w->text[0] != '[') return false;
    char *end = time_at(w->text + 1 + strspn(w->text + 1, " "), w);
    if (end == NULL) return false;
    if (end[0] == ' ' && end[1] == '<') end += strspn(end, " <>-+.0123456789");
    if (end[0] != ']' || end[1] != ' ') return false;
    w->text = end + 2;
    skip_program(w);
    return true;
}

/* Behind the structured data of RFC 5424: "-", or "[id name=\"value\"]" one after the other. */
static char *skip_data(char *at) {
    if (*at == '-') return at + 1;
    while (*at == '[') {
        bool quoted = false;
        for (at++; *at != '\0' && (quoted || *at != ']'); at++) {
            if (*at == '\\' && at[1] != '\0')
                at++;
            else if (*at == '"')
                quoted = !quoted;
        }
        at += *at == ']';
    }
    return at;
}

/* "1 2023-11-14T22:13:19Z broker mosquitto 812 - - ", behind the priority. */
static bool take_5424(read_wrapped *w, char *at) {
    char *word[4]; /* host, program, process, message */
    char *end = at[0] == '-' && at[1] == ' ' ? at + 1 : time_at(at, w);
    for (int i = 0; i < 4; i++) {
        if (end == NULL || *end != ' ') return false;
        word[i] = end + 1;
        end = word[i] + strcspn(word[i], " ");
    }
    if (*end != ' ') return false;
    end = skip_data(end + 1);
    if (*end != ' ') return false;
    end++;
    w->ident = word[1];
    w->text = strncmp(end, "\xef\xbb\xbf", 3) == 0 ? end + 3 : end;
    return true;
}

/* "<30>", the priority of syslog. */
static bool take_priority(read_wrapped *w) {
    size_t n = w->text[0] == '<' ? strspn(w->text + 1, "0123456789") : 0;
    if (n == 0 || n > 3 || w->text[n + 1] != '>') return false;
    char *rest = w->text + n + 2;
    if (rest[0] == '1' && rest[1] == ' ') return take_5424(w, rest + 2);
    w->text = rest;
    return true;
}

static bool is_one_of(read_text key, const char *const *names) {
    for (; *names != NULL; names++)
        if (strlen(*names) == key.n && memcmp(*names, key.at, key.n) == 0) return true;
    return false;
}

/* The line and the time that an object holds, itself or in the objects in it. */
static void look_in(const char *object, int depth, read_wrapped *w, read_text *line) {
    static const char *const lines[] = {"log",         "MESSAGE",  "message", "line",
                                        "textPayload", "@message", NULL};
    static const char *const times[] = {
        "time", "__REALTIME_TIMESTAMP", "@timestamp", "timestamp", "date", "ts", NULL};
    read_text key, value;
    for (const char *at = object; (at = read_json_member(at, &key, &value)) != NULL;) {
        int64_t ns;
        sim_time resolution;
        if (is_one_of(key, lines) && value.at[-1] == '"') *line = value;
        if (*value.at == '{' && depth > 0) look_in(value.at, depth - 1, w, line);
        if (!is_one_of(key, times) || read_stamp(value.at, &ns, &resolution) != value.at + value.n)
            continue;
        w->ns = ns;
        w->resolution = resolution;
        w->timed = true;
        w->yearless = false;
    }
}

/* {"log":"…\n","stream":"stdout","time":"…"} of Docker's files, {"MESSAGE":"…",
 * "__REALTIME_TIMESTAMP":"…"} of journalctl -o json, and their like of log collectors. */
static bool take_envelope(read_wrapped *w) {
    enum { DEPTH = 2 };
    read_text line = {NULL, 0};
    if (w->text[0] != '{') return false;
    look_in(w->text, DEPTH, w, &line);
    if (line.at == NULL) return false;
    char *text = (char *)(uintptr_t)line.at;
    size_t n = read_json_unescape(line, text);
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r')) n--;
    text[n] = '\0';
    w->text = text;
    return true;
}

char *read_prefix_time(char *at, read_wrapped *w) {
    return time_at(at, w);
}

bool read_prefix_take(read_wrapped *w) {
    static bool (*const kinds[])(read_wrapped *) = {
        take_colour, take_service, take_pod, take_time, take_bracket, take_priority, take_envelope};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        read_wrapped tried = *w;
        if (!kinds[i](&tried)) continue;
        *w = tried;
        return true;
    }
    return false;
}
