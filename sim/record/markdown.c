/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/markdown.h"

#include <string.h>

#include "sim/record/text.h"

/* Not among them are dots, dashes and parentheses: they mean something only where a line begins,
 * and there is always something before. */
static const char markup[] = "\\`*_{}[]<>#|~&!";

void record_markdown(FILE *file, const char *text) {
    char character[RECORD_CHARACTER_MAX];
    while (text != NULL && record_text_next_plain(&text, false, character)) {
        if (character[1] == '\0' && strchr(markup, character[0]) != NULL) fputc('\\', file);
        fputs(character, file);
    }
}
