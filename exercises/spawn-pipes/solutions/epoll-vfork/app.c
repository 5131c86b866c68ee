// Counts and sums up what a command says on both streams, design "epoll and vfork": descriptors that
// never block, each emptied whenever epoll says that something has happened to it.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

struct stream {
    int read_end, write_end;
    uint64_t bytes;
    uint32_t checksum;
};

static void open_stream(struct stream *stream, int epoll) {
    int ends[2];
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = stream};
    if (pipe2(ends, O_CLOEXEC) < 0)
        die("pipe2");
    *stream = (struct stream){.read_end = ends[0], .write_end = ends[1]};
    // Our end only: for the child a pipe that does not block would be a surprise.
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) < 0)
        die("epoll");
}

// Edge-triggered: told once, so read until nothing is left. Returns how many streams have ended.
static int empty(struct stream *stream) {
    unsigned char chunk[8192];
    for (;;) {
        ssize_t count = read(stream->read_end, chunk, sizeof chunk);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            return 0;
        if (count < 0)
            die("read");
        if (count == 0)
            return close(stream->read_end), 1;
        stream->bytes += (uint64_t)count;
        for (const unsigned char *byte = chunk; byte < chunk + count; byte++)
            stream->checksum = 31 * stream->checksum + *byte;
    }
}

int main(int argc, char **argv) {
    struct stream out, err;
    if (argc < 2) {
        fprintf(stderr, "usage: %s COMMAND [ARG...]\n", argv[0]);
        return 2;
    }
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        die("epoll_create1");
    open_stream(&out, epoll);
    open_stream(&err, epoll);

    // The child borrows our memory until it has become the command: it must touch nothing.
    pid_t child = vfork();
    if (child == 0) {
        if (dup2(out.write_end, 1) == 1 && dup2(err.write_end, 2) == 2)
            execvp(argv[1], argv + 1);
        _exit(127);
    }
    if (child < 0)
        die("vfork");
    close(out.write_end);
    close(err.write_end);

    for (int ended = 0; ended < 2;) {
        struct epoll_event events[2];
        int count = epoll_wait(epoll, events, 2, -1);
        if (count < 0 && errno != EINTR)
            die("epoll_wait");
        for (int i = 0; i < count; i++)
            ended += empty(events[i].data.ptr);
    }
    while (waitpid(child, NULL, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
    printf("stdout: %" PRIu64 " bytes, checksum %08" PRIx32 "\n", out.bytes, out.checksum);
    printf("stderr: %" PRIu64 " bytes, checksum %08" PRIx32 "\n", err.bytes, err.checksum);
    return 0;
}
