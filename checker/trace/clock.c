#include "trace/clock.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { STEPS_MOST = 1 << 16 /* remembered; the times of files are rough beyond */ };

static int64_t real_clock_ns(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

void program_clock_start(struct program_clock *clock, bool virtual_time, bool paced) {
    *clock = (struct program_clock){.virtual_time = virtual_time,
                                    .slowdown = paced ? 1 : CLOCK_SLOWDOWN,
                                    .start_ns = clock_now_ns(),
                                    .realtime_ns = real_clock_ns(CLOCK_REALTIME),
                                    .boottime_ns = real_clock_ns(CLOCK_BOOTTIME)};
    clock->last.real_ns = clock->start_ns;
}

void program_clock_release(struct program_clock *clock) {
    free(clock->steps);
    *clock = (struct program_clock){0};
}

static int64_t after_step(const struct program_clock *clock, const struct clock_step *step,
                          int64_t real_ns) {
    return step->ns + (real_ns - step->real_ns) / clock->slowdown;
}

int64_t program_clock_now_ns(const struct program_clock *clock) {
    if (!clock->start_ns)
        return 0;
    int64_t real_ns = clock_now_ns();
    return clock->virtual_time ? after_step(clock, &clock->last, real_ns) : real_ns - clock->start_ns;
}

void program_clock_advance(struct program_clock *clock, int64_t to_ns) {
    if (!clock->virtual_time || to_ns <= program_clock_now_ns(clock))
        return;
    clock->last = (struct clock_step){clock_now_ns(), to_ns};
    if (clock->step_count >= STEPS_MOST)
        return;
    GROW(clock->steps, clock->step_capacity, clock->step_count + 1);
    clock->steps[clock->step_count++] = clock->last;
}

int64_t program_clock_real_ns(const struct program_clock *clock, int64_t ns) {
    if (!clock->virtual_time)
        return clock->start_ns + ns;
    int64_t left_ns = ns - clock->last.ns;
    if (left_ns > INT64_MAX / CLOCK_SLOWDOWN / 2)
        left_ns = INT64_MAX / CLOCK_SLOWDOWN / 2;
    return clock->last.real_ns + left_ns * clock->slowdown;
}

static int64_t base_ns(const struct program_clock *clock, clockid_t id) {
    switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI: return clock->realtime_ns;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE: return clock->start_ns;
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM: return clock->boottime_ns;
    default: return -1;
    }
}

int64_t program_clock_show_ns(const struct program_clock *clock, clockid_t id, int64_t ns) {
    int64_t base = base_ns(clock, id);
    return base < 0 ? -1 : base + ns;
}

int64_t program_clock_moment_ns(const struct program_clock *clock, clockid_t id, int64_t shown_ns) {
    int64_t base = base_ns(clock, id);
    return base < 0 ? -1 : shown_ns > base ? shown_ns - base : 0;
}

int64_t program_clock_stamp_ns(const struct program_clock *clock, int64_t stamp_ns) {
    int64_t real_ns = clock->start_ns + (stamp_ns - clock->realtime_ns);
    if (stamp_ns < clock->realtime_ns || real_ns > clock_now_ns())
        return stamp_ns;
    size_t low = 0, high = clock->step_count; /* the last step not after it */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (clock->steps[middle].real_ns <= real_ns)
            low = middle + 1;
        else
            high = middle;
    }
    struct clock_step start = {clock->start_ns, 0};
    const struct clock_step *step = low ? &clock->steps[low - 1] : &start;
    return clock->realtime_ns + after_step(clock, step, real_ns);
}
