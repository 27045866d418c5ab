/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/pem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/security.h"
#include "sim/core/heap.h"

enum { BYTES_MAX = 1 << 20 };

static cli_exit refuse(const char *option, const char *path, const char *why, cli_trouble *t) {
    return cli_fail(t, CLI_EXIT_USAGE, "cannot read %.200s (--%s): %s; give a file in PEM", path,
                    option, why);
}

static cli_exit read_whole(const char *option, const char *path, char **out, cli_trouble *t) {
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

cli_exit cli_pem_files_read(cli_pem_files *f, cli_pem_name chain, cli_pem_name key,
                            cli_pem_name authorities, cli_trouble *t) {
    const struct {
        cli_pem_name name;
        char **into;
    } files[] = {{chain, &f->chain}, {key, &f->key}, {authorities, &f->authorities}};
    cli_exit trouble = CLI_EXIT_PASS;
    for (size_t i = 0; i < sizeof files / sizeof *files && trouble == CLI_EXIT_PASS; i++)
        if (files[i].name.path != NULL)
            trouble = read_whole(files[i].name.option, files[i].name.path, files[i].into, t);
    return trouble;
}

cli_exit cli_pem_files_try(const cli_pem_files *f, const char *where, cli_trouble *t) {
    const net_security_settings tried = {
        .authorities = f->authorities, .chain = f->chain, .key = f->key};
    const char *wrong;
    net_security_domain *d = net_security_domain_new(&net_security_tls, &tried, &wrong);
    net_security_domain_free(d);
    if (d != NULL) return CLI_EXIT_PASS;
    if (wrong == NULL) return cli_fail(t, CLI_EXIT_INTERNAL, "out of memory (%s)", where);
    return cli_fail(t, CLI_EXIT_USAGE, "papers that do not fit: %s (%s): give %s, in PEM", wrong,
                    where,
                    f->chain != NULL ? "a certificate and its key" : "certificates to believe");
}

void cli_pem_files_deinit(cli_pem_files *f) {
    if (f->key != NULL) explicit_bzero(f->key, strlen(f->key));
    sim_free(f->chain);
    sim_free(f->key);
    sim_free(f->authorities);
    *f = (cli_pem_files){0};
}
