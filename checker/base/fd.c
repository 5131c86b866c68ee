#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FDS_IN_ONE_MESSAGE = 253 /* SCM_MAX_FD of the kernel */ };

void fd_close(int *fd) {
    int kept = errno;
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = kept;
}

int fd_pipe(int ends[2], struct err *err) {
    if (pipe2(ends, O_CLOEXEC) == 0)
        return 0;
    ends[0] = ends[1] = -1;
    return err_sys(err, errno, "cannot make a pipe");
}

int fd_socketpair(int type, int ends[2], struct err *err) {
    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) == 0)
        return 0;
    ends[0] = ends[1] = -1;
    return err_sys(err, errno, "cannot make a socket pair");
}

int fd_set_nonblocking(int fd, bool on) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        return -errno;
    int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    return wanted == flags || fcntl(fd, F_SETFL, wanted) == 0 ? 0 : -errno;
}

/* Whether the call that just failed is worth another try; waits for a non-blocking descriptor. */
static bool may_go_on(int fd, short poll_events) {
    if (errno == EINTR)
        return true;
    if (errno != EAGAIN)
        return false;
    struct pollfd ready = {.fd = fd, .events = poll_events};
    return poll(&ready, 1, -1) >= 0 || errno == EINTR;
}

int fd_write_all(int fd, const void *bytes, size_t count) {
    const char *at = bytes;
    while (count) {
        ssize_t wrote = write(fd, at, count);
        if (wrote < 0 && may_go_on(fd, POLLOUT))
            continue;
        if (wrote < 0)
            return -errno;
        at += wrote;
        count -= (size_t)wrote;
    }
    return 0;
}

int fd_read_all(int fd, struct buf *into, size_t most) {
    size_t start = into->length;
    for (;;) {
        ssize_t got = buf_read(into, fd, 16384);
        if (got < 0 && may_go_on(fd, POLLIN))
            continue;
        if (got <= 0)
            return (int)got;
        if (into->length - start > most)
            return -EFBIG;
    }
}

int file_read(const char *path, struct buf *into, size_t most, struct err *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return err_sys(err, errno, "cannot open %s", path);
    int code = fd_read_all(fd, into, most);
    fd_close(&fd);
    if (code == -EFBIG)
        return err_set(err, EFBIG, "%s is larger than %zu bytes", path, most);
    return code ? err_sys(err, -code, "cannot read %s", path) : 0;
}

int fd_from_bytes(const char *name, const void *bytes, size_t count, struct err *err) {
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return err_sys(err, errno, "cannot make a memory file for %s", name);
    int code = fd_write_all(fd, bytes, count);
    if (code == 0 && lseek(fd, 0, SEEK_SET) < 0)
        code = -errno;
    if (code) {
        fd_close(&fd);
        return err_sys(err, -code, "cannot fill a memory file for %s", name);
    }
    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
    return fd;
}

/* A stream may have taken a part; the descriptors went with its first byte. */
static int send_rest(int socket, const char *bytes, size_t size) {
    while (size) {
        ssize_t sent = send(socket, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && may_go_on(socket, POLLOUT))
            continue;
        if (sent < 0)
            return -errno;
        bytes += sent;
        size -= (size_t)sent;
    }
    return 0;
}

int fd_send(int socket, const void *bytes, size_t size, const int *fds, size_t count) {
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int) * FDS_IN_ONE_MESSAGE)];
    } control;
    struct iovec part = {(void *)bytes, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > FDS_IN_ONE_MESSAGE)
        return -EINVAL;
    if (count) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.room;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(head), fds, sizeof(int) * count);
    }
    ssize_t sent;
    do
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return -errno;
    return send_rest(socket, (const char *)bytes + sent, size - (size_t)sent);
}

int fd_receive(int socket, void *bytes, size_t size, int *fds, size_t *count) {
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int) * FDS_IN_ONE_MESSAGE)];
    } control;
    struct iovec part = {bytes, size};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    size_t room = *count;
    *count = 0;
    ssize_t got;
    do
        got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    if (message.msg_flags & MSG_TRUNC)
        room = 0; /* the descriptors of a message that did not fit are of no use either */
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
            continue;
        size_t here = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < here; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
            if (*count < room)
                fds[(*count)++] = fd;
            else
                close(fd);
        }
    }
    return message.msg_flags & MSG_TRUNC ? -EMSGSIZE : (int)got;
}
