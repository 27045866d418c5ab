/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/stop.h - Ctrl-C (SIGINT) and SIGTERM: the first ends a run in order, the second ends the
 * program at once with CLI_EXIT_INTERRUPTED. A broken promise of our own (SIGABRT) ends it with
 * CLI_EXIT_INTERNAL and the line that repeats it. Signals belong to the process, so this module has
 * the only mutable state of sim/cli outside main's stack. */
#ifndef CLI_STOP_H
#define CLI_STOP_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>

/* Takes over the signals, and ignores SIGPIPE: a closed pipe is seen by whoever writes. */
void cli_stop_install(void);

/* 0 until the first of the signals has come; for run_options.stop. */
const volatile sig_atomic_t *cli_stop_flag(void);

/* Waits until one of the descriptors is ready (poll(2); what is ready stands in them). False as
 * soon as the flag is set, also when that happens just before the wait; nothing may be read or
 * written then. */
bool cli_stop_wait(struct pollfd *fds, nfds_t count);

/* What to print after "repeat with: " when we break a promise; borrowed, NULL: nothing. */
void cli_stop_repeat(const char *line);

#endif
