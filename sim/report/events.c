/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/events.h"

#include "sim/record/text.h"
#include "sim/report/alarm.h"

#include "sim/core/heap.h"

static int put(FILE *file, json_t *line) {
    if (line == NULL) return SIM_ENOMEM;
    int error = json_dumpf(line, file, JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_decref(line);
    if (error != 0) return ferror(file) ? SIM_EIO : SIM_ENOMEM;
    return putc('\n', file) == EOF ? SIM_EIO : 0;
}

static json_t *story_json(const report_story *s) {
    char *clean = record_text_utf8(s->text);
    json_t *line = clean == NULL ? NULL
                                 : json_pack("{s:f, s:s, s:s}", "time_s", sim_time_seconds(s->at),
                                             "event", "story", "text", clean);
    sim_free(clean);
    return line;
}

static json_t *alarm_json(const report_run *run, const record_alert *n) {
    char whom[REPORT_WHOM_MAX];
    return report_alert_json(n, run->whom(run->whom_context, n, whom, sizeof whom));
}

/* Both lists are in order of time; at one instant the story comes first. */
int report_events(FILE *file, const report_run *run) {
    size_t s = 0, n = 0;
    int error = 0;
    json_set_alloc_funcs(sim_malloc, sim_free);
    while (error == 0 && (s < run->story_count || n < run->notice_count)) {
        bool story = n == run->notice_count ||
                     (s < run->story_count && run->story[s].at <= run->notices[n].at);
        error = put(file, story ? story_json(&run->story[s]) : alarm_json(run, &run->notices[n]));
        s += story ? 1 : 0;
        n += story ? 0 : 1;
    }
    return error;
}
