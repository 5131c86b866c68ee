#include "trace/syscalls.h"

#include <errno.h>

#include "trace/calls_io.h"
#include "trace/calls_made.h"
#include "trace/calls_process.h"

#define WRITE(call, fd, gathered)                                                                  \
    {.name = #call, .enter = write_enter, .leave = write_leave, .fd_arg = fd, .gather = gathered}
#define READ(call, gathered)                                                                       \
    {.name = #call, .read = true, .enter = read_enter, .leave = read_leave, .gather = gathered}

static const struct syscall_form forms[] = {
    /* bytes out */
    WRITE(write, 0, gather_buffer),
    WRITE(writev, 0, gather_vector),
    WRITE(sendto, 0, gather_buffer),
    WRITE(sendmsg, 0, gather_message),
    {.name = "sendmmsg", .enter = write_enter, .leave = write_leave, .gather = gather_messages,
     .read_count = count_messages},
    WRITE(sendfile, 0, gather_file),
    WRITE(vmsplice, 0, gather_vector),
    {.name = "splice", .enter = splice_enter, .leave = splice_leave, .fd_arg = 2},
    {.name = "tee", .enter = splice_enter, .leave = splice_leave, .fd_arg = 1},
    /* bytes in */
    READ(read, gather_buffer),
    READ(readv, gather_vector),
    {.name = "recvfrom", .read = true, .enter = read_enter, .leave = read_leave,
     .gather = gather_buffer, .flags_arg = 3},
    {.name = "recvmsg", .read = true, .enter = read_enter, .leave = read_leave,
     .gather = gather_message, .flags_arg = 2},
    {.name = "recvmmsg", .read = true, .enter = read_enter, .leave = read_leave,
     .gather = gather_messages, .read_count = count_messages, .flags_arg = 3},
    /* what they travel over */
    {.name = "pipe", .leave = pipe_leave},
    {.name = "pipe2", .leave = pipe_leave},
    {.name = "socketpair", .leave = socketpair_leave},
    {.name = "listen", .leave = listen_leave},
    {.name = "accept", .leave = accept_leave},
    {.name = "accept4", .leave = accept_leave},
    /* processes and signals */
    {.name = "wait4", .leave = wait4_leave},
    {.name = "waitid", .leave = waitid_leave},
    {.name = "kill", .leave = kill_leave},
    {.name = "tkill", .leave = tkill_leave},
    {.name = "tgkill", .leave = tgkill_leave},
    {.name = "rt_sigqueueinfo", .leave = sigqueue_leave},
    {.name = "rt_tgsigqueueinfo", .leave = tgkill_leave},
    {.name = "pidfd_send_signal", .leave = pidfd_signal_leave},
    /* time: fd_arg is the argument with the new timer value */
    {.name = "alarm", .enter = timer_enter},
    {.name = "setitimer", .enter = timer_enter, .fd_arg = 1},
    {.name = "timer_settime", .enter = timer_enter, .fd_arg = 2},
    /* the CPUs it is shown */
    {.name = "sched_getaffinity", .enter = affinity_enter, .leave = affinity_leave},
};

enum { FORM_COUNT = sizeof forms / sizeof forms[0] };

const struct syscall_form *syscall_form(size_t index) {
    return index < FORM_COUNT ? &forms[index] : NULL;
}

int trace_add_rules(scmp_filter_ctx filter, bool reads, struct err *err) {
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (forms[i].read && !reads)
            continue;
        int number = seccomp_syscall_resolve_name(forms[i].name);
        if (number < 0) /* not on this architecture (alarm, pipe on arm64) */
            continue;
        int code = seccomp_rule_add(filter, SCMP_ACT_TRACE((uint16_t)i), number, 0);
        if (code < 0)
            return err_sys(err, -code, "cannot add %s to the program's filter", forms[i].name);
    }
    return 0;
}
