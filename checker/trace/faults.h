/* Faults at system-call level: what the tracer does at the entry of a call to bring a rare situation about. See
 * proto/fault.h; each that is done is a `fault` event. */
#ifndef BRIGADE_TRACE_FAULTS_H
#define BRIGADE_TRACE_FAULTS_H

#include "trace/internal.h"
#include "trace/syscalls.h"

struct faults;

void faults_free(struct faults *faults); /* NULL allowed */
bool faults_any(const struct trace *trace); /* whether some are still to be done */

enum fault_effect {
    EFFECT_NONE,
    EFFECT_SKIPPED, /* the call is not made, and fails */
    EFFECT_HELD,    /* the task stays stopped for now */
};

/* At the entry of a call that is followed. */
enum fault_effect faults_at_entry(struct trace *trace, struct task *task,
                                  const struct syscall_form *form);
/* At its exit: puts back what the entry has changed. */
void faults_at_exit(struct task *task);

/* After an accept: whether the process was killed for it. */
bool faults_after_accept(struct trace *trace, struct task *task);

/* When a process is about to set to work: born, but for one whose parent sleeps in vfork(2), after an exec, after a read.
 * Whether it is held back; then it stays stopped. */
bool faults_before_work(struct trace *trace, struct task *task);

/* Something was written to a channel: readers held for it may go on. */
void faults_look_at_readers(struct trace *trace);

/* At an entry that ptrace alone stops at (PTRACE_SYSCALL): ends the process, if that is meant for it. */
void faults_end_task(struct task *task);

#endif
