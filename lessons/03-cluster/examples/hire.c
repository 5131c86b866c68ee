/* A master that replaces its dead, and waits for nothing else. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 3 };

static pid_t place[WORKERS];

static void hire(int i) {
    place[i] = fork();
    if (place[i] < 0) {
        perror("fork");
        exit(1);
    }
    if (place[i] > 0)
        return;
    sigset_t none; /* fork copied the mask: unblock in the child */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (;;)
        pause(); /* here it would serve guests */
}

static int place_of(pid_t pid) {
    for (int i = 0; i < WORKERS; i++)
        if (place[i] == pid)
            return i;
    return -1;
}

/* Buries every worker that is dead by now. Returns how many there were. */
static int replace_the_dead(void) {
    int dead = 0;
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
        int i = place_of(pid);
        if (i < 0)
            continue;
        hire(i);
        printf("worker %d died, replaced by worker %d\n", pid, place[i]);
        fflush(stdout);
        dead++;
    }
    return dead;
}

int main(void) {
    sigset_t deaths;
    sigemptyset(&deaths);
    sigaddset(&deaths, SIGCHLD);
    sigprocmask(SIG_BLOCK, &deaths, NULL);
    int bell = signalfd(-1, &deaths, SFD_NONBLOCK | SFD_CLOEXEC);

    for (int i = 0; i < WORKERS; i++)
        hire(i);
    kill(place[1], SIGKILL); /* a bad day begins */

    for (int dead = 0; dead < 2;) {
        struct pollfd events[1] = {{.fd = bell, .events = POLLIN}};
        poll(events, 1, -1); /* a real master watches more here */
        struct signalfd_siginfo info;
        if (read(bell, &info, sizeof(info)) < 0)
            continue;
        dead += replace_the_dead();
        if (dead == 1)
            kill(place[2], SIGTERM);
    }

    for (int i = 0; i < WORKERS; i++)
        kill(place[i], SIGTERM);
    while (wait(NULL) > 0)
        ;
}
