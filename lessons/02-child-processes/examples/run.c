/* Runs a command: fork makes a process, exec makes it another program. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc < 2) {
        fputs("usage: run COMMAND [ARG...]\n", stderr);
        return 2;
    }
    pid_t pid = fork();
    if (pid < 0) {
        perror("fork");
        return 1;
    }
    if (pid == 0) {
        printf("process %d becomes %s\n", getpid(), argv[1]);
        fflush(stdout);
        execvp(argv[1], argv + 1);
        perror(argv[1]); /* only who failed gets here */
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    printf("process %d has ended\n", pid);
}
