/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/check_connection_methods.h - TS 103 701 unit "5.9-3-1 a" (conceptual): does every
 * connection
 * method that is declared follow a standard for connecting in an orderly way? The protocols are
 * looked for by name in what the maker declares; a protocol that connects and was not declared
 * contradicts the declaration. */
#ifndef SIM_JUDGE_CHECK_CONNECTION_METHODS_H
#define SIM_JUDGE_CHECK_CONNECTION_METHODS_H

#include "sim/judge/finding.h"
#include "sim/judge/ixit.h"

typedef struct judge_connection_methods_case {
    const judge_interface *interfaces;
    size_t interface_count;
    /* names of the protocols that were seen to connect, in whatever case; NULL ends the list; NULL:
     * nobody looked */
    const char *const *observed;
    uint64_t attempts; /* that were seen to use them */
} judge_connection_methods_case;

/* Fills *out. PASS: each interface names a known protocol. FAIL: attempts of a service were
 * observed that no interface names. INCONCLUSIVE: nothing was declared, or an interface names no
 * protocol that is known here. */
void judge_connection_methods(const judge_connection_methods_case *c, judge_finding *out);

#endif
