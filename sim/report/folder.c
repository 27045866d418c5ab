/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* locks that belong to an open file (F_OFD_SETLK), strerrordesc_np */
#include "sim/report/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/assess/evidence.h"
#include "sim/core/heap.h"
#include "sim/record/json_read.h"
#include "sim/record/text.h"
#include "sim/report/csv.h"
#include "sim/report/junit.h"
#include "sim/report/page.h"
#include "sim/report/summary_json.h"
#include "sim/report/sweep_write.h"

/* Everything that a result consists of: only these are ever deleted. */
static const char *const files[] = {
    "summary.json", "attempts.csv", "series.csv", "truth.csv",     "alarms.csv",  "detection.csv",
    "local.csv",    "events.jsonl", "junit.xml",  "evidence.json", "evidence.md", REPORT_PAGE_FILE};
enum { FILES = sizeof files / sizeof *files };
static const char *const sweep_files[] = {"sweep.json", "sweep.csv", "sweep.svg",
                                          REPORT_SWEEP_PAGE_FILE};
enum { SWEEP_FILES = sizeof sweep_files / sizeof *sweep_files };
/* What `blackstart report` leaves in a result when it is killed: no part of it, but ours to remove.
 */
static const char *const leftover_files[] = {REPORT_PAGE_FILE ".partial"};
enum { LEFTOVER_FILES = sizeof leftover_files / sizeof *leftover_files };

/* The two kinds of results: of a run and of a sweep. */
typedef struct kind {
    const char *record; /* the file that says what this is, by */
    const char *schema; /* its beginning */
    const char *table;  /* the file whose lock says that the writer lives */
} kind;
static const kind run_kind = {"summary.json", "\"schema\": \"blackstart-summary-", "series.csv"};
static const kind sweep_kind = {"sweep.json", "\"schema\": \"blackstart-sweep-", "sweep.csv"};
static const kind *const kinds[] = {&run_kind, &sweep_kind};
enum { KINDS = sizeof kinds / sizeof *kinds };

enum { WHY_MAX = 512, PATH_SHOWN = 80, SUFFIX_MAX = 16 };

struct report_folder {
    char path[PATH_MAX];
    char partial[PATH_MAX + SUFFIX_MAX]; /* written here */
    /* the earlier result, while the new one takes its place */
    char replaced[PATH_MAX + SUFFIX_MAX];
    const kind *kind;
    FILE *series;      /* or sweep.csv; its lock says that the run lives */
    uint64_t seconds;  /* rows in it */
    char why[WHY_MAX]; /* empty: all is well */
};

/* --- words --- */

/* A path for an error line: harmless, and the end of it when it is long. */
static const char *show(const char *path, char shown[PATH_SHOWN]) {
    size_t length = strlen(path);
    const char *from = path;
    if (length >= PATH_SHOWN - 3) from = path + length - (PATH_SHOWN - 4 - 3);
    while (from > path && ((unsigned char)*from & 0xC0) == 0x80) from++;
    char line[PATH_SHOWN];
    snprintf(shown, PATH_SHOWN, "%s%s", from > path ? "..." : "",
             record_text_line(from, line, PATH_SHOWN - 3));
    return shown;
}

/* What a user can do about an errno. */
static const char *remedy(int error) {
    switch (error) {
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return "make room, or choose another folder with --out";
        case EACCES:
        case EPERM:
        case EROFS:
            return "choose a folder that you may write to with --out";
        default:
            return "choose another folder with --out";
    }
}

/* "cannot DO 'WHERE': ERRNO; REMEDY". SIM_EIO, or what else the errno means. */
static int complain(char *why, size_t size, const char *what, const char *where) {
    char shown[PATH_SHOWN];
    int error = errno;
    snprintf(why, size, "cannot %s '%s': %s; %s", what, show(where, shown), strerrordesc_np(error),
             remedy(error));
    return error == ENOMEM ? SIM_ENOMEM : SIM_EIO;
}

static int refuse(char *why, size_t size, const char *where, const char *reason) {
    char shown[PATH_SHOWN];
    snprintf(why, size, "'%s' %s", show(where, shown), reason);
    return SIM_EIO;
}

/* --- folders as they are found --- */

typedef enum found { FOUND_NOTHING, FOUND_EMPTY, FOUND_OURS, FOUND_FOREIGN, FOUND_TROUBLE } found;

static bool is_ours(const char *name) {
    for (size_t i = 0; i < FILES; i++)
        if (strcmp(name, files[i]) == 0) return true;
    for (size_t i = 0; i < SWEEP_FILES; i++)
        if (strcmp(name, sweep_files[i]) == 0) return true;
    for (size_t i = 0; i < LEFTOVER_FILES; i++)
        if (strcmp(name, leftover_files[i]) == 0) return true;
    return false;
}

/* Looks at the names in a folder. FOUND_OURS: nothing but files of ours; FOUND_FOREIGN: something
 * else besides, or not a folder; `alien` says what. */
static found look(const char *path, char alien[NAME_MAX + 1]) {
    alien[0] = '\0';
    DIR *folder = opendir(path);
    if (folder == NULL)
        return errno == ENOENT ? FOUND_NOTHING : errno == ENOTDIR ? FOUND_FOREIGN : FOUND_TROUBLE;
    found result = FOUND_EMPTY;
    struct dirent *entry;
    while (result != FOUND_FOREIGN && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        result = is_ours(entry->d_name) ? FOUND_OURS : FOUND_FOREIGN;
        if (result == FOUND_FOREIGN) snprintf(alien, NAME_MAX + 1, "%s", entry->d_name);
    }
    closedir(folder);
    return result;
}

/* Whether a record of this kind lies there: the schema is its first member. */
static bool holds_record(const char *path, const kind *k) {
    char name[PATH_MAX + SUFFIX_MAX + 16], start[64] = "";
    snprintf(name, sizeof name, "%s/%s", path, k->record);
    int fd = open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return false;
    ssize_t n = read(fd, start, sizeof start - 1);
    close(fd);
    return n > 0 && strstr(start, k->schema) != NULL;
}

static bool holds_summary(const char *path) {
    for (size_t i = 0; i < KINDS; i++)
        if (holds_record(path, kinds[i])) return true;
    return false;
}

static int remove_files(const char *path, const char *const *names, size_t count) {
    char name[PATH_MAX + SUFFIX_MAX + 16];
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s/%s", path, names[i]);
        if (unlink(name) != 0 && errno != ENOENT) return -1;
    }
    return 0;
}

/* Deletes the files of ours, then the folder, which must be empty by then. */
static int remove_ours(const char *path) {
    if (remove_files(path, files, FILES) != 0) return -1;
    if (remove_files(path, sweep_files, SWEEP_FILES) != 0) return -1;
    if (remove_files(path, leftover_files, LEFTOVER_FILES) != 0) return -1;
    return rmdir(path) == 0 || errno == ENOENT ? 0 : -1;
}

static const char not_a_folder[] = "is not a folder; choose another name with --out";

/* Whether `path` may get a result: nothing there, an empty folder, or an earlier result. */
static int check_place(const char *path, char *why, size_t size) {
    char alien[NAME_MAX + 1], reason[WHY_MAX], shown[PATH_SHOWN];
    switch (look(path, alien)) {
        case FOUND_NOTHING:
        case FOUND_EMPTY:
            return 0;
        case FOUND_TROUBLE:
            return complain(why, size, "read the results folder", path);
        case FOUND_OURS:
            if (holds_summary(path)) return 0;
            return refuse(
                why, size, path,
                "holds files named like a result but no summary.json of ours; move them, or choose "
                "another folder with --out");
        case FOUND_FOREIGN:
            break;
    }
    if (alien[0] == '\0') return refuse(why, size, path, not_a_folder);
    snprintf(reason, sizeof reason,
             "holds '%s', which is not part of a result and would be lost; choose another folder "
             "with --out",
             show(alien, shown));
    return refuse(why, size, path, reason);
}

/* --- making the unfinished folder --- */

/* Takes the lock of a run that lives. False: another one has it. Where a file system has no locks,
 * nobody else is seen. */
static bool lock(int fd) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_SETLK, &whole) == 0 || (errno != EAGAIN && errno != EACCES);
}

static const char busy[] =
    "is being written by another run; wait for it, or choose another folder with --out";

/* A run that was killed between the two renames of take_place left the earlier result aside. When
 * the new one had become whole it takes its place now, else the earlier one gets it back. */
static int heal(const report_folder *f, char *why, size_t size) {
    char alien[NAME_MAX + 1];
    if (look(f->replaced, alien) != FOUND_OURS || !holds_summary(f->replaced)) return 0;
    found place = look(f->path, alien);
    /* check_place has the words for it */
    if (place == FOUND_FOREIGN || place == FOUND_TROUBLE) return 0;
    if (place != FOUND_OURS) {
        const char *whole = holds_summary(f->partial) ? f->partial : f->replaced;
        if (rename(whole, f->path) != 0) return complain(why, size, "rename", whole);
        if (whole == f->replaced) return 0;
    }
    return remove_ours(f->replaced) == 0 ? 0 : complain(why, size, "remove", f->replaced);
}

/* The table of an unfinished folder, of whatever kind; -1 (see errno) when there is none. */
static int open_table(const char *partial) {
    char name[PATH_MAX + SUFFIX_MAX + 16];
    int fd = -1;
    for (size_t i = 0; i < KINDS && fd < 0; i++) {
        snprintf(name, sizeof name, "%s/%s", partial, kinds[i]->table);
        fd = open(name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0 && errno != ENOENT) break;
    }
    return fd;
}

/* The unfinished folder of another run: looked into, and locked so that nobody else does the same.
 * *fd is its table, -1 when there is none. */
static int seize(const report_folder *f, int *fd, char *why, size_t size) {
    char alien[NAME_MAX + 1];
    *fd = -1;
    switch (look(f->partial, alien)) {
        case FOUND_NOTHING:
            return 0;
        case FOUND_TROUBLE:
            return complain(why, size, "read", f->partial);
        case FOUND_FOREIGN:
            return refuse(why, size, f->partial,
                          "is in the way and not an unfinished result; move it, or choose another "
                          "folder with --out");
        case FOUND_EMPTY:
        case FOUND_OURS:
            break;
    }
    *fd = open_table(f->partial);
    if (*fd < 0) return errno == ENOENT ? 0 : complain(why, size, "open the table in", f->partial);
    return lock(*fd) ? 0 : refuse(why, size, f->partial, busy);
}

/* Tidies up after a dead run; refuses to touch what a living one writes. */
static int clear_dead(const report_folder *f, char *why, size_t size) {
    int fd;
    int error = seize(f, &fd, why, size);
    if (error == 0) error = heal(f, why, size);
    if (error == 0 && remove_ours(f->partial) != 0)
        error = complain(why, size, "remove", f->partial);
    if (fd >= 0) close(fd);
    return error;
}

/* Makes the folders above the last name. */
static int make_parents(const char *path, char *why, size_t size) {
    char above[PATH_MAX];
    snprintf(above, sizeof above, "%s", path);
    for (char *slash = strchr(above + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(above, 0777) != 0 && errno != EEXIST)
            return complain(why, size, "make the folder", above);
        struct stat status;
        if (stat(above, &status) == 0 && !S_ISDIR(status.st_mode))
            return refuse(why, size, above, not_a_folder);
        *slash = '/';
    }
    return 0;
}

/* A new file in the unfinished folder, or NULL. */
static FILE *create(const report_folder *f, const char *file) {
    char name[PATH_MAX + SUFFIX_MAX + 16];
    snprintf(name, sizeof name, "%s/%s", f->partial, file);
    int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0) return NULL;
    FILE *stream = fdopen(fd, "w");
    if (stream == NULL) close(fd);
    return stream;
}

/* Whether the file that we locked is the one that stands in the folder: another run may have taken
 * it for a dead one's just before. */
static bool still_there(const report_folder *f) {
    char name[PATH_MAX + SUFFIX_MAX + 16];
    struct stat ours, there;
    snprintf(name, sizeof name, "%s/%s", f->partial, f->kind->table);
    return fstat(fileno(f->series), &ours) == 0 && stat(name, &there) == 0 &&
           ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

static int open_partial(report_folder *f, char *why, size_t size) {
    if (mkdir(f->partial, 0777) != 0)
        return complain(why, size, "make the results folder", f->partial);
    f->series = create(f, f->kind->table);
    if (f->series == NULL) {
        int error = complain(why, size, "write in the results folder", f->partial);
        rmdir(f->partial);
        return error;
    }
    if (!lock(fileno(f->series)) || !still_there(f)) {
        fclose(f->series);
        return refuse(why, size, f->partial, busy);
    }
    int written = f->kind == &run_kind ? report_csv_series_head(f->series) : 0;
    if (written == 0 && fflush(f->series) == 0) return 0;
    int error = complain(why, size, "write in the results folder", f->partial);
    fclose(f->series);
    remove_ours(f->partial);
    return error;
}

/* Fills the three paths. A link is followed, so that the result lands where it points. */
static int set_paths(report_folder *f, const char *path, char *why, size_t size) {
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') length--;
    if (length == 0) return refuse(why, size, path, "names no folder; give one with --out");
    if (length >= PATH_MAX)
        return refuse(why, size, path, "is too long a name; choose another folder with --out");
    memcpy(f->path, path, length);
    f->path[length] = '\0';
    struct stat status;
    if (lstat(f->path, &status) == 0 && S_ISLNK(status.st_mode)) {
        char target[PATH_MAX];
        if (realpath(f->path, target) == NULL)
            return complain(why, size, "follow the link", f->path);
        memcpy(f->path, target, sizeof target);
    }
    const char *slash = strrchr(f->path, '/'), *last = slash != NULL ? slash + 1 : f->path;
    if (last[0] == '\0' || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
        return refuse(why, size, f->path,
                      "cannot be replaced by a result; name a folder in it with --out");
    snprintf(f->partial, sizeof f->partial, "%s.partial", f->path);
    snprintf(f->replaced, sizeof f->replaced, "%s.replaced", f->path);
    return 0;
}

static int prepare(report_folder *f, const char *path, char *why, size_t size) {
    int error = set_paths(f, path, why, size);
    if (error == 0) error = make_parents(f->path, why, size);
    if (error == 0) error = clear_dead(f, why, size);
    if (error == 0) error = check_place(f->path, why, size);
    if (error == 0) error = open_partial(f, why, size);
    return error;
}

static int open_as(const kind *k, const char *path, report_folder **out, char *why, size_t size) {
    *out = NULL;
    report_folder *f = sim_calloc(1, sizeof *f);
    if (f == NULL) {
        errno = ENOMEM;
        return complain(why, size, "prepare the results folder", path);
    }
    f->kind = k;
    int error = prepare(f, path, why, size);
    if (error != 0)
        sim_free(f);
    else
        *out = f;
    return error;
}

int report_folder_open(const char *path, report_folder **out, char *why, size_t size) {
    return open_as(&run_kind, path, out, why, size);
}

int report_folder_open_sweep(const char *path, report_folder **out, char *why, size_t size) {
    return open_as(&sweep_kind, path, out, why, size);
}

/* --- writing --- */

int report_folder_second(report_folder *f, const report_second *row) {
    if (f->why[0] != '\0') return SIM_EIO;
    if (row->second != f->seconds) return SIM_ESTATE;
    f->seconds++;
    if (report_csv_series_row(f->series, row) == 0) return 0;
    return complain(f->why, sizeof f->why, "write series.csv in", f->partial);
}

const char *report_folder_why(const report_folder *f) {
    return f->why[0] != '\0' ? f->why : NULL;
}

/* Ends the lock with the file. */
static void release(report_folder *f) {
    fclose(f->series);
    sim_free(f);
}

void report_folder_abandon(report_folder *f) {
    if (f == NULL) return;
    remove_ours(f->partial); /* before the release: until then the lock keeps others away */
    release(f);
}

static int settle(FILE *file) {
    return fflush(file) == 0 && fsync(fileno(file)) == 0 ? 0 : SIM_EIO;
}

/* A file is whole on the disk, or there is a line why not. `error` is what writing its text said.
 */
/* Why a file of the result could not be made. SIM_EIO: errno says it. */
static int not_written(const report_folder *f, const char *name, int error, char *why,
                       size_t size) {
    char what[40];
    if (error == SIM_ERANGE) {
        snprintf(why, size, "cannot write %s: a number of this run does not fit in it", name);
        return error;
    }
    snprintf(what, sizeof what, "write %s in", name);
    if (error == SIM_ENOMEM) errno = ENOMEM;
    return complain(why, size, what, f->partial);
}

static int close_file(const report_folder *f, const char *name, FILE *file, int error, char *why,
                      size_t size) {
    if (error == 0) error = settle(file);
    if (error != 0) error = not_written(f, name, error, why, size);
    if (fclose(file) == 0 || error != 0) return error;
    return not_written(f, name, SIM_EIO, why, size);
}

int report_folder_file(const report_folder *f, const char *name, report_folder_writer *write,
                       const void *context, char *why, size_t size) {
    SIM_PROMISE(is_ours(name)); /* else nobody would ever delete it */
    FILE *file = create(f, name);
    if (file == NULL) return not_written(f, name, SIM_EIO, why, size);
    return close_file(f, name, file, write(file, context), why, size);
}

/* What the files of every result are made from. */
typedef struct contents {
    const report_folder *folder;
    const report_run *run;
    const record_attempts *attempts;
} contents;

static int write_attempts(FILE *file, const void *context) {
    const contents *c = context;
    return report_csv_attempts(file, c->attempts, c->run->triggers, c->run->trigger_count);
}

static int write_summary(FILE *file, const void *context) {
    const contents *c = context;
    return report_summary_json(file, c->run, c->attempts->count, c->folder->seconds);
}

static int write_junit(FILE *file, const void *context) {
    return report_junit(file, ((const contents *)context)->run);
}

static int write_evidence_json(FILE *file, const void *context) {
    return assess_evidence_json(file, context);
}

static int write_evidence_markdown(FILE *file, const void *context) {
    return assess_evidence_markdown(file, context);
}

/* Evidence is made from what stands in summary.json, so that another edition can be made from a
 * folder later. */
static int write_evidence(const contents *c, char *why, size_t size) {
    json_t *summary = NULL, *evidence = NULL;
    int error = report_summary_tree(c->run, c->attempts->count, c->folder->seconds, &summary);
    if (error == 0) error = assess_evidence(assess_editions[0], summary, &evidence);
    json_decref(summary);
    if (error != 0) return not_written(c->folder, "evidence.json", error, why, size);
    error =
        report_folder_file(c->folder, "evidence.json", write_evidence_json, evidence, why, size);
    if (error == 0)
        error = report_folder_file(c->folder, "evidence.md", write_evidence_markdown, evidence, why,
                                   size);
    json_decref(evidence);
    return error;
}

/* Of what has been written: `blackstart report` makes the same page of the folder. */
static int write_page(FILE *file, const void *context) {
    const contents *c = context;
    char why[RECORD_JSON_WHY_MAX];
    report_result result;
    int error = report_result_read(c->folder->partial, c->attempts, &result, why);
    if (error == 0) error = report_page(file, &result);
    report_result_deinit(&result);
    return error;
}

/* Makes names in a folder durable. Some file systems cannot; the rename is in order all the same.
 */
static void sync_folder(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    (void)!fsync(fd);
    close(fd);
}

static void sync_parent(const char *path) {
    char above[PATH_MAX];
    snprintf(above, sizeof above, "%s", path);
    char *slash = strrchr(above, '/');
    if (slash != NULL) slash[slash == above] = '\0';
    sync_folder(slash != NULL ? above : ".");
}

/* The whole result takes its place. */
static int take_place(const report_folder *f, char *why, size_t size) {
    char alien[NAME_MAX + 1];
    /* somebody may have put something there during the run */
    int error = check_place(f->path, why, size);
    if (error != 0) return error;
    bool replaces = look(f->path, alien) == FOUND_OURS;
    if (replaces && rename(f->path, f->replaced) != 0)
        return complain(why, size, "replace", f->path);
    if (rename(f->partial, f->path) != 0) {
        error = complain(why, size, "rename", f->partial);
        /* should this fail too, the next run heals it */
        if (replaces) (void)!rename(f->replaced, f->path);
        return error;
    }
    sync_parent(f->path);
    if (replaces) /* the result stands; should this fail, the next run tidies up */
        (void)remove_ours(f->replaced);
    return 0;
}

static int write_all(report_folder *f, const report_run *run, const record_attempts *attempts,
                     char *why, size_t size) {
    if (f->why[0] != '\0') {
        snprintf(why, size, "%s", f->why);
        return SIM_EIO;
    }
    if (settle(f->series) != 0) return complain(why, size, "write series.csv in", f->partial);
    const contents all = {f, run, attempts};
    int error = report_folder_file(f, "attempts.csv", write_attempts, &all, why, size);
    if (error == 0) error = report_folder_file(f, "summary.json", write_summary, &all, why, size);
    if (error == 0) error = report_folder_file(f, "junit.xml", write_junit, &all, why, size);
    if (error == 0) error = write_evidence(&all, why, size);
    if (error == 0) error = report_folder_file(f, REPORT_PAGE_FILE, write_page, &all, why, size);
    if (error != 0) return error;
    sync_folder(f->partial);
    return take_place(f, why, size);
}

int report_folder_finish(report_folder *f, const report_run *run, const record_attempts *attempts,
                         char *why, size_t size) {
    int error = write_all(f, run, attempts, why, size);
    if (error != 0)
        report_folder_abandon(f);
    else
        release(f); /* what stands at the unfinished name by now is another run's */
    return error;
}

/* --- of a sweep --- */

static int write_sweep_csv(const report_folder *f, const report_sweep *sweep, char *why,
                           size_t size) {
    if (report_sweep_csv(f->series, sweep) != 0 || settle(f->series) != 0)
        return complain(why, size, "write sweep.csv in", f->partial);
    return 0;
}

static int write_sweep_json(FILE *file, const void *context) {
    return report_sweep_json(file, context);
}

static int write_sweep_page(FILE *file, const void *context) {
    return report_sweep_page(file, context);
}

/* A picture that cannot be drawn is left out; a disk that refuses is told of. */
static int write_picture(const report_folder *f, report_draw *draw, void *context, char *why,
                         size_t size) {
    char name[PATH_MAX + SUFFIX_MAX + 16];
    if (draw == NULL) return 0;
    FILE *file = create(f, "sweep.svg");
    if (file == NULL) return complain(why, size, "write sweep.svg in", f->partial);
    bool drawn = draw(context, file);
    int error = close_file(f, "sweep.svg", file, 0, why, size);
    if (error != 0 || drawn) return error;
    snprintf(name, sizeof name, "%s/sweep.svg", f->partial);
    return unlink(name) == 0 ? 0 : complain(why, size, "remove", name);
}

int report_folder_finish_sweep(report_folder *f, const report_sweep *sweep, report_draw *draw,
                               void *context, char *why, size_t size) {
    int error = write_sweep_csv(f, sweep, why, size);
    if (error == 0) error = report_folder_file(f, "sweep.json", write_sweep_json, sweep, why, size);
    if (error == 0)
        error = report_folder_file(f, REPORT_SWEEP_PAGE_FILE, write_sweep_page, sweep, why, size);
    if (error == 0) error = write_picture(f, draw, context, why, size);
    if (error == 0) {
        sync_folder(f->partial);
        error = take_place(f, why, size);
    }
    if (error != 0)
        report_folder_abandon(f);
    else
        release(f);
    return error;
}
