// Runs a command and streams what it says. This much works already: a child executes the command,
// and the parent waits for its end. But the child talks straight to your terminal, and the parent
// never hears a word of it. Compile it, try it, then look for the three places that say "Your part".

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h> // O_CLOEXEC
#include <poll.h>
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
    // Your part, 2: the child's stdout (1) and stderr (2) must be the writing ends of the pipes.

    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

int main(int argc, char **argv) {
    static char *by_default[] = {"ls", "-lh", "/usr", NULL};
    char **command = argc > 1 ? argv + 1 : by_default;

    // Your part, 1: two pipes, made before the fork, so that parent and child both have them.

    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0)
        become(command);

    // Your part, 3: as long as one of the pipes is open, read what comes and write it out at once,
    // behind "stdout: " to stdout, behind "stderr: " to stderr. Either may speak first.

    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
    printf("child process exited with code %d\n", WEXITSTATUS(status));
    return 0;
}
