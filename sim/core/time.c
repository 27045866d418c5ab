/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/time.h"

#include <inttypes.h>
#include <stdio.h>

#include "sim/core/error.h"

sim_time sim_time_from_seconds(double seconds) {
    double ns = seconds * 1e9;
    if (!(ns > -0.5 && ns < 0x1p63)) return SIM_NEVER; /* written so that NaN lands here too */
    sim_time whole = (sim_time)ns;
    /* Adding 0.5 first would round twice, and wrongly above 2^52. */
    return ns - (double)whole >= 0.5 ? whole + 1 : whole;
}

/* Three digits of what is shorter than a minute. The borders lie where rounding would show 1000 of
 * the smaller unit. */
static int text_below_minute(sim_time t, char *text, size_t size) {
    if (t == 0) return snprintf(text, size, "0s");
    if (t < SIM_MICROSECOND) return snprintf(text, size, "%" PRId64 "ns", t);
    if (t < 999500) return snprintf(text, size, "%.3gus", (double)t / 1e3);
    if (t < 999500000) return snprintf(text, size, "%.3gms", (double)t / 1e6);
    return snprintf(text, size, "%.3gs", (double)t / 1e9);
}

static int text_from_minute(sim_time t, char *text, size_t size) {
    int64_t s = t / SIM_SECOND + (t % SIM_SECOND >= SIM_SECOND / 2);
    int64_t days = s / 86400, hours = s / 3600 % 24, minutes = s / 60 % 60, seconds = s % 60;
    if (days > 0)
        return snprintf(text, size, "%" PRId64 "d%02" PRId64 "h%02" PRId64 "m%02" PRId64 "s", days,
                        hours, minutes, seconds);
    if (hours > 0)
        return snprintf(text, size, "%" PRId64 "h%02" PRId64 "m%02" PRId64 "s", hours, minutes,
                        seconds);
    return snprintf(text, size, "%" PRId64 "m%02" PRId64 "s", minutes, seconds);
}

char *sim_time_text(sim_time t, char *text, size_t size) {
    SIM_PROMISE(size >= 24);
    if (t == SIM_NEVER) {
        snprintf(text, size, "never");
        return text;
    }
    char *at = text;
    if (t < 0) {
        *at++ = '-';
        size--;
        t = t == INT64_MIN ? INT64_MAX : -t;
    }
    /* 59.95 s is where three digits would show "60s". */
    if (t < 60 * SIM_SECOND - 50 * SIM_MILLISECOND)
        text_below_minute(t, at, size);
    else
        text_from_minute(t, at, size);
    return text;
}
