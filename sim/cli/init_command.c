/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart init`: a folder for scenarios of one's own. What is there stays, but for the
 * annotations, which are the program's and follow it. */
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lua/annotations.h"
#include "sim/cli/cli.h"
#include "sim/cli/folder.h"
#include "sim/cli/init_files.h"
#include "sim/cli/scenarios.h"
#include "sim/cli/write_file.h"

#define OWN_ANNOTATIONS ".luals"

typedef struct init_options {
    const char *folder; /* NULL: where we are */
} init_options;

static const char gitignore[] = "/results/\n";

static int write_text(FILE *file, const void *context) {
    fputs(context, file);
    return 0;
}

/* `context`: the folder of the annotations. */
static int write_luarc(FILE *file, const void *context) {
    static const char *const closed[] = {"io", "os", "debug", "coroutine", "package", "utf8"};
    json_t *builtin = json_object(), *library = json_array(), *disabled = json_array();
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++)
        json_object_set_new(builtin, closed[i], json_string("disable"));
    json_array_append_new(library, json_string(context));
    json_array_append_new(disabled, json_string("lowercase-global"));
    json_t *root =
        json_pack("{ssso*so*so*}", "runtime.version", "Lua 5.4", "runtime.builtin", builtin,
                  "workspace.library", library, "diagnostics.disable", disabled);
    int error = root == NULL ? -1 : json_dumpf(root, file, JSON_INDENT(2));
    fputc('\n', file);
    json_decref(root);
    return error;
}

static const struct {
    const char *name;
    int (*write)(FILE *file, const void *context);
    const void *text; /* NULL: the folder of the annotations */
} files[] = {{"first.lua", write_text, cli_init_first},
             {"product.json", write_text, cli_init_product},
             {".luarc.json", write_luarc, NULL},
             {".gitlab-ci.yml", write_text, cli_init_gitlab},
             {".gitignore", write_text, gitignore}};
enum { FILES = sizeof files / sizeof files[0] };

static int write_annotations(FILE *file, const void *context) {
    (void)context;
    script_annotations(file);
    return 0;
}

static cli_exit make_folder(const char *path, cli_trouble *t) {
    struct stat about;
    if (mkdir(path, 0777) == 0 ||
        (errno == EEXIST && stat(path, &about) == 0 && S_ISDIR(about.st_mode)))
        return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE,
                    "cannot make the folder: %s (%.300s): name another, below one that is there",
                    strerror(errno), path);
}

static cli_exit write_files(const char *folder, const char *library, cli_trouble *t) {
    char path[CLI_PATH_MAX];
    cli_exit trouble = CLI_EXIT_PASS;
    for (size_t i = 0; i < FILES && trouble == CLI_EXIT_PASS; i++) {
        snprintf(path, sizeof path, "%.900s/%s", folder, files[i].name);
        bool there = access(path, F_OK) == 0;
        const void *text = files[i].text != NULL ? files[i].text : library;
        if (!there) trouble = cli_write_file(path, files[i].write, text, t);
        if (trouble == CLI_EXIT_PASS) printf("  %-5s %s\n", there ? "kept" : "made", path);
    }
    return trouble;
}

/* Annotations of the folder's own: where the program has none beside it, and where they are since
 * an earlier time. */
static cli_exit write_own_annotations(const char *folder, bool wanted, cli_trouble *t) {
    char path[CLI_PATH_MAX];
    snprintf(path, sizeof path, "%.900s/" OWN_ANNOTATIONS, folder);
    if (!wanted && access(path, F_OK) != 0) return CLI_EXIT_PASS;
    cli_exit trouble = make_folder(path, t);
    snprintf(path, sizeof path, "%.900s/" OWN_ANNOTATIONS "/blackstart.lua", folder);
    if (trouble == CLI_EXIT_PASS) trouble = cli_write_file(path, write_annotations, NULL, t);
    if (trouble == CLI_EXIT_PASS) printf("  made  %s\n", path);
    return trouble;
}

static cli_exit init(const char *folder, cli_trouble *t) {
    char library[PATH_MAX];
    if (strlen(folder) > 900)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "the folder's name is too long (blackstart init): at most 900 bytes");
    bool own = !cli_scenarios_annotations(library);
    if (own) snprintf(library, sizeof library, OWN_ANNOTATIONS);
    cli_exit trouble = make_folder(folder, t);
    if (trouble == CLI_EXIT_PASS) trouble = write_own_annotations(folder, own, t);
    if (trouble == CLI_EXIT_PASS) trouble = write_files(folder, library, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    printf("\nNow: blackstart test %s\n", folder);
    return CLI_EXIT_PASS;
}

static cli_exit take_folder(void *into, const char *value, cli_trouble *t) {
    init_options *o = into;
    if (o->folder != NULL || *value == '\0')
        return cli_fail(t, CLI_EXIT_USAGE, "%.80s: give one folder (blackstart init)", value);
    o->folder = value;
    return CLI_EXIT_PASS;
}

const cli_command cli_init_command = {
    .name = "init",
    .title = "makes a folder for scenarios of your own",
    .usage = "[DIR]",
    .examples =
        "  blackstart init our-devices\n"
        "  cd our-devices && blackstart test .\n",
    .about =
        "Makes DIR (default: where you are) with a first scenario, a product to try in it "
        "(--product), a file for GitLab's CI, and .luarc.json, which tells editors with "
        "lua-language-server where the annotations of the language are: beside the program, or, "
        "where there are none, in .luals, which is then made, too. Files that are there are kept, "
        "but for annotations in .luals, which follow the program.",
    .take_word = take_folder,
};

cli_exit cli_init(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    init_options o = {0};
    cli_words words = {0};
    cli_exit trouble = cli_options_parse(&cli_init_command, argc, argv, &o, &words, t);
    if (trouble == CLI_EXIT_PASS && words.help)
        cli_help_for(&cli_init_command);
    else if (trouble == CLI_EXIT_PASS)
        trouble = init(o.folder == NULL ? "." : o.folder, t);
    cli_words_deinit(&words);
    return trouble;
}
