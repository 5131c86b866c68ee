/* Leaving the calls that make channels, listeners and connections; rows of the table in syscalls.c. */
#ifndef BRIGADE_TRACE_CALLS_MADE_H
#define BRIGADE_TRACE_CALLS_MADE_H

#include "trace/internal.h"

void pipe_leave(struct trace *trace, struct task *task, int64_t result);
void socketpair_leave(struct trace *trace, struct task *task, int64_t result);
void listen_leave(struct trace *trace, struct task *task, int64_t result);
void accept_leave(struct trace *trace, struct task *task, int64_t result);

void connect_leave(struct trace *trace, struct task *task, int64_t result);

#endif
