/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/defect.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *word, *mend;
} rows[] = {
#define DEFECT_ROW(name, word, mend) [JUDGE_DEFECT_##name] = {word, mend},
    JUDGE_DEFECT_MAP(DEFECT_ROW)
#undef DEFECT_ROW
};

const char *judge_defect_word(judge_defect d) {
    return rows[d].word;
}

const char *judge_defect_mend(judge_defect d) {
    return rows[d].mend;
}

bool judge_defects_say(judge_finding *out, unsigned defects) {
    char text[240];
    size_t used =
        (size_t)snprintf(text, sizeof text, " Defect%s", (defects & (defects - 1)) != 0 ? "s" : "");
    out->defects = defects;
    if (defects == 0) return true;
    for (int i = 0; i < JUDGE_DEFECTS; i++)
        if ((defects >> i & 1) != 0)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s %s",
                                     strchr(text, ':') == NULL ? ":" : ",", rows[i].word);
    if (strlen(out->sentence) + used + sizeof "." > sizeof out->sentence) return false;
    return judge_finding_say_more(out, "%s.", text);
}
