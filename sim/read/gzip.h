/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/gzip.h - files that were packed with gzip (RFC 1952) read as if they were not, a block
 * at a time. */
#ifndef SIM_READ_GZIP_H
#define SIM_READ_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct read_gzip read_gzip;

bool read_gzip_begins(const unsigned char *head, size_t n);
/* What `packed` holds, from its beginning, as a stream that can be read and set back; members that
 * stand one behind the other are one. `packed` is borrowed. NULL: no memory. fclose ends it. */
FILE *read_gzip_open(FILE *packed, read_gzip **state);
/* Of an open stream: it ended before its end was told, or is damaged from some byte on; what stands
 * before was read. */
bool read_gzip_is_cut(const read_gzip *g);

#endif
