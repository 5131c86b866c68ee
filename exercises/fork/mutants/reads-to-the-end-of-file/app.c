// Two processes, one conversation, design "socketpair and fork": both ends are alike, and what comes
// is gathered in a buffer until a newline ends the message.

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

static void send_message(int channel, const char *member, const char *text) {
    json_t *message = json_pack("{s:s}", member, text);
    char *json = json_dumps(message, 0);
    char line[LINE_MOST];
    int length = snprintf(line, sizeof line, "%s\n", json);
    for (int sent = 0; sent < length;) {
        ssize_t n = write(channel, line + sent, (size_t)(length - sent));
        if (n < 0 && errno != EINTR)
            die("write");
        sent += n > 0 ? (int)n : 0;
    }
    free(json);
    json_decref(message);
}

// The next message, or NULL at the end of the channel. This conversation has one message in each
// direction, so nothing can come after the newline.
static json_t *receive_message(int channel) {
    char line[LINE_MOST];
    size_t length = 0;
    for (;;) {
        ssize_t n = read(channel, line + length, sizeof line - length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            die("read");
        if (n == 0)
            break;
        length += (size_t)n;
    }
    return json_loadb(line, length, 0, NULL);
}

static void tell(const char *from, json_t *message) {
    char *json = message ? json_dumps(message, 0) : NULL;
    printf("Message from %s: %s\n", from, json ? json : "none");
    free(json);
}

static int be_child(int channel) {
    json_t *message = receive_message(channel);
    tell("parent", message);
    send_message(channel, "reply", "Hello from child");
    json_decref(message);
    return message ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(void) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        die("socketpair");
    pid_t child = fork();
    if (child < 0)
        die("fork");
    close(ends[child == 0 ? 0 : 1]);
    if (child == 0)
        return be_child(ends[1]);

    send_message(ends[0], "message", "Hello from parent");
    json_t *reply = receive_message(ends[0]);
    tell("child", reply);
    json_decref(reply);
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
    return reply && status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
