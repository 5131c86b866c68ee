#include "trace/signals.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

bool signal_is_fault(int signal) {
    return signal == SIGSEGV || signal == SIGABRT || signal == SIGBUS || signal == SIGFPE ||
           signal == SIGILL;
}

const char *signal_name(int signal, char *name) {
    const char *known = sigabbrev_np(signal);
    if (known)
        snprintf(name, SIGNAL_NAME_SIZE, "SIG%s", known);
    else if (signal >= 34 && signal <= 64) /* 32 and 33 are glibc's own, so SIGRTMIN is 34 */
        snprintf(name, SIGNAL_NAME_SIZE, "SIGRTMIN+%d", signal - 34);
    else
        snprintf(name, SIGNAL_NAME_SIZE, "signal %d", signal);
    return name;
}
