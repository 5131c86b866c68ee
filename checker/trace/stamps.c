#include "trace/stamps.h"

#include "base/clock.h"

#define TICK_MOST_NS (10 * NS_PER_MS) /* CONFIG_HZ is 100 at the least */

void stamps_note(struct stamps *stamps, uint64_t inode, const struct program_clock *clock) {
    if (clock->virtual_time)
        stamps->kept[stamps->next++ % STAMPS_KEPT] =
            (struct written){inode, clock_now_ns(), program_clock_now_ns(clock)};
}

/* The newest write that may have left this stamp; NULL if none is known. */
static const struct written *find(const struct stamps *stamps, uint64_t inode, int64_t real_ns) {
    const struct written *newest = NULL;
    for (size_t i = 0; i < STAMPS_KEPT; i++) {
        const struct written *written = &stamps->kept[i];
        if (written->inode == inode && written->real_ns >= real_ns &&
            written->real_ns <= real_ns + TICK_MOST_NS &&
            (!newest || written->real_ns > newest->real_ns))
            newest = written;
    }
    return newest;
}

int64_t stamps_show_ns(const struct stamps *stamps, uint64_t inode,
                       const struct program_clock *clock, int64_t stamp_ns) {
    int64_t real_ns = clock->start_ns + (stamp_ns - clock->realtime_ns);
    const struct written *written = find(stamps, inode, real_ns);
    return written ? clock->realtime_ns + written->ns : program_clock_stamp_ns(clock, stamp_ns);
}
