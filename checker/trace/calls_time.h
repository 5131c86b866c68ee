/* The calls that tell the time, answered by the program's own clock; rows of the table in syscalls.c, traced with the
 * virtual clock only. */
#ifndef BRIGADE_TRACE_CALLS_TIME_H
#define BRIGADE_TRACE_CALLS_TIME_H

#include "trace/internal.h"
#include "trace/syscalls.h"

/* glibc and its kin tell the time without a system call, by code that the kernel maps into every program (vdso(7)). A
 * fresh program is kept from finding it. */
void hide_vdso(pid_t tid);

bool clock_gettime_enter(struct trace *trace, struct task *task, const struct syscall_form *form);
bool gettimeofday_enter(struct trace *trace, struct task *task, const struct syscall_form *form);
bool time_enter(struct trace *trace, struct task *task, const struct syscall_form *form);
void times_leave(struct trace *trace, struct task *task, int64_t result);
void sysinfo_leave(struct trace *trace, struct task *task, int64_t result);
void stat_leave(struct trace *trace, struct task *task, int64_t result);  /* fd_arg: where struct stat goes */
void statx_leave(struct trace *trace, struct task *task, int64_t result);

#endif
