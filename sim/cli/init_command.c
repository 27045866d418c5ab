/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart init`: a folder for scenarios of one's own. What is there stays, but for the
 * annotations, which are the program's and follow it. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lua/annotations.h"
#include "sim/cli/cli.h"
#include "sim/cli/folder.h"
#include "sim/cli/write_file.h"

typedef struct init_options {
    const char *folder; /* NULL: where we are */
} init_options;

static const char first_scenario[] =
    "-- A first scenario of your own: the power of a small street fails, and comes back.\n"
    "--\n"
    "--   blackstart run first.lua\n"
    "--   blackstart run first.lua --set law=fixed      its bad twin: FAIL\n"
    "\n"
    "scenario { title = \"Our devices come back\", provision = \"5.9-3\", units = { \"5.9-3-2 a\" "
    "} "
    "}\n"
    "\n"
    "params {\n"
    "    { name = \"homes\", kind = \"count\", default = 30, minimum = 1, maximum = 1000000, help "
    "= "
    "\"homes that lose power\" },\n"
    "    { name = \"capacity\", kind = \"count\", default = 10, minimum = 1, maximum = 10000000, "
    "help = \"connections per second\" },\n"
    "    { name = \"law\", kind = \"choice\", default = \"orderly\", choices = law.names(), help = "
    "\"how a device tries again\" },\n"
    "}\n"
    "\n"
    "local street\n"
    "\n"
    "function setup(p)\n"
    "    cloud { connections = p.capacity }\n"
    "    street = fleet.streets {\n"
    "        homes = p.homes,\n"
    "        devices = {\n"
    "            {\n"
    "                model = \"thermostat\", per_home = 4, report_every = \"1m\",\n"
    "                law = law.named(p.law, { devices = p.homes * 4, capacity = p.capacity }),\n"
    "            },\n"
    "        },\n"
    "    }\n"
    "end\n"
    "\n"
    "function drill(p)\n"
    "    wait \"10m\"\n"
    "    street:cut_power()\n"
    "    wait \"30m\"\n"
    "    street:restore_power()\n"
    "    wait_online(1.0, { within = \"1h\" })\n"
    "    wait \"5m\"\n"
    "end\n"
    "\n"
    "function verdict(p)\n"
    "    judge.reconnect { trigger = \"power restore\" }\n"
    "end\n";

static const char luarc[] =
    "{\n"
    "  \"runtime.version\": \"Lua 5.4\",\n"
    "  \"runtime.builtin\": { \"io\": \"disable\", \"os\": \"disable\", \"debug\": \"disable\", "
    "\"coroutine\": \"disable\", \"package\": \"disable\", \"utf8\": \"disable\" },\n"
    "  \"workspace.library\": [\".luals\"],\n"
    "  \"diagnostics.disable\": [\"lowercase-global\"]\n"
    "}\n";

static const char gitlab[] =
    "# Scenarios in CI (docs/ci.md of Blackstart). `make deb` makes the package; keep it in ci/.\n"
    "blackstart:\n"
    "  image: debian:bookworm-slim\n"
    "  before_script:\n"
    "    - apt-get update && apt-get install -y ./ci/blackstart_*.deb\n"
    "  script:\n"
    "    - blackstart test . --junit junit.xml --out results\n"
    "  artifacts:\n"
    "    when: always\n"
    "    paths: [results]\n"
    "    reports:\n"
    "      junit: junit.xml\n";

static const struct {
    const char *name, *text;
} files[] = {{"first.lua", first_scenario},
             {".luarc.json", luarc},
             {".gitlab-ci.yml", gitlab},
             {".gitignore", "/results/\n"}};
enum { FILES = sizeof files / sizeof files[0] };

static int write_text(FILE *file, const void *context) {
    fputs(context, file);
    return 0;
}

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

static cli_exit write_files(const char *folder, cli_trouble *t) {
    char path[CLI_PATH_MAX];
    cli_exit trouble = CLI_EXIT_PASS;
    for (size_t i = 0; i < FILES && trouble == CLI_EXIT_PASS; i++) {
        snprintf(path, sizeof path, "%.900s/%s", folder, files[i].name);
        bool there = access(path, F_OK) == 0;
        if (!there) trouble = cli_write_file(path, write_text, files[i].text, t);
        if (trouble == CLI_EXIT_PASS) printf("  %-5s %s\n", there ? "kept" : "made", path);
    }
    return trouble;
}

static cli_exit init(const char *folder, cli_trouble *t) {
    char path[CLI_PATH_MAX];
    if (strlen(folder) > 900)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "the folder's name is too long (blackstart init): at most 900 bytes");
    cli_exit trouble = make_folder(folder, t);
    snprintf(path, sizeof path, "%.900s/.luals", folder);
    if (trouble == CLI_EXIT_PASS) trouble = make_folder(path, t);
    if (trouble == CLI_EXIT_PASS) trouble = write_files(folder, t);
    snprintf(path, sizeof path, "%.900s/.luals/blackstart.lua", folder);
    if (trouble == CLI_EXIT_PASS) trouble = cli_write_file(path, write_annotations, NULL, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    printf("  made  %s\n\nNow: blackstart test %s\n", path, folder);
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
        "Makes DIR (default: where you are) with a first scenario, a file for GitLab's CI, and "
        "what "
        "editors with lua-language-server need to know the language: .luarc.json and "
        ".luals/blackstart.lua, its annotations. Files that are there are kept; the annotations "
        "are made anew, so run it again after an upgrade.",
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
