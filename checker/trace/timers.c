#include "trace/timers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "trace/memory.h"
#include "trace/registers.h"
#include "trace/timerfd.h"

enum { TIMERS_MOST = 4096 /* of one run; further ones stay with the kernel */ };

enum timer_kind { TIMER_ITIMER /* alarm(2), setitimer(2) */, TIMER_POSIX, TIMER_FD };

struct timer {
    enum timer_kind kind;
    const struct process *process; /* NULL for a timerfd, which outlives its maker */
    int id;                        /* POSIX timer; timerfd: our copy */
    clockid_t clock;
    int64_t due_ns; /* -1: disarmed */
    int64_t interval_ns;
    struct sigevent event; /* POSIX timer */
    int64_t overrun;       /* expirations since the signal was sent that is pending */
};

struct timers {
    struct timer *all;
    size_t count, capacity;
    bool sent_alarms; /* a signal of ours may be on its way */
};

struct timers *timers_new(void) { return xcalloc(1, sizeof(struct timers)); }

static void release(struct timer *timer) {
    if (timer->kind == TIMER_FD)
        timerfd_release(&timer->id);
}

void timers_free(struct timers *timers) {
    if (!timers)
        return;
    for (size_t i = 0; i < timers->count; i++)
        release(&timers->all[i]);
    free(timers->all);
    free(timers);
}

static void remove_at(struct timers *timers, size_t at) {
    release(&timers->all[at]);
    timers->all[at] = timers->all[--timers->count];
}

static struct timer *find(struct timers *timers, enum timer_kind kind,
                          const struct process *process, int id) {
    for (size_t i = 0; i < timers->count; i++) {
        struct timer *timer = &timers->all[i];
        if (timer->kind == kind && timer->process == process && timer->id == id)
            return timer;
    }
    return NULL;
}

/* NULL when there are too many. */
static struct timer *add(struct timers *timers, struct timer timer) {
    if (timers->count >= TIMERS_MOST)
        return NULL;
    GROW(timers->all, timers->capacity, timers->count + 1);
    timer.due_ns = -1;
    timers->all[timers->count] = timer;
    return &timers->all[timers->count++];
}

int64_t timers_next_ns(const struct timers *timers) {
    int64_t next_ns = -1;
    for (size_t i = 0; i < timers->count; i++) {
        int64_t due_ns = timers->all[i].due_ns;
        if (due_ns >= 0 && (next_ns < 0 || due_ns < next_ns))
            next_ns = due_ns;
    }
    return next_ns;
}

void timers_of_process_end(struct trace *trace, const struct process *process, bool by_exec) {
    struct timers *timers = trace->timers;
    for (size_t i = timers->count; i-- > 0;)
        if (timers->all[i].process == process && process &&
            !(by_exec && timers->all[i].kind == TIMER_ITIMER))
            remove_at(timers, i);
}

/* --- expiry ---------------------------------------------------------------------------------------- */

/* Moves the timer on past `now_ns`; returns how often it has expired. */
static int64_t expire(struct timer *timer, int64_t now_ns) {
    int64_t times = 1;
    if (timer->interval_ns <= 0) {
        timer->due_ns = -1;
        return times;
    }
    times += (now_ns - timer->due_ns) / timer->interval_ns;
    timer->due_ns += times * timer->interval_ns;
    return times;
}

static struct task *thread_of(struct trace *trace, const struct timer *timer) {
    size_t at = 0;
    int inner = timer->event._sigev_un._tid;
    for (struct task *task; (task = tasks_next(&trace->tasks, &at));)
        if (task->process == timer->process &&
            (task->inner_tid == inner || (!task->inner_tid && timer->process->pid == inner)))
            return task;
    return NULL;
}

static void send_posix(struct trace *trace, struct timer *timer, int64_t times) {
    const struct process *process = timer->process;
    int signal = timer->event.sigev_signo;
    if (timer->event.sigev_notify == SIGEV_NONE)
        return;
    if (task_signal_pending(process->host_pid, signal)) {
        timer->overrun += times;
        return;
    }
    timer->overrun = times - 1;
    siginfo_t info = {.si_signo = signal, .si_code = SI_TIMER};
    info.si_timerid = timer->id;
    info.si_overrun = (int)timer->overrun;
    info.si_value = timer->event.sigev_value;
    struct task *task =
        timer->event.sigev_notify & SIGEV_THREAD_ID ? thread_of(trace, timer) : NULL;
    if (task)
        syscall(SYS_rt_tgsigqueueinfo, process->host_pid, task->tid, signal, &info);
    else
        syscall(SYS_pidfd_send_signal, process->pidfd, signal, &info, 0);
}

static void send_expiry(struct trace *trace, struct timer *timer, int64_t times) {
    switch (timer->kind) {
    case TIMER_ITIMER:
        trace->timers->sent_alarms = true;
        syscall(SYS_pidfd_send_signal, timer->process->pidfd, SIGALRM, NULL, 0);
        return;
    case TIMER_POSIX: send_posix(trace, timer, times); return;
    case TIMER_FD:
        timerfd_tick(timer->id, (uint64_t)times);
        if (!timerfd_is_held(&trace->tasks, timer->id))
            timer->due_ns = -1;
        return;
    }
}

void timers_fire(struct trace *trace, int64_t now_ns) {
    struct timers *timers = trace->timers;
    for (size_t i = 0; i < timers->count; i++) {
        struct timer *timer = &timers->all[i];
        if (timer->due_ns >= 0 && timer->due_ns <= now_ns)
            send_expiry(trace, timer, expire(timer, now_ns));
    }
}

bool timers_dress_signal(struct trace *trace, struct task *task, int signal) {
    siginfo_t info;
    struct timers *timers = trace->timers;
    if (signal == SIGALRM && timers->sent_alarms &&
        find(timers, TIMER_ITIMER, task->process, 0) &&
        ptrace(PTRACE_GETSIGINFO, task->tid, 0, &info) == 0 && info.si_code == SI_USER &&
        (info.si_pid == 0 || info.si_pid == getpid())) { /* from us, seen from inside a box or not */
        info = (siginfo_t){.si_signo = SIGALRM, .si_code = SI_KERNEL};
        ptrace(PTRACE_SETSIGINFO, task->tid, 0, &info);
        return true;
    }
    if (!timers->count || ptrace(PTRACE_GETSIGINFO, task->tid, 0, &info) < 0 ||
        info.si_code != SI_TIMER)
        return false;
    struct timer *timer = find(timers, TIMER_POSIX, task->process, info.si_timerid);
    if (!timer)
        return false;
    info.si_overrun = (int)timer->overrun;
    ptrace(PTRACE_SETSIGINFO, task->tid, 0, &info);
    return true;
}

/* --- what the calls have in common -------------------------------------------------------------------- */

static void answer(struct task *task, int64_t result) {
    struct registers registers;
    if (registers_get(task->tid, &registers) < 0)
        return;
    registers_skip(&registers, result);
    registers_set(task->tid, &registers);
}

/* struct itimerval and struct itimerspec alike: interval, then value. */
struct setting {
    int64_t interval_s, interval_part, value_s, value_part;
};

static bool read_setting(const struct task *task, uint64_t address, int64_t part_ns,
                         int64_t *interval_ns, int64_t *value_ns) {
    struct setting setting;
    if (memory_read(task->tid, address, &setting, sizeof setting) != (ssize_t)sizeof setting ||
        setting.interval_s < 0 || setting.value_s < 0 || setting.interval_part < 0 ||
        setting.value_part < 0 || setting.interval_part >= NS_PER_S / part_ns ||
        setting.value_part >= NS_PER_S / part_ns)
        return false; /* the kernel will say what it thinks of it */
    const int64_t most_s = INT64_MAX / NS_PER_S / 4;
    int64_t interval_s = setting.interval_s < most_s ? setting.interval_s : most_s;
    int64_t value_s = setting.value_s < most_s ? setting.value_s : most_s;
    *interval_ns = interval_s * NS_PER_S + setting.interval_part * part_ns;
    *value_ns = value_s * NS_PER_S + setting.value_part * part_ns;
    return true;
}

static void write_setting(const struct trace *trace, const struct task *task, uint64_t address,
                          int64_t part_ns, const struct timer *timer) {
    int64_t left_ns = !timer || timer->due_ns < 0 ? 0 : timer->due_ns - trace_now_ns(trace);
    int64_t interval_ns = timer ? timer->interval_ns : 0;
    if (timer && timer->due_ns >= 0 && left_ns < part_ns)
        left_ns = part_ns; /* 0 would say that it is disarmed */
    struct setting setting = {interval_ns / NS_PER_S, interval_ns % NS_PER_S / part_ns,
                              left_ns / NS_PER_S, left_ns % NS_PER_S / part_ns};
    if (address)
        memory_write(task->tid, address, &setting, sizeof setting);
}

/* An absolute moment may lie before the program's time 0, on a grid of full hours, say: it has rung already, as often as
 * the interval fits in between, and goes on from there. */
static void arm_before_time_0(struct trace *trace, struct timer *timer, int64_t before_ns) {
    int64_t times = timer->interval_ns > 0 ? (before_ns - 1) / timer->interval_ns + 1 : 1;
    timer->due_ns = timer->interval_ns > 0 ? times * timer->interval_ns - before_ns : -1;
    send_expiry(trace, timer, times);
}

static void arm(struct trace *trace, struct timer *timer, int64_t interval_ns, int64_t value_ns,
                bool absolute) {
    int64_t before_ns = program_clock_show_ns(&trace->clock, timer->clock, 0) - value_ns;
    timer->interval_ns = interval_ns;
    timer->overrun = 0;
    timer->due_ns = value_ns == 0 ? -1
                    : absolute    ? program_clock_moment_ns(&trace->clock, timer->clock, value_ns)
                                  : trace_now_ns(trace) + value_ns;
    if (value_ns != 0 && absolute && before_ns > 0)
        arm_before_time_0(trace, timer, before_ns);
}

/* --- alarm, setitimer, getitimer ------------------------------------------------------------------------ */

static struct timer *itimer_of(struct trace *trace, struct task *task) {
    struct timer *timer = find(trace->timers, TIMER_ITIMER, task->process, 0);
    return timer ? timer
                 : add(trace->timers,
                       (struct timer){.kind = TIMER_ITIMER, .process = task->process,
                                      .clock = CLOCK_MONOTONIC});
}

bool alarm_enter(struct trace *trace, struct task *task, const struct syscall_form *form) {
    (void)form;
    struct timer *timer = itimer_of(trace, task);
    if (!timer)
        return false;
    int64_t left_ns = timer->due_ns < 0 ? 0 : timer->due_ns - trace_now_ns(trace);
    int64_t left_s = (left_ns + NS_PER_S / 2) / NS_PER_S;
    if (timer->due_ns >= 0 && left_s <= 0)
        left_s = 1; /* alarm(2) never says 0 of one that is to come */
    arm(trace, timer, 0, (int64_t)(unsigned)task->args[0] * NS_PER_S, false);
    answer(task, left_s);
    return false;
}

bool setitimer_enter(struct trace *trace, struct task *task, const struct syscall_form *form) {
    (void)form;
    int64_t interval_ns = 0, value_ns = 0;
    struct timer *timer =
        (int)task->args[0] == ITIMER_REAL ? itimer_of(trace, task) : NULL;
    if (!timer || (task->args[1] &&
                   !read_setting(task, task->args[1], 1000, &interval_ns, &value_ns)))
        return false;
    write_setting(trace, task, task->args[2], 1000, timer);
    arm(trace, timer, interval_ns, value_ns, false);
    answer(task, 0);
    return false;
}

bool getitimer_enter(struct trace *trace, struct task *task, const struct syscall_form *form) {
    (void)form;
    if ((int)task->args[0] != ITIMER_REAL || !task->args[1])
        return false;
    write_setting(trace, task, task->args[1], 1000,
                  find(trace->timers, TIMER_ITIMER, task->process, 0));
    answer(task, 0);
    return false;
}

/* --- timer_create and what goes with it ------------------------------------------------------------------- */

void timer_create_leave(struct trace *trace, struct task *task, int64_t result) {
    struct timer timer = {.kind = TIMER_POSIX, .process = task->process,
                          .clock = (clockid_t)task->args[0]};
    int32_t id;
    if (result != 0 || program_clock_show_ns(&trace->clock, timer.clock, 0) < 0 ||
        memory_read(task->tid, task->args[2], &id, sizeof id) != (ssize_t)sizeof id)
        return;
    timer.id = id;
    if (!task->args[1]) { /* timer_create(2): SIGALRM with the timer's id */
        timer.event.sigev_signo = SIGALRM;
        timer.event.sigev_value.sival_int = id;
    } else if (memory_read(task->tid, task->args[1], &timer.event, sizeof timer.event) !=
               (ssize_t)sizeof timer.event) {
        return;
    }
    add(trace->timers, timer);
}

void timer_delete_leave(struct trace *trace, struct task *task, int64_t result) {
    struct timers *timers = trace->timers;
    struct timer *timer = find(timers, TIMER_POSIX, task->process, (int)task->args[0]);
    if (result == 0 && timer)
        remove_at(timers, (size_t)(timer - timers->all));
}

bool timer_settime_enter(struct trace *trace, struct task *task, const struct syscall_form *form) {
    (void)form;
    int64_t interval_ns, value_ns;
    struct timer *timer = find(trace->timers, TIMER_POSIX, task->process, (int)task->args[0]);
    if (!timer || !read_setting(task, task->args[2], 1, &interval_ns, &value_ns))
        return false;
    write_setting(trace, task, task->args[3], 1, timer);
    arm(trace, timer, interval_ns, value_ns, task->args[1] & TIMER_ABSTIME);
    answer(task, 0);
    return false;
}

bool timer_gettime_enter(struct trace *trace, struct task *task, const struct syscall_form *form) {
    (void)form;
    struct timer *timer = find(trace->timers, TIMER_POSIX, task->process, (int)task->args[0]);
    if (!timer || !task->args[1])
        return false;
    write_setting(trace, task, task->args[1], 1, timer);
    answer(task, 0);
    return false;
}

bool timer_getoverrun_enter(struct trace *trace, struct task *task,
                            const struct syscall_form *form) {
    (void)form;
    struct timer *timer = find(trace->timers, TIMER_POSIX, task->process, (int)task->args[0]);
    if (timer)
        answer(task, timer->overrun);
    return false;
}

/* --- timerfd ------------------------------------------------------------------------------------------------ */

static struct timer *timerfd_of(struct trace *trace, struct task *task, int copy) {
    for (size_t i = 0; i < trace->timers->count; i++) {
        struct timer *timer = &trace->timers->all[i];
        if (timer->kind == TIMER_FD && timerfd_is_same(timer->id, copy))
            return timer;
    }
    (void)task;
    return NULL;
}

/* Those that nobody holds any more make room. */
static void forget_closed(struct trace *trace) {
    struct timers *timers = trace->timers;
    for (size_t i = timers->count; i-- > 0;)
        if (timers->all[i].kind == TIMER_FD && timers->all[i].due_ns < 0 &&
            !timerfd_is_held(&trace->tasks, timers->all[i].id))
            remove_at(timers, i);
}

bool timerfd_settime_enter(struct trace *trace, struct task *task,
                           const struct syscall_form *form) {
    (void)form;
    int64_t interval_ns, value_ns;
    clockid_t clock;
    int copy = timerfd_borrow(task, (int)task->args[0], &clock);
    if (copy < 0 || program_clock_show_ns(&trace->clock, clock, 0) < 0 ||
        !read_setting(task, task->args[2], 1, &interval_ns, &value_ns)) {
        timerfd_release(&copy);
        return false;
    }
    struct timer *timer = timerfd_of(trace, task, copy);
    if (timer) {
        timerfd_release(&copy);
    } else {
        forget_closed(trace);
        timer = add(trace->timers, (struct timer){.kind = TIMER_FD, .id = copy, .clock = clock});
    }
    if (!timer) {
        timerfd_release(&copy);
        return false;
    }
    write_setting(trace, task, task->args[3], 1, timer);
    timerfd_disarm(timer->id);
    arm(trace, timer, interval_ns, value_ns, task->args[1] & TIMER_ABSTIME);
    answer(task, 0);
    return false;
}

bool timerfd_gettime_enter(struct trace *trace, struct task *task,
                           const struct syscall_form *form) {
    (void)form;
    clockid_t clock;
    int copy = timerfd_borrow(task, (int)task->args[0], &clock);
    struct timer *timer = copy < 0 ? NULL : timerfd_of(trace, task, copy);
    timerfd_release(&copy);
    if (!timer || !task->args[1])
        return false;
    write_setting(trace, task, task->args[1], 1, timer);
    answer(task, 0);
    return false;
}
