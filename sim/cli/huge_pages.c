/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/huge_pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/core/heap.h"

enum { ARGUMENTS_MAX = 1024, BYTES_MAX = 128 * 1024 }; /* of a command line; longer: as it is */

/* Read by the C library (2.35 and newer) when a program begins; an older one ignores it. */
static const char variable[] = "GLIBC_TUNABLES", wish[] = "glibc.malloc.hugetlb=1";

bool cli_huge_pages_offered(const char *words) {
    return strstr(words, "[madvise]") != NULL;
}

static size_t read_file(const char *path, char *out, size_t size) {
    FILE *f = fopen(path, "re");
    if (f == NULL) return 0;
    size_t n = fread(out, 1, size - 1, f);
    (void)fclose(f);
    out[n] = '\0';
    return n;
}

/* A pipe that an argument names was read, and is empty when the program begins anew. */
static bool names_a_pipe(const char *argument) {
    struct stat it;
    const char *value = strchr(argument, '=');
    const char *path = argument[0] == '-' && value != NULL ? value + 1 : argument;
    return stat(path, &it) == 0 && !S_ISREG(it.st_mode) && !S_ISDIR(it.st_mode);
}

static void begin_anew(char *bytes) {
    char *arguments[ARGUMENTS_MAX];
    size_t n = read_file("/proc/self/cmdline", bytes, BYTES_MAX), count = 0;
    if (n == 0 || n == BYTES_MAX - 1) return;
    for (char *at = bytes; at < bytes + n && count < ARGUMENTS_MAX; at += strlen(at) + 1) {
        if (names_a_pipe(at)) return;
        arguments[count++] = at;
    }
    if (count == ARGUMENTS_MAX || setenv(variable, wish, 0) != 0) return;
    arguments[count] = NULL;
    (void)fflush(stdout);
    (void)execv("/proc/self/exe", arguments);
    (void)unsetenv(variable); /* it goes on as it is */
}

void cli_huge_pages(uint64_t devices) {
    char words[128];
    if (devices < CLI_HUGE_DEVICES || getenv(variable) != NULL) return;
    if (read_file("/sys/kernel/mm/transparent_hugepage/enabled", words, sizeof words) == 0) return;
    if (!cli_huge_pages_offered(words)) return;
    char *bytes = sim_malloc(BYTES_MAX);
    if (bytes != NULL) begin_anew(bytes);
    sim_free(bytes);
}
