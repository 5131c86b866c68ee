/* Signal names as a student knows them: "SIGTERM", "SIGRTMIN+2". */
#ifndef BRIGADE_TRACE_SIGNALS_H
#define BRIGADE_TRACE_SIGNALS_H

enum { SIGNAL_NAME_SIZE = 24 };

/* Fills name (SIGNAL_NAME_SIZE bytes) and returns it. */
const char *signal_name(int signal, char *name);

#endif
