/* Entering and leaving the calls that move bytes; rows of the table in syscalls.c. */
#ifndef BRIGADE_TRACE_CALLS_IO_H
#define BRIGADE_TRACE_CALLS_IO_H

#include "trace/internal.h"
#include "trace/syscalls.h"

/* Whether the write under way goes to another process or a client, not to the terminal. */
bool io_is_talk(const struct task *task);

bool write_enter(struct trace *trace, struct task *task, const struct syscall_form *form);
void write_leave(struct trace *trace, struct task *task, int64_t result);
bool read_enter(struct trace *trace, struct task *task, const struct syscall_form *form);
void read_leave(struct trace *trace, struct task *task, int64_t result);
bool splice_enter(struct trace *trace, struct task *task, const struct syscall_form *form);
void splice_leave(struct trace *trace, struct task *task, int64_t result);

/* What each kind of write is about to send. */
void gather_buffer(struct task *task, void *io);   /* write, sendto: address and count in args 1 and 2 */
void gather_vector(struct task *task, void *io);   /* writev, vmsplice: iovec in args 1 and 2 */
void gather_message(struct task *task, void *io);  /* sendmsg */
void gather_messages(struct task *task, void *io); /* sendmmsg */
void gather_file(struct task *task, void *io);     /* sendfile */

size_t count_messages(struct task *task, int64_t result); /* sendmmsg, recvmmsg: bytes of `result` messages */

#endif
