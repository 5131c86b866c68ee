/* How processes and threads come and go. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "trace/faults.h"
#include "trace/calls_time.h"
#include "trace/internal.h"
#include "trace/signals.h"
#include "trace/timers.h"

enum { INIT_PID = 1 /* the box's own, seen from inside */, CMDLINE_MOST = 1 << 16,
       FORKED_AT_MOST = 1 << 16 /* processes remembered */ };

static struct process *add_process(struct trace *trace, pid_t host_pid, int pid,
                                   struct process *parent) {
    struct process *process = processes_add(&trace->tasks, host_pid, pid, parent);
    process->pidfd = (int)syscall(SYS_pidfd_open, host_pid, 0);
    process->begins_case = parent && parent == trace->first;
    process->of_case = process->begins_case ? ++trace->case_count : parent ? parent->of_case : 0;
    return process;
}

static struct task *add_task(struct trace *trace, pid_t tid, struct process *process) {
    struct task *task = tasks_add(&trace->tasks, tid, process);
    task->born_real_ns = clock_now_ns();
    trace->task_count++;
    if (trace->options.most_tasks && (int64_t)trace->task_count > trace->options.most_tasks)
        trace_limit(trace, OUTCOME_PROCESSES,
                    "more than %lld processes and threads at once",
                    (long long)trace->options.most_tasks);
    return task;
}

struct task *birth_of_first(struct trace *trace, pid_t host_pid, struct err *err) {
    struct task_status status;
    int code = task_status_read(host_pid, &status);
    if (code) {
        err_sys(err, -code, "cannot read /proc/%d/status of the program", (int)host_pid);
        return NULL;
    }
    return add_task(trace, host_pid, add_process(trace, host_pid, status.inner_pid, NULL));
}

void birth_met(struct trace *trace, pid_t tid) {
    struct task *task = add_task(trace, tid, NULL);
    task->newborn = true;
    task->stopped = true;
}

static const char *kind_of(int event) {
    return event == PTRACE_EVENT_VFORK ? "vfork" : event == PTRACE_EVENT_FORK ? "fork" : "clone";
}

static void thread_event(struct trace *trace, const struct process *process, int tid,
                         const char *state) {
    trace_emit(trace, event_new(EVENT_THREAD, "{s:i, s:i, s:s}", "pid", process->pid, "tid", tid,
                                "state", state));
}

/* Gives a newborn its process, says so, and lets it run if it has stopped already. */
static void settle(struct trace *trace, struct task *task, const struct process *by,
                   const char *kind) {
    struct task_status status;
    if (task_status_read(task->tid, &status) < 0)
        status = (struct task_status){.tgid = task->tid, .inner_pid = task->tid};
    struct process *process = status.tgid == task->tid
                                  ? NULL
                                  : processes_find_host(&trace->tasks, status.tgid);
    if (process) {
        task->process = process;
        process->task_count++;
        task->inner_tid = status.inner_pid;
        thread_event(trace, process, status.inner_pid, "begin");
    } else {
        struct process *parent = processes_find_host(&trace->tasks, status.parent);
        process = add_process(trace, task->tid, status.inner_pid, parent);
        task->process = process;
        process->task_count++;
        process->made_by = parent;
        process->made_how = kind;
        process->born_ns = trace_now_ns(trace);
        json_t *event = event_new(EVENT_FORK, "{s:i, s:i, s:s}", "pid", process->pid, "parent",
                                  parent ? parent->pid : INIT_PID, "kind", kind);
        json_object_set_new(event, "by",
                            by ? json_integer(by->pid)
                               : parent ? json_integer(parent->pid) : json_null());
        trace_emit(trace, event);
        if (strcmp(kind, "vfork") != 0)
            faults_before_work(trace, task);
    }
    task->newborn = false;
    if (task->stopped && !task->held)
        task_resume(trace, task, 0);
}

void birth_announced(struct trace *trace, struct task *parent, pid_t tid, int event) {
    struct task *task = tasks_find(&trace->tasks, tid);
    bool settled = task && !task->newborn;
    if (!task)
        task = add_task(trace, tid, NULL);
    if (!settled)
        settle(trace, task, parent->process, kind_of(event));
    if (event == PTRACE_EVENT_VFORK)
        parent->vforked = task->process;
}

void birth_admit(struct trace *trace, struct task *task, const char *kind) {
    settle(trace, task, NULL, kind);
}

static json_t *command_line(pid_t tid) {
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)tid);
    struct buf text = {0};
    json_t *argv = json_array();
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        fd_read_all(fd, &text, CMDLINE_MOST);
    fd_close(&fd);
    for (size_t at = 0; at < text.length;) {
        size_t length = strnlen(text.data + at, text.length - at);
        json_t *word = json_object();
        event_set_bytes(word, "text", text.data + at, length, CMDLINE_MOST);
        json_array_append(argv, json_object_get(word, "text"));
        json_decref(word);
        at += length + 1;
    }
    buf_release(&text);
    return argv;
}

/* It has memory of its own now, and whoever made it by vfork(2) goes on. */
static void release_vforker(struct trace *trace, const struct process *process) {
    size_t at = 0;
    for (struct task *task; (task = tasks_next(&trace->tasks, &at));)
        if (task->vforked == process)
            task->vforked = NULL;
}

/* Another thread than the first may exec: it takes over the first one's tid, the others are gone
 * (ptrace(2), "execve(2) under ptrace"). */
void exec_happened(struct trace *trace, pid_t tid) {
    unsigned long old_tid = 0;
    ptrace(PTRACE_GETEVENTMSG, tid, 0, &old_tid);
    struct task *task = tasks_find(&trace->tasks, tid);
    if (!task)
        return;
    bool by_other = (pid_t)old_tid != tid && old_tid;
    struct task *caller = by_other ? tasks_find(&trace->tasks, (pid_t)old_tid) : NULL;
    io_attempt_drop(trace, task);
    task->call = NULL;
    task->listening = task->held = false;
    task->joins = 0;
    task->held_until_ns = 0;
    task->wait = (struct task_wait){0};
    if (trace->clock.virtual_time)
        hide_vdso(tid);
    if (caller) {
        io_attempt_drop(trace, caller);
        tasks_remove(&trace->tasks, caller);
        trace->task_count--;
    }
    if (!task->process)
        return;
    release_vforker(trace, task->process);
    char path[32], program[4096];
    snprintf(path, sizeof path, "/proc/%d/exe", (int)tid);
    ssize_t length = readlink(path, program, sizeof program - 1);
    json_t *event = event_new(EVENT_EXEC, "{s:i, s:o}", "pid", task->process->pid, "argv",
                              command_line(tid));
    event_set_bytes(event, "path", program, length > 0 ? (size_t)length : 0, sizeof program);
    if (by_other)
        json_object_set_new(event, "tid", json_integer((json_int_t)old_tid));
    task->process->has_timer = false; /* timer_create's are gone; alarms stay, but are rare */
    timers_of_process_end(trace, task->process, true);
    trace_emit(trace, event);
}

static bool is_zombie(const struct process *process) {
    struct task_status status;
    return task_status_read(process->host_pid, &status) == 0 && status.state == 'Z';
}

/* Children that left no zombie when they ended, and that no wait call has returned to the process, all of which are
 * over now: it ignored SIGCHLD, or had set SA_NOCLDWAIT. */
static void tell_silent_reaping(struct trace *trace, struct process *parent) {
    for (size_t i = 0; i < trace->tasks.process_count && !trace->at_end; i++) {
        struct process *child = trace->tasks.processes[i];
        if (child->parent == parent && child->zombie && child->gone_at_once)
            process_reaped(trace, child, parent, "ignored");
    }
}

static void process_ended(struct trace *trace, struct process *process, int wait_status) {
    tell_silent_reaping(trace, process);
    process->gone_at_once = !is_zombie(process);
    channels_flush(trace->channels, process);
    timers_of_process_end(trace, process, false);
    process->alive = false;
    process->zombie = true;
    process->died_ns = trace_now_ns(trace);
    fd_close(&process->pidfd);
    json_t *event = event_new(EVENT_EXIT, "{s:i, s:I}", "pid", process->pid, "cpu_ms",
                              (json_int_t)(process->used_cpu_ns / NS_PER_MS));
    char name[SIGNAL_NAME_SIZE];
    if (WIFSIGNALED(wait_status))
        json_object_set_new(event, "signal",
                            json_string(signal_name(WTERMSIG(wait_status), name)));
    else
        json_object_set_new(event, "code", json_integer(WEXITSTATUS(wait_status)));
    bool killed = WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == process->lab_signal;
    if (killed || process->by_lab)
        json_object_set_new(event, "by_lab", json_true());
    if (trace->at_end)
        json_object_set_new(event, "at_end", json_true());
    if (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == process->own_fault)
        json_object_set_new(event, "fault", json_true());
    trace_emit(trace, event);
}

/* Orphans go to the box's init. */
static void adopt_children(struct trace *trace, struct process *process) {
    for (size_t i = 0; i < trace->tasks.process_count && !trace->at_end; i++) {
        struct process *child = trace->tasks.processes[i];
        if (child->parent != process || !(child->alive || child->zombie))
            continue;
        child->parent = NULL;
        if (child->alive)
            trace_emit(trace, event_new(EVENT_ADOPT, "{s:i, s:i, s:i}", "pid", child->pid, "from",
                                        process->pid, "to", INIT_PID));
    }
}

void task_ended(struct trace *trace, struct task *task, int wait_status) {
    struct process *process = task->process;
    io_attempt_drop(trace, task);
    bool leader = process && task->tid == process->host_pid;
    int inner_tid = task->inner_tid;
    tasks_remove(&trace->tasks, task);
    trace->task_count--;
    if (!process)
        return;
    if (!leader) {
        if (process->alive)
            thread_event(trace, process, inner_tid, "end");
        return;
    }
    process_ended(trace, process, wait_status);
    adopt_children(trace, process);
    if (process == trace->first)
        trace->ops.ended(trace->ctx, wait_status);
}

void process_reaped(struct trace *trace, struct process *process, const struct process *by,
                    const char *how) {
    process->zombie = false;
    process->waited_for = by != NULL;
    json_t *event =
        event_new(EVENT_REAP, "{s:i, s:s}", "pid", process->pid, "how", how);
    json_object_set_new(event, "by", by ? json_integer(by->pid) : json_integer(INIT_PID));
    trace_emit(trace, event);
}

/* A zombie that has left the process table without a wait call we saw: its parent ignores SIGCHLD
 * (or has set SA_NOCLDWAIT), or init took it. */
void zombies_look(struct trace *trace, bool at_rest) {
    for (size_t i = 0; i < trace->tasks.process_count && !trace->at_end; i++) {
        struct process *process = trace->tasks.processes[i];
        if (!process->zombie || is_zombie(process))
            continue;
        bool sure = at_rest || process->seen_gone; /* the wait call may be over, and its stop not seen yet */
        process->seen_gone = true;
        if (!sure)
            continue;
        process_reaped(trace, process, process->parent, process->parent ? "ignored" : "init");
    }
}
