/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/error.h - one list makes the error numbers, their names and their texts.
 *
 * A function that can fail returns 0 or one of these, negative. What the network or a user sends is
 * never an assertion; what our own code promised is one, also in release builds (SIM_PROMISE). */
#ifndef SIM_CORE_ERROR_H
#define SIM_CORE_ERROR_H

#define SIM_MUST_USE __attribute__((warn_unused_result))

#define SIM_ERROR_MAP(X)                               \
    X(NOMEM, 1, "out of memory")                       \
    X(AGAIN, 2, "no room right now, try again")        \
    X(PARSE, 3, "malformed input")                     \
    X(STALE, 4, "handle names something that is gone") \
    X(RANGE, 5, "value out of range")                  \
    X(STATE, 6, "not possible in this state")          \
    X(IO, 7, "input or output failed")                 \
    X(AUTH, 8, "authentication failed")                \
    X(TIMEOUT, 9, "no answer in time")                 \
    X(CLOSED, 10, "closed by the peer")                \
    X(LIBRARY, 11, "a protocol library refused")       \
    X(UNREACHABLE, 12, "peer unreachable")

enum {
#define SIM_ERROR_ENUM(name, number, text) SIM_E##name = -(number),
    SIM_ERROR_MAP(SIM_ERROR_ENUM)
#undef SIM_ERROR_ENUM
};

/* The sentence for an error number; "success" for 0, "unknown error" for a number not in the list.
 * Static storage. */
const char *sim_error_text(int error);

/* A promise of our own code. Broken: prints file, line and text, and aborts, in every build. */
#define SIM_PROMISE(condition) \
    ((condition) ? (void)0 : sim_promise_broken(__FILE__, __LINE__, #condition))
_Noreturn void sim_promise_broken(const char *file, int line, const char *text);

#endif
