/* The tracer's picture of processes and their threads.
 *
 * A `process` is what the learner calls one; it is remembered after its death, until its zombie is gone and
 * beyond, since messages and reports speak of it. A `task` is a thread as the kernel schedules it, known by
 * its tid, and is forgotten when it ends.
 */
#ifndef BRIGADE_TRACE_TASK_H
#define BRIGADE_TRACE_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace/object.h"

struct io_attempt;
struct syscall_form;
struct wait_call;

struct process {
    pid_t host_pid;
    int pid;                /* as the program sees it */
    struct process *parent; /* NULL: the box's init */
    struct process *made_by;  /* whose child it was at first; NULL: the box's init */
    const char *made_how;     /* "fork", "vfork", "clone" */
    int64_t born_ns, died_ns; /* of the program's time */
    bool waited_for;          /* by a wait call, or its parent ignored SIGCHLD */
    int pidfd;              /* -1 once dead */
    int task_count;
    bool alive;
    bool zombie;            /* ended, not reaped yet */
    bool seen_gone;         /* births.c: its zombie was gone at a look */
    bool gone_at_once;      /* births.c: it left no zombie when it ended */
    bool by_lab;            /* we end it, by a fault */
    int own_fault;          /* the signal of its last fault: what the kernel found, or abort(3); 0: none */
    int lab_signal;         /* the last signal of ours, SIGKILL before all; 0: none */
    bool has_timer;         /* a timer of the kernel (alarm, setitimer, timer_settime) may wake it */
    bool accepted;          /* since holding began */
    bool serves;            /* has accepted a connection */
    int of_case;            /* the first process's how-manieth child it is or descends from; 0: it is the first */
    bool begins_case;       /* it is that child */
    int64_t spoke_ns;       /* when it wrote to a channel or sent a signal last; -1: never */
    int64_t clock_reads;    /* since the program rested last */
    int64_t used_cpu_ns;    /* pace.c: at the last look, or at its end */
    int64_t rested_cpu_ns;  /* pace.c: CPU time it had used when the program rested last */
    int shown_state;        /* last `state` event, see waits.c */
    char *shown_words;
};

/* A wait of which the virtual clock knows the end (calls_wait.h). */
struct task_wait {
    const struct syscall_form *form; /* NULL: none */
    const struct wait_call *call;    /* NULL: it waits on a socket that has a timeout */
    int64_t deadline_ns;
    bool absolute;
    bool due;       /* the deadline has come, and the call is being ended */
    bool suspended; /* by a signal that has no handler; restart_syscall(2) takes it up again */
    long number;
    uint64_t args[6];
};

struct task {
    pid_t tid;
    int inner_tid; /* of a thread other than the first, as the program sees it */
    struct process *process;
    const struct syscall_form *call; /* whose exit we wait for, or NULL */
    const struct syscall_form *left; /* whose exit is being handled */
    struct object object;            /* what a call under way reads from */
    uint64_t args[6];
    uint64_t since;      /* seq of the newest event when the call was entered */
    struct io_attempt *attempt; /* calls_io.c: a write under way */
    struct task_wait wait;
    struct process *vforked; /* its vfork(2) child, until that has become another program */
    bool only_waits;     /* the call under way is traced for its timeout alone */
    bool newborn;        /* seen before its parent's birth event: waits for it */
    bool held;           /* stopped on purpose, see holds.c */
    int64_t held_until_ns; /* then it goes on, by the program's own time; 0: others see to that */
    uint64_t joins;      /* faults.c: held until messages wait in the channel end with this inode, */
    int64_t joins_most_ns;  /* or so long after the first has come; 0: until the program rests */
    int64_t joins_until_ns; /* which is then; -1: none has come */
    bool shortened;      /* argument 2 is to be put back at the exit */
    bool watched;        /* busy.c: all its calls are stopped at */
    bool must_exit;      /* its next system call will be exit_group(2) with: */
    int exit_code;
    bool listening;      /* in a group stop */
    bool stopped;        /* in a ptrace stop that we have not ended */
    int64_t born_real_ns;
    uint64_t switches;   /* context switches at the last look, for idleness */
};

struct tasks {
    struct task **slots; /* open addressing by tid */
    size_t slot_count, used;
    struct process **processes; /* all, by birth */
    size_t process_count, process_capacity;
};

void tasks_init(struct tasks *tasks);
void tasks_release(struct tasks *tasks);

struct task *tasks_find(const struct tasks *tasks, pid_t tid);
struct task *tasks_add(struct tasks *tasks, pid_t tid, struct process *process);
void tasks_remove(struct tasks *tasks, struct task *task); /* frees it */

/* What one of its descriptors is. */
static inline struct object task_object(const struct task *task, int fd) {
    return object_ask(task->process->pidfd, task->tid, fd);
}

static inline struct object task_object_keeping(const struct task *task, int fd, int *copy) {
    return object_ask_keeping(task->process->pidfd, task->tid, fd, copy);
}

/* A walk over all tasks: at = 0 at first; NULL at the end. Nothing may be added or removed meanwhile. */
struct task *tasks_next(const struct tasks *tasks, size_t *at);

struct process *processes_add(struct tasks *tasks, pid_t host_pid, int pid, struct process *parent);
struct process *processes_find_host(const struct tasks *tasks, pid_t host_pid); /* the live or newest one */
struct process *processes_find(const struct tasks *tasks, int pid);             /* likewise */

/* From /proc/TID/status: 0 or -errno. */
struct task_status {
    pid_t tgid, parent; /* as we see them */
    int inner_pid;      /* tid as the program sees it */
    char state;         /* R S D T t Z X */
    uint64_t switches;  /* voluntary and not */
};
int task_status_read(pid_t tid, struct task_status *status);

bool task_signal_pending(pid_t tid, int signal); /* for the thread or its process; /proc/TID/status */

#endif
