/* Bytes written and read: to the terminal and stderr (output), over pipes and socket pairs (messages), on connections
 * (requests taken, replies). Send buffers are read at the entry, when they are sure to be there; receive buffers at
 * the exit; lengths are those the kernel returned, or is sure to return (is_sure). */
#include "trace/calls_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "trace/faults.h"
#include "trace/memory.h"

enum {
    DATA_MOST = 4 << 20, /* of one write; what is beyond is counted, not read */
    OUTPUT_TEXT_MOST = 64 << 10,
    MESSAGES_MOST = 1024, /* UIO_MAXIOV bounds sendmmsg and recvmmsg */
};

enum io_kind { IO_OUTPUT, IO_ERRORS, IO_CHANNEL, IO_CONNECTION };

struct io_attempt {
    enum io_kind kind;
    struct buf data;
    struct write_attempt *channel;
    uint64_t inode;
};

static bool is_device(const struct object *object, const struct stat *end) {
    enum { TTY_DEVICE = 0x500 }; /* /dev/tty, major 5 minor 0 */
    return object->kind == OBJECT_TERMINAL && S_ISCHR(end->st_mode) &&
           (object->inode == end->st_rdev || object->inode == TTY_DEVICE);
}

static bool is_pipe(const struct object *object, const struct stat *end) {
    return object->kind == OBJECT_PIPE && S_ISFIFO(end->st_mode) && object->inode == end->st_ino;
}

/* What a write to this object means; false where it means nothing to us. */
static bool classify(struct trace *trace, const struct object *object, enum io_kind *kind) {
    if (is_device(object, &trace->options.stdout_end) ||
        is_pipe(object, &trace->options.stdout_end))
        *kind = IO_OUTPUT;
    else if (is_device(object, &trace->options.stderr_end) ||
             is_pipe(object, &trace->options.stderr_end))
        *kind = IO_ERRORS;
    else if (object->kind == OBJECT_SOCKET && connections_find(&trace->connections, object->inode))
        *kind = IO_CONNECTION;
    else if ((object->kind == OBJECT_PIPE || object->kind == OBJECT_SOCKET) &&
             channels_follow(trace->channels, object->inode, object->kind == OBJECT_PIPE))
        *kind = IO_CHANNEL;
    else
        return false;
    return true;
}

void gather_buffer(struct task *task, void *io) {
    memory_append(task->tid, task->args[1], task->args[2], DATA_MOST, io);
}

void gather_vector(struct task *task, void *io) {
    memory_append_iov(task->tid, task->args[1], task->args[2], DATA_MOST, io);
}

static void gather_msghdr(struct task *task, uint64_t address, struct buf *io) {
    struct msghdr head;
    if (memory_read(task->tid, address, &head, sizeof head) == (ssize_t)sizeof head)
        memory_append_iov(task->tid, (uintptr_t)head.msg_iov, head.msg_iovlen,
                          DATA_MOST - (io->length < DATA_MOST ? io->length : DATA_MOST), io);
}

void gather_message(struct task *task, void *io) { gather_msghdr(task, task->args[1], io); }

void gather_messages(struct task *task, void *io) {
    for (uint64_t i = 0; i < task->args[2] && i < MESSAGES_MOST; i++)
        gather_msghdr(task, task->args[1] + i * sizeof(struct mmsghdr), io);
}

/* The file's bytes from where sendfile will start: the offset given, or the descriptor's own. */
void gather_file(struct task *task, void *io) {
    char path[48];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)task->tid, (int)task->args[1]);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return;
    off_t offset = 0;
    if (task->args[2]) {
        memory_read(task->tid, task->args[2], &offset, sizeof offset);
    } else {
        int own = object_borrow(task->process->pidfd, (int)task->args[1]);
        if (own >= 0)
            offset = lseek(own, 0, SEEK_CUR);
        fd_close(&own);
    }
    size_t wanted = task->args[3] < DATA_MOST ? task->args[3] : DATA_MOST;
    struct buf *into = io;
    buf_reserve(into, wanted);
    ssize_t got = pread(fd, into->data + into->length, wanted, offset);
    if (got > 0)
        into->length += (size_t)got;
    fd_close(&fd);
}

/* Of sendmmsg and recvmmsg: the bytes of one of the messages, as the kernel has noted them. */
static size_t message_length(const struct task *task, int64_t index) {
    struct mmsghdr message;
    uint64_t address = task->args[1] + (uint64_t)index * sizeof message;
    return memory_read(task->tid, address, &message, sizeof message) == (ssize_t)sizeof message
               ? message.msg_len
               : 0;
}

size_t count_messages(struct task *task, int64_t result) {
    size_t bytes = 0;
    for (int64_t i = 0; i < result && i < MESSAGES_MOST; i++)
        bytes += message_length(task, i);
    return bytes;
}

static bool begin_write(struct trace *trace, struct task *task, const struct object *object,
                        struct buf *data, enum io_kind kind) {
    struct io_attempt *io = xcalloc(1, sizeof *io);
    *io = (struct io_attempt){.kind = kind, .inode = object->inode};
    if (kind == IO_CHANNEL)
        task->process->spoke_ns = trace_now_ns(trace);
    if (kind == IO_CHANNEL)
        io->channel = channels_write_begin(trace->channels, task->process, object->inode, data,
                                           task->since);
    else
        io->data = *data, *data = (struct buf){0};
    task->attempt = io;
    return true;
}

/* sendto, sendmsg, sendmmsg: whether a datagram has an address of its own. */
static bool is_addressed(const struct task *task, const struct syscall_form *form) {
    struct msghdr head = {0};
    if (form->gather == gather_buffer)
        return strcmp(form->name, "sendto") == 0 && task->args[4];
    bool many = form->gather == gather_messages;
    for (uint64_t i = 0; i < (many ? task->args[2] : 1) && i < MESSAGES_MOST && !head.msg_name; i++)
        memory_read(task->tid, task->args[1] + i * sizeof(struct mmsghdr), &head, sizeof head);
    return head.msg_name != NULL;
}

/* What leaves a pair of datagram sockets is no message of theirs. */
static bool goes_elsewhere(struct trace *trace, const struct task *task,
                           const struct syscall_form *form, uint64_t inode) {
    enum datagrams datagrams = channels_datagrams(trace->channels, inode);
    bool may_have_address = form->gather == gather_buffer || form->gather == gather_message ||
                            form->gather == gather_messages;
    return datagrams == DATAGRAMS_LEAVE ||
           (datagrams == DATAGRAMS_STAY && may_have_address && is_addressed(task, form));
}

static void reply(struct trace *trace, struct task *task, uint64_t inode, size_t count) {
    struct connection *connection = connections_find(&trace->connections, inode);
    if (!connection || connection->listener)
        return;
    connection->taken = false;
    trace_emit(trace, event_new(EVENT_REPLY, "{s:i, s:i, s:I}", "pid", task->process->pid,
                                "connection", connection->number, "bytes", (json_int_t)count));
}

/* Most answers and requests are short, and there is room or they are there already: what such a call will return is
 * known when it is entered, and its exit need not be stopped at. */
static bool is_sure(struct trace *trace, const struct task *task, const struct syscall_form *form,
                    int copy) {
    if (form->gather != gather_buffer || faults_any(trace))
        return false;
    char first; /* a bad address makes the call fail (EFAULT) */
    return memory_read(task->tid, task->args[1], &first, sizeof first) == (ssize_t)sizeof first &&
           (form->fault == FAULTY_WRITE ? object_takes_at_once(copy, task->args[2])
                                        : task->args[2] && object_has_unread(copy));
}

static bool must_follow_write(struct trace *trace, struct task *task,
                              const struct syscall_form *form, const struct object *object,
                              int copy, enum io_kind *kind) {
    if (object->kind == OBJECT_FILE)
        stamps_note(&trace->stamps, object->inode, &trace->clock);
    if (!classify(trace, object, kind) ||
        (*kind == IO_CHANNEL && goes_elsewhere(trace, task, form, object->inode)))
        return false;
    if (*kind != IO_CONNECTION || !is_sure(trace, task, form, copy))
        return true;
    reply(trace, task, object->inode, task->args[2]);
    return false;
}

bool write_enter(struct trace *trace, struct task *task, const struct syscall_form *form) {
    int copy;
    enum io_kind kind;
    struct object object = task_object_keeping(task, (int)task->args[form->fd_arg], &copy);
    bool follows = must_follow_write(trace, task, form, &object, copy, &kind);
    fd_close(&copy);
    if (!follows)
        return false;
    struct buf data = {0};
    if (kind != IO_CONNECTION)
        form->gather(task, &data);
    begin_write(trace, task, &object, &data, kind);
    buf_release(&data);
    return true;
}

static void output(struct trace *trace, struct task *task, const struct io_attempt *io,
                   size_t count) {
    size_t known = count < io->data.length ? count : io->data.length;
    json_t *event = event_new(EVENT_OUTPUT, "{s:i, s:s, s:I}", "pid", task->process->pid, "stream",
                              io->kind == IO_ERRORS ? "stderr" : "stdout", "bytes",
                              (json_int_t)count);
    event_set_bytes(event, "text", io->data.data ? io->data.data : "", known, OUTPUT_TEXT_MOST);
    trace_emit(trace, event);
    trace->output_bytes += (int64_t)count;
    if (trace->options.most_output_bytes &&
        trace->output_bytes > trace->options.most_output_bytes)
        trace_limit(trace, OUTCOME_OUTPUT, "more than %lld bytes printed",
                    (long long)trace->options.most_output_bytes);
}

static const char *name_of_passed(struct trace *trace, const struct object *object,
                                  struct connection **connection) {
    *connection = object->kind == OBJECT_SOCKET
                      ? connections_find(&trace->connections, object->inode)
                      : NULL;
    if (*connection)
        return (*connection)->listener ? "listener" : "connection";
    static const char *const names[] = {[OBJECT_NONE] = "nothing",   [OBJECT_FILE] = "file",
                                        [OBJECT_PIPE] = "pipe",      [OBJECT_SOCKET] = "socket",
                                        [OBJECT_TERMINAL] = "terminal", [OBJECT_TIMER] = "timer",
                                        [OBJECT_OTHER] = "other"};
    return names[object->kind];
}

static void passed(struct trace *trace, struct task *task, int channel, struct process *to,
                   int fd) {
    struct object object = task_object(task, fd);
    struct connection *connection;
    const char *what = name_of_passed(trace, &object, &connection);
    json_t *event = event_new(EVENT_PASS, "{s:i, s:i, s:s}", "channel", channel, "from",
                              task->process->pid, "what", what);
    json_object_set_new(event, "to", to ? json_integer(to->pid) : json_null());
    if (connection)
        json_object_set_new(event, "connection", json_integer(connection->number));
    trace_emit(trace, event);
}

/* Descriptors in the control part of a sendmsg that went through. */
static void tell_passed(struct trace *trace, struct task *task, uint64_t inode) {
    struct msghdr head;
    char control[1024];
    if (memory_read(task->tid, task->args[1], &head, sizeof head) != (ssize_t)sizeof head ||
        !head.msg_control || head.msg_controllen < sizeof(struct cmsghdr))
        return;
    size_t size = head.msg_controllen < sizeof control ? head.msg_controllen : sizeof control;
    ssize_t got = memory_read(task->tid, (uintptr_t)head.msg_control, control, size);
    struct process *to = NULL;
    int channel = channels_number(trace->channels, inode, task->process, &to);
    size_t at = 0;
    struct cmsghdr part;
    while (channel && got > 0 && at + sizeof part <= (size_t)got) {
        memcpy(&part, control + at, sizeof part);
        if (part.cmsg_len < CMSG_LEN(0) || at + part.cmsg_len > (size_t)got)
            return;
        size_t count = (part.cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; part.cmsg_level == SOL_SOCKET && part.cmsg_type == SCM_RIGHTS &&
                           i < count; i++) {
            int fd;
            memcpy(&fd, control + at + CMSG_LEN(0) + i * sizeof fd, sizeof fd);
            passed(trace, task, channel, to, fd);
        }
        at += CMSG_ALIGN(part.cmsg_len);
    }
}

static void end_write(struct trace *trace, struct task *task, int64_t bytes) {
    struct io_attempt *io = task->attempt;
    task->attempt = NULL;
    if (io->channel)
        channels_write_end(trace->channels, io->channel, (ssize_t)bytes);
    else if (bytes > 0 && io->kind == IO_CONNECTION)
        reply(trace, task, io->inode, (size_t)bytes);
    else if (bytes > 0 && io->kind != IO_CHANNEL)
        output(trace, task, io, (size_t)bytes);
    buf_release(&io->data);
    free(io);
}

bool io_is_talk(const struct task *task) {
    return task->attempt &&
           (task->attempt->kind == IO_CHANNEL || task->attempt->kind == IO_CONNECTION);
}

void write_leave(struct trace *trace, struct task *task, int64_t result) {
    struct io_attempt *io = task->attempt;
    if (!io)
        return;
    const struct syscall_form *form = task->left;
    uint64_t inode = io->inode;
    bool on_channel = io->kind == IO_CHANNEL;
    int64_t bytes = result;
    if (result > 0 && form->read_count)
        bytes = (int64_t)form->read_count(task, result);
    if (io->channel && form->gather == gather_messages)
        for (int64_t i = 0; i < result && i < MESSAGES_MOST; i++)
            channels_write_part(trace->channels, io->channel, message_length(task, i));
    if (on_channel && result >= 0 && form->gather == gather_message)
        tell_passed(trace, task, inode);
    end_write(trace, task, bytes);
    if (on_channel)
        faults_look_at_readers(trace);
}

void io_attempt_drop(struct trace *trace, struct task *task) {
    struct io_attempt *io = task->attempt;
    if (!io)
        return;
    task->attempt = NULL;
    if (io->channel)
        channels_write_end(trace->channels, io->channel, -EINTR);
    buf_release(&io->data);
    free(io);
}

/* Whether it has read from the connection since the last reply; of a listener there is nothing to read. */
static bool has_taken(const struct task *task, const struct connection *connection) {
    return connection->listener ||
           (connection->taken && connection->taken_by == task->process->pid);
}

static void taken(struct trace *trace, struct task *task, uint64_t inode) {
    struct connection *connection = connections_find(&trace->connections, inode);
    if (!connection || has_taken(task, connection))
        return;
    connection->taken = true;
    connection->taken_by = task->process->pid;
    trace_emit(trace, event_new(EVENT_TAKEN, "{s:i, s:i, s:i}", "pid", connection->taken_by,
                                "request", 0, "connection", connection->number));
}

static bool must_follow_read(struct trace *trace, struct task *task,
                             const struct syscall_form *form, const struct object *object, int copy) {
    enum io_kind kind;
    if (!classify(trace, object, &kind) || kind == IO_OUTPUT || kind == IO_ERRORS)
        return false;
    if (kind != IO_CONNECTION || !is_sure(trace, task, form, copy))
        return true; /* the kernel says at the exit how much it was */
    taken(trace, task, object->inode);
    return false;
}

bool read_enter(struct trace *trace, struct task *task, const struct syscall_form *form) {
    int copy;
    if (form->flags_arg && (task->args[form->flags_arg] & MSG_PEEK))
        return false;
    struct object object = task_object_keeping(task, (int)task->args[form->fd_arg], &copy);
    bool follows = must_follow_read(trace, task, form, &object, copy);
    fd_close(&copy);
    task->object = object;
    return follows;
}

/* The bytes a read returned, for the rare case that channel.c must compare them. */
struct seen {
    struct task *task;
    size_t count;
};

static void seen_bytes(void *ctx, struct buf *into) {
    struct seen *seen = ctx;
    const struct syscall_form *form = seen->task->left;
    if (!form->gather)
        return;
    form->gather(seen->task, into);
    if (into->length > seen->count) /* the buffer had more room than there was to read */
        into->length = seen->count;
}

void read_leave(struct trace *trace, struct task *task, int64_t result) {
    if (result <= 0)
        return;
    const struct syscall_form *form = task->left;
    size_t bytes = form->read_count ? form->read_count(task, result) : (size_t)result;
    if (connections_find(&trace->connections, task->object.inode)) {
        taken(trace, task, task->object.inode);
        return;
    }
    struct seen seen = {task, bytes};
    bool from_others = channels_from_others(trace->channels, task->object.inode, task->process);
    channels_read(trace->channels, task->process, task->object.inode, bytes, seen_bytes, &seen);
    if (from_others)
        faults_before_work(trace, task);
}

/* splice and tee: from args[0] to args[fd_arg]; what moves is the oldest unread bytes of the source. */
bool splice_enter(struct trace *trace, struct task *task, const struct syscall_form *form) {
    struct object from = task_object(task, (int)task->args[0]);
    struct object to = task_object(task, (int)task->args[form->fd_arg]);
    enum io_kind kind;
    bool follow_from = classify(trace, &from, &kind) &&
                       (kind == IO_CHANNEL || kind == IO_CONNECTION);
    task->object = follow_from ? from : (struct object){0};
    if (!classify(trace, &to, &kind))
        return follow_from;
    struct buf data = {0};
    if (follow_from && kind != IO_CONNECTION)
        channels_peek(trace->channels, from.inode, DATA_MOST, &data);
    begin_write(trace, task, &to, &data, kind);
    buf_release(&data);
    return true;
}

void splice_leave(struct trace *trace, struct task *task, int64_t result) {
    const struct syscall_form *form = task->left;
    bool consumes = strcmp(form->name, "splice") == 0;
    if (task->attempt)
        end_write(trace, task, result);
    if (consumes && result > 0 && task->object.inode) {
        if (connections_find(&trace->connections, task->object.inode))
            taken(trace, task, task->object.inode);
        else
            channels_read(trace->channels, task->process, task->object.inode, (size_t)result, NULL,
                          NULL);
    }
}
