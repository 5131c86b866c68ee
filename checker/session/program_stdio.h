/* The program's stdout and stderr: a terminal of its own, so that output is line-buffered as in a student's shell, and
 * a pipe. What is printed is told by the tracer, with its PID; here it is only drained, so that nobody blocks. */
#ifndef BRIGADE_SESSION_PROGRAM_STDIO_H
#define BRIGADE_SESSION_PROGRAM_STDIO_H

#include <sys/stat.h>

#include "base/err.h"
#include "base/loop.h"

struct program_stdio { /* visible, because the session places it */
    int terminal_fd;   /* the master's side */
    int stdout_fd;     /* for the program; also its identity */
    int errors_fd;     /* our end of stderr's pipe */
    int stderr_fd;     /* for the program */
    struct stat stdout_end, stderr_end;
    struct loop *loop;
};

int program_stdio_open(struct program_stdio *stdio, struct loop *loop, struct err *err);
void program_stdio_started(struct program_stdio *stdio); /* the program holds its ends: close ours */
void program_stdio_close(struct program_stdio *stdio);

#endif
