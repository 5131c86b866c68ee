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
#include "base/clock.h"
#include "trace/calls_io.h"
#include "trace/channel.h"
#include "trace/registers.h"

#define IMPATIENT_NS (400 * NS_PER_MS) /* real clock: how long a reader without a time of its own is held */
#define ASKED_NS NS_PER_S              /* what comes so soon after a process has spoken may be an answer to it */

enum { FAULTS_MOST = 64 /* under way at once */, JOINED = 2 /* messages */ };

struct faults {
    struct fault armed[FAULTS_MOST];
    size_t count;
};

void faults_free(struct faults *faults) { free(faults); }

bool faults_any(const struct trace *trace) { return trace->faults && trace->faults->count; }

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

static bool is_meant_for(const struct fault *fault, const struct process *process) {
    int pid = process->pid;
    if (fault->of_case && fault->of_case != process->of_case)
        return false;
    if (fault->of_case && fault->part != FAULT_TO_ALL &&
        process->begins_case != (fault->part == FAULT_TO_PROGRAM))
        return false;
    return fault->except != pid && (!fault->pid || fault->pid == pid);
}

/* Readers that wait in a read already begin it anew, to be held there. */
static void wake_readers(struct trace *trace, const struct fault *fault) {
    size_t at = 0;
    for (struct task *task; (task = tasks_next(&trace->tasks, &at));)
        if (task->call && task->call->fault == FAULTY_READ && !task->stopped && !task->wait.form &&
            task->process && is_meant_for(fault, task->process) &&
            channels_from_others(trace->channels, task->object.inode, task->process))
            ptrace(PTRACE_INTERRUPT, task->tid, 0, 0);
}

int trace_fault(struct trace *trace, const struct fault *fault) {
    if (fault->kind == FAULT_EXIT)
        return arm_exit(trace, fault);
    if (!trace->faults)
        trace->faults = xcalloc(1, sizeof *trace->faults);
    if (trace->faults->count == FAULTS_MOST)
        return -ENOSPC;
    trace->faults->armed[trace->faults->count++] = *fault;
    if (fault->kind == FAULT_JOIN && trace->clock.virtual_time) /* else a socket's timeout may have begun */
        wake_readers(trace, fault);
    return 0;
}

/* The fault of this kind that is meant for the task, if any. */
static struct fault *find(struct trace *trace, const struct task *task, enum fault_kind kind) {
    for (size_t i = 0; trace->faults && i < trace->faults->count; i++) {
        struct fault *fault = &trace->faults->armed[i];
        if (fault->kind == kind && is_meant_for(fault, task->process))
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

/* No kernel would: what a process tells itself, in small writes, is read as it was written; a packet comes whole; and
 * where only arrivals are told (EPOLLET), a read that gets less than it asked for has emptied the stream, epoll(7). That
 * counts for all once the other side has hung up: libuv takes such a read and POLLHUP together for the end. */
static bool comes_whole(struct trace *trace, const struct task *task,
                        const struct syscall_form *form) {
    int fd = (int)task->args[0];
    uint64_t inode = task_object(task, fd).inode;
    if (channels_of_packets(trace->channels, inode))
        return true;
    if (form->fault != FAULTY_READ)
        return false;
    return (!connections_find(&trace->connections, inode) &&
            !channels_from_others(trace->channels, inode, task->process)) ||
           object_is_edge_watched(task->process->host_pid, fd) ||
           object_is_hung_up(task->process->pidfd, fd);
}

static void shorten(struct trace *trace, struct task *task, struct fault *fault,
                    const struct syscall_form *form) {
    struct registers registers;
    uint64_t least = fault->bytes > 0 ? (uint64_t)fault->bytes : 1;
    if (task->args[2] <= least || comes_whole(trace, task, form) ||
        registers_get(task->tid, &registers) < 0)
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

/* The first message has come: from now on time counts. Who may have asked for it is not held any longer, since the
 * second would have to be asked for, too. */
static bool may_wait(struct trace *trace, struct task *task) {
    int64_t now_ns = trace_now_ns(trace), spoke_ns = task->process->spoke_ns;
    if (task->joins_most_ns && spoke_ns >= 0 && now_ns - spoke_ns < ASKED_NS)
        return false;
    if (task->joins_most_ns && task->joins_until_ns < 0)
        task->joins_until_ns = now_ns + task->joins_most_ns;
    return true;
}

static enum fault_effect hold_reader(struct trace *trace, struct task *task, struct fault *fault) {
    uint64_t inode = task->object.inode;
    size_t unread = channels_unread(trace->channels, inode);
    if (fault->until_ns && trace_now_ns(trace) >= fault->until_ns)
        return EFFECT_NONE;
    if (unread >= JOINED || !channels_follow(trace->channels, inode, false) ||
        (fault->most_ns && !channels_from_others(trace->channels, inode, task->process)))
        return EFFECT_NONE;
    task->joins_most_ns = fault->most_ns;
    task->joins_until_ns = !fault->most_ns && !trace->clock.virtual_time
                               ? trace_now_ns(trace) + IMPATIENT_NS
                               : -1;
    if (unread && !may_wait(trace, task))
        return EFFECT_NONE;
    task->joins = inode;
    task->held = true;
    done(trace, task, fault, "its read waits until two messages are there");
    return EFFECT_HELD;
}

static void let_go(struct trace *trace, struct task *task) {
    size_t unread = channels_unread(trace->channels, task->joins);
    task->held = false;
    task->joins = 0;
    char detail[64];
    snprintf(detail, sizeof detail, "its read goes on, with %zu message%s there", unread,
             unread == 1 ? "" : "s");
    if (!trace->at_end)
        trace_emit(trace, event_new(EVENT_FAULT, "{s:s, s:i, s:s}", "kind", "joined", "pid",
                                    task->process->pid, "detail", detail));
    task_resume(trace, task, 0);
}

void faults_look_at_readers(struct trace *trace) {
    size_t at = 0;
    for (struct task *task; trace->faults && (task = tasks_next(&trace->tasks, &at));) {
        size_t unread = task->held && task->joins ? channels_unread(trace->channels, task->joins) : 0;
        if (unread >= JOINED || (unread && !may_wait(trace, task)))
            let_go(trace, task);
    }
}

int64_t faults_next_ns(struct trace *trace) {
    int64_t next_ns = -1;
    size_t at = 0;
    for (struct task *task; trace->faults && (task = tasks_next(&trace->tasks, &at));)
        if (task->held && task->joins && task->joins_until_ns >= 0 &&
            (next_ns < 0 || task->joins_until_ns < next_ns))
            next_ns = task->joins_until_ns;
    return next_ns;
}

void faults_fire(struct trace *trace, int64_t now_ns) {
    size_t at = 0;
    for (struct task *task; trace->faults && (task = tasks_next(&trace->tasks, &at));)
        if (task->held && task->joins && task->joins_until_ns >= 0 &&
            task->joins_until_ns <= now_ns)
            let_go(trace, task);
}

void faults_let_go(struct trace *trace, bool all) {
    size_t at = 0;
    for (struct task *task; trace->faults && (task = tasks_next(&trace->tasks, &at));)
        if (task->held && task->joins && (all || !task->joins_most_ns))
            let_go(trace, task);
}

static enum fault_effect slow_down(struct trace *trace, struct task *task, struct fault *fault,
                                   const struct syscall_form *form) {
    int64_t ms = fault->ms;
    hold_task_until(task, trace_now_ns(trace) + ms * NS_PER_MS);
    done(trace, task, fault, "%s takes %lld ms", form->name, (long long)ms);
    return EFFECT_HELD;
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
        if (makes_a_thread(task, form))
            return EFFECT_NONE;
        if ((fault = find(trace, task, FAULT_FORK)))
            return fail_with(trace, task, fault, form, EAGAIN);
        fault = find(trace, task, FAULT_SLOW_FORK);
        return fault ? slow_down(trace, task, fault, form) : EFFECT_NONE;
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

bool faults_before_work(struct trace *trace, struct task *task) {
    const struct process *process = task->process;
    struct fault *fault = process == trace->first || process->serves || task->held
                              ? NULL
                              : find(trace, task, FAULT_LATE);
    if (!fault)
        return false;
    int64_t ms = fault->ms;
    hold_task_until(task, trace_now_ns(trace) + ms * NS_PER_MS);
    done(trace, task, fault, "held for %lld ms before it works", (long long)ms);
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
