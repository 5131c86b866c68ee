/* What a program leaves: zombies, orphans, and ends of channels that somebody holds open without using them, so that no
 * end of file comes. Looked at when a run is over, or when it waits for itself; each is told with the call that made it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "trace/internal.h"

#define SETTLED_NS NS_PER_S /* a zombie for less than that may yet be waited for */

enum { LEFT_MOST = 16 /* told of each kind */, LOOKED_AT_MOST = 128 /* processes */ };

struct holding { /* a descriptor of a pipe or a socket */
    const struct process *process;
    int fd;
    uint64_t inode;
    bool writes;
};

struct holdings {
    const struct process *process; /* whose are being listed */
    struct holding *list;
    size_t count, capacity;
};

static bool note_holding(void *ctx, int fd, struct object object) {
    struct holdings *holdings = ctx;
    if (object.kind != OBJECT_PIPE && object.kind != OBJECT_SOCKET)
        return true;
    GROW(holdings->list, holdings->capacity, holdings->count + 1);
    holdings->list[holdings->count++] =
        (struct holding){holdings->process, fd, object.inode,
                         object_is_open_for(holdings->process->host_pid, fd, false)};
    return true;
}

static struct holdings list_holdings(struct trace *trace) {
    struct holdings holdings = {0};
    size_t seen = 0;
    for (size_t i = 0; i < trace->tasks.process_count && seen < LOOKED_AT_MOST; i++) {
        const struct process *process = trace->tasks.processes[i];
        if (!process->alive)
            continue;
        seen++;
        holdings.process = process;
        object_each(process->host_pid, note_holding, &holdings);
    }
    return holdings;
}

static double seconds(int64_t ns) { return (double)ns / NS_PER_S; }

/* "since its fork at 0.003 s" */
static void put_since(struct buf *words, const struct process *holder, const struct process *maker,
                      int64_t made_ns) {
    if (holder == maker)
        buf_printf(words, "since it made the channel at %.3f s", seconds(made_ns));
    else if (holder->born_ns >= made_ns && holder->made_how)
        buf_printf(words, "since its %s at %.3f s", holder->made_how, seconds(holder->born_ns));
    else
        buf_puts(words, "since somebody passed it on");
}

/* --- who keeps a reader waiting --------------------------------------------------------------- */

struct keepers {
    uint64_t read_inode, write_inode;
    bool is_pipe;
    const struct process *maker;
    int64_t made_ns;
};

static void note_origin(void *ctx, const struct channel_end *end) {
    struct keepers *keepers = ctx;
    if (end->inode != keepers->read_inode && end->inode != keepers->write_inode)
        return;
    keepers->is_pipe = end->is_pipe;
    keepers->maker = end->maker;
    keepers->made_ns = end->made_ns;
}

void left_keepers(struct trace *trace, const struct process *reader, uint64_t read_inode,
                  uint64_t write_inode, struct buf *words) {
    struct holdings holdings = list_holdings(trace);
    struct keepers keepers = {.read_inode = read_inode, .write_inode = write_inode};
    const struct process *last = NULL;
    channels_each_end(trace->channels, note_origin, &keepers);
    for (size_t i = 0; i < holdings.count; i++) {
        const struct holding *holding = &holdings.list[i];
        const struct process *holder = holding->process;
        bool keeps = holding->inode == write_inode && (!keepers.is_pipe || holding->writes);
        if (!keeps || holder == last)
            continue;
        if (last)
            buf_puts(words, ", and");
        else
            buf_printf(words, ", whose %s end", keepers.is_pipe ? "writing" : "other");
        buf_printf(words, " %d%s holds open, ", holder->pid, holder == reader ? " itself" : "");
        last = holder;
        put_since(words, holder, keepers.maker, keepers.made_ns);
    }
    free(holdings.list);
}

/* --- what is left at the end ------------------------------------------------------------------ */

static void tell(struct trace *trace, const char *what, const struct process *process,
                 const struct buf *words, int fd, int channel) {
    json_t *event = event_new(EVENT_LEFT, "{s:s, s:i, s:s}", "what", what, "pid", process->pid,
                              "text", words->data);
    if (process->made_by)
        json_object_set_new(event, "by", json_integer(process->made_by->pid));
    if (channel) {
        json_object_set_new(event, "fd", json_integer(fd));
        json_object_set_new(event, "channel", json_integer(channel));
    }
    trace_emit(trace, event);
}

static void put_birth(struct buf *words, const struct process *process) {
    const char *how = process->made_how ? process->made_how : "fork";
    buf_printf(words, "%d, %s by %d at %.3f s,", process->pid,
               strcmp(how, "clone") == 0   ? "cloned"
               : strcmp(how, "vfork") == 0 ? "vforked"
                                           : "forked",
               process->made_by->pid, seconds(process->born_ns));
}

/* Dead, and its parent, that lived on for a while or to its own end, has never waited for it. */
static bool is_left_zombie(struct trace *trace, const struct process *process) {
    const struct process *parent = process->made_by;
    if (process->alive || process->waited_for || !parent)
        return false;
    if (parent->alive)
        return process->zombie && trace_now_ns(trace) - process->died_ns >= SETTLED_NS;
    return !parent->by_lab && !parent->lab_signal && process->died_ns < parent->died_ns;
}

static bool is_left_orphan(const struct process *process) {
    const struct process *parent = process->made_by;
    return process->alive && parent && !parent->alive && !parent->by_lab && !parent->lab_signal;
}

static void tell_processes(struct trace *trace) {
    int zombies = 0, orphans = 0;
    for (size_t i = 0; i < trace->tasks.process_count; i++) {
        const struct process *process = trace->tasks.processes[i];
        struct buf words = {0};
        if (is_left_zombie(trace, process) && zombies++ < LEFT_MOST) {
            put_birth(&words, process);
            buf_printf(&words, " ended at %.3f s and was never waited for",
                       seconds(process->died_ns));
            tell(trace, "zombie", process, &words, 0, 0);
        } else if (is_left_orphan(process) && orphans++ < LEFT_MOST) {
            put_birth(&words, process);
            buf_printf(&words, " goes on, although %d has ended at %.3f s", process->made_by->pid,
                       seconds(process->made_by->died_ns));
            tell(trace, "orphan", process, &words, 0, 0);
        }
        buf_release(&words);
    }
}

struct end_look {
    struct trace *trace;
    const struct holdings *holdings;
    int told;
};

static bool uses(const struct channel_end *end, const struct process *process) {
    for (size_t i = 0; i < end->user_count; i++)
        if (end->users[i] == process)
            return true;
    return false;
}

/* An end that one process alone uses, to write or both ways: who else holds it open? Ends that several use are shared on
 * purpose, and a process that talks to itself keeps nobody waiting. */
static void look_at_end(void *ctx, const struct channel_end *end) {
    struct end_look *look = ctx;
    const struct process *user = end->user_count == 1 ? end->users[0] : NULL;
    if (!user || !user->alive || !end->far || end->far == user || (end->is_pipe && !end->writes))
        return;
    const struct process *last = NULL;
    for (size_t i = 0; i < look->holdings->count && look->told < LEFT_MOST; i++) {
        const struct holding *holding = &look->holdings->list[i];
        const struct process *holder = holding->process;
        bool same = holding->inode == end->inode &&
                    (!end->is_pipe || holding->writes);
        if (!same || holder == last || uses(end, holder))
            continue;
        last = holder;
        look->told++;
        struct buf words = {0};
        buf_printf(&words, "%d holds %s of the channel between %d and %d open as descriptor %d, ",
                   holder->pid, end->is_pipe ? "the writing end" : "an end",                   user->pid, end->far->pid, holding->fd);
        put_since(&words, holder, end->maker, end->made_ns);
        buf_puts(&words, ", and has never used it");
        tell(look->trace, "descriptor", holder, &words, holding->fd, end->number);
        buf_release(&words);
    }
}

void left_tell(struct trace *trace) {
    struct holdings holdings = list_holdings(trace);
    struct end_look look = {trace, &holdings, 0};
    tell_processes(trace);
    channels_each_end(trace->channels, look_at_end, &look);
    free(holdings.list);
}
