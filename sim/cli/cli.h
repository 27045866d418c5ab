/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/cli.h - the command line: words in, an exit code out. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "sim/cli/options.h"

/* The whole program but for main. Returns the exit code; prints the error line that belongs to it.
 */
int cli_main(int argc, char **argv);

/* The commands; argv[0] is the command's own name, `program` what the user typed to start us. */
cli_exit cli_run(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_sweep(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_judge(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_list(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_show(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_check(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_credentials(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_test(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_serve(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_examine(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_ics(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_evidence(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_report(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_compare(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_init(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_complete(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_generate(const char *program, int argc, char **argv, cli_trouble *t);
cli_exit cli_version(const char *program, int argc, char **argv, cli_trouble *t);

extern const cli_command cli_check_command, cli_credentials_command, cli_list_command,
    cli_show_command, cli_report_command, cli_compare_command,
    /* the others: run_options.h, sweep_options.h, judge_options.h, serve_options.h,
     * examine_options.h, assessment_options.h */
    cli_version_command, cli_init_command, cli_complete_command, cli_generate_command;

/* The commands that the help shows, by number; NULL behind the last. */
const cli_command *cli_command_at(size_t i);
/* "blackstart.1": the program as a whole, said at the head of its help. */
extern const char cli_examples[], cli_examples_about[];

/* Help for a command on standard output. */
cli_exit cli_help_for(const cli_command *c);

#endif
