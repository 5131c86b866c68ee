#include "trace/calls_wait.h"

#include <errno.h>
#include <linux/futex.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>

#include "trace/memory.h"
#include "trace/registers.h"
#include "trace/sockets.h"

/* What an interrupted call returns inside the kernel, seen by tracers alone (include/linux/errno.h). */
enum { RESTART_SYS = 512, RESTART_NO_INTR = 513, RESTART_NO_HANDLER = 514, RESTART_BLOCK = 516 };

enum { SIGNAL_SET_BYTES = 8 /* what the kernel calls sizeof(sigset_t) */ };

const struct wait_call wait_nanosleep = {.timeout_arg = 0, .rest_arg = 1, .sleeps = true};
const struct wait_call wait_clock_nanosleep = {.base = BASE_CLOCK_SLEEP, .timeout_arg = 2,
                                               .rest_arg = 3, .sleeps = true};
const struct wait_call wait_poll = {.unit = UNIT_MS, .timeout_arg = 2};
const struct wait_call wait_ppoll = {.timeout_arg = 2, .counts_down = true};
const struct wait_call wait_select = {.unit = UNIT_TIMEVAL, .timeout_arg = 4, .counts_down = true,
                                      .selects = true};
const struct wait_call wait_pselect = {.timeout_arg = 4, .counts_down = true, .selects = true};
const struct wait_call wait_epoll = {.unit = UNIT_MS, .timeout_arg = 3};
const struct wait_call wait_epoll_pwait2 = {.timeout_arg = 3};
const struct wait_call wait_futex = {.base = BASE_FUTEX, .timeout_arg = 3, .result = -ETIMEDOUT};
const struct wait_call wait_futex_waitv = {.base = BASE_CLOCK_WAITV, .timeout_arg = 3,
                                           .result = -ETIMEDOUT};
const struct wait_call wait_sigtimedwait = {.timeout_arg = 2, .result = -EAGAIN};
const struct wait_call wait_semtimedop = {.timeout_arg = 3, .result = -EAGAIN};
const struct wait_call wait_mq = {.base = BASE_REALTIME, .timeout_arg = 4, .result = -ETIMEDOUT};

/* --- deadlines -------------------------------------------------------------------------------- */

/* The timeout as the program gave it, in nanoseconds; -1 for none, or for one that the kernel will refuse. */
static int64_t given_ns(const struct task *task, const struct wait_call *call) {
    uint64_t argument = task->args[call->timeout_arg];
    if (call->unit == UNIT_MS)
        return (int)argument < 0 ? -1 : (int64_t)(int)argument * NS_PER_MS;
    int64_t parts[2]; /* struct timespec and struct timeval alike */
    int64_t unit_ns = call->unit == UNIT_TIMEVAL ? 1000 : 1;
    if (!argument ||
        memory_read(task->tid, argument, parts, sizeof parts) != (ssize_t)sizeof parts ||
        parts[0] < 0 || parts[1] < 0 || parts[1] >= NS_PER_S / unit_ns)
        return -1;
    if (parts[0] > INT64_MAX / NS_PER_S / 4)
        parts[0] = INT64_MAX / NS_PER_S / 4;
    return parts[0] * NS_PER_S + parts[1] * unit_ns;
}

/* futex(2), "Timeouts": which operations wait, by which clock, until a moment or for a while. */
static bool futex_clock(uint64_t operation, clockid_t *clock, bool *absolute) {
    *clock = operation & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    *absolute = true;
    switch (operation & (uint64_t)FUTEX_CMD_MASK) {
    case FUTEX_WAIT: *absolute = false; return true;
    case FUTEX_LOCK_PI: *clock = CLOCK_REALTIME; return true;
    case FUTEX_WAIT_BITSET:
    case FUTEX_WAIT_REQUEUE_PI:
    case FUTEX_LOCK_PI2: return true;
    default: return false;
    }
}

/* The moment of the program's time at which the call ends; -1: it is none of ours. */
static int64_t deadline_of(struct trace *trace, struct task *task, const struct wait_call *call,
                           bool *absolute) {
    int64_t ns = given_ns(task, call);
    clockid_t clock = CLOCK_MONOTONIC;
    *absolute = call->base != BASE_NOW;
    if (ns < 0)
        return -1;
    switch (call->base) {
    case BASE_NOW: break;
    case BASE_REALTIME: clock = CLOCK_REALTIME; break;
    case BASE_CLOCK_WAITV: clock = (clockid_t)task->args[4]; break;
    case BASE_CLOCK_SLEEP:
        clock = (clockid_t)task->args[0];
        *absolute = task->args[1] & TIMER_ABSTIME;
        break;
    case BASE_FUTEX:
        if (!futex_clock(task->args[1], &clock, absolute))
            return -1;
        break;
    }
    if (program_clock_show_ns(&trace->clock, clock, 0) < 0)
        return -1; /* CPU time: the kernel's business */
    return *absolute ? program_clock_moment_ns(&trace->clock, clock, ns) : trace_now_ns(trace) + ns;
}

/* --- the kernel waits without end --------------------------------------------------------------- */

static void wait_without_end(struct task *task) {
    const struct wait_call *call = task->wait.call;
    struct registers registers;
    if (!call || registers_get(task->tid, &registers) < 0)
        return;
    if (call->sleeps) { /* ppoll(2) of nothing sleeps until a signal comes */
        const uint64_t nothing[] = {0, 0, 0, 0, SIGNAL_SET_BYTES};
        registers_set_call(&registers, SCMP_SYS(ppoll));
        for (unsigned i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
            registers_set_argument(&registers, i, nothing[i]);
    } else {
        registers_set_call(&registers, task->wait.number);
        registers_set_argument(&registers, call->timeout_arg,
                               call->unit == UNIT_MS ? (uint64_t)-1 : 0);
    }
    registers_set(task->tid, &registers);
}

bool wait_enter(struct trace *trace, struct task *task, const struct syscall_form *form) {
    bool absolute;
    int64_t deadline_ns = deadline_of(trace, task, form->wait, &absolute);
    if (deadline_ns < 0 || (!absolute && given_ns(task, form->wait) == 0))
        return false; /* for ever, or just a look */
    task->wait = (struct task_wait){.form = form, .call = form->wait, .deadline_ns = deadline_ns,
                                    .absolute = absolute,
                                    .number = seccomp_syscall_resolve_name(form->name)};
    memcpy(task->wait.args, task->args, sizeof task->wait.args);
    wait_without_end(task);
    return true;
}

/* restart_syscall(2): the kernel goes on with a call that a signal without a handler interrupted. */
bool wait_resume(struct trace *trace, struct task *task, const struct syscall_form *form) {
    (void)trace, (void)form;
    if (!task->wait.suspended)
        return false;
    task->wait.suspended = false;
    wait_without_end(task);
    return true;
}

/* --- and how it ends ---------------------------------------------------------------------------- */

static bool is_interrupted(int64_t result) {
    return result == -EINTR || result == -RESTART_SYS || result == -RESTART_NO_INTR ||
           result == -RESTART_NO_HANDLER || result == -RESTART_BLOCK;
}

static void write_time(const struct task *task, uint64_t address, enum timeout_unit unit,
                       int64_t ns) {
    int64_t parts[2] = {ns / NS_PER_S, ns % NS_PER_S / (unit == UNIT_TIMEVAL ? 1000 : 1)};
    if (address)
        memory_write(task->tid, address, parts, sizeof parts);
}

static void clear_sets(const struct task *task) {
    static const unsigned char none[FD_SETSIZE / 8];
    int64_t bits = (int)task->wait.args[0];
    size_t bytes = (size_t)(bits + 63) / 64 * 8; /* whole longs, as the kernel writes them */
    if (bits <= 0 || bytes > sizeof none)
        return;
    for (int i = 1; i <= 3; i++)
        if (task->wait.args[i])
            memory_write(task->tid, task->wait.args[i], none, bytes);
}

/* Puts the arguments back and gives the call its result. */
static void finish_call(struct task *task, int64_t result) {
    struct registers registers;
    if (registers_get(task->tid, &registers) < 0)
        return;
    registers_set_call(&registers, task->wait.number);
    for (unsigned i = 0; i < 6; i++)
        registers_set_argument(&registers, i, task->wait.args[i]);
    registers_set_result(&registers, result);
    registers_set(task->tid, &registers);
}

static int64_t rest_ns(struct trace *trace, const struct task *task) {
    int64_t left_ns = task->wait.deadline_ns - trace_now_ns(trace);
    return left_ns > 0 && !task->wait.due ? left_ns : 0;
}

/* What the program gets to see for the kernel's result. */
static int64_t outcome_of(struct trace *trace, struct task *task, int64_t result) {
    const struct wait_call *call = task->wait.call;
    bool interrupted = is_interrupted(result);
    if (call->counts_down && result != -EFAULT)
        write_time(task, task->wait.args[call->timeout_arg], call->unit, rest_ns(trace, task));
    if (interrupted && task->wait.due) {
        if (call->selects)
            clear_sets(task);
        return call->result;
    }
    if (!interrupted || result == -EINTR)
        return result;
    if (call->rest_arg && !task->wait.absolute)
        write_time(task, task->wait.args[call->rest_arg], call->unit, rest_ns(trace, task));
    if (task->wait.absolute && call->base != BASE_FUTEX)
        return result; /* done again from its beginning, it has the same deadline */
    task->wait.suspended = true;
    return -RESTART_BLOCK;
}

void wait_leave(struct trace *trace, struct task *task, int64_t result) {
    if (!task->wait.form)
        return;
    finish_call(task, outcome_of(trace, task, result));
    if (!task->wait.suspended)
        task->wait = (struct task_wait){0};
}

/* --- sockets with a timeout --------------------------------------------------------------------- */

bool wait_on_socket(struct trace *trace, struct task *task, const struct syscall_form *form) {
    int64_t timeout_ns = socket_timeout_ns(trace, task, (int)task->args[0], form->socket == SENDS);
    if (timeout_ns <= 0)
        return false;
    task->wait = (struct task_wait){.form = form, .deadline_ns = trace_now_ns(trace) + timeout_ns};
    return true;
}

int64_t wait_leave_socket(struct trace *trace, struct task *task, int64_t result) {
    bool due = task->wait.due, ours = task->wait.form != NULL;
    task->wait = (struct task_wait){0};
    if (!ours || !is_interrupted(result))
        return result;
    struct registers registers;
    int64_t outcome = !due ? -EINTR /* socket(7): never restarted */
                      : strcmp(task->left->name, "connect") == 0 ? -EINPROGRESS
                                                                 : -EAGAIN;
    if (registers_get(task->tid, &registers) == 0) {
        registers_set_result(&registers, outcome);
        registers_set(task->tid, &registers);
    }
    (void)trace;
    return outcome;
}

void waits_end(struct trace *trace, int64_t now_ns) {
    size_t at = 0;
    for (struct task *task; (task = tasks_next(&trace->tasks, &at));) {
        struct task_wait *wait = &task->wait;
        if (!wait->form || wait->due || wait->suspended || wait->deadline_ns > now_ns)
            continue;
        wait->due = true;
        ptrace(PTRACE_INTERRUPT, task->tid, 0, 0);
    }
}

const char *wait_name(const struct task *task) {
    return task->wait.form && !task->wait.suspended ? task->wait.form->name : NULL;
}
