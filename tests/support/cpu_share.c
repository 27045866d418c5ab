/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/cpu_share.h"

#include <execinfo.h>
#include <inttypes.h>
#include <link.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "sim/core/heap.h"

enum {
    OWNERS_MAX = 64,
    NAME_MAX_BYTES = 64,
    FRAMES = 32,
    LINE_MAX_BYTES = 1024,
    INTERVAL_US = 1000
};
enum { OWN_FRAMES = 2 }; /* the handler and the kernel's way back from it */

typedef struct piece {
    uintptr_t begin, end;
    unsigned owner;
} piece;

static piece *pieces;
static size_t piece_count, piece_room;
static char owners[OWNERS_MAX][NAME_MAX_BYTES]; /* 0: none of them */
static unsigned owner_count = 1;
static volatile sig_atomic_t samples[OWNERS_MAX];

/* ---- the map ---- */

/* "dir/libnet.a(vkernel.c.o)" gives "libnet.a"; what is in no archive gives 0. */
static unsigned owner_of(char *path) {
    char *member = strchr(path, '(');
    if (member == NULL) return 0;
    *member = '\0';
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    for (unsigned i = 1; i < owner_count; i++) {
        if (strcmp(owners[i], name) == 0) return i;
    }
    if (owner_count == OWNERS_MAX) return 0;
    (void)snprintf(owners[owner_count], NAME_MAX_BYTES, "%.60s", name);
    return owner_count++;
}

static int add_piece(uintptr_t begin, uintptr_t size, unsigned owner) {
    if (piece_count == piece_room) {
        size_t room = 2 * piece_room + 256;
        piece *more = sim_realloc(pieces, room * sizeof *more);
        if (more == NULL) return SIM_ENOMEM;
        pieces = more;
        piece_room = room;
    }
    pieces[piece_count++] = (piece){begin, begin + size, owner};
    return 0;
}

/* " .text  0xADDRESS 0xSIZE PATH"; a long name of a section has a line of its own, and the rest
 * follows on the next. */
static int read_line(const char *line, bool *in_text) {
    char path[LINE_MAX_BYTES];
    uint64_t begin, size;
    const char *rest = line;
    if (line[0] == ' ' && line[1] != ' ') {
        *in_text = strncmp(line, " .text", 6) == 0;
        rest += 1 + strcspn(line + 1, " \n");
    }
    /* NOLINTNEXTLINE(cert-err34-c): the linker's own numbers */
    bool whole = sscanf(rest, " 0x%" SCNx64 " 0x%" SCNx64 " %1023[^\n]", &begin, &size, path) == 3;
    if (!*in_text || !whole || begin == 0 || size == 0) return 0;
    return add_piece((uintptr_t)begin, (uintptr_t)size, owner_of(path));
}

static int by_begin(const void *a, const void *b) {
    uintptr_t x = ((const piece *)a)->begin;
    uintptr_t y = ((const piece *)b)->begin;
    return (x > y) - (x < y);
}

/* The program itself is the first; where it was loaded is what the map's addresses count from. */
static int program_base(struct dl_phdr_info *info, size_t size, void *base) {
    (void)size;
    *(uintptr_t *)base = info->dlpi_addr;
    return 1;
}

int cpu_share_open(const char *link_map) {
    char line[LINE_MAX_BYTES];
    bool in_text = false;
    uintptr_t base = 0;
    FILE *f = fopen(link_map, "r");
    if (f == NULL) return SIM_EIO;
    int error = 0;
    while (error == 0 && fgets(line, sizeof line, f) != NULL) error = read_line(line, &in_text);
    (void)fclose(f);
    (void)dl_iterate_phdr(program_base, &base);
    for (size_t i = 0; i < piece_count; i++) {
        pieces[i].begin += base;
        pieces[i].end += base;
    }
    if (piece_count > 0) qsort(pieces, piece_count, sizeof *pieces, by_begin);
    if (error == 0 && piece_count == 0) error = SIM_EPARSE;
    if (error != 0) cpu_share_close();
    return error;
}

void cpu_share_close(void) {
    sim_free(pieces);
    pieces = NULL;
    piece_count = piece_room = 0;
    owner_count = 1;
}

/* ---- samples ---- */

static const piece *find(uintptr_t address) {
    size_t low = 0;
    size_t high = piece_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pieces[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < piece_count && pieces[low].begin <= address ? &pieces[low] : NULL;
}

static void on_sample(int number) {
    void *frames[FRAMES];
    unsigned owner = 0;
    (void)number;
    /* allocates at its first call only, which was in cpu_share_begin */
    int n = backtrace(frames, FRAMES);
    for (int i = OWN_FRAMES; i < n; i++) {
        const piece *p = find((uintptr_t)frames[i]);
        if (p == NULL) continue;
        owner = p->owner;
        break;
    }
    samples[owner]++;
}

static void set_timer(suseconds_t interval) {
    const struct itimerval every = {.it_interval.tv_usec = interval, .it_value.tv_usec = interval};
    (void)setitimer(ITIMER_PROF, &every, NULL);
}

void cpu_share_begin(void) {
    void *frames[FRAMES];
    struct sigaction action = {.sa_flags = SA_RESTART};
    action.sa_handler = on_sample;
    for (unsigned i = 0; i < OWNERS_MAX; i++) samples[i] = 0;
    (void)backtrace(frames, FRAMES);
    (void)sigaction(SIGPROF, &action, NULL);
    set_timer(INTERVAL_US);
}

void cpu_share_end(void) {
    set_timer(0);
    (void)signal(SIGPROF, SIG_IGN);
}

unsigned cpu_share_samples(void) {
    unsigned n = 0;
    for (unsigned i = 0; i < owner_count; i++) n += (unsigned)samples[i];
    return n;
}

double cpu_share_of(const char *archive) {
    unsigned all = cpu_share_samples();
    unsigned owner = 0;
    if (all == 0) return 0;
    for (unsigned i = 1; archive != NULL && i < owner_count; i++)
        owner = strcmp(owners[i], archive) == 0 ? i : owner;
    if (archive != NULL && owner == 0) return 0;
    return (double)samples[owner] / all;
}
