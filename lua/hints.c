/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lua/hints.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/units.h"

/* `written` without blanks and in small letters, as units are written. */
static void tidy(const char *written, char *text, size_t size) {
    size_t n = 0;
    for (const char *c = written; *c != '\0' && n + 1 < size; c++)
        if (!isspace((unsigned char)*c)) text[n++] = (char)tolower((unsigned char)*c);
    text[n] = '\0';
}

static bool is_one_of(const char *const *choices, const char *written) {
    for (; *choices != NULL; choices++)
        if (strcmp(*choices, written) == 0) return true;
    return false;
}

static bool is_taken(const sim_field *f, const char *written) {
    uint64_t count;
    double number;
    sim_time span;
    switch (f->kind) {
        case SIM_FIELD_COUNT:
        case SIM_FIELD_COUNT32:
            return sim_units_number(written, &number) == 0 && sim_field_holds(f, number) &&
                   sim_units_count(written, 0, UINT64_MAX, &count) == 0;
        case SIM_FIELD_NUMBER:
            return sim_units_number(written, &number) == 0 && sim_field_holds(f, number);
        case SIM_FIELD_FRACTION:
            return sim_units_fraction(written, &number) == 0;
        case SIM_FIELD_DURATION:
        case SIM_FIELD_SPAN:
            return sim_units_duration(written, &span) == 0;
        case SIM_FIELD_TEXT:
            return true;
        case SIM_FIELD_CHOICE:
            return is_one_of(f->choices, written);
        default:
            return false;
    }
}

char *script_hint_value(const sim_field *f, const char *written, char *text, size_t size) {
    char tidied[40];
    double number = 0;
    text[0] = '\0';
    tidy(written, tidied, sizeof tidied);
    bool is_number = sim_units_number(tidied, &number) == 0;
    if (strcmp(tidied, written) != 0 && is_taken(f, tidied))
        snprintf(text, size, "; did you mean %s?", tidied);
    else if (f->kind == SIM_FIELD_DURATION && is_number && number >= 0 && strlen(tidied) < 12)
        snprintf(text, size, "; %s has no unit: write %ss, %sm or %sh", tidied, tidied, tidied,
                 tidied);
    else if (f->kind == SIM_FIELD_FRACTION && is_number && number > 1)
        snprintf(text, size, "; at most 1, which is 100%%");
    else if (f->kind == SIM_FIELD_FRACTION && strchr(tidied, '%') != NULL)
        snprintf(text, size, "; at least 0%% and at most 100%%");
    return text;
}

char *script_hint_bare(const sim_field *fields, const char *written, char *text, size_t size) {
    const sim_field *first = fields;
    for (const sim_field *f = fields; written != NULL && f->name != NULL; f++) {
        if (!is_taken(f, written)) continue;
        snprintf(text, size, "; did you mean { %s = \"%.40s\" }?", f->name, written);
        return text;
    }
    for (const sim_field *f = fields; f->name != NULL && !first->required; f++)
        if (f->required) first = f;
    snprintf(text, size, "; as in { %s = ... }", first->name);
    return text;
}

/* What Lua says, and what a person who is new to it does then. The first that fits. */
static const struct {
    const char *says[2]; /* both stand in the message */
    const char *hint;
} of_lua[] = {
    {{"near '<\\", NULL},
     "; letters beyond ASCII belong into texts, and a text into straight quotes: \"20m\", not "
     "the curly ones of a word processor"},
    {{"'end' expected", "near <eof>"},
     "; write the end that is missing where that one ends (else if in two words needs one more, "
     "elseif does not)"},
    {{"expected", "near <eof>"}, "; the file ends before it is closed"},
    {{"expected near '='", NULL}, "; == asks whether two are the same, = gives a value"},
    {{"near '!'", NULL}, "; Lua writes ~= for what is not the same, and not x for its opposite"},
    {{"near '&'", NULL}, "; Lua writes and, or, not"},
    {{"near '|'", NULL}, "; Lua writes and, or, not"},
    {{"near '//'", NULL}, "; a comment begins with --"},
    {{"near '/'", NULL}, "; a comment begins with --"},
    {{"near '#'", NULL}, "; a comment begins with --"},
    {{"syntax error near '+'", NULL}, "; Lua writes x = x + 1"},
    {{"syntax error near '-'", NULL}, "; Lua writes x = x - 1"},
    {{"syntax error near ','", NULL},
     "; values one after another stand in braces of their own: params { { ... }, { ... } }"},
    {{"syntax error near", NULL}, "; is there a brace, a bracket or a quote missing before it?"},
    {{"'}' expected", NULL}, "; is there a comma missing before it?"},
    {{"')' expected", NULL}, "; is there a comma missing before it, or a bracket?"},
    {{"unexpected symbol near '}'", NULL},
     "; this brace was never opened: is there a { missing before it?"},
    {{"unexpected symbol near ')'", NULL},
     "; this bracket was never opened, or something is missing before it"},
    {{"'=' expected", NULL}, "; a word alone does nothing: call it, or give it a value"},
    {{"unfinished string", NULL}, "; the quote that ends the text is missing in this line"},
    {{"attempt to compare number with string", NULL},
     "; measures of time are numbers of seconds: write 300 for \"5m\""},
    {{"attempt to compare string with number", NULL},
     "; measures of time are numbers of seconds: write 300 for \"5m\""},
    {{"attempt to call a table value", NULL},
     "; say which of its words is meant, as in judge.reconnect { ... }"},
    {{"attempt to concatenate a table value", NULL}, "; name one of its values, as in p.homes"},
    {{"attempt to index a nil value (upvalue", NULL},
     "; nothing was put into it: a local of setup(p) is not seen in drill(p), so declare it once, "
     "above both"},
};

const char *script_hint_lua(const char *message) {
    for (size_t i = 0; i < sizeof of_lua / sizeof of_lua[0]; i++) {
        const char *const *says = of_lua[i].says;
        if (strstr(message, says[0]) == NULL) continue;
        if (says[1] == NULL || strstr(message, says[1]) != NULL) return of_lua[i].hint;
    }
    return "";
}
