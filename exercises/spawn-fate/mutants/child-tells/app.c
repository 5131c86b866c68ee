// Tells how a command ended, design "errno down a pipe": the child holds the writing end of a pipe
// that closes itself when execvp() succeeds. The parent reads either an errno or the end.

#define _GNU_SOURCE
#include <errno.h>
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
static void become(char **command) {
    execvp(command[0], command);
    printf("could not start: %s\n", strerror(errno));
    fflush(stdout);
    _exit(127);
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s COMMAND [ARG...]\n", argv[0]);
        return 2;
    }
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0)
        become(argv + 1);
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return 1; // the child has said it already
    if (WIFSIGNALED(status))
        printf("killed by signal SIG%s\n", sigabbrev_np(WTERMSIG(status)));
    else
        printf("exited with code %d\n", WEXITSTATUS(status));
    return 0;
}
