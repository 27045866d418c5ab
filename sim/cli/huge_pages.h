/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/huge_pages.h - a large fleet's memory in pages of 2 MB: its devices are touched once a
 * minute, so that each event waits for the walk through the tables of small pages. A tenth to a
 * quarter of a run's processor time (10,000 devices and more). */
#ifndef CLI_HUGE_PAGES_H
#define CLI_HUGE_PAGES_H

#include <stdbool.h>
#include <stdint.h>

enum { CLI_HUGE_DEVICES = 5000 }; /* from here on they are worth beginning anew */

/* Begins the program anew, with the same arguments, in an environment that asks the C library for
 * huge pages: it listens at its start alone. Before anything was opened that a second start would
 * miss. Returns where there is nothing to win (a small fleet, a kernel without them), where the
 * environment has a word of its own for the C library, and where it cannot be. */
void cli_huge_pages(uint64_t devices);

/* Of what the kernel writes of its huge pages ("always [madvise] never"): a program can ask for
 * them. */
bool cli_huge_pages_offered(const char *words);

#endif
