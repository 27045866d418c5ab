/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data of a page, no number twice: one that took another's place would show. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/report/page_json.h"
#include "tests/unit/with_cmocka.h"

static void fill_series(report_series *s) {
    static const report_second rows[] = {
        {0, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27},
        {1, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47}};
    for (size_t i = 0; i < 2; i++) report_series_add(s, &rows[i]);
    s->bins[1].lowest = 31;
    s->step = 10;
}

static void fill_wave(report_wave *w) {
    *w = (report_wave){.trigger = 1,
                       .at = 51 * SIM_SECOND,
                       .at_known = true,
                       .from = 52 * SIM_SECOND,
                       .step = 53 * SIM_SECOND,
                       .last = 54 * SIM_SECOND,
                       .busiest_at = 55 * SIM_SECOND,
                       .attempts = 56,
                       .later = 57,
                       .devices = 58,
                       .count = 2,
                       .phase_count = 1,
                       .delay_count = 1};
    w->bins[0] = (report_wave_bin){.admitted = 61, .busiest = 62};
    w->bins[1] = (report_wave_bin){.admitted = 63, .busiest = 64};
    w->bins[0].outcomes[RECORD_OUTCOME_ONLINE] = 65;
    w->bins[1].outcomes[RECORD_OUTCOME_ONLINE] = 66;
    w->bins[1].outcomes[RECORD_OUTCOME_BUSY] = 67;
    w->phases[0] = (report_phase){
        .number = 71, .samples = 72, .period = 73, .index = 74, .direction = 75, .bins = {76, 77}};
    w->delays[0] =
        (report_delays){.number = 81, .samples = 82, .quantiles = {83, 84, 85, 86, 87, 88, 89}};
}

static void fill_examined(report_examined *e, report_campaign *campaign, report_alert_mark *mark) {
    *campaign = (report_campaign){.from = 91 * SIM_SECOND,
                                  .to = 92 * SIM_SECOND,
                                  .number = 93,
                                  .devices = 94,
                                  .kind = RECORD_ANOMALY_CLONE,
                                  .noticed = true};
    *mark = (report_alert_mark){.at = 95 * SIM_SECOND,
                                .kind = RECORD_ANOMALY_LOCK_STEP,
                                .hit = REPORT_HIT_NAMED,
                                .device = false};
    e->truth = true;
    e->campaigns = campaign;
    e->campaign_count = 1;
    e->campaigns_more = 96;
    e->marks = mark;
    e->mark_count = 1;
    e->alarms[RECORD_ANOMALY_LOCK_STEP] = 98;
    e->hits[RECORD_ANOMALY_LOCK_STEP] = 97;
}

/* ' stands for "; of a phase's bins those behind the second are 0. */
static const char *const wanted =
    "{'label':'A','summary':{'title':'T','triggers':['start','power'],'machine':{'threads':3}},"
    "'series':{'step_s':10,'rows':2,'online':[12,32],'lowest':[12,31],'queue_depth':[16,36],"
    "'due':[17,37],'sent':[18,38],'answered':[19,39],'refused':[20,40],'failed':[21,41],"
    "'waiting':[22,42],'median_us':[23,43],'p95_us':[24,44]},"
    "'triggers':[{'name':'power','at_s':51,'from_s':52,'step_s':53,'last_s':54,'busiest_s':55,"
    "'attempts':56,'later':57,'devices':58,'bins':2,'outcomes':{'online':[65,66],'busy':[0,67]},"
    "'admitted':[61,63],'busiest':[62,64],'phases':[{'attempt':71,'samples':72,'period_s':73,"
    "'index':74,'direction':75,'bins':[76,77,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
    "0,0,0,0,0,0,0,0]}],'delays':[{'attempt':81,'samples':82,"
    "'quantiles_s':[83,84,85,86,87,88,89]}]}],"
    "'examined':{'injected':true,'looked':false,'too_many':false,'more':96,"
    "'kinds':{'lock-step':{'alarms':98,'hits':97}},'campaigns':[['clone',93,94,91,92,1]],"
    "'alarms':[['lock-step',95,2,0]]},"
    "'houses':{'step_s':60,'bins':2,'sensed':[0,235],'arrived':[0,237],'dropped':[0,239],"
    "'models':[{'model':'tv','right':[0,111],'late':[0,112],'wrong':[0,113],'unable':[0,114],"
    "'without_cloud':[0,115],'right_without_cloud':[0,116]}]}}";

static json_t *parsed(const char *text) {
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) fail_msg("line %d: %s", error.line, error.text);
    return root;
}

static char *page_of(const report_result *r) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_int_equal(report_page_json(file, "A", r), 0);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void test_every_number_in_its_place(void **state) {
    (void)state;
    static report_result r;
    static report_wave wave;
    report_campaign campaign;
    report_alert_mark mark;
    /* a bulb is only measured: it has no row of its own, and is in the sums */
    const report_local_bin tv = {111, 112, 113, 114, 115, 116, 117, 118, 119},
                           bulb = {.cut = 1, .sensed = 118, .arrived = 119, .dropped = 120};
    json_set_alloc_funcs(sim_malloc, sim_free);
    r.summary = json_pack("{s:s, s:[s,s], s:{s:i}}", "title", "T", "triggers", "start", "power",
                          "machine", "threads", 3);
    fill_series(&r.series);
    fill_wave(&wave);
    r.waves = &wave;
    r.wave_count = 1;
    fill_examined(&r.examined, &campaign, &mark);
    assert_int_equal(report_local_add(&r.local, "bulb", 61, &bulb), 0);
    assert_int_equal(report_local_add(&r.local, "tv", 62, &tv), 0);
    char *text = page_of(&r), *right = strdup(wanted);
    for (char *at = right; *at != '\0'; at++)
        if (*at == '\'') *at = '"';
    json_t *said = parsed(text), *due = parsed(right);
    char *a = json_dumps(said, JSON_COMPACT), *b = json_dumps(due, JSON_COMPACT);
    assert_string_equal(a, b);
    sim_free(a);
    sim_free(b);
    json_decref(said);
    json_decref(due);
    free(text);
    free(right);
    json_decref(r.summary);
    report_local_deinit(&r.local);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_number_in_its_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
