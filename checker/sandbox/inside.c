/* The inside of the box: bubblewrap has made the namespaces and mounts and dropped every capability; what is left to
 * do is here, as a list of steps. PID 1 stays as the box's init, unreadable for the program; its child becomes the
 * program. Nothing here allocates or trusts anything of the learner's. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/wire.h"

enum { CONTROL_FD = 3, NOT_STARTED = 126, PROCESSES_TO_SPARE = 8 };

static _Noreturn void give_up(int control, const char *step) {
    struct wire failed = {.kind = WIRE_FAILED, .code = errno};
    strncpy(failed.step, step, sizeof failed.step - 1);
    (void)!send(control, &failed, sizeof failed, MSG_NOSIGNAL);
    _exit(NOT_STARTED);
}

/* Where whoever started us set a tighter limit, that one stays: it cannot be raised. */
static void limit(int control, const char *name, int resource, int64_t most) {
    struct rlimit now, both = {(rlim_t)most, (rlim_t)most};
    if (!most)
        return;
    if (getrlimit(resource, &now) == 0 && now.rlim_max < both.rlim_max)
        both.rlim_cur = both.rlim_max = now.rlim_max;
    if (setrlimit(resource, &both) < 0)
        give_up(control, name);
}

static void set_limits(int control, const struct box_limits *limits) {
    struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    limit(control, "limit on CPU time", RLIMIT_CPU, (limits->cpu_ms + 999) / 1000);
    limit(control, "limit on file size", RLIMIT_FSIZE, limits->file_bytes);
    limit(control, "limit on descriptors", RLIMIT_NOFILE, limits->descriptors);
    limit(control, "limit on memory", RLIMIT_DATA, limits->memory_bytes_each);
    /* The tracer counts and says so; this only bounds what can be born between two of its looks. */
    if (limits->processes)
        limit(control, "limit on processes", RLIMIT_NPROC, limits->processes + PROCESSES_TO_SPARE);
}

/* Tells that the program process exists, with the folders for our later use. */
static void say_ready(int control) {
    static const char *const paths[FOLDERS] = {"/work", "/tmp", "/dev/shm"};
    int folders[FOLDERS];
    struct wire ready = {.kind = WIRE_READY};
    struct iovec part = {&ready, sizeof ready};
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof folders)];
    } rights;
    memset(&rights, 0, sizeof rights);
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = rights.room,
                             .msg_controllen = sizeof rights.room};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof folders);
    for (int i = 0; i < FOLDERS; i++)
        if ((folders[i] = open(paths[i], O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
            give_up(control, paths[i]);
    memcpy(CMSG_DATA(head), folders, sizeof folders);
    if (sendmsg(control, &message, MSG_NOSIGNAL) < 0)
        give_up(control, "sending its folders");
}

static void place_stdio(int control, const int stdio[3]) {
    for (int fd = 0; fd < 3; fd++)
        if (dup2(stdio[fd], fd) < 0)
            give_up(control, "standard streams");
}

/* From here on only 0, 1, 2 and the control socket are open, and that one ends with exec. */
static int close_the_rest(int control) {
    if (control != CONTROL_FD && dup3(control, CONTROL_FD, O_CLOEXEC) < 0)
        give_up(control, "control socket");
    fcntl(CONTROL_FD, F_SETFD, FD_CLOEXEC);
    if (close_range(CONTROL_FD + 1, ~0U, 0) < 0)
        give_up(CONTROL_FD, "closing descriptors");
    return CONTROL_FD;
}

static void install_filter(int control, struct wire_gate *gate) {
    struct sock_fprog program = {(unsigned short)gate->length, gate->filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        give_up(control, "no new privileges");
    if (gate->length && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
        give_up(control, "system-call filter");
}

static _Noreturn void become_program(int control, const struct wire_start *start, char **argv) {
    static struct wire_gate gate;
    prctl(PR_SET_DUMPABLE, 1); /* its init is not, but the tracer must get at this one */
    setsid();                  /* no terminal of ours, no process group of init's */
    say_ready(control);
    ssize_t got = recv(control, &gate, sizeof gate, 0); /* the gate: a tracer may attach before */
    if (got < (ssize_t)offsetof(struct wire_gate, filter))
        _exit(NOT_STARTED);
    place_stdio(control, start->stdio);
    control = close_the_rest(control);
    set_limits(control, &start->limits);
    unsetenv("ASAN_OPTIONS"); /* was for us */
    install_filter(control, &gate);
    execvp(argv[0], argv);
    give_up(control, argv[0]);
}

/* Reaps for ever: orphans become its children. It ends when the box is killed. */
static _Noreturn void be_init(int control, pid_t program) {
    for (;;) {
        int status;
        struct rusage usage;
        pid_t pid = wait4(-1, &status, __WALL, &usage);
        if (pid < 0 && errno == ECHILD)
            pause();
        if (pid != program)
            continue;
        struct wire end = {.kind = WIRE_END, .code = status, .usage = usage};
        (void)!send(control, &end, sizeof end, MSG_NOSIGNAL);
    }
}

/* PID 1 hears only those signals of its box that it has a handler for, and a sanitizer has some. */
static void be_deaf(void) {
    for (int number = 1; number < _NSIG; number++)
        signal(number, SIG_DFL);
}

_Noreturn void box_inside_main(int argc, char **argv) {
    int control = argc > 3 ? atoi(argv[2]) : -1;
    be_deaf();
    prctl(PR_SET_DUMPABLE, 0); /* closes /proc/1/mem and the like to the program */
    struct wire hello = {.kind = WIRE_INIT};
    struct wire_start start;
    if (control < 0 || send(control, &hello, sizeof hello, MSG_NOSIGNAL) < 0 ||
        recv(control, &start, sizeof start, 0) != (ssize_t)sizeof start)
        _exit(NOT_STARTED);
    pid_t program = fork();
    if (program < 0)
        give_up(control, "fork");
    if (program == 0)
        become_program(control, &start, argv + 3);
    for (int fd = 0; fd < 3; fd++)
        close(start.stdio[fd]);
    be_init(control, program);
}
