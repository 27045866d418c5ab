/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/markdown.h"

#include <string.h>

#include "sim/report/text.h"

/* Not among them are dots, dashes and parentheses: they mean something only where a line begins,
 * and there is always something before. */
static const char markup[] = "\\`*_{}[]<>#|~&!";

void report_markdown(FILE *file, const char *text) {
    char character[REPORT_CHARACTER_MAX];
    while (text != NULL && report_text_next_plain(&text, false, character)) {
        if (character[1] == '\0' && strchr(markup, character[0]) != NULL) fputc('\\', file);
        fputs(character, file);
    }
}
