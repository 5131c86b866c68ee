/* The real clock of our own programs: monotonic, in nanoseconds. A traced program's time, real or
 * virtual, is the tracer's business (trace/), never this one's. */
#ifndef BRIGADE_BASE_CLOCK_H
#define BRIGADE_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

static inline int64_t clock_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

#endif
