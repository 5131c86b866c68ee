/* The program's own time: what its events carry and what the lab's deadlines are in. Here it is real time since the
 * start. A virtual clock keeps its offset and rate in this struct and changes program_clock_now_ns alone. */
#ifndef BRIGADE_TRACE_CLOCK_H
#define BRIGADE_TRACE_CLOCK_H

#include <stdint.h>

#include "base/clock.h"

struct program_clock {
    int64_t start_ns; /* monotonic; 0: not started */
};

static inline int64_t program_clock_now_ns(const struct program_clock *clock) {
    return clock->start_ns ? clock_now_ns() - clock->start_ns : 0;
}

#endif
