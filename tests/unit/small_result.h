/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/small_result.h - the files of a small run as texts, and results read from texts. */
#ifndef TESTS_UNIT_SMALL_RESULT_H
#define TESTS_UNIT_SMALL_RESULT_H

#include <stdio.h>
#include <string.h>

#include "sim/report/result.h"
#include "tests/unit/with_cmocka.h"

#define SMALL_VERDICT(verdict, busiest, holds)                                  \
    "{\"unit\":\"5.9-3-2 a\",\"provision\":\"5.9-3\",\"verdict\":\"" verdict    \
    "\",\"sentence\":\"They came.\",\"measures\":[{\"name\":\"busiest "         \
    "second\",\"unit\":\"attempts/s\","                                         \
    "\"value\":" busiest                                                        \
    ",\"relation\":\"at most\",\"threshold\":20,\"samples\":3,\"holds\":" holds \
    ",\"note\":null},{\"name\":\"recovery "                                     \
    "window\",\"unit\":\"s\",\"value\":60,\"relation\":\"none\","               \
    "\"threshold\":null,\"samples\":3,\"holds\":true,\"note\":null}]}"
#define SMALL_SUMMARY(title, verdict, law)                                                         \
    "{\"schema\":\"blackstart-summary-1\",\"scenario\":\"a.lua\",\"title\":\"" title               \
    "\",\"version\":\"1\",\"world\":\"virtual\",\"target\":null,\"repeat\":\"blackstart run "      \
    "a.lua\","                                                                                     \
    "\"seed\":1,\"homes\":1,\"devices\":2,\"duration_s\":3,\"interrupted\":false,\"error\":null,"  \
    "\"parameters\":{\"law\":{\"value\":\"" law                                                    \
    "\",\"given\":true}},\"triggers\":[\"start\",\"power, restore\"],"                             \
    "\"trigger_at_s\":[0,1.5],\"capacity\":20,\"attempts\":3,\"seconds\":3,\"verdicts\":[" verdict \
    "],\"metrics\":{\"attempts\":{\"kind\":\"counter\",\"unit\":\"\",\"value\":300}},\"story\":[{" \
    "\"at_s\":"                                                                                    \
    "1,\"text\":\"power cut\"}],"                                                                  \
    "\"fingerprint\":\"0000000000000001\",\"machine\":null}"
#define SMALL_SERIES_HEAD                                                                       \
    "time_s,online,attempts,successes,rejections,queue_depth,due,sent,answered,refused,failed," \
    "waiting,median_us,p95_us\n"
#define SMALL_REST ",0,0,0,0,0,0,0,0\n" /* no requests */
#define SMALL_SERIES \
    SMALL_SERIES_HEAD "0,1,1,1,0,0" SMALL_REST "1,1,1,0,1,0" SMALL_REST "2,2,1,1,0,4" SMALL_REST
#define SMALL_ATTEMPTS_HEAD "time_s,device,home,trigger,attempt,outcome,latency_s\n"
#define SMALL_ATTEMPTS                                                                            \
    SMALL_ATTEMPTS_HEAD                                                                           \
    "0.500000000,1,0,start,1,online,0.100000000\n1.700000000,0,0,\"power, restore\",1,dropped,\n" \
    "2.000000000,0,0,\"power, restore\",2,online,0.250000000\n"

/* What report_result_from says of these texts; NULL stands for an empty file. */
static inline int small_result(const char *summary, const char *series, const char *attempts,
                               report_result *out, char *why) {
    const char *const texts[] = {summary, series, attempts};
    FILE *files[3];
    for (int i = 0; i < 3; i++) {
        files[i] = tmpfile();
        assert_non_null(files[i]);
        fputs(texts[i] != NULL ? texts[i] : "", files[i]);
        rewind(files[i]);
    }
    const report_result_files all = {files[0], files[1], files[2], NULL, NULL, NULL, NULL, NULL};
    int error = report_result_from(&all, out, why);
    for (int i = 0; i < 3; i++) fclose(files[i]);
    return error;
}

#endif
