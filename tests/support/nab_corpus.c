/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the benchmark's files: labels as JSON, series as "timestamp,value". */
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/core/error.h"
#include "sim/core/heap.h"
#include "tests/support/nab.h"

static int complain(const char *what, const char *where) {
    fprintf(stderr, "nab: %s (%s)\n", what, where);
    return SIM_EPARSE;
}

/* "2014-04-10 07:15:00", whatever follows; read as UTC. */
static bool read_time(const char *text, double *out) {
    struct tm t = {0};
    /* NOLINTNEXTLINE(cert-err34-c): numbers of two and four digits, in files of our own */
    if (sscanf(text, "%d-%d-%d %d:%d:%d", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour, &t.tm_min,
               &t.tm_sec) != 6)
        return false;
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    *out = (double)timegm(&t);
    return true;
}

static int grow(nab_series *s, size_t *room) {
    *room = *room == 0 ? 4096 : *room * 2;
    double *times = sim_realloc(s->times, *room * sizeof(double));
    if (times != NULL) s->times = times;
    double *values = sim_realloc(s->values, *room * sizeof(double));
    if (values != NULL) s->values = values;
    return times == NULL || values == NULL ? SIM_ENOMEM : 0;
}

static int read_points(nab_series *s, FILE *in) {
    char line[256];
    size_t room = 0;
    if (fgets(line, sizeof line, in) == NULL) return complain("empty file", s->name);
    while (fgets(line, sizeof line, in) != NULL) {
        if (s->count == room && grow(s, &room) != 0) return SIM_ENOMEM;
        const char *comma = strchr(line, ',');
        if (comma == NULL || !read_time(line, &s->times[s->count]))
            return complain("not timestamp,value", s->name);
        s->values[s->count++] = strtod(comma + 1, NULL);
    }
    s->scores = sim_calloc(s->count + 1, sizeof(double));
    return s->scores == NULL ? SIM_ENOMEM : 0;
}

static bool point_at(const nab_series *s, const char *timestamp, size_t *out) {
    double at;
    if (timestamp == NULL || !read_time(timestamp, &at)) return false;
    for (*out = 0; *out < s->count; ++*out)
        if (s->times[*out] == at) return true;
    return false;
}

static int read_windows(nab_series *s, const json_t *windows) {
    size_t i;
    const json_t *pair;
    json_array_foreach(windows, i, pair) {
        if (i == NAB_WINDOWS_MAX) return complain("too many windows", s->name);
        nab_window *w = &s->windows[i];
        if (!point_at(s, json_string_value(json_array_get(pair, 0)), &w->first) ||
            !point_at(s, json_string_value(json_array_get(pair, 1)), &w->last) ||
            w->last <= w->first)
            return complain("a window is not in the series", s->name);
        s->window_count++;
    }
    return 0;
}

static int load_series(nab_series *s, const char *folder, const char *name, const json_t *windows) {
    char path[1024];
    snprintf(s->name, sizeof s->name, "%s", name);
    snprintf(path, sizeof path, "%s/data/%s", folder, name);
    FILE *in = fopen(path, "r");
    if (in == NULL) return complain(strerror(errno), path);
    const int error = read_points(s, in);
    fclose(in);
    return error != 0 ? error : read_windows(s, windows);
}

int nab_corpus_load(nab_corpus *c, const char *folder) {
    char path[1024];
    json_error_t why;
    *c = (nab_corpus){0};
    snprintf(path, sizeof path, "%s/labels/combined_windows.json", folder);
    json_t *labels = json_load_file(path, 0, &why);
    if (labels == NULL) return complain(why.text, path);
    int error = 0;
    const char *name;
    json_t *windows;
    json_object_foreach(labels, name, windows) {
        if (error != 0) break;
        error = c->count == NAB_SERIES_MAX
                    ? complain("too many series", path)
                    : load_series(&c->series[c->count++], folder, name, windows);
    }
    json_decref(labels);
    return error;
}

void nab_corpus_deinit(nab_corpus *c) {
    for (size_t i = 0; i < c->count; i++) {
        sim_free(c->series[i].times);
        sim_free(c->series[i].values);
        sim_free(c->series[i].scores);
    }
    *c = (nab_corpus){0};
}
