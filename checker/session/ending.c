/* The first reason for which a run ends is the one that counts. */
#include <stdarg.h>
#include <stdio.h>

#include "session/internal.h"

void run_end(struct session *session, enum outcome outcome, const char *format, ...) {
    if (session->over)
        return;
    session->over = true;
    session->outcome = outcome;
    va_list args;
    va_start(args, format);
    vsnprintf(session->detail, sizeof session->detail, format, args);
    va_end(args);
    loop_stop(session->loop);
}
