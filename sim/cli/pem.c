/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/pem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/heap.h"

enum { BYTES_MAX = 1 << 20 };

static cli_exit refuse(const char *option, const char *path, const char *why, cli_trouble *t) {
    return cli_fail(t, CLI_EXIT_USAGE, "cannot read %.200s (--%s): %s; give a file in PEM", path,
                    option, why);
}

cli_exit cli_pem_read(const char *option, const char *path, char **out, cli_trouble *t) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) return refuse(option, path, strerror(errno), t);
    char *text = sim_malloc(BYTES_MAX + 1);
    size_t n = text == NULL ? 0 : fread(text, 1, BYTES_MAX + 1, file);
    bool broken = ferror(file) != 0;
    int error = errno;
    (void)fclose(file);
    if (text == NULL)
        return cli_fail(t, CLI_EXIT_INTERNAL, "out of memory for %.200s (--%s)", path, option);
    const char *why = broken          ? strerror(error)
                      : n > BYTES_MAX ? "it has more than 1 MiB"
                      : n == 0        ? "it is empty"
                                      : NULL;
    if (why != NULL) {
        sim_free(text);
        return refuse(option, path, why, t);
    }
    text[n] = '\0';
    *out = text;
    return CLI_EXIT_PASS;
}
