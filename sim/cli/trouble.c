/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/trouble.h"

#include <stdarg.h>

#include "sim/record/text.h"

const cli_exit_row cli_exit_rows[] = {
    {CLI_EXIT_PASS, "every check passed"},
    {CLI_EXIT_FAILED, "a check failed"},
    {CLI_EXIT_INTERRUPTED, "interrupted (Ctrl-C); results up to there are written"},
    {CLI_EXIT_INTERNAL, "internal error: the machine was not enough, or a bug of ours"},
    {CLI_EXIT_USAGE, "wrong use: an option, a file, a scenario"},
    {CLI_EXIT_INCONCLUSIVE,
     "inconclusive: too little happened to judge, or the target is out of reach"},
    {CLI_EXIT_PASS, NULL}};

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
    fprintf(out, "blackstart: %s\n", record_text_line(t->line, line, sizeof line));
    fflush(out);
}
