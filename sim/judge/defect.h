/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/defect.h - what is wrong with devices that failed, in the words of those who mend it:
 * a row for each class. Which of them a device shows tells sim/judge/classify.c, which a fleet
 * sim/judge/reconnect_defects.c. */
#ifndef SIM_JUDGE_DEFECT_H
#define SIM_JUDGE_DEFECT_H

#include "sim/judge/finding.h"

/* X(name, word, what mends it) */
#define JUDGE_DEFECT_MAP(X)                                                                        \
    X(HAMMERING, "hammering", "wait a second and more before a retry, and longer each time")       \
    X(FIXED, "fixed", "let pauses grow, and draw each at random")                                  \
    X(LOCK_STEP, "lock-step", "draw each pause at random, from a seed of the device's own")        \
    X(JITTER_TOO_SMALL, "jitter too small", "draw from half of the pause and more")                \
    X(JITTER_LOST_AT_CAP, "jitter lost at the cap", "cap the pause first, then draw from it")      \
    X(NO_FIRST_WINDOW, "no first window", "make the first attempt at random within a window, too") \
    X(NARROW_WINDOW, "first window too narrow",                                                    \
      "size the window by the devices and what the cloud admits")                                  \
    X(RESET_ON_CONNECT, "reset on connect",                                                        \
      "begin the back-off anew only after some time online, not with the connection")              \
    X(GIVES_UP, "gives up", "go on trying, at the cap")

typedef enum judge_defect {
#define JUDGE_DEFECT_ENUM(name, word, mend) JUDGE_DEFECT_##name,
    JUDGE_DEFECT_MAP(JUDGE_DEFECT_ENUM)
#undef JUDGE_DEFECT_ENUM
        JUDGE_DEFECTS
} judge_defect;
const char *judge_defect_word(judge_defect d); /* "fixed" */
const char *judge_defect_mend(judge_defect d); /* "let pauses grow, and draw each at random" */

/* Keeps them in the finding, a bit for each (1U << JUDGE_DEFECT_FIXED), and adds them to its
 * sentence: " Defects: fixed, gives up." False: the sentence has no room for them, and is as it
 * was. */
bool judge_defects_say(judge_finding *out, unsigned defects);

#endif
