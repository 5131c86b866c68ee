#include "sandbox/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/fd.h"

enum { PATIENCE_S = 10, ENDED = 0, CANNOT_ENTER = 1 };

/* The network belongs to a user namespace, where we have every capability once we are in it. */
static int enter(pid_t inside) {
    char path[48];
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)inside);
    int network = open(path, O_RDONLY | O_CLOEXEC);
    int owner = network < 0 ? -1 : ioctl(network, NS_GET_USERNS);
    if (owner < 0 || setns(owner, CLONE_NEWUSER) < 0 || setns(network, CLONE_NEWNET) < 0)
        return errno;
    close(owner);
    close(network);
    return 0;
}

static _Noreturn void serve(int fd, pid_t inside, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || dup3(fd, 3, O_CLOEXEC) < 0)
        _exit(CANNOT_ENTER);
    close_range(4, ~0U, 0);
    close(0); /* a pipe that somebody reads must not stay open because of us */
    close(1);
    close(2);
    int code = enter(inside);
    if (send(3, &code, sizeof code, MSG_NOSIGNAL) < 0 || code)
        _exit(CANNOT_ENTER);
    char wish;
    while (recv(3, &wish, 1, 0) == 1) {
        int made = wish == SOCKET_DIAG
                       ? socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)
                       : socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        code = made < 0 ? errno : 0;
        if (fd_send(3, &code, sizeof code, &made, made >= 0) < 0)
            break;
        if (made >= 0)
            close(made);
    }
    _exit(ENDED);
}

static void on_end(void *ctx, pid_t pid, int wait_status) {
    (void)pid;
    (void)wait_status;
    struct sockets *sockets = ctx;
    sockets->pid = 0;
}

int sockets_start(struct sockets *sockets, struct loop *loop, pid_t inside, struct err *err) {
    int ends[2];
    int code = fd_socketpair(SOCK_SEQPACKET, ends, err);
    if (code)
        return code;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        serve(ends[1], inside, parent);
    fd_close(&ends[1]);
    *sockets = (struct sockets){.loop = loop, .pid = pid > 0 ? pid : 0, .fd = ends[0]};
    if (pid < 0)
        return err_sys(err, errno, "cannot start the helper for the box's network");
    loop_on_child(loop, pid, on_end, sockets);
    struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    int entered = EIO;
    if (recv(ends[0], &entered, sizeof entered, 0) != (ssize_t)sizeof entered || entered)
        return err_sys(err, entered,
                       "cannot enter the box's network, where the test's requests come from");
    return 0;
}

int sockets_get(struct sockets *sockets, enum socket_kind kind, struct err *err) {
    int made = -1, code = EIO;
    size_t count = 1;
    char wish = (char)kind;
    if (send(sockets->fd, &wish, 1, MSG_NOSIGNAL) != 1 ||
        fd_receive(sockets->fd, &code, sizeof code, &made, &count) != (int)sizeof code ||
        count != 1)
        return err_sys(err, code, "cannot make a socket in the box's network");
    return made;
}

void sockets_stop(struct sockets *sockets) {
    if (sockets->loop)
        fd_close(&sockets->fd); /* the end of the wishes ends the helper */
}
