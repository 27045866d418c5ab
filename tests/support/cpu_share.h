/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/support/cpu_share.h - which library a program spends its CPU time in, without tools from
 * outside: SIGPROF interrupts it, and the innermost frame of the stack that lies in the program's
 * own text says whose time it was. So memcpy in the C library counts for who called it. The
 * linker's map (-Wl,-Map) says which archive a piece of the text came from. One measurement at a
 * time, one thread. */
#ifndef TESTS_SUPPORT_CPU_SHARE_H
#define TESTS_SUPPORT_CPU_SHARE_H

#include "sim/core/error.h"

/* Reads the linker's map. SIM_EIO: not there; SIM_EPARSE: no piece of text in it; SIM_ENOMEM. */
SIM_MUST_USE int cpu_share_open(const char *link_map);
void cpu_share_close(void);
void cpu_share_begin(void);
void cpu_share_end(void);
unsigned cpu_share_samples(void);
/* Share of the samples, 0..1, in the archive of that file name ("libnet.a"); NULL: in none of the
 * archives. */
double cpu_share_of(const char *archive);

#endif
