/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/manual.h - the manual's pages, in the language of man(7), from the rows that the help is
 * printed from. Pure but for the stream. */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include <stdio.h>

#include "sim/cli/options.h"

/* blackstart(1). */
void cli_manual_program(FILE *out);
/* blackstart-NAME(1). */
void cli_manual_command(const cli_command *c, FILE *out);

/* blackstart-scenario(7): the language of scenarios. */
void cli_manual_scenario(FILE *out);

/* For pages made elsewhere. The head of a page; a paragraph of text, safe for roff; a paragraph
 * that a term in bold stands before. */
void cli_manual_head(const char *name, int section, const char *title, FILE *out);
void cli_manual_text(const char *text, FILE *out);
void cli_manual_term(const char *term, const char *argument, const char *text, FILE *out);
/* Lines as they are typed. */
void cli_manual_lines(const char *text, FILE *out);

#endif
