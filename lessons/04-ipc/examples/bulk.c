/* A picture of 32 MiB and a cry of fire, over one channel. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 32 << 20 };

static long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void send_bytes(int channel, const char *picture) {
    for (size_t sent = 0; sent < SIZE;) {
        ssize_t n = send(channel, picture + sent, SIZE - sent, 0);
        if (n <= 0)
            return;
        sent += (size_t)n;
    }
}

/* Passes a descriptor, with one byte; chapter 3 has the other half. */
static void send_descriptor(int channel, int fd) {
    char byte = 'P';
    struct iovec data = {&byte, 1};
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    message.msg_control = &control;
    message.msg_controllen = sizeof(control);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(fd));
    memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    sendmsg(channel, &message, 0);
}

/* Reads until '!' comes. */
static long ms_until_fire(int channel, long start_ms) {
    static char buffer[1 << 16];
    ssize_t n;
    while ((n = recv(channel, buffer, sizeof(buffer), 0)) > 0)
        if (buffer[n - 1] == '!')
            return now_ms() - start_ms;
    return -1;
}

static void run(const char *title, char *picture, int fd, int whole) {
    int channel[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, channel) < 0) {
        perror("socketpair");
        exit(1);
    }
    long start_ms = now_ms();
    if (fork() == 0) {
        if (whole)
            send_bytes(channel[1], picture);
        else
            send_descriptor(channel[1], fd);
        send(channel[1], "fire!", 5, 0);
        _exit(0);
    }
    close(channel[1]);
    printf("%s: fire after %ld ms\n", title,
           ms_until_fire(channel[0], start_ms));
    fflush(stdout);
    close(channel[0]);
    wait(NULL);
}

int main(void) {
    int fd = memfd_create("picture", MFD_CLOEXEC);
    char *picture = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, SIZE) == 0)
        picture =
            mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (picture == MAP_FAILED) {
        perror("picture");
        return 1;
    }
    memset(picture, '.', SIZE);

    run("32 MiB through the channel", picture, fd, 1);
    run("a descriptor of 32 MiB", picture, fd, 0);
}
