/* SPDX-License-Identifier: GPL-3.0-or-later */
/* corpus_main.c - runs a fuzz target without libFuzzer: once on every file of a corpus folder, and
 * on seeded mutations of each file.
 *
 * usage: fuzz_NAME CORPUS_FOLDER [MUTATIONS_PER_FILE]
 *
 * The same inputs on every machine and in every run: files in order of name, mutations from a fixed
 * seed. The work is done in a child process, so that after a crash the parent can say which input
 * it was and keep it. An empty or missing folder is a failure: a corpus test without a corpus tests
 * nothing. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define INPUT_BYTES_MAX (1u << 20)
#define MUTATIONS_DEFAULT 200
#define EDITS_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

/* What the child is doing, readable by the parent after a crash. */
typedef struct progress {
    char file[256];
    unsigned long mutation; /* 0: the file as it is */
    unsigned long inputs;
    size_t size;
    uint8_t data[INPUT_BYTES_MAX];
} progress;

/* SplitMix64: small, seeded, good enough to pick bytes with. */
static uint64_t next(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t limit) {
    return limit == 0 ? 0 : (size_t)(next(state) % limit);
}

static void overwrite(progress *p, uint64_t *state) {
    static const uint8_t edge[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '0', '\n', '"'};
    if (p->size > 0) {
        p->data[below(state, p->size)] = edge[below(state, sizeof edge)];
    }
}

static void flip_bit(progress *p, uint64_t *state) {
    if (p->size > 0) {
        size_t at = below(state, p->size);
        p->data[at] = (uint8_t)(p->data[at] ^ (1u << below(state, 8)));
    }
}

static void cut_end(progress *p, uint64_t *state) {
    p->size = below(state, p->size + 1);
}

static void cut_middle(progress *p, uint64_t *state) {
    size_t from = below(state, p->size + 1);
    size_t count = below(state, p->size - from + 1);
    memmove(p->data + from, p->data + from + count, p->size - from - count);
    p->size -= count;
}

static void insert_byte(progress *p, uint64_t *state) {
    if (p->size < INPUT_BYTES_MAX) {
        size_t at = below(state, p->size + 1);
        memmove(p->data + at + 1, p->data + at, p->size - at);
        p->data[at] = (uint8_t)next(state);
        p->size++;
    }
}

static void repeat_part(progress *p, uint64_t *state) {
    size_t from = below(state, p->size + 1);
    size_t count = below(state, p->size - from + 1);
    if (count <= INPUT_BYTES_MAX - p->size) {
        memmove(p->data + from + count, p->data + from, p->size - from);
        p->size += count;
    }
}

static void mutate(progress *p, uint64_t *state) {
    static void (*const edits[])(progress *, uint64_t *) = {overwrite,  flip_bit,    cut_end,
                                                            cut_middle, insert_byte, repeat_part};
    size_t count = 1 + below(state, EDITS_MAX);
    for (size_t i = 0; i < count; i++) {
        edits[below(state, sizeof edits / sizeof edits[0])](p, state);
    }
}

/* The target gets a heap copy of exactly the input's size, so that the address sanitizer sees a
 * read past its end. */
static void run_input(progress *p) {
    uint8_t *copy = malloc(p->size > 0 ? p->size : 1);
    if (copy == NULL) {
        fprintf(stderr, "%s: no memory for %zu bytes\n", p->file, p->size);
        exit(1);
    }
    memcpy(copy, p->data, p->size);
    (void)LLVMFuzzerTestOneInput(copy, p->size);
    free(copy);
    p->inputs++;
}

static bool load(progress *p, const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    p->size = fread(p->data, 1, INPUT_BYTES_MAX, file);
    bool whole = ferror(file) == 0 && fgetc(file) == EOF;
    (void)fclose(file);
    if (!whole) {
        fprintf(stderr, "%s: cannot be read, or is larger than %u bytes\n", path, INPUT_BYTES_MAX);
    }
    return whole;
}

static void run_file(progress *p, const char *folder, const char *name, unsigned long mutations) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)snprintf(p->file, sizeof p->file, "%s", name);
    uint64_t state = 1;
    for (p->mutation = 0; p->mutation <= mutations; p->mutation++) {
        if (!load(p, path)) {
            exit(1);
        }
        if (p->mutation > 0) {
            mutate(p, &state);
        }
        run_input(p);
    }
}

static int visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static int run_folder(progress *p, const char *folder, unsigned long mutations) {
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, visible, alphasort);
    if (count <= 0) {
        fprintf(stderr, "%s: %s; put at least one input there\n", folder,
                count < 0 ? strerror(errno) : "the corpus is empty");
        return 1;
    }
    for (int i = 0; i < count; i++) {
        run_file(p, folder, entries[i]->d_name, mutations);
        free(entries[i]);
    }
    free(entries);
    printf("%lu inputs from %d files\n", p->inputs, count);
    return 0;
}

static void keep_crash(const progress *p) {
    fprintf(stderr, "crash on %s, mutation %lu (0 is the file as it is), input %lu\n", p->file,
            p->mutation, p->inputs);
    FILE *file = fopen("crash.bin", "wb");
    if (file != NULL) {
        bool written = fwrite(p->data, 1, p->size, file) == p->size;
        if (fclose(file) == 0 && written) {
            fprintf(stderr, "its %zu bytes are in crash.bin, in the folder where this ran\n",
                    p->size);
        }
    }
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER [MUTATIONS_PER_FILE]\n", argv[0]);
        return 4;
    }
    const char *folder = argv[1];
    unsigned long mutations = argc > 2 ? strtoul(argv[2], NULL, 10) : MUTATIONS_DEFAULT;
    progress *p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    pid_t child = fork();
    if (child == 0) {
        if (LLVMFuzzerInitialize != NULL) {
            (void)LLVMFuzzerInitialize(&argc, &argv);
        }
        return run_folder(p, folder, mutations);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) {
        perror("fork");
        return 1;
    }
    bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!good && p->size > 0) {
        keep_crash(p);
    }
    return good ? 0 : 1;
}
