/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs as processes of their own: none of them is left behind, not even one that is deaf to
 * SIGTERM.
 *
 * test-program: own (it starts itself: see main)
 * test-labels: once waits */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/cli/children.h"
#include "tests/unit/with_cmocka.h"

enum { WAIT_S = 60 };

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A child says a word when its signals are as it wants them. */
static void wait_for_word(const cli_children *c, size_t task) {
    char path[CLI_CHILD_PATH];
    struct stat status;
    const double until = seconds() + WAIT_S;
    (void)cli_children_words(c, task, path);
    while (stat(path, &status) != 0 || status.st_size == 0) {
        if (seconds() > until) fail_msg("task %zu does not speak", task);
        usleep(5000);
    }
}

static double stop(const char *const kinds[], size_t count) {
    cli_children c = {0};
    cli_trouble trouble;
    char scratch[CLI_CHILD_PATH];
    assert_int_equal(cli_children_init(&c, &trouble), CLI_EXIT_PASS);
    (void)snprintf(scratch, sizeof scratch, "%s", c.scratch);
    for (size_t i = 0; i < count; i++) {
        const char *const words[] = {"test_children", kinds[i], NULL};
        assert_int_equal(cli_children_start(&c, i, words, &trouble), CLI_EXIT_PASS);
        wait_for_word(&c, i);
    }
    assert_int_equal(c.running, count);
    const double began = seconds();
    cli_children_stop(&c);
    const double took = seconds() - began;
    assert_int_equal(c.running, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no process is left */
    assert_int_equal(errno, ECHILD);
    cli_children_deinit(&c);
    assert_int_equal(access(scratch, F_OK), -1); /* and no file */
    return took;
}

/* They get two seconds, and not much more. */
static void test_deaf_to_sigterm(void **state) {
    (void)state;
    static const char *const kinds[] = {"deaf", "polite", "deaf"};
    const double took = stop(kinds, 3);
    assert_true(took >= 1.5);
    assert_true(took < WAIT_S);
}

/* The twin: who listens is asked, and not killed. */
static void test_polite(void **state) {
    (void)state;
    cli_children c = {0};
    cli_trouble trouble;
    size_t task = 99;
    int status = 0;
    static const char *const words[] = {"test_children", "polite", NULL};
    assert_int_equal(cli_children_init(&c, &trouble), CLI_EXIT_PASS);
    assert_int_equal(cli_children_start(&c, 7, words, &trouble), CLI_EXIT_PASS);
    wait_for_word(&c, 7);
    for (size_t i = 0; i < CLI_CHILDREN_MAX; i++)
        if (c.slots[i].pid != 0) kill(c.slots[i].pid, SIGTERM);
    const double until = seconds() + WAIT_S;
    while (!cli_children_wait(&c, &task, &status) && seconds() < until) continue;
    assert_int_equal(task, 7);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2);
    assert_int_equal(c.running, 0);
    cli_children_deinit(&c);
}

static void on_term(int number) {
    (void)number;
    _exit(2);
}

static int child(const char *kind) {
    struct sigaction action = {.sa_handler = strcmp(kind, "deaf") == 0 ? SIG_IGN : on_term};
    sigaction(SIGTERM, &action, NULL);
    (void)!write(STDERR_FILENO, "x", 1);
    for (double until = seconds() + 4 * WAIT_S; seconds() < until;) usleep(100000);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 2) return child(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deaf_to_sigterm),
        cmocka_unit_test(test_polite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
