/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/value.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/time.h"
#include "sim/core/units.h"
#include "sim/judge/words.h"

/* How much of a unit is shown: one attempt has no plural s, but "1 attempts/s" is a rate. */
static int shown_of(const char *unit, const char *number) {
    size_t length = strnlen(unit, 15);
    bool one = strcmp(number, "1") == 0 && length > 1 && unit[length - 1] == 's';
    return (int)(one && strchr(unit, '/') == NULL ? length - 1 : length);
}

const char *report_value_text(double value, double beside, const char *unit,
                              char text[REPORT_VALUE_MAX]) {
    char number[JUDGE_WORD_MAX];
    if (isnan(value)) return memcpy(text, "unknown", sizeof "unknown");
    if (strcmp(unit, "s") == 0)
        return sim_time_text(sim_time_from_seconds(value), text, REPORT_VALUE_MAX);
    if (strcmp(unit, "share") == 0) return judge_words_share(value, beside, text, REPORT_VALUE_MAX);
    if (strcmp(unit, "bytes") == 0) {
        snprintf(text, REPORT_VALUE_MAX, "%sB",
                 sim_units_number_text(value, number, sizeof number));
        return text;
    }
    judge_words_beside(value, beside, number, sizeof number);
    if (strcmp(unit, "1/s") == 0)
        snprintf(text, REPORT_VALUE_MAX, "%s/s", number);
    else
        snprintf(text, REPORT_VALUE_MAX, "%s%s%.*s", number, unit[0] != '\0' ? " " : "",
                 shown_of(unit, number), unit);
    return text;
}

const char *report_measure_text(const char *name, double value, double beside, const char *unit,
                                char text[REPORT_VALUE_MAX]) {
    static const char until[] = "time to ";
    if (isnan(value) && strncmp(name, until, sizeof until - 1) == 0)
        return memcpy(text, "never", sizeof "never");
    return report_value_text(value, beside, unit, text);
}
