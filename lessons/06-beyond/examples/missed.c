/* The signal comes between the look at the flag and the sleep. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static volatile sig_atomic_t leaving;

static void on_term(int number) {
    (void)number;
    leaving = 1;
}

static long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void look_then_sleep(void) {
    leaving = 0;
    if (leaving)
        return;
    raise(SIGTERM); /* just here, of all places */
    long start_ms = now_ms();
    poll(NULL, 0, 300); /* -1 in a server: for ever */
    printf("poll: leaving is %d, and it slept for %ld ms\n", (int)leaving,
           now_ms() - start_ms);
}

static void look_and_sleep_at_once(void) {
    leaving = 0;
    sigset_t term, open;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, &open); /* from here on it has to wait */
    if (leaving)
        return;
    raise(SIGTERM); /* the same place: now it is pending */
    struct timespec limit = {.tv_nsec = 300 * 1000 * 1000};
    int n = ppoll(NULL, 0, &limit, &open); /* unblocked only in here */
    printf("ppoll: leaving is %d, and it ended: %s\n", (int)leaving,
           n < 0 ? strerror(errno) : "time is over");
}

int main(void) {
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_term}, NULL);
    look_then_sleep();
    look_and_sleep_at_once();
}
