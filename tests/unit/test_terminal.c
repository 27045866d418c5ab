/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/random.h"
#include "sim/report/terminal.h"
#include "tests/unit/with_cmocka.h"

static const report_parameter parameters[] = {{"homes", "250", false}, {"law", "fixed", true}};
static const report_story story[] = {{10 * SIM_MINUTE, "power cut: 250 homes, 1,000 devices"},
                                     {4 * SIM_HOUR, "power restore: 250 homes, 1,000 devices"}};
static const report_metric metrics[] = {
    {.name = "attempts", .unit = "", .kind = REPORT_COUNTER, .value = 7200},
    {.name = "bytes_sent", .unit = "bytes", .kind = REPORT_COUNTER, .value = 1234567},
    {.name = "online", .unit = "", .kind = REPORT_GAUGE, .value = 1000},
    {.name = "request_latency",
     .unit = "s",
     .kind = REPORT_TREND,
     .mean = 0.0812,
     .minimum = 0.0402,
     .median = 0.0787,
     .maximum = 1.234,
     .p90 = 0.12,
     .p95 = 0.15,
     .p99 = 0.2,
     .samples = 12000,
     .answered = 12000},
    {.name = "handshake_time", .unit = "s", .kind = REPORT_TREND},
    {.name = "attempts_busy", .unit = "", .kind = REPORT_COUNTER},
    {.name = "attempts_refused", .unit = "", .kind = REPORT_COUNTER},
};
static const report_machine machine = {.wall_s = 2.34,
                                       .threads = 4,
                                       .events = 1234567,
                                       .events_per_s = 527592.7,
                                       .bytes_per_device = 8912,
                                       .resident_bytes_per_device = 11000,
                                       .started = "2024-05-01T12:00:00Z"};
static judge_finding findings[2];

static int fill(void **state) {
    (void)state;
    findings[0] = (judge_finding){.unit = "5.9-3-2 a", .provision = "5.9-3", .verdict = JUDGE_FAIL};
    judge_finding_say(&findings[0],
                      "1,000 devices had to come back after the power restore (declared: every 10s "
                      "without jitter): in "
                      "the busiest second 131 attempts arrived where the cloud admits 20, so the "
                      "herd, not the outage, "
                      "kept devices waiting for 4m10s.");
    judge_finding_measure(&findings[0], "busiest second", "attempts/s", 131, JUDGE_AT_MOST, 20,
                          5231);
    judge_finding_measure(&findings[0], "back online", "share", 1, JUDGE_AT_LEAST, 1, 1000);
    judge_finding_inform(&findings[0], "peak to mean", "", 5.2, 5231, "the wave is too short");
    judge_finding_inform(&findings[0], "time to 100 % online", "s", 250, 1000, NULL);
    findings[1] = (judge_finding){.unit = "answered", .verdict = JUDGE_PASS};
    judge_finding_say(&findings[1], "All 12,000 of 12,000 had their answer.");
    judge_finding_measure(&findings[1], "answered", "share", 0.99999, JUDGE_AT_LEAST, 0.9999,
                          12000);
    return 0;
}

static report_run usual_run(void) {
    return (report_run){.scenario = "scenarios/5.9-3/power-restore-street.lua",
                        .title = "A street comes back",
                        .version = "0.1.0",
                        .world = "virtual",
                        .repeat =
                            "blackstart run scenarios/5.9-3/power-restore-street.lua --seed "
                            "18446744073709551615 --set law=fixed",
                        .seed = UINT64_MAX,
                        .homes = 250,
                        .devices = 1000,
                        .duration = SIM_HOUR,
                        .parameters = parameters,
                        .parameter_count = 2,
                        .findings = findings,
                        .finding_count = 2,
                        .metrics = metrics,
                        .metric_count = 7,
                        .story = story,
                        .story_count = 2,
                        .fingerprint = 0xabc,
                        .machine = &machine};
}

static char *shown(const report_run *run, const char *folder, bool colour, uint32_t columns) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    report_terminal(run, folder,
                    &(report_style){.colour = colour, .marks = colour, .columns = columns}, file);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void test_the_page(void **state) {
    (void)state;
    const report_run run = usual_run();
    char *text = shown(&run, "results/street", false, 80);
    assert_string_equal(
        text,
        "\n"
        "  VERDICTS\n"
        "\n"
        "    FAIL  5.9-3-2 a  test unit of TS 103 701 for EN 303 645, provision 5.9-3\n"
        "          1,000 devices had to come back after the power restore (declared:\n"
        "          every 10s without jitter): in the busiest second 131 attempts arrived\n"
        "          where the cloud admits 20, so the herd, not the outage, kept devices\n"
        "          waiting for 4m10s.\n"
        "    FAILS busiest second........: 131 attempts/s, at most 20 (n=5,231)\n"
        "    ok    back online...........: 100 %, at least 100 % (n=1,000)\n"
        "    info  peak to mean..........: 5.2 (n=5,231); for information: the wave is\n"
        "                                  too short\n"
        "    info  time to 100 % online..: 4m10s (n=1,000)\n"
        "\n"
        "    PASS  answered\n"
        "          All 12,000 of 12,000 had their answer.\n"
        "    ok    answered.............: 99.999 %, at least 99.99 % (n=12,000)\n"
        "\n"
        "  STORY\n"
        "\n"
        "      10m00s  power cut: 250 homes, 1,000 devices\n"
        "    4h00m00s  power restore: 250 homes, 1,000 devices\n"
        "\n"
        "  METRICS\n"
        "\n"
        "    attempts.............: 7,200 (mean 2/s)\n"
        "    bytes_sent...........: 1.23MB (mean 343B/s)\n"
        "    online...............: 1,000\n"
        "    request_latency......: avg=81.2ms min=40.2ms med=78.7ms max=1.23s\n"
        "                           p(90)=120ms p(95)=150ms (n=12,000)\n"
        "    handshake_time.......: no samples\n"
        "    and 2 that counted nothing, in summary.json\n"
        "\n"
        "  RUN\n"
        "\n"
        "    scenario.............: scenarios/5.9-3/power-restore-street.lua\n"
        "    title................: A street comes back\n"
        "    world................: virtual\n"
        "    set..................: law=fixed\n"
        "    seed.................: 18446744073709551615\n"
        "    homes................: 250\n"
        "    devices..............: 1,000\n"
        "    virtual time.........: 1h00m00s\n"
        "    wall time............: 2.34s (4 threads, 1,234,567 events, 527,593 events/s)\n"
        "    per device...........: 8.91kB (resident 11kB)\n"
        "    fingerprint..........: 0000000000000abc\n"
        "    results..............: results/street\n"
        "    page.................: results/street/report.html\n"
        "\n"
        "    To repeat this run:\n"
        "      blackstart run scenarios/5.9-3/power-restore-street.lua --seed "
        "18446744073709551615 --set law=fixed\n"
        "\n");
    free(text);
}

/* Characters of the longest line; colours take no room, the line to copy is left whole, and so is
 * a word (it may be a path) that stands alone behind its name. */
static size_t longest_line(const char *text, const char *spared, size_t wanted) {
    enum { FACTS = 42 }; /* where values begin, at the most */
    size_t longest = 0;
    while (*text != '\0') {
        const char *end = strchr(text, '\n');
        size_t width = 0, last_word = 0;
        bool spare =
            spared != NULL && strncmp(text + strspn(text, " "), spared, strlen(spared)) == 0;
        for (; text < end; text++) {
            if (*text == '\x1b')
                text = strchr(text, 'm');
            else if (((unsigned char)*text & 0xC0) != 0x80)
                width++;
            if (*text == ' ') last_word = width;
        }
        text = end + 1;
        bool alone = width > wanted && last_word <= FACTS;
        if (!spare && !alone && width > longest) longest = width;
    }
    return longest;
}

static void test_every_width(void **state) {
    (void)state;
    const report_run run = usual_run();
    for (int colour = 0; colour <= 1; colour++)
        for (uint32_t columns = 0; columns < 300; columns++) {
            char *text = shown(&run, "results/street", colour == 1, columns);
            uint32_t wanted = columns < 40 ? 40 : columns > 120 ? 120 : columns;
            size_t longest = longest_line(text, "blackstart run", wanted);
            if (longest > wanted)
                fail_msg("%zu characters in %u columns:\n%s", longest, wanted, text);
            assert_true(columns > 100 || longest + 20 > wanted); /* and the room is used */
            assert_non_null(strstr(text, run.repeat));
            free(text);
        }
}

static void strip_colours(char *text) {
    char *out = text;
    for (; *text != '\0'; text++) {
        if (*text == '\x1b')
            text = strchr(text, 'm');
        else
            *out++ = *text;
    }
    *out = '\0';
}

static void test_colours(void **state) {
    (void)state;
    const report_run run = usual_run();
    char *text = shown(&run, NULL, true, 80);
    assert_non_null(strstr(text, "\x1b[31m\u2717 FAIL\x1b[0m"));
    assert_non_null(strstr(text, "\x1b[32m\u2713 PASS\x1b[0m"));
    strip_colours(text);
    assert_non_null(strstr(
        text, "        \u2717 busiest second........: 131 attempts/s, at most 20 (n=5,231)\n"));
    assert_non_null(strstr(text, "        \u2713 back online...........: 100 %"));
    assert_non_null(strstr(text, "        - peak to mean"));
    assert_null(strstr(text, "results..."));
    free(text);
}

/* Every string that comes from outside, hostile in every way: nothing but lines of harmless
 * characters comes out. */
static void test_hostile_strings(void **state) {
    (void)state;
    char long_word[200];
    memset(long_word, 'w', sizeof long_word - 1);
    long_word[sizeof long_word - 1] = '\0';
    const char *const texts[] = {"\x1b]0;owned\x07\x1b[2J",
                                 "\xff\xfe\x80",
                                 "Stra\u00dfe \u202e \u200b",
                                 "a\nFAKE  PASS\rx\ty",
                                 "",
                                 " ",
                                 long_word};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (int colour = 0; colour <= 1; colour++) {
            const char *t = texts[i];
            const report_parameter parameter = {t, t, true};
            const report_story tale = {SIM_NEVER, t};
            const report_metric metric = {
                .name = t, .unit = t, .kind = REPORT_COUNTER, .value = NAN};
            judge_finding f = {.verdict = JUDGE_INCONCLUSIVE};
            judge_finding_say(&f, "%s", t);
            judge_finding_inform(&f, t, t, INFINITY, UINT64_MAX, t);
            report_run run = usual_run();
            run.scenario = run.title = run.world = run.target = run.repeat = run.error = t;
            run.interrupted = true;
            run.parameters = &parameter;
            run.parameter_count = 1;
            run.story = &tale;
            run.story_count = 1;
            run.metrics = &metric;
            run.metric_count = 1;
            run.findings = &f;
            run.finding_count = 1;
            char *text = shown(&run, t, colour == 1, 60);
            if (colour == 1) strip_colours(text);
            assert_true(longest_line(text, t, 60) <= 60);
            /* what is longer than a line stands whole: it may be a path */
            if (t == long_word) assert_non_null(strstr(text, long_word));
            assert_null(strstr(text, "\nFAKE"));
            for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
                assert_true(*at == '\n' ||
                            (*at >= ' ' && *at != 0x7f && (colour == 1 || *at < 0x7f)));
            assert_null(strstr(text, "\u202e"));
            free(text);
        }
}

static char *last_line(const report_run *run, bool marks) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    report_terminal_last(run, &(report_style){.marks = marks, .columns = 80}, file);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void expect_last(report_run run, const char *wanted) {
    char *text = last_line(&run, false);
    assert_string_equal(text, wanted);
    free(text);
}

/* What a reader of the last screen, or of the last line of a log, has to know. */
static void test_the_last_line(void **state) {
    (void)state;
    report_run run = usual_run();
    expect_last(run, "FAIL  5.9-3-2 a: busiest second 131 attempts/s, at most 20\n");
    run.findings = &findings[1];
    run.finding_count = 1;
    expect_last(run, "PASS  answered\n");
    char *text = last_line(&run, true);
    assert_string_equal(text, "\u2713 PASS  answered\n");
    free(text);
    run.interrupted = true;
    expect_last(run, "PASS, interrupted  answered\n");
    run.finding_count = 0;
    run.interrupted = false;
    expect_last(run, "NO VERDICT\n");
    run.error = "x.lua:12: no such measure";
    expect_last(run, "ERROR  x.lua:12: no such measure\n");
    judge_finding two[] = {{.unit = "a", .verdict = JUDGE_INCONCLUSIVE},
                           {.unit = "b", .verdict = JUDGE_WARN},
                           {.unit = "c", .verdict = JUDGE_INCONCLUSIVE}};
    run = usual_run();
    run.findings = two;
    run.finding_count = 3;
    expect_last(run, "INCONCLUSIVE  a; c\n");
}

/* A share that looks poor under a PASS has its reason beside it. */
static void test_in_band_is_explained(void **state) {
    (void)state;
    report_metric local = {
        .name = "local_in_band_thermostat", .unit = "share", .kind = REPORT_GAUGE, .value = 0.516};
    report_run run = usual_run();
    run.metrics = &local;
    run.metric_count = 1;
    char *text = shown(&run, NULL, false, 120);
    assert_non_null(strstr(text, "51.6 % of the time with power; after a cut, "));
    free(text);
    local.value = 0.9;
    text = shown(&run, NULL, false, 120);
    assert_non_null(strstr(text, ": 90 %\n"));
    free(text);
}

static void test_trouble_comes_first(void **state) {
    (void)state;
    report_run run = usual_run();
    run.finding_count = 0;
    run.interrupted = true;
    run.error = "scenarios/x.lua:12: attempt to call a nil value";
    run.machine = NULL;
    char *text = shown(&run, NULL, false, 80);
    static const char start[] =
        "\n  VERDICTS\n\n"
        "    ERROR  scenarios/x.lua:12: attempt to call a nil value\n"
        "    INTERRUPTED  after 1h00m00s; verdicts rest on what was seen until then\n"
        "    none  the scenario asked for no verdict, or did not get that far\n";
    assert_memory_equal(text, start, sizeof start - 1);
    assert_null(strstr(text, "wall time"));
    free(text);
}

static void test_real_world(void **state) {
    (void)state;
    report_run run = usual_run();
    report_machine late = machine;
    late.lateness_p99_s = 0.0012;
    late.threads = 1;
    run.world = "real";
    run.target = "coaps://192.0.2.7";
    run.machine = &late;
    char *text = shown(&run, NULL, false, 80);
    assert_non_null(strstr(text, "    target...............: coaps://192.0.2.7\n"));
    assert_non_null(strstr(text, "    run time.............: 1h00m00s\n"));
    assert_non_null(strstr(text, "    lateness p(99).......: 1.2ms\n"));
    assert_non_null(strstr(text, "(1 thread, "));
    assert_null(strstr(text, "virtual time"));
    free(text);
}

static void test_nothing_at_all(void **state) {
    (void)state;
    const report_run run = {.scenario = NULL};
    char *text = shown(&run, NULL, false, 80);
    assert_non_null(strstr(text, "VERDICTS"));
    assert_null(strstr(text, "STORY"));
    assert_null(strstr(text, "METRICS"));
    assert_null(strstr(text, "repeat"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_page),
        cmocka_unit_test(test_every_width),
        cmocka_unit_test(test_colours),
        cmocka_unit_test(test_hostile_strings),
        cmocka_unit_test(test_the_last_line),
        cmocka_unit_test(test_in_band_is_explained),
        cmocka_unit_test(test_trouble_comes_first),
        cmocka_unit_test(test_real_world),
        cmocka_unit_test(test_nothing_at_all),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
