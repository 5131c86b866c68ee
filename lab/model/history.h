/* Everything that happened in a run, compact, in the order it happened: what the timeline, the lists of
 * messages and output, and playback are made of.
 *
 *     struct history history = {0};
 *     history_add(&history, event, run);            // run: as it was before this event
 *     for (at = history.first; at < history.end; at++) history_record(&history, at);
 *     struct run *then = history_run_at(&history, moment);   // after the events before `moment`
 *     history_release(&history);
 *
 * A moment is a number of events: `end` is now, `first` the earliest that is kept. Events are kept in
 * chunks, each with a copy of the run as it was before it; when there are too many, the oldest chunk goes.
 */
#ifndef BRIGADE_MODEL_HISTORY_H
#define BRIGADE_MODEL_HISTORY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/record.h"
#include "model/run.h"

enum { HISTORY_CHUNK = 4096, HISTORY_BYTES_MAX = 40 << 20 };

struct history_chunk {
    struct run *before;
    struct record *records; /* HISTORY_CHUNK of them */
    struct arena texts;
};

struct line_piece { /* what one write gave to a line of output */
    uint32_t at;    /* the event */
    const char *text;
    uint32_t bytes;
    uint32_t next; /* index of the piece that goes on with the line + 1; 0: none */
};

struct output_line { /* ordered by their first piece */
    int64_t t_ns;
    int pid;
    bool is_error; /* stderr */
    struct line_piece piece;
    uint32_t last; /* its last piece + 1; 0: the first */
};

struct lane { /* the life of a process; ordered by birth */
    int pid;
    uint32_t born, ended, reaped; /* the events; UINT32_MAX: not yet */
};

struct history { /* visible, because views walk it; only history_* change it */
    uint32_t first, end;
    struct history_chunk *chunks;
    size_t chunk_count, chunk_capacity;
    size_t bytes;

    uint32_t *messages; /* the events */
    size_t message_count, message_capacity;
    struct output_line *lines;
    size_t line_count, line_capacity;
    struct line_piece *pieces; /* all but the first of each line */
    size_t piece_count, piece_capacity;
    uint64_t messages_dropped, lines_dropped;
    struct open_line {
        int pid;
        bool is_error;
        uint64_t line; /* counted with those dropped */
    } * open_lines;
    size_t open_count, open_capacity;
    struct lane *lanes;
    size_t lane_count, lane_capacity;
    struct lane_find { /* where the living are, by pid */
        int pid;
        uint32_t lane; /* + 1; 0: an empty place */
    } * found;
    size_t found_size;
};

/* `run` is copied when a chunk begins. Returns the record, which stays where it is. */
const struct record *history_add(struct history *history, const json_t *event,
                                 const struct run *run);
void history_release(struct history *history);

const struct record *history_record(const struct history *history, uint32_t at);

/* The run at a moment; the caller's. */
struct run *history_run_at(const struct history *history, uint32_t moment);

/* How many of the messages, of the lines, there were at a moment: the first so many. */
size_t history_messages_at(const struct history *history, uint32_t moment);
size_t history_lines_at(const struct history *history, uint32_t moment);

/* A line as it was at a moment: appended, at most RECORD_TEXT_MAX bytes. */
void history_line_text(const struct history *history, size_t line, uint32_t moment,
                       struct buf *into);

/* The life that `pid` stood for at an event; NULL if none is known. */
const struct lane *history_lane(const struct history *history, int pid, uint32_t at);

/* The event with a seq, or UINT32_MAX. */
uint32_t history_find_seq(const struct history *history, uint64_t seq);

#endif
