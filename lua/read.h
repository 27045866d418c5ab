/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lua/read.h - values that a scenario's author wrote, read into C: a table of fields says what
 * there is, what it must be and where it goes. Whatever does not fit is an error with the place,
 * the value, what is wanted, and - for a misspelt name - the names that exist. */
#ifndef SCRIPT_READ_H
#define SCRIPT_READ_H

#include "lua/state.h"
#include "sim/core/field.h"

/* One value, with `what` in front of its complaints. */
void script_read(lua_State *L, int index, const sim_field *f, const char *what, void *out);
/* All fields of the table at `index` into the struct at `out`; those that are not there leave it
 * alone. `fields` ends with a NULL name. */
void script_read_fields(lua_State *L, int index, const char *what, const sim_field *fields,
                        void *out);
/* Error when the word was given more than `most` values. */
void script_take(lua_State *L, const char *what, int most);
/* Error: "what: VALUE is not WANTED". */
_Noreturn void script_refuse(lua_State *L, const char *what, int index, const char *wanted);

#endif
