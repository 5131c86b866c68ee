/* timerfd_create(2) from outside: a copy of the program's descriptor, which is never armed, and whose ticks are set. */
#ifndef BRIGADE_TRACE_TIMERFD_H
#define BRIGADE_TRACE_TIMERFD_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "trace/task.h"

/* A copy of the task's descriptor, and its clock; -1 if it is no timerfd. */
int timerfd_borrow(const struct task *task, int fd, clockid_t *clock);
void timerfd_release(int *copy);

bool timerfd_is_same(int copy, int other); /* whether two copies are of one timer: kcmp(2) */
bool timerfd_is_held(const struct tasks *tasks, int copy); /* by a process that lives */

void timerfd_disarm(int copy); /* and forgets ticks that were not read */
void timerfd_tick(int copy, uint64_t times); /* adds to those that were not read; wakes who waits */

#endif
