/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/json.h - one JSON object in a line (RFC 8259), looked into without a tree: its members
 * one by one, or one by its path. Pure; what is broken is not there. */
#ifndef SIM_READ_JSON_H
#define SIM_READ_JSON_H

#include "sim/read/read_private.h"

enum { READ_JSON_VALUE_MAX = 1024 /* bytes of a value that is asked for, with its end */ };

/* The next member of an object from `at` on (its beginning, or what the last call returned); of a
 * string the value is what stands in its quotes, escapes as they are. NULL at the object's end or
 * where it is broken. */
const char *read_json_member(const char *at, read_text *key, read_text *value);

/* The item of a list behind the one at `at`; NULL: that was the last. */
const char *read_json_next(const char *at);

/* Takes escapes away, in place or to elsewhere: `out` has room for in.n + 1 bytes. Half a surrogate
 * and what is no escape become question marks. Returns the length. */
size_t read_json_unescape(read_text in, char *out);

/* The value at a path of keys with dots between them ("properties.deviceId"; a key may hold dots
 * itself), unescaped, in `out` (READ_JSON_VALUE_MAX bytes). A string that holds an object is looked
 * into as an object. False: there is none, it is null, or longer than that. */
bool read_json_get(const char *object, const char *path, char *out);

#endif
