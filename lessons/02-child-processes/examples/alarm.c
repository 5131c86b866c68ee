/* A signal comes while we wait. Does the call go on, or does it fail? */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static int hose[2];

static void on_alarm(int number) {
    (void)number;
    int saved = errno;
    if (write(hose[1], "!", 1) < 0) /* something to read, from now on */
        _exit(1);
    errno = saved;
}

static void set_alarm(int flags) {
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = flags};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval soon = {.it_value.tv_usec = 100000};
    setitimer(ITIMER_REAL, &soon, NULL);
}

static void tell(const char *call, long result) {
    const char *why = result < 0 ? strerror(errno) : "as if nothing was";
    printf("%-22s  %2ld, %s\n", call, result, why);
}

int main(void) {
    char byte;
    if (pipe(hose) < 0)
        return 1;
    set_alarm(0);
    tell("read", read(hose[0], &byte, 1));
    tell("read, again", read(hose[0], &byte, 1));
    set_alarm(SA_RESTART);
    tell("read with SA_RESTART", read(hose[0], &byte, 1));
    set_alarm(SA_RESTART);
    struct pollfd ear = {.fd = hose[0], .events = POLLIN};
    tell("poll with SA_RESTART", poll(&ear, 1, -1));
}
