/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "sim/cli/terminal.h"
#include "sim/core/units.h"

static const double line_every_s = 5;
static const double measured_s = 0.5; /* shorter says nothing about a pace */

void cli_progress_init(cli_progress *p, FILE *out, bool rewrite) {
    *p = (cli_progress){.out = out, .rewrite = rewrite, .line_due_s = line_every_s};
}

__attribute__((format(printf, 2, 3))) static void add(char *text, const char *format, ...) {
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, CLI_PROGRESS_TEXT - used, format, arguments);
    va_end(arguments);
}

/* Whole seconds, rounded up: more would pretend. In real time there is nothing to estimate. */
static void add_rest(char *text, const run_progress *now, double run_s_per_s) {
    char left_text[32], end_text[32];
    if (now->expected_end == SIM_NEVER || now->expected_end <= now->now) return;
    if (now->real)
        add(text, "   until %s", sim_time_text(now->expected_end, end_text, sizeof end_text));
    if (now->real || run_s_per_s <= 0) return;
    sim_time left =
        sim_time_from_seconds(sim_time_seconds(now->expected_end - now->now) / run_s_per_s);
    if (left > SIM_NEVER - SIM_SECOND) return;
    left = (left / SIM_SECOND + 1) * SIM_SECOND;
    add(text, "   about %s to %s", sim_time_text(left, left_text, sizeof left_text),
        sim_time_text(now->expected_end, end_text, sizeof end_text));
}

/* Of the run's own seconds, but for events. */
static void add_rate(char *text, double per_s, const char *what) {
    char piece[32];
    if (per_s > 0) add(text, "   %s %s/s", sim_units_number_text(per_s, piece, sizeof piece), what);
}

char *cli_progress_text(const run_progress *now, cli_pace pace, char *text) {
    char piece[32];
    sim_time whole = now->now - now->now % SIM_SECOND; /* a quiet line */
    text[0] = '\0';
    add(text, "%s", whole == 0 ? "0s" : sim_time_text(whole, piece, sizeof piece));
    add(text, "   %" PRIu64 " of %" PRIu64 " online", now->online, now->devices);
    if (now->behind > 0) add(text, ", %" PRIu64 " without an answer", now->behind);
    add_rest(text, now, pace.run_s_per_s); /* a narrow terminal cuts what comes after it */
    add_rate(text, now->real ? pace.sent_per_s : 0, "sent");
    add_rate(text, pace.answered_per_s, "answered");
    add_rate(text, now->real ? 0 : pace.events_per_s, "events");
    return text;
}

static void measure(cli_progress *p, const run_progress *now) {
    double passed = now->wall_s - p->last.wall_s;
    if (passed < measured_s) return;
    p->pace.events_per_s = (double)(now->events - p->last.events) / passed;
    double run_s = sim_time_seconds(now->now - p->last.now);
    if (run_s > 0) {
        p->pace.sent_per_s = (double)(now->sent - p->last.sent) / run_s;
        p->pace.answered_per_s = (double)(now->answered - p->last.answered) / run_s;
    }
    p->pace.run_s_per_s = sim_time_seconds(now->now - p->last.now) / passed;
    p->last = *now;
}

static void show_in_place(cli_progress *p, const char *text) {
    int room = (int)cli_terminal_columns(fileno(p->out)) - 1; /* a full line would scroll */
    fprintf(p->out, "\r\033[K%.*s", room, text);
    p->shown = true;
}

static void show_line(cli_progress *p, const char *text, double wall_s) {
    fprintf(p->out, "%s\n", text);
    p->line_due_s = wall_s + line_every_s;
}

void cli_progress_show(void *context, const run_progress *now) {
    cli_progress *p = context;
    char text[CLI_PROGRESS_TEXT];
    if (p->out == NULL) return;
    if (now->finished) {
        cli_progress_end(p);
        return;
    }
    if (!p->rewrite && now->wall_s < p->line_due_s) return;
    measure(p, now);
    cli_progress_text(now, p->pace, text);
    if (p->rewrite)
        show_in_place(p, text);
    else
        show_line(p, text, now->wall_s);
    fflush(p->out);
}

void cli_progress_end(cli_progress *p) {
    if (p->out != NULL && p->shown) {
        fputs("\r\033[K", p->out);
        fflush(p->out);
    }
    p->shown = false;
}
