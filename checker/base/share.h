/* How much of the machine we get: on one that is busy with other things, time goes by in which we could run and do not. */
#ifndef BRIGADE_BASE_SHARE_H
#define BRIGADE_BASE_SHARE_H

#include <stdint.h>

/* How long our main thread has stood in line for a CPU, since it began; 0 where the kernel does not tell. Source:
 * /proc/PID/schedstat, the second figure (Documentation/scheduler/sched-stats.rst). */
int64_t share_waited_ns(void);

int64_t share_used_ns(void); /* CPU time that it has had */

#endif
