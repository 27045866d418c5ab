/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lua/language.h - the words of the scenario language, for whoever describes it: the annotations of
 * editors, the manual. What faults, laws and checks are called comes from their own rows. */
#ifndef SCRIPT_LANGUAGE_H
#define SCRIPT_LANGUAGE_H

#include <stdio.h>

#include "sim/core/field.h"

/* What a word takes: "name: type" or "name?: type", with commas between them. */
typedef struct script_word {
    const char *name, *takes, *returns, *help;
} script_word;

/* Said as they are; said of a selection or a duration. A NULL name ends each. */
extern const script_word script_words[], script_methods[];

/* What a scenario consists of, in the order of its file. */
typedef struct script_part {
    const char *name, *help;
} script_part;

extern const script_part script_parts[]; /* a NULL name ends them */

/* A table that a word takes: "cloud" is blackstart.cloud in `takes`. */
typedef struct script_table {
    const char *name;
    const sim_field *fields;
    const char *like; /* the table whose fields it takes besides; NULL: none */
} script_table;

extern const script_table script_tables[]; /* a NULL name ends them */

/* The names of what it takes alone: "share, limit". */
void script_word_names(const script_word *w, FILE *out);

#endif
