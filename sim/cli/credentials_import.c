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

/* The texts of a row's two files; whether they fit is tried as a link would. */
static cli_exit take_papers(fleet_credential *c, const char *certificate, const char *key,
                            cli_trouble *t) {
    char why[200] = "out of memory";
    const char *wrong = NULL;
    const net_security_settings tried = {.chain = certificate, .key = key};
    net_security_domain *d = net_security_domain_new(&net_security_tls, &tried, why, sizeof why);
    if (d != NULL) c->certificate = net_certificate_read(certificate, key, &wrong);
    net_security_domain_free(d);
    if (c->certificate != NULL) return CLI_EXIT_PASS;
    if (d != NULL) (void)snprintf(why, sizeof why, "%s", wrong != NULL ? wrong : "out of memory");
    bool memory = strcmp(why, "out of memory") == 0;
    return cli_fail(t, memory ? CLI_EXIT_INTERNAL : CLI_EXIT_USAGE,
                    "papers that do not fit: %s (--credentials, %s): give a certificate and its "
                    "key, in PEM",
                    why, c->identity);
}

static cli_exit read_papers(fleet_credential *c, const cli_psk_papers *p, const char *folder,
                            cli_trouble *t) {
    char path[PATH_BYTES];
    const char *const names[] = {p->certificate, p->key};
    char *texts[2] = {NULL, NULL};
    cli_exit trouble = CLI_EXIT_PASS;
    for (size_t i = 0; i < 2 && trouble == CLI_EXIT_PASS; i++) {
        trouble = place_in(folder, names[i], path)
                      ? cli_pem_read("credentials", path, &texts[i], t)
                      : cli_fail(t, CLI_EXIT_USAGE,
                                 "a path that is too long (--credentials, %s): give a shorter one",
                                 c->identity);
    }
    if (trouble == CLI_EXIT_PASS) trouble = take_papers(c, texts[0], texts[1], t);
    if (texts[1] != NULL) explicit_bzero(texts[1], strlen(texts[1]));
    sim_free(texts[0]);
    sim_free(texts[1]);
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
