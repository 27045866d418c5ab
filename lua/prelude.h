/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lua/prelude.h - the text of lua/prelude.lua, which the build puts into the program. */
#ifndef SCRIPT_PRELUDE_H
#define SCRIPT_PRELUDE_H

#include <stddef.h>

extern const unsigned char script_prelude_lua[]; /* a zero follows the text */
extern const size_t script_prelude_lua_size;

#endif
