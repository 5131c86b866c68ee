/* What no stop tells, looked at ten times a second, and before each jump of the virtual clock. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "trace/internal.h"

#define SWEEP_NS (100 * NS_PER_MS)

enum { STATES_EVERY = 2 };

/* Memory that a process has to itself: proc(5), /proc/[pid]/statm, resident less shared pages. */
static int64_t own_bytes(pid_t host_pid) {
    char path[32], text[128];
    snprintf(path, sizeof path, "/proc/%d/statm", (int)host_pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    fd_close(&fd);
    if (got <= 0)
        return 0;
    text[got] = '\0';
    long long size, resident, shared;
    if (sscanf(text, "%lld %lld %lld", &size, &resident, &shared) != 3)
        return 0;
    return (resident - shared) * sysconf(_SC_PAGESIZE);
}

static void memory_look(struct trace *trace) {
    int64_t bytes = 0;
    for (size_t i = 0; i < trace->tasks.process_count; i++)
        if (trace->tasks.processes[i]->alive)
            bytes += own_bytes(trace->tasks.processes[i]->host_pid);
    if (bytes > trace->memory_peak_bytes)
        trace->memory_peak_bytes = bytes;
    if (trace->options.most_memory_bytes && bytes > trace->options.most_memory_bytes)
        trace_limit(trace, OUTCOME_MEMORY, "%lld MB in all its processes together, allowed are %lld MB",
                    (long long)bytes >> 20, (long long)trace->options.most_memory_bytes >> 20);
}

/* A newborn whose parent was killed before it could announce it would wait for ever. */
static void admit_orphans(struct trace *trace) {
    size_t at = 0;
    for (struct task *task; (task = tasks_next(&trace->tasks, &at));) {
        if (!task->newborn || clock_now_ns() - task->born_real_ns < SWEEP_NS)
            continue;
        birth_admit(trace, task, "fork");
        at = 0; /* the walk does not survive a change */
    }
}

void sweep_look(struct trace *trace) {
    memory_look(trace);
    zombies_look(trace, true);
    channels_sweep(trace->channels);
    if (trace->options.states)
        states_look(trace);
}

static void on_sweep(void *ctx) {
    struct trace *trace = ctx;
    loop_timer_set(trace->loop, trace->sweep_timer, clock_now_ns() + SWEEP_NS);
    memory_look(trace);
    busy_look(trace);
    admit_orphans(trace);
    hold_sweep(trace);
    faults_fire(trace, trace_now_ns(trace));
    zombies_look(trace, false);
    channels_sweep(trace->channels);
    if (trace->options.states && ++trace->sweep_count % STATES_EVERY == 0)
        states_look(trace);
}

void sweep_start(struct trace *trace) {
    trace->sweep_timer = loop_timer_new(trace->loop, on_sweep, trace);
    loop_timer_set(trace->loop, trace->sweep_timer, clock_now_ns() + SWEEP_NS);
}

void sweep_stop(struct trace *trace) {
    if (trace->sweep_timer >= 0)
        loop_timer_free(trace->loop, trace->sweep_timer);
    trace->sweep_timer = -1;
}
