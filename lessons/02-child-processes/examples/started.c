/* Did the command start? A pipe that closes by itself tells. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int news[2];
    if (argc < 2 || pipe2(news, O_CLOEXEC) < 0)
        return 2;
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[1], argv + 1);
        int why = errno; /* still here: it failed */
        _exit(write(news[1], &why, sizeof why) < 0 ? 126 : 127);
    }
    close(news[1]);

    int why;
    if (read(news[0], &why, sizeof why) == sizeof why)
        printf("it never started: %s\n", strerror(why));
    else
        puts("it has started");
    fflush(stdout);
    waitpid(pid, NULL, 0);
}
