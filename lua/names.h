/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lua/names.h - "did you mean": the name nearest to a misspelt one. Pure. */
#ifndef SCRIPT_NAMES_H
#define SCRIPT_NAMES_H

#include <stddef.h>

/* The name of `names` that `word` was probably meant to be, or NULL when none is near: at most a
 * third of its letters (at least one) added, left out, changed or swapped with their neighbour.
 * Names of more than 40 letters are never near. The first of equals. */
const char *script_names_near(const char *word, const char *const *names, size_t count);

/* Writes "; did you mean 'homes'? There are: name, homes, devices": what a message about a misspelt
 * name ends with. What does not fit into `size` (80 at least) is counted: "name, homes and 3 more".
 * Returns `text`. */
char *script_names_hint(const char *word, const char *const *names, size_t count, char *text,
                        size_t size);

#endif
