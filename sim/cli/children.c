/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* nftw, strerrordesc_np */
#include "sim/cli/children.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/core/error.h"

extern char **environ;

enum { TICK_MS = 200, PATIENCE_TICKS = 10, FOLDERS_OPEN = 16 };

static const char myself[] = "/proc/self/exe";

cli_exit cli_children_init(cli_children *c, cli_trouble *t) {
    const char *root = getenv("TMPDIR");
    sigset_t held;
    *c = (cli_children){0};
    if (root == NULL || *root != '/' || strlen(root) > CLI_CHILD_PATH / 2) root = "/tmp";
    snprintf(c->scratch, sizeof c->scratch, "%s/blackstart-sweep-XXXXXX", root);
    if (mkdtemp(c->scratch) == NULL) {
        c->scratch[0] = '\0';
        return cli_fail(t, CLI_EXIT_INTERNAL,
                        "cannot make a scratch folder: %s (%.200s): name a folder that can be "
                        "written in TMPDIR",
                        strerrordesc_np(errno), root);
    }
    sigemptyset(&held);
    sigaddset(&held, SIGCHLD);
    c->held = sigprocmask(SIG_BLOCK, &held, &c->before) == 0;
    return CLI_EXIT_PASS;
}

char *cli_children_folder(const cli_children *c, size_t task, char path[CLI_CHILD_PATH]) {
    snprintf(path, CLI_CHILD_PATH, "%.480s/%zu", c->scratch, task);
    return path;
}

char *cli_children_words(const cli_children *c, size_t task, char path[CLI_CHILD_PATH]) {
    snprintf(path, CLI_CHILD_PATH, "%.480s/%zu.txt", c->scratch, task);
    return path;
}

void cli_children_last_words(const cli_children *c, size_t task, char *line) {
    static const char program[] = "blackstart: ";
    char path[CLI_CHILD_PATH], read[CLI_LINE_MAX] = "";
    FILE *file = fopen(cli_children_words(c, task, path), "r");
    while (file != NULL && fgets(read, sizeof read, file) != NULL) continue;
    if (file != NULL) fclose(file);
    read[strcspn(read, "\n")] = '\0';
    bool named = strncmp(read, program, sizeof program - 1) == 0;
    snprintf(line, CLI_LINE_MAX, "%s", named ? read + sizeof program - 1 : read);
}

/* Signals as a program expects them: none held back, SIGPIPE not ignored. */
static int set_signals(posix_spawnattr_t *how, const sigset_t *mask) {
    sigset_t ordinary;
    sigemptyset(&ordinary);
    sigaddset(&ordinary, SIGPIPE);
    int error = posix_spawnattr_setsigdefault(how, &ordinary);
    if (error == 0) error = posix_spawnattr_setsigmask(how, mask);
    if (error == 0)
        error = posix_spawnattr_setflags(how, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    return error;
}

static int set_files(posix_spawn_file_actions_t *files, int out, const char *complaints) {
    int error = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0 && out >= 0) error = posix_spawn_file_actions_adddup2(files, out, STDOUT_FILENO);
    if (error == 0 && out < 0)
        error = posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (error == 0)
        error = posix_spawn_file_actions_addopen(files, STDERR_FILENO, complaints,
                                                 O_WRONLY | O_CREAT | O_TRUNC, 0600);
    return error;
}

/* `out` < 0: thrown away. 0 or an errno. */
static int spawn(const char *program, const char *const *words, int out, const char *complaints,
                 const sigset_t *mask, pid_t *pid) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    int error = posix_spawn_file_actions_init(&files);
    if (error != 0) return error;
    error = posix_spawnattr_init(&how);
    if (error == 0) {
        error = set_signals(&how, mask);
        if (error == 0) error = set_files(&files, out, complaints);
        if (error == 0)
            error = posix_spawnp(pid, program, &files, &how, (char *const *)words, environ);
        posix_spawnattr_destroy(&how);
    }
    posix_spawn_file_actions_destroy(&files);
    return error;
}

cli_exit cli_children_start(cli_children *c, size_t task, const char *const *words,
                            cli_trouble *t) {
    char complaints[CLI_CHILD_PATH];
    cli_child *slot = c->slots;
    SIM_PROMISE(c->running < CLI_CHILDREN_MAX);
    while (slot->pid != 0) slot++;
    int error =
        spawn(myself, words, -1, cli_children_words(c, task, complaints), &c->before, &slot->pid);
    if (error != 0) {
        slot->pid = 0;
        return cli_fail(t, CLI_EXIT_INTERNAL,
                        "cannot start a run: %s (%s): try again with fewer --jobs",
                        strerrordesc_np(error), myself);
    }
    slot->task = task;
    c->running++;
    return CLI_EXIT_PASS;
}

/* Takes the first child that has ended. */
static bool reap(cli_children *c, size_t *task, int *status) {
    for (size_t i = 0; i < CLI_CHILDREN_MAX; i++) {
        cli_child *slot = &c->slots[i];
        if (slot->pid == 0 || waitpid(slot->pid, status, WNOHANG) != slot->pid) continue;
        *task = slot->task;
        slot->pid = 0;
        c->running--;
        return true;
    }
    return false;
}

/* Sleeps for a tick, or until a child ends or the user has had enough. */
static void doze(void) {
    const struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGCHLD);
    (void)sigtimedwait(&ends, NULL, &tick);
}

bool cli_children_wait(cli_children *c, size_t *task, int *status) {
    if (reap(c, task, status)) return true;
    doze();
    return reap(c, task, status);
}

static void signal_all(const cli_children *c, int number) {
    for (size_t i = 0; i < CLI_CHILDREN_MAX; i++)
        if (c->slots[i].pid != 0) (void)kill(c->slots[i].pid, number);
}

void cli_children_stop(cli_children *c) {
    size_t task;
    int status;
    signal_all(c, SIGTERM);
    for (int tick = 0; c->running > 0; tick++) {
        if (tick == PATIENCE_TICKS) signal_all(c, SIGKILL);
        while (reap(c, &task, &status)) continue;
        if (c->running > 0) doze();
    }
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where) {
    (void)status;
    (void)type;
    (void)where;
    (void)remove(path);
    return 0;
}

static void remove_tree(const char *path) {
    (void)nftw(path, remove_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS);
}

void cli_children_forget(const cli_children *c, size_t task) {
    char path[CLI_CHILD_PATH];
    remove_tree(cli_children_folder(c, task, path));
    (void)unlink(cli_children_words(c, task, path));
}

void cli_children_deinit(cli_children *c) {
    cli_children_stop(c);
    if (c->scratch[0] != '\0') remove_tree(c->scratch);
    if (c->held) (void)sigprocmask(SIG_SETMASK, &c->before, NULL);
    *c = (cli_children){0};
}

bool cli_child_run(const char *const *words, int out) {
    pid_t pid;
    int status;
    sigset_t none;
    sigemptyset(&none);
    if (spawn(words[0], words, out, "/dev/null", &none, &pid) != 0) return false;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
