// Tells how a command ended, design "errno down a pipe": the child holds the writing end of a pipe
// that closes itself when execvp() succeeds. The parent reads either an errno or the end.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// In the child: never returns.
static void become(char **command, int tell) {
    execvp(command[0], command);
    int error = errno;
    ssize_t told = write(tell, &error, sizeof error); // so small a write is never split
    _exit(told == sizeof error ? 0 : 127);
}

// What kept the child from starting; 0 if nothing did.
static int hear(int from) {
    int error = 0;
    ssize_t n;
    while ((n = read(from, &error, sizeof error)) < 0)
        if (errno != EINTR)
            die("read");
    return n == sizeof error ? error : 0;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s COMMAND [ARG...]\n", argv[0]);
        return 2;
    }
    int fate[2];
    if (pipe2(fate, O_CLOEXEC) < 0)
        die("pipe2");
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0)
        become(argv + 1, fate[1]);
    close(fate[1]); // ours would keep the pipe open, and hear() waiting

    int error = hear(fate[0]), status;
    if (error) {
        printf("could not start: %s\n", strerror(error));
        return 1;
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
    if (WIFSIGNALED(status))
        printf("killed by signal SIG%s\n", sigabbrev_np(WTERMSIG(status)));
    else
        printf("exited with code %d\n", WEXITSTATUS(status));
    return 0;
}
