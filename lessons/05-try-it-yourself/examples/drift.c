/* Five beats of 100 ms, each with 15 ms of work: two ways to set the next. */
#include <poll.h>
#include <stdio.h>
#include <time.h>

enum { BEATS = 5, BEAT_MS = 100, WORK_MS = 15 };

static long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void work(void) {
    long end_ms = now_ms() + WORK_MS;
    while (now_ms() < end_ms)
        ;
}

static void wait_until(long due_ms) {
    for (long now; (now = now_ms()) < due_ms;)
        poll(NULL, 0, (int)(due_ms - now));
}

static void beat(const char *how, int from_now) {
    long start_ms = now_ms(), next_ms = start_ms + BEAT_MS;
    printf("%s:", how);
    for (int i = 0; i < BEATS; i++) {
        wait_until(next_ms);
        printf(" %ld ms", now_ms() - start_ms);
        work();
        next_ms = (from_now ? now_ms() : next_ms) + BEAT_MS;
    }
    putchar('\n');
}

int main(void) {
    beat("now + 100 ", 1);
    beat("next + 100", 0);
}
