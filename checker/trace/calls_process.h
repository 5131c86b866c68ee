/* Leaving the calls about processes, signals and timers; rows of the table in syscalls.c. */
#ifndef BRIGADE_TRACE_CALLS_PROCESS_H
#define BRIGADE_TRACE_CALLS_PROCESS_H

#include "trace/internal.h"
#include "trace/syscalls.h"

void fork_leave(struct trace *trace, struct task *task, int64_t result);
void wait4_leave(struct trace *trace, struct task *task, int64_t result);
void waitid_leave(struct trace *trace, struct task *task, int64_t result);
void kill_leave(struct trace *trace, struct task *task, int64_t result);
void tkill_leave(struct trace *trace, struct task *task, int64_t result);
void tgkill_leave(struct trace *trace, struct task *task, int64_t result);
void sigqueue_leave(struct trace *trace, struct task *task, int64_t result);
void pidfd_signal_leave(struct trace *trace, struct task *task, int64_t result);
bool timer_enter(struct trace *trace, struct task *task, const struct syscall_form *form);
bool affinity_enter(struct trace *trace, struct task *task, const struct syscall_form *form);
void affinity_leave(struct trace *trace, struct task *task, int64_t result);

#endif
