/* The traced system calls, as a table: name, when it is traced, what its entry and its exit mean. The index of a
 * row is what the seccomp filter hands us with the stop, so no number of an architecture appears anywhere. */
#ifndef BRIGADE_TRACE_SYSCALLS_H
#define BRIGADE_TRACE_SYSCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <seccomp.h>

#include "base/err.h"

struct trace;
struct task;
struct wait_call;

enum syscall_when {
    WHEN_ALWAYS,
    WHEN_READS,  /* only when reads are followed */
    WHEN_FAULTS, /* only when faults may come */
    WHEN_REAL,   /* only with the real clock */
    WHEN_VIRTUAL /* only with the virtual clock */
};

/* What the filter looks at before it stops the program, so that calls which wait for nothing cost nothing. */
enum syscall_test {
    TEST_NOTHING,
    TEST_POINTER, /* the argument is not NULL */
    TEST_TIMEOUT, /* the argument, an int, is not negative */
    TEST_FUTEX,   /* futex(2): an operation that waits, with a timeout in the argument */
};

/* What a fault may do to it (faults.c). */
enum syscall_fault {
    FAULTY_NOT,
    FAULTY_READ,
    FAULTY_WRITE,
    FAULTY_WAIT, /* only interrupt it */
    FAULTY_FORK,
    FAULTY_CLONE, /* flags in argument 0 */
};

enum socket_side { NO_SOCKET, RECEIVES, SENDS }; /* argument 0 may be a socket that has a timeout */

struct syscall_form {
    const char *name;
    enum syscall_when when;
    enum syscall_test test;
    unsigned test_arg;
    /* Returns whether the exit is of interest; NULL: it always is. task->args hold the arguments. */
    bool (*enter)(struct trace *trace, struct task *task, const struct syscall_form *form);
    /* result is the return value, -errno on failure. */
    void (*leave)(struct trace *trace, struct task *task, int64_t result);
    unsigned fd_arg;                 /* which argument is the descriptor */
    void (*gather)(struct task *task, void *io); /* calls_io.c: what is written */
    size_t (*read_count)(struct task *task, int64_t result); /* calls_io.c: bytes read, where not the result */
    unsigned flags_arg;              /* recv*: which argument holds MSG_PEEK; 0: none */
    enum socket_side socket;
    enum syscall_fault fault;
    bool cut_by_count; /* argument 2 is how many bytes it may move */
    const struct wait_call *wait;    /* calls_wait.c */
};

const struct syscall_form *syscall_form(size_t index); /* NULL past the end */

#endif
