/* A guest is dealt to a worker that dies before it has taken it. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
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
    struct iovec data = {"!", 1};
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
    if (header && header->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    return fd;
}

/* A guest who has ordered, as a TCP connection: [0] guest, [1] server. */
static void new_guest(int end[2]) {
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(here);
    int door = socket(AF_INET, SOCK_STREAM, 0);
    end[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(door, (struct sockaddr *)&here, size) < 0 ||
        listen(door, 1) < 0 ||
        getsockname(door, (struct sockaddr *)&here, &size) < 0 ||
        connect(end[0], (struct sockaddr *)&here, size) < 0 ||
        (end[1] = accept(door, NULL, NULL)) < 0) {
        perror("guest");
        exit(1);
    }
    send(end[0], "soup?", 5, 0);
    close(door);
}

static pid_t hire(int *channel, int too_slow, int other) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) {
        perror("socketpair");
        exit(1);
    }
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        char order[8];
        close(pair[0]);
        if (other >= 0)
            close(other);
        while (too_slow)
            pause(); /* guests pile up in its channel */
        int guest = receive(pair[1]);
        recv(guest, order, sizeof(order), 0);
        send(guest, "gets the soup", 13, 0);
        _exit(0);
    }
    close(pair[1]);
    *channel = pair[0];
    return pid;
}

static void deal(int keep_a_copy) {
    int slow, quick, guest[2];
    pid_t dies = hire(&slow, 1, -1), lives = hire(&quick, 0, slow);
    new_guest(guest);

    pass(slow, guest[1]);
    if (!keep_a_copy)
        close(guest[1]);
    kill(dies, SIGKILL);
    waitpid(dies, NULL, 0);
    if (keep_a_copy) { /* nobody has said that he took it: deal again */
        pass(quick, guest[1]);
        close(guest[1]);
    }

    char answer[32] = "end of file";
    if (recv(guest[0], answer, sizeof(answer) - 1, 0) < 0)
        strcpy(answer, strerror(errno));
    printf("  guest: %s\n", answer);
    close(guest[0]);
    close(slow);
    close(quick);
    kill(lives, SIGTERM);
    waitpid(lives, NULL, 0);
}

int main(void) {
    puts("the master closes its copy when it has dealt");
    deal(0);
    puts("the master keeps its copy until the worker has taken it");
    deal(1);
}
