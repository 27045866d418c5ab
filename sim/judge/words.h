/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/words.h - numbers as a person reads them aloud, for the sentences of verdicts and for
 * the terminal. Plain ASCII, no locale. */
#ifndef SIM_JUDGE_WORDS_H
#define SIM_JUDGE_WORDS_H

#include <stddef.h>
#include <stdint.h>

enum { JUDGE_WORD_MAX = 48 }; /* room for any text made here, with its end */

/* "1,234,567". Returns `text`, as all of these do. `size` >= JUDGE_WORD_MAX. */
char *judge_words_count(uint64_t n, char *text, size_t size);

/* "1 device", "2,000 devices": so many of something whose plural has an s. */
char *judge_words_of(uint64_t n, const char *thing, char *text, size_t size);

/* The same two among the arguments of a sentence: they live as long as the block around them. */
#define JUDGE_COUNT(n) judge_words_count((n), (char[JUDGE_WORD_MAX]){0}, JUDGE_WORD_MAX)
#define JUDGE_OF(n, thing) judge_words_of((n), (thing), (char[JUDGE_WORD_MAX]){0}, JUDGE_WORD_MAX)

/* Three digits or a whole number, thousands set apart: "0.05", "5.2", "131", "1,234". "unknown"
 * when not a number, "unlimited" when infinite. */
char *judge_words_number(double value, char *text, size_t size);
#define JUDGE_NUMBER(x) judge_words_number((x), (char[JUDGE_WORD_MAX]){0}, JUDGE_WORD_MAX)

/* The same, with as many more digits as it takes to tell it from `other`: 3.0004 beside 3 is
 * "3.0004", not "3". */
char *judge_words_beside(double value, double other, char *text, size_t size);

/* A share as a percentage: 0.998 is "99.8 %", told from 0 %, from 100 % and from `other` (NAN:
 * none) as judge_words_beside does it. */
char *judge_words_share(double share, double other, char *text, size_t size);

/* How many bytes of a foreign text to show, for "%.*s": at most `most`, never half a UTF-8
 * character. */
int judge_words_shown(const char *text, size_t most);

#endif
