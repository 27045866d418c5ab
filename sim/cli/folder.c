/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/folder.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 60, SAME_SECOND_MAX = 1000, ROOM_FOR_FILES = 64 };

char *cli_folder_name(const char *scenario, char *name) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    const char *slash = strrchr(scenario, '/');
    const char *base = slash == NULL ? scenario : slash + 1;
    size_t n = strlen(base);
    if (n > 4 && strcmp(base + n - 4, ".lua") == 0) n -= 4;
    if (n > NAME_MAX_BYTES) n = NAME_MAX_BYTES;
    for (size_t i = 0; i < n; i++) name[i] = strchr(plain, base[i]) != NULL ? base[i] : '_';
    name[n] = '\0';
    if (n == 0 || name[0] == '.') name[0] = '_';
    name[n == 0 ? 1 : n] = '\0';
    return name;
}

cli_exit cli_folder_given(cli_folder *f, const char *out, cli_trouble *t) {
    size_t n = strlen(out);
    /* "a/" would put the unfinished folder into the finished one */
    while (n > 1 && out[n - 1] == '/') n--;
    if (n == 0 || n > CLI_PATH_MAX - ROOM_FOR_FILES)
        return cli_fail(
            t, CLI_EXIT_USAGE, "%s (--out): name a folder for the results, in at most %d bytes",
            n == 0 ? "the results folder has no name" : "the results folder's name is too long",
            CLI_PATH_MAX - ROOM_FOR_FILES);
    memcpy(f->path, out, n);
    f->path[n] = '\0';
    const char *slash = strrchr(f->path, '/');
    const char *last = slash == NULL ? f->path : slash + 1;
    if (*last == '\0' || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "%.200s cannot be a results folder (--out): name a new one, such as results/mine", out);
    return CLI_EXIT_PASS;
}

static cli_exit cannot(cli_trouble *t, const char *path) {
    return cli_fail(
        t, CLI_EXIT_USAGE,
        "cannot make the results folder: %s (%.300s): name a place that can be written with --out",
        strerror(errno), path);
}

cli_exit cli_folder_reserve(cli_folder *f, const char *root, const char *scenario, uint64_t seed,
                            time_t now, cli_trouble *t) {
    char name[64], when[32], first[CLI_PATH_MAX - ROOM_FOR_FILES];
    struct tm utc;
    if (mkdir(root, 0777) == 0)
        snprintf(f->parent, sizeof f->parent, "%s", root);
    else if (errno != EEXIST)
        return cannot(t, root);
    strftime(when, sizeof when, "%Y%m%d-%H%M%S", gmtime_r(&now, &utc));
    snprintf(first, sizeof first, "%s/%s-seed%" PRIu64 "-%s", root, cli_folder_name(scenario, name),
             seed, when);
    for (int n = 1; n <= SAME_SECOND_MAX && !f->reserved; n++) {
        if (n == 1)
            snprintf(f->path, sizeof f->path, "%s", first);
        else
            snprintf(f->path, sizeof f->path, "%s-%d", first, n);
        f->reserved = mkdir(f->path, 0777) == 0;
        if (!f->reserved && errno != EEXIST) break;
    }
    if (f->reserved) return CLI_EXIT_PASS;
    cli_exit trouble = cannot(t, f->path);
    cli_folder_give_back(f);
    return trouble;
}

void cli_folder_give_back(cli_folder *f) {
    if (f->reserved) (void)rmdir(f->path); /* fails, as it should, when there are results in it */
    if (f->parent[0] != '\0') (void)rmdir(f->parent);
    f->reserved = false;
    f->parent[0] = '\0';
}
