/* What a descriptor of a tracee is, asked of the kernel at the moment it matters: /proc/TID/fd/N names pipes and
 * sockets by inode. Nothing needs to follow close, dup, exec or a descriptor that travels by SCM_RIGHTS, so
 * nothing can get out of step. */
#ifndef BRIGADE_TRACE_OBJECT_H
#define BRIGADE_TRACE_OBJECT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum object_kind { OBJECT_NONE, OBJECT_FILE, OBJECT_PIPE, OBJECT_SOCKET, OBJECT_TERMINAL, OBJECT_TIMER,
                   OBJECT_OTHER };

struct object {
    enum object_kind kind;
    uint64_t inode; /* pipe, socket: as fstat(2) says; terminal: device number */
};

struct object object_of(pid_t tid, int fd);

/* The same at half the price, by a copy of the descriptor for a moment; where there is no copy to be had (a thread whose
 * process's first thread has ended), or fstat(2) cannot tell what it is, by its name. */
struct object object_ask(int pidfd, pid_t tid, int fd);
/* And the copy is kept, to be closed at once; -1: there is none. */
struct object object_ask_keeping(int pidfd, pid_t tid, int fd, int *copy);
struct object object_of_copy(int copy); /* of object_borrow; a timer is an OBJECT_OTHER here */

/* Calls fn for every descriptor of the process; fn returns whether to go on. */
typedef bool object_fn(void *ctx, int fd, struct object object);
void object_each(pid_t host_pid, object_fn *fn, void *ctx);

/* Whether the descriptor was opened for reading, or else for writing; a socket is for both. */
bool object_is_open_for(pid_t host_pid, int fd, bool reading);

/* Whether a timerfd is armed (its fdinfo, proc(5)). */
bool object_timer_is_armed(pid_t tid, int fd);

/* Whether an epoll instance of the process tells of this descriptor once for each arrival only (EPOLLET). */
bool object_is_edge_watched(pid_t host_pid, int fd);

/* Whether the other side of the pipe or socket has gone: POLLHUP, poll(2). */
bool object_is_hung_up(int pidfd, int fd);

/* Of a copy of a connected TCP socket: whether a write of so many bytes is sure to take them all, without waiting (tcp(7):
 * it is open, has no error, and poll(2) says that its buffer has room; what fits into one segment of loopback goes in
 * whole); and whether a read is sure to get some. */
bool object_takes_at_once(int copy, uint64_t count);
bool object_has_unread(int copy);

/* A copy of a tracee's descriptor for a question to the kernel (getsockopt and the like); close at once.
 * pidfd_getfd(2); -errno. */
int object_borrow(int pidfd, int fd);

#endif
