/* The tracer: what the processes of a learner's program really do, as events.
 *
 *     struct trace *trace = trace_new(loop, &options, &ops, ctx);
 *     trace_add_rules(filter_ctx, &options, &err);   // the filter that the program installs itself
 *     trace_seize(trace, host_pid, &err);         // it waits at the box's gate
 *     trace_start(trace);                         // just before the gate opens: time 0
 *     ...                                         // the loop hands us every stop; events come by ops.emit
 *     trace_finish(trace);                        // before the box is killed: what is over is over
 *     trace_free(trace);
 *
 * PTRACE_SEIZE with EXITKILL and a seccomp filter that stops on the calls in the table of syscalls.c and on
 * no other. PIDs in the interface and in events are those that the program itself sees; `tid` inside the
 * module are the kernel's own, as this process sees them. Everything runs on the loop's thread, which is the
 * one that seized: ptrace(2) ties a tracee to a thread.
 *
 * Time: all times that leave this module come from trace_now_ns. With the real clock that is the machine's. With the
 * virtual one the program lives in a time of its own: slower than the machine's, and set forward to the next
 * deadline whenever all its processes wait and nothing is under way between them (pace.c).
 */
#ifndef BRIGADE_TRACE_TRACE_H
#define BRIGADE_TRACE_TRACE_H

#include <jansson.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/loop.h"
#include "proto/fault.h"
#include "proto/outcome.h"

struct trace;

struct trace_options {
    bool virtual_clock; /* wants reads too */
    bool paced;         /* the virtual clock goes as the machine's, and jumps at trace_skip only */
    bool faults;        /* trace_fault may be called */
    bool reads;         /* follow reads too: messages received, requests taken */
    bool states;        /* sample what each process is doing, as `state` events (for a live view) */
    int port;           /* that the program is asked on; 0: any */
    int cpus;           /* shown by sched_getaffinity(2); 0: the machine's own */
    int64_t most_tasks; /* processes and threads alive at once; 0: no limit */
    int64_t most_cpu_ns; /* of one process */
    int64_t most_memory_bytes;
    int64_t most_output_bytes;
    struct stat stdout_end; /* what the program's stdout and stderr are, by fstat(2) of our ends'
                               other side: the pty's slave, the pipe */
    struct stat stderr_end;
};

enum idleness {
    BUSY,         /* something runs, or may in an instant */
    WAITS_TIMER,  /* all wait, and a timer will wake one of them */
    WAITS_OUTSIDE, /* all wait, without a timer, and one of them for a client */
    WAITS_ITSELF, /* all wait for each other: a deadlock */
};

struct trace_ops { /* all required; none may free the trace */
    void (*emit)(void *ctx, json_t *event); /* takes the event; without seq and t_ns */
    uint64_t (*seq)(void *ctx);             /* seq of the newest event */
    /* the first process has ended; the rest may go on */
    void (*ended)(void *ctx, int wait_status);
    /* a limit was passed: told once, words and figure for the report */
    void (*limit)(void *ctx, enum outcome outcome, const char *detail);
    /* the moment of trace_wake_at has come */
    void (*moment)(void *ctx);
    /* virtual clock: whether something is on its way between the program and whoever talks to it from outside */
    bool (*in_flight)(void *ctx);
    /* virtual clock: the program waits, and no deadline of its own will wake it; the clock goes on to the moment of
     * trace_wake_at when this returns, if there is one */
    void (*idle)(void *ctx, enum idleness how);
};

struct trace *trace_new(struct loop *loop, const struct trace_options *options,
                        const struct trace_ops *ops, void *ctx);
void trace_free(struct trace *trace); /* kills what is still traced; NULL allowed */

const struct trace_options *trace_options(const struct trace *trace);

/* Adds the traced calls to the program's seccomp filter. */
int trace_add_rules(scmp_filter_ctx filter, const struct trace_options *options, struct err *err);

/* Takes over the program process, which must not have started yet. -errno with the remedy in err. */
int trace_seize(struct trace *trace, pid_t host_pid, struct err *err);
void trace_start(struct trace *trace);

int64_t trace_now_ns(const struct trace *trace); /* the program's own time; 0 before trace_start */

/* Calls ops.moment once, when the program's time has come to `at_ns`; -1: never. The last call counts. */
void trace_wake_at(struct trace *trace, int64_t at_ns);

/* Paced: as soon as the whole program waits, its clock jumps to the next deadline, once. */
void trace_skip(struct trace *trace);

int trace_jump_count(const struct trace *trace); /* of the virtual clock, so far */

/* A signal from the lab. -ESRCH when the program has no such live process. */
int trace_signal(struct trace *trace, int pid, int signal);

/* Arms a fault; several may be. -ESRCH: no such process; -ENOSPC: too many. */
int trace_fault(struct trace *trace, const struct fault *fault);

/* See drive.h, hold_accepts. */
void trace_hold_accepts(struct trace *trace, int processes);

/* Two looks at every task are needed before anything but BUSY is said; call it again later. With
 * WAITS_ITSELF, *waits (may be NULL) becomes a list of {pid, in, on} owned by the caller. */
enum idleness trace_idleness(struct trace *trace, json_t **waits);

int trace_process_count(const struct trace *trace); /* births so far */
int64_t trace_busiest(const struct trace *trace, int *pid); /* CPU time of the live process that used most; 0: none */
int64_t trace_memory_peak_bytes(const struct trace *trace);
int64_t trace_cpu_ns(const struct trace *trace); /* CPU time that all of its processes have used so far */

/* From now on exits carry at_end; first, what has been reaped without a wait call is told, and messages
 * that never got their newline. */
void trace_finish(struct trace *trace);
bool trace_is_empty(const struct trace *trace); /* no tracee left */

#endif
