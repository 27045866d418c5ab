/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/credentials_import.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/security.h"
#include "sim/cli/pem.h"
#include "sim/core/heap.h"

enum { PATH_BYTES = 4096 };

static bool is_folder(const char *path) {
    struct stat there;
    return stat(path, &there) == 0 && S_ISDIR(there.st_mode);
}

/* `name` in a folder; or, where it is a path of its own, that. False: too long. */
static bool place_in(const char *folder, const char *name, char out[PATH_BYTES]) {
    bool whole = *name == '/' || *folder == '\0';
    int n = snprintf(out, PATH_BYTES, "%s%s%s", whole ? "" : folder, whole ? "" : "/", name);
    return n >= 0 && n < PATH_BYTES;
}

/* The folder that a file lies in; "": this one. */
static void folder_of(const char *path, char out[PATH_BYTES]) {
    const char *slash = strrchr(path, '/');
    size_t n = slash == NULL ? 0 : (size_t)(slash - path);
    if (slash == path) n = 1;
    (void)snprintf(out, PATH_BYTES, "%.*s", (int)(n < PATH_BYTES ? n : 0), path);
}

/* The texts of a row's two files, for its device; whether they fit is tried as a link would. */
static cli_exit take_papers(fleet_credential *c, const cli_pem_files *f, cli_trouble *t) {
    char where[sizeof c->identity + sizeof "--credentials, "];
    const char *wrong;
    (void)snprintf(where, sizeof where, "--credentials, %s", c->identity);
    cli_exit trouble = cli_pem_files_try(f, where, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    c->certificate = net_certificate_read(f->chain, f->key, &wrong);
    if (c->certificate != NULL) return CLI_EXIT_PASS;
    if (wrong == NULL) return cli_fail(t, CLI_EXIT_INTERNAL, "out of memory (%s)", where);
    return cli_fail(t, CLI_EXIT_USAGE,
                    "papers that do not fit: %s (%s): give a certificate and its key, in PEM",
                    wrong, where);
}

static cli_exit read_papers(fleet_credential *c, const cli_psk_papers *p, const char *folder,
                            cli_trouble *t) {
    char chain[PATH_BYTES], key[PATH_BYTES];
    cli_pem_files f = {0};
    if (!place_in(folder, p->certificate, chain) || !place_in(folder, p->key, key))
        return cli_fail(t, CLI_EXIT_USAGE,
                        "a path that is too long (--credentials, %s): give a shorter one",
                        c->identity);
    cli_exit trouble = cli_pem_files_read(&f, (cli_pem_name){"credentials", chain},
                                          (cli_pem_name){"credentials", key}, (cli_pem_name){0}, t);
    if (trouble == CLI_EXIT_PASS) trouble = take_papers(c, &f, t);
    cli_pem_files_deinit(&f);
    return trouble;
}

cli_exit cli_credentials_import(cli_psk *p, const char *path, cli_trouble *t) {
    char table[PATH_BYTES], folder[PATH_BYTES];
    bool in_folder = is_folder(path);
    if (!place_in(in_folder ? path : "", in_folder ? CLI_CREDENTIALS_TABLE : path, table))
        return cli_fail(t, CLI_EXIT_USAGE, "a path that is too long (--credentials): %.200s", path);
    folder_of(table, folder);
    FILE *in = fopen(table, "rb");
    if (in == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "cannot open the credentials: %s (%.200s): check --credentials",
                        strerror(errno), table);
    cli_exit trouble = cli_psk_table(p, in, table, t);
    (void)fclose(in);
    for (size_t i = 0; i < p->count && trouble == CLI_EXIT_PASS; i++) {
        if (p->papers[i].certificate != NULL)
            trouble = read_papers(&p->items[i], &p->papers[i], folder, t);
    }
    return trouble;
}

char *cli_credentials_authority(const char *path) {
    char file[PATH_BYTES];
    bool there = is_folder(path) && place_in(path, CLI_CREDENTIALS_AUTHORITY, file) &&
                 access(file, F_OK) == 0;
    return there ? sim_strdup(file) : NULL;
}
