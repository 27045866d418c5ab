/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/write_file.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "sim/core/error.h"

static cli_exit trouble_with(const char *path, int error, cli_trouble *t) {
    if (error == SIM_ENOMEM)
        return cli_fail(t, CLI_EXIT_INTERNAL, "out of memory (%.200s): free some and try again",
                        path);
    return cli_fail(t, CLI_EXIT_INTERNAL,
                    "cannot write: %s (%.200s): make room, or choose another place",
                    strerror(errno), path);
}

static int write_partial(const char *partial, FILE *file, cli_writer *write, const void *context) {
    int error = write(file, context);
    if (error == 0 && fflush(file) != 0) error = SIM_EIO;
    int reason = errno;
    if (fclose(file) != 0 && error == 0) {
        error = SIM_EIO;
        reason = errno;
    }
    if (error != 0) (void)unlink(partial);
    errno = reason;
    return error;
}

static FILE *open_partial(const char *path, char partial[PATH_MAX]) {
    int n = snprintf(partial, PATH_MAX, "%s.partial", path);
    return n > 0 && n < PATH_MAX ? fopen(partial, "we") : NULL;
}

static cli_exit cannot_stand_there(const char *path, cli_trouble *t) {
    return cli_fail(t, CLI_EXIT_USAGE, "cannot write: %s (%.200s): choose another place",
                    strerror(errno), path);
}

cli_exit cli_write_file_try(const char *path, cli_trouble *t) {
    char partial[PATH_MAX];
    FILE *file = open_partial(path, partial);
    if (file == NULL) return cannot_stand_there(path, t);
    (void)fclose(file);
    (void)unlink(partial);
    return CLI_EXIT_PASS;
}

cli_exit cli_write_file(const char *path, cli_writer *write, const void *context, cli_trouble *t) {
    char partial[PATH_MAX];
    if (path == NULL) {
        int error = write(stdout, context);
        return error == 0 ? CLI_EXIT_PASS : trouble_with("standard output", error, t);
    }
    FILE *file = open_partial(path, partial);
    if (file == NULL) return cannot_stand_there(path, t);
    int error = write_partial(partial, file, write, context);
    if (error == 0 && rename(partial, path) == 0) return CLI_EXIT_PASS;
    if (error == 0) {
        int reason = errno;
        (void)unlink(partial);
        errno = reason;
        error = SIM_EIO;
    }
    return trouble_with(path, error, t);
}
