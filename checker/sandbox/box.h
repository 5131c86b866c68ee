/* The box that a learner's program, and the compiler that builds it, runs in: bubblewrap with its own
 * user, pid, network, mount, ipc and uts namespaces, no capabilities, rlimits, and a seccomp filter.
 *
 *     struct box_spec spec = {.argv = argv, .files = files, ...};
 *     struct box *box;
 *     box_start(&box, &spec, &err);     // the program process exists and waits at the gate
 *     trace_seize(trace, box_program_pid(box), ...);      // only for a traced run
 *     box_open_gate(box, filter, &err); // it installs the filter and execs
 *     int s = box_tcp_socket(box, &err);// a socket of the box's own network, for the load driver
 *     box_kill(box);                    // everything in the box dies
 *     box_free(box);                    // waits until nothing of it is left
 *
 * Inside (see inside.c): bubblewrap starts our own init as PID 1, which forks the program process,
 * reaps orphans and tells the program's end. When we run as root the box is made by an
 * unprivileged user of its own, so that limits hold and root is mapped nowhere.
 * If brigade-check dies, in whatever way, the kernel ends the box.
 */
#ifndef BRIGADE_SANDBOX_BOX_H
#define BRIGADE_SANDBOX_BOX_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/loop.h"

struct box;

struct box_file {     /* a file of the working directory */
    const char *name; /* relative, may hold one folder level: "data/in.txt" */
    int fd;           /* read from its start; borrowed */
    bool executable;
};

struct box_limits { /* 0: none */
    int64_t cpu_ms, memory_bytes_each /* RLIMIT_DATA, a backstop */, file_bytes, descriptors,
        processes;
    int64_t workdir_bytes, tmp_bytes;
};

struct box_spec {
    const char *const *argv; /* looked up in the box's PATH, or relative to the working directory */
    const struct box_file *files;
    size_t file_count;
    struct box_limits limits;
    int cpus; /* shown in /proc/cpuinfo, /proc/stat and /sys; 0: the machine's own */
    int stdin_fd, stdout_fd, stderr_fd; /* borrowed; -1: /dev/null */
};

/* How the program process ended, as init told it. Not sent when the box was killed. */
typedef void box_end_fn(void *ctx, int wait_status, const struct rusage *usage);

/* 0 or -errno; err says which part of the box the machine forbids and how to allow it. Blocks for the
 * some 10 ms that bubblewrap takes, at most 10 s. Everything in the spec is borrowed for the call only. */
int box_start(struct box **box, struct loop *loop, const struct box_spec *spec, box_end_fn *on_end,
              void *ctx, struct err *err);

pid_t box_program_pid(const struct box *box); /* as seen from outside */
pid_t box_init_pid(const struct box *box);
int box_workdir_fd(
    const struct box *box); /* an O_PATH directory; stays valid after the box's end */
const char *box_level(const struct box *box); /* "full" */

/* Lets the program go: it installs `filter` (NULL: none), closes every other descriptor, execs. What goes
 * wrong then is told by box_failure, since a traced program cannot be waited for here. */
int box_open_gate(struct box *box, const struct sock_fprog *filter, struct err *err);

/* Why the program never started, for who sees the program process end with 126; NULL if it did start. */
const char *box_failure(struct box *box);

/* A new close-on-exec, non-blocking TCP (IPv4) socket that lives in the box's network; the caller's.
 * -errno on failure. */
int box_tcp_socket(struct box *box, struct err *err);

/* Likewise for questions about that network's sockets: sock_diag(7). */
int box_diag_socket(struct box *box, struct err *err);

/* Bytes used in the working directory, and inodes in all folders that the program can write. */
int box_usage(const struct box *box, int64_t *bytes, int64_t *files);

void box_kill(struct box *box); /* SIGKILL to init: the kernel ends the rest; safe to call twice */
void box_free(
    struct box *box); /* kills, waits for bubblewrap's end (bounded), releases; NULL allowed */

/* Files of the working directory, taken out safely (openat2, no symlinks, regular files only): an fd to
 * read, or -errno. */
int box_take_file(const struct box *box, const char *name, struct err *err);

/* The hidden command of our own program that bubblewrap runs as PID 1 (main calls it when argv[1]
 * is BOX_INSIDE_NAME). Never returns. */
#define BOX_INSIDE_NAME "brigade-inside"
_Noreturn void box_inside_main(int argc, char **argv);

#endif
