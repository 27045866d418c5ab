/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/core/error.h"
#include "tests/unit/with_cmocka.h"

static void test_numbers_are_negative_and_fixed(void **state) {
    (void)state;
    static const struct {
        int error, number;
        const char *name;
    } rows[] = {
        /* the numbers stand in results of runs: they must not move */
        {SIM_ENOMEM, -1, "ENOMEM"},
        {SIM_EAGAIN, -2, "EAGAIN"},
        {SIM_EPARSE, -3, "EPARSE"},
        {SIM_ESTALE, -4, "ESTALE"},
        {SIM_ERANGE, -5, "ERANGE"},
        {SIM_ESTATE, -6, "ESTATE"},
        {SIM_EIO, -7, "EIO"},
        {SIM_EAUTH, -8, "EAUTH"},
        {SIM_ETIMEOUT, -9, "ETIMEOUT"},
        {SIM_ECLOSED, -10, "ECLOSED"},
        {SIM_ELIBRARY, -11, "ELIBRARY"},
        {SIM_EUNREACHABLE, -12, "EUNREACHABLE"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(rows[i].error, rows[i].number);
        assert_string_not_equal(sim_error_text(rows[i].error), "unknown error");
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(sim_error_text(rows[i].error), sim_error_text(rows[k].error));
    }
}

static void test_other_numbers(void **state) {
    (void)state;
    assert_string_equal(sim_error_text(0), "success");
    static const int unknown[] = {1, 12, -13, -1000, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        assert_string_equal(sim_error_text(unknown[i]), "unknown error");
    }
}

/* What a child writes to stderr and how it ends when it makes a promise. */
static int child_promises(int condition, char *said, size_t size) {
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        SIM_PROMISE(condition == 1);
        _exit(0);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], said, size - 1);
    said[n > 0 ? n : 0] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void test_promise(void **state) {
    (void)state;
    char said[400];
    int status = child_promises(1, said, sizeof said);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_string_equal(said, "");

    status = child_promises(0, said, sizeof said);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(said, "test_error.c:"));
    assert_non_null(strstr(said, "condition == 1"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_negative_and_fixed),
        cmocka_unit_test(test_other_numbers),
        cmocka_unit_test(test_promise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
