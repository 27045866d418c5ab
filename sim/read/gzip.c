/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/gzip.h"

#include <zlib.h>

#include "sim/core/error.h"
#include "sim/core/heap.h"

enum { BLOCK = 64 * 1024, WINDOW = 15 + 16 /* the largest there is, with gzip's own header */ };

struct read_gzip {
    FILE *packed;
    z_stream z;
    off64_t at; /* bytes given so far */
    bool cut;   /* its end is missing, or it is damaged */
    bool ended; /* a member has ended, and the next one has not begun */
    bool over;  /* what follows is no member */
    unsigned char block[BLOCK];
};

bool read_gzip_begins(const unsigned char *head, size_t n) {
    return n >= 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == Z_DEFLATED;
}

static void *allocate(void *opaque, unsigned items, unsigned size) {
    (void)opaque;
    return sim_calloc(items, size);
}

static void release(void *opaque, void *memory) {
    (void)opaque;
    sim_free(memory);
}

/* Something to unpack, and where a member ended the beginning of the next. False at the end. */
static bool has_more(read_gzip *g) {
    if (g->z.avail_in == 0) {
        g->z.avail_in = (unsigned)fread(g->block, 1, BLOCK, g->packed);
        g->z.next_in = g->block;
    }
    if (g->z.avail_in == 0) {
        g->cut = !g->ended;
        return false;
    }
    if (!g->ended) return true;
    /* what follows a member and is none, as the zeros that fill up a tape, ends the file */
    g->ended = false;
    return *g->z.next_in == 0x1f ? inflateReset(&g->z) == Z_OK : (g->over = true, false);
}

static ssize_t give(void *cookie, char *buffer, size_t size) {
    read_gzip *g = cookie;
    unsigned wanted = size < BLOCK ? (unsigned)size : BLOCK;
    g->z.next_out = (unsigned char *)buffer;
    g->z.avail_out = wanted;
    while (!g->cut && !g->over && g->z.avail_out > 0 && has_more(g)) {
        int status = inflate(&g->z, Z_NO_FLUSH);
        g->ended = status == Z_STREAM_END;
        g->cut = status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR;
    }
    g->at += wanted - g->z.avail_out;
    return (ssize_t)(wanted - g->z.avail_out);
}

static bool rewind_to_start(read_gzip *g) {
    g->at = 0;
    g->cut = g->over = g->ended = false;
    g->z.avail_in = 0;
    return fseek(g->packed, 0, SEEK_SET) == 0 && inflateReset(&g->z) == Z_OK;
}

static int set_back(void *cookie, off64_t *position, int whence) {
    read_gzip *g = cookie;
    char skipped[4096];
    off64_t wanted = *position + (whence == SEEK_CUR ? g->at : 0);
    if (whence == SEEK_END || wanted < 0 || (wanted < g->at && !rewind_to_start(g))) return -1;
    while (g->at < wanted) {
        size_t n = wanted - g->at < 4096 ? (size_t)(wanted - g->at) : sizeof skipped;
        if (give(g, skipped, n) == 0) return -1;
    }
    *position = g->at;
    return 0;
}

static int end(void *cookie) {
    read_gzip *g = cookie;
    inflateEnd(&g->z);
    sim_free(g);
    return 0;
}

FILE *read_gzip_open(FILE *packed, read_gzip **state) {
    read_gzip *g = sim_calloc(1, sizeof *g);
    if (g == NULL) return NULL;
    g->packed = packed;
    g->z.zalloc = allocate;
    g->z.zfree = release;
    if (inflateInit2(&g->z, WINDOW) != Z_OK) {
        sim_free(g);
        return NULL;
    }
    FILE *file =
        fopencookie(g, "rb", (cookie_io_functions_t){.read = give, .seek = set_back, .close = end});
    if (file == NULL) end(g);
    *state = g;
    return file;
}

bool read_gzip_is_cut(const read_gzip *g) {
    return g->cut;
}
