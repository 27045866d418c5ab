/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "sim/cli/terminal.h"
#include "sim/core/units.h"

static const double line_every_s = 5;
static const double measured_s = 0.5; /* shorter says nothing about a rate */

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

char *cli_progress_text(const run_progress *now, double events_per_s, char *text) {
    char piece[32];
    bool end_known = now->expected_end != SIM_NEVER && now->expected_end >= now->now;
    text[0] = '\0';
    add(text, "%s", sim_time_text(now->now, piece, sizeof piece));
    if (end_known) add(text, " of %s", sim_time_text(now->expected_end, piece, sizeof piece));
    add(text, "   %" PRIu64 " of %" PRIu64 " online", now->online, now->devices);
    if (events_per_s > 0)
        add(text, "   %s events/s", sim_units_number_text(events_per_s, piece, sizeof piece));
    if (end_known && now->now > 0 && now->wall_s >= measured_s) {
        double left_s =
            now->wall_s * sim_time_seconds(now->expected_end - now->now) / sim_time_seconds(now->now);
        sim_time left = sim_time_from_seconds(left_s);
        if (left != SIM_NEVER) /* whole seconds: more would pretend */
            add(text, "   about %s left",
                sim_time_text((left / SIM_SECOND + 1) * SIM_SECOND, piece, sizeof piece));
    }
    return text;
}

static void measure(cli_progress *p, const run_progress *now) {
    double passed = now->wall_s - p->last_s;
    if (passed < measured_s) return;
    p->events_per_s = (double)(now->events - p->last_events) / passed;
    p->last_s = now->wall_s;
    p->last_events = now->events;
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
    cli_progress_text(now, p->events_per_s, text);
    if (p->rewrite) {
        /* One column less than there are: a full line would scroll. */
        fprintf(p->out, "\r\033[K%.*s", (int)cli_terminal_columns(fileno(p->out)) - 1, text);
        p->shown = true;
    } else {
        fprintf(p->out, "%s\n", text);
        while (p->line_due_s <= now->wall_s) p->line_due_s += line_every_s;
    }
    fflush(p->out);
}

void cli_progress_end(cli_progress *p) {
    if (p->out != NULL && p->shown) {
        fputs("\r\033[K", p->out);
        fflush(p->out);
    }
    p->shown = false;
}
