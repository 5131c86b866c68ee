/* Sharing made certain: which worker takes a connection is the scheduler's choice, and a fast one may take all. While
 * holding is on, a process that has accepted waits, stopped, until enough others have accepted too, or until the
 * others plainly will not: with the virtual clock when all of them wait (pace.c), with the real one after a while. */
#include <stdio.h>

#include "trace/internal.h"

#define HOLD_MOST_NS (400 * NS_PER_MS) /* then those held go on, and holding ends */

static void release(struct trace *trace, struct task *task) {
    task->held = false;
    task->held_until_ns = 0;
    task_resume(trace, task, 0);
}

/* All but those who wait for a message, or have a time of their own. */
static void release_all(struct trace *trace) {
    size_t at = 0;
    for (struct task *task; (task = tasks_next(&trace->tasks, &at));)
        if (task->held && !task->joins && !task->held_until_ns)
            release(trace, task);
}

void hold_task_until(struct task *task, int64_t until_ns) {
    task->held = true;
    task->held_until_ns = until_ns;
}

void hold_release_due(struct trace *trace) {
    size_t at = 0;
    for (struct task *task; (task = tasks_next(&trace->tasks, &at));)
        if (task->held && task->held_until_ns && task->held_until_ns <= trace_now_ns(trace))
            release(trace, task);
}

void trace_hold_accepts(struct trace *trace, int processes) {
    trace->hold_until = processes > 1 ? processes : 0;
    trace->hold_count = 0;
    trace->hold_deadline_ns = 0;
    for (size_t i = 0; i < trace->tasks.process_count; i++)
        trace->tasks.processes[i]->accepted = false;
    if (!trace->hold_until)
        release_all(trace);
}

static void hold_task(struct trace *trace, struct task *task) {
    if (!trace->hold_deadline_ns && !trace->clock.virtual_time)
        trace->hold_deadline_ns = clock_now_ns() + HOLD_MOST_NS;
    task->held = true;
}

bool hold_after_accept(struct trace *trace, struct task *task) {
    struct process *process = task->process;
    if (!trace->hold_until || process == trace->first)
        return false;
    if (!process->accepted) {
        process->accepted = true;
        trace->hold_count++;
    }
    if (trace->hold_count >= trace->hold_until) {
        trace->hold_until = 0;
        release_all(trace);
        return false;
    }
    hold_task(trace, task);
    trace_emit(trace, event_new(EVENT_FAULT, "{s:s, s:i, s:s}", "kind", "hold", "pid",
                                process->pid, "detail",
                                "held back after its accept, so that others get their turn"));
    return true;
}

void hold_end(struct trace *trace) {
    trace->hold_until = 0;
    trace->hold_deadline_ns = 0;
    release_all(trace);
}

void hold_sweep(struct trace *trace) {
    hold_release_due(trace);
    if (trace->hold_deadline_ns && clock_now_ns() >= trace->hold_deadline_ns)
        hold_end(trace);
}
