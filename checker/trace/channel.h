/* Pipes and socket pairs as conversations: bytes become messages, with who sent and who read them.
 *
 * A message is what one newline ends, or one packet of a packet socket; whatever the number of writes and reads
 * it took. What a stream holds between the ends is kept here byte by byte, so a reader is known to have read
 * exactly the oldest bytes, without looking at its buffer. A read's exit can be seen before the exit of the very
 * write that fed it: bytes read that no finished write accounts for are taken from writes still under way, and
 * where several are, from the one whose bytes they are.
 *
 * Nothing here calls ptrace; processes come from task.h, the rest through the ops.
 */
#ifndef BRIGADE_TRACE_CHANNEL_H
#define BRIGADE_TRACE_CHANNEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "trace/task.h"

enum channel_kind { CHANNEL_PIPE, CHANNEL_STREAM, CHANNEL_DGRAM, CHANNEL_SEQPACKET };

enum {
    CHANNEL_LINE_MOST = 1 << 20,  /* a longer line is told in pieces, as incomplete */
    CHANNEL_TEXT_MOST = 16 << 10, /* bytes of raw text that an event carries */
    CHANNEL_NESTING_MOST = 1000,  /* deeper JSON is told as text: an event's own reader stops at 2048 */
    CHANNELS_MOST = 1 << 16,      /* further ones are not followed */
};

struct channel_ops {
    void (*emit)(void *ctx, json_t *event);
    /* Who, but for `from`, will read what comes out of the end with this inode, as far as the descriptors tell; NULL
     * when only `from` itself could. */
    struct process *(*reader)(void *ctx, uint64_t read_inode, enum channel_kind kind,
                              const struct process *from);
    int64_t (*now_ns)(void *ctx); /* the program's own time */
};

struct channels;
struct write_attempt;

struct channels *channels_new(const struct channel_ops *ops, void *ctx);
void channels_free(struct channels *channels);

/* A pipe (both inodes the same) or a socket pair was made. */
void channels_made(struct channels *channels, enum channel_kind kind, struct process *by,
                   const uint64_t inodes[2], const int fds[2]);

/* Whether writes to, or reads from, an object with this inode are followed. A pipe nobody was seen making is
 * met by `is_pipe` and followed from then on. */
bool channels_follow(struct channels *channels, uint64_t inode, bool is_pipe);

/* A write has been entered with these bytes (stolen from data); `since` is the seq of the newest event. At the
 * call's exit, or when the task is gone (result < 0), write_end frees the attempt. */
struct write_attempt *channels_write_begin(struct channels *channels, struct process *by,
                                           uint64_t inode, struct buf *data, uint64_t since);
void channels_write_end(struct channels *channels, struct write_attempt *attempt, ssize_t result);
/* Before that, for a call that sends several messages: the next `count` bytes went as one. */
void channels_write_part(struct channels *channels, struct write_attempt *attempt, size_t count);

/* `count` bytes were read (one packet, on packet sockets); `seen` are the bytes themselves, asked for only
 * where needed: fn(ctx, into) appends them. */
typedef void channel_seen_fn(void *ctx, struct buf *into);
void channels_read(struct channels *channels, struct process *by, uint64_t inode, size_t count,
                   channel_seen_fn *seen, void *seen_ctx);

/* The oldest `count` unread bytes, for splice and tee; fewer where fewer are known. */
void channels_peek(struct channels *channels, uint64_t inode, size_t count, struct buf *into);

/* Whether it is an end of a packet socket, where each read takes a whole packet or loses the rest of it. */
bool channels_of_packets(const struct channels *channels, uint64_t inode);

/* Where datagrams written to an end go: a pair's stay in it, until one has an address of its own or the end is connected
 * anew, which unix(7) allows for SOCK_DGRAM alone. */
enum datagrams { NO_DATAGRAMS, DATAGRAMS_STAY, DATAGRAMS_LEAVE };
enum datagrams channels_datagrams(const struct channels *channels, uint64_t inode);
void channels_connected(struct channels *channels, uint64_t inode); /* anew */

/* An end of a channel, as descriptors hold it: the two of a pipe share an inode, the two of a socket pair do not. */
struct channel_end {
    uint64_t inode;
    bool is_pipe, writes; /* of a pipe: its writing end */
    int number;
    const struct process *maker;
    int64_t made_ns;
    struct process *const *users; /* who has read or written by it */
    size_t user_count;
    const struct process *far; /* who has used the other end last; NULL: nobody */
};
typedef void channel_end_fn(void *ctx, const struct channel_end *end);
/* Both ends of each channel. */
void channels_each_end(const struct channels *channels, channel_end_fn *fn, void *ctx);

/* Whether what comes out of the end with this inode is another process's than `by`: who wrote to it last tells, or,
 * where nobody has yet, who made it. */
bool channels_from_others(const struct channels *channels, uint64_t inode,
                          const struct process *by);

/* How many whole messages wait in the end with this inode, as far as finished writes tell. */
size_t channels_unread(const struct channels *channels, uint64_t inode);

/* The channel's number and likely reader, for descriptors passed over it; 0 when not followed. */
int channels_number(struct channels *channels, uint64_t inode, struct process *by,
                    struct process **to);

/* The inode of the other end: a socket pair's other socket, a pipe's own; 0 when not followed. */
uint64_t channels_far_end(const struct channels *channels, uint64_t inode);

/* Bytes that have waited for their newline for a while are told once. */
void channels_sweep(struct channels *channels);
/* A process is gone, or (NULL) the run: what it began and did not end is told as incomplete. */
void channels_flush(struct channels *channels, const struct process *gone);

#endif
