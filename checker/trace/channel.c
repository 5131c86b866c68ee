#include "trace/channel.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "proto/event.h"

#define PARTIAL_AFTER_NS (300 * NS_PER_MS)

struct message {
    int number;
    uint64_t end; /* offset in the stream just past its last byte, the newline not counted: who reads a
                     JSON value up to its closing bracket has it all */
    uint64_t start;
    struct process *from;
    json_t *waiting; /* the event of a message that so far only its own sender could read */
    int parts_read;
    int64_t text_read_ns; /* when all but the newline had been read, if that was not there yet; 0: no */
};

struct write_attempt {
    struct stream *stream;
    struct process *by;
    struct buf data;
    size_t committed; /* bytes already known to be in the stream */
    uint64_t serial;
    size_t parts_end; /* where the last part told by channels_write_part ends */
    uint64_t since;
    struct write_attempt *next;
};

struct stream { /* one direction */
    uint64_t write_inode, read_inode;
    enum channel_kind kind;
    int number;
    struct process *maker;
    int fds[2];
    bool told;           /* its channel event is out */
    struct stream *twin; /* the other direction of a socket pair */
    struct buf unread;
    uint64_t written, read;
    struct buf line; /* bytes after the last newline */
    struct process *line_by;
    uint64_t line_since;
    uint64_t line_start;  /* its offset in the stream */
    int line_parts;       /* writes that it took */
    uint64_t line_serial; /* the last of them */
    int line_reads;       /* that have got a part of it already */
    int64_t line_read_ns; /* the last of those that have read all that was there; 0: none */
    int64_t line_at_ns;
    bool partial_told;
    size_t *packets; /* sizes of unread packets */
    size_t packet_count, packet_capacity;
    struct message *queue; /* sent, not read to the end */
    size_t queue_count, queue_capacity;
    struct write_attempt *attempts;
    struct process *last_writer, *last_reader;
    struct process **writers, **readers; /* all of them */
    size_t writer_count, writer_capacity, reader_count, reader_capacity;
    int64_t made_ns;
    struct process
        *likely_reader; /* when a write began: by its end the reader may have read it and be gone */
    bool astray; /* what is written now goes to somebody else */
    struct stream *next; /* all streams */
};

struct channels {
    struct channel_ops ops;
    void *ctx;
    void *by_write, *by_read; /* tsearch(3) trees of streams */
    struct stream *all;
    int stream_count, channel_count, message_count;
    uint64_t attempt_count;
};

struct channels *channels_new(const struct channel_ops *ops, void *ctx) {
    struct channels *channels = xcalloc(1, sizeof *channels);
    channels->ops = *ops;
    channels->ctx = ctx;
    return channels;
}

static void keep_node(void *node) { (void)node; }

static void free_stream(struct stream *stream) {
    while (stream->attempts) {
        struct write_attempt *attempt = stream->attempts;
        stream->attempts = attempt->next;
        buf_release(&attempt->data);
        free(attempt);
    }
    for (size_t i = 0; i < stream->queue_count; i++)
        json_decref(stream->queue[i].waiting);
    buf_release(&stream->unread);
    buf_release(&stream->line);
    free(stream->writers);
    free(stream->readers);
    free(stream->packets);
    free(stream->queue);
    free(stream);
}

void channels_free(struct channels *channels) {
    if (!channels)
        return;
    tdestroy(channels->by_write, keep_node);
    tdestroy(channels->by_read, keep_node);
    while (channels->all) {
        struct stream *stream = channels->all;
        channels->all = stream->next;
        free_stream(stream);
    }
    free(channels);
}

static int by_number(uint64_t a, uint64_t b) { return a < b ? -1 : a > b; }

static int compare_write(const void *a, const void *b) {
    return by_number(((const struct stream *)a)->write_inode,
                     ((const struct stream *)b)->write_inode);
}

static int compare_read(const void *a, const void *b) {
    return by_number(((const struct stream *)a)->read_inode,
                     ((const struct stream *)b)->read_inode);
}

static struct stream *find_write(const struct channels *channels, uint64_t inode) {
    struct stream key = {.write_inode = inode};
    void *node = tfind(&key, &channels->by_write, compare_write);
    return node ? *(struct stream **)node : NULL;
}

static struct stream *find_read(const struct channels *channels, uint64_t inode) {
    struct stream key = {.read_inode = inode};
    void *node = tfind(&key, &channels->by_read, compare_read);
    return node ? *(struct stream **)node : NULL;
}

static struct stream *add_stream(struct channels *channels, enum channel_kind kind, int number,
                                 uint64_t write_inode, uint64_t read_inode) {
    struct stream *stream = xcalloc(1, sizeof *stream);
    *stream = (struct stream){.write_inode = write_inode,
                              .read_inode = read_inode,
                              .kind = kind,
                              .number = number,
                              .fds = {-1, -1},
                              .made_ns = channels->ops.now_ns(channels->ctx),
                              .next = channels->all};
    channels->all = stream;
    channels->stream_count++;
    tsearch(stream, &channels->by_write, compare_write);
    tsearch(stream, &channels->by_read, compare_read);
    return stream;
}

static bool is_packet(enum channel_kind kind) {
    return kind == CHANNEL_DGRAM || kind == CHANNEL_SEQPACKET;
}

void channels_made(struct channels *channels, enum channel_kind kind, struct process *by,
                   const uint64_t inodes[2], const int fds[2]) {
    if (channels->stream_count >= CHANNELS_MOST || find_write(channels, inodes[0]))
        return;
    int number = ++channels->channel_count;
    struct stream *first = add_stream(channels, kind, number, inodes[1], inodes[0]);
    first->maker = by;
    memcpy(first->fds, fds, sizeof first->fds);
    if (kind == CHANNEL_PIPE)
        return;
    struct stream *second = add_stream(channels, kind, number, inodes[0], inodes[1]);
    second->maker = by;
    memcpy(second->fds, fds, sizeof second->fds);
    first->twin = second;
    second->twin = first;
}

bool channels_follow(struct channels *channels, uint64_t inode, bool is_pipe) {
    if (find_write(channels, inode) || find_read(channels, inode))
        return true;
    if (!is_pipe || channels->stream_count >= CHANNELS_MOST)
        return false;
    add_stream(channels, CHANNEL_PIPE, ++channels->channel_count, inode, inode);
    return true;
}

static json_t *pid_or_null(const struct process *process) {
    return process ? json_integer(process->pid) : json_null();
}

static void tell_channel(struct channels *channels, struct stream *stream) {
    static const char *const kinds[] = {"pipe", "stream", "dgram", "seqpacket"};
    if (stream->told || (stream->twin && stream->twin->told))
        return;
    stream->told = true;
    json_t *event = event_new(EVENT_CHANNEL, "{s:i, s:s, s:o}", "channel", stream->number, "kind",
                              kinds[stream->kind], "pid", pid_or_null(stream->maker));
    if (stream->fds[0] >= 0)
        json_object_set_new(event, "fds", json_pack("[i,i]", stream->fds[0], stream->fds[1]));
    channels->ops.emit(channels->ctx, event);
}

static struct process *guess_reader(struct channels *channels, const struct stream *stream,
                                    const struct process *from) {
    struct process *last = stream->last_reader != from ? stream->last_reader : NULL;
    if (last && last->alive)
        return last;
    struct process *next =
        channels->ops.reader(channels->ctx, stream->read_inode, stream->kind, from);
    if (next || last)
        return next ? next : last;
    return stream->likely_reader != from ? stream->likely_reader : NULL;
}

static void foresee_reader(struct channels *channels, struct stream *stream,
                           const struct process *from) {
    const struct process *last = stream->last_reader, *likely = stream->likely_reader;
    if ((last && last->alive) || (likely && likely->alive && likely != from))
        return;
    stream->likely_reader =
        channels->ops.reader(channels->ctx, stream->read_inode, stream->kind, from);
}

/* How deep brackets nest, those in strings left out. */
static size_t nesting(const char *text, size_t length) {
    size_t depth = 0, deepest = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        if (in_string && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            in_string = !in_string;
        else if (!in_string && (text[i] == '[' || text[i] == '{') && ++depth > deepest)
            deepest = depth;
        else if (!in_string && (text[i] == ']' || text[i] == '}') && depth)
            depth--;
    }
    return deepest;
}

static json_t *message_event(struct channels *channels, struct stream *stream, int number,
                             size_t bytes, bool complete) {
    json_t *event = event_new(EVENT_MESSAGE, "{s:i, s:i, s:i, s:n, s:i, s:i, s:b, s:I}", "message",
                              number, "channel", stream->number, "from", stream->line_by->pid, "to",
                              "bytes", (int)bytes, "parts", stream->line_parts, "complete",
                              (int)complete, "since", (json_int_t)stream->line_since);
    json_error_t error;
    json_t *value = nesting(stream->line.data, stream->line.length) > CHANNEL_NESTING_MOST
                        ? NULL
                        : json_loadb(stream->line.data, stream->line.length,
                                     JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (value)
        json_object_set_new(event, "value", value);
    else
        event_set_bytes(event, "text", stream->line.data, stream->line.length, CHANNEL_TEXT_MOST);
    (void)channels;
    return event;
}

static void publish(struct channels *channels, struct stream *stream, json_t *event,
                    struct process *to) {
    tell_channel(channels, stream);
    json_object_set_new(event, "to", pid_or_null(to));
    channels->ops.emit(channels->ctx, event);
}

static void note_read(struct channels *channels, struct stream *stream, struct process *by) {
    size_t done = 0;
    for (; done < stream->queue_count; done++) {
        struct message *message = &stream->queue[done];
        if (message->start >= stream->read)
            break;
        message->parts_read++;
        if (message->end > stream->read)
            break;
        json_t *waiting = message->waiting;
        message->waiting = NULL;
        if (by == message->from) {
            json_decref(waiting);
            continue;
        }
        if (waiting)
            publish(channels, stream, waiting, by);
        json_t *event =
            event_new(EVENT_RECEIVED, "{s:i, s:i, s:i, s:i}", "message", message->number, "channel",
                      stream->number, "pid", by->pid, "parts", message->parts_read);
        if (message->text_read_ns)
            json_object_set_new(event, "text_ns", json_integer(message->text_read_ns));
        channels->ops.emit(channels->ctx, event);
    }
    if (done)
        memmove(stream->queue, stream->queue + done,
                (stream->queue_count - done) * sizeof *stream->queue);
    stream->queue_count -= done;
}

/* Ends the line: a message, unless it is empty. `end` is its offset in the stream. */
static void end_line(struct channels *channels, struct stream *stream, bool complete,
                     uint64_t end) {
    size_t bytes = stream->line.length;
    if (bytes) {
        struct message message = {.number = ++channels->message_count,
                                  .end = end,
                                  .start = stream->line_start,
                                  .from = stream->line_by,
                                  .parts_read = stream->line_reads};
        json_t *event = message_event(channels, stream, message.number, bytes, complete);
        struct process *to = guess_reader(channels, stream, stream->line_by);
        if (to)
            publish(channels, stream, event, to);
        else
            message.waiting = event;
        GROW(stream->queue, stream->queue_capacity, stream->queue_count + 1);
        stream->queue[stream->queue_count++] = message;
        if (end <= stream->read && message.parts_read && stream->last_reader) {
            stream->queue[stream->queue_count - 1].parts_read--; /* counted again */
            stream->queue[stream->queue_count - 1].text_read_ns = stream->line_read_ns;
            note_read(channels, stream, stream->last_reader);
        }
    }
    buf_clear(&stream->line);
    stream->line_by = NULL;
    stream->line_reads = 0;
    stream->line_read_ns = 0;
    stream->partial_told = false;
}

static void append_line(struct channels *channels, struct stream *stream,
                        const struct write_attempt *attempt, const char *bytes, size_t count) {
    while (count) {
        if (!stream->line_by) {
            stream->line_by = attempt->by;
            stream->line_since = attempt->since;
            stream->line_start = stream->written;
            stream->line_parts = 0;
            stream->line_serial = 0;
        }
        stream->line_parts += stream->line_serial != attempt->serial;
        stream->line_serial = attempt->serial;
        stream->line_at_ns = channels->ops.now_ns(channels->ctx);
        const char *newline = memchr(bytes, '\n', count);
        size_t here = newline ? (size_t)(newline - bytes) : count;
        buf_append(&stream->line, bytes, here);
        stream->written += here + (newline != NULL);
        if (newline)
            end_line(channels, stream, true, stream->written - 1);
        else if (stream->line.length > CHANNEL_LINE_MOST)
            end_line(channels, stream, false, stream->written);
        here += newline != NULL;
        bytes += here;
        count -= here;
    }
}

static bool is_among(struct process *const *list, size_t count, const struct process *process) {
    for (size_t i = 0; i < count; i++)
        if (list[i] == process)
            return true;
    return false;
}

/* `count` more bytes of the attempt are in the stream. */
static void commit(struct channels *channels, struct write_attempt *attempt, size_t count) {
    struct stream *stream = attempt->stream;
    size_t known = attempt->data.length - attempt->committed;
    size_t here = count < known ? count : known;
    const char *bytes = attempt->data.data + attempt->committed;
    attempt->committed += here;
    stream->last_writer = attempt->by;
    if (!is_among(stream->writers, stream->writer_count, attempt->by)) {
        GROW(stream->writers, stream->writer_capacity, stream->writer_count + 1);
        stream->writers[stream->writer_count++] = attempt->by;
    }
    if (stream->unread.length < CHANNEL_LINE_MOST * 2)
        buf_append(&stream->unread, bytes, here);
    if (is_packet(stream->kind)) {
        GROW(stream->packets, stream->packet_capacity, stream->packet_count + 1);
        stream->packets[stream->packet_count++] = here;
    }
    append_line(channels, stream, attempt, bytes, here);
    if (is_packet(stream->kind) && stream->line.length)
        end_line(channels, stream, true, stream->written);
}

struct write_attempt *channels_write_begin(struct channels *channels, struct process *by,
                                           uint64_t inode, struct buf *data, uint64_t since) {
    struct stream *stream = find_write(channels, inode);
    if (!stream)
        return NULL;
    struct write_attempt *attempt = xcalloc(1, sizeof *attempt);
    *attempt = (struct write_attempt){.stream = stream,
                                      .by = by,
                                      .data = *data,
                                      .since = since,
                                      .serial = ++channels->attempt_count};
    *data = (struct buf){0};
    foresee_reader(channels, stream, by);
    struct write_attempt **tail = &stream->attempts;
    while (*tail)
        tail = &(*tail)->next;
    *tail = attempt;
    return attempt;
}

void channels_write_end(struct channels *channels, struct write_attempt *attempt, ssize_t result) {
    struct write_attempt **link = &attempt->stream->attempts;
    while (*link != attempt)
        link = &(*link)->next;
    *link = attempt->next;
    if (result > 0 && (size_t)result > attempt->committed)
        commit(channels, attempt, (size_t)result - attempt->committed);
    buf_release(&attempt->data);
    free(attempt);
}

void channels_write_part(struct channels *channels, struct write_attempt *attempt, size_t count) {
    attempt->parts_end += count;
    if (attempt->parts_end > attempt->committed) /* else a read has proved it already */
        commit(channels, attempt, attempt->parts_end - attempt->committed);
}

static struct write_attempt *matching_attempt(struct stream *stream, const char *bytes,
                                              size_t count) {
    struct write_attempt *open = NULL;
    for (struct write_attempt *attempt = stream->attempts; attempt; attempt = attempt->next) {
        size_t left = attempt->data.length - attempt->committed;
        if (!left)
            continue;
        size_t same = count < left ? count : left;
        if (memcmp(attempt->data.data + attempt->committed, bytes, same) == 0)
            return attempt;
        if (!open)
            open = attempt;
    }
    return open;
}

/* A read has returned more than finished writes put in: take the rest from writes under way. */
static void prove(struct channels *channels, struct stream *stream, size_t count,
                  channel_seen_fn *seen, void *seen_ctx) {
    struct buf bytes = {0};
    if (seen && stream->attempts)
        seen(seen_ctx, &bytes);
    while (stream->read + count > stream->written) {
        size_t missing = (size_t)(stream->read + count - stream->written);
        const char *tail = missing <= bytes.length ? bytes.data + bytes.length - missing : NULL;
        struct write_attempt *attempt =
            matching_attempt(stream, tail ? tail : "", tail ? missing : 0);
        size_t left = attempt ? attempt->data.length - attempt->committed : 0;
        if (!left) {
            stream->written = stream->read + count; /* from before our time */
            break;
        }
        commit(channels, attempt, missing < left ? missing : left);
    }
    buf_release(&bytes);
}

/* As many packets as make up `count` bytes, and at least one: what a reader's buffer did not hold of it is lost. */
static size_t take_packets(struct stream *stream, size_t count) {
    size_t taken = 0, packets = 0;
    while (packets < stream->packet_count && (packets == 0 || taken < count))
        taken += stream->packets[packets++];
    memmove(stream->packets, stream->packets + packets,
            (stream->packet_count - packets) * sizeof *stream->packets);
    stream->packet_count -= packets;
    return packets ? taken : count;
}

void channels_read(struct channels *channels, struct process *by, uint64_t inode, size_t count,
                   channel_seen_fn *seen, void *seen_ctx) {
    struct stream *stream = find_read(channels, inode);
    if (!stream || !count)
        return;
    if (stream->read + count > stream->written)
        prove(channels, stream, count, seen, seen_ctx);
    if (is_packet(stream->kind))
        count = take_packets(stream, count);
    stream->last_reader = by;
    if (!is_among(stream->readers, stream->reader_count, by)) {
        GROW(stream->readers, stream->reader_capacity, stream->reader_count + 1);
        stream->readers[stream->reader_count++] = by;
    }
    stream->read += count;
    buf_drop_front(&stream->unread, count);
    note_read(channels, stream, by);
    if (stream->line.length && stream->read > stream->line_start)
        stream->line_reads++;
    if (stream->line.length && stream->read == stream->written)
        stream->line_read_ns = channels->ops.now_ns(channels->ctx);
    if (stream->line_by == by && stream->read == stream->written)
        buf_clear(&stream->line), stream->line_by = NULL; /* a process waking itself up */
}

void channels_peek(struct channels *channels, uint64_t inode, size_t count, struct buf *into) {
    struct stream *stream = find_read(channels, inode);
    if (stream)
        buf_append(into, stream->unread.data,
                   count < stream->unread.length ? count : stream->unread.length);
}

int channels_number(struct channels *channels, uint64_t inode, struct process *by,
                    struct process **to) {
    struct stream *stream = find_write(channels, inode);
    if (!stream)
        return 0;
    *to = guess_reader(channels, stream, by);
    tell_channel(channels, stream);
    return stream->number;
}

uint64_t channels_far_end(const struct channels *channels, uint64_t inode) {
    const struct stream *stream = find_read(channels, inode);
    return stream ? stream->write_inode : 0;
}

void channels_sweep(struct channels *channels) {
    int64_t now_ns = channels->ops.now_ns(channels->ctx);
    for (struct stream *stream = channels->all; stream; stream = stream->next) {
        if (!stream->line.length || stream->partial_told || !stream->line_by ||
            now_ns - stream->line_at_ns < PARTIAL_AFTER_NS)
            continue;
        stream->partial_told = true;
        if (!guess_reader(channels, stream, stream->line_by))
            continue;
        tell_channel(channels, stream);
        json_t *event = event_new(EVENT_PARTIAL, "{s:i, s:i, s:i}", "channel", stream->number,
                                  "from", stream->line_by->pid, "bytes", (int)stream->line.length);
        event_set_bytes(event, "text", stream->line.data, stream->line.length, CHANNEL_TEXT_MOST);
        channels->ops.emit(channels->ctx, event);
    }
}

void channels_flush(struct channels *channels, const struct process *gone) {
    for (struct stream *stream = channels->all; stream; stream = stream->next)
        if (stream->line.length && stream->line_by && (!gone || stream->line_by == gone))
            end_line(channels, stream, false, stream->written);
}

size_t channels_unread(const struct channels *channels, uint64_t inode) {
    const struct stream *stream = find_read(channels, inode);
    return stream ? stream->queue_count : 0;
}

static void tell_end(const struct stream *stream, bool writes, channel_end_fn *fn, void *ctx) {
    const struct stream *twin = stream->twin;
    struct channel_end end = {.inode = writes ? stream->write_inode : stream->read_inode,
                              .is_pipe = stream->kind == CHANNEL_PIPE,
                              .writes = writes,
                              .number = stream->number,
                              .maker = stream->maker,
                              .made_ns = stream->made_ns,
                              .users = writes ? stream->writers : stream->readers,
                              .user_count = writes ? stream->writer_count : stream->reader_count,
                              .far = writes ? stream->last_reader : stream->last_writer};
    if (twin && !end.user_count) { /* that which is written here is read by the twin, at the same end */
        end.users = writes ? twin->readers : twin->writers;
        end.user_count = writes ? twin->reader_count : twin->writer_count;
    }
    fn(ctx, &end);
}

void channels_each_end(const struct channels *channels, channel_end_fn *fn, void *ctx) {
    for (const struct stream *stream = channels->all; stream; stream = stream->next) {
        const struct stream *twin = stream->twin;
        if (twin && (twin->written > stream->written || (twin->written == stream->written && twin < stream)))
            continue; /* a socket pair once */
        tell_end(stream, true, fn, ctx);
        tell_end(stream, false, fn, ctx);
    }
}

bool channels_from_others(const struct channels *channels, uint64_t inode,
                          const struct process *by) {
    const struct stream *stream = find_read(channels, inode);
    return stream && (stream->last_writer ? stream->last_writer : stream->maker) != by;
}

bool channels_of_packets(const struct channels *channels, uint64_t inode) {
    const struct stream *stream = find_read(channels, inode);
    return stream && is_packet(stream->kind);
}

enum datagrams channels_datagrams(const struct channels *channels, uint64_t inode) {
    const struct stream *stream = find_write(channels, inode);
    if (!stream || stream->kind != CHANNEL_DGRAM)
        return NO_DATAGRAMS;
    return stream->astray ? DATAGRAMS_LEAVE : DATAGRAMS_STAY;
}

void channels_connected(struct channels *channels, uint64_t inode) {
    struct stream *stream = find_write(channels, inode);
    if (stream)
        stream->astray = true;
}
