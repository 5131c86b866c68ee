#include "keeper.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    EXIT_SKIP = 77,
    GRACE_MS = 1000, /* for children that die of their parent's end, such as a box */
};

struct keeper {
    const struct keeper_job *job;
    sigset_t wanted;
    char scratch[64];
    pid_t command; /* 0 once its end was seen */
    int status;
};

int keeper_capture(void) {
    int fd = memfd_create("output", MFD_CLOEXEC);
    if (fd < 0)
        err(3, "memfd_create");
    return fd;
}

enum keeper_end keeper_result(int wait_status) {
    if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) < KEEPER_ENDS)
        return WEXITSTATUS(wait_status);
    return KEEPER_FAILED;
}

static long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- the command -------------------------------------------------------------------------- */

static _Noreturn void become_command(const struct keeper *keeper) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(nothing, 0);
    dup2(keeper->job->output_fd, 1);
    dup2(keeper->job->output_fd, 2);
    setenv("TMPDIR", keeper->scratch, 1);
    execv(keeper->job->argv[0], (char *const *)keeper->job->argv);
    err(127, "%s", keeper->job->argv[0]);
}

/* --- its processes ------------------------------------------------------------------------ */

/* Parent and name of a process, from /proc; false once it is gone. */
static bool process_read(pid_t pid, pid_t *parent, char name[64]) {
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t length = read(fd, line, sizeof line - 1);
    close(fd);
    if (length <= 0)
        return false;
    line[length] = '\0';
    char *open_paren = strchr(line, '('), *close_paren = strrchr(line, ')');
    if (!open_paren || !close_paren || sscanf(close_paren + 1, " %*c %d", parent) != 1)
        return false;
    snprintf(name, 64, "%.*s", (int)(close_paren - open_paren - 1), open_paren + 1);
    return true;
}

/* Calls fn for every direct child of ours. */
static void each_child(void (*fn)(const struct keeper *, pid_t, const char *),
                       const struct keeper *keeper) {
    DIR *proc = opendir("/proc");
    if (!proc)
        err(3, "/proc");
    for (struct dirent *entry; (entry = readdir(proc));) {
        pid_t parent, pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;
        char name[64];
        if (pid > 0 && process_read(pid, &parent, name) && parent == getpid())
            fn(keeper, pid, name);
    }
    closedir(proc);
}

static void tell(const struct keeper *keeper, pid_t pid, const char *name) {
    dprintf(keeper->job->output_fd, "left running: process %d (%s)\n", pid, name);
}

static void end(const struct keeper *keeper, pid_t pid, const char *name) {
    (void)keeper, (void)name;
    kill(pid, SIGKILL);
}

/* Collects every child that has ended. Returns false when no child is left at all. */
static bool reap(struct keeper *keeper) {
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid == 0)
            return true;
        if (pid < 0)
            return false;
        if (pid == keeper->command) {
            keeper->command = 0;
            keeper->status = status;
        }
    }
}

/* Waits for the next signal; returns its number, 0 at the deadline. */
static int next_signal(const struct keeper *keeper, long deadline_ms) {
    for (;;) {
        long left_ms = deadline_ms - now_ms();
        if (left_ms <= 0)
            return 0;
        struct timespec wait = {left_ms / 1000, left_ms % 1000 * 1000000};
        int number = sigtimedwait(&keeper->wanted, NULL, &wait);
        if (number > 0)
            return number;
    }
}

/* Orphans of what we kill become our children, so we go round until there are none. */
static void kill_all(struct keeper *keeper) {
    for (;;) {
        each_child(end, keeper);
        if (!reap(keeper))
            return;
        sigset_t child;
        sigemptyset(&child);
        sigaddset(&child, SIGCHLD);
        sigtimedwait(&child, NULL, &(struct timespec){.tv_nsec = 50 * 1000000});
    }
}

/* --- its files ---------------------------------------------------------------------------- */

static bool tell_files(const struct keeper *keeper) {
    bool found = false;
    DIR *dir = opendir(keeper->scratch);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (strncmp(entry->d_name, "brigade-", 8) != 0)
            continue;
        dprintf(keeper->job->output_fd, "left behind: $TMPDIR/%s\n", entry->d_name);
        found = true;
    }
    if (dir)
        closedir(dir);
    return found;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *at) {
    (void)info, (void)kind, (void)at;
    remove(path);
    return 0;
}

/* --- the keeper --------------------------------------------------------------------------- */

static enum keeper_end judge(const struct keeper *keeper) {
    if (WIFSIGNALED(keeper->status)) {
        int number = WTERMSIG(keeper->status);
        dprintf(keeper->job->output_fd, "killed by signal %d (%s)\n", number, strsignal(number));
        return KEEPER_FAILED;
    }
    int code = WEXITSTATUS(keeper->status);
    return code == 0 ? KEEPER_PASSED : code == EXIT_SKIP ? KEEPER_SKIPPED : KEEPER_FAILED;
}

static enum keeper_end watch(struct keeper *keeper) {
    long deadline_ms = now_ms() + keeper->job->limit_s * 1000L;
    bool children = true;
    while (keeper->command) {
        int number = next_signal(keeper, deadline_ms);
        if (number == SIGTERM)
            return KEEPER_STOPPED;
        if (number == 0) {
            dprintf(keeper->job->output_fd, "still running after %d s\n", keeper->job->limit_s);
            return KEEPER_TIMED_OUT;
        }
        children = reap(keeper);
    }
    enum keeper_end verdict = judge(keeper);
    deadline_ms = now_ms() + GRACE_MS;
    while (children) {
        int number = next_signal(keeper, deadline_ms);
        if (number == SIGTERM)
            return KEEPER_STOPPED;
        if (number == 0)
            break;
        children = reap(keeper);
    }
    if (children)
        each_child(tell, keeper);
    bool files = tell_files(keeper);
    return (children || files) && verdict == KEEPER_PASSED ? KEEPER_LEFTOVER : verdict;
}

static _Noreturn void keep(const struct keeper_job *job, pid_t runner) {
    struct keeper keeper = {.job = job};
    setpgid(0, 0); /* Ctrl-C reaches the runner only, which then tells us */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigemptyset(&keeper.wanted);
    sigaddset(&keeper.wanted, SIGCHLD);
    sigaddset(&keeper.wanted, SIGTERM);
    sigprocmask(SIG_SETMASK, &keeper.wanted, NULL);
    if (getppid() != runner)
        _exit(KEEPER_STOPPED);
    strcpy(keeper.scratch, "/tmp/brigade-case-XXXXXX");
    if (!mkdtemp(keeper.scratch) || chmod(keeper.scratch, 0755) < 0) /* boxes run as another user */
        err(KEEPER_FAILED, "%s", keeper.scratch);
    keeper.command = fork();
    if (keeper.command < 0)
        err(KEEPER_FAILED, "fork");
    if (keeper.command == 0)
        become_command(&keeper);
    enum keeper_end verdict = watch(&keeper);
    kill_all(&keeper);
    nftw(keeper.scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    _exit(verdict);
}

pid_t keeper_start(const struct keeper_job *job) {
    fflush(NULL);
    pid_t runner = getpid(), pid = fork();
    if (pid < 0)
        err(3, "fork");
    if (pid == 0)
        keep(job, runner);
    return pid;
}
