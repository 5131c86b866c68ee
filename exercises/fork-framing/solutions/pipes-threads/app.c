// A hundred messages, design "pipes and threads": the child is this program started anew by
// posix_spawn, on its standard streams; in the parent one thread sends while another one listens. A
// reader hands out a message at a time, and reads more only when it has no whole one left.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct reader {
    int fd;
    char *line; // what has come of the message so far
    size_t length, room;
    char chunk[4096]; // what one read() brought
    size_t at, end;   // the part of it that has not been looked at
};

struct sender {
    int fd, count, size;
};

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// Text and newline in one call; what a short write leaves is tried again.
static void send_line(int fd, const char *text) {
    struct iovec parts[2] = {{(void *)text, strlen(text)}, {(void *)"\n", 1}};
    while (parts[1].iov_len > 0) {
        ssize_t n = writev(fd, parts, 2);
        if (n < 0 && errno != EINTR)
            die("writev");
        for (int i = 0; i < 2 && n > 0; i++) {
            size_t here = (size_t)n < parts[i].iov_len ? (size_t)n : parts[i].iov_len;
            parts[i].iov_base = (char *)parts[i].iov_base + here;
            parts[i].iov_len -= here;
            n -= (ssize_t)here;
        }
    }
}

static bool next_byte(struct reader *reader, char *byte) {
    while (reader->at == reader->end) {
        ssize_t n = read(reader->fd, reader->chunk, sizeof reader->chunk);
        if (n == 0)
            return false;
        if (n < 0 && errno != EINTR)
            die("read");
        reader->at = 0;
        reader->end = n > 0 ? (size_t)n : 0;
    }
    *byte = reader->chunk[reader->at++];
    return true;
}

// A whole line, without its newline; NULL at the end.
static const char *next_line(struct reader *reader) {
    reader->length = 0;
    for (char byte; next_byte(reader, &byte);) {
        if (reader->length == reader->room)
            reader->line = realloc(reader->line, reader->room = 2 * reader->room + 64);
        reader->line[reader->length++] = byte == '\n' ? '\0' : byte;
        if (byte == '\n')
            return reader->line;
    }
    return NULL;
}

static int be_child(void) {
    static struct reader reader = {.fd = STDIN_FILENO};
    for (const char *line; (line = next_line(&reader));) {
        json_t *message = json_loads(line, 0, NULL);
        int id;
        const char *text;
        char answer[64];
        if (json_unpack(message, "{s:i, s:s}", "id", &id, "text", &text) < 0)
            return EXIT_FAILURE;
        snprintf(answer, sizeof answer, "{\"id\": %d, \"length\": %zu}", id, strlen(text));
        send_line(STDOUT_FILENO, answer);
        json_decref(message);
    }
    return EXIT_SUCCESS;
}

static void *send_all(void *ctx) {
    struct sender *sender = ctx;
    for (int id = 1; id <= sender->count; id++) {
        int length = id % 10 ? id : sender->size;
        char *line = NULL;
        if (asprintf(&line, "{\"id\": %d, \"text\": \"%0*d\"}", id, length, 0) < 0)
            die("asprintf");
        send_line(sender->fd, line);
        free(line);
    }
    close(sender->fd);
    return NULL;
}

static void hear_all(int fd) {
    struct reader *reader = calloc(1, sizeof *reader);
    reader->fd = fd;
    for (const char *line; (line = next_line(reader));) {
        int id, length;
        if (sscanf(line, "{\"id\": %d, \"length\": %d}", &id, &length) == 2)
            printf("Answer %d: %d\n", id, length);
    }
    free(reader->line);
    free(reader);
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return be_child();
    int down[2], up[2], status;
    if (pipe2(down, O_CLOEXEC) < 0 || pipe2(up, O_CLOEXEC) < 0)
        die("pipe2");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, down[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, up[1], STDOUT_FILENO);
    char *words[] = {argv[0], "child", NULL};
    pid_t child;
    if (posix_spawn(&child, "/proc/self/exe", &actions, NULL, words, environ) != 0)
        die("posix_spawn");
    posix_spawn_file_actions_destroy(&actions);
    close(down[0]);
    close(up[1]);

    struct sender sender = {down[1], argc > 1 ? atoi(argv[1]) : 100,
                            argc > 2 ? atoi(argv[2]) : 100000};
    pthread_t thread;
    if (pthread_create(&thread, NULL, send_all, &sender) != 0)
        die("pthread_create");
    hear_all(up[0]);
    pthread_join(thread, NULL);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
