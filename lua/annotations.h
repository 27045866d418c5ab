/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lua/annotations.h - the scenario language as editors read it: annotations of lua-language-server
 * (---@meta) for every word, made from the rows that the language itself is made from. */
#ifndef SCRIPT_ANNOTATIONS_H
#define SCRIPT_ANNOTATIONS_H

#include <stdio.h>

/* Writes all of it. What cannot be written shows in the stream. */
void script_annotations(FILE *out);

#endif
