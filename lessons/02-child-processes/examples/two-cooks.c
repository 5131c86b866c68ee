/* Two children, one parent that listens to whoever speaks. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int start(const char *script) {
    int hose[2];
    if (pipe2(hose, O_CLOEXEC) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(hose[1], STDOUT_FILENO);
        execlp("sh", "sh", "-c", script, NULL);
        _exit(127);
    }
    close(hose[1]);
    return hose[0];
}

int main(void) {
    struct pollfd cooks[2] = {
        {.fd = start("sleep 0.25; echo rice"), .events = POLLIN},
        {.fd = start("echo beans; sleep 1; echo soup"), .events = POLLIN},
    };
    for (int listening = 2; listening > 0;) {
        if (poll(cooks, 2, 500) == 0) {
            puts("half a second of silence: time for something else");
            continue;
        }
        for (int i = 0; i < 2; i++) {
            if (cooks[i].revents == 0)
                continue; /* this one has nothing to say */
            char words[512];
            ssize_t n = read(cooks[i].fd, words, sizeof words);
            if (n > 0) {
                printf("cook %d: %.*s", i + 1, (int)n, words);
                continue;
            }
            printf("cook %d has hung up\n", i + 1);
            close(cooks[i].fd);
            cooks[i].fd = -1; /* poll() skips it from now on */
            listening--;
        }
    }
    while (wait(NULL) > 0)
        ;
}
