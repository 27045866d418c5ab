/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/trouble.h"

#include <stdarg.h>

#include "sim/cli/text.h"

cli_exit cli_fail(cli_trouble *t, cli_exit code, const char *format, ...) {
    va_list arguments;
    t->code = code;
    va_start(arguments, format);
    vsnprintf(t->line, sizeof t->line, format, arguments);
    va_end(arguments);
    return code;
}

void cli_trouble_print(const cli_trouble *t, FILE *out) {
    cli_trouble clean = *t;
    cli_text_scrub(clean.line);
    fprintf(out, "blackstart: %s\n", clean.line);
    fflush(out);
}
