/* The program's own time: what its events carry, what the lab's deadlines are in and, with the virtual clock, what the
 * program itself is told.
 *
 * The real clock is the machine's, from the start on. The virtual one goes slower than the machine's, so that the
 * hitches of a busy machine shrink against the program's intervals, and is set forward: to the next deadline when the
 * whole program waits (pace.c), and by the CPU time that it burns. A paced one is virtual, too, but goes as the
 * machine's, for who watches, and is set forward only when that is asked for. None goes back. All times are
 * nanoseconds.
 */
#ifndef BRIGADE_TRACE_CLOCK_H
#define BRIGADE_TRACE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/clock.h"

enum { CLOCK_SLOWDOWN = 20 /* nanoseconds of real time for one of virtual time */ };

struct clock_step { /* at a moment of real time, the program's time was set to `ns` */
    int64_t real_ns, ns;
};

struct program_clock {
    bool virtual_time;
    int slowdown; /* of a virtual one */
    int64_t start_ns;    /* monotonic, real; 0: not started */
    int64_t realtime_ns; /* CLOCK_REALTIME when it started, */
    int64_t boottime_ns; /* and CLOCK_BOOTTIME */
    struct clock_step last;
    struct clock_step *steps; /* all of them, for the times of files */
    size_t step_count, step_capacity;
};

void program_clock_start(struct program_clock *clock, bool virtual_time, bool paced);
void program_clock_release(struct program_clock *clock);

int64_t program_clock_now_ns(const struct program_clock *clock); /* 0 before the start */

/* Sets a virtual clock forward to a moment; one that is past is no change. */
void program_clock_advance(struct program_clock *clock, int64_t to_ns);

/* When, by clock_now_ns, the clock will have come to `ns` by itself. */
int64_t program_clock_real_ns(const struct program_clock *clock, int64_t ns);

/* What a clock of the program shows at its time `ns`, and back; -1 for those left to the kernel (CPU time). */
int64_t program_clock_show_ns(const struct program_clock *clock, clockid_t id, int64_t ns);
int64_t program_clock_moment_ns(const struct program_clock *clock, clockid_t id, int64_t shown_ns);

/* The kernel's time stamp of something that happened during the run, as the program's CLOCK_REALTIME. */
int64_t program_clock_stamp_ns(const struct program_clock *clock, int64_t stamp_ns);

#endif
