#include "trace/calls_made.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "trace/faults.h"
#include "trace/memory.h"

static void made(struct trace *trace, struct task *task, enum channel_kind kind,
                 uint64_t fds_address) {
    int fds[2];
    uint64_t inodes[2];
    if (memory_read(task->tid, fds_address, fds, sizeof fds) != (ssize_t)sizeof fds)
        return;
    for (int i = 0; i < 2; i++) {
        struct object object = task_object(task, fds[i]);
        if (object.kind != OBJECT_PIPE && object.kind != OBJECT_SOCKET)
            return;
        inodes[i] = object.inode;
    }
    channels_made(trace->channels, kind, task->process, inodes, fds);
}

void pipe_leave(struct trace *trace, struct task *task, int64_t result) {
    if (result == 0)
        made(trace, task, CHANNEL_PIPE, task->args[0]);
}

void socketpair_leave(struct trace *trace, struct task *task, int64_t result) {
    int type = (int)task->args[1] & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (result == 0)
        made(trace, task,
             type == SOCK_STREAM      ? CHANNEL_STREAM
             : type == SOCK_SEQPACKET ? CHANNEL_SEQPACKET
                                      : CHANNEL_DGRAM,
             task->args[3]);
}

static int port_of(const struct sockaddr_storage *address) {
    if (address->ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)address)->sin_port);
    if (address->ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
    return -1;
}

/* A tracee's TCP socket and the two ends it has; a port of -1: it is none. */
struct ends {
    struct object object;
    struct sockaddr_storage here, there;
    int port, other_port;
};

static int port_asked(int copy, int (*ask)(int fd, struct sockaddr *address, socklen_t *size),
                      struct sockaddr_storage *address) {
    socklen_t size = sizeof *address;
    return ask(copy, (struct sockaddr *)address, &size) < 0 ? -1 : port_of(address);
}

static struct ends ends_of(const struct task *task, int fd, bool connected) {
    struct ends ends = {.port = -1, .other_port = -1};
    int copy = object_borrow(task->process->pidfd, fd);
    if (copy < 0)
        return ends;
    ends.object = object_of_copy(copy);
    if (ends.object.kind == OBJECT_SOCKET) {
        ends.port = port_asked(copy, getsockname, &ends.here);
        if (connected)
            ends.other_port = port_asked(copy, getpeername, &ends.there);
    }
    fd_close(&copy);
    return ends;
}

void listen_leave(struct trace *trace, struct task *task, int64_t result) {
    struct ends ends = {.port = -1};
    if (result == 0)
        ends = ends_of(task, (int)task->args[0], false);
    if (ends.port < 0)
        return;
    connections_add(&trace->connections, ends.object.inode, ends.port, true);
    char text[INET6_ADDRSTRLEN] = "";
    if (ends.here.ss_family == AF_INET)
        inet_ntop(AF_INET, &((struct sockaddr_in *)&ends.here)->sin_addr, text, sizeof text);
    else
        inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&ends.here)->sin6_addr, text, sizeof text);
    trace_emit(trace, event_new(EVENT_LISTEN, "{s:i, s:i, s:s, s:i}", "pid", task->process->pid,
                                "port", ends.port, "address", text, "backlog", (int)task->args[1]));
}

static bool is_loopback(const struct sockaddr_storage *address) {
    const struct sockaddr_in *four = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
    uint32_t host = four->sin_addr.s_addr;
    if (address->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
        memcpy(&host, &six->sin6_addr.s6_addr[12], sizeof host);
    else if (address->ss_family != AF_INET)
        return false;
    return ntohl(host) == INADDR_LOOPBACK;
}

/* The lab's connections go from 127.0.0.1 to 127.0.0.1 and the exercise's port, so that their other port names them. One
 * of the program's own may have that port, too, with another address on either side: it gets a number that is no port. */
static int number_of(struct trace *trace, const struct ends *ends) {
    bool of_lab = is_loopback(&ends->there) && is_loopback(&ends->here) &&
                  (!trace->options.port || ends->port == trace->options.port);
    return of_lab ? ends->other_port : UINT16_MAX + ++trace->own_connection_count;
}

void accept_leave(struct trace *trace, struct task *task, int64_t result) {
    if (result < 0)
        return;
    struct ends ends = ends_of(task, (int)result, true);
    if (ends.other_port < 0)
        return;
    int number = number_of(trace, &ends);
    task->process->serves = true;
    connections_add(&trace->connections, ends.object.inode, number, false);
    trace_emit(trace, event_new(EVENT_ACCEPT, "{s:i, s:i}", "pid", task->process->pid,
                                "connection", number));
    if (!faults_after_accept(trace, task))
        hold_after_accept(trace, task);
}

/* Connections between the program's own processes: their bytes may be on their way when the program seems to rest. */
void connect_leave(struct trace *trace, struct task *task, int64_t result) {
    sa_family_t family = AF_UNSPEC;
    if (result != 0 && result != -EINPROGRESS)
        return;
    memory_read(task->tid, task->args[1], &family, sizeof family);
    struct object object = task_object(task, (int)task->args[0]);
    if (channels_datagrams(trace->channels, object.inode) != NO_DATAGRAMS)
        channels_connected(trace->channels, object.inode);
    trace->connects = trace->connects || family == AF_INET || family == AF_INET6;
}
