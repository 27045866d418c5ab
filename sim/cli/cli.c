/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lua/names.h"
#include "net/secure.h"
#include "sim/cli/assessment_options.h"
#include "sim/cli/examine_options.h"
#include "sim/cli/judge_options.h"
#include "sim/cli/run_options.h"
#include "sim/cli/scenarios.h"
#include "sim/cli/serve_options.h"
#include "sim/cli/stop.h"
#include "sim/cli/sweep_options.h"
#include "sim/cli/terminal.h"
#include "sim/cli/test_options.h"
#include "sim/cli/wrap.h"

static const struct {
    const cli_command *about;
    cli_exit (*main)(const char *program, int argc, char **argv, cli_trouble *t);
} commands[] = {
    {&cli_run_command, cli_run},       {&cli_check_command, cli_check},
    {&cli_test_command, cli_test},     {&cli_credentials_command, cli_credentials},
    {&cli_sweep_command, cli_sweep},   {&cli_judge_command, cli_judge},
    {&cli_report_command, cli_report}, {&cli_compare_command, cli_compare},
    {&cli_list_command, cli_list},     {&cli_show_command, cli_show},
    {&cli_serve_command, cli_serve},   {&cli_examine_command, cli_examine},
    {&cli_ics_command, cli_ics},       {&cli_evidence_command, cli_evidence},
    {&cli_init_command, cli_init},     {&cli_version_command, cli_version},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* For programs and not for people: the help does not show them. */
static const struct {
    const cli_command *about;
    cli_exit (*main)(const char *program, int argc, char **argv, cli_trouble *t);
} silent[] = {{&cli_complete_command, cli_complete}, {&cli_generate_command, cli_generate}};
enum { SILENT = sizeof silent / sizeof silent[0] };

const cli_command *cli_command_at(size_t i) {
    return i < COMMANDS ? commands[i].about : NULL;
}

const char cli_examples[] =
    "  blackstart run scenarios/5.9-3/power-restore-street.lua\n"
    "  blackstart run scenarios/5.9-3/power-restore-street.lua --set law=fixed\n"
    "  blackstart run scenarios/steady.lua --target coap://127.0.0.1:5683\n";
const char cli_examples_about[] =
    "The first cuts the power of a street and passes; the second is its bad twin and\n"
    "fails; the third sends devices to a real server, in real time.\n";

static void print_help(FILE *out) {
    uint32_t columns = cli_terminal_columns(fileno(out));
    fprintf(out, "Blackstart: what does your fleet do when the power comes back?\n\n%s\n%s\n",
            cli_examples, cli_examples_about);
    fputs("Commands\n", out);
    for (size_t i = 0; i < COMMANDS; i++) {
        fprintf(out, "  %-12s", commands[i].about->name);
        cli_wrap(commands[i].about->title, 14, 14, columns, out);
    }
    fputs(
        "\nblackstart COMMAND --help tells a command's options, with units and defaults.\n"
        "\nExit codes\n",
        out);
    for (const cli_exit_row *row = cli_exit_rows; row->text != NULL; row++)
        fprintf(out, "  %d  %s\n", (int)row->code, row->text);
    fputs("Any code but 0 comes with one line on standard error: what, where, what to do.\n", out);
}

cli_exit cli_help_for(const cli_command *c) {
    cli_options_help(c, cli_terminal_columns(STDOUT_FILENO), stdout);
    return CLI_EXIT_PASS;
}

static int command_named(const char *word) {
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].about->name, word) == 0) return i;
    return -1;
}

/* "run, test, ... or version" in text[LINE]. */
enum { LINE = 256 };
static const char *all_names(char text[LINE]) {
    size_t used = 0;
    for (size_t i = 0; i < COMMANDS; i++) {
        const char *before = i == 0 ? "" : i + 1 < COMMANDS ? ", " : " or ";
        used += (size_t)snprintf(text + used, LINE - used, "%s%s", before, commands[i].about->name);
    }
    return text;
}

static cli_exit unknown_command(const char *word, cli_trouble *t) {
    const char *names[COMMANDS + 1] = {"help"};
    for (size_t i = 0; i < COMMANDS; i++) names[i + 1] = commands[i].about->name;
    const char *near = script_names_near(word, names, COMMANDS + 1);
    char text[LINE];
    size_t n = strlen(word);
    if (*word == '-')
        return cli_fail(t, CLI_EXIT_USAGE,
                        "unknown option %.80s (command line): options follow a command, as in "
                        "blackstart run --help",
                        word);
    if ((n > 4 && strcmp(word + n - 4, ".lua") == 0) || (near == NULL && cli_scenarios_know(word)))
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "no command before the scenario (command line): did you mean blackstart run %.200s?",
            word);
    if (near != NULL)
        return cli_fail(t, CLI_EXIT_USAGE, "unknown command %.80s (command line): did you mean %s?",
                        word, near);
    return cli_fail(t, CLI_EXIT_USAGE, "unknown command %.80s (command line): say %s, or --help",
                    word, all_names(text));
}

/* `help` and `help COMMAND`. */
static cli_exit help(int argc, char **argv, cli_trouble *t) {
    if (argc < 2) {
        print_help(stdout);
        return CLI_EXIT_PASS;
    }
    int i = command_named(argv[1]);
    return i < 0 ? unknown_command(argv[1], t) : cli_help_for(commands[i].about);
}

static bool is_one_of(const char *word, const char *full, const char *brief) {
    return strcmp(word, full) == 0 || strcmp(word, brief) == 0;
}

static cli_exit dispatch(int argc, char **argv, cli_trouble *t) {
    cli_exit trouble = cli_words_check(argc, argv, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    if (argc < 2) {
        char text[LINE];
        print_help(stderr);
        return cli_fail(t, CLI_EXIT_USAGE, "no command given (command line): say %s",
                        all_names(text));
    }
    if (is_one_of(argv[1], "--help", "-h") || strcmp(argv[1], "help") == 0)
        return help(argc - 1, argv + 1, t);
    for (size_t k = 0; k < SILENT; k++)
        if (strcmp(argv[1], silent[k].about->name) == 0)
            return silent[k].main(argv[0], argc - 1, argv + 1, t);
    int i = command_named(is_one_of(argv[1], "--version", "-V") ? "version" : argv[1]);
    return i < 0 ? unknown_command(argv[1], t) : commands[i].main(argv[0], argc - 1, argv + 1, t);
}

/* What was printed must have arrived; a reader that has seen enough (EPIPE) is no trouble. */
static cli_exit flush_output(cli_exit code, cli_trouble *t) {
    bool failed = fflush(stdout) != 0 || ferror(stdout) != 0;
    if (!failed || errno == EPIPE || code != CLI_EXIT_PASS) return code;
    return cli_fail(t, CLI_EXIT_INTERNAL, "cannot write: %s (standard output): make room for it",
                    strerror(errno));
}

/* A program started with a closed standard stream would get its number for a file of results, and
 * print into it. */
static void fill_standard_streams(void) {
    int descriptor;
    do descriptor = open("/dev/null", O_RDWR);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor >= 0) close(descriptor);
}

static cli_exit with_libraries(int argc, char **argv, cli_trouble *t) {
    if (net_secure_startup() !=
        0) /* for the whole process: without it wolfSSL would take its randomness elsewhere */
        return cli_fail(
            t, CLI_EXIT_INTERNAL,
            "wolfSSL does not start (blackstart): build it again with make clean build");
    cli_exit code = dispatch(argc, argv, t);
    net_secure_cleanup();
    return code;
}

/* The kernel calls what began itself anew "exe", and `pkill blackstart` would miss it. */
static void name_process(void) {
    FILE *f = fopen("/proc/self/comm", "we");
    if (f == NULL) return;
    (void)fputs("blackstart", f);
    (void)fclose(f);
}

int cli_main(int argc, char **argv) {
    cli_trouble trouble = {0};
    fill_standard_streams();
    name_process();
    cli_stop_install();
    cli_exit code = with_libraries(argc, argv, &trouble);
    code = flush_output(code, &trouble);
    if (code != CLI_EXIT_PASS) cli_trouble_print(&trouble, stderr);
    return (int)code;
}
