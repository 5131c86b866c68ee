/* When files were written, by the program's own time. The kernel stamps a file with the time of its last tick, and since
 * then the virtual clock may have jumped, so the stamp alone does not tell the moment.
 *
 *     stamps_note(&stamps, inode, &clock)            // at each write to a file
 *     stamps_show_ns(&stamps, inode, &clock, stamp)  // what a program that asks is to be told
 *
 * The newest writes are remembered; of others, and of files that came about without a write, a stamp is right but for a
 * jump within the tick before it.
 */
#ifndef BRIGADE_TRACE_STAMPS_H
#define BRIGADE_TRACE_STAMPS_H

#include <stddef.h>
#include <stdint.h>

#include "trace/clock.h"

enum { STAMPS_KEPT = 64 };

struct stamps {
    struct written {
        uint64_t inode;
        int64_t real_ns, ns;
    } kept[STAMPS_KEPT];
    size_t next;
};

void stamps_note(struct stamps *stamps, uint64_t inode, const struct program_clock *clock);

/* stamp_ns as stat(2) has it, since the Epoch; so is what it returns. */
int64_t stamps_show_ns(const struct stamps *stamps, uint64_t inode,
                       const struct program_clock *clock, int64_t stamp_ns);

#endif
