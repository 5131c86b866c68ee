/* What the scenes of waiting share: the clock that they hold themselves against. */
#ifndef BRIGADE_TESTS_SCENES_TIME_H
#define BRIGADE_TESTS_SCENES_TIME_H

#include "scenes.h"

#include <stdint.h>
#include <time.h>

enum { WHILE_MS = 20000, NS_A_MS = 1000000 };

static int64_t now_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 * NS_A_MS + now.tv_nsec;
}

static int64_t began_ns;

__attribute__((unused)) static void begin(void) { began_ns = now_ns(CLOCK_MONOTONIC); }
__attribute__((unused)) static void took(void) {
    say("took", (long)((now_ns(CLOCK_MONOTONIC) - began_ns) / NS_A_MS));
}

__attribute__((unused)) static struct timespec in_ms(int64_t ms) {
    return (struct timespec){ms / 1000, ms % 1000 * NS_A_MS};
}

__attribute__((unused)) static struct timespec after_ms(clockid_t clock, int64_t ms) {
    int64_t at_ns = now_ns(clock) + ms * NS_A_MS;
    return (struct timespec){at_ns / (1000 * NS_A_MS), at_ns % (1000 * NS_A_MS)};
}

#endif
