/* One thread makes four dishes, one after the other, on one core. */
#include <stdio.h>
#include <time.h>

static long ms(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The chopping: work for the processor and for nothing else. */
static int primes_below(int limit) {
    int count = 0;
    for (int n = 2; n < limit; n++) {
        int d = 2;
        while (d * d <= n && n % d != 0)
            d++;
        count += d * d > n;
    }
    return count;
}

int main(void) {
    long start = ms(CLOCK_MONOTONIC);
    for (int dish = 1; dish <= 4; dish++)
        printf("dish %d: %d primes\n", dish, primes_below(600000));
    printf("by the wall clock: %ld ms\n", ms(CLOCK_MONOTONIC) - start);
    printf("on a processor: %ld ms\n", ms(CLOCK_PROCESS_CPUTIME_ID));
}
