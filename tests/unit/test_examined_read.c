/* SPDX-License-Identifier: GPL-3.0-or-later */
/* truth.csv, alarms.csv and detection.csv, as they are and as they should not be. */
#include "sim/report/examined_read.h"

#include <math.h>
#include <string.h>

#include "tests/unit/every_allocation.h"

#define TRUTH_HEAD "start,end,kind,key,campaign\n"
#define TRUTH                                                                                      \
    TRUTH_HEAD                                                                                     \
    "100.000000000,200.000000000,exfiltration,5,1\n100.000000000,250.000000000,exfiltration,7,1\n" \
    "5000.000000000,6000.000000000,clone,5,2\n5000.000000000,6000.000000000,slow-drift,9,3\n"
#define ALARMS_HEAD "timestamp,key,alarm,kind,whom,metric,score,seen,expected,delivered\n"

typedef struct texts {
    const char *truth, *alarms, *detection; /* NULL: no such file */
} texts;

static FILE *file_of(const char *text) {
    if (text == NULL) return NULL;
    FILE *file = tmpfile();
    assert_non_null(file);
    fputs(text, file);
    rewind(file);
    return file;
}

static int read_texts(const texts *t, report_examined *out, char *why) {
    FILE *files[] = {file_of(t->truth), file_of(t->alarms), file_of(t->detection)};
    int error = report_examined_read(files[0], files[1], files[2], out, why);
    for (int i = 0; i < 3; i++)
        if (files[i] != NULL) fclose(files[i]);
    return error;
}

/* What is a hit, alarm by alarm. */
static void test_hits(void **state) {
    (void)state;
    static const struct {
        const char *alarm;
        report_hit hit;
    } rows[] = {
        {"150,5,1,exfiltration,device 5,m,0.6,1,2,150\n", REPORT_HIT_NAMED},
        /* something was done to it, though another thing; what it says is done to it later */
        {"150,5,1,clone,device 5,m,0.6,1,2,150\n", REPORT_HIT_OTHER_KIND},
        {"5500,5,1,exfiltration,device 5,m,0.6,1,2,150\n", REPORT_HIT_OTHER_KIND},
        {"150,6,1,exfiltration,device 6,m,0.6,1,2,150\n", REPORT_HIT_FALSE},
        {"99,5,1,exfiltration,device 5,m,0.6,1,2,99\n", REPORT_HIT_FALSE},
        {"800,5,1,exfiltration,device 5,m,0.6,1,2,800\n",
         REPORT_HIT_NAMED}, /* ten minutes later still */
        {"801,5,1,exfiltration,device 5,m,0.6,1,2,801\n", REPORT_HIT_FALSE},
        {"150,,1,exfiltration,\"thermostat, firmware 1, street\",m,0.6,1,2,150\n",
         REPORT_HIT_NAMED},
        {"150,,1,new-destination,the fleet,m,0.6,1,2,150\n",
         REPORT_HIT_NAMED}, /* of the same family */
        {"150,,1,clone,the fleet,m,0.6,1,2,150\n", REPORT_HIT_FALSE},
        {"5500,,1,clone,the fleet,m,0.6,1,2,\n", REPORT_HIT_NAMED},
        {"5500,,1,of-a-later-version,the fleet,m,0.6,1,2,\n", REPORT_HIT_NAMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char alarms[400], why[REPORT_EXAMINED_WHY_MAX] = "";
        snprintf(alarms, sizeof alarms, "%s%s", ALARMS_HEAD, rows[i].alarm);
        const texts t = {TRUTH, alarms, NULL};
        report_examined e;
        if (read_texts(&t, &e, why) != 0) fail_msg("row %zu: %s", i, why);
        assert_int_equal(e.mark_count, 1);
        if (e.marks[0].hit != rows[i].hit) fail_msg("row %zu is %d", i, (int)e.marks[0].hit);
        report_examined_deinit(&e);
    }
}

static void test_campaigns(void **state) {
    (void)state;
    const texts t = {
        TRUTH,
        ALARMS_HEAD
        "5500,,1,clone,the fleet,m,0.6,1,2,5500\n150,7,1,exfiltration,device 7,m,0.6,1,2,160\n"
        "5600,9,1,slow-drift,device 9,m,0.6,1,2,\n",
        NULL};
    char why[REPORT_EXAMINED_WHY_MAX] = "";
    report_examined e;
    if (read_texts(&t, &e, why) != 0) fail_msg("%s", why);
    assert_true(e.truth && e.looked && !e.too_many);
    assert_int_equal(e.campaign_count, 3);
    const report_campaign *clone = &e.campaigns[0], *leak = &e.campaigns[1],
                          *drift = &e.campaigns[2];
    assert_int_equal(clone->kind, RECORD_ANOMALY_CLONE);
    assert_true(clone->noticed);
    assert_int_equal(leak->devices, 2);
    assert_int_equal(leak->from, 100 * SIM_SECOND);
    assert_int_equal(leak->to, 250 * SIM_SECOND);
    assert_true(leak->noticed);
    assert_false(drift->noticed); /* the alarm reached nobody */
    assert_int_equal(e.mark_count, 3);
    assert_int_equal(e.marks[0].at, 150 * SIM_SECOND); /* in order of time */
    assert_int_equal(e.hits[RECORD_ANOMALY_CLONE], 1);
    report_examined_deinit(&e);
}

static void test_detection(void **state) {
    (void)state;
    const texts t = {NULL, NULL,
                     "recall,kind,delay_max_s,what,false_alarms\n0.5,clone,60,x,2\n,\"a <b>\",,,\n"
                     "nan,all,oops,,1e999\n"};
    char why[REPORT_EXAMINED_WHY_MAX] = "";
    report_examined e;
    if (read_texts(&t, &e, why) != 0) fail_msg("%s", why);
    assert_false(e.truth || e.looked);
    assert_int_equal(e.detection_count, 3);
    assert_string_equal(e.detection[0].kind, "clone");
    assert_true(e.detection[0].numbers[REPORT_DETECTION_RECALL] == 0.5);
    assert_true(e.detection[0].numbers[REPORT_DETECTION_DELAY_MOST] == 60);
    assert_true(isnan(e.detection[0].numbers[REPORT_DETECTION_INJECTED]));
    for (int i = 0; i < REPORT_DETECTION_NUMBERS; i++) {
        assert_true(isnan(e.detection[1].numbers[i]));
        assert_true(isnan(e.detection[2].numbers[i]));
    }
    report_examined_deinit(&e);
}

static void test_files_that_are_not_ours(void **state) {
    (void)state;
    char wide[4000], kinds[2000] = "kind\n";
    memset(wide, 'x', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    for (int i = 0; i <= REPORT_DETECTION_MAX; i++) memcpy(kinds + 5 + 2 * (size_t)i, "k\n", 3);
    char commas[200];
    memset(commas, ',', sizeof commas - 1);
    commas[sizeof commas - 1] = '\0';
    const struct {
        texts t;
        const char *says;
    } rows[] = {
        {{"", NULL, NULL}, "truth.csv: line 0: it is empty"},
        {{"start,end,kind,key\n", NULL, NULL}, "truth.csv: line 1: it has no column campaign"},
        {{TRUTH_HEAD "a,2,clone,1,1\n", NULL, NULL}, "truth.csv: line 2: not times"},
        {{TRUTH_HEAD "2,1,clone,1,1\n", NULL, NULL}, "truth.csv: line 2: not times"},
        {{TRUTH_HEAD "-1,1,clone,1,1\n", NULL, NULL}, "truth.csv: line 2: not times"},
        {{TRUTH_HEAD "1,1e300,clone,1,1\n", NULL, NULL}, "truth.csv: line 2: not times"},
        {{TRUTH_HEAD "1,2,clone,-1,1\n", NULL, NULL}, "truth.csv: line 2: not times"},
        {{TRUTH_HEAD "1,2,clone,4294967296,1\n", NULL, NULL}, "truth.csv: line 2: not times"},
        {{TRUTH_HEAD "1,2\n", NULL, NULL}, "truth.csv: line 2: not times"},
        {{wide, NULL, NULL}, "truth.csv: line 1: it is too long"},
        {{commas, NULL, NULL}, "truth.csv: line 1: it has too many fields"},
        {{NULL, "", NULL}, "alarms.csv: line 0: it is empty"},
        {{NULL, "timestamp,alarm\n", NULL}, "alarms.csv: line 1: it has no column kind"},
        {{NULL, ALARMS_HEAD "soon,1,1,clone\n", NULL}, "alarms.csv: line 2: not times"},
        {{NULL, ALARMS_HEAD "1,one,1,clone\n", NULL}, "alarms.csv: line 2: not times"},
        {{NULL, ALARMS_HEAD "1,1,1,clone,w,m,1,1,1,never\n", NULL},
         "alarms.csv: line 2: not times"},
        {{NULL, NULL, "recall\n"}, "detection.csv: line 1: it has no column kind"},
        {{NULL, NULL, kinds}, "detection.csv: line 34: more kinds than there are"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char why[REPORT_EXAMINED_WHY_MAX] = "";
        report_examined e;
        int error = read_texts(&rows[i].t, &e, why);
        report_examined_deinit(&e);
        if (error != SIM_EPARSE || strncmp(why, rows[i].says, strlen(rows[i].says)) != 0)
            fail_msg("row %zu: %d, '%s' instead of '%s'", i, error, why, rows[i].says);
    }
}

/* Of very many alarms some are drawn and all are counted; of more than can be held against the
 * truth in seconds, none. */
static void test_bounds(void **state) {
    (void)state;
    enum { ALARMS = 30000, DONE = 100000 };
    FILE *truth = tmpfile(), *alarms = tmpfile();
    char why[REPORT_EXAMINED_WHY_MAX] = "";
    report_examined e;
    assert_true(truth != NULL && alarms != NULL);
    fputs(TRUTH_HEAD, truth);
    fputs(ALARMS_HEAD, alarms);
    for (int i = 0; i < 1000; i++) fprintf(truth, "%d,%d,clone,%d,%d\n", i, i + 1, i, i);
    for (int i = 0; i < ALARMS; i++)
        fprintf(alarms, "%d,%d,1,clone,w,m,1,1,1,%d\n", i, i % 2000, i);
    rewind(truth);
    rewind(alarms);
    if (report_examined_read(truth, alarms, NULL, &e, why) != 0) fail_msg("%s", why);
    assert_int_equal(e.alarms[RECORD_ANOMALY_CLONE], ALARMS);
    assert_in_range(e.mark_count, REPORT_ALERTS_MAX / 3, REPORT_ALERTS_MAX);
    assert_int_equal(e.campaign_count, REPORT_CAMPAIGNS_MAX);
    assert_int_equal(e.campaigns_more, 1000 - REPORT_CAMPAIGNS_MAX);
    report_examined_deinit(&e);
    fseek(truth, 0, SEEK_END);
    for (int i = 0; i < DONE; i++) fprintf(truth, "1,2,clone,%d,7\n", i);
    rewind(truth);
    rewind(alarms);
    if (report_examined_read(truth, alarms, NULL, &e, why) != 0) fail_msg("%s", why);
    assert_true(e.too_many);
    assert_int_equal(e.mark_count, 0);
    report_examined_deinit(&e);
    fclose(truth);
    fclose(alarms);
}

static int read_with_little_memory(void *context) {
    char why[REPORT_EXAMINED_WHY_MAX] = "";
    report_examined e;
    int error = read_texts(context, &e, why);
    report_examined_deinit(&e);
    return error;
}

static void test_every_allocation(void **state) {
    (void)state;
    texts t = {TRUTH, ALARMS_HEAD "150,5,1,exfiltration,device 5,m,0.6,1,2,150\n", "kind\nclone\n"};
    assert_true(fail_every_allocation(read_with_little_memory, &t) > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hits),      cmocka_unit_test(test_campaigns),
        cmocka_unit_test(test_detection), cmocka_unit_test(test_files_that_are_not_ours),
        cmocka_unit_test(test_bounds),    cmocka_unit_test(test_every_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
