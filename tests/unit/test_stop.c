/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two requests to end, by a clock of the test's own. test-program: own (it has that clock) */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/cli/stop.h"
#include "sim/cli/trouble.h"
#include "sim/core/time.h"
#include "tests/unit/with_cmocka.h"

enum { ALIVE = 77 };
static sim_time now;

/* In the place of the system's: it goes as the test says. */
int clock_gettime(clockid_t clock, struct timespec *t) {
    (void)clock;
    *t = (struct timespec){.tv_sec = now / SIM_SECOND, .tv_nsec = now % SIM_SECOND};
    return 0;
}

/* What became of a process that does `act`, and what it said. */
static int end_of(void (*act)(const void *context), const void *context, char *said, size_t size) {
    int status = 0, ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        act(context);
        _exit(ALIVE);
    }
    close(ends[1]);
    size_t n = 0;
    for (ssize_t got; n + 1 < size && (got = read(ends[0], said + n, size - 1 - n)) > 0;)
        n += (size_t)got;
    said[n] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

typedef struct row {
    int first, second;
    sim_time between;
    int end;
} row;

static void ask_twice(const void *context) {
    const row *r = context;
    now = 5 * SIM_SECOND + 7;
    cli_stop_install();
    if (*cli_stop_flag() != 0) _exit(1);
    raise(r->first);
    if (*cli_stop_flag() != 1) _exit(1);
    now += r->between;
    raise(r->second);
}

/* A second Ctrl-C ends the program, and so does another kind of request at any time; what
 * timeout(1) sends to it and then to its group does not. */
static void test_second_request(void **state) {
    (void)state;
    static const row rows[] = {
        {SIGINT, SIGINT, 0, ALIVE},
        {SIGINT, SIGINT, 100 * SIM_MILLISECOND - 1, ALIVE},
        {SIGINT, SIGINT, 100 * SIM_MILLISECOND, CLI_EXIT_INTERRUPTED},
        {SIGINT, SIGINT, SIM_DAY, CLI_EXIT_INTERRUPTED},
        {SIGTERM, SIGTERM, SIM_SECOND - 1, ALIVE},
        {SIGTERM, SIGTERM, SIM_SECOND, CLI_EXIT_INTERRUPTED},
        {SIGINT, SIGTERM, 0, CLI_EXIT_INTERRUPTED},
        {SIGTERM, SIGINT, 0, CLI_EXIT_INTERRUPTED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char said[300];
        int end = end_of(ask_twice, &rows[i], said, sizeof said);
        if (end != rows[i].end) fail_msg("row %zu ends with %d: %s", i, end, said);
        assert_true((strstr(said, "interrupted twice") != NULL) == (end == CLI_EXIT_INTERRUPTED));
        assert_true((strstr(said, ".partial\n") != NULL) == (end == CLI_EXIT_INTERRUPTED));
    }
}

static void break_a_promise(const void *context) {
    cli_stop_install();
    cli_stop_repeat(context);
    raise(SIGPIPE); /* is for whoever writes */
    raise(SIGABRT);
}

static void test_broken_promise(void **state) {
    (void)state;
    char said[300];
    assert_int_equal(end_of(break_a_promise, "blackstart run a.lua", said, sizeof said),
                     CLI_EXIT_INTERNAL);
    assert_non_null(strstr(said, " with what repeats it: blackstart run a.lua\n"));
    assert_int_equal(end_of(break_a_promise, NULL, said, sizeof said), CLI_EXIT_INTERNAL);
    assert_null(strstr(said, "repeats"));
}

/* A request that came before the wait began, or comes in it, ends it; data without one do not. */
static void wait_for_data(const void *context) {
    int ends[2];
    if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1) _exit(1);
    struct pollfd data = {.fd = ends[0], .events = POLLIN},
                  nothing = {.fd = ends[1], .events = POLLPRI};
    sigset_t mask;
    cli_stop_install();
    if (!cli_stop_wait(&data, 1) || (data.revents & POLLIN) == 0) _exit(2);
    raise(*(const int *)context);
    if (cli_stop_wait(&data, 1) || cli_stop_wait(&nothing, 1)) _exit(3);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    if (sigismember(&mask, SIGINT) || sigismember(&mask, SIGTERM)) _exit(4);
}

static void test_wait(void **state) {
    (void)state;
    static const int numbers[] = {SIGINT, SIGTERM};
    char said[300];
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(end_of(wait_for_data, &numbers[i], said, sizeof said), ALIVE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_second_request),
        cmocka_unit_test(test_broken_promise),
        cmocka_unit_test(test_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
