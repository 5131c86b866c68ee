// A hundred messages, design "inbox": a socket pair, a buffer that grows, and a parent that sends
// everything first and listens afterwards. It can afford that, because the answers are short: all of
// them together fit into the channel.

#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 65536 };

// What has come over a channel and has not been taken out yet.
struct inbox {
    int channel;
    char *bytes;
    size_t used, room;
};

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// Sends all of it, however many calls that takes.
static void write_all(int fd, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t n = write(fd, bytes, count);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            die("write");
        bytes += n;
        count -= (size_t)n;
    }
}

static void send_message(int channel, json_t *message) {
    char *json = json_dumps(message, JSON_COMPACT);
    size_t length = strlen(json);
    json[length] = '\n'; // in the place of the NUL: json is no string any more
    write_all(channel, json, length + 1);
    free(json);
    json_decref(message);
}

// Appends what there is to read; 0 at the end of the channel.
static int fill(struct inbox *inbox) {
    if (inbox->room - inbox->used < CHUNK) {
        inbox->room = inbox->room * 2 + CHUNK;
        inbox->bytes = realloc(inbox->bytes, inbox->room);
        if (!inbox->bytes)
            die("realloc");
    }
    ssize_t n;
    do
        n = read(inbox->channel, inbox->bytes + inbox->used, inbox->room - inbox->used);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        die("read");
    inbox->used += (size_t)n;
    return n > 0;
}

// The next message, wherever its bytes begin and end; NULL when there are no more. What came behind
// it stays in the inbox.
static json_t *receive_message(struct inbox *inbox) {
    char *newline;
    while (!(newline = memchr(inbox->bytes, '\n', inbox->used)))
        if (!fill(inbox))
            return NULL;
    size_t length = (size_t)(newline - inbox->bytes);
    json_t *message = json_loadb(inbox->bytes, length, 0, NULL);
    inbox->used -= length + 1;
    memmove(inbox->bytes, newline + 1, inbox->used);
    return message;
}

static int be_child(int channel) {
    struct inbox inbox = {.channel = channel, .bytes = malloc(1)};
    json_t *message;
    while ((message = receive_message(&inbox))) {
        json_int_t length = (json_int_t)json_string_length(json_object_get(message, "text"));
        send_message(channel, json_pack("{s:O, s:I}", "id", json_object_get(message, "id"),
                                        "length", length));
        json_decref(message);
    }
    free(inbox.bytes);
    return EXIT_SUCCESS;
}

static void send_all(int channel, int count, int size) {
    char *text = malloc((size_t)size + (size_t)count);
    memset(text, 'x', (size_t)size + (size_t)count);
    for (int id = 1; id <= count; id++) {
        size_t length = (size_t)(id % 10 ? id : size);
        send_message(channel, json_pack("{s:i, s:s%}", "id", id, "text", text, length));
    }
    free(text);
}

int main(int argc, char **argv) {
    int count = argc > 1 ? atoi(argv[1]) : 100, size = argc > 2 ? atoi(argv[2]) : 100000, ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        die("socketpair");
    pid_t child = fork();
    if (child < 0)
        die("fork");
    close(ends[child == 0 ? 0 : 1]);
    if (child == 0)
        return be_child(ends[1]);

    send_all(ends[0], count, size);
    struct inbox inbox = {.channel = ends[0], .bytes = malloc(1)};
    json_t *answer;
    while (count-- > 0 && (answer = receive_message(&inbox))) {
        printf("Answer %lld: %lld\n", (long long)json_integer_value(json_object_get(answer, "id")),
               (long long)json_integer_value(json_object_get(answer, "length")));
        json_decref(answer);
    }
    free(inbox.bytes);
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
