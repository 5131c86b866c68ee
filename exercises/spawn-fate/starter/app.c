// Tells how a command ended. This much works already: a child executes the command, the parent
// waits for it and prints a line. But for this program every end is an exit, and a command that
// never started has code 127. Look for the two places that say "Your part".

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h> // O_CLOEXEC
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// In the child: becomes the command, and so never returns.
static void become(char **command) {
    execvp(command[0], command);
    // Your part, 1: only this process knows why execvp() failed. How can the parent learn it, and
    // not take a command that exits with 127 for one that did not start?
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
    // Your part, 2: which of the three fates was it?
    printf("exited with code %d\n", WEXITSTATUS(status));
    return 0;
}
