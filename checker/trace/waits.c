/* Who waits in which call, on what, and for how long: from /proc/TID/syscall and the descriptors, asked only when
 * somebody wants to know. Nothing is traced for it, so a server pays nothing. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "trace/calls_wait.h"
#include "trace/internal.h"

enum timeout_kind { NEVER, MILLISECONDS /* >= 0 in an argument */, POINTER /* not NULL */, ALWAYS };
enum waits_on { ON_NOTHING, ON_FD, ON_MANY };

/* Of the calls that the kernel goes on with after a signal, restart_syscall(2), only poll(2) can do without a timeout;
 * those with one are the virtual clock's. */
#define RESTARTED "restart_syscall"

#define STOPPED "stop" /* in no call at all */

static const struct wait_form {
    const char *name;
    enum waits_on on;
    enum timeout_kind timeout;
    unsigned timeout_arg;
    bool writes;
} wait_forms[] = {
    {"accept", ON_FD, NEVER, 0, false},
    {"accept4", ON_FD, NEVER, 0, false},
    {"read", ON_FD, NEVER, 0, false},
    {"readv", ON_FD, NEVER, 0, false},
    {"recvfrom", ON_FD, NEVER, 0, false},
    {"recvmsg", ON_FD, NEVER, 0, false},
    {"recvmmsg", ON_FD, POINTER, 4, false},
    {"write", ON_FD, NEVER, 0, true},
    {"writev", ON_FD, NEVER, 0, true},
    {"sendto", ON_FD, NEVER, 0, false},
    {"sendmsg", ON_FD, NEVER, 0, false},
    {"connect", ON_FD, NEVER, 0, false},
    {"splice", ON_FD, NEVER, 0, false},
    {"tee", ON_FD, NEVER, 0, false},
    {"vmsplice", ON_FD, NEVER, 0, true},
    {"sendfile", ON_FD, NEVER, 0, true},
    {"sendmmsg", ON_FD, NEVER, 0, false},
    {"open", ON_NOTHING, NEVER, 0, false}, /* a FIFO waits for its other side */
    {"openat", ON_NOTHING, NEVER, 0, false},
    {"poll", ON_MANY, MILLISECONDS, 2, false},
    {"ppoll", ON_MANY, POINTER, 2, false},
    {"select", ON_MANY, POINTER, 4, false},
    {"pselect6", ON_MANY, POINTER, 4, false},
    {"epoll_wait", ON_MANY, MILLISECONDS, 3, false},
    {"epoll_pwait", ON_MANY, MILLISECONDS, 3, false},
    {"epoll_pwait2", ON_MANY, POINTER, 3, false},
    {"wait4", ON_NOTHING, NEVER, 0, false},
    {"waitid", ON_NOTHING, NEVER, 0, false},
    {"pause", ON_NOTHING, NEVER, 0, false},
    {"rt_sigsuspend", ON_NOTHING, NEVER, 0, false},
    {"rt_sigtimedwait", ON_NOTHING, POINTER, 2, false},
    {"futex", ON_NOTHING, POINTER, 3, false},
    {"futex_waitv", ON_NOTHING, POINTER, 3, false},
    {"nanosleep", ON_NOTHING, ALWAYS, 0, false},
    {"clock_nanosleep", ON_NOTHING, ALWAYS, 0, false},
    {RESTARTED, ON_MANY, ALWAYS, 0, false},
    {"msgrcv", ON_NOTHING, NEVER, 0, false},
    {"msgsnd", ON_NOTHING, NEVER, 0, false},
    {"semop", ON_NOTHING, NEVER, 0, false},
    {"semtimedop", ON_NOTHING, POINTER, 3, false},
    {"mq_timedreceive", ON_NOTHING, POINTER, 4, false},
    {"mq_timedsend", ON_NOTHING, POINTER, 4, false},
    {"flock", ON_FD, NEVER, 0, false},
    {"fcntl", ON_FD, NEVER, 0, false},
};

enum { WAIT_FORMS = sizeof wait_forms / sizeof wait_forms[0] };

struct wait { /* what a task does right now */
    const struct wait_form *form; /* NULL: running, or a call not in the table */
    bool in_call;
    bool births; /* vfork(2): it waits for its child, in state D */
    uint64_t args[6];
};

static const struct wait_form *form_of(long number) {
    static int numbers[WAIT_FORMS];
    if (!numbers[0])
        for (size_t i = 0; i < WAIT_FORMS; i++)
            numbers[i] = seccomp_syscall_resolve_name(wait_forms[i].name);
    for (size_t i = 0; i < WAIT_FORMS; i++)
        if (numbers[i] >= 0 && numbers[i] == number)
            return &wait_forms[i];
    return NULL;
}

/* proc(5), /proc/[pid]/syscall: "running", or the call's number and arguments. */
static struct wait wait_of(pid_t tid) {
    char path[32], text[256];
    struct wait wait = {0};
    snprintf(path, sizeof path, "/proc/%d/syscall", (int)tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    fd_close(&fd);
    if (got <= 0)
        return wait;
    text[got] = '\0';
    char *at;
    long number = strtol(text, &at, 10);
    if (at == text || number < 0)
        return wait;
    wait.in_call = true;
    wait.births = number == SCMP_SYS(vfork) || number == SCMP_SYS(clone);
    wait.form = form_of(number);
    for (size_t i = 0; i < 6; i++)
        wait.args[i] = strtoull(at, &at, 16);
    return wait;
}

/* The call's name, as the program wrote it. */
static const char *name_of(const struct task *task, const struct wait *wait) {
    const char *name = wait_name(task);
    if (!name && wait->form)
        name = strcmp(wait->form->name, RESTARTED) == 0 ? "poll" : wait->form->name;
    return name ? name : "a system call";
}

static bool socket_has_timeout(const struct process *process, int fd) {
    int copy = object_borrow(process->pidfd, fd);
    bool has = false;
    static const int names[] = {SO_RCVTIMEO, SO_SNDTIMEO};
    for (size_t i = 0; copy >= 0 && i < 2; i++) {
        struct timeval value = {0};
        socklen_t size = sizeof value;
        if (getsockopt(copy, SOL_SOCKET, names[i], &value, &size) == 0)
            has = has || value.tv_sec || value.tv_usec;
    }
    fd_close(&copy);
    return has;
}

/* Whether the kernel will end the wait by itself. Timeouts that the virtual clock has taken over are none of the
 * kernel's any more. */
static bool has_timeout(const struct trace *trace, const struct task *task,
                        const struct wait *wait) {
    const struct wait_form *form = wait->form;
    if (wait->births)
        return false;
    if (!form)
        return true; /* an unknown call: nothing is certain */
    if (form->on == ON_FD && !trace->clock.virtual_time) {
        int fd = (int)wait->args[0];
        struct object object = task_object(task, fd);
        if (object.kind == OBJECT_SOCKET && socket_has_timeout(task->process, fd))
            return true;
    }
    switch (form->timeout) {
    case NEVER: return false;
    case MILLISECONDS: return (int)wait->args[form->timeout_arg] >= 0;
    case POINTER: return wait->args[form->timeout_arg] != 0;
    case ALWAYS: return !trace->clock.virtual_time || strcmp(form->name, RESTARTED) != 0;
    }
    return true;
}

/* What a process's descriptors say about who could wake it. */
struct holdings {
    struct trace *trace;
    const struct process *process;
    bool serves;      /* a listener or a connection is open */
    bool armed_timer; /* a timerfd runs */
};

static bool look_at_holding(void *ctx, int fd, struct object object) {
    struct holdings *holdings = ctx;
    if (object.kind == OBJECT_SOCKET &&
        connections_find(&holdings->trace->connections, object.inode))
        holdings->serves = true;
    if (object.kind == OBJECT_TIMER && object_timer_is_armed(holdings->process->host_pid, fd))
        holdings->armed_timer = true;
    return true;
}

static const struct process *partner(struct trace *trace, const struct process *process,
                                     uint64_t inode, bool reads);

/* Words for what a call waits on: "port 8000", "the channel with 10". */
static void describe(struct trace *trace, const struct task *task, const struct wait *wait,
                     char *words, size_t size) {
    words[0] = '\0';
    if (!wait->form || wait->form->on != ON_FD)
        return;
    struct object object = task_object(task, (int)wait->args[0]);
    struct connection *connection = connections_find(&trace->connections, object.inode);
    uint64_t far_inode = channels_far_end(trace->channels, object.inode);
    if (object.kind == OBJECT_SOCKET && connection)
        snprintf(words, size, connection->listener ? "port %d" : "connection %d",
                 connection->number);
    else if (far_inode) {
        bool writes = wait->form->writes;
        const struct process *other = partner(trace, task->process, far_inode, writes);
        if (other)
            snprintf(words, size, "the channel with %d", other->pid);
        else
            snprintf(words, size, "a channel that nobody else %s",
                     object.kind != OBJECT_PIPE ? "holds" : writes ? "reads" : "writes to");
    } else {
        snprintf(words, size, "descriptor %d", (int)wait->args[0]);
    }
}

struct end_search {
    const struct process *process;
    uint64_t inode;
    bool reads; /* else it writes */
    bool found;
};

static bool is_end(void *ctx, int fd, struct object object) {
    struct end_search *search = ctx;
    search->found = object.inode == search->inode &&
                    object_is_open_for(search->process->host_pid, fd, search->reads);
    return !search->found;
}

/* Who else could end a wait on the channel: for a writer one who reads, for a reader one who writes. A pipe's two ends
 * share an inode. */
static const struct process *partner(struct trace *trace, const struct process *process,
                                     uint64_t inode, bool reads) {
    const struct process *best = NULL;
    for (size_t i = 0; i < trace->tasks.process_count; i++) {
        const struct process *other = trace->tasks.processes[i];
        struct end_search search = {.process = other, .inode = inode, .reads = reads};
        if (!other->alive || other == process)
            continue;
        object_each(other->host_pid, is_end, &search);
        if (search.found && (!best || other == process->parent))
            best = other;
    }
    return best;
}

/* One look: whether the task has not moved since the look before. */
static bool is_quiet(struct task *task, struct wait *wait) {
    struct task_status status;
    if (task->newborn || task->held || task_status_read(task->tid, &status) < 0)
        return false;
    bool same = task->switches == status.switches;
    task->switches = status.switches;
    if (task->listening) /* and not on its way, after a SIGCONT, to the CPU that others have */
        return same && (status.state == 't' || status.state == 'T');
    if (status.state == 'Z') /* the first thread has ended before the others */
        return same && task->process && task->process->task_count > 1;
    *wait = wait_of(task->tid);
    /* In state D a task also waits for the kernel, within fork(2) too, before there is a child: for a lock of
     * cgroups, for memory. That passes by itself. */
    wait->births = wait->births && task->vforked && task->vforked->alive;
    return same && (status.state == 'S' || (status.state == 'D' && wait->births)) &&
           wait->in_call;
}

/* A write to the terminal that waits does so only until we have read what is there. */
static bool waits_for_us(const struct task *task, const struct wait *wait) {
    return wait->form && wait->form->on == ON_FD && wait->form->writes &&
           task_object(task, (int)wait->args[0]).kind == OBJECT_TERMINAL;
}

bool task_is_quiet(struct trace *trace, struct task *task, bool *kernel_timer) {
    struct wait wait = {0};
    if (!is_quiet(task, &wait) || waits_for_us(task, &wait))
        return false;
    *kernel_timer = *kernel_timer || task->process->has_timer ||
                    (wait.in_call && has_timeout(trace, task, &wait));
    return true;
}

struct idle_look {
    bool busy, timer, outside;
    json_t *waits;
};

/* Who reads from a channel sees no end of it as long as anybody can write. */
static void add_keepers(struct trace *trace, const struct task *task, const struct wait *wait,
                        struct buf *words) {
    if (!wait->form || wait->form->on != ON_FD || wait->form->writes)
        return;
    struct object object = task_object(task, (int)wait->args[0]);
    uint64_t far_inode = channels_far_end(trace->channels, object.inode);
    if (far_inode)
        left_keepers(trace, task->process, object.inode, far_inode, words);
}

static void look_at_task(struct trace *trace, struct task *task, struct idle_look *look) {
    struct wait wait = {0};
    if (!is_quiet(task, &wait)) {
        look->busy = true; /* and go on: every task's count must be taken */
        return;
    }
    if (task->listening && look->waits)
        json_array_append_new(look->waits, json_pack("{s:i, s:s, s:s}", "pid", task->process->pid,
                                                     "in", STOPPED, "on", ""));
    if (task->listening || !wait.in_call)
        return;
    look->timer = look->timer || task->process->has_timer || has_timeout(trace, task, &wait) || task->wait.form;
    struct holdings holdings = {.trace = trace, .process = task->process};
    object_each(task->process->host_pid, look_at_holding, &holdings);
    look->timer = look->timer || holdings.armed_timer;
    look->outside = look->outside || (wait.form && wait.form->on != ON_NOTHING && holdings.serves);
    if (!look->waits)
        return;
    char on[96];
    struct buf words = {0};
    describe(trace, task, &wait, on, sizeof on);
    buf_puts(&words, on);
    add_keepers(trace, task, &wait, &words);
    json_array_append_new(look->waits,
                          json_pack("{s:i, s:s, s:s}", "pid", task->process->pid, "in",
                                    name_of(task, &wait), "on", words.data ? words.data : ""));
    buf_release(&words);
}

enum idleness trace_idleness(struct trace *trace, json_t **waits) {
    struct idle_look look = {.waits = waits ? json_array() : NULL, .busy = trace->task_count == 0};
    size_t at = 0;
    for (struct task *task; (task = tasks_next(&trace->tasks, &at));)
        look_at_task(trace, task, &look);
    enum idleness idleness = look.busy      ? BUSY
                             : look.timer   ? WAITS_TIMER
                             : look.outside ? WAITS_OUTSIDE
                                            : WAITS_ITSELF;
    if (waits && idleness == WAITS_ITSELF)
        *waits = json_incref(look.waits);
    json_decref(look.waits);
    return idleness;
}

enum shown_state { SHOWN_RUNNING, SHOWN_WAITING, SHOWN_STOPPED, SHOWN_ZOMBIE };

static enum shown_state shown_state(const struct process *process, const struct task *task,
                                    struct wait *wait) {
    struct task_status status;
    if (process->zombie)
        return SHOWN_ZOMBIE;
    if (task && task->listening)
        return SHOWN_STOPPED;
    if (!task || task_status_read(task->tid, &status) < 0 || status.state != 'S')
        return SHOWN_RUNNING;
    *wait = wait_of(task->tid);
    return wait->in_call ? SHOWN_WAITING : SHOWN_RUNNING;
}

/* Tells what each process is doing, where that has changed since it was last told. */
void states_look(struct trace *trace) {
    static const char *const names[] = {"running", "waiting", "stopped", "zombie"};
    for (size_t i = 0; i < trace->tasks.process_count; i++) {
        struct process *process = trace->tasks.processes[i];
        if (!process->alive && !process->zombie)
            continue;
        struct task *task = tasks_find(&trace->tasks, process->host_pid);
        struct wait wait = {0};
        enum shown_state state = shown_state(process, task, &wait);
        char on[96] = "", words[160] = "";
        if (state == SHOWN_WAITING) {
            describe(trace, task, &wait, on, sizeof on);
            snprintf(words, sizeof words, "%s %s", name_of(task, &wait), on);
        }
        if ((int)state == process->shown_state && strcmp(words, process->shown_words) == 0)
            continue;
        process->shown_state = (int)state;
        free(process->shown_words);
        process->shown_words = xstrdup(words);
        json_t *event = event_new(EVENT_STATE, "{s:i, s:s}", "pid", process->pid, "state",
                                  names[state]);
        if (state == SHOWN_WAITING && wait.form)
            json_object_set_new(event, "in", json_string(name_of(task, &wait)));
        if (on[0])
            json_object_set_new(event, "on", json_string(on));
        trace_emit(trace, event);
    }
}
