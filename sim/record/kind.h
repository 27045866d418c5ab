/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/record/kind.h - what a file is, by its first bytes, that a reader of text or captures cannot
 * read: packed, in another encoding, a database. */
#ifndef SIM_RECORD_KIND_H
#define SIM_RECORD_KIND_H

#include <stdbool.h>
#include <stddef.h>

typedef struct record_kind {
    const char *name;   /* "a file packed by xz" */
    const char *remedy; /* "unpack it with xz -d" */
} record_kind;

enum { RECORD_KIND_BYTES = 512 }; /* what it takes to know every kind */

/* NULL: none of those that are known, which is what a text is. gzip is one of them. */
const record_kind *record_kind_of(const void *head, size_t n);

bool record_kind_is_gzip(const void *head, size_t n);

#endif
