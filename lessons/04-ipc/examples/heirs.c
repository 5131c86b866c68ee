/* The master hangs up. Does the worker hear it? */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS = 2 };

static pid_t worker[WORKERS];
static int channel[WORKERS]; /* the master's ends */

static void work(int master) {
    char order[64];
    while (recv(master, order, sizeof(order), 0) > 0)
        ;
    _exit(0); /* end of file: the master has hung up */
}

static void hire(int i, int tidy) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) {
        perror("socketpair");
        exit(1);
    }
    fflush(stdout);
    worker[i] = fork();
    if (worker[i] == 0) {
        close(pair[0]);
        for (int other = 0; tidy && other < i; other++)
            close(channel[other]);
        work(pair[1]);
    }
    close(pair[1]);
    channel[i] = pair[0];
}

/* Waits for a worker to end, but not longer than 200 ms. */
static int leaves(int i) {
    sigset_t deaths;
    sigemptyset(&deaths);
    sigaddset(&deaths, SIGCHLD);
    struct timespec limit = {.tv_nsec = 200 * 1000 * 1000};
    while (waitpid(worker[i], NULL, WNOHANG) == 0)
        if (sigtimedwait(&deaths, NULL, &limit) < 0)
            return 0;
    return 1;
}

static void evening(int tidy) {
    for (int i = 0; i < WORKERS; i++)
        hire(i, tidy);

    puts("  the master hangs up on worker A");
    close(channel[0]);
    int gone = leaves(0);
    puts(gone ? "  worker A leaves" : "  nobody leaves");

    puts("  the master hangs up on worker B");
    close(channel[1]);
    waitpid(worker[1], NULL, 0);
    puts("  worker B leaves");
    if (!gone) {
        waitpid(worker[0], NULL, 0);
        puts("  worker A leaves");
    }
}

int main(void) {
    sigset_t deaths;
    sigemptyset(&deaths);
    sigaddset(&deaths, SIGCHLD);
    sigprocmask(SIG_BLOCK, &deaths, NULL); /* for sigtimedwait */

    puts("each worker keeps what it inherits");
    evening(0);
    puts("each worker closes what is not its own");
    evening(1);
}
