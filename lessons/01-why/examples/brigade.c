/* The same four dishes: by one chef, then by four. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DISHES = 4 };

static long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

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

static void cook(void) {
    if (primes_below(600000) != 49098)
        abort();
}

int main(void) {
    long start = now_ms();
    for (int dish = 0; dish < DISHES; dish++)
        cook();
    printf("1 chef:  %ld ms\n", now_ms() - start);
    fflush(stdout); /* fork copies what waits in the buffer, too */

    start = now_ms();
    for (int dish = 0; dish < DISHES; dish++) {
        pid_t pid = fork();
        if (pid < 0) {
            perror("fork");
            return 1;
        }
        if (pid == 0) { /* this is the child: cook one dish and leave */
            cook();
            _exit(0);
        }
    }
    while (wait(NULL) > 0) /* the parent: until every child has ended */
        ;
    printf("%d chefs: %ld ms on %ld burners\n", DISHES, now_ms() - start,
           sysconf(_SC_NPROCESSORS_ONLN));
}
