// Runs a command and streams what it says, design "poll, fork and exec": one loop watches both
// pipes, and each piece that read() brings goes out at once behind its prefix.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 4096 };

struct stream {
    int from;           // reading end of the child's pipe
    int to;             // our own stdout or stderr
    const char *prefix; // in front of each piece
    char last;          // the last byte written out
};

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

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

// In the child: never returns.
static void become(char **command, int out, int err) {
    // dup2 makes copies without the close-on-exec flag; the originals vanish in execvp.
    if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
        _exit(126);
    char line[4096] = "", *words[256], *rest = NULL;
    for (int i = 0; command[i]; i++) {
        strncat(line, command[i], sizeof line - strlen(line) - 1);
        strncat(line, " ", sizeof line - strlen(line) - 1);
    }
    int count = 0;
    for (char *word = strtok_r(line, " ", &rest); word && count < 255;
         word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    words[count] = NULL;
    execvp(words[0], words);
    perror(command[0]); // goes down the pipe, and so to our parent
    _exit(127);
}

// Passes on what there is; false when the stream has ended.
static bool relay(struct stream *stream) {
    char bytes[CHUNK];
    ssize_t n = read(stream->from, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR)
        return true;
    if (n < 0)
        die("read");
    if (n == 0) {
        if (stream->last != '\n')
            write_all(stream->to, "\n", 1);
        close(stream->from);
        return false;
    }
    write_all(stream->to, stream->prefix, strlen(stream->prefix));
    write_all(stream->to, bytes, (size_t)n);
    stream->last = bytes[n - 1];
    return true;
}

static void relay_both(struct stream streams[2]) {
    struct pollfd polls[2] = {{.fd = streams[0].from, .events = POLLIN},
                              {.fd = streams[1].from, .events = POLLIN}};
    for (int open = 2; open > 0;) {
        if (poll(polls, 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            die("poll");
        }
        for (int i = 0; i < 2; i++)
            if (polls[i].fd >= 0 && polls[i].revents && !relay(&streams[i])) {
                polls[i].fd = -1; // poll() passes over negative ones
                open--;
            }
    }
}

int main(int argc, char **argv) {
    static char *by_default[] = {"ls", "-lh", "/usr", NULL};
    char **command = argc > 1 ? argv + 1 : by_default;
    int out[2], err[2];
    if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
        die("pipe2");
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0)
        become(command, out[1], err[1]);
    // As long as we hold a writing end ourselves, no read() will ever tell us the end.
    close(out[1]);
    close(err[1]);

    struct stream streams[2] = {{out[0], STDOUT_FILENO, "stdout: ", '\n'},
                                {err[0], STDERR_FILENO, "stderr: ", '\n'}};
    relay_both(streams);

    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
    if (WIFEXITED(status))
        printf("child process exited with code %d\n", WEXITSTATUS(status));
    else
        printf("child process was killed by signal %d\n", WTERMSIG(status));
    return 0;
}
