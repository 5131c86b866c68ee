/* A process that has used all the CPU time it may: before that is told, its next calls are looked at for a moment, so that
 * whoever wrote the loop learns which one it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>

#include "trace/internal.h"

#define WATCHED_CPU_NS (100 * NS_PER_MS)
#define WATCHED_MOST_NS (3 * NS_PER_S) /* of real time: others may have the CPU */

enum { CALLS_ENOUGH = 64, AGAIN_AND_AGAIN = 8 };

static double seconds(int64_t ns) { return (double)ns / NS_PER_S; }

static void watch(struct trace *trace, const struct process *process, int64_t used_ns) {
    size_t at = 0;
    trace->busy = (struct busy){.process = process,
                                .until_cpu_ns = used_ns + WATCHED_CPU_NS,
                                .until_ns = clock_now_ns() + WATCHED_MOST_NS};
    for (struct task *task; (task = tasks_next(&trace->tasks, &at));) {
        if (task->process != process || task->held || task->listening)
            continue;
        task->watched = true; /* from its next stop on, which is now */
        ptrace(PTRACE_INTERRUPT, task->tid, 0, 0);
    }
}

void busy_call(struct trace *trace, const struct task *task, long number) {
    struct busy *busy = &trace->busy;
    if (!task->watched || busy->call_count >= CALLS_ENOUGH)
        return;
    busy->call_count++;
    for (size_t i = 0; i < BUSY_CALLS; i++) {
        if (busy->used[i] && busy->calls[i] == number)
            return;
        if (busy->used[i])
            continue;
        busy->used[i] = true;
        busy->calls[i] = number;
        return;
    }
}

static void put_calls(const struct busy *busy, struct buf *words) {
    for (size_t i = 0; i < BUSY_CALLS && busy->used[i]; i++) {
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)busy->calls[i]);
        bool last = i + 1 == BUSY_CALLS || !busy->used[i + 1];
        buf_printf(words, "%s%s", i == 0 ? "" : last ? " and " : ", ", name ? name : "a system call");
        free(name);
    }
    if (busy->call_count >= AGAIN_AND_AGAIN)
        buf_puts(words, ", again and again");
}

static void tell(struct trace *trace, int64_t used_ns) {
    const struct busy *busy = &trace->busy;
    struct buf words = {0};
    buf_printf(&words, "process %d used %.1f s of CPU, allowed are %.0f s; at the end of them it ",
               busy->process->pid, seconds(used_ns), seconds(trace->options.most_cpu_ns));
    if (busy->call_count) {
        buf_puts(&words, "called ");
        put_calls(busy, &words);
    } else {
        buf_puts(&words, "made no system call: a loop that does not end");
    }
    trace_limit(trace, OUTCOME_TIMED_OUT, "%s", words.data);
    buf_release(&words);
}

/* Whoever was watched and has ended since was not in a loop for ever, but has passed the limit. */
static void look_at_watched(struct trace *trace) {
    const struct busy *busy = &trace->busy;
    int64_t used_ns = process_cpu_ns(busy->process);
    if (!busy->process->alive || busy->call_count >= CALLS_ENOUGH ||
        used_ns >= busy->until_cpu_ns || clock_now_ns() >= busy->until_ns)
        tell(trace, used_ns);
}

void busy_look(struct trace *trace) {
    if (!trace->options.most_cpu_ns || trace->limit_told)
        return;
    if (trace->busy.process) {
        look_at_watched(trace);
        return;
    }
    for (size_t i = 0; i < trace->tasks.process_count; i++) {
        const struct process *process = trace->tasks.processes[i];
        int64_t used_ns = process->alive ? process_cpu_ns(process) : 0;
        if (used_ns <= trace->options.most_cpu_ns)
            continue;
        watch(trace, process, used_ns);
        return;
    }
}

int64_t trace_busiest(const struct trace *trace, int *pid) {
    int64_t most_ns = 0;
    for (size_t i = 0; i < trace->tasks.process_count; i++) {
        const struct process *process = trace->tasks.processes[i];
        int64_t used_ns = process->alive ? process_cpu_ns(process) : 0;
        if (used_ns <= most_ns)
            continue;
        most_ns = used_ns;
        *pid = process->pid;
    }
    return most_ns;
}
