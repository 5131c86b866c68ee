/* Timers under the virtual clock: alarm(2), setitimer(2) (ITIMER_REAL), timer_create(2) and timerfd_create(2). None of
 * them is armed in the kernel; they are kept here, in the program's time, and expire by the signal, or the ticks, that
 * the kernel would have sent. Those that count CPU time stay with the kernel.
 *
 * Rows of the table in syscalls.c, traced with the virtual clock only.
 */
#ifndef BRIGADE_TRACE_TIMERS_H
#define BRIGADE_TRACE_TIMERS_H

#include "trace/internal.h"
#include "trace/syscalls.h"

struct timers;

struct timers *timers_new(void);
void timers_free(struct timers *timers);

int64_t timers_next_ns(const struct timers *timers); /* when the next one expires; -1: none */
void timers_fire(struct trace *trace, int64_t now_ns); /* those that are due by then */

/* timer_create's do not survive exec, and none survives its process. */
void timers_of_process_end(struct trace *trace, const struct process *process, bool by_exec);

/* At the delivery of a signal: makes it look as if the kernel had sent it. Returns whether it was a timer's. */
bool timers_dress_signal(struct trace *trace, struct task *task, int signal);

bool alarm_enter(struct trace *trace, struct task *task, const struct syscall_form *form);
bool setitimer_enter(struct trace *trace, struct task *task, const struct syscall_form *form);
bool getitimer_enter(struct trace *trace, struct task *task, const struct syscall_form *form);

void timer_create_leave(struct trace *trace, struct task *task, int64_t result);
void timer_delete_leave(struct trace *trace, struct task *task, int64_t result);
bool timer_settime_enter(struct trace *trace, struct task *task, const struct syscall_form *form);
bool timer_gettime_enter(struct trace *trace, struct task *task, const struct syscall_form *form);
bool timer_getoverrun_enter(struct trace *trace, struct task *task,
                            const struct syscall_form *form);

bool timerfd_settime_enter(struct trace *trace, struct task *task,
                           const struct syscall_form *form);
bool timerfd_gettime_enter(struct trace *trace, struct task *task,
                           const struct syscall_form *form);

#endif
