/* Signal names as a student knows them: "SIGTERM", "SIGRTMIN+2". */
#ifndef BRIGADE_TRACE_SIGNALS_H
#define BRIGADE_TRACE_SIGNALS_H

#include <stdbool.h>

enum { SIGNAL_NAME_SIZE = 24 };

/* Fills name (SIGNAL_NAME_SIZE bytes) and returns it. */
const char *signal_name(int signal, char *name);

/* Whether it is one of those by which a program's own mistake ends it: SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL. */
bool signal_is_fault(int signal);

#endif
