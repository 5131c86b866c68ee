#include "trace/stop.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

static struct stop classify_event(int event, int signal) {
    switch (event) {
    case PTRACE_EVENT_SECCOMP: return (struct stop){.kind = STOP_SECCOMP};
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE: return (struct stop){.kind = STOP_BIRTH, .event = event};
    case PTRACE_EVENT_EXEC: return (struct stop){.kind = STOP_EXEC};
    case PTRACE_EVENT_STOP:
        return signal == SIGTRAP ? (struct stop){.kind = STOP_ATTACHED}
                                 : (struct stop){.kind = STOP_GROUP, .signal = signal};
    default: return (struct stop){.kind = STOP_OTHER};
    }
}

struct stop stop_classify(int wait_status) {
    int event = wait_status >> 16;
    int signal = WSTOPSIG(wait_status);
    if (event)
        return classify_event(event, signal);
    if (signal == (SIGTRAP | 0x80)) /* PTRACE_O_TRACESYSGOOD */
        return (struct stop){.kind = STOP_SYSCALL};
    return (struct stop){.kind = STOP_SIGNAL, .signal = signal};
}
