/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_cli_examine.c - the command as a user meets it: options, files, pipes, and the line on
 * standard error. Each call runs in a child. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "tests/unit/with_cmocka.h"

enum { WORDS = 16, TEXT_MAX = 1 << 16 };

static char folder[64];

static int make_folder(void **state) {
    (void)state;
    strcpy(folder, "/tmp/test_cli_examine.XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : chdir(folder);
}

static int remove_folder(void **state) {
    (void)state;
    static const char *const files[] = {"in", "out", "err", "data.csv", "alarms.csv", "truth.csv"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) (void)unlink(files[i]);
    return chdir("/") != 0 ? -1 : rmdir(folder);
}

static void write_file(const char *name, const char *text) {
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static const char *read_file(const char *name) {
    static char text[TEXT_MAX];
    FILE *f = fopen(name, "r");
    assert_non_null(f);
    const size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    assert_int_equal(fclose(f), 0);
    return text;
}

static void redirect(const char *name, int flags, int descriptor) {
    const int f = open(name, flags, 0600);
    if (f < 0 || dup2(f, descriptor) < 0) _exit(99);
}

/* Runs `blackstart examine WORDS` with `input` on standard input; output in "out" and "err". The
 * exit code. */
static int run(const char *words, const char *input) {
    char *argv[WORDS] = {"blackstart", "examine"};
    char copy[512];
    int argc = 2, status;
    snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strtok(copy, " "); word != NULL && argc < WORDS - 1; word = strtok(NULL, " "))
        argv[argc++] = word;
    write_file("in", input);
    fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        redirect("in", O_RDONLY, STDIN_FILENO);
        redirect("out", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
        redirect("err", O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
        const int code = cli_main(argc, argv);
        fflush(NULL);
        _exit(code);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int lines_in(const char *text) {
    int n = 0;
    for (; *text != '\0'; text++) n += *text == '\n';
    return n;
}

static void it_streams(void **state) {
    (void)state;
    assert_int_equal(run("-", "timestamp,value\n1,2\n"), 0);
    assert_string_equal(read_file("out"), "timestamp,value,score,alarm\n1,2,,0\n");
    assert_string_equal(read_file("err"), "");
    write_file("data.csv", "t,v,d\n1,2,a\n");
    assert_int_equal(run("data.csv --timestamp t --value=v --key d", ""), 0);
    assert_string_equal(read_file("out"), "timestamp,value,score,alarm,key\n1,2,,0,a\n");
    assert_int_equal(run("--help", ""), 0);
    assert_non_null(strstr(read_file("out"), "--operator FILE"));
}

static void notes_go_to_standard_error(void **state) {
    (void)state;
    assert_int_equal(run("-", "1,2\n2,nan\n3,x\n"), 0);
    assert_int_equal(lines_in(read_file("out")), 4);
    const char *notes = read_file("err");
    assert_int_equal(lines_in(notes), 2);
    assert_null(strstr(notes, "blackstart: ")); /* what an error begins with */
    assert_non_null(strstr(notes, "note: no header"));
    assert_non_null(strstr(
        notes, "note: 2 rows, first in line 2: the value is no finite number (standard input)"));
}

static void the_threshold_decides(void **state) {
    (void)state;
    static char text[TEXT_MAX];
    char *p = text + sprintf(text, "timestamp,value\n");
    for (int i = 0; i < 600; i++) p += sprintf(p, "%d,%d\n", i, i % 5 + (i == 500 ? 1000 : 0));
    assert_int_equal(run("-", text), 0);
    assert_non_null(strstr(read_file("out"), "\n500,1000,"));
    assert_non_null(strstr(read_file("out"), ",1\n"));
    assert_int_equal(run("- --threshold 1", text), 0);
    assert_null(strstr(read_file("out"), ",1\n"));
}

static void wrong_use_is_told_in_one_line(void **state) {
    (void)state;
    static const struct {
        const char *words, *input, *says;
    } cases[] = {
        {"", "", "no file given"},
        {"- x", "", "x is one word too many"},
        {"--bogus", "", "unknown option --bogus"},
        {"- --key", "", "option --key has no value"},
        {"absent.csv", "", "No such file"},
        {"/", "", "Is a directory"},
        {"-", "", "nothing to examine (standard input)"},
        {"-", "a,b\n1,2\n", "no column \"timestamp\""},
        {"- --threshold 0", "", "no score: 0 (--threshold)"},
        {"- --threshold nan", "", "no score: nan (--threshold)"},
        {"- --series 0", "", "no number of series: 0 (--series)"},
        {"- --grace 5", "", "no duration: 5 (--grace)"},
        {"- --operator alarms.csv", "", "need each other"},
        {"- --truth truth.csv", "", "need each other"},
        {"- --operator - --truth truth.csv", "", "standard input is read once only"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const int code = run(cases[i].words, cases[i].input);
        const char *line = read_file("err");
        if (code != 4 || strncmp(line, "blackstart: ", 12) != 0 || lines_in(line) != 1 ||
            strstr(line, cases[i].says) == NULL)
            fail_msg("'%s' gave %d and: %s", cases[i].words, code, line);
    }
}

/* A reader that goes away ends it, quietly. */
static void a_closed_pipe_is_no_failure(void **state) {
    (void)state;
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    FILE *f = fopen("data.csv", "w");
    assert_non_null(f);
    fputs("timestamp,value\n", f);
    for (int i = 0; i < 200000; i++) fprintf(f, "%d,1\n", i);
    assert_int_equal(fclose(f), 0);
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        char *argv[] = {"blackstart", "examine", "data.csv", NULL};
        redirect("err", O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        _exit(cli_main(3, argv));
    }
    close(ends[1]);
    char some[64];
    assert_true(read(ends[0], some, sizeof some) > 0);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_string_equal(read_file("err"), "");
}

/* A line in is a line out before the next comes: a pipe is examined in real time. */
static void a_pipe_is_answered_at_once(void **state) {
    (void)state;
    int in[2], out[2], status;
    char answer[256];
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        char *argv[] = {"blackstart", "examine", "-", NULL};
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        close(in[1]);
        close(out[0]);
        _exit(cli_main(3, argv));
    }
    close(in[0]);
    close(out[1]);
    assert_int_equal(write(in[1], "timestamp,value\n", 16), 16);
    assert_int_equal(read(out[0], answer, sizeof answer), 28);
    assert_int_equal(write(in[1], "1,2\n", 4), 4);
    assert_int_equal(read(out[0], answer, sizeof answer), 7);
    assert_memory_equal(answer, "1,2,,0\n", 7);
    close(in[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(out[0]);
}

static const char data[] =
    "timestamp,value,device\n0,1,a\n864000,1,a\n0,1,b\n864000,1,b\n"; /* 20 device-days */
static const char truth[] = "start,end,kind,key\n1000,2000,spike,a\n5000,6000,drift,b\n";

static void operators_are_scored(void **state) {
    (void)state;
    write_file("data.csv", data);
    write_file("truth.csv", truth);
    write_file("alarms.csv", "timestamp,key,alarm\n1500,a,1\n1600,b,1\n5500,b,0\n");
    assert_int_equal(run("data.csv --key device --operator alarms.csv --truth truth.csv", ""), 0);
    const char *table = read_file("out");
    assert_non_null(strstr(table, "spike                           1        1   1.000"));
    assert_non_null(strstr(table, "drift                           1        0   0.000"));
    assert_non_null(strstr(table, "alarms 2, false 1, precision 0.500"));
    assert_non_null(strstr(table, "false alarms per device-day 0.05000 (20.0 device-days)"));
    assert_int_equal(run("- --key device --operator alarms.csv --truth truth.csv --grace 0s", data),
                     0);
}

static void bad_operator_files_are_told(void **state) {
    (void)state;
    static const struct {
        const char *alarms, *truth, *says;
    } cases[] = {
        {"", truth, "empty file (alarms.csv)"},
        {"time\n1\n", truth, "no column \"timestamp\" (alarms.csv, line 1)"},
        {"timestamp\nnoon\n", truth, "the timestamp cannot be read (alarms.csv, line 2)"},
        {"timestamp,key\n1\n", truth, "the line lacks a column (alarms.csv, line 2)"},
        {"timestamp\n", "start,end,kind\n", "no injection (truth.csv)"},
        {"timestamp\n", "start,end\n1,2\n", "no column \"kind\" (truth.csv, line 1)"},
        {"timestamp\n", "start,end,kind\n2,1,x\n",
         "the end lies before the start (truth.csv, line 2)"},
        {"timestamp\n", "start,end,kind\n2,soon,x\n",
         "start or end cannot be read (truth.csv, line 2)"},
    };
    write_file("data.csv", data);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_file("alarms.csv", cases[i].alarms);
        write_file("truth.csv", cases[i].truth);
        const int code = run("data.csv --key device --operator alarms.csv --truth truth.csv", "");
        const char *line = read_file("err");
        if (code != 4 || lines_in(line) != 1 || strstr(line, cases[i].says) == NULL)
            fail_msg("case %zu gave %d and: %s", i, code, line);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_streams),
        cmocka_unit_test(notes_go_to_standard_error),
        cmocka_unit_test(the_threshold_decides),
        cmocka_unit_test(wrong_use_is_told_in_one_line),
        cmocka_unit_test(a_closed_pipe_is_no_failure),
        cmocka_unit_test(a_pipe_is_answered_at_once),
        cmocka_unit_test(operators_are_scored),
        cmocka_unit_test(bad_operator_files_are_told),
    };
    return cmocka_run_group_tests_name("cli_examine", tests, make_folder, remove_folder);
}
