/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/credentials_export.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/secure_password.h"
#include "sim/cli/credentials_import.h"
#include "sim/core/heap.h"

enum { PATH_BYTES = 4096, HEX = 2 * NET_SECURE_KEY_MAX + 1 };

typedef struct job {
    const cli_export *order;
    cli_trouble *trouble;
    char partial[PATH_BYTES]; /* the folder while it is written */
    fleet_credentials credentials;
    fleet_authority authority;
    FILE *psk, *psk_mosquitto, *passwords, *table;
} job;

static cli_exit no_memory(job *j) {
    return cli_fail(j->trouble, CLI_EXIT_INTERNAL,
                    "out of memory (blackstart credentials): free some and try again");
}

static cli_exit cannot(job *j, const char *name) {
    return cli_fail(j->trouble, CLI_EXIT_USAGE,
                    "cannot write %.80s: %s (--out %.200s): make room, or give another folder",
                    name, strerror(errno), j->order->folder);
}

/* Keys are for their owner's eyes. */
static FILE *make_file(const job *j, const char *name) {
    char path[PATH_BYTES + 256];
    (void)snprintf(path, sizeof path, "%s/%s", j->partial, name);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return descriptor < 0 ? NULL : fdopen(descriptor, "w");
}

/* Closes it; 0, or EOF with errno. */
static int finish_file(FILE *file) {
    bool good = ferror(file) == 0;
    return fclose(file) == 0 && good ? 0 : EOF;
}

/* `text` is freed; NULL: there was no memory for it. */
static cli_exit write_text(job *j, const char *name, char *text) {
    FILE *file = text == NULL ? NULL : make_file(j, name);
    cli_exit end = text == NULL ? no_memory(j) : file == NULL ? cannot(j, name) : CLI_EXIT_PASS;
    if (file != NULL) {
        (void)fputs(text, file);
        if (finish_file(file) != 0) end = cannot(j, name);
    }
    if (text != NULL) explicit_bzero(text, strlen(text));
    sim_free(text);
    return end;
}

/* NAME.pem and NAME.key. */
static cli_exit write_pair(job *j, const char *name, const net_certificate *c) {
    char file[NET_SECURE_IDENTITY_MAX + 32];
    if (c == NULL) return no_memory(j);
    (void)snprintf(file, sizeof file, "%s.pem", name);
    cli_exit end = write_text(j, file, net_certificate_text(c));
    (void)snprintf(file, sizeof file, "%s.key", name);
    return end != CLI_EXIT_PASS ? end : write_text(j, file, net_certificate_key_text(c));
}

static cli_exit write_device(job *j, uint32_t device) {
    char identity[NET_SECURE_IDENTITY_MAX], hex[HEX] = "", name[NET_SECURE_IDENTITY_MAX + 16];
    char password[NET_SECURE_PASSWORD_TEXT];
    uint8_t key[NET_SECURE_KEY_MAX];
    size_t size = fleet_credentials_of(&j->credentials, device, identity, key);
    for (size_t i = 0; i < size; i++) (void)snprintf(hex + 2 * i, 3, "%02x", key[i]);
    sim_stream salt =
        sim_stream_for(j->order->seed, SIM_PURPOSE_CERTIFICATE, UINT64_C(2) << 32 | device);
    if (net_secure_password(hex, &salt, password) != 0) return no_memory(j);
    (void)fprintf(j->psk, "%s,%s\n", identity, hex);
    (void)fprintf(j->psk_mosquitto, "%s:%s\n", identity, hex);
    (void)fprintf(j->passwords, "%s:%s\n", identity, password);
    (void)fprintf(j->table, "%s,%s,%s,%s,devices/%s.pem,devices/%s.key\n", identity, hex, identity,
                  hex, identity, identity);
    explicit_bzero(hex, sizeof hex);
    explicit_bzero(key, sizeof key);
    net_certificate *c = fleet_authority_make(&j->authority, device);
    (void)snprintf(name, sizeof name, "devices/%s", identity);
    cli_exit end = write_pair(j, name, c);
    net_certificate_free(c);
    return end;
}

static cli_exit write_devices(job *j) {
    cli_exit end = CLI_EXIT_PASS;
    j->psk = make_file(j, "psk.csv");
    j->psk_mosquitto = make_file(j, "mosquitto.psk");
    j->passwords = make_file(j, "mosquitto.passwords");
    j->table = make_file(j, CLI_CREDENTIALS_TABLE);
    bool open =
        j->psk != NULL && j->psk_mosquitto != NULL && j->passwords != NULL && j->table != NULL;
    if (!open) end = cannot(j, "the lists of keys");
    for (size_t i = 0; open && cli_psk_columns[i] != NULL; i++)
        (void)fprintf(j->table, "%s%s", i == 0 ? "" : ",", cli_psk_columns[i]);
    if (open) (void)fputc('\n', j->table);
    for (uint32_t i = 0; i < j->order->count && end == CLI_EXIT_PASS; i++)
        end = write_device(j, j->order->first + i);
    FILE *lists[] = {j->psk, j->psk_mosquitto, j->passwords, j->table};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (lists[i] != NULL && finish_file(lists[i]) != 0 && end == CLI_EXIT_PASS)
            end = cannot(j, "the lists of keys");
    }
    return end;
}

/* What a device of ours may do, as the built-in cloud has it. */
static const char acl[] =
    "# A device publishes its reports, and reads what the cloud wants of it; %u is its user name.\n"
    "pattern write t/%u\n"
    "pattern read s/%u\n"
    "pattern read c/%u\n"
    "pattern write gone/%u\n";

static cli_exit write_all(job *j) {
    char *acl_text = sim_strdup(acl);
    cli_exit end = write_text(j, "mosquitto.acl", acl_text);
    if (end == CLI_EXIT_PASS)
        end = write_text(j, "ca.pem", net_certificate_text(j->authority.root));
    if (end == CLI_EXIT_PASS)
        end = write_text(j, "ca.key", net_certificate_key_text(j->authority.root));
    net_certificate *broker = fleet_authority_serve(&j->authority, j->order->host);
    if (end == CLI_EXIT_PASS) end = write_pair(j, "broker", broker);
    net_certificate_free(broker);
    return end != CLI_EXIT_PASS ? end : write_devices(j);
}

static cli_exit make_folders(job *j) {
    char devices[PATH_BYTES + 16];
    struct stat there;
    int n = snprintf(j->partial, sizeof j->partial, "%s.partial", j->order->folder);
    if (n < 0 || n >= (int)sizeof j->partial) {
        errno = ENAMETOOLONG;
        return cannot(j, "the folder");
    }
    if (lstat(j->order->folder, &there) == 0)
        return cli_fail(j->trouble, CLI_EXIT_USAGE,
                        "it exists already (--out %.200s): give a folder that does not",
                        j->order->folder);
    (void)snprintf(devices, sizeof devices, "%s/devices", j->partial);
    if (mkdir(j->partial, 0700) != 0 || mkdir(devices, 0700) != 0) return cannot(j, "the folder");
    return CLI_EXIT_PASS;
}

static int remove_one(const char *path, const struct stat *s, int flag, struct FTW *level) {
    (void)s;
    (void)flag;
    (void)level;
    return remove(path);
}

static cli_exit write_folder(job *j) {
    cli_exit end = make_folders(j);
    bool made = end == CLI_EXIT_PASS;
    if (made) end = write_all(j);
    if (end == CLI_EXIT_PASS && rename(j->partial, j->order->folder) != 0)
        end = cannot(j, "the folder");
    if (made && end != CLI_EXIT_PASS) (void)nftw(j->partial, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return end;
}

cli_exit cli_credentials_export(const cli_export *e, cli_trouble *t) {
    job j = {.order = e, .trouble = t};
    if (fleet_credentials_init(&j.credentials, e->seed, NULL, 0) != 0) return no_memory(&j);
    cli_exit end = no_memory(&j);
    if (fleet_authority_init(&j.authority, e->seed, e->first + e->count, &j.credentials,
                             FLEET_PAPER_VALID) == 0) {
        end = write_folder(&j);
        fleet_authority_deinit(&j.authority);
    }
    fleet_credentials_deinit(&j.credentials);
    return end;
}
