/* The traced system calls, as a table: name, when it is traced, what its entry and its exit mean. The index of a
 * row is what the seccomp filter hands us with the stop, so no number of an architecture appears anywhere. */
#ifndef BRIGADE_TRACE_SYSCALLS_H
#define BRIGADE_TRACE_SYSCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trace;
struct task;

struct syscall_form {
    const char *name;
    bool read; /* traced only when reads are followed */
    /* Returns whether the exit is of interest; NULL: it always is. task->args hold the arguments. */
    bool (*enter)(struct trace *trace, struct task *task, const struct syscall_form *form);
    /* result is the return value, -errno on failure. */
    void (*leave)(struct trace *trace, struct task *task, int64_t result);
    unsigned fd_arg;                 /* which argument is the descriptor */
    void (*gather)(struct task *task, void *io); /* calls_io.c: what is written */
    size_t (*read_count)(struct task *task, int64_t result); /* calls_io.c: bytes read, where not the result */
    unsigned flags_arg;              /* recv*: which argument holds MSG_PEEK; 0: none */
};

const struct syscall_form *syscall_form(size_t index); /* NULL past the end */

#endif
