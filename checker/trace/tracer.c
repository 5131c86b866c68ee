#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "trace/calls_time.h"
#include "trace/calls_wait.h"
#include "trace/faults.h"
#include "trace/internal.h"
#include "trace/signals.h"
#include "trace/sockets.h"
#include "trace/stop.h"
#include "trace/syscalls.h"
#include "trace/timers.h"

#define TRACE_OPTIONS                                                                              \
    (PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK |      \
     PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)

static bool on_stop(void *ctx, pid_t tid, int wait_status);
static void on_end(void *ctx, pid_t tid, int wait_status);
static void on_ending(void *ctx, pid_t tid);

static void emit_of_channels(void *ctx, json_t *event) { trace_emit(ctx, event); }

static int64_t now_of_channels(void *ctx) { return trace_now_ns(ctx); }

/* Who holds the reading end of a channel. */
struct holder_search {
    uint64_t inode;
    bool found;
};

static bool is_holder(void *ctx, int fd, struct object object) {
    (void)fd;
    struct holder_search *search = ctx;
    search->found = (object.kind == OBJECT_PIPE || object.kind == OBJECT_SOCKET) &&
                    object.inode == search->inode;
    return !search->found;
}

/* The best guess before anybody has read: the sender's parent if it can read, else the oldest other process. A
 * pipe's two ends share an inode, so its writers count as possible readers too. */
static struct process *reader_of_channel(void *ctx, uint64_t inode, enum channel_kind kind,
                                         const struct process *from) {
    (void)kind;
    struct trace *trace = ctx;
    struct process *best = NULL;
    for (size_t i = 0; i < trace->tasks.process_count; i++) {
        struct process *process = trace->tasks.processes[i];
        if (!process->alive || process == from)
            continue;
        struct holder_search search = {.inode = inode};
        object_each(process->host_pid, is_holder, &search);
        if (search.found && process == from->parent)
            return process;
        if (search.found && !best)
            best = process;
    }
    return best;
}

struct trace *trace_new(struct loop *loop, const struct trace_options *options,
                        const struct trace_ops *ops, void *ctx) {
    static const struct channel_ops channel_ops = {emit_of_channels, reader_of_channel,
                                                   now_of_channels};
    struct trace *trace = xcalloc(1, sizeof *trace);
    trace->loop = loop;
    trace->options = *options;
    trace->ops = *ops;
    trace->ctx = ctx;
    tasks_init(&trace->tasks);
    trace->channels = channels_new(&channel_ops, trace);
    trace->timers = timers_new();
    trace->pace = pace_new();
    trace->sweep_timer = -1;
    loop_on_stop(loop, on_stop, trace);
    loop_on_other(loop, on_end, trace);
    loop_on_ending(loop, on_ending, trace);
    return trace;
}

void trace_free(struct trace *trace) {
    if (!trace)
        return;
    sweep_stop(trace);
    pace_stop(trace);
    size_t at = 0;
    for (struct task *task; (task = tasks_next(&trace->tasks, &at));)
        kill(task->tid, SIGKILL);
    at = 0;
    for (struct task *task; (task = tasks_next(&trace->tasks, &at));)
        io_attempt_drop(trace, task);
    loop_on_stop(trace->loop, NULL, NULL);
    loop_on_other(trace->loop, NULL, NULL);
    loop_on_ending(trace->loop, NULL, NULL);
    channels_free(trace->channels);
    connections_release(&trace->connections);
    tasks_release(&trace->tasks);
    sockets_release(trace);
    timers_free(trace->timers);
    program_clock_release(&trace->clock);
    faults_free(trace->faults);
    free(trace->pace);
    free(trace);
}

int trace_seize(struct trace *trace, pid_t host_pid, struct err *err) {
    if (ptrace(PTRACE_SEIZE, host_pid, 0, TRACE_OPTIONS) < 0)
        return err_sys(err, errno,
                       "cannot trace the program (PTRACE_SEIZE of process %d); `brigade-check "
                       "doctor` says what this machine forbids",
                       (int)host_pid);
    struct task *task = birth_of_first(trace, host_pid, err);
    if (!task)
        return err ? -err->code : -EIO;
    trace->first = task->process;
    return 0;
}

void trace_start(struct trace *trace) {
    program_clock_start(&trace->clock, trace->options.virtual_clock, trace->options.paced);
    trace_emit(trace, event_new(EVENT_FORK, "{s:i, s:n, s:n, s:s}", "pid", trace->first->pid,
                                "parent", "by", "kind", "start"));
    sweep_start(trace);
    pace_start(trace);
}

int64_t trace_now_ns(const struct trace *trace) { return program_clock_now_ns(&trace->clock); }

/* Returns whether the task stays stopped. */
static bool at_seccomp(struct trace *trace, struct task *task) {
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, task->tid, sizeof info, &info) <= 0)
        return false;
    const struct syscall_form *form = syscall_form(info.seccomp.ret_data);
    if (info.op != PTRACE_SYSCALL_INFO_SECCOMP || !form)
        return false;
    for (size_t i = 0; i < 6; i++)
        task->args[i] = info.seccomp.args[i];
    task->since = trace->ops.seq(trace->ctx);
    if (form->enter != wait_resume)
        task->wait = (struct task_wait){0};
    bool ours = trace->clock.virtual_time || !form->wait; /* by the real clock, the kernel ends a wait */
    bool follows = ours && (!form->enter || form->enter(trace, task, form)) && form->leave;
    bool waits = form->socket && trace->socket_count && wait_on_socket(trace, task, form);
    enum fault_effect effect =
        follows || form->wait ? faults_at_entry(trace, task, form) : EFFECT_NONE;
    if (effect == EFFECT_SKIPPED) {
        io_attempt_drop(trace, task);
        task->wait = (struct task_wait){0};
        return false;
    }
    task->only_waits = waits && !follows;
    if (follows || waits)
        task->call = form;
    return effect == EFFECT_HELD;
}

/* Returns whether the task stays stopped. */
static bool at_exit_of_call(struct trace *trace, struct task *task) {
    const struct syscall_form *form = task->call;
    struct __ptrace_syscall_info info;
    int64_t result = -ESRCH;
    bool known = ptrace(PTRACE_GET_SYSCALL_INFO, task->tid, sizeof info, &info) > 0;
    if (known && info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        busy_call(trace, task, (long)info.entry.nr);
        faults_end_task(task);
        return false;
    }
    task->call = NULL;
    task->left = form;
    if (!form)
        return false;
    faults_at_exit(task);
    if (known)
        result = info.op == PTRACE_SYSCALL_INFO_EXIT ? info.exit.rval : -EINTR;
    if (form->socket && task->wait.form)
        result = wait_leave_socket(trace, task, result);
    if (!task->only_waits)
        form->leave(trace, task, result);
    return task->held;
}

/* A fault of the process's own: the kernel found it, or the program's abort(3) said so. Who is sent the same signal has
 * done nothing (sigaction(2), si_code). */
static void note_fault(struct process *process, int signal, const siginfo_t *info) {
    bool aborts = signal == SIGABRT && info->si_code == SI_TKILL && info->si_pid == process->pid;
    process->own_fault = signal_is_fault(signal) && (info->si_code > 0 || aborts) ? signal : 0;
}

/* What the kernel itself sends (a fault, a broken pipe, an alarm). Signals between processes are told where they are
 * sent; SIGCHLD says nothing that an exit event has not said. */
static void at_signal(struct trace *trace, struct task *task, int signal) {
    siginfo_t info;
    timers_dress_signal(trace, task, signal);
    if (signal == SIGCHLD || ptrace(PTRACE_GETSIGINFO, task->tid, 0, &info) < 0)
        return;
    note_fault(task->process, signal, &info);
    if (info.si_code <= 0 && signal != SIGPIPE)
        return;
    char name[SIGNAL_NAME_SIZE];
    trace_emit(trace, event_new(EVENT_SIGNAL, "{s:n, s:i, s:s, s:s, s:b}", "from", "to",
                                task->process->pid, "signal", signal_name(signal, name), "why",
                                "kernel", "delivered", 1));
}

static void at_birth(struct trace *trace, struct task *task, int event) {
    unsigned long tid = 0;
    if (ptrace(PTRACE_GETEVENTMSG, task->tid, 0, &tid) == 0)
        birth_announced(trace, task, (pid_t)tid, event);
}

static void at_stop(struct trace *trace, struct task *task, const struct stop *stop) {
    task->stopped = true;
    if (task->newborn)
        return;
    int signal = 0;
    switch (stop->kind) {
    case STOP_SECCOMP:
        if (at_seccomp(trace, task))
            return;
        break;
    case STOP_SYSCALL:
        if (at_exit_of_call(trace, task))
            return;
        break;
    case STOP_BIRTH: at_birth(trace, task, stop->event); break;
    case STOP_SIGNAL:
        at_signal(trace, task, stop->signal);
        signal = stop->signal;
        break;
    case STOP_GROUP:
        task->listening = true;
        ptrace(PTRACE_LISTEN, task->tid, 0, 0);
        return;
    case STOP_ATTACHED:
        task->listening = false;
        if (task->held) /* from its birth on */
            return;
        break;
    case STOP_EXEC:
        if (faults_before_work(trace, task))
            return;
        break;
    case STOP_OTHER: break;
    }
    task_resume(trace, task, signal);
}

/* Returns whether the stop is taken already, or forgotten by the kernel (loop_on_stop). The two kinds that come by the
 * thousand are left to be forgotten. Others are taken first: until then a process of which another thread than the first
 * has called exec answers no request (ptrace_freeze_traced of Linux), and one in PTRACE_LISTEN is told of again. */
static bool on_stop(void *ctx, pid_t tid, int wait_status) {
    struct trace *trace = ctx;
    struct stop stop = stop_classify(wait_status);
    bool frequent = stop.kind == STOP_SECCOMP || stop.kind == STOP_SYSCALL;
    if (!frequent)
        loop_take_stop(tid);
    if (stop.kind == STOP_EXEC)
        exec_happened(trace, tid);
    struct task *task = tasks_find(&trace->tasks, tid);
    if (!task && stop.kind == STOP_ATTACHED)
        birth_met(trace, tid);
    if (!task)
        return !frequent;
    at_stop(trace, task, &stop);
    return !frequent || !task->stopped;
}

static void on_end(void *ctx, pid_t tid, int wait_status) {
    struct trace *trace = ctx;
    struct task *task = tasks_find(&trace->tasks, tid);
    if (task)
        task_ended(trace, task, wait_status);
}

/* As soon as its end is taken, its parent may reap it, and its clock is gone. */
static void on_ending(void *ctx, pid_t tid) {
    struct trace *trace = ctx;
    const struct task *task = tasks_find(&trace->tasks, tid);
    if (task && task->process && task->process->host_pid == tid)
        task->process->used_cpu_ns = process_cpu_ns(task->process);
}

int trace_signal(struct trace *trace, int pid, int signal) {
    struct process *process = processes_find(&trace->tasks, pid);
    if (!process || !process->alive)
        return -ESRCH;
    if (process->lab_signal != SIGKILL)
        process->lab_signal = signal;
    char name[SIGNAL_NAME_SIZE];
    trace_emit(trace, event_new(EVENT_SIGNAL, "{s:i, s:i, s:s, s:s}", "from", 0, "to", pid,
                                "signal", signal_name(signal, name), "why", "lab"));
    /* through the pidfd: this process and no later one of the same number */
    return syscall(SYS_pidfd_send_signal, process->pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

const struct trace_options *trace_options(const struct trace *trace) { return &trace->options; }

int trace_process_count(const struct trace *trace) { return (int)trace->tasks.process_count; }

int64_t trace_memory_peak_bytes(const struct trace *trace) { return trace->memory_peak_bytes; }

void trace_finish(struct trace *trace) {
    if (trace->at_end)
        return;
    zombies_look(trace, true);
    channels_flush(trace->channels, NULL);
    left_tell(trace);
    trace->at_end = true;
    trace_hold_accepts(trace, 0);
    faults_let_go(trace, true);
}

bool trace_is_empty(const struct trace *trace) { return trace->task_count == 0; }
