/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/local.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "sim/core/heap.h"

enum {
    LINE = 320,
    /* of a row: beyond them a run would have lasted for 300,000 years */
    SECONDS_MAX_DIGITS = 13,
    COUNT_MAX_DIGITS = 18
};

#define COLUMN(member, column) "," column
static const char head[] = "time_s,seconds,model" REPORT_LOCAL_MAP(COLUMN) "\n";
#undef COLUMN

void report_local_deinit(report_local *l) {
    sim_free(l->models);
    *l = (report_local){0};
}

/* ---- counting ---- */

static void join(report_local_bin *into, const report_local_bin *from) {
#define JOIN(member, column) into->member += from->member;
    REPORT_LOCAL_MAP(JOIN)
#undef JOIN
}

/* Twice as wide, half as many. */
static void widen(report_local *l) {
    for (size_t m = 0; m < l->count; m++) {
        report_local_bin *bins = l->models[m].bins;
        for (size_t i = 0; i < l->bins; i++) {
            report_local_bin one = bins[i];
            bins[i] = (report_local_bin){0};
            join(&bins[i / 2], &one);
        }
    }
    l->bins = (l->bins + 1) / 2;
    l->step *= 2;
}

static bool is_name(const char *name) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    size_t length = strlen(name);
    return length > 0 && length < REPORT_LOCAL_MODEL && name[strspn(name, letters)] == '\0';
}

/* The model of that name, made when it is new; NULL: no memory. */
static report_local_model *model_of(report_local *l, const char *name) {
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->models[i].name, name) == 0) return &l->models[i];
    report_local_model *models = sim_calloc(l->count + 1, sizeof *models);
    if (models == NULL) return NULL;
    if (l->count > 0) memcpy(models, l->models, l->count * sizeof *models);
    sim_free(l->models);
    l->models = models;
    report_local_model *m = &models[l->count++];
    (void)snprintf(m->name, sizeof m->name, "%s", name);
    return m;
}

int report_local_add(report_local *l, const char *model, uint64_t at,
                     const report_local_bin *what) {
    if (!is_name(model) || at >= UINT64_C(10000000000000)) return SIM_ERANGE;
    report_local_model *m = model_of(l, model);
    if (m == NULL) return SIM_ENOMEM;
    if (l->count > REPORT_LOCAL_MODELS_MAX) return SIM_ERANGE;
    if (l->step == 0) l->step = REPORT_LOCAL_STEP;
    while (at / l->step >= REPORT_LOCAL_BINS) widen(l);
    size_t bin = (size_t)(at / l->step);
    if (bin >= l->bins) l->bins = bin + 1;
    join(&m->bins[bin], what);
    return 0;
}

/* ---- writing ---- */

static bool is_empty(const report_local_bin *b) {
    uint64_t all = 0;
#define ANY(member, column) all |= b->member;
    REPORT_LOCAL_MAP(ANY)
#undef ANY
    return all == 0;
}

static void write_row(FILE *file, const report_local *l, size_t model, size_t bin) {
    const report_local_bin *b = &l->models[model].bins[bin];
    fprintf(file, "%" PRIu64 ",%" PRIu64 ",%s", bin * l->step, l->step, l->models[model].name);
#define CELL(member, column) fprintf(file, ",%" PRIu64, b->member);
    REPORT_LOCAL_MAP(CELL)
#undef CELL
    fputc('\n', file);
}

int report_local_write(FILE *file, const report_local *l) {
    fputs(head, file);
    for (size_t bin = 0; bin < l->bins; bin++) {
        for (size_t m = 0; m < l->count; m++)
            if (!is_empty(&l->models[m].bins[bin])) write_row(file, l, m, bin);
    }
    return ferror(file) ? SIM_EIO : 0;
}

/* ---- reading ---- */

/* A cell, which `end` ends and *at passes. False: there is something else. */
static bool take_count(const char **at, char end, int most, uint64_t *out) {
    int digits = 0;
    *out = 0;
    for (; **at >= '0' && **at <= '9' && digits <= most; (*at)++, digits++)
        *out = *out * 10 + (uint64_t)(**at - '0');
    return digits > 0 && digits <= most && *(*at)++ == end;
}

static bool take_name(const char **at, char out[REPORT_LOCAL_MODEL]) {
    size_t length = strcspn(*at, ",\n");
    if (length >= REPORT_LOCAL_MODEL || (*at)[length] != ',') return false;
    memcpy(out, *at, length);
    out[length] = '\0';
    *at += length + 1;
    return is_name(out);
}

typedef struct row {
    uint64_t at, seconds;
    char model[REPORT_LOCAL_MODEL];
    report_local_bin what;
} row;

static bool take_row(const char *line, row *r) {
    uint64_t *cells[] = {
#define CELL(member, column) &r->what.member,
        REPORT_LOCAL_MAP(CELL)
#undef CELL
    };
    enum { CELLS = sizeof cells / sizeof *cells };
    if (!take_count(&line, ',', SECONDS_MAX_DIGITS, &r->at) ||
        !take_count(&line, ',', SECONDS_MAX_DIGITS, &r->seconds) || !take_name(&line, r->model))
        return false;
    for (size_t i = 0; i < CELLS; i++)
        if (!take_count(&line, i + 1 < CELLS ? ',' : '\n', COUNT_MAX_DIGITS, cells[i]))
            return false;
    return *line == '\0' && r->seconds >= REPORT_LOCAL_STEP && r->at % r->seconds == 0;
}

static int refuse(char *why, uint64_t line, const char *what) {
    (void)snprintf(why, REPORT_LOCAL_WHY_MAX, "line %" PRIu64 " %s", line, what);
    return SIM_EPARSE;
}

static int add_row(report_local *l, const row *r, uint64_t line, char *why) {
    int error = report_local_add(l, r->model, r->at, &r->what);
    if (error == SIM_ENOMEM) (void)snprintf(why, REPORT_LOCAL_WHY_MAX, "out of memory");
    if (error == SIM_ERANGE) return refuse(why, line, "names more models than there can be");
    return error;
}

int report_local_read(FILE *file, report_local *l, char *why) {
    char text[LINE] = "";
    row r;
    int error = 0;
    *l = (report_local){0};
    if (file == NULL) return 0;
    if (fgets(text, sizeof text, file) == NULL || strcmp(text, head) != 0)
        return refuse(why, 1, "is not that of docs/results.md");
    for (uint64_t line = 2; error == 0 && fgets(text, sizeof text, file) != NULL; line++) {
        if (!take_row(text, &r)) return refuse(why, line, "is no row of a model");
        error = add_row(l, &r, line, why);
    }
    if (error == 0 && ferror(file)) {
        (void)snprintf(why, REPORT_LOCAL_WHY_MAX, "%s", strerror(errno));
        error = SIM_EIO;
    }
    return error;
}
