/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lua/hints.h - what to do about mistakes that people make often, where the message itself only
 * tells what is wrong. Pure. */
#ifndef SCRIPT_HINTS_H
#define SCRIPT_HINTS_H

#include <stddef.h>

#include "sim/core/field.h"

/* About a value that a field does not take, as it was written (a number without quotes too): begins
 * with "; ", or is empty. Returns `text`. */
char *script_hint_value(const sim_field *f, const char *written, char *text, size_t size);

/* About a bare value where a table of named values belongs, in letters (NULL: it has none):
 * "; did you mean { within = "1h" }?" by the first field that takes it, else "; as in { ... }" by
 * the first that is required, or the first. Returns `text`. */
char *script_hint_bare(const sim_field *fields, const char *written, char *text, size_t size);

/* About a message of Lua itself; "" when there is nothing to add. */
const char *script_hint_lua(const char *message);

#endif
