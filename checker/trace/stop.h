/* What the wait status of a stopped tracee says, apart from what to do about it (ptrace(2), "Stopped states"). */
#ifndef BRIGADE_TRACE_STOP_H
#define BRIGADE_TRACE_STOP_H

#include <sys/types.h>

enum stop_kind {
    STOP_SECCOMP,  /* at the entry of a call of our table */
    STOP_SYSCALL,  /* at the exit of one we asked for */
    STOP_BIRTH,    /* fork, vfork or clone returned in the kernel; the child exists */
    STOP_EXEC,
    STOP_ATTACHED, /* a newborn's first stop, or the end of a group stop */
    STOP_GROUP,    /* SIGSTOP and its kin took effect */
    STOP_SIGNAL,   /* a signal is about to be delivered */
    STOP_OTHER,
};

struct stop {
    enum stop_kind kind;
    int signal; /* STOP_SIGNAL, STOP_GROUP */
    int event;  /* PTRACE_EVENT_* of STOP_BIRTH */
};

struct stop stop_classify(int wait_status); /* WIFSTOPPED */

#endif
