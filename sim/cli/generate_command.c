/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart generate manual|annotations DIR`: what is installed beside the program, made from its
 * own rows when it is built (cmake/install.cmake). */
#include <string.h>

#include "lua/annotations.h"
#include "sim/cli/cli.h"
#include "sim/cli/folder.h"
#include "sim/cli/manual.h"
#include "sim/cli/write_file.h"

typedef struct generate_options {
    const char *what, *where;
} generate_options;

static int write_program(FILE *file, const void *context) {
    (void)context;
    cli_manual_program(file);
    return 0;
}

static int write_scenario(FILE *file, const void *context) {
    (void)context;
    cli_manual_scenario(file);
    return 0;
}

static int write_language(FILE *file, const void *context) {
    (void)context;
    script_annotations(file);
    return 0;
}

static int write_command(FILE *file, const void *context) {
    cli_manual_command(context, file);
    return 0;
}

static cli_exit write_manual(const char *folder, cli_trouble *t) {
    char path[CLI_PATH_MAX];
    const cli_command *c;
    snprintf(path, sizeof path, "%.900s/blackstart.1", folder);
    cli_exit trouble = cli_write_file(path, write_program, NULL, t);
    for (size_t i = 0; (c = cli_command_at(i)) != NULL && trouble == CLI_EXIT_PASS; i++) {
        snprintf(path, sizeof path, "%.900s/blackstart-%s.1", folder, c->name);
        trouble = cli_write_file(path, write_command, c, t);
    }
    snprintf(path, sizeof path, "%.900s/blackstart-scenario.7", folder);
    return trouble == CLI_EXIT_PASS ? cli_write_file(path, write_scenario, NULL, t) : trouble;
}

static cli_exit write_annotations(const char *folder, cli_trouble *t) {
    char path[CLI_PATH_MAX];
    snprintf(path, sizeof path, "%.900s/blackstart.lua", folder);
    return cli_write_file(path, write_language, NULL, t);
}

static const struct {
    const char *name;
    cli_exit (*write)(const char *where, cli_trouble *t);
} kinds[] = {{"manual", write_manual}, {"annotations", write_annotations}};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static cli_exit take_word(void *into, const char *value, cli_trouble *t) {
    generate_options *o = into;
    if (o->where != NULL)
        return cli_fail(t, CLI_EXIT_USAGE, "%.80s is one word too many (blackstart generate)",
                        value);
    *(o->what == NULL ? &o->what : &o->where) = value;
    return CLI_EXIT_PASS;
}

const cli_command cli_generate_command = {
    .name = "generate",
    .title = "writes what is installed beside the program, for its build",
    .usage = "manual|annotations DIR",
    .examples = "  blackstart generate manual build/release/generated/man\n",
    .about =
        "Writes the manual's pages, or the annotations that editors read, into a folder, from the "
        "rows that the help is printed from.",
    .take_word = take_word,
};

static cli_exit generate(const generate_options *o, cli_trouble *t) {
    for (size_t i = 0; i < KINDS && o->where != NULL; i++)
        if (strcmp(o->what, kinds[i].name) == 0) return kinds[i].write(o->where, t);
    return cli_fail(t, CLI_EXIT_USAGE, "nothing to write (blackstart generate): say %s",
                    cli_generate_command.usage);
}

cli_exit cli_generate(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    generate_options o = {0};
    cli_words words = {0};
    cli_exit trouble = cli_options_parse(&cli_generate_command, argc, argv, &o, &words, t);
    if (trouble == CLI_EXIT_PASS && words.help)
        cli_help_for(&cli_generate_command);
    else if (trouble == CLI_EXIT_PASS)
        trouble = generate(&o, t);
    cli_words_deinit(&words);
    return trouble;
}
