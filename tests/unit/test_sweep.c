/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A grid of two laws and three capacities with two seeds, whose figures can be worked out by hand.
 */
#include "sim/report/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/sweep_write.h"
#include "tests/unit/every_allocation.h"

enum {
    LAWS = 2,
    CAPACITIES = 3,
    SEEDS = 2,
    COLUMNS = 2,
    RUNS = LAWS * CAPACITIES * SEEDS,
    TEXT_MAX = 20000
};

static const char *const laws[] = {"or'd`er\"ly", "fixed,10s"}, *const capacities[] = {"100", "1k",
                                                                                       "0.5k"};
static const report_sweep_axis axes[] = {{"law", laws, LAWS}, {"capacity", capacities, CAPACITIES}};
static const report_sweep_column columns[] = {{"peak", "attempts/s"}, {"time", "s"}};

typedef struct grid {
    report_sweep sweep;
    report_sweep_run runs[RUNS];
    double values[(size_t)RUNS * COLUMNS];
    report_sweep_target targets[2];
} grid;

/* Run i has peak 10 i and time 60 i; fixed never gets anybody back with the second seed. */
static report_sweep *fill(grid *g) {
    *g = (grid){
        .targets = {{.column = SIZE_MAX, .text = "pass"},
                    {.column = 0, .relation = JUDGE_AT_MOST, .bound = 50, .text = "peak<=50"}}};
    for (size_t i = 0; i < RUNS; i++) {
        bool back = i < RUNS / LAWS || i % SEEDS == 0;
        g->runs[i] =
            (report_sweep_run){REPORT_SWEEP_DONE, back ? JUDGE_PASS : JUDGE_FAIL, true, back};
        g->values[i * COLUMNS] = 10 * (double)i;
        g->values[i * COLUMNS + 1] = back ? 60 * (double)i : NAN;
    }
    g->sweep = (report_sweep){.scenario = "s.lua",
                              .title = "A title",
                              .version = "0",
                              .repeat = "blackstart sweep s.lua",
                              .axes = axes,
                              .axis_count = 2,
                              .points = (size_t)LAWS * CAPACITIES,
                              .first_seed = 7,
                              .seeds = SEEDS,
                              .columns = columns,
                              .column_count = COLUMNS,
                              .runs = g->runs,
                              .values = g->values,
                              .targets = g->targets,
                              .target_count = 1,
                              .cost = 1,
                              .sentence = "a sentence"};
    return &g->sweep;
}

static void test_grid(void **state) {
    (void)state;
    grid g;
    const report_sweep *s = fill(&g);
    for (size_t i = 0; i < s->points; i++) {
        assert_string_equal(report_sweep_value(s, i, 0), laws[i / CAPACITIES]);
        assert_string_equal(report_sweep_value(s, i, 1), capacities[i % CAPACITIES]);
    }
    assert_false(report_sweep_numeric(&axes[0]));
    assert_true(report_sweep_numeric(&axes[1]));
}

static void test_number(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool good;
        double number;
    } rows[] = {{"100", true, 100},  {"2k", true, 2000},    {"25%", true, 0.25},
                {"1m30s", true, 90}, {"250ms", true, 0.25}, {"orderly", false, 0},
                {"", false, 0},      {"nan", false, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double number = 0;
        assert_int_equal(report_sweep_number(rows[i].text, &number), rows[i].good);
        if (rows[i].good) assert_true(fabs(number - rows[i].number) < 1e-12);
    }
}

static void test_figures(void **state) {
    (void)state;
    grid g;
    report_sweep_figure f;
    const report_sweep *s = fill(&g);
    assert_int_equal(report_sweep_over(s, 1, 1, &f), 0);
    assert_true(f.minimum == 120 && f.maximum == 180 && f.median == 150 && f.known == 2);
    assert_int_equal(report_sweep_over(s, 4, 1, &f),
                     0); /* one of the two is never: it counts as more than any number */
    assert_true(f.minimum == 480 && isnan(f.maximum) && isnan(f.median) && f.known == 1);
    report_sweep_tally tally = report_sweep_count(s, 4);
    assert_true(tally.done == 2 && tally.pass == 1 && tally.fail == 1 && tally.drained == 1);
    g.runs[9].state = REPORT_SWEEP_MISSING;
    assert_int_equal(report_sweep_over(s, 4, 1, &f), 0);
    assert_true(f.median == 480 && f.maximum == 480);
    assert_int_equal(report_sweep_count(s, 4).done, 1);
}

static void test_cheapest(void **state) {
    (void)state;
    grid g;
    report_sweep *s = fill(&g);
    assert_int_equal(report_sweep_cheapest(s), 0); /* 100, the lowest */
    g.runs[1].verdict = JUDGE_INCONCLUSIVE;
    assert_int_equal(report_sweep_cheapest(s), 2); /* 0.5k is less than 1k */
    s->target_count = 2;
    assert_int_equal(report_sweep_cheapest(s), 2); /* 50 is at most 50 */
    g.targets[1].bound = 49.9;
    assert_int_equal(report_sweep_cheapest(s), 1);
    g.targets[1].relation = JUDGE_AT_LEAST;
    /* the fixed law fails with every capacity */
    assert_int_equal(report_sweep_cheapest(s), SIZE_MAX);
    g.targets[0] = g.targets[1];
    assert_int_equal(report_sweep_cheapest(s), 3);
    s->cost = SIZE_MAX;
    assert_int_equal(report_sweep_cheapest(s), 3); /* the first one */
    g.targets[1].column = 1;                       /* never meets nothing, not even "at least" */
    g.targets[1].bound = 0;
    assert_false(report_sweep_meets(s, 3));
    g.runs[6].state = REPORT_SWEEP_MISSING;
    s->target_count = 1;
    assert_false(report_sweep_meets(s, 3));
}

typedef int writer(FILE *file, const report_sweep *s);

static int table(FILE *file, const report_sweep *s) {
    return report_sweep_table(file, s, UINT32_MAX);
}

static int narrow_table(FILE *file, const report_sweep *s) {
    return report_sweep_table(file, s, 40);
}

static writer *const writers[] = {
    report_sweep_csv, report_sweep_json, report_sweep_gnuplot, report_sweep_junit, table,
    narrow_table};

static const char *written(writer *write, const report_sweep *s) {
    static char text[TEXT_MAX];
    memset(text, 0, sizeof text);
    FILE *file = fmemopen(text, sizeof text - 1, "w");
    assert_non_null(file);
    assert_int_equal(write(file, s), 0);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void assert_in(const char *text, const char *part) {
    if (strstr(text, part) == NULL) fail_msg("no '%s' in:\n%s", part, text);
}

static void test_files(void **state) {
    (void)state;
    grid g;
    const report_sweep *s = fill(&g);
    const char *csv = written(report_sweep_csv, s);
    assert_in(csv, "law,capacity,seed,verdict,peak,time\n\"or'd`er\"\"ly\",100,7,PASS,0,0\n");
    assert_in(csv, "\"fixed,10s\",0.5k,8,FAIL,110,\n");
    const char *json = written(report_sweep_json, s);
    assert_in(json, "\"schema\": \"blackstart-sweep-1\"");
    assert_in(json, "\"drained\": 1");
    assert_in(json,
              "\"median\": null,\n          \"minimum\": 360.0,\n          \"maximum\": null");
    assert_in(json, "\"point\": 0");
}

static void test_tables(void **state) {
    (void)state;
    grid g;
    const report_sweep *s = fill(&g);
    const char *wide = written(table, s);
    assert_in(
        wide,
        "  or'd`er\"ly  1k        2     100 %  100 %  25 (20..30)     2m30s (2m00s..3m00s)\n");
    assert_in(wide,
              "  fixed,10s   1k        2     50 %   50 %   85 (80..90)     never (8m00s..never)\n");
    const char *narrow = written(narrow_table, s);
    assert_in(narrow, "  100 %  25    2m30s\n");
    assert_null(strstr(narrow, ".."));
}

static void test_sentence(void **state) {
    (void)state;
    grid g;
    char text[400], small[30];
    report_sweep *s = fill(&g);
    s->cost = 1;
    assert_string_equal(report_sweep_sentence(s, text, sizeof text),
                        "target pass: cheapest setting that meets it: capacity=100 with "
                        "law=or'd`er\"ly (2 of 2 runs "
                        "pass, peak 0..10)");
    assert_string_equal(report_sweep_sentence(s, small, sizeof small),
                        "target pass: cheapest setting");
    s->cost = SIZE_MAX;
    g.runs[0].verdict = JUDGE_FAIL;
    g.runs[2].verdict = JUDGE_INCONCLUSIVE;
    assert_string_equal(report_sweep_sentence(s, text, sizeof text),
                        "target pass: 1 of 6 settings meets it: law=or'd`er\"ly and capacity=0.5k "
                        "(2 of 2 runs pass, "
                        "peak 40..50)");
    s->targets = &g.targets[1];
    s->target_count = 1;
    g.targets[1].bound = -1;
    assert_string_equal(report_sweep_sentence(s, text, sizeof text),
                        "target peak<=50: no setting meets it with every seed");
}

/* What a parameter says is never a command of gnuplot's. */
static void test_picture(void **state) {
    (void)state;
    grid g;
    const char *script = written(report_sweep_gnuplot, fill(&g));
    assert_in(script, "$line0 << END\n 100 5 0 10 30 0 60\n 1000 25 20 30");
    assert_in(script, "title 'law=or_d_er_ly'");
    assert_in(script, " 1000 85 80 90 NaN 480 NaN\n");
    /* two panels of 200, and 60 below them for the numbers of the axis */
    assert_in(script, " size 900,460 font ");
    assert_in(script, "set multiplot layout 2,1 margins screen 0.11,0.72,0.130,0.98 ");
    assert_in(script, " with yerrorlines ");
    assert_null(strchr(script, '`'));
    assert_null(strchr(script, '"'));
}

/* ---- the page ---- */

/* To be freed. */
static char *page_of(const report_sweep *s) {
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    assert_int_equal(report_sweep_page(file, s), 0);
    fclose(file);
    return text;
}

/* A run that does not meet a target fails, whatever its verdict; INCONCLUSIVE and missing ones are
 * skipped; class names hold no dot. */
static void test_junit(void **state) {
    (void)state;
    grid g;
    static const double took[RUNS] = {1.5, 2};
    report_sweep *s = fill(&g);
    s->took = took;
    g.runs[2].verdict = JUDGE_INCONCLUSIVE;
    g.runs[11].state = REPORT_SWEEP_MISSING;
    const char *text = written(report_sweep_junit, s);
    assert_in(text,
              "<testsuites name=\"blackstart sweep\" tests=\"12\" failures=\"2\" errors=\"0\" "
              "skipped=\"2\" time=\"3.500\">");
    assert_in(text,
              "<testsuite name=\"law=fixed,10s, capacity=0.5k\" tests=\"2\" failures=\"0\" "
              "errors=\"0\" skipped=\"1\"");
    assert_in(text, "classname=\"s/law=fixed,10s, capacity=0_5k\" name=\"seed 7\"");
    assert_in(text, "<failure message=\"FAIL\"/>");
    assert_in(text, "<skipped message=\"not run\"/>");
    s->target_count = 2;
    assert_in(written(report_sweep_junit, s),
              "<failure message=\"PASS; peak is 60, wanted at most 50\"/>");
}

/* Nothing varied has a price: nobody is ringed, and the lowest is named where it is one. */
static void test_words_have_no_price(void **state) {
    (void)state;
    grid g;
    size_t point;
    report_sweep *s = fill(&g);
    assert_int_equal(report_sweep_winner(s), 0);
    s->interrupted = true;
    assert_int_equal(report_sweep_winner(s), SIZE_MAX);
    s->interrupted = false;
    s->cost = SIZE_MAX;
    assert_int_equal(report_sweep_winner(s), SIZE_MAX);
    assert_int_equal(report_sweep_lowest(s, 0, &point), 0);
    assert_int_equal(point, 0);
    g.runs[0].verdict = JUDGE_FAIL; /* the lowest of those that are good enough */
    assert_int_equal(report_sweep_lowest(s, 0, &point), 0);
    assert_int_equal(point, 1);
    for (size_t i = 0; i < RUNS; i++) g.values[i * COLUMNS] = 5;
    assert_int_equal(report_sweep_lowest(s, 0, &point), 0);
    assert_int_equal(point, SIZE_MAX); /* equals */
    g.values[2 * COLUMNS] = g.values[3 * COLUMNS] = 4;
    char *text = page_of(s);
    assert_in(text, " <span class=\"given\">of the good enough, lowest in peak");
    assert_null(strstr(text, "class=\"cheapest\""));
    assert_non_null(strstr(text, "\"cheapest\":null"));
    free(text);
}

/* Of what did not run nothing is said: neither "no" nor "never". */
static void test_not_run(void **state) {
    (void)state;
    grid g;
    report_sweep *s = fill(&g);
    s->interrupted = true;
    g.runs[1].state = REPORT_SWEEP_MISSING;                     /* partly, good so far */
    g.runs[10].state = g.runs[11].state = REPORT_SWEEP_MISSING; /* not at all */
    g.runs[7].state = REPORT_SWEEP_MISSING, g.runs[6].verdict = JUDGE_FAIL; /* partly, bad */
    assert_false(report_sweep_decided(s, 0));
    assert_true(report_sweep_decided(s, 1));
    assert_true(report_sweep_decided(s, 3));
    assert_false(report_sweep_decided(s, 5));
    char *text = page_of(s);
    assert_in(text, ">not all run</td>");
    assert_in(text,
              "capacity=0.5k</th><td data-column=\"PASS\">not run</td><td "
              "data-column=\"good enough\">not run</td><td data-column=\"peak\">not run</td>");
    assert_in(text, "{\"runs\":0,\"meets\":null,");
    assert_in(text, "{\"runs\":1,\"meets\":false,");
    free(text);
    assert_in(written(report_sweep_json, s), "\"meets\": null");
}

static void test_of_nothing(void **state) {
    (void)state;
    grid g;
    report_sweep *s = fill(&g);
    for (size_t i = 0; i < RUNS; i++) g.runs[i].state = REPORT_SWEEP_MISSING;
    s->interrupted = true;
    assert_string_equal(written(report_sweep_csv, s), "law,capacity,seed,verdict,peak,time\n");
    assert_in(written(report_sweep_json, s), "\"interrupted\": true");
    assert_in(written(table, s), "  0     not run  -     -     -\n");
    s->column_count = 0;
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) (void)written(writers[i], s);
}

typedef struct attempt {
    writer *write;
    const report_sweep *s;
    FILE *file;
} attempt;

static int write_once(void *context) {
    attempt *a = context;
    rewind(a->file);
    return a->write(a->file, a->s);
}

static void test_no_memory(void **state) {
    (void)state;
    grid g;
    attempt a = {.s = fill(&g), .file = tmpfile()};
    assert_non_null(a.file);
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        a.write = writers[i];
        (void)write_once(&a); /* jansson seeds its tables once */
        (void)fail_every_allocation(write_once, &a);
    }
    fclose(a.file);
}

static void test_disk_full(void **state) {
    (void)state;
    grid g;
    const report_sweep *s = fill(&g);
    for (size_t i = 0; i < 4; i++) {
        FILE *full = fopen("/dev/full", "w");
        assert_non_null(full);
        setvbuf(full, NULL, _IONBF, 0);
        assert_int_equal(writers[i](full, s), SIM_EIO);
        fclose(full);
    }
}

static void test_page(void **state) {
    (void)state;
    static const char *const wanted[] = {
        "<title>Sweep: A title",
        "<p class=\"sentence found\">a sentence</p>",
        "6 settings with 2 seeds each",
        "blackstart sweep s.lua</pre>",
        "<tr class=\"cheapest\"><th scope=\"row\">law=or&#39;d`er&quot;ly, capacity=100 ",
        "<td data-column=\"time\">never (10m00s to never)</td>",
        "<td data-column=\"peak\">105 (100 to 110)</td>",
        "{\"name\":\"capacity\",\"values\":[\"100\",\"1k\",\"0.5k\"],\"numbers\":[100,1000,500]}",
        "\"numbers\":null}",
        "{\"runs\":2,\"meets\":true,\"at\":[0,0],\"figures\":[[5,0,10],[30,0,60]]}",
        "{\"runs\":2,\"meets\":false,\"at\":[1,2],\"figures\":[[105,100,110],[null,600,null]]}",
        "\"all\":6,\"seeds\":2,\"cheapest\":0}}",
        "Content-Security-Policy",
    };
    grid g;
    char *text = page_of(fill(&g));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (strstr(text, wanted[i]) == NULL) fail_msg("not on the page: %s", wanted[i]);
    free(text);
    g.sweep.interrupted = true;
    text = page_of(&g.sweep);
    assert_non_null(strstr(text, "The sweep was interrupted"));
    assert_non_null(strstr(text, "\"cheapest\":null"));
    assert_null(strstr(text, "class=\"cheapest\""));
    free(text);
}

/* Whatever is varied tries to be markup. */
static void test_page_is_safe(void **state) {
    (void)state;
    static const char *const evil[] = {"</script><script>alert(1)</script>", "\"onload='x'\xff"};
    const report_sweep_axis bad[] = {{"<!--", evil, 2}, {"capacity", capacities, CAPACITIES}};
    const report_sweep_column named[] = {{"<img src=x>", "</td>"}, {"time", "s"}};
    grid g;
    fill(&g);
    char *tame = page_of(&g.sweep);
    g.sweep.axes = bad;
    g.sweep.columns = named;
    g.sweep.title = "</title><img src=x>";
    g.sweep.sentence = g.sweep.repeat = "</pre><script>";
    char *text = page_of(&g.sweep);
    static const char *const kinds[] = {"<script", "</script", "<img", "<!--", "</title", "</pre"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t counts[2] = {0, 0};
        for (const char *at = tame; (at = strstr(at, kinds[i])) != NULL; at++) counts[0]++;
        for (const char *at = text; (at = strstr(at, kinds[i])) != NULL; at++) counts[1]++;
        if (counts[0] != counts[1]) fail_msg("%s broke out", kinds[i]);
    }
    free(tame);
    free(text);
}

/* The largest grid there can be: ten thousand settings, of which the page tells the first. */
static void test_page_stays_small(void **state) {
    (void)state;
    enum { WIDE = 100, POINTS = WIDE * WIDE, MANY = 9 };
    static const char *values[WIDE];
    static char names[WIDE][40];
    static report_sweep_run runs[POINTS];
    static double figures[POINTS * MANY];
    for (size_t i = 0; i < WIDE; i++) {
        snprintf(names[i], sizeof names[i], "%zu", 1000000 + i);
        values[i] = names[i];
    }
    for (size_t i = 0; i < POINTS; i++)
        runs[i] = (report_sweep_run){REPORT_SWEEP_DONE, JUDGE_PASS, true, true};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) figures[i] = (double)i / 7;
    const report_sweep_axis wide[] = {{"a parameter with a long name", values, WIDE},
                                      {"another one, not shorter", values, WIDE}};
    report_sweep_column many[MANY];
    for (size_t i = 0; i < MANY; i++)
        many[i] = (report_sweep_column){"a measure with a long name", "attempts/s"};
    grid g;
    fill(&g);
    g.sweep.axes = wide;
    g.sweep.points = POINTS;
    g.sweep.seeds = 1;
    g.sweep.columns = many;
    g.sweep.column_count = MANY;
    g.sweep.runs = runs;
    g.sweep.values = figures;
    char *text = page_of(&g.sweep);
    assert_in_range(strlen(text), 100000, 400 * 1000);
    assert_non_null(strstr(text, "These are the first 60 of 10000 settings"));
    free(text);
}

static int page_with_little_memory(void *context) {
    FILE *file = fopen("/dev/null", "w");
    int error = report_sweep_page(file, context);
    fclose(file);
    return error;
}

static void test_page_without_memory_or_disk(void **state) {
    (void)state;
    grid g;
    assert_true(fail_every_allocation(page_with_little_memory, fill(&g)) > 10);
    FILE *full = fopen("/dev/full", "w");
    if (full == NULL) skip();
    assert_int_equal(report_sweep_page(full, &g.sweep), SIM_EIO);
    fclose(full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grid),
        cmocka_unit_test(test_number),
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_cheapest),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_sentence),
        cmocka_unit_test(test_picture),
        cmocka_unit_test(test_junit),
        cmocka_unit_test(test_words_have_no_price),
        cmocka_unit_test(test_not_run),
        cmocka_unit_test(test_of_nothing),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_disk_full),
        cmocka_unit_test(test_page),
        cmocka_unit_test(test_page_is_safe),
        cmocka_unit_test(test_page_stays_small),
        cmocka_unit_test(test_page_without_memory_or_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
