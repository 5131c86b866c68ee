/* A world for the tests of the box: runs a command in one to its end, hears what it prints, and holds that
 * nothing of it is left. Each case can run a second time as a user who is not root.
 *
 *     struct world world = {.argv = ARGV("sh", "-c", "exit 7")};
 *     run(&world);
 *     assert_int_equal(world.status, W_EXITCODE(7, 0));
 *     end_world(&world);
 *
 *     static const struct CMUnitTest cases[] = {FOR_ROOT_AND_USER(a_case)};
 *     BOX_CASES_MAIN(cases)
 *
 * The test program itself is what the box runs as PID 1, so its main must know box_inside_main.
 */
#ifndef BRIGADE_TESTS_BOX_WORLD_H
#define BRIGADE_TESTS_BOX_WORLD_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "sandbox/box.h"
#include "sandbox/filter.h"
#include "tests/harness/cases.h"

enum { A_USER = 64998, MOST_FILES = 8, MOST_OUTPUT = 1 << 20, MOST_RUN_MS = 20000 };

struct world {
    const char *const *argv;
    const char *programs[MOST_FILES]; /* of tests/programs, put into the working directory */
    struct box_file files[MOST_FILES];
    struct box_limits limits;
    int cpus;
    bool unfiltered;

    struct loop *loop;
    struct box *box;
    struct buf output; /* both streams */
    int output_fd;
    int status; /* of the program; -1 where the box was killed */
    bool ended, late;
    struct rusage usage;
    size_t descriptors_before;
    ino_t pid_namespace;
};

#define ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})

/* --- nothing is left ---------------------------------------------------------------------------- */

static inline size_t count_descriptors(void) {
    size_t count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static inline ino_t pid_namespace_of(const char *pid) {
    char path[300];
    struct stat info;
    snprintf(path, sizeof path, "/proc/%s/ns/pid", pid);
    return stat(path, &info) == 0 ? info.st_ino : 0;
}

static inline void assert_namespace_is_empty(ino_t pid_namespace) {
    DIR *dir = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(dir));)
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
            pid_namespace_of(entry->d_name) == pid_namespace)
            fail_msg("process %s of the box is left over", entry->d_name);
    closedir(dir);
}

/* --- a box -------------------------------------------------------------------------------------- */

static inline void on_world_end(void *ctx, int wait_status, const struct rusage *usage) {
    struct world *world = ctx;
    world->status = wait_status;
    world->usage = *usage;
    world->ended = true;
    loop_stop(world->loop);
}

static inline void on_world_output(void *ctx, int fd, uint32_t events) {
    struct world *world = ctx;
    (void)events;
    ssize_t got = buf_read(&world->output, fd, 65536);
    if (got == 0 || world->output.length > MOST_OUTPUT)
        loop_unwatch(world->loop, fd);
}

static inline void on_world_late(void *ctx) {
    struct world *world = ctx;
    world->late = true;
    loop_stop(world->loop);
}

static inline void make_world(struct world *world) {
    struct err err = {0};
    world->status = -1;
    world->output_fd = -1;
    world->descriptors_before = count_descriptors();
    world->loop = loop_new(&err);
    if (!world->loop)
        fail_msg("%s", err.text);
}

static inline size_t gather_files(struct world *world) {
    size_t count = 0;
    while (world->files[count].name)
        count++;
    for (size_t i = 0; world->programs[i]; i++) {
        char *name = xasprintf("tests/programs/%s", world->programs[i]);
        int fd = open(case_built(name), O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            fail_msg("cannot open %s: %s", case_built(name), strerror(errno));
        free(name);
        assert_in_range(count, 0, MOST_FILES - 2);
        world->files[count++] = (struct box_file){world->programs[i], fd, true};
    }
    return count;
}

/* The program waits at the gate; what box_start says when there is no box, as its result. */
static inline int try_start(struct world *world, struct err *err) {
    int ends[2];
    make_world(world);
    assert_int_equal(fd_pipe(ends, err), 0);
    fd_set_nonblocking(ends[0], true);
    world->output_fd = ends[0];
    size_t given = 0;
    while (world->files[given].name)
        given++;
    world->descriptors_before -= given; /* they are ours to close */
    size_t count = gather_files(world);
    struct box_spec spec = {.argv = world->argv,
                            .files = world->files,
                            .file_count = count,
                            .limits = world->limits,
                            .cpus = world->cpus,
                            .stdin_fd = -1,
                            .stdout_fd = ends[1],
                            .stderr_fd = ends[1]};
    int code = box_start(&world->box, world->loop, &spec, on_world_end, world, err);
    for (size_t i = 0; i < count; i++)
        fd_close(&world->files[i].fd);
    fd_close(&ends[1]);
    return code;
}

static inline void start(struct world *world) {
    struct err err = {0};
    if (try_start(world, &err))
        fail_msg("%s", err.text);
    char pid[16];
    snprintf(pid, sizeof pid, "%d", (int)box_program_pid(world->box));
    world->pid_namespace = pid_namespace_of(pid);
    assert_int_not_equal(world->pid_namespace, 0);
    assert_int_not_equal(world->pid_namespace, pid_namespace_of("self"));
    loop_watch(world->loop, world->output_fd, EPOLLIN, on_world_output, world);
}

static inline void open_gate(struct world *world) {
    struct err err = {0};
    struct sock_fprog program = {0};
    scmp_filter_ctx filter = world->unfiltered ? NULL : filter_new(&err);
    if (filter && filter_program(filter, &program, &err))
        fail_msg("%s", err.text);
    if (box_open_gate(world->box, filter ? &program : NULL, &err))
        fail_msg("%s", err.text);
    free(program.filter);
    if (filter)
        seccomp_release(filter);
}

static inline void await_end(struct world *world) {
    int timer = loop_timer_new(world->loop, on_world_late, world);
    loop_timer_set(world->loop, timer, clock_now_ns() + MOST_RUN_MS * NS_PER_MS);
    while (!world->ended && !world->late)
        loop_run(world->loop);
    loop_timer_free(world->loop, timer);
    if (world->late)
        fail_msg("the program still runs after %d ms, and said: %s", MOST_RUN_MS,
                 world->output.data ? world->output.data : "nothing");
    while (buf_read(&world->output, world->output_fd, 65536) > 0)
        continue;
    buf_append(&world->output, "", 0);
}

/* Starts, opens the gate, waits for the end of the program; the box is still there. */
static inline void run(struct world *world) {
    start(world);
    open_gate(world);
    await_end(world);
}

static inline void end_box(struct world *world) {
    box_free(world->box);
    world->box = NULL;
    if (world->pid_namespace)
        assert_namespace_is_empty(world->pid_namespace);
    while (buf_read(&world->output, world->output_fd, 65536) > 0)
        continue;
}

static inline void end_world(struct world *world) {
    if (world->box)
        end_box(world);
    loop_unwatch(world->loop, world->output_fd);
    fd_close(&world->output_fd);
    loop_free(world->loop);
    buf_release(&world->output);
    assert_int_equal(count_descriptors(), world->descriptors_before);
}

/* --- words -------------------------------------------------------------------------------------- */

static inline void assert_said(const struct world *world, const char *words) {
    const char *said = world->output.data ? world->output.data : "";
    if (!strstr(said, words))
        fail_msg("expected `%s` in what the program said:\n%s", words, said);
}

static inline void assert_never_said(const struct world *world, const char *words) {
    const char *said = world->output.data ? world->output.data : "";
    if (strstr(said, words))
        fail_msg("`%s` is in what the program said:\n%s", words, said);
}

static inline void assert_exit(const struct world *world, int code) {
    if (!WIFEXITED(world->status) || WEXITSTATUS(world->status) != code)
        fail_msg("expected exit code %d, got wait status %#x, and: %s", code, world->status,
                 world->output.data ? world->output.data : "nothing said");
}

/* --- the same as a user ------------------------------------------------------------------------- */

/* Runs one case of this program again, in a process of its own that belongs to an ordinary user. */
static inline void as_a_user(void **state) {
    const char *name = *state;
    if (geteuid() != 0)
        case_skip("the plain case has shown it: this user is not root");
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        if (setgroups(0, NULL) || setresgid(A_USER, A_USER, A_USER) ||
            setresuid(A_USER, A_USER, A_USER))
            _exit(125);
        prctl(PR_SET_DUMPABLE, 1);
        if (access("/proc/self/exe", R_OK | X_OK) || access(case_built("tests"), X_OK)) {
            puts("an ordinary user cannot reach the build folder");
            fflush(stdout);
            _exit(77);
        }
        execl("/proc/self/exe", "box_test", "--case", name, (char *)NULL);
        _exit(126);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        case_skip("as a user: see above");
    assert_int_equal(status, 0);
}

#define FOR_ROOT_AND_USER(f)                                                                       \
    cmocka_unit_test(f), { #f "_for_a_user_too", as_a_user, NULL, NULL, (void *)#f }

#define BOX_CASES_MAIN(cases)                                                                      \
    int main(int argc, char **argv) {                                                              \
        if (argc > 1 && strcmp(argv[1], BOX_INSIDE_NAME) == 0)                                     \
            box_inside_main(argc, argv);                                                           \
        return cases_main(argc, argv, cases, sizeof(cases) / sizeof *(cases), 0);                  \
    }

#endif
