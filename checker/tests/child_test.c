/* Starting our own programs: errors told, exactly the descriptors named, and an end with ours. */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "tests/harness/cases.h"

enum { NOBODY = 65534, TEXT_MOST = 65536 };

static void assert_no_child_left(void) {
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static int exit_code(pid_t pid) {
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Runs a command and gives what it wrote to its stdout; `spec` may ask for more than that. */
static struct buf output_of(struct child_spec spec) {
    int ends[2];
    struct err err = {0};
    struct buf text = {0};
    assert_int_equal(fd_pipe(ends, NULL), 0);
    struct child_fd fds[] = {{-1, 0}, {ends[1], 1}, {2, 2}};
    spec.fds = fds;
    spec.fd_count = 3;
    pid_t pid = child_start(&spec, &err);
    if (pid < 0)
        fail_msg("%s", err.text);
    fd_close(&ends[1]);
    assert_int_equal(fd_read_all(ends[0], &text, TEXT_MOST), 0);
    fd_close(&ends[0]);
    assert_int_equal(exit_code(pid), 0);
    return text;
}

#define SHELL(command) ((const char *const[]){"sh", "-c", command, NULL})

static void assert_output(struct child_spec spec, const char *wanted) {
    struct buf text = output_of(spec);
    assert_string_equal(text.data, wanted);
    buf_release(&text);
}

/* --- errors ------------------------------------------------------------------------------------- */

static void a_program_that_is_not_there_is_told_and_leaves_no_zombie(void **state) {
    (void)state;
    const char *const argv[] = {"no-such-program-anywhere", NULL};
    struct err err = {0};
    assert_int_equal(child_start(&(struct child_spec){.argv = argv}, &err), -ENOENT);
    assert_string_equal(err.text,
                        "cannot start no-such-program-anywhere: exec: No such file or directory");
    assert_no_child_left();
}

static void a_program_that_may_not_run_is_told(void **state) {
    (void)state;
    const char *const argv[] = {"/etc/passwd", NULL};
    struct err err = {0};
    assert_int_equal(child_start(&(struct child_spec){.argv = argv}, &err), -EACCES);
    assert_string_equal(err.text, "cannot start /etc/passwd: exec: Permission denied");
    assert_no_child_left();
}

static void a_folder_that_is_not_there_is_told(void **state) {
    (void)state;
    struct child_spec spec = {.argv = SHELL("true"), .cwd = "/nowhere/at/all"};
    struct err err = {0};
    assert_int_equal(child_start(&spec, &err), -ENOENT);
    assert_string_equal(err.text, "cannot start sh: chdir: No such file or directory");
    assert_no_child_left();
}

static void a_descriptor_that_is_not_open_is_told(void **state) {
    (void)state;
    struct child_fd fds[] = {{400, 1}};
    struct child_spec spec = {.argv = SHELL("true"), .fds = fds, .fd_count = 1};
    assert_int_equal(child_start(&spec, NULL), -EBADF);
    assert_no_child_left();
}

static void a_failed_start_leaks_no_descriptor(void **state) {
    (void)state;
    const char *const argv[] = {"no-such-program-anywhere", NULL};
    int before = dup(0);
    close(before);
    child_start(&(struct child_spec){.argv = argv}, NULL);
    int after = dup(0);
    close(after);
    assert_int_equal(before, after);
}

/* --- descriptors -------------------------------------------------------------------------------- */

struct cat { /* a child that echoes, so that we know when it is past its start */
    pid_t pid;
    int to, from;
};

static struct cat start_cat(struct child_spec spec, const struct child_fd *more,
                            size_t more_count) {
    static const char *const argv[] = {"cat", NULL};
    struct child_fd fds[16];
    int in[2], out[2];
    char byte = 'x';
    struct err err = {0};
    assert_int_equal(fd_pipe(in, NULL), 0);
    assert_int_equal(fd_pipe(out, NULL), 0);
    fds[0] = (struct child_fd){in[0], 0};
    fds[1] = (struct child_fd){out[1], 1};
    for (size_t i = 0; i < more_count; i++)
        fds[2 + i] = more[i];
    spec.argv = argv;
    spec.fds = fds;
    spec.fd_count = 2 + more_count;
    struct cat cat = {child_start(&spec, &err), in[1], out[0]};
    if (cat.pid < 0)
        fail_msg("%s", err.text);
    fd_close(&in[0]);
    fd_close(&out[1]);
    assert_int_equal(write(cat.to, &byte, 1), 1);
    assert_int_equal(read(cat.from, &byte, 1), 1);
    return cat;
}

static void end_cat(struct cat *cat) {
    fd_close(&cat->to);
    assert_int_equal(exit_code(cat->pid), 0);
    fd_close(&cat->from);
}

static void link_of(pid_t pid, int fd, char text[256]) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
    ssize_t length = readlink(path, text, 255);
    text[length < 0 ? 0 : length] = '\0';
}

static void assert_fds(pid_t pid, const int *wanted, size_t count) {
    size_t found = 0;
    for (int fd = 0; fd < 1024; fd++) {
        char text[256];
        link_of(pid, fd, text);
        if (!*text)
            continue;
        if (found == count || wanted[found] != fd)
            fail_msg("descriptor %d of the child is open: %s", fd, text);
        found++;
    }
    assert_int_equal(found, count);
}

static void the_child_has_exactly_the_descriptors_named(void **state) {
    (void)state;
    static const int wanted[] = {0, 1, 7, 600};
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < 1024)
        case_skip("only %ld descriptors may be open here", (long)limit.rlim_cur);
    /* what whoever started us left open, near and far, and not close-on-exec */
    assert_int_equal(dup2(2, 50), 50);
    assert_int_equal(dup2(2, 700), 700);
    struct child_fd more[] = {{-1, 7}, {50, 600}};
    struct cat cat = start_cat((struct child_spec){0}, more, 2);
    assert_fds(cat.pid, wanted, 4);
    char text[256];
    link_of(cat.pid, 7, text);
    assert_string_equal(text, "/dev/null");
    end_cat(&cat);
    close(50);
    close(700);
}

static void stdio_is_kept_where_asked_and_unless_mapped(void **state) {
    (void)state;
    static const int wanted[] = {0, 1, 2};
    struct cat cat = start_cat((struct child_spec){.keep_stdio = true}, NULL, 0);
    assert_fds(cat.pid, wanted, 3);
    char ours[256], theirs[256];
    link_of(getpid(), 2, ours);
    link_of(cat.pid, 2, theirs);
    assert_string_equal(ours, theirs);
    end_cat(&cat);
}

static void descriptors_may_change_places(void **state) {
    (void)state;
    int ends[2];
    char first[256], second[256], text[256];
    assert_int_equal(fd_pipe(ends, NULL), 0);
    int other = fd_from_bytes("other", "x", 1, NULL);
    link_of(getpid(), ends[0], first);
    link_of(getpid(), other, second);
    struct child_fd more[] = {{ends[0], other}, {other, ends[0]}, {other, other + 1}};
    struct cat cat = start_cat((struct child_spec){0}, more, 3);
    link_of(cat.pid, other, text);
    assert_string_equal(text, first);
    link_of(cat.pid, ends[0], text);
    assert_string_equal(text, second);
    link_of(cat.pid, other + 1, text);
    assert_string_equal(text, second);
    end_cat(&cat);
    fd_close(&ends[0]);
    fd_close(&ends[1]);
    fd_close(&other);
}

static void it_works_where_few_descriptors_are_allowed(void **state) {
    (void)state;
    struct rlimit few = {32, 32};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    assert_output((struct child_spec){.argv = SHELL("echo fine")}, "fine\n");
}

/* --- what the child starts with ----------------------------------------------------------------- */

static void no_signal_is_blocked_or_ignored(void **state) {
    (void)state;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGHUP, SIG_IGN);
    /* grep itself changes nothing about its signals */
    const char *const argv[] = {"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status", NULL};
    assert_output((struct child_spec){.argv = argv},
                  "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    sigset_t after;
    sigprocmask(SIG_BLOCK, NULL, &after);
    assert_true(sigismember(&after, SIGUSR1)); /* ours is as it was */
}

static void folder_and_environment_are_as_asked(void **state) {
    (void)state;
    const char *const env[] = {"ONLY=this", "PATH=/usr/bin:/bin", NULL};
    assert_output(
        (struct child_spec){.argv = SHELL("pwd; echo $ONLY$HOME"), .cwd = "/usr", .env = env},
        "/usr\nthis\n");
    setenv("OURS", "that", 1);
    assert_output((struct child_spec){.argv = SHELL("echo $OURS")}, "that\n");
}

static void a_group_of_its_own_where_asked(void **state) {
    (void)state;
    struct cat cat = start_cat((struct child_spec){.new_group = true}, NULL, 0);
    assert_int_equal(getpgid(cat.pid), cat.pid);
    end_cat(&cat);
    cat = start_cat((struct child_spec){0}, NULL, 0);
    assert_int_equal(getpgid(cat.pid), getpgid(0));
    end_cat(&cat);
}

static void another_user_without_any_group_of_ours(void **state) {
    (void)state;
    if (geteuid() != 0)
        case_skip("only root can become another user");
    struct child_spec spec = {
        .argv = SHELL("id -u; id -ru; id -g; id -G"), .drop_to_uid = NOBODY, .drop_to_gid = NOBODY};
    assert_output(spec, "65534\n65534\n65534\n65534\n");
}

/* --- an end with ours --------------------------------------------------------------------------- */

/* A process in between that starts a cat and exits; gives the cat's pid. */
static pid_t orphan_a_cat(struct child_spec spec, int *to) {
    int told[2], in[2];
    static const char *const argv[] = {"cat", NULL};
    pid_t pid = -1;
    assert_int_equal(fd_pipe(told, NULL), 0);
    assert_int_equal(fd_pipe(in, NULL), 0);
    pid_t between = fork();
    if (between == 0) {
        struct child_fd fds[] = {{in[0], 0}, {-1, 1}, {-1, 2}};
        spec.argv = argv;
        spec.fds = fds;
        spec.fd_count = 3;
        pid = child_start(&spec, NULL);
        _exit(write(told[1], &pid, sizeof pid) == sizeof pid ? 0 : 1);
    }
    assert_int_equal(exit_code(between), 0);
    assert_int_equal(read(told[0], &pid, sizeof pid), sizeof pid);
    fd_close(&told[0]);
    fd_close(&told[1]);
    fd_close(&in[0]);
    *to = in[1];
    return pid;
}

static void assert_dies_with_parent(struct child_spec spec) {
    int to, status;
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* the orphan becomes ours to wait for */
    spec.die_with_parent = true;
    pid_t pid = orphan_a_cat(spec, &to);
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    fd_close(&to);
}

static void it_dies_with_its_parent(void **state) {
    (void)state;
    assert_dies_with_parent((struct child_spec){0});
}

static void it_dies_with_its_parent_as_another_user_too(void **state) {
    (void)state;
    if (geteuid() != 0)
        case_skip("only root can become another user");
    assert_dies_with_parent((struct child_spec){.drop_to_uid = NOBODY, .drop_to_gid = NOBODY});
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(a_program_that_is_not_there_is_told_and_leaves_no_zombie),
    cmocka_unit_test(a_program_that_may_not_run_is_told),
    cmocka_unit_test(a_folder_that_is_not_there_is_told),
    cmocka_unit_test(a_descriptor_that_is_not_open_is_told),
    cmocka_unit_test(a_failed_start_leaks_no_descriptor),
    cmocka_unit_test(the_child_has_exactly_the_descriptors_named),
    cmocka_unit_test(stdio_is_kept_where_asked_and_unless_mapped),
    cmocka_unit_test(descriptors_may_change_places),
    cmocka_unit_test(it_works_where_few_descriptors_are_allowed),
    cmocka_unit_test(no_signal_is_blocked_or_ignored),
    cmocka_unit_test(folder_and_environment_are_as_asked),
    cmocka_unit_test(a_group_of_its_own_where_asked),
    cmocka_unit_test(another_user_without_any_group_of_ours),
    cmocka_unit_test(it_dies_with_its_parent),
    cmocka_unit_test(it_dies_with_its_parent_as_another_user_too),
};

CASES_MAIN(cases)
