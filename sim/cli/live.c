/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/live.h"

#include <errno.h>
#include <string.h>

#include "sim/report/live.h"

static bool is_standard(const char *path) {
    return path != NULL && strcmp(path, "-") == 0;
}

cli_exit cli_live_open(cli_live *l, const char *path, cli_trouble *t) {
    *l = (cli_live){.path = path};
    if (path == NULL) return CLI_EXIT_PASS;
    l->file = is_standard(path) ? stdout : fopen(path, "we");
    if (l->file != NULL) return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE,
                    "cannot write the live stream: %s (--live %.200s): name a file that can be "
                    "written, a pipe, or -",
                    strerror(errno), path);
}

bool cli_live_is_output(const cli_live *l) {
    return is_standard(l->path);
}

static void end(cli_live *l) {
    if (l->file != NULL && !is_standard(l->path) && fclose(l->file) != 0 && l->error == 0)
        l->error = errno;
    l->file = NULL;
}

void cli_live_second(void *context, const report_second *row) {
    cli_live *l = context;
    if (l->file == NULL) return;
    if (report_live_second(l->file, row) == 0) {
        l->lines++;
        return;
    }
    l->error = errno;
    /* Nobody reads the standard output any more: that it is lost is no failure of the run. */
    if (is_standard(l->path) && freopen("/dev/null", "w", stdout) == NULL) clearerr(stdout);
    end(l);
}

void cli_live_close(cli_live *l) {
    end(l);
    if (l->error != 0)
        (void)fprintf(stderr, "note: the live stream ended after %llu lines: %s (--live %s)\n",
                      l->lines, strerror(l->error), l->path);
    *l = (cli_live){.path = l->path};
}
