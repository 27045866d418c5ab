/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/page_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

cli_exit cli_page_read(const char *folder, report_result *out, cli_trouble *t) {
    char why[RECORD_JSON_WHY_MAX];
    int error = report_result_read(folder, NULL, out, why);
    if (error == 0) return CLI_EXIT_PASS;
    return cli_fail(t, error == SIM_ENOMEM ? CLI_EXIT_INTERNAL : CLI_EXIT_USAGE, "%s", why);
}

static cli_exit cannot(const char *path, int error, cli_trouble *t) {
    return cli_fail(t, CLI_EXIT_USAGE,
                    "cannot write the page: %s (%.200s): choose another file with --out",
                    strerror(error), path);
}

/* Everything on the disk, or errno. */
static bool settle(FILE *file) {
    bool whole = fflush(file) == 0 && fsync(fileno(file)) == 0;
    int error = errno;
    bool closed = fclose(file) == 0;
    if (!whole) errno = error;
    return whole && closed;
}

cli_exit cli_page_write(const char *path, cli_page_writer *write, const void *context,
                        cli_trouble *t) {
    char partial[PATH_MAX];
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return cannot(path, S_ISDIR(status.st_mode) ? EISDIR : EEXIST, t);
    if (snprintf(partial, sizeof partial, "%s.partial", path) >= (int)sizeof partial)
        return cannot(path, ENAMETOOLONG, t);
    int fd = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (file == NULL) {
        cli_exit trouble = cannot(path, errno, t);
        if (fd >= 0) close(fd);
        return trouble;
    }
    int error = write(file, context);
    if (settle(file) && error == 0 && rename(partial, path) == 0) return CLI_EXIT_PASS;
    cli_exit trouble = error == SIM_ENOMEM
                           ? cli_fail(t, CLI_EXIT_INTERNAL,
                                      "out of memory (%.200s): free some and try again", path)
                           : cannot(path, errno, t);
    unlink(partial);
    return trouble;
}
