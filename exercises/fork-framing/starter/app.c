// A hundred messages. This much works already: the parent sends a message, waits for the answer,
// sends the next one, and as long as each read() brings one message, neither more nor less, all is
// well. Nobody has promised you that. Compile it, try it, then look for the five places that say
// "Your part".

#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_MOST = 4096 };

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static void send_message(int channel, json_t *message) {
    char *json = json_dumps(message, JSON_COMPACT);
    size_t length = strlen(json);
    json[length] = '\n'; // in the place of the NUL: json is no string any more
    // Your part, 1: write() returns how much it took. And is every -1 an error?
    if (write(channel, json, length + 1) < 0)
        die("write");
    free(json);
    json_decref(message);
}

// The next message, or NULL when the channel has ended.
static json_t *receive_message(int channel) {
    // Your part, 2: what if this read() brings half a message? Or three of them, and a bit of a
    // fourth? What has come and has not been taken out must be kept until the next call, in a
    // buffer that is as large as it has to be.
    char line[LINE_MOST];
    ssize_t n = read(channel, line, sizeof line);
    if (n < 0)
        die("read");
    return n ? json_loadb(line, (size_t)n, 0, NULL) : NULL;
}

static int be_child(int channel) {
    json_t *message;
    while ((message = receive_message(channel))) {
        json_int_t length = (json_int_t)json_string_length(json_object_get(message, "text"));
        send_message(channel, json_pack("{s:O, s:I}", "id", json_object_get(message, "id"),
                                        "length", length));
        json_decref(message);
    }
    return EXIT_SUCCESS;
}

static void send_one(int channel, int id, int size) {
    size_t length = (size_t)(id % 10 ? id : size);
    char *text = malloc(length);
    memset(text, 'x', length);
    send_message(channel, json_pack("{s:i, s:s%}", "id", id, "text", text, length));
    free(text);
}

int main(int argc, char **argv) {
    int count = argc > 1 ? atoi(argv[1]) : 100, size = argc > 2 ? atoi(argv[2]) : 300, ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        die("socketpair");
    pid_t child = fork();
    if (child < 0)
        die("fork");
    close(ends[child == 0 ? 0 : 1]);
    if (child == 0)
        return be_child(ends[1]);

    // Your part, 3: the parent must not wait for an answer before it sends the next message.
    for (int id = 1; id <= count; id++) {
        send_one(ends[0], id, size);
        json_t *answer = receive_message(ends[0]);
        if (!answer)
            break;
        printf("Answer %lld: %lld\n", (long long)json_integer_value(json_object_get(answer, "id")),
               (long long)json_integer_value(json_object_get(answer, "length")));
        json_decref(answer);
    }
    // Your part, 4: tell the child that no more will come, and still hear what it has to say.
    close(ends[0]);

    // Your part, 5: this may be interrupted, too.
    int status;
    if (waitpid(child, &status, 0) < 0)
        die("waitpid");
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
