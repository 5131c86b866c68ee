/* What every part of the tracer needs of it. */
#include <stdarg.h>
#include <stdio.h>
#include <sys/ptrace.h>

#include "trace/internal.h"

/* Ends a ptrace stop. A task that is gone (ESRCH) tells its end by its own status. */
void task_resume(struct trace *trace, struct task *task, int signal) {
    (void)trace;
    task->stopped = false;
    ptrace(task->call || task->must_exit || task->watched ? PTRACE_SYSCALL : PTRACE_CONT, task->tid, 0, signal);
}

void trace_limit(struct trace *trace, enum outcome outcome, const char *format, ...) {
    if (trace->limit_told || trace->at_end)
        return;
    trace->limit_told = true;
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    trace->ops.limit(trace->ctx, outcome, text);
}
