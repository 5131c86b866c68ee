/* The calls that wait for a while, with the virtual clock: rows of the table in syscalls.c.
 *
 * At the entry the timeout is noted as a deadline in the program's time, and the kernel is made to wait without one. When
 * the deadline has come (pace.c), PTRACE_INTERRUPT ends the call, and its exit is given the result of a timeout. A
 * call that a signal interrupts is left with the result that lets the kernel decide as always: EINTR where a handler
 * runs, restart_syscall(2) where none does; there the old deadline is taken up again.
 */
#ifndef BRIGADE_TRACE_CALLS_WAIT_H
#define BRIGADE_TRACE_CALLS_WAIT_H

#include "trace/internal.h"
#include "trace/syscalls.h"

enum timeout_unit { UNIT_TIMESPEC, UNIT_TIMEVAL, UNIT_MS /* in the register itself */ };
enum timeout_base {
    BASE_NOW,
    BASE_REALTIME,     /* a moment of that clock */
    BASE_CLOCK_SLEEP,  /* clock_nanosleep(2): clock in argument 0, TIMER_ABSTIME in 1 */
    BASE_FUTEX,        /* futex(2): by the operation in argument 1 */
    BASE_CLOCK_WAITV,  /* futex_waitv(2): a moment of the clock in argument 4 */
};

struct wait_call {
    enum timeout_unit unit;
    enum timeout_base base;
    unsigned timeout_arg;
    unsigned rest_arg; /* where a sleep's remainder goes after a signal; 0: nowhere */
    bool sleeps;       /* waits for nothing but time: has no way to wait without end */
    bool counts_down;  /* the rest of the time is written back into the timeout */
    bool selects;      /* arguments 1 to 3 are sets of argument 0 bits, empty after a timeout */
    int result;        /* after a timeout */
};

extern const struct wait_call wait_nanosleep, wait_clock_nanosleep, wait_poll, wait_ppoll,
    wait_select, wait_pselect, wait_epoll, wait_epoll_pwait2, wait_futex, wait_futex_waitv,
    wait_sigtimedwait, wait_semtimedop, wait_mq;

bool wait_enter(struct trace *trace, struct task *task, const struct syscall_form *form);
bool wait_resume(struct trace *trace, struct task *task, const struct syscall_form *form);
void wait_leave(struct trace *trace, struct task *task, int64_t result);

/* A call on a descriptor, which has its timeout from SO_RCVTIMEO or SO_SNDTIMEO: the same for it. Returns whether it
 * has one; wait_leave then comes before the call's own handler and returns the result that it sees. */
bool wait_on_socket(struct trace *trace, struct task *task, const struct syscall_form *form);
int64_t wait_leave_socket(struct trace *trace, struct task *task, int64_t result);

/* Ends the calls whose deadline is not after `now_ns`. */
void waits_end(struct trace *trace, int64_t now_ns);

/* Whether the call is a sleep that shows in /proc as something else; its name then. */
const char *wait_name(const struct task *task);

#endif
