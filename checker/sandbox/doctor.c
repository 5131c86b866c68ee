#include "sandbox/doctor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "sandbox/box.h"
#include "sandbox/filter.h"

enum { KERNEL_MAJOR = 5, KERNEL_MINOR = 6 /* pidfd_getfd; PTRACE_GET_SYSCALL_INFO is of 5.3 */ };

/* A probe returns 0, or -errno with what it found in err. */
typedef int probe_fn(struct err *err);

static int probe_kernel(struct err *err) {
    struct utsname name;
    int major = 0, minor = 0;
    uname(&name);
    sscanf(name.release, "%d.%d", &major, &minor);
    if (major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR))
        return 0;
    return err_set(err, ENOSYS, "this is Linux %s", name.release);
}

static int find_program(const char *name, struct err *err) {
    static const char *const folders[] = {"/usr/local/bin", "/usr/bin", "/bin"};
    char path[128];
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folders[i], name);
        if (access(path, X_OK) == 0)
            return 0;
    }
    return err_set(err, ENOENT, "no `%s` in /usr/local/bin, /usr/bin or /bin", name);
}

static int probe_bubblewrap(struct err *err) { return find_program("bwrap", err); }
static int probe_gcc(struct err *err) { return find_program("gcc", err); }
static int probe_node(struct err *err) { return find_program("node", err); }
static int probe_python(struct err *err) { return find_program("python3", err); }

/* A child of ours, seized and let go again. */
static int probe_ptrace(struct err *err) {
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    if (pid < 0)
        return err_sys(err, errno, "fork");
    int code = ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_EXITKILL) < 0
                   ? err_sys(err, errno, "PTRACE_SEIZE of a child of ours")
                   : 0;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, __WALL);
    return code;
}

static int probe_getfd(struct err *err) {
    int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
    int copy = self < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, self, STDIN_FILENO, 0);
    int code = copy < 0 && errno != EBADF ? err_sys(err, errno, "pidfd_getfd of our own stdin") : 0;
    fd_close(&copy);
    fd_close(&self);
    return code;
}

static int probe_filter(struct err *err) {
    struct sock_fprog program = {0};
    scmp_filter_ctx ctx = filter_new(err);
    int code = ctx ? filter_program(ctx, &program, err) : -ENOMEM;
    free(program.filter);
    if (ctx)
        seccomp_release(ctx);
    return code;
}

struct box_probe {
    struct loop *loop;
    int status;
};

static void on_end(void *ctx, int wait_status, const struct rusage *usage) {
    (void)usage;
    struct box_probe *probe = ctx;
    probe->status = wait_status;
    loop_stop(probe->loop);
}

static void on_late(void *ctx) {
    struct box_probe *probe = ctx;
    loop_stop(probe->loop);
}

/* What a run does with a box: it traces the program, and sends requests. */
static int enter_box(struct box *box, struct err *err) {
    if (ptrace(PTRACE_SEIZE, box_program_pid(box), 0, PTRACE_O_EXITKILL) < 0)
        return err_sys(err, errno, "PTRACE_SEIZE of a program in its box");
    int fd = box_tcp_socket(box, err);
    if (fd < 0)
        return fd;
    fd_close(&fd);
    return 0;
}

/* A whole box around `true`, with the filter, a traced process and a socket of its network. */
static int probe_box(struct err *err) {
    static const char *const argv[] = {"true", NULL};
    struct box_probe probe = {.status = -1, .loop = loop_new(err)};
    struct box *box = NULL;
    struct sock_fprog program = {0};
    if (!probe.loop)
        return -EIO;
    struct box_spec spec = {
        .argv = argv, .cpus = 4, .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1};
    int code = box_start(&box, probe.loop, &spec, on_end, &probe, err);
    if (code == 0)
        code = enter_box(box, err);
    scmp_filter_ctx ctx = code ? NULL : filter_new(err);
    if (code == 0)
        code = ctx ? filter_program(ctx, &program, err) : -ENOMEM;
    if (code == 0)
        code = box_open_gate(box, &program, err);
    if (code == 0) {
        int timer = loop_timer_new(probe.loop, on_late, &probe);
        loop_timer_set(probe.loop, timer, clock_now_ns() + 5 * NS_PER_S);
        loop_run(probe.loop);
        if (probe.status != 0)
            code = err_set(err, EIO, "`true` in a box did not end well: %s",
                           box_failure(box) ? box_failure(box) : "it was killed or took 5 s");
    }
    box_free(box);
    free(program.filter);
    if (ctx)
        seccomp_release(ctx);
    loop_free(probe.loop);
    return code;
}

static const struct {
    const char *part;
    probe_fn *probe;
    bool needed;
    const char *remedy;
} probes[] = {
    {"Linux 5.6 or newer", probe_kernel, true, "boot a newer kernel"},
    {"bubblewrap", probe_bubblewrap, true, "`make deps`, or install the package bubblewrap"},
    {"tracing (ptrace)", probe_ptrace, true,
     "Yama: sudo sysctl kernel.yama.ptrace_scope=1; in a container: --cap-add SYS_PTRACE"},
    {"descriptors of a tracee (pidfd_getfd)", probe_getfd, true,
     "in a container: --security-opt seccomp=unconfined"},
    {"system-call filter (seccomp)", probe_filter, true, "a kernel with CONFIG_SECCOMP_FILTER"},
    {"a whole box", probe_box, true, "see the words above"},
    {"C submissions (gcc)", probe_gcc, true, "install the package gcc"},
    {"Node.js submissions (node)", probe_node, false, "install the package nodejs"},
    {"Python submissions (python3)", probe_python, false, "install the package python3"},
};

bool doctor(FILE *out) {
    bool good = true;
    for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++) {
        struct err err = {0};
        int code = probes[i].probe(&err);
        good = good && (code == 0 || !probes[i].needed);
        fprintf(out, "%-8s %s\n",
                code == 0          ? "ok"
                : probes[i].needed ? "NO"
                                   : "missing",
                probes[i].part);
        if (code)
            fprintf(out, "         found:  %s\n         remedy: %s\n", err.text, probes[i].remedy);
    }
    fprintf(out, good ? "\nThis machine can run and grade submissions in the full box.\n"
                      : "\nThis machine cannot grade yet: see what is marked NO.\n");
    return good;
}
