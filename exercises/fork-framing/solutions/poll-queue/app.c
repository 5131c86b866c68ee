// A hundred messages, design "poll with two queues": descriptors that never block. What is to be sent
// lies in an outbox until there is room, what has come lies in an inbox until it is whole, and so the
// parent never waits for one direction while the other one is stuck.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct queue {
    char *bytes;
    size_t used, room;
};

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static char *reserve(struct queue *queue, size_t count) {
    if (queue->room - queue->used < count) {
        queue->room = queue->used + count + queue->room / 2;
        queue->bytes = realloc(queue->bytes, queue->room);
        if (!queue->bytes)
            die("realloc");
    }
    return queue->bytes + queue->used;
}

static void drop(struct queue *queue, size_t count) {
    queue->used -= count;
    memmove(queue->bytes, queue->bytes + count, queue->used);
}

static void put_message(struct queue *outbox, json_t *message) {
    size_t length = json_dumpb(message, NULL, 0, JSON_COMPACT);
    char *at = reserve(outbox, length + 1);
    json_dumpb(message, at, length, JSON_COMPACT);
    at[length] = '\n';
    outbox->used += length + 1;
    json_decref(message);
}

static bool may_retry(void) { return errno == EAGAIN || errno == EINTR; }

static void flush(int channel, struct queue *outbox) {
    ssize_t n = write(channel, outbox->bytes, outbox->used);
    if (n < 0 && !may_retry())
        die("write");
    if (n > 0)
        drop(outbox, (size_t)n);
}

// false at the end of the channel.
static bool fill(int channel, struct queue *inbox) {
    enum { PIECE = 16384 };
    ssize_t n = read(channel, reserve(inbox, PIECE), PIECE);
    if (n < 0 && !may_retry())
        die("read");
    inbox->used += n > 0 ? (size_t)n : 0;
    return n != 0;
}

typedef void taker(json_t *message, struct queue *outbox);

// Hands out every whole message; the beginning of the next one stays.
static int take(struct queue *inbox, taker *fn, struct queue *outbox) {
    size_t done = 0;
    int count = 0;
    char *newline;
    while (done < inbox->used &&
           (newline = memchr(inbox->bytes + done, '\n', inbox->used - done))) {
        size_t length = (size_t)(newline - inbox->bytes) - done;
        json_t *message = json_loadb(inbox->bytes + done, length, 0, NULL);
        fn(message, outbox);
        json_decref(message);
        done += length + 1;
        count++;
    }
    drop(inbox, done);
    return count;
}

static void answer(json_t *message, struct queue *outbox) {
    const char *text = json_string_value(json_object_get(message, "text"));
    put_message(outbox, json_pack("{s:O, s:i}", "id", json_object_get(message, "id"), "length",
                                  text ? (int)strlen(text) : -1));
}

static void tell(json_t *message, struct queue *outbox) {
    (void)outbox;
    printf("Answer %d: %d\n", (int)json_integer_value(json_object_get(message, "id")),
           (int)json_integer_value(json_object_get(message, "length")));
}

// Sends what is in the outbox and takes what comes, until `count` messages have come, or the end.
static void talk(int channel, struct queue *outbox, taker *fn, int count) {
    struct queue inbox = {0};
    bool open = true;
    fcntl(channel, F_SETFL, O_NONBLOCK);
    while (outbox->used || (open && count != 0)) {
        struct pollfd entry = {.fd = channel,
                               .events = (short)(POLLIN | (outbox->used ? POLLOUT : 0))};
        if (poll(&entry, 1, 10000) < 0 && errno != EINTR)
            die("poll");
        if (entry.revents & POLLOUT)
            flush(channel, outbox);
        if (entry.revents & (POLLIN | POLLHUP) && (open = fill(channel, &inbox)))
            count -= take(&inbox, fn, outbox);
    }
    free(inbox.bytes);
}

int main(int argc, char **argv) {
    int count = argc > 1 ? atoi(argv[1]) : 100, size = argc > 2 ? atoi(argv[2]) : 100000, ends[2];
    struct queue outbox = {0};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        die("socketpair");
    pid_t child = fork();
    if (child < 0)
        die("fork");
    close(ends[child == 0 ? 0 : 1]);
    if (child == 0) {
        talk(ends[1], &outbox, answer, -1);
        return EXIT_SUCCESS;
    }
    for (int id = 1; id <= count; id++) {
        size_t length = (size_t)(id % 10 ? id : size);
        char *text = memset(malloc(length), 'y', length);
        put_message(&outbox, json_pack("{s:i, s:s%}", "id", id, "text", text, length));
        free(text);
    }
    talk(ends[0], &outbox, tell, count);
    close(ends[0]);
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
