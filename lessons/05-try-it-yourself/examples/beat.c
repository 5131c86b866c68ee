/* Guests ring every 20 ms. A report is due every 200 ms. Does it come? */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RINGS = 45, RING_MS = 20, BEAT_MS = 200 };

static long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void ring(int bell, long start_ms) {
    for (int i = 1; i <= RINGS; i++) {
        long due_ms = start_ms + i * RING_MS;
        struct timespec due = {due_ms / 1000, due_ms % 1000 * 1000000};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        if (write(bell, "!\n", 2) < 0)
            _exit(1);
    }
    _exit(0);
}

/* Opens the door when somebody rings; false once there are no more guests. */
static int open_door(int bell, long *rings) {
    char bytes[2 * RINGS]; /* two for each ring */
    ssize_t n = read(bell, bytes, sizeof bytes);
    *rings += n > 0 ? n / 2 : 0;
    return n > 0;
}

/* Waits 200 ms at a time. */
static int naive(struct pollfd *bell, long *rings) {
    int beats = 0;
    for (;;) {
        int ready = poll(bell, 1, BEAT_MS);
        if (ready == 0)
            beats++;
        if (ready > 0 && !open_door(bell->fd, rings))
            return beats;
    }
}

/* Knows when the next report is due, and waits for what is left. */
static int steady(struct pollfd *bell, long *rings, long start_ms) {
    int beats = 0;
    long next_ms = start_ms + BEAT_MS;
    for (;;) {
        long left_ms = next_ms - now_ms();
        int ready = poll(bell, 1, left_ms > 0 ? (int)left_ms : 0);
        if (now_ms() >= next_ms) {
            beats++;
            printf("report %d after %ld ms\n", beats, now_ms() - start_ms);
            next_ms += BEAT_MS;
        }
        if (ready > 0 && !open_door(bell->fd, rings))
            return beats;
    }
}

int main(int argc, char **argv) {
    int line[2];
    long start_ms = now_ms(), rings = 0;
    if (pipe(line) < 0)
        return 1;
    if (fork() == 0)
        ring(line[1], start_ms);
    close(line[1]);

    struct pollfd bell = {.fd = line[0], .events = POLLIN};
    int is_naive = argc > 1 && strcmp(argv[1], "naive") == 0;
    int beats =
        is_naive ? naive(&bell, &rings) : steady(&bell, &rings, start_ms);
    wait(NULL);
    printf("%ld guests, %d reports\n", rings, beats);
}
