/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/stop.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/cli/trouble.h"

static volatile sig_atomic_t stopped;
static const char *volatile repeat_line;

/* Only what a signal handler may call (signal-safety(7)). */
static void say(const char *text) {
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written; /* there is nobody to tell */
}

/* When a request to end came, in ns of a clock that never goes back (clock_gettime may be called
 * here). */
static int64_t moment(void) {
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* timeout(1) and build servers signal a program and then its process group: two requests within a
 * second are one. Somebody at a keyboard means what he types, but no hand is that quick. */
static int64_t one_and_the_same(int number) {
    return number == SIGTERM ? 1000000000 : 100000000;
}

static void on_stop(int number) {
    static int64_t first;
    static int first_number;
    if (stopped == 0) {
        first = moment();
        first_number = number;
        stopped = 1;
        return;
    }
    if (number == first_number && moment() - first < one_and_the_same(number)) return;
    say("\nblackstart: interrupted twice (signal): no results were written; what is left of them "
        "ends in "
        ".partial\n");
    _exit(CLI_EXIT_INTERRUPTED);
}

static void on_abort(int number) {
    (void)number;
    const char *line = repeat_line;
    say("blackstart: a bug of ours (see the line before): please report it");
    if (line != NULL) {
        say(" with what repeats it: ");
        say(line);
    }
    say("\n");
    _exit(CLI_EXIT_INTERNAL);
}

static void take(int number, void (*handler)(int)) {
    struct sigaction action = {.sa_flags = SA_RESTART};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    (void)sigaction(number, &action, NULL);
}

void cli_stop_install(void) {
    stopped = 0;
    take(SIGINT, on_stop);
    take(SIGTERM, on_stop);
    take(SIGABRT, on_abort);
    take(SIGPIPE, SIG_IGN);
}

const volatile sig_atomic_t *cli_stop_flag(void) {
    return &stopped;
}

/* Held back between the look at the flag and the wait, a signal cannot fall into the gap. */
bool cli_stop_wait(struct pollfd *fds, nfds_t count) {
    sigset_t held, before;
    int ready = 0;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &held, &before);
    while (stopped == 0 && ready <= 0) {
        ready = ppoll(fds, count, NULL, &before);
        /* too little memory: the caller's read or write will tell */
        if (ready < 0 && errno != EINTR) break;
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return stopped == 0;
}

void cli_stop_repeat(const char *line) {
    repeat_line = line;
}
