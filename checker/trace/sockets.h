/* SO_RCVTIMEO and SO_SNDTIMEO under the virtual clock: the kernel's own timeouts are taken off the socket and kept here,
 * in the program's time, by the socket's inode. Rows of the table in syscalls.c. */
#ifndef BRIGADE_TRACE_SOCKETS_H
#define BRIGADE_TRACE_SOCKETS_H

#include "trace/internal.h"
#include "trace/syscalls.h"

void setsockopt_leave(struct trace *trace, struct task *task, int64_t result);
void getsockopt_leave(struct trace *trace, struct task *task, int64_t result);

/* What a call that sends, or receives, may wait on this descriptor; 0: for ever. */
int64_t socket_timeout_ns(struct trace *trace, const struct task *task, int fd, bool sends);

void sockets_release(struct trace *trace);

#endif
