/* Faults on demand: rare things, brought about for certain. The driver says which, the tracer does it.
 *
 *     struct fault fault = {.kind = FAULT_SHORT_READ, .times = 20, .bytes = 3};
 *     trace_fault(trace, &fault);        // from now on, until it was done so often
 */
#ifndef BRIGADE_PROTO_FAULT_H
#define BRIGADE_PROTO_FAULT_H

#include <stdint.h>

enum fault_kind {
    FAULT_SHORT_READ,  /* a read on a connection, or on a channel that another process writes, gets at most `bytes` */
    FAULT_SHORT_WRITE, /* likewise a write */
    FAULT_EINTR,       /* a call that waits, reads or writes fails with EINTR */
    FAULT_EAGAIN,      /* a read or write fails with EAGAIN, although poll(2) has just said it would not */
    FAULT_FORK,        /* fork, vfork or clone fails with EAGAIN (no thread's) */
    FAULT_JOIN,        /* a reader of a channel is held until two whole messages are there for it, or for `most_ns` */
    FAULT_EXIT,        /* the process ends by itself with exit status `code` */
    FAULT_KILL,        /* the process is killed (SIGKILL) when it has accepted a connection */
    FAULT_SLOW_FORK,   /* fork, vfork or clone (no thread's) takes `ms` before it does anything */
    FAULT_LATE,        /* a child that serves nobody is held for `ms` when it is born, has executed or has been told something */
    FAULT_KINDS
};

enum fault_part {
    FAULT_TO_ALL,
    FAULT_TO_PROGRAM, /* to the case's first process */
    FAULT_TO_CHILDREN /* to the others of the case */
};

struct fault {
    enum fault_kind kind;
    int pid;       /* to whom, as the program sees it; 0: to whoever comes first */
    int except;    /* but not to this one; 0: no exception */
    int of_case;   /* of an exercise with cases: only while this one runs, counted from 1; 0: always */
    enum fault_part part; /* with of_case */
    int64_t times; /* how often; 0: until the end of the run */
    int64_t bytes; /* of short reads and writes */
    int64_t until_ns; /* of a join: it begins before this moment of the program's time, or never; 0: whenever */
    int64_t most_ns; /* of a join, from the first message on; 0: until all the program waits */
    int code;
    int64_t ms;    /* of a slow fork and a late child, in the program's own time */
};

/* "short-read", ...: as scenario steps and `fault` events name it. */
const char *fault_name(enum fault_kind kind);

#endif
