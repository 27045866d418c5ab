/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/link.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"

/* The real path of the folder that a file is to be in; of the C library, so free() it. */
static char *folder_of(const char *file) {
    const char *slash = strrchr(file, '/');
    if (slash == NULL) return realpath(".", NULL);
    size_t length = slash == file ? 1 : (size_t)(slash - file);
    char *name = sim_malloc(length + 1);
    if (name == NULL) return NULL;
    memcpy(name, file, length);
    name[length] = '\0';
    char *real = realpath(name, NULL);
    sim_free(name);
    return real;
}

/* How long the part of two absolute paths is that they share, in whole names: "/a" of "/a/b" and
 * "/a/c". */
static size_t shared(const char *a, const char *b) {
    size_t whole = 0, i = 0;
    for (; a[i] != '\0' && a[i] == b[i]; i++)
        if (a[i] == '/') whole = i;
    bool ends = (a[i] == '\0' || a[i] == '/') && (b[i] == '\0' || b[i] == '/');
    return ends ? i : whole;
}

static char *climb(const char *from, const char *to) {
    size_t same = shared(from, to), ups = 0;
    const char *rest = to + same + (to[same] == '/');
    for (const char *c = from + same; *c != '\0'; c++) ups += *c == '/' && c[1] != '\0';
    char *link = sim_malloc(3 * ups + strlen(rest) + 2), *end = link;
    if (link == NULL) return NULL;
    for (; ups > 0; ups--)
        for (const char *c = "../"; *c != '\0'; c++) *end++ = *c;
    memcpy(end, rest, strlen(rest) + 1);
    if (link[0] == '\0') memcpy(link, ".", 2);
    return link;
}

char *cli_link_between(const char *page, const char *folder) {
    char *from = folder_of(page), *to = realpath(folder, NULL), *link = NULL;
    if (from != NULL && to != NULL) link = climb(from, to);
    free(from);
    free(to);
    return link;
}
