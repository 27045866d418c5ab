/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is shown where: terminals (a real pseudo-terminal) and the progress line. */
#define _GNU_SOURCE /* posix_openpt and its friends */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sim/cli/progress.h"
#include "sim/cli/terminal.h"
#include "tests/unit/with_cmocka.h"

static const char *const *environment; /* name, value, ..., NULL */

static char *fake_environment(const char *name) {
    for (const char *const *at = environment; *at != NULL; at += 2)
        if (strcmp(*at, name) == 0) return (char *)(uintptr_t)at[1];
    return NULL;
}

#define ENVIRONMENT(...) ((const char *const[]){__VA_ARGS__, NULL})

typedef struct screen {
    int master, terminal;
} screen;

static screen open_screen(unsigned short columns) {
    screen s = {.master = posix_openpt(O_RDWR | O_NOCTTY)};
    assert_true(s.master >= 0 && grantpt(s.master) == 0 && unlockpt(s.master) == 0);
    s.terminal = open(ptsname(s.master), O_RDWR | O_NOCTTY);
    assert_true(s.terminal >= 0);
    const struct winsize size = {.ws_col = columns, .ws_row = 24};
    assert_int_equal(ioctl(s.terminal, TIOCSWINSZ, &size), 0);
    return s;
}

static void close_screen(screen s) {
    close(s.terminal);
    close(s.master);
}

static void test_marks_follow_the_locale(void **state) {
    (void)state;
    static const struct {
        const char *all, *ctype, *lang;
        bool marks;
    } rows[] = {
        {"", "", "", false},
        {"", "", "C", false},
        {"", "", "en_GB.UTF-8", true},
        {"", "", "de_DE.utf8@euro", true},
        {"", "", "C.UTF-8", true},
        {"", "", "de_DE.ISO-8859-1", false},
        {"", "C", "en_GB.UTF-8", false},
        {"POSIX", "C.UTF-8", "en_GB.UTF-8", false},
        {"C.UTF-8", "C", "C", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        environment =
            ENVIRONMENT("LC_ALL", rows[i].all, "LC_CTYPE", rows[i].ctype, "LANG", rows[i].lang);
        assert_int_equal(cli_terminal_look(STDIN_FILENO, false, fake_environment).marks,
                         rows[i].marks);
    }
}

static void test_colour(void **state) {
    (void)state;
    static const struct {
        const char *term, *no_color;
        bool option, colour, interactive;
    } rows[] = {
        {"xterm", "", false, true, true}, {"xterm", "1", false, false, true},
        {"xterm", "", true, false, true}, {"dumb", "", false, false, false},
        {"", "", false, false, false},
    };
    screen s = open_screen(100);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        environment = ENVIRONMENT("TERM", rows[i].term, "NO_COLOR", rows[i].no_color);
        cli_terminal t = cli_terminal_look(s.terminal, rows[i].option, fake_environment);
        assert_int_equal(t.colour, rows[i].colour);
        assert_int_equal(t.interactive, rows[i].interactive);
        assert_int_equal(t.columns, 100);
    }
    close_screen(s);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    environment = ENVIRONMENT("TERM", "xterm");
    cli_terminal t = cli_terminal_look(ends[1], false, fake_environment);
    assert_true(!t.colour && !t.interactive && t.columns == 80);
    close(ends[0]);
    close(ends[1]);
}

static void test_columns(void **state) {
    (void)state;
    static const struct {
        unsigned short is;
        uint32_t taken;
    } rows[] = {{0, 80}, {1, 40}, {39, 40}, {40, 40}, {120, 120}, {1000, 140}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        screen s = open_screen(rows[i].is);
        assert_int_equal(cli_terminal_columns(s.terminal), rows[i].taken);
        close_screen(s);
    }
}

/* ---- progress ---- */

static const struct {
    run_progress now;
    cli_pace pace;
    const char *text;
} text_rows[] = {
    {{.now = 750 * SIM_SECOND + 123,
      .expected_end = 40 * SIM_MINUTE,
      .devices = 1000,
      .online = 980},
     {1.2e6, 120, 16, 0},
     "12m30s   980 of 1000 online   about 14s to 40m00s   16 answered/s   1.2M events/s"},
    {{.now = 750 * SIM_SECOND, .expected_end = SIM_NEVER, .devices = 1000, .online = 980},
     {1.2e6, 120, 0, 0},
     "12m30s   980 of 1000 online   1.2M events/s"},
    {{.now = 0, .expected_end = SIM_MINUTE, .devices = 5}, {0, 0, 0, 0}, "0s   0 of 5 online"},
    {{.now = SIM_MINUTE, .expected_end = SIM_MINUTE, .devices = 5},
     {10, 1, 0, 0},
     "1m00s   0 of 5 online   10 events/s"},
    {{.now = SIM_SECOND, .expected_end = SIM_NEVER - 1, .devices = 5},
     {10, 1e-9, 0, 0},
     "1s   0 of 5 online   10 events/s"},
    {{.now = 12 * SIM_SECOND, .expected_end = 75 * SIM_SECOND, .devices = 5, .real = true},
     {100, 1, 16, 20},
     "12s   0 of 5 online   until 1m15s   20 sent/s   16 answered/s"},
};

static void test_progress_text(void **state) {
    (void)state;
    char text[CLI_PROGRESS_TEXT];
    for (size_t i = 0; i < sizeof text_rows / sizeof text_rows[0]; i++)
        assert_string_equal(cli_progress_text(&text_rows[i].now, text_rows[i].pace, text),
                            text_rows[i].text);
}

static void show_at(cli_progress *p, double wall_s, bool finished) {
    const run_progress now = {.now = sim_time_from_seconds(wall_s * 60),
                              .expected_end = SIM_NEVER,
                              .devices = 10,
                              .online = 3,
                              .events = (uint64_t)(wall_s * 1000),
                              .wall_s = wall_s,
                              .finished = finished};
    cli_progress_show(p, &now);
}

static void test_lines_every_five_seconds(void **state) {
    (void)state;
    char text[1024] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    cli_progress p;
    cli_progress_init(&p, out, false);
    for (int i = 0; i <= 48; i++) show_at(&p, i * 0.25, false); /* 12 s */
    show_at(&p, 12, true);
    cli_progress_end(&p);
    fclose(out);
    assert_string_equal(
        text, "5m00s   3 of 10 online   1k events/s\n10m00s   3 of 10 online   1k events/s\n");
}

static void test_one_line_in_place_that_goes_away(void **state) {
    (void)state;
    char text[1024] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    cli_progress p;
    cli_progress_init(&p, out, true);
    show_at(&p, 0.25, false);
    show_at(&p, 1, false);
    show_at(&p, 1.1, true);
    cli_progress_end(&p); /* a second time: nothing is left to wipe */
    fclose(out);
    assert_string_equal(
        text, "\r\033[K15s   3 of 10 online\r\033[K1m00s   3 of 10 online   1k events/s\r\033[K");
}

static void test_quiet(void **state) {
    (void)state;
    cli_progress p = {0};
    show_at(&p, 100, false);
    cli_progress_end(&p);
}

static void test_a_narrow_terminal_does_not_scroll(void **state) {
    (void)state;
    screen s = open_screen(40);
    FILE *out = fdopen(s.terminal, "w");
    char text[256];
    cli_progress p;
    cli_progress_init(&p, out, true);
    const run_progress now = {.now = SIM_HOUR,
                              .expected_end = SIM_DAY,
                              .devices = 4000000,
                              .online = 3999999,
                              .events = 9999999,
                              .wall_s = 9};
    cli_progress_show(&p, &now);
    ssize_t n = read(s.master, text, sizeof text - 1);
    assert_int_equal(n, 4 + 39); /* carriage return, wipe, one column less than there are */
    fclose(out);
    close(s.master);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks_follow_the_locale),
        cmocka_unit_test(test_colour),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_progress_text),
        cmocka_unit_test(test_lines_every_five_seconds),
        cmocka_unit_test(test_one_line_in_place_that_goes_away),
        cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_a_narrow_terminal_does_not_scroll),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
