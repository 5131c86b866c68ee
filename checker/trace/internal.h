/* What the files of the tracer share; nothing outside checker/trace includes it.
 *
 *     core.c      letting a task go on, telling a limit
 *     tracer.c    takes stops from the loop and deals with them
 *     births.c    newborns, exec, ends, reaping
 *     syscalls.c  the table of traced calls
 *     calls_io.c, calls_made.c, calls_process.c   what entering and leaving each of them means
 *     holds.c     tasks held back for a while
 *     faults.c    rare situations brought about
 *     left.c      what is left of it: zombies, orphans, descriptors
 *     waits.c     who waits in which call, on what; idleness
 *     pace.c      the virtual clock set forward: jumps, CPU time; the moments that somebody asked for
 *     calls_time.c, calls_wait.c, sockets.c, timers.c   what the program learns of time, and what wakes it
 *     stamps.c    when files were written
 *     registers.c   what a system call is given and returns
 *     busy.c      who uses more CPU time than it may, and by which calls
 *     sweep.c     what is looked at ten times a second: limits, states, silent reaping
 */
#ifndef BRIGADE_TRACE_INTERNAL_H
#define BRIGADE_TRACE_INTERNAL_H

#include "proto/event.h"
#include "trace/channel.h"
#include "trace/clock.h"
#include "trace/connection.h"
#include "trace/object.h"
#include "trace/stamps.h"
#include "trace/task.h"
#include "trace/trace.h"

enum { BUSY_CALLS = 3 /* told by name */ };

struct busy { /* busy.c */
    const struct process *process; /* who has used all its CPU time; NULL: nobody yet */
    int64_t until_cpu_ns, until_ns; /* watched until it has used so much, or until then by the real clock */
    bool used[BUSY_CALLS];
    long calls[BUSY_CALLS];
    int call_count;
};

struct trace {
    struct loop *loop;
    struct trace_options options;
    struct trace_ops ops;
    void *ctx;
    struct program_clock clock;
    struct stamps stamps; /* of files */
    struct tasks tasks;
    struct process *first; /* the program's first process */
    struct channels *channels;
    struct connections connections;
    struct socket_timeouts *sockets; /* sockets.c */
    size_t socket_count, socket_capacity;
    struct timers *timers;           /* timers.c */
    struct faults *faults;           /* faults.c; NULL: none yet */
    struct pace *pace;               /* pace.c */
    bool connects;                   /* a process has opened a TCP connection of its own */
    int own_connection_count;        /* accepted, and not the lab's */
    size_t task_count;
    int case_count;  /* children of the first process so far */
    int hold_until;  /* processes that must accept before those held go on; 0: no holding */
    int hold_count;  /* processes that have */
    int64_t hold_deadline_ns; /* by the real clock; 0: none */
    int64_t output_bytes;
    int64_t memory_peak_bytes;
    struct busy busy;
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
void zombies_look(struct trace *trace, bool at_rest); /* at_rest: no wait call is on its way to us */

/* calls_io.c */
void io_attempt_drop(struct trace *trace, struct task *task); /* the task is gone in the middle of a call */

/* holds.c; hold_after_accept returns whether the task stays stopped */
bool hold_after_accept(struct trace *trace, struct task *task);
void hold_task_until(struct task *task, int64_t until_ns);
void hold_release_due(struct trace *trace); /* those whose time has come */
void hold_sweep(struct trace *trace);
void hold_end(struct trace *trace); /* those held go on, and holding ends */

/* faults.c: readers held for a second message (task->joins) */
int64_t faults_next_ns(struct trace *trace); /* when the first of them goes on without it; -1: no such moment */
void faults_fire(struct trace *trace, int64_t now_ns);
/* They go on, for nobody will send a second one: those without a time of their own, or all of them. */
void faults_let_go(struct trace *trace, bool all);

/* waits.c: one look; a task is quiet when it sleeps in a call and has done so since the look before. kernel_timer
 * becomes true when a timer that only the kernel knows may wake it. */
bool task_is_quiet(struct trace *trace, struct task *task, bool *kernel_timer);
void states_look(struct trace *trace);

/* left.c: what the program leaves, as events; and who keeps the other end of a channel open that `reader` waits on, in
 * words for after "the channel with 10" */
void left_tell(struct trace *trace);
void left_keepers(struct trace *trace, const struct process *reader, uint64_t read_inode,
                  uint64_t write_inode, struct buf *words);

/* pace.c; the CPU time that a process, alive or a zombie, has used; of one that is gone, at the last look */
int64_t process_cpu_ns(const struct process *process);
struct pace *pace_new(void); /* freed with free(3) */
void pace_start(struct trace *trace);
void pace_stop(struct trace *trace);

/* busy.c; a watched task is about to make a call */
void busy_look(struct trace *trace);
void busy_call(struct trace *trace, const struct task *task, long number);

/* sweep.c */
void sweep_start(struct trace *trace);
void sweep_stop(struct trace *trace);
void sweep_look(struct trace *trace);

#endif
