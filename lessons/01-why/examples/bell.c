/* A bell is due every 100 ms; after the second one the chef chops. */
#include <stdio.h>
#include <time.h>

static long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wait_until(long due_ms) {
    struct timespec due = {due_ms / 1000, due_ms % 1000 * 1000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

static void chop_for(long time_ms) {
    long end_ms = now_ms() + time_ms;
    while (now_ms() < end_ms)
        ;
}

int main(void) {
    long start_ms = now_ms();
    for (int bell = 1; bell <= 6; bell++) {
        long due_ms = start_ms + 100 * bell;
        wait_until(due_ms);
        printf("bell %d rings %ld ms late\n", bell, now_ms() - due_ms);
        if (bell == 2)
            chop_for(350);
    }
}
