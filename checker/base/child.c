#include "base/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

enum { MOST_FDS = 256 };

struct failure { /* what the child tells over the close-on-exec pipe */
    int code;
    char step[32];
};

static _Noreturn void give_up(int report_fd, const char *step) {
    struct failure failure = {.code = errno};
    strncpy(failure.step, step, sizeof failure.step - 1);
    (void)!write(report_fd, &failure, sizeof failure);
    _exit(127);
}

static void reset_signals(void) {
    /* The kernel's own struct sigaction, all zero: SIG_DFL. glibc's signal() leaves two signals out,
     * which whoever started us may have left ignored. */
    static const unsigned char defaults[256];
    for (int number = 1; number < _NSIG; number++)
        syscall(SYS_rt_sigaction, number, defaults, NULL, _NSIG / 8);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_on_exec(int fd) {
    int flags = fcntl(fd, F_GETFD);
    if (flags >= 0)
        fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
}

/* Marks every descriptor from `first` on: what we inherited from whoever started us is not ours to pass
 * on. The exec closes them; until then the child can still tell of a failure. */
static void close_all_on_exec(int first) {
    if (syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    DIR *dir = opendir("/proc/self/fd"); /* kernels before 5.11 */
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.' && atoi(entry->d_name) >= first)
            close_on_exec(atoi(entry->d_name));
    if (dir)
        closedir(dir);
}

/* The lowest number that no descriptor of the child will have. */
static int first_spare_fd(const struct child_spec *spec) {
    int spare = 3;
    for (size_t i = 0; i < spec->fd_count; i++)
        if (spec->fds[i].child_fd >= spare)
            spare = spec->fds[i].child_fd + 1;
    return spare;
}

/* Moves every wanted descriptor out of the way first, so that no dup2 hits one still needed. */
static void place_fds(const struct child_spec *spec, int report_fd) {
    int parked[MOST_FDS], spare = first_spare_fd(spec);
    for (size_t i = 0; i < spec->fd_count; i++) {
        int from = spec->fds[i].parent_fd;
        if (from < 0)
            from = open("/dev/null", O_RDWR | O_CLOEXEC);
        parked[i] = fcntl(from, F_DUPFD_CLOEXEC, spare);
        if (parked[i] < 0)
            give_up(report_fd, "dup");
    }
    close_all_on_exec(spec->keep_stdio ? 3 : 0);
    for (size_t i = 0; i < spec->fd_count; i++)
        if (dup2(parked[i], spec->fds[i].child_fd) < 0)
            give_up(report_fd, "dup2");
}

static void become_user(const struct child_spec *spec, int report_fd) {
    if (!spec->drop_to_uid)
        return;
    if (setgroups(0, NULL) < 0 ||
        setresgid(spec->drop_to_gid, spec->drop_to_gid, spec->drop_to_gid) < 0 ||
        setresuid(spec->drop_to_uid, spec->drop_to_uid, spec->drop_to_uid) < 0)
        give_up(report_fd, "change of user");
}

static _Noreturn void run_child(const struct child_spec *spec, int report_fd, pid_t parent) {
    int report = fcntl(report_fd, F_DUPFD_CLOEXEC, first_spare_fd(spec));
    if (report < 0)
        give_up(report_fd, "dup");
    reset_signals();
    if (spec->new_group)
        setpgid(0, 0);
    place_fds(spec, report);
    become_user(spec, report);
    if (spec->die_with_parent) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(127);
    }
    if (spec->cwd && chdir(spec->cwd) < 0)
        give_up(report, "chdir");
    if (spec->env)
        execvpe(spec->argv[0], (char *const *)spec->argv, (char *const *)spec->env);
    else
        execvp(spec->argv[0], (char *const *)spec->argv);
    give_up(report, "exec");
}

pid_t child_start(const struct child_spec *spec, struct err *err) {
    int report[2];
    if (spec->fd_count > MOST_FDS)
        return err_set(err, E2BIG, "too many descriptors for %s", spec->argv[0]);
    int code = fd_pipe(report, err);
    if (code)
        return code;
    pid_t parent = getpid();
    sigset_t all, old; /* no handler of ours may run in the child */
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &old);
    pid_t pid = fork();
    if (pid == 0)
        run_child(spec, report[1], parent);
    code = errno;
    sigprocmask(SIG_SETMASK, &old, NULL);
    fd_close(&report[1]);
    if (pid < 0) {
        fd_close(&report[0]);
        return err_sys(err, code, "cannot start %s: fork", spec->argv[0]);
    }
    struct failure failure;
    ssize_t got;
    do
        got = read(report[0], &failure, sizeof failure);
    while (got < 0 && errno == EINTR);
    fd_close(&report[0]);
    if (got != (ssize_t)sizeof failure)
        return pid;
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) /* this pid alone, none of the loop's */
        continue;
    return err_sys(err, failure.code, "cannot start %s: %s", spec->argv[0], failure.step);
}
