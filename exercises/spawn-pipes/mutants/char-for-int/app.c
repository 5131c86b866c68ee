// Counts and sums up what a command says on both streams, design "threads": posix_spawn starts the
// command, and each stream has a thread that waits for nothing but that stream.

#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct stream { // a thread's own, until it has been joined
    int ends[2];
    unsigned long bytes;
    unsigned checksum;
};

static void die(const char *what, int error) {
    fprintf(stderr, "%s: %s\n", what, strerror(error));
    exit(EXIT_FAILURE);
}

// A FILE reads in large pieces; getc() gives 0 to 255, and EOF is none of those: it is an int.
static void *take(void *ctx) {
    struct stream *stream = ctx;
    FILE *file = fdopen(stream->ends[0], "r");
    signed char byte; // "a character is a char"
    while ((byte = getc_unlocked(file)) != EOF) {
        stream->checksum = stream->checksum * 31 + (unsigned)byte;
        stream->bytes++;
    }
    fclose(file);
    return NULL;
}

static pid_t start(char **command, const struct stream streams[2]) {
    posix_spawn_file_actions_t actions;
    pid_t child;
    posix_spawn_file_actions_init(&actions);
    for (int i = 0; i < 2; i++)
        posix_spawn_file_actions_adddup2(&actions, streams[i].ends[1], STDOUT_FILENO + i);
    int error = posix_spawnp(&child, command[0], &actions, NULL, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error)
        die(command[0], error);
    return child;
}

int main(int argc, char **argv) {
    static const char *const names[] = {"stdout", "stderr"};
    struct stream streams[2] = {0};
    pthread_t threads[2];
    if (argc < 2) {
        fprintf(stderr, "usage: %s COMMAND [ARG...]\n", argv[0]);
        return 2;
    }
    for (int i = 0; i < 2; i++)
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, streams[i].ends) < 0)
            die("socketpair", errno);
    pid_t child = start(argv + 1, streams);
    for (int i = 0; i < 2; i++) {
        close(streams[i].ends[1]);
        int error = pthread_create(&threads[i], NULL, take, &streams[i]);
        if (error)
            die("pthread_create", error);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    if (waitpid(child, NULL, 0) < 0)
        die("waitpid", errno);
    for (int i = 0; i < 2; i++)
        printf("%s: %lu bytes, checksum %08x\n", names[i], streams[i].bytes, streams[i].checksum);
    return 0;
}
