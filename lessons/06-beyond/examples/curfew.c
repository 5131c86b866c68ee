/* A master asks its workers to leave. One of them does not listen. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS = 3, CURFEW_MS = 300 };

static sigset_t mask; /* SIGCHLD and SIGTERM, blocked from the start */

static long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static pid_t hire(int listens) {
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    int number = 0;
    while (!listens || number != SIGTERM)
        sigwait(&mask, &number);
    _exit(0);
}

/* Buries who is dead, and hires nobody: they were asked to leave. */
static int bury(pid_t worker[]) {
    int left = 0, status;
    for (int i = 0; i < WORKERS; i++) {
        if (worker[i] > 0 && waitpid(worker[i], &status, WNOHANG) > 0) {
            if (WIFSIGNALED(status))
                printf("worker %d: killed\n", worker[i]);
            else
                printf("worker %d: left\n", worker[i]);
            worker[i] = 0;
        }
        left += worker[i] > 0;
    }
    return left;
}

/* Waits for a death, until the deadline at most. False when it is over. */
static int a_death_before(long deadline_ms) {
    long left_ms = deadline_ms - now_ms();
    if (left_ms <= 0)
        return 0;
    struct timespec limit = {.tv_sec = left_ms / 1000,
                             .tv_nsec = left_ms % 1000 * 1000000};
    sigtimedwait(&mask, NULL, &limit);
    return 1;
}

static void send_all(pid_t worker[], int number) {
    for (int i = 0; i < WORKERS; i++)
        if (worker[i] > 0) /* never kill(0): that is your whole group */
            kill(worker[i], number);
}

int main(void) {
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigaddset(&mask, SIGTERM);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    pid_t worker[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        worker[i] = hire(i != 1);

    puts("-- please leave");
    send_all(worker, SIGTERM);
    long deadline_ms = now_ms() + CURFEW_MS;
    int left = WORKERS;
    while (left > 0 && a_death_before(deadline_ms))
        left = bury(worker);

    printf("-- after %d ms: %d still here\n", CURFEW_MS, left);
    send_all(worker, SIGKILL);
    while (left > 0) {
        a_death_before(now_ms() + CURFEW_MS);
        left = bury(worker);
    }
}
