// Counts and sums up what a command says on both streams, design "poll, fork and exec".

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 65536 };

struct stream {
    int from; // reading end of the child's pipe
    const char *name;
    uint64_t bytes;
    uint32_t checksum; // wraps around at 2 to the 32nd, as unsigned numbers do in C
};

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// In the child: never returns.
static void become(char **command, int out, int err) {
    if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
        _exit(126);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

// Takes in what there is; false when the stream has ended.
static bool take(struct stream *stream) {
    static unsigned char bytes[CHUNK];
    ssize_t n = read(stream->from, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR)
        return true;
    if (n < 0)
        die("read");
    for (ssize_t i = 0; i < n; i++)
        stream->checksum = stream->checksum * 31 + bytes[i];
    stream->bytes += (uint64_t)n;
    return n > 0;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s COMMAND [ARG...]\n", argv[0]);
        return 2;
    }
    int out[2], err[2];
    if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
        die("pipe2");
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0)
        become(argv + 1, out[1], err[1]);
    close(out[1]);
    close(err[1]);

    struct stream streams[2] = {{.from = out[0], .name = "stdout"},
                                {.from = err[0], .name = "stderr"}};
    for (int i = 1; i >= 0; i--)
        while (take(&streams[i]))
            ;
    while (waitpid(child, NULL, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
    for (int i = 0; i < 2; i++)
        printf("%s: %llu bytes, checksum %08x\n", streams[i].name,
               (unsigned long long)streams[i].bytes, (unsigned)streams[i].checksum);
    return 0;
}
