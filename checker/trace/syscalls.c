#include "trace/syscalls.h"

#include <errno.h>
#include <linux/futex.h>

#include "trace/calls_io.h"
#include "trace/calls_made.h"
#include "trace/calls_process.h"
#include "trace/calls_time.h"
#include "trace/calls_wait.h"
#include "trace/sockets.h"
#include "trace/timers.h"

enum { WHOLE, BY_COUNT }; /* whether argument 2 is how many bytes it may move */

#define WRITE(call, fd, gathered, cut)                                                             \
    {.name = #call, .enter = write_enter, .leave = write_leave, .fd_arg = fd, .gather = gathered,  \
     .socket = SENDS, .fault = FAULTY_WRITE, .cut_by_count = (cut)}
#define READ(call, gathered, cut)                                                                  \
    {.name = #call, .when = WHEN_READS, .enter = read_enter, .leave = read_leave,                  \
     .gather = gathered, .socket = RECEIVES, .fault = FAULTY_READ, .cut_by_count = (cut)}

/* With the virtual clock: a call that waits for a while, one that tells the time, one that sets a timer. */
#define WAIT(call, tested, timeout_arg, waiting)                                                   \
    {.name = #call, .when = WHEN_VIRTUAL, .test = tested, .test_arg = timeout_arg,                 \
     .enter = wait_enter, .leave = wait_leave, .wait = &waiting, .fault = FAULTY_WAIT}
#define ENTER(call, entered) {.name = #call, .when = WHEN_VIRTUAL, .enter = entered}
#define LEAVE(call, left, arg) {.name = #call, .when = WHEN_VIRTUAL, .leave = left, .fd_arg = arg}

static const struct syscall_form forms[] = {
    /* bytes out */
    WRITE(write, 0, gather_buffer, BY_COUNT),
    WRITE(writev, 0, gather_vector, WHOLE),
    WRITE(sendto, 0, gather_buffer, BY_COUNT),
    WRITE(sendmsg, 0, gather_message, WHOLE),
    {.name = "sendmmsg", .enter = write_enter, .leave = write_leave, .gather = gather_messages,
     .read_count = count_messages, .socket = SENDS},
    WRITE(sendfile, 0, gather_file, WHOLE),
    WRITE(vmsplice, 0, gather_vector, WHOLE),
    {.name = "splice", .enter = splice_enter, .leave = splice_leave, .fd_arg = 2},
    {.name = "tee", .enter = splice_enter, .leave = splice_leave, .fd_arg = 1},
    /* bytes in */
    READ(read, gather_buffer, BY_COUNT),
    READ(readv, gather_vector, WHOLE),
    {.name = "recvfrom", .when = WHEN_READS, .enter = read_enter, .leave = read_leave,
     .gather = gather_buffer, .flags_arg = 3, .socket = RECEIVES, .fault = FAULTY_READ,
     .cut_by_count = true},
    {.name = "recvmsg", .when = WHEN_READS, .enter = read_enter, .leave = read_leave,
     .gather = gather_message, .flags_arg = 2, .socket = RECEIVES, .fault = FAULTY_READ},
    {.name = "recvmmsg", .when = WHEN_READS, .enter = read_enter, .leave = read_leave,
     .gather = gather_messages, .read_count = count_messages, .flags_arg = 3, .socket = RECEIVES},
    /* what they travel over */
    {.name = "pipe", .leave = pipe_leave},
    {.name = "pipe2", .leave = pipe_leave},
    {.name = "socketpair", .leave = socketpair_leave},
    {.name = "listen", .leave = listen_leave},
    {.name = "accept", .leave = accept_leave, .socket = RECEIVES, .fault = FAULTY_WAIT},
    {.name = "accept4", .leave = accept_leave, .socket = RECEIVES, .fault = FAULTY_WAIT},
    {.name = "connect", .leave = connect_leave, .socket = SENDS},
    LEAVE(setsockopt, setsockopt_leave, 0),
    LEAVE(getsockopt, getsockopt_leave, 0),
    /* processes and signals */
    {.name = "fork", .when = WHEN_FAULTS, .leave = fork_leave, .fault = FAULTY_FORK},
    {.name = "vfork", .when = WHEN_FAULTS, .leave = fork_leave, .fault = FAULTY_FORK},
    {.name = "clone", .when = WHEN_FAULTS, .leave = fork_leave, .fault = FAULTY_CLONE},
    {.name = "wait4", .leave = wait4_leave, .fault = FAULTY_WAIT},
    {.name = "waitid", .leave = waitid_leave, .fault = FAULTY_WAIT},
    {.name = "kill", .leave = kill_leave},
    {.name = "tkill", .leave = tkill_leave},
    {.name = "tgkill", .leave = tgkill_leave},
    {.name = "rt_sigqueueinfo", .leave = sigqueue_leave},
    {.name = "rt_tgsigqueueinfo", .leave = tgkill_leave},
    {.name = "pidfd_send_signal", .leave = pidfd_signal_leave},
    /* the real clock: only who has a timer; fd_arg is the argument with its new value */
    {.name = "alarm", .when = WHEN_REAL, .enter = timer_enter},
    {.name = "setitimer", .when = WHEN_REAL, .enter = timer_enter, .fd_arg = 1},
    {.name = "timer_settime", .when = WHEN_REAL, .enter = timer_enter, .fd_arg = 2},
    /* waiting */
    WAIT(nanosleep, TEST_NOTHING, 0, wait_nanosleep),
    WAIT(clock_nanosleep, TEST_NOTHING, 0, wait_clock_nanosleep),
    WAIT(poll, TEST_TIMEOUT, 2, wait_poll),
    WAIT(ppoll, TEST_POINTER, 2, wait_ppoll),
    WAIT(select, TEST_POINTER, 4, wait_select),
    WAIT(pselect6, TEST_POINTER, 4, wait_pselect),
    WAIT(epoll_wait, TEST_TIMEOUT, 3, wait_epoll),
    WAIT(epoll_pwait, TEST_TIMEOUT, 3, wait_epoll),
    WAIT(epoll_pwait2, TEST_POINTER, 3, wait_epoll_pwait2),
    WAIT(futex, TEST_FUTEX, 3, wait_futex),
    WAIT(futex_waitv, TEST_POINTER, 3, wait_futex_waitv),
    WAIT(rt_sigtimedwait, TEST_POINTER, 2, wait_sigtimedwait),
    WAIT(semtimedop, TEST_POINTER, 3, wait_semtimedop),
    WAIT(mq_timedsend, TEST_POINTER, 4, wait_mq),
    WAIT(mq_timedreceive, TEST_POINTER, 4, wait_mq),
    {.name = "restart_syscall", .when = WHEN_VIRTUAL, .enter = wait_resume, .leave = wait_leave},
    /* telling the time */
    ENTER(clock_gettime, clock_gettime_enter),
    ENTER(gettimeofday, gettimeofday_enter),
    ENTER(time, time_enter),
    LEAVE(times, times_leave, 0),
    LEAVE(sysinfo, sysinfo_leave, 0),
    LEAVE(stat, stat_leave, 1),
    LEAVE(lstat, stat_leave, 1),
    LEAVE(fstat, stat_leave, 1),
    LEAVE(newfstatat, stat_leave, 2),
    LEAVE(statx, statx_leave, 0),
    /* timers */
    ENTER(alarm, alarm_enter),
    ENTER(setitimer, setitimer_enter),
    ENTER(getitimer, getitimer_enter),
    LEAVE(timer_create, timer_create_leave, 0),
    LEAVE(timer_delete, timer_delete_leave, 0),
    ENTER(timer_settime, timer_settime_enter),
    ENTER(timer_gettime, timer_gettime_enter),
    ENTER(timer_getoverrun, timer_getoverrun_enter),
    ENTER(timerfd_settime, timerfd_settime_enter),
    ENTER(timerfd_gettime, timerfd_gettime_enter),
    /* the CPUs it is shown */
    {.name = "sched_getaffinity", .enter = affinity_enter, .leave = affinity_leave},
};

enum { FORM_COUNT = sizeof forms / sizeof forms[0] };

const struct syscall_form *syscall_form(size_t index) {
    return index < FORM_COUNT ? &forms[index] : NULL;
}

/* --- the filter --------------------------------------------------------------------------------- */

static bool is_wanted(const struct syscall_form *form, const struct trace_options *options) {
    switch (form->when) {
    case WHEN_ALWAYS: return true;
    case WHEN_READS: return options->reads || options->virtual_clock;
    case WHEN_FAULTS: return options->faults;
    case WHEN_REAL: return !options->virtual_clock;
    case WHEN_VIRTUAL:
        return options->virtual_clock || (options->faults && form->fault == FAULTY_WAIT);
    }
    return false;
}

/* futex(2): one rule for each operation that takes a timeout, whatever its flags. */
static int add_futex_rules(scmp_filter_ctx filter, uint32_t action, int number, unsigned arg) {
    static const int operations[] = {FUTEX_WAIT,            FUTEX_LOCK_PI,  FUTEX_WAIT_BITSET,
                                     FUTEX_WAIT_REQUEUE_PI, FUTEX_LOCK_PI2};
    int code = 0;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0] && code == 0; i++)
        code = seccomp_rule_add(
            filter, action, number, 2, SCMP_CMP(arg, SCMP_CMP_NE, 0),
            SCMP_CMP(1, SCMP_CMP_MASKED_EQ, (uint32_t)FUTEX_CMD_MASK, (scmp_datum_t)operations[i]));
    return code;
}

/* What waits without a timeout, too, may have to fail with EINTR. */
static bool is_tested(const struct syscall_form *form, const struct trace_options *options) {
    return !(options->faults && form->fault == FAULTY_WAIT && form->test != TEST_FUTEX);
}

static int add_rule(scmp_filter_ctx filter, uint32_t action, int number,
                    const struct syscall_form *form, const struct trace_options *options) {
    enum { SIGN = 31 };
    switch (is_tested(form, options) ? form->test : TEST_NOTHING) {
    case TEST_NOTHING: break;
    case TEST_POINTER:
        return seccomp_rule_add(filter, action, number, 1,
                                SCMP_CMP(form->test_arg, SCMP_CMP_NE, 0));
    case TEST_TIMEOUT:
        return seccomp_rule_add(filter, action, number, 1,
                                SCMP_CMP(form->test_arg, SCMP_CMP_MASKED_EQ, UINT32_C(1) << SIGN, 0));
    case TEST_FUTEX: return add_futex_rules(filter, action, number, form->test_arg);
    }
    return seccomp_rule_add(filter, action, number, 0);
}

int trace_add_rules(scmp_filter_ctx filter, const struct trace_options *options, struct err *err) {
    for (size_t i = 0; i < FORM_COUNT; i++) {
        int number = seccomp_syscall_resolve_name(forms[i].name);
        if (!is_wanted(&forms[i], options) ||
            number < 0) /* not on this architecture (alarm, pipe on arm64) */
            continue;
        int code = add_rule(filter, SCMP_ACT_TRACE((uint16_t)i), number, &forms[i], options);
        if (code < 0)
            return err_sys(err, -code, "cannot add %s to the program's filter", forms[i].name);
    }
    return 0;
}
