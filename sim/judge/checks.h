/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/checks.h - the checks that there are, each the row of a file sim/judge/check_NAME.c,
 * for the list in checks.c and for whoever asks for one by its C name. */
#ifndef SIM_JUDGE_CHECKS_H
#define SIM_JUDGE_CHECKS_H

#include "sim/judge/check.h"

/* X(C name): a new check is a line here. */
#define JUDGE_CHECK_MAP(X)  \
    X(outage_declared)      \
    X(outage_guaranteed)    \
    X(outage_network)       \
    X(outage_power)         \
    X(local_declared)       \
    X(local_guaranteed)     \
    X(state_guaranteed)     \
    X(local_network)        \
    X(local_power)          \
    X(connection_methods)   \
    X(declaration)          \
    X(reconnect)            \
    X(examination_declared) \
    X(examination_suited)   \
    X(examined)             \
    X(answered)             \
    X(silence)              \
    X(boot_chain)           \
    X(randomness)           \
    X(non_associated)       \
    X(contention)

#define JUDGE_CHECK_ROW(name) extern const judge_check judge_check_##name;
JUDGE_CHECK_MAP(JUDGE_CHECK_ROW)
#undef JUDGE_CHECK_ROW

#endif
