/* Hands sort a list on its stdin, and takes the result from its stdout. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0) {
        perror("pipe2");
        return 1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execlp("sort", "sort", NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);

    static const char list[] = "soup\nrice\nbeans\n";
    if (write(in[1], list, strlen(list)) < 0)
        perror("write");
    close(in[1]); /* that was all: only now can sort begin */

    char bytes[512];
    ssize_t n;
    while ((n = read(out[0], bytes, sizeof bytes)) > 0)
        printf("%.*s", (int)n, bytes);
    waitpid(pid, NULL, 0);
}
