#include "trace/faults.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "trace/calls_io.h"
#include "trace/channel.h"
#include "trace/registers.h"

enum { FAULTS_MOST = 64 /* under way at once */, JOINED = 2 /* messages */ };

struct faults {
    struct fault armed[FAULTS_MOST];
    size_t count;
};

void faults_free(struct faults *faults) { free(faults); }

static struct task *leader_of(struct trace *trace, int pid) {
    struct process *process = processes_find(&trace->tasks, pid);
    return process && process->alive ? tasks_find(&trace->tasks, process->host_pid) : NULL;
}

/* It is stopped, goes on to its next system call, and that becomes its last. */
static int arm_exit(struct trace *trace, const struct fault *fault) {
    struct task *task = leader_of(trace, fault->pid);
    if (!task)
        return -ESRCH;
    task->process->by_lab = true;
    task->must_exit = true;
    task->exit_code = fault->code;
    trace_emit(trace, event_new(EVENT_FAULT, "{s:s, s:i, s:s}", "kind", fault_name(fault->kind),
                                "pid", fault->pid, "detail", "made to end by itself"));
    return ptrace(PTRACE_INTERRUPT, task->tid, 0, 0) < 0 ? -errno : 0;
}

int trace_fault(struct trace *trace, const struct fault *fault) {
    if (fault->kind == FAULT_EXIT)
        return arm_exit(trace, fault);
    if (!trace->faults)
        trace->faults = xcalloc(1, sizeof *trace->faults);
    if (trace->faults->count == FAULTS_MOST)
        return -ENOSPC;
    trace->faults->armed[trace->faults->count++] = *fault;
    return 0;
}

/* The fault of this kind that is meant for the task, if any. */
static struct fault *find(struct trace *trace, const struct task *task, enum fault_kind kind) {
    int pid = task->process->pid;
    for (size_t i = 0; trace->faults && i < trace->faults->count; i++) {
        struct fault *fault = &trace->faults->armed[i];
        if (fault->kind == kind && fault->except != pid && (!fault->pid || fault->pid == pid))
            return fault;
    }
    return NULL;
}

static void done(struct trace *trace, struct task *task, struct fault *fault, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));

static void done(struct trace *trace, struct task *task, struct fault *fault, const char *format,
                 ...) {
    char detail[128];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    trace_emit(trace, event_new(EVENT_FAULT, "{s:s, s:i, s:s}", "kind", fault_name(fault->kind),
                                "pid", task->process->pid, "detail", detail));
    if (fault->times && --fault->times == 0) {
        struct faults *faults = trace->faults;
        *fault = faults->armed[--faults->count];
    }
}

/* --- the kinds ----------------------------------------------------------------------------------- */

static enum fault_effect fail_with(struct trace *trace, struct task *task, struct fault *fault,
                                   const struct syscall_form *form, int error) {
    struct registers registers;
    if (registers_get(task->tid, &registers) < 0)
        return EFFECT_NONE;
    registers_skip(&registers, -error);
    registers_set(task->tid, &registers);
    done(trace, task, fault, "%s fails with %s", form->name, strerrorname_np(error));
    return EFFECT_SKIPPED;
}

static void shorten(struct trace *trace, struct task *task, struct fault *fault,
                    const struct syscall_form *form) {
    struct registers registers;
    uint64_t least = fault->bytes > 0 ? (uint64_t)fault->bytes : 1;
    if (task->args[2] <= least || registers_get(task->tid, &registers) < 0)
        return;
    registers_set_argument(&registers, 2, least);
    registers_set(task->tid, &registers);
    task->shortened = true;
    done(trace, task, fault, "%s of %llu bytes cut to %llu", form->name,
         (unsigned long long)task->args[2], (unsigned long long)least);
}

void faults_at_exit(struct task *task) {
    struct registers registers;
    if (!task->shortened)
        return;
    task->shortened = false;
    if (registers_get(task->tid, &registers) < 0)
        return;
    registers_set_argument(&registers, 2, task->args[2]);
    registers_set(task->tid, &registers);
}

static enum fault_effect hold_reader(struct trace *trace, struct task *task, struct fault *fault) {
    uint64_t inode = task->object.inode;
    if (!channels_follow(trace->channels, inode, false) ||
        channels_unread(trace->channels, inode) >= JOINED)
        return EFFECT_NONE;
    task->joins = inode;
    hold_task(trace, task);
    done(trace, task, fault, "its read waits until two messages are there");
    return EFFECT_HELD;
}

void faults_look_at_readers(struct trace *trace) {
    size_t at = 0;
    if (!trace->faults)
        return;
    for (struct task *task; (task = tasks_next(&trace->tasks, &at));) {
        if (!task->held || !task->joins ||
            channels_unread(trace->channels, task->joins) < JOINED)
            continue;
        task->held = false;
        task->joins = 0;
        task_resume(trace, task, 0);
    }
}

static bool makes_a_thread(const struct task *task, const struct syscall_form *form) {
    return form->fault == FAULTY_CLONE && (task->args[0] & CLONE_THREAD);
}

enum fault_effect faults_at_entry(struct trace *trace, struct task *task,
                                  const struct syscall_form *form) {
    struct fault *fault;
    if (!trace->faults || !task->process)
        return EFFECT_NONE;
    switch (form->fault) {
    case FAULTY_NOT: return EFFECT_NONE;
    case FAULTY_CLONE:
    case FAULTY_FORK:
        fault = makes_a_thread(task, form) ? NULL : find(trace, task, FAULT_FORK);
        return fault ? fail_with(trace, task, fault, form, EAGAIN) : EFFECT_NONE;
    case FAULTY_READ:
        if ((fault = find(trace, task, FAULT_JOIN)))
            return hold_reader(trace, task, fault);
        break;
    case FAULTY_WRITE:
        if (!io_is_talk(task))
            return EFFECT_NONE;
        break;
    case FAULTY_WAIT: break;
    }
    if ((fault = find(trace, task, FAULT_EINTR)))
        return fail_with(trace, task, fault, form, EINTR);
    if (form->fault == FAULTY_WAIT)
        return EFFECT_NONE;
    if ((fault = find(trace, task, FAULT_EAGAIN)))
        return fail_with(trace, task, fault, form, EAGAIN);
    if (form->cut_by_count &&
        (fault = find(trace, task,
                      form->fault == FAULTY_READ ? FAULT_SHORT_READ : FAULT_SHORT_WRITE)))
        shorten(trace, task, fault, form);
    return EFFECT_NONE;
}

bool faults_after_accept(struct trace *trace, struct task *task) {
    struct fault *fault = find(trace, task, FAULT_KILL);
    if (!fault)
        return false;
    task->process->by_lab = true;
    done(trace, task, fault, "killed when it had accepted a connection");
    trace_signal(trace, task->process->pid, SIGKILL);
    return true;
}

void faults_end_task(struct task *task) {
    struct registers registers;
    if (!task->must_exit || registers_get(task->tid, &registers) < 0)
        return;
    registers_set_call(&registers, SCMP_SYS(exit_group));
    registers_set_argument(&registers, 0, (uint64_t)task->exit_code);
    registers_set(task->tid, &registers);
    task->must_exit = false;
}
