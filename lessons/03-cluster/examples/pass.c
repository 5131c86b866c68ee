/* A process hands another one an open descriptor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Room for one descriptor, aligned as cmsg(3) asks. */
union control {
    char room[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

static void pass(int channel, int fd) {
    char byte = '!'; /* a message needs at least one byte of plain data */
    struct iovec data = {&byte, 1};
    union control control = {0};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    message.msg_control = &control;
    message.msg_controllen = sizeof(control);

    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(fd));
    memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    if (sendmsg(channel, &message, MSG_NOSIGNAL) < 0)
        perror("sendmsg");
}

/* The descriptor that comes with the next message, or -1. */
static int receive(int channel) {
    char byte;
    struct iovec data = {&byte, 1};
    union control control;
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    message.msg_control = &control;
    message.msg_controllen = sizeof(control);

    int fd = -1;
    if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) <= 0)
        return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET &&
        header->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    return fd;
}

int main(void) {
    int channel[2], guest[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, channel) < 0) {
        perror("socketpair");
        return 1;
    }
    if (fork() == 0) {
        close(channel[0]);
        int connection = receive(channel[1]);
        printf("worker %d: a guest on descriptor %d\n", getpid(),
               connection);
        fflush(stdout);
        dprintf(connection, "soup from worker %d", getpid());
        _exit(0);
    }
    close(channel[1]);

    /* A guest comes only now: the worker cannot have inherited it. */
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, guest) < 0) {
        perror("socketpair");
        return 1;
    }
    printf("master: passes descriptor %d\n", guest[0]);
    fflush(stdout);
    pass(channel[0], guest[0]);
    close(guest[0]);

    char soup[64];
    ssize_t length = recv(guest[1], soup, sizeof(soup), 0);
    printf("guest: %.*s\n", (int)length, soup);
    wait(NULL);
}
