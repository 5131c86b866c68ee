/* What the files of the tracer share; nothing outside checker/trace includes it.
 *
 *     core.c      letting a task go on, telling a limit
 *     tracer.c    takes stops from the loop and deals with them
 *     births.c    newborns, exec, ends, reaping
 *     syscalls.c  the table of traced calls
 *     calls_io.c, calls_made.c, calls_process.c   what entering and leaving each of them means
 *     holds.c     workers held back after an accept
 *     waits.c     who waits in which call, on what; idleness
 *     sweep.c     what is looked at ten times a second: limits, states, silent reaping
 */
#ifndef BRIGADE_TRACE_INTERNAL_H
#define BRIGADE_TRACE_INTERNAL_H

#include "proto/event.h"
#include "trace/channel.h"
#include "trace/clock.h"
#include "trace/connection.h"
#include "trace/object.h"
#include "trace/task.h"
#include "trace/trace.h"

struct trace {
    struct loop *loop;
    struct trace_options options;
    struct trace_ops ops;
    void *ctx;
    struct program_clock clock;
    struct tasks tasks;
    struct process *first; /* the program's first process */
    struct channels *channels;
    struct connections connections;
    size_t task_count;
    int hold_until;  /* processes that must accept before those held go on; 0: no holding */
    int hold_count;  /* processes that have */
    int64_t hold_deadline_ns;
    int64_t output_bytes;
    int64_t memory_peak_bytes;
    int sweep_timer;
    unsigned sweep_count;
    bool at_end;
    bool limit_told;
};

static inline void trace_emit(struct trace *trace, json_t *event) {
    trace->ops.emit(trace->ctx, event);
}

/* core.c */
void task_resume(struct trace *trace, struct task *task, int signal);
void trace_limit(struct trace *trace, enum outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* births.c */
struct task *birth_of_first(struct trace *trace, pid_t host_pid, struct err *err);
void birth_announced(struct trace *trace, struct task *parent, pid_t tid, int event);
void birth_met(struct trace *trace, pid_t tid); /* a first stop before the parent's event */
void birth_admit(struct trace *trace, struct task *task, const char *kind);
void exec_happened(struct trace *trace, pid_t tid);
void task_ended(struct trace *trace, struct task *task, int wait_status);
void process_reaped(struct trace *trace, struct process *process, const struct process *by,
                    const char *how);
void zombies_look(struct trace *trace);

/* calls_io.c */
void io_attempt_drop(struct trace *trace, struct task *task); /* the task is gone in the middle of a call */

/* holds.c: returns whether the task stays stopped */
bool hold_after_accept(struct trace *trace, struct task *task);
void hold_sweep(struct trace *trace);

/* waits.c */
void states_look(struct trace *trace);

/* sweep.c */
void sweep_start(struct trace *trace);
void sweep_stop(struct trace *trace);

#endif
