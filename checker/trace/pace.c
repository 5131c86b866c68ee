/* The virtual clock, set forward. A jump is right only if nothing could have happened before the moment jumped to:
 * every task sleeps in a call, nothing is on its way to one of them, and nobody outside has something to do.
 *
 * The proof takes two looks at every task, with the network looked at between them. A task that slept at both looks
 * without a context switch slept all the time between, so at the moment of the look at the network all slept at once,
 * and none can have been woken since by what was not there.
 */
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "trace/calls_wait.h"
#include "trace/internal.h"
#include "trace/network.h"
#include "trace/timers.h"

#define TICK_NS (10 * NS_PER_MS)           /* of real time: CPU used is counted, and deadlines that time itself brought */
#define FIRST_LOOK_NS (INT64_C(30) * 1000) /* of real time, after something happened; doubled from look to look */
#define LATER_LOOK_NS (2 * NS_PER_MS)
#define PACED_LOOK_NS (50 * NS_PER_MS)
#define READ_PRICE_NS (INT64_C(20) * 1000)
#define NETWORK_PATIENCE_NS (250 * NS_PER_MS) /* of real time: what is on its way longer than that will not arrive */

enum { READS_FREE = 1000 };

struct pace {
    int timer;
    int64_t wake_ns;          /* of the program's time; -1: nobody waits for a moment */
    int64_t rested_ns;        /* the program's time when it began to use CPU again */
    bool rested;              /* it has not since */
    int64_t network_since_ns; /* of real time, since when something is on its way; 0: nothing */
    pid_t busy_tid; /* the task that was seen running last; 0: none */
    int jump_count;
    bool skips; /* paced: a jump was asked for */
};

/* --- deadlines ---------------------------------------------------------------------------------- */

static int64_t earlier(int64_t a_ns, int64_t b_ns) { /* -1: never */
    return a_ns < 0 ? b_ns : b_ns < 0 || a_ns < b_ns ? a_ns : b_ns;
}

static int64_t program_deadline_ns(struct trace *trace) {
    int64_t next_ns = timers_next_ns(trace->timers);
    size_t at = 0;
    for (struct task *task; (task = tasks_next(&trace->tasks, &at));) {
        if (task->held_until_ns)
            next_ns = earlier(next_ns, task->held_until_ns);
        else if (task->wait.form && !task->wait.due && !task->wait.suspended)
            next_ns = earlier(next_ns, task->wait.deadline_ns);
    }
    return earlier(next_ns, faults_next_ns(trace));
}

static void arm(struct trace *trace) {
    struct pace *pace = trace->pace;
    int64_t at_ns = trace->options.paced ? clock_now_ns() + PACED_LOOK_NS
                    : trace->clock.virtual_time ? clock_now_ns() + TICK_NS
                    : pace->wake_ns >= 0      ? program_clock_real_ns(&trace->clock, pace->wake_ns)
                                              : -1;
    loop_timer_set(trace->loop, pace->timer, at_ns);
}

/* Whatever is due by now. */
static void fire(struct trace *trace) {
    struct pace *pace = trace->pace;
    int64_t now_ns = trace_now_ns(trace);
    if (trace->clock.virtual_time) {
        waits_end(trace, now_ns);
        timers_fire(trace, now_ns);
        faults_fire(trace, now_ns);
        hold_release_due(trace);
    }
    if (pace->wake_ns < 0 || pace->wake_ns > now_ns)
        return;
    pace->wake_ns = -1;
    trace->ops.moment(trace->ctx);
}

/* --- CPU time ------------------------------------------------------------------------------------- */

static int64_t cpu_ns(pid_t host_pid) { /* a zombie has its clock still */
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(host_pid, &clock) != 0 || clock_gettime(clock, &used) < 0)
        return -1;
    return used.tv_sec * NS_PER_S + used.tv_nsec;
}

/* Who looks at a clock a thousand times, and never rests, waits for it: each further look takes time, or it would wait ten
 * times as long as without us. */
static int64_t price_of_reads_ns(const struct process *process) {
    return process->clock_reads > READS_FREE ? (process->clock_reads - READS_FREE) * READ_PRICE_NS : 0;
}

int64_t process_cpu_ns(const struct process *process) {
    int64_t used_ns = cpu_ns(process->host_pid);
    return used_ns < 0 ? process->used_cpu_ns : used_ns;
}

int64_t trace_cpu_ns(const struct trace *trace) {
    int64_t used_ns = 0;
    for (size_t i = 0; i < trace->tasks.process_count; i++) {
        const struct process *process = trace->tasks.processes[i];
        used_ns += process->alive ? process_cpu_ns(process) : process->used_cpu_ns;
    }
    return used_ns;
}

/* Time passes for a program that computes: as much as the busiest of its processes has used since all of them rested
 * last. Each has a CPU to itself as far as it knows, so what they use at the same time counts once, although they take
 * turns on ours. */
static void count_cpu(struct trace *trace) {
    struct pace *pace = trace->pace;
    int64_t most_ns = 0;
    for (size_t i = 0; i < trace->tasks.process_count; i++) {
        struct process *process = trace->tasks.processes[i];
        int64_t used_ns = process->alive ? cpu_ns(process->host_pid) : -1;
        process->used_cpu_ns = used_ns < 0 ? process->used_cpu_ns : used_ns;
        if (used_ns < 0)
            continue;
        if (pace->rested) {
            process->rested_cpu_ns = used_ns;
            process->clock_reads = 0;
        }
        used_ns += price_of_reads_ns(process) - process->rested_cpu_ns;
        if (used_ns > most_ns)
            most_ns = used_ns;
    }
    if (pace->rested)
        pace->rested_ns = trace_now_ns(trace);
    pace->rested = false;
    program_clock_advance(&trace->clock, pace->rested_ns + most_ns);
}

static void on_timer(void *ctx) {
    struct trace *trace = ctx;
    if (trace->clock.virtual_time && !trace->options.paced)
        count_cpu(trace);
    fire(trace);
    arm(trace);
}

/* --- idleness ------------------------------------------------------------------------------------- */

struct look {
    bool busy, kernel_timer;
    int held; /* for the sake of others, who now wait themselves */
    int joining;
};

/* As long as the one that was seen running still does, all the others need no look. */
static bool is_still_running(struct trace *trace) {
    struct pace *pace = trace->pace;
    struct task_status status;
    if (pace->busy_tid && tasks_find(&trace->tasks, pace->busy_tid) &&
        task_status_read(pace->busy_tid, &status) == 0 && status.state == 'R')
        return true;
    pace->busy_tid = 0;
    return false;
}

/* Every task is looked at the first time, since the second look compares with it. */
static struct look look_at_all(struct trace *trace, bool stop_early) {
    struct look look = {0};
    size_t at = 0;
    for (struct task *task; (task = tasks_next(&trace->tasks, &at));) {
        if (task->held_until_ns)
            continue;
        if (task->held && task->joins && task->joins_most_ns)
            look.joining++;
        else if (task->held)
            look.held++;
        else if (!task_is_quiet(trace, task, &look.kernel_timer)) {
            look.busy = true;
            trace->pace->busy_tid = task->tid;
            if (stop_early)
                break;
        }
    }
    return look;
}

static bool network_rests(struct trace *trace) {
    struct pace *pace = trace->pace;
    bool busy = trace->ops.in_flight(trace->ctx) ||
                (trace->connects && network_is_busy(trace->first->host_pid));
    if (!busy) {
        pace->network_since_ns = 0;
        return true;
    }
    if (!pace->network_since_ns)
        pace->network_since_ns = clock_now_ns();
    return clock_now_ns() - pace->network_since_ns > NETWORK_PATIENCE_NS;
}

/* Whether the clock may be set forward now. */
static bool may_jump(const struct trace *trace) {
    return !trace->options.paced || trace->pace->skips;
}

static void jump(struct trace *trace, int64_t to_ns) {
    struct pace *pace = trace->pace;
    int64_t from_ns = trace_now_ns(trace);
    pace->skips = false;
    if (to_ns > from_ns) {
        program_clock_advance(&trace->clock, to_ns);
        pace->jump_count++;
        pace->rested = true;
        trace_emit(trace, event_new(EVENT_JUMP, "{s:I, s:I}", "from_ns", (json_int_t)from_ns,
                                    "to_ns", (json_int_t)to_ns));
    }
    fire(trace);
}

/* Paced: what has come due is brought about without a jump. Returns how long to the next deadline at most. */
static int64_t come_due(struct trace *trace) {
    int64_t due_ns = earlier(program_deadline_ns(trace), trace->pace->wake_ns);
    int64_t left_ns = due_ns < 0 ? PACED_LOOK_NS : due_ns - trace_now_ns(trace);
    if (left_ns > 0)
        return left_ns < PACED_LOOK_NS ? left_ns : PACED_LOOK_NS;
    fire(trace);
    due_ns = earlier(program_deadline_ns(trace), trace->pace->wake_ns);
    return due_ns < 0 || due_ns > trace_now_ns(trace) ? 0 : LATER_LOOK_NS; /* of a stopped process, say */
}

/* All wait, and none of the program's own deadlines is to come. Returns how long to wait, as on_quiet does. */
static int64_t rest(struct trace *trace) {
    struct pace *pace = trace->pace;
    int64_t wake_ns = pace->wake_ns;
    enum idleness how = trace_idleness(trace, NULL);
    if (how == BUSY || how == WAITS_TIMER) /* a timer that only the kernel knows */
        return LATER_LOOK_NS;
    trace->ops.idle(trace->ctx, how);
    if (wake_ns < 0)
        pace->skips = false; /* there is nothing to jump to */
    if (wake_ns < 0 || pace->wake_ns != wake_ns)
        return pace->wake_ns < 0 ? -1 : 0;
    if (!may_jump(trace))
        return come_due(trace);
    jump(trace, wake_ns);
    return 0;
}

static int64_t pause_ns(unsigned rounds) {
    int64_t ns = FIRST_LOOK_NS << (rounds < 8 ? rounds : 8);
    return ns < LATER_LOOK_NS ? ns : LATER_LOOK_NS;
}

/* No process is left, and whoever talks to the program from outside may still find that out. */
static int64_t go_on_alone(struct trace *trace, unsigned rounds) {
    int64_t wake_ns = trace->pace->wake_ns;
    if (wake_ns < 0)
        return -1;
    if (rounds == 0 || !network_rests(trace))
        return pause_ns(rounds);
    if (!may_jump(trace))
        return come_due(trace);
    jump(trace, wake_ns);
    return 0;
}

static int64_t on_quiet(void *ctx, unsigned rounds) {
    struct trace *trace = ctx;
    if (trace->at_end)
        return -1;
    if (trace->options.paced && come_due(trace) == 0)
        return 0;
    if (trace->task_count == 0)
        return go_on_alone(trace, rounds);
    if (rounds == 0 || is_still_running(trace) || look_at_all(trace, false).busy ||
        !network_rests(trace))
        return pause_ns(rounds);
    struct look look = look_at_all(trace, true);
    if (look.busy || loop_is_pending(trace->loop))
        return pause_ns(rounds);
    if (look.held) {
        hold_end(trace);
        faults_let_go(trace, false);
        return 0;
    }
    if (look.kernel_timer)
        return LATER_LOOK_NS;
    sweep_look(trace);
    int64_t program_ns = program_deadline_ns(trace), wake_ns = trace->pace->wake_ns;
    if (program_ns < 0 && look.joining) {
        faults_let_go(trace, true);
        return 0;
    }
    if (program_ns < 0)
        return rest(trace);
    if (!may_jump(trace))
        return come_due(trace);
    jump(trace, earlier(program_ns, wake_ns));
    return 0;
}

/* --- ---------------------------------------------------------------------------------------------- */

void pace_start(struct trace *trace) {
    trace->pace->timer = loop_timer_new(trace->loop, on_timer, trace);
    if (trace->clock.virtual_time)
        loop_on_quiet(trace->loop, on_quiet, trace);
    arm(trace);
}

void pace_stop(struct trace *trace) {
    loop_timer_free(trace->loop, trace->pace->timer);
    trace->pace->timer = -1;
    loop_on_quiet(trace->loop, NULL, NULL);
}

struct pace *pace_new(void) {
    struct pace *pace = xcalloc(1, sizeof *pace);
    *pace = (struct pace){.timer = -1, .wake_ns = -1};
    return pace;
}

void trace_wake_at(struct trace *trace, int64_t at_ns) {
    trace->pace->wake_ns = at_ns;
    if (trace->pace->timer >= 0)
        arm(trace);
}

void trace_skip(struct trace *trace) { trace->pace->skips = true; }

int trace_jump_count(const struct trace *trace) { return trace->pace->jump_count; }
