/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/record/text.h - foreign text (titles, parameter values, paths) made harmless before it
 * reaches a terminal, a CSV or JSON. */
#ifndef SIM_RECORD_TEXT_H
#define SIM_RECORD_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum { RECORD_CHARACTER_MAX = 5 }; /* bytes of a UTF-8 character, and its end */

/* Takes the character at *at (RFC 3629: no overlong forms, no surrogates) into `out`, ended by 0,
 * and moves *at behind it. What is not UTF-8 becomes U+FFFD, byte by byte. False at the end. */
bool record_text_next(const char **at, char out[RECORD_CHARACTER_MAX]);

/* The same for one line of a terminal: what would steer it or hide text (C0, C1, DEL, line and
 * paragraph separators, marks of direction) becomes a question mark, tab and line breaks a blank,
 * and with `ascii` so does all that is not ASCII. */
bool record_text_next_plain(const char **at, bool ascii, char out[RECORD_CHARACTER_MAX]);

/* A copy that is valid UTF-8, NULL when memory ran out; free with sim_free. */
char *record_text_utf8(const char *text);

/* Puts `text` as record_text_next_plain gives it into `out`, cut to fit; returns `out`. `size` >=
 * 1. */
char *record_text_line(const char *text, char *out, size_t size);

#endif
