/* Runs a command and listens to its stdout, as it speaks. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Starts the command; returns the end of a pipe where its words come out. */
static int start(char **command, pid_t *pid) {
    int hose[2];
    if (pipe2(hose, O_CLOEXEC) < 0 || (*pid = fork()) < 0)
        return -1;
    if (*pid == 0) {
        dup2(hose[1], STDOUT_FILENO); /* its descriptor 1 is the hose */
        execvp(command[0], command);
        _exit(127);
    }
    close(hose[1]); /* the child has its own */
    return hose[0];
}

int main(int argc, char **argv) {
    pid_t pid;
    int hose = argc < 2 ? -1 : start(argv + 1, &pid);
    if (hose < 0) {
        fputs("hose: no command, or it cannot be started\n", stderr);
        return 1;
    }
    static char bytes[65536];
    long start_ms = now_ms(), total = 0;
    ssize_t n;
    for (int chunk = 1; (n = read(hose, bytes, sizeof bytes)) > 0;
         chunk++) {
        if (chunk <= 3)
            printf("%zd bytes after %ld ms\n", n, now_ms() - start_ms);
        total += n;
    }
    waitpid(pid, NULL, 0);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("%ld bytes, with %ld KB of memory\n", total, used.ru_maxrss);
}
