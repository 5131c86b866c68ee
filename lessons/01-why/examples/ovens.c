/* One thread waits for four ovens at once. */
#include <poll.h>
#include <stdio.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static long ms(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A descriptor that becomes readable when the time is up. */
static int oven(int bake_ms) {
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct itimerspec time = {.it_value.tv_nsec = bake_ms * 1000000L};
    timerfd_settime(fd, 0, &time, NULL);
    return fd;
}

int main(void) {
    long start = ms(CLOCK_MONOTONIC);
    struct pollfd ovens[4];
    for (int i = 0; i < 4; i++)
        ovens[i] = (struct pollfd){oven(200 + 100 * i), POLLIN, 0};

    for (int left = 4; left > 0;) {
        poll(ovens, 4, -1);
        for (int i = 0; i < 4; i++) {
            if (!(ovens[i].revents & POLLIN))
                continue;
            printf("oven %d: %d ms are over\n", i + 1, 200 + 100 * i);
            close(ovens[i].fd);
            ovens[i].fd = -1; /* poll() skips it from now on */
            left--;
        }
    }
    printf("by the wall clock: %ld ms\n", ms(CLOCK_MONOTONIC) - start);
    printf("on a processor: %ld ms\n", ms(CLOCK_PROCESS_CPUTIME_ID));
}
