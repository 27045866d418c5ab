/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lua/verdict.h - the findings of verdict(p), for the files whose words add one. */
#ifndef SCRIPT_VERDICT_H
#define SCRIPT_VERDICT_H

#include "lua/state.h"

/* Room for the finding that `verb` will make; an error outside of verdict(p), or when there are too
 * many. It counts from script_finish_finding on. */
judge_finding *script_next_finding(lua_State *L, const char *verb);
/* From now on the finding counts. Pushes it for the scenario to look at: { verdict = "PASS",
 * sentence = ..., measures = { ["busiest second"] = 17 } }. Returns 1. */
int script_finish_finding(lua_State *L, const judge_finding *f);

#endif
