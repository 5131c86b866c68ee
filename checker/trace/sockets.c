#include "trace/sockets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "trace/memory.h"

enum { SOCKETS_MOST = 4096 /* with a timeout; further ones keep the kernel's */ };

struct socket_timeouts {
    uint64_t inode;
    int64_t receive_ns, send_ns;
};

static struct socket_timeouts *find(const struct trace *trace, uint64_t inode) {
    for (size_t i = 0; i < trace->socket_count; i++)
        if (trace->sockets[i].inode == inode)
            return &trace->sockets[i];
    return NULL;
}

static bool is_timeout(const struct task *task) {
    return (int)task->args[1] == SOL_SOCKET &&
           ((int)task->args[2] == SO_RCVTIMEO || (int)task->args[2] == SO_SNDTIMEO);
}

/* The kernel has accepted the timeout: it is ours now, and the kernel waits for ever. */
void setsockopt_leave(struct trace *trace, struct task *task, int64_t result) {
    struct timeval value;
    int fd = (int)task->args[0];
    if (result != 0 || !is_timeout(task) ||
        memory_read(task->tid, task->args[3], &value, sizeof value) != (ssize_t)sizeof value)
        return;
    struct object object = task_object(task, fd);
    struct socket_timeouts *entry = find(trace, object.inode);
    if (object.kind != OBJECT_SOCKET || (!entry && trace->socket_count >= SOCKETS_MOST))
        return;
    int copy = object_borrow(task->process->pidfd, fd);
    const struct timeval never = {0, 0};
    bool taken = copy >= 0 && setsockopt(copy, SOL_SOCKET, (int)task->args[2], &never, sizeof never) == 0;
    fd_close(&copy);
    if (!taken)
        return;
    if (!entry) {
        GROW(trace->sockets, trace->socket_capacity, trace->socket_count + 1);
        entry = &trace->sockets[trace->socket_count++];
        *entry = (struct socket_timeouts){.inode = object.inode};
    }
    int64_t ns = value.tv_sec * NS_PER_S + value.tv_usec * 1000;
    *((int)task->args[2] == SO_RCVTIMEO ? &entry->receive_ns : &entry->send_ns) = ns;
}

void getsockopt_leave(struct trace *trace, struct task *task, int64_t result) {
    if (result != 0 || !is_timeout(task) || !trace->socket_count)
        return;
    const struct socket_timeouts *entry =
        find(trace, task_object(task, (int)task->args[0]).inode);
    if (!entry)
        return;
    int64_t ns = (int)task->args[2] == SO_RCVTIMEO ? entry->receive_ns : entry->send_ns;
    struct timeval value = {ns / NS_PER_S, ns % NS_PER_S / 1000};
    memory_write(task->tid, task->args[3], &value, sizeof value);
}

int64_t socket_timeout_ns(struct trace *trace, const struct task *task, int fd, bool sends) {
    if (!trace->socket_count)
        return 0;
    struct object object = task_object(task, fd);
    const struct socket_timeouts *entry =
        object.kind == OBJECT_SOCKET ? find(trace, object.inode) : NULL;
    return !entry ? 0 : sends ? entry->send_ns : entry->receive_ns;
}

void sockets_release(struct trace *trace) {
    free(trace->sockets);
    trace->sockets = NULL;
    trace->socket_count = 0;
}
