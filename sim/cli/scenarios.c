/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/scenarios.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lua/names.h"
#include "sim/core/heap.h"

void cli_scenarios_deinit(cli_scenarios *s) {
    for (size_t i = 0; i < s->count; i++) sim_free(s->paths[i]);
    sim_free(s->paths);
    *s = (cli_scenarios){0};
}

static cli_exit no_memory(cli_trouble *t) {
    return cli_fail(t, CLI_EXIT_INTERNAL,
                    "out of memory (list of scenarios): free some and try again");
}

static cli_exit add(cli_scenarios *s, const char *path, cli_trouble *t) {
    s->more = s->more || s->count == CLI_SCENARIOS_MAX;
    if (s->more) return CLI_EXIT_PASS;
    char *copy = sim_strdup(path);
    if (copy == NULL) return no_memory(t);
    s->paths[s->count++] = copy;
    return CLI_EXIT_PASS;
}

static bool is_scenario(const char *name) {
    size_t n = strlen(name);
    return n > 4 && strcmp(name + n - 4, ".lua") == 0;
}

static int is_visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static cli_exit walk(cli_scenarios *s, const char *folder, int depth, cli_trouble *t);

/* Links to folders are not followed: they may lead round in circles. */
static cli_exit visit(cli_scenarios *s, const char *folder, const char *name, int depth,
                      cli_trouble *t) {
    char path[CLI_SCENARIO_PATH];
    struct stat about;
    int n = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (n < 0 || n >= (int)sizeof path || lstat(path, &about) != 0) return CLI_EXIT_PASS;
    if (S_ISDIR(about.st_mode))
        return depth < CLI_SCENARIOS_DEPTH ? walk(s, path, depth + 1, t) : CLI_EXIT_PASS;
    bool file = stat(path, &about) == 0 && S_ISREG(about.st_mode);
    return file && is_scenario(name) ? add(s, path, t) : CLI_EXIT_PASS;
}

/* A folder that cannot be read holds no scenarios for us. */
static cli_exit walk(cli_scenarios *s, const char *folder, int depth, cli_trouble *t) {
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, is_visible, alphasort);
    cli_exit trouble = CLI_EXIT_PASS;
    for (int i = 0; i < n; i++) {
        if (trouble == CLI_EXIT_PASS) trouble = visit(s, folder, entries[i]->d_name, depth, t);
        free(entries[i]); /* scandir's */
    }
    free(entries);
    return trouble;
}

cli_exit cli_scenarios_in(cli_scenarios *s, const char *folder, cli_trouble *t) {
    cli_scenarios_deinit(s);
    snprintf(s->folder, sizeof s->folder, "%s", folder);
    s->paths = sim_calloc(CLI_SCENARIOS_MAX, sizeof *s->paths);
    if (s->paths == NULL) return no_memory(t);
    return walk(s, folder, 0, t);
}

/* The folder of the program that runs; "" when the kernel does not say. */
static void program_folder(char *path, size_t size) {
    ssize_t n = readlink("/proc/self/exe", path, size - 1);
    path[n < 0 ? 0 : n] = '\0';
    char *slash = strrchr(path, '/');
    if (slash != NULL) *slash = '\0';
}

static const char *const beside[] = {"/../../scenarios", "/../share/blackstart/scenarios"};

bool cli_scenarios_file(const char *relative, char *path, size_t size) {
    char program[CLI_SCENARIO_PATH - 64];
    snprintf(path, size, "scenarios/%s", relative);
    if (access(path, F_OK) == 0) return true;
    program_folder(program, sizeof program);
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
        int n = snprintf(path, size, "%s%s/%s", program, beside[i], relative);
        if (n > 0 && (size_t)n < size && access(path, F_OK) == 0) return true;
    }
    return false;
}

bool cli_scenarios_annotations(char *path) {
    static const char *const places[] = {"/generated/luals", "/../share/blackstart/luals"};
    char program[CLI_SCENARIO_PATH - 64], folder[CLI_SCENARIO_PATH];
    program_folder(program, sizeof program);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf(folder, sizeof folder, "%s%s", program, places[i]);
        if (realpath(folder, path) != NULL) return true;
    }
    return false;
}

/* The scenarios that come with the program; none is no trouble. */
static cli_exit find_shipped(cli_scenarios *s, cli_trouble *t) {
    char program[CLI_SCENARIO_PATH - 64], folder[CLI_SCENARIO_PATH], real[PATH_MAX];
    cli_exit trouble = CLI_EXIT_PASS;
    program_folder(program, sizeof program);
    for (size_t i = 0;
         i < sizeof beside / sizeof beside[0] && s->count == 0 && trouble == CLI_EXIT_PASS; i++) {
        snprintf(folder, sizeof folder, "%s%s", program, beside[i]);
        if (realpath(folder, real) != NULL && strlen(real) < CLI_SCENARIO_PATH)
            trouble = cli_scenarios_in(s, real, t);
    }
    return trouble;
}

cli_exit cli_scenarios_find(cli_scenarios *s, cli_trouble *t) {
    cli_exit trouble = cli_scenarios_in(s, "scenarios", t);
    if (trouble == CLI_EXIT_PASS && s->count == 0) trouble = find_shipped(s, t);
    if (trouble == CLI_EXIT_PASS && s->count == 0)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "no scenarios found (./scenarios and beside the program): change to the folder that "
            "holds scenarios/");
    return trouble;
}

/* "a/b/street.lua" -> "street" in `name` (CLI_SCENARIO_PATH bytes). */
static const char *base_name(const char *path, char *name) {
    const char *slash = strrchr(path, '/');
    snprintf(name, CLI_SCENARIO_PATH, "%s", slash == NULL ? path : slash + 1);
    if (is_scenario(name)) name[strlen(name) - 4] = '\0';
    return name;
}

/* The path whose name is like that of `path`, or has it as a part; NULL when none is. */
static const char *similar(const cli_scenarios *s, const char *path) {
    char wanted[CLI_SCENARIO_PATH], name[CLI_SCENARIO_PATH];
    base_name(path, wanted);
    for (size_t i = 0; i < s->count; i++) {
        const char *one = base_name(s->paths[i], name);
        if (script_names_near(wanted, &one, 1) != NULL) return s->paths[i];
    }
    for (size_t i = 0; i < s->count && wanted[0] != '\0'; i++)
        if (strstr(base_name(s->paths[i], name), wanted) != NULL) return s->paths[i];
    return NULL;
}

cli_exit cli_scenarios_missing(const char *path, cli_trouble *t) {
    cli_scenarios there = {0};
    cli_trouble none;
    struct stat what;
    if (stat(path, &what) == 0 && S_ISDIR(what.st_mode))
        return cli_fail(t, CLI_EXIT_USAGE,
                        "a folder is no scenario (%.300s): blackstart test %.300s runs all that "
                        "are in it, blackstart check %.300s looks at them",
                        path, path, path);
    const char *meant =
        cli_scenarios_find(&there, &none) == CLI_EXIT_PASS ? similar(&there, path) : NULL;
    if (meant != NULL)
        cli_fail(t, CLI_EXIT_USAGE, "no such scenario (%.300s): did you mean %.300s?", path, meant);
    else
        cli_fail(t, CLI_EXIT_USAGE,
                 "no such scenario (%.300s): blackstart list shows what there is", path);
    cli_scenarios_deinit(&there);
    return CLI_EXIT_USAGE;
}

/* ---- by name ---- */

/* `word` is the path's end, from a slash on; both may leave out ".lua". */
static bool is_named(const char *path, const char *word) {
    size_t n = strlen(path) - 4, length = strlen(word);
    if (is_scenario(word)) length -= 4;
    return length > 0 && length <= n && memcmp(path + n - length, word, length) == 0 &&
           (length == n || path[n - length - 1] == '/');
}

static bool is_same_file(const char *a, const char *b) {
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* Looks for `word` among `there`: *found is the first, *other one that is another file. */
static void look(const cli_scenarios *there, const char *word, const char **found,
                 const char **other) {
    for (size_t i = 0; i < there->count && *other == NULL; i++) {
        const char *path = there->paths[i];
        if (!is_named(path, word)) continue;
        if (*found == NULL)
            *found = path;
        else if (!is_same_file(*found, path))
            *other = path;
    }
}

/* All 0 after trouble, too. */
typedef struct places {
    cli_scenarios mine, shipped;
} places;

static void places_deinit(places *all) {
    cli_scenarios_deinit(&all->mine);
    cli_scenarios_deinit(&all->shipped);
}

static cli_exit places_find(places *all, cli_trouble *t) {
    cli_exit trouble = cli_scenarios_in(&all->mine, "scenarios", t);
    if (trouble == CLI_EXIT_PASS) trouble = find_shipped(&all->shipped, t);
    return trouble;
}

static cli_exit keep(char **path, const char *found, cli_trouble *t) {
    *path = sim_strdup(found);
    return *path == NULL ? no_memory(t) : CLI_EXIT_PASS;
}

/* A file of one's own in ./scenarios comes before what the program brings, so that a name means the
 * same whatever is installed: *hidden is then the program's own, which is not meant. */
static cli_exit find_named(const places *all, const char *word, char **path, char **hidden,
                           cli_trouble *t) {
    const char *found = NULL, *other = NULL, *own = NULL;
    look(&all->mine, word, &found, &other);
    if (found == NULL)
        look(&all->shipped, word, &found, &other);
    else if (other == NULL && (own = found) != NULL)
        look(&all->shipped, word, &own, &other);
    if (found == NULL) return cli_scenarios_missing(word, t);
    if (other != NULL && own == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "two scenarios have this name (%.200s): say which, %.300s or %.300s", word,
                        found, other);
    cli_exit trouble = other != NULL ? keep(hidden, other, t) : CLI_EXIT_PASS;
    return trouble != CLI_EXIT_PASS ? trouble : keep(path, found, t);
}

bool cli_scenarios_know(const char *word) {
    places all = {0};
    cli_trouble none;
    const char *found = NULL, *other = NULL;
    if (places_find(&all, &none) == CLI_EXIT_PASS) {
        look(&all.mine, word, &found, &other);
        look(&all.shipped, word, &found, &other);
    }
    places_deinit(&all);
    return found != NULL;
}

static cli_exit named(const char *word, char **path, char **hidden, cli_trouble *t) {
    struct stat about;
    places all = {0};
    *path = *hidden = NULL;
    /* A file is what it is; what cannot be looked at says so itself when it is read. */
    if (stat(word, &about) == 0 ? !S_ISDIR(about.st_mode) || strchr(word, '/') != NULL
                                : errno != ENOENT)
        return keep(path, word, t);
    cli_exit trouble = places_find(&all, t);
    if (trouble == CLI_EXIT_PASS) trouble = find_named(&all, word, path, hidden, t);
    places_deinit(&all);
    return trouble;
}

cli_exit cli_scenarios_named(const char *word, char **path, cli_trouble *t) {
    char *hidden;
    cli_exit trouble = named(word, path, &hidden, t);
    sim_free(hidden);
    return trouble;
}

cli_exit cli_scenarios_meant(const char *word, char **path, cli_trouble *t) {
    char *hidden;
    cli_exit trouble = named(word, path, &hidden, t);
    if (hidden != NULL && trouble == CLI_EXIT_PASS)
        fprintf(stderr, "note: %.200s is %.300s here, not the program's own (%.300s)\n", word,
                *path, hidden);
    sim_free(hidden);
    return trouble;
}
