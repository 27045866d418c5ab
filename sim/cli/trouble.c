/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/trouble.h"

#include <stdarg.h>

#include "sim/report/text.h"

cli_exit cli_fail(cli_trouble *t, cli_exit code, const char *format, ...) {
    va_list arguments;
    t->code = code;
    va_start(arguments, format);
    vsnprintf(t->line, sizeof t->line, format, arguments);
    va_end(arguments);
    return code;
}

void cli_trouble_print(const cli_trouble *t, FILE *out) {
    char line[CLI_LINE_MAX];
    fprintf(out, "blackstart: %s\n", report_text_line(t->line, line, sizeof line));
    fflush(out);
}
