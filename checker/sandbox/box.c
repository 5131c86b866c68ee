#include "sandbox/box.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/fd.h"
#include "sandbox/maker.h"
#include "sandbox/mounts.h"
#include "sandbox/refusal.h"
#include "sandbox/sockets.h"
#include "sandbox/wire.h"

enum {
    PATIENCE_S = 10,
    ENDING_MOST_MS = 10000,
    WORDS_MOST = 4096,
    OWN_PROGRAM_MOST = 64 << 20,
};

struct box {
    struct loop *loop;
    pid_t bubblewrap; /* 0 once reaped */
    pid_t init, program;
    int init_pidfd;
    int control_fd;
    int folders[FOLDERS];
    struct sockets sockets;
    box_end_fn *on_end;
    void *ctx;
    char failure[ERR_TEXT_SIZE];
};

/* --- starting ------------------------------------------------------------------------------- */

/* Our own program, for bubblewrap to run. The box's user may not reach or execute the file itself. */
static int open_own_program(struct err *err) {
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) < 0)
        return err_sys(err, errno, "cannot open our own program");
    if ((info.st_mode & S_IXOTH) || maker_uid() == 0)
        return fd;
    struct buf bytes = {0};
    int code = fd_read_all(fd, &bytes, OWN_PROGRAM_MOST);
    fd_close(&fd);
    int copy = code ? err_sys(err, -code, "cannot read our own program")
                    : fd_from_bytes("brigade-check", bytes.data, bytes.length, err);
    buf_release(&bytes);
    return copy;
}

/* A copy of a stream for the box, whose user must own it or could not open /dev/stdout. */
static int copy_stream(int fd) {
    struct stat info;
    uid_t maker = maker_uid();
    if (fd < 0)
        return -1;
    if (maker && fstat(fd, &info) == 0 && (S_ISFIFO(info.st_mode) || isatty(fd)))
        (void)!fchown(fd, maker, maker);
    return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

/* `-- /proc/self/fd/N brigade-inside CONTROL ARGV...`, and the streams it will place. Takes control. */
static int describe_command(struct mounts *mounts, const struct box_spec *spec, int control,
                            struct wire_start *start, struct err *err) {
    const int streams[3] = {spec->stdin_fd, spec->stdout_fd, spec->stderr_fd};
    int control_inside = mounts_fd(mounts, control), own = open_own_program(err);
    if (own < 0)
        return own;
    int own_inside = mounts_fd(mounts, own);
    for (int i = 0; i < 3; i++)
        start->stdio[i] = mounts_fd(mounts, copy_stream(streams[i]));
    start->limits = spec->limits;
    char *words[] = {xasprintf("/proc/self/fd/%d", own_inside), xasprintf("%d", control_inside)};
    mounts_word(mounts, "--");
    mounts_word(mounts, words[0]);
    mounts_word(mounts, BOX_INSIDE_NAME);
    mounts_word(mounts, words[1]);
    for (const char *const *word = spec->argv; *word; word++)
        mounts_word(mounts, *word);
    free(words[0]);
    free(words[1]);
    return 0;
}

static void on_bubblewrap_end(void *ctx, pid_t pid, int wait_status) {
    (void)pid;
    (void)wait_status;
    struct box *box = ctx;
    box->bubblewrap = 0;
}

static int start_bubblewrap(struct box *box, struct mounts *mounts, int errors, struct err *err) {
    mounts_fd(mounts, -1);
    mounts->fds[mounts->fd_count - 1].child_fd = 0;
    mounts_fd(mounts, -1);
    mounts->fds[mounts->fd_count - 1].child_fd = 1;
    mounts_fd(mounts, errors);
    mounts->fds[mounts->fd_count - 1].child_fd = 2;
    uid_t maker = maker_uid();
    struct child_spec spec = {.argv = (const char *const *)mounts->argv,
                              .fds = mounts->fds,
                              .fd_count = mounts->fd_count,
                              .die_with_parent = true,
                              .drop_to_uid = maker,
                              .drop_to_gid = maker};
    pid_t pid = child_start(&spec, err);
    if (pid == -ENOENT)
        return err_set(err, ENOENT,
                       "no box: bubblewrap (bwrap) is not installed; `make deps` "
                       "installs it (package bubblewrap)");
    if (pid < 0)
        return pid;
    box->bubblewrap = pid;
    loop_on_child(box->loop, pid, on_bubblewrap_end, box);
    return 0;
}

/* One packet, with the sender's pid as we see it and the descriptors of its folders. 0, or -errno (-EPIPE at the end). */
static int hear(int control, struct wire *wire, pid_t *pid, int folders[FOLDERS]) {
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(FOLDERS * sizeof(int))];
    } rights;
    struct iovec part = {wire, sizeof *wire};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = rights.room,
                             .msg_controllen = sizeof rights.room};
    ssize_t got;
    do
        got = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof *wire)
        return got < 0 ? -errno : -EPIPE;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    for (; head; head = CMSG_NXTHDR(&message, head)) {
        struct ucred sender;
        if (head->cmsg_type == SCM_CREDENTIALS && pid) {
            memcpy(&sender, CMSG_DATA(head), sizeof sender);
            *pid = sender.pid;
        } else if (head->cmsg_type == SCM_RIGHTS && folders &&
                   head->cmsg_len == CMSG_LEN(FOLDERS * sizeof(int))) {
            memcpy(folders, CMSG_DATA(head), FOLDERS * sizeof(int));
        }
    }
    return 0;
}

/* The other side has gone, or (-EAGAIN) kept us waiting for too long. */
static int explain(int code, int errors, struct err *err) {
    struct buf words = {0};
    fd_set_nonblocking(errors, true);
    while (buf_read(&words, errors, WORDS_MOST) > 0 && words.length < WORDS_MOST)
        continue;
    if (code == -EAGAIN && !words.length)
        code = err_set(err, ETIMEDOUT, "no box: bubblewrap was not ready after %d s", PATIENCE_S);
    else
        code = refusal_explain(words.data, err);
    buf_release(&words);
    return code;
}

static int failed_inside(const struct wire *wire, struct err *err) {
    return err_sys(err, wire->code, "no box: inside it, %s", wire->step);
}

static void on_control(void *ctx, int fd, uint32_t events) {
    struct box *box = ctx;
    struct wire wire;
    (void)events;
    int code = hear(fd, &wire, NULL, NULL);
    if (code == -EAGAIN)
        return;
    if (code) {
        loop_unwatch(box->loop, fd);
    } else if (wire.kind == WIRE_FAILED) {
        struct err err;
        err_sys(&err, wire.code, "cannot start `%s` in the box", wire.step);
        memcpy(box->failure, err.text, sizeof box->failure);
    } else if (wire.kind == WIRE_END && box->on_end) {
        box->on_end(box->ctx, wire.code, &wire.usage);
    }
}

const char *box_failure(struct box *box) {
    on_control(box, box->control_fd,
               EPOLLIN); /* its words come before its end, but may be unread */
    return box->failure[0] ? box->failure : NULL;
}

/* Init says hello, is told what to do, and the program process says that it waits. */
static int meet(struct box *box, const struct wire_start *start, int errors, struct err *err) {
    struct wire wire;
    int code = hear(box->control_fd, &wire, &box->init, NULL);
    if (code)
        return explain(code, errors, err);
    box->init_pidfd = (int)syscall(SYS_pidfd_open, box->init, 0);
    if (send(box->control_fd, start, sizeof *start, MSG_NOSIGNAL) < 0)
        return explain(-errno, errors, err);
    code = hear(box->control_fd, &wire, &box->program, box->folders);
    if (code)
        return explain(code, errors, err);
    if (wire.kind == WIRE_FAILED)
        return failed_inside(&wire, err);
    return sockets_start(&box->sockets, box->loop, box->program, err);
}

static int make_control(struct box *box, int *inside_end, struct err *err) {
    int ends[2], on = 1;
    int code = fd_socketpair(SOCK_SEQPACKET, ends, err);
    if (code)
        return code;
    struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    box->control_fd = ends[0];
    *inside_end = ends[1];
    return 0;
}

int box_start(struct box **result, struct loop *loop, const struct box_spec *spec,
              box_end_fn *on_end, void *ctx, struct err *err) {
    struct box *box = xcalloc(1, sizeof *box);
    *box = (struct box){.loop = loop,
                        .init_pidfd = -1,
                        .control_fd = -1,
                        .folders = {-1, -1, -1},
                        .on_end = on_end,
                        .ctx = ctx};
    struct mounts mounts;
    struct wire_start start = {0};
    int inside_end = -1, errors[2] = {-1, -1};
    mounts_init(&mounts);
    int code = make_control(box, &inside_end, err);
    if (code == 0)
        code = fd_pipe(errors, err);
    if (code == 0)
        code = mounts_describe(&mounts, spec, err);
    if (code == 0)
        code = describe_command(&mounts, spec, inside_end, &start, err);
    else
        fd_close(&inside_end);
    if (code == 0)
        code = start_bubblewrap(box, &mounts, errors[1], err);
    else
        fd_close(&errors[1]);
    mounts_release(&mounts); /* and with it our copies of what is inside now */
    if (code == 0)
        code = meet(box, &start, errors[0], err);
    fd_close(&errors[0]);
    if (code) {
        box_free(box);
        return code;
    }
    fd_set_nonblocking(box->control_fd, true);
    loop_watch(loop, box->control_fd, EPOLLIN, on_control, box);
    *result = box;
    return 0;
}

/* --- the gate ------------------------------------------------------------------------------- */

int box_open_gate(struct box *box, const struct sock_fprog *filter, struct err *err) {
    struct wire_gate *gate = xcalloc(1, sizeof *gate);
    if (filter && filter->len > WIRE_FILTER_MOST) {
        free(gate);
        return err_set(err, E2BIG,
                       "the system-call filter has %d instructions, the kernel takes %d",
                       (int)filter->len, WIRE_FILTER_MOST);
    }
    if (filter) {
        gate->length = filter->len;
        memcpy(gate->filter, filter->filter, filter->len * sizeof *filter->filter);
    }
    ssize_t sent = send(box->control_fd, gate, sizeof *gate, MSG_NOSIGNAL);
    free(gate);
    return sent < 0 ? err_sys(err, errno, "the program did not wait at the box's gate") : 0;
}

/* --- while it runs -------------------------------------------------------------------------- */

pid_t box_program_pid(const struct box *box) { return box->program; }

pid_t box_init_pid(const struct box *box) { return box->init; }

int box_workdir_fd(const struct box *box) { return box->folders[FOLDER_WORK]; }

const char *box_level(const struct box *box) {
    (void)box;
    return "full";
}

int box_tcp_socket(struct box *box, struct err *err) {
    return sockets_get(&box->sockets, SOCKET_TCP, err);
}

int box_diag_socket(struct box *box, struct err *err) {
    return sockets_get(&box->sockets, SOCKET_DIAG, err);
}

int box_usage(const struct box *box, int64_t *bytes, int64_t *files) {
    struct statvfs info[FOLDERS];
    *files = 0;
    for (int i = 0; i < FOLDERS; i++) {
        if (fstatvfs(box->folders[i], &info[i]) < 0)
            return -errno;
        *files += (int64_t)(info[i].f_files - info[i].f_ffree);
    }
    const struct statvfs *work = &info[FOLDER_WORK];
    *bytes = (int64_t)(work->f_blocks - work->f_bfree) * (int64_t)work->f_frsize;
    return 0;
}

int box_take_file(const struct box *box, const char *name, struct err *err) {
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
                                      RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV};
    int fd = (int)syscall(SYS_openat2, box->folders[FOLDER_WORK], name, &how, sizeof how);
    struct stat info;
    if (fd < 0)
        return err_sys(err, errno, "cannot take %s out of the box", name);
    if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode)) {
        fd_close(&fd);
        return err_set(err, EINVAL, "%s in the box is not a regular file", name);
    }
    return fd;
}

/* --- the end -------------------------------------------------------------------------------- */

void box_kill(struct box *box) {
    if (box->init_pidfd >= 0)
        syscall(SYS_pidfd_send_signal, box->init_pidfd, SIGKILL, NULL, 0);
    else if (box->bubblewrap > 0)
        kill(box->bubblewrap, SIGKILL);
}

void box_free(struct box *box) {
    if (!box)
        return;
    box_kill(box);
    loop_unwatch(box->loop, box->control_fd);
    sockets_stop(&box->sockets);
    int64_t deadline_ns = clock_now_ns() + ENDING_MOST_MS * NS_PER_MS;
    while ((box->bubblewrap > 0 || box->sockets.pid > 0) && clock_now_ns() < deadline_ns)
        loop_step(box->loop, ENDING_MOST_MS);
    fd_close(&box->init_pidfd);
    fd_close(&box->control_fd);
    for (int i = 0; i < FOLDERS; i++)
        fd_close(&box->folders[i]);
    free(box);
}
