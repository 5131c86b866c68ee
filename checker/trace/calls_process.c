#include "trace/calls_process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "trace/memory.h"
#include "trace/signals.h"

/* Births tell themselves; these calls are traced for the sake of faults alone. */
void fork_leave(struct trace *trace, struct task *task, int64_t result) {
    (void)trace, (void)task, (void)result;
}

/* A wait call told of a dead child (wait4 tells of stopped ones too, which stay). */
static void waited(struct trace *trace, struct task *task, int pid) {
    struct process *child = pid > 0 ? processes_find(&trace->tasks, pid) : NULL;
    if (child && child->zombie)
        process_reaped(trace, child, task->process, "wait");
}

void wait4_leave(struct trace *trace, struct task *task, int64_t result) {
    waited(trace, task, (int)result);
}

void waitid_leave(struct trace *trace, struct task *task, int64_t result) {
    siginfo_t info = {0};
    if (result < 0 || (task->args[3] & WNOWAIT))
        return;
    if (task->args[2] &&
        memory_read(task->tid, task->args[2], &info, sizeof info) == (ssize_t)sizeof info)
        waited(trace, task, info.si_pid);
    else if ((idtype_t)task->args[0] == P_PID)
        waited(trace, task, (int)task->args[1]);
}

static void sent(struct trace *trace, struct task *task, struct process *to, int signal) {
    char name[SIGNAL_NAME_SIZE];
    if (!to || signal <= 0)
        return;
    task->process->spoke_ns = trace_now_ns(trace);
    trace_emit(trace, event_new(EVENT_SIGNAL, "{s:i, s:i, s:s, s:s}", "from", task->process->pid,
                                "to", to->pid, "signal", signal_name(signal, name), "why",
                                "kill"));
}

/* kill(2): a process, the own group (0), every process (-1), or a group (below). */
void kill_leave(struct trace *trace, struct task *task, int64_t result) {
    int target = (int)task->args[0], signal = (int)task->args[1];
    if (result < 0)
        return;
    if (target > 0) {
        sent(trace, task, processes_find(&trace->tasks, target), signal);
        return;
    }
    pid_t own_group = getpgid(task->process->host_pid);
    struct process *leader = target < -1 ? processes_find(&trace->tasks, -target) : NULL;
    pid_t group = target == 0 ? own_group : leader ? leader->host_pid : -1;
    for (size_t i = 0; i < trace->tasks.process_count; i++) {
        struct process *process = trace->tasks.processes[i];
        bool all_but_self = target == -1 && process != task->process;
        if (process->alive &&
            (all_but_self || (target != -1 && getpgid(process->host_pid) == group)))
            sent(trace, task, process, signal);
    }
}

void tkill_leave(struct trace *trace, struct task *task, int64_t result) {
    if (result == 0)
        sent(trace, task, processes_find(&trace->tasks, (int)task->args[0]), (int)task->args[1]);
}

void tgkill_leave(struct trace *trace, struct task *task, int64_t result) {
    if (result == 0)
        sent(trace, task, processes_find(&trace->tasks, (int)task->args[0]), (int)task->args[2]);
}

void sigqueue_leave(struct trace *trace, struct task *task, int64_t result) {
    if (result == 0)
        sent(trace, task, processes_find(&trace->tasks, (int)task->args[0]), (int)task->args[1]);
}

void pidfd_signal_leave(struct trace *trace, struct task *task, int64_t result) {
    char path[48];
    struct buf text = {0};
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)task->tid, (int)task->args[0]);
    if (result == 0 && file_read(path, &text, 4096, NULL) == 0 && text.data) {
        const char *line = strstr(text.data, "\nPid:\t"); /* as we see it */
        if (line)
            sent(trace, task,
                 processes_find_host(&trace->tasks, (pid_t)strtol(line + 6, NULL, 10)),
                 (int)task->args[1]);
    }
    buf_release(&text);
}

/* Who has armed an alarm or a POSIX timer may be woken by it: enough to know for idleness. */
bool timer_enter(struct trace *trace, struct task *task, const struct syscall_form *form) {
    (void)trace;
    uint64_t value[4] = {0};
    if (strcmp(form->name, "alarm") == 0)
        value[2] = task->args[0];
    else
        memory_read(task->tid, task->args[form->fd_arg], value, sizeof value);
    task->process->has_timer = value[2] || value[3]; /* it_value of itimerval and itimerspec alike */
    return false;
}

bool affinity_enter(struct trace *trace, struct task *task, const struct syscall_form *form) {
    (void)task;
    (void)form;
    return trace->options.cpus > 0;
}

/* The program is shown CPUs 0 to cpus-1, as in /proc and /sys of its box, though it is pinned to one. */
void affinity_leave(struct trace *trace, struct task *task, int64_t result) {
    unsigned char mask[128] = {0};
    if (result <= 0 || (size_t)result > sizeof mask)
        return;
    for (int cpu = 0; cpu < trace->options.cpus && cpu / 8 < result; cpu++)
        mask[cpu / 8] |= (unsigned char)(1 << cpu % 8);
    memory_write(task->tid, task->args[2], mask, (size_t)result);
}
