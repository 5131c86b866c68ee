/* The parent sends orders as lines of JSON; the child reads until the end. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Writes all of it, in as many calls as that takes. */
static int write_all(int fd, const char *bytes, size_t left) {
    while (left > 0) {
        ssize_t n = write(fd, bytes, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes += n;
        left -= (size_t)n;
    }
    return 0;
}

static int send_json(int fd, json_t *message) {
    char *text = json_dumps(message, JSON_COMPACT);
    size_t length = strlen(text);
    text[length] = '\n'; /* in place of the NUL, which nobody sends */
    int code = write_all(fd, text, length + 1);
    free(text);
    json_decref(message);
    return code;
}

static void work(int fd) {
    FILE *line = fdopen(fd, "r");
    char *text = NULL;
    size_t room = 0;
    while (getline(&text, &room, line) > 0) {
        json_t *order = json_loads(text, 0, NULL);
        const char *dish = "what?";
        json_unpack(order, "{s:s}", "dish", &dish);
        printf("child: %s\n", dish);
        json_decref(order);
    }
    puts("child: no more orders");
    fflush(stdout);
    _exit(0);
}

int main(void) {
    int line[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) < 0)
        return 1;
    pid_t pid = fork();
    if (pid == 0) {
        close(line[0]);
        work(line[1]);
    }
    close(line[1]);
    send_json(line[0], json_pack("{s:s}", "dish", "soup"));
    send_json(line[0],
              json_pack("{s:s, s:i}", "dish", "rice", "table", 7));
    close(line[0]);
    waitpid(pid, NULL, 0);
    puts("parent: the child has gone home");
}
