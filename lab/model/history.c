#include "model/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { OPEN_LINES_MAX = 512, LANES_MANY = 4096 };

#define NOT_YET UINT32_MAX

/* --- where lives are found --- */

static struct lane_find *find_place(struct lane_find *found, size_t size, int pid) {
    size_t at = ((uint32_t)pid * UINT32_C(2654435761)) % size;
    while (found[at].lane && found[at].pid != pid)
        at = (at + 1) % size;
    return &found[at];
}

static void find_lanes_anew(struct history *history) {
    size_t size = 64;
    while (size < 4 * history->lane_count)
        size *= 2;
    struct lane_find *found = xcalloc(size, sizeof *found);
    for (size_t i = 0; i < history->lane_count; i++)
        *find_place(found, size, history->lanes[i].pid) =
            (struct lane_find){history->lanes[i].pid, (uint32_t)i + 1};
    free(history->found);
    history->found = found;
    history->found_size = size;
}

/* Of very many, those that were over before an event. */
static void forget_lives(struct history *history, uint32_t at) {
    size_t kept = 0;
    if (history->lane_count < LANES_MANY)
        return;
    for (size_t i = 0; i < history->lane_count; i++)
        if (history->lanes[i].ended >= at)
            history->lanes[kept++] = history->lanes[i];
    history->lane_count = kept;
    find_lanes_anew(history);
}

/* --- chunks --- */

static struct history_chunk *chunk_of(const struct history *history, uint32_t at) {
    return &history->chunks[(at - history->first) / HISTORY_CHUNK];
}

const struct record *history_record(const struct history *history, uint32_t at) {
    return &chunk_of(history, at)->records[(at - history->first) % HISTORY_CHUNK];
}

static void release_chunk(struct history_chunk *chunk) {
    run_free(chunk->before);
    free(chunk->records);
    arena_release(&chunk->texts);
}

static size_t first_line_from(const struct history *history, uint32_t at) {
    size_t low = 0, high = history->line_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (history->lines[middle].piece.at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t first_message_from(const struct history *history, uint32_t at) {
    size_t low = 0, high = history->message_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (history->messages[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The pieces of the lines that are left, one line after the other. */
static void pack_pieces(struct history *history) {
    struct line_piece *pieces = NULL;
    size_t count = 0, capacity = 0;
    for (size_t i = 0; i < history->line_count; i++) {
        struct output_line *line = &history->lines[i];
        uint32_t next = line->piece.next;
        line->piece.next = next ? (uint32_t)count + 1 : 0;
        while (next) {
            GROW(pieces, capacity, count + 1);
            pieces[count] = history->pieces[next - 1];
            next = pieces[count].next;
            count++;
            pieces[count - 1].next = next ? (uint32_t)count + 1 : 0;
            line->last = (uint32_t)count;
        }
    }
    free(history->pieces);
    history->pieces = pieces;
    history->piece_count = count;
    history->piece_capacity = capacity;
}

/* What the lists have of the events that go. */
static void forget_before(struct history *history, uint32_t at) {
    size_t messages = first_message_from(history, at), lines = first_line_from(history, at);
    history->message_count -= messages;
    memmove(history->messages, history->messages + messages,
            history->message_count * sizeof *history->messages);
    history->messages_dropped += messages;
    history->line_count -= lines;
    memmove(history->lines, history->lines + lines, history->line_count * sizeof *history->lines);
    history->lines_dropped += lines;
    pack_pieces(history);
    forget_lives(history, at);
}

static size_t chunk_bytes(const struct history_chunk *chunk) {
    return HISTORY_CHUNK * sizeof *chunk->records + chunk->texts.size_bytes + sizeof *chunk->before;
}

static void drop_oldest(struct history *history) {
    forget_before(history, history->first + HISTORY_CHUNK);
    history->bytes -= chunk_bytes(&history->chunks[0]);
    release_chunk(&history->chunks[0]);
    history->chunk_count--;
    memmove(history->chunks, history->chunks + 1, history->chunk_count * sizeof *history->chunks);
    history->first += HISTORY_CHUNK;
}

static struct history_chunk *open_chunk(struct history *history, const struct run *run) {
    if (history->chunk_count)
        history->bytes += chunk_bytes(&history->chunks[history->chunk_count - 1]);
    while (history->bytes > HISTORY_BYTES_MAX && history->chunk_count > 1)
        drop_oldest(history);
    GROW(history->chunks, history->chunk_capacity, history->chunk_count + 1);
    struct history_chunk *chunk = &history->chunks[history->chunk_count++];
    *chunk = (struct history_chunk){
        .before = run_clone(run),
        .records = xmalloc(HISTORY_CHUNK * sizeof(struct record)),
    };
    return chunk;
}

void history_release(struct history *history) {
    for (size_t i = 0; i < history->chunk_count; i++)
        release_chunk(&history->chunks[i]);
    free(history->chunks);
    free(history->messages);
    free(history->lines);
    free(history->pieces);
    free(history->open_lines);
    free(history->lanes);
    free(history->found);
    *history = (struct history){0};
}

/* --- lines of output --- */

static size_t find_open(const struct history *history, const struct record *record) {
    bool is_error = record->flags & RECORD_ON_STDERR;
    for (size_t i = 0; i < history->open_count; i++)
        if (history->open_lines[i].pid == record->pid &&
            history->open_lines[i].is_error == is_error)
            return i;
    return history->open_count;
}

static void close_line(struct history *history, size_t open) {
    history->open_lines[open] = history->open_lines[--history->open_count];
}

static void begin_line(struct history *history, const struct record *record,
                       const struct line_piece *piece, bool ended) {
    uint64_t number = history->lines_dropped + history->line_count;
    GROW(history->lines, history->line_capacity, history->line_count + 1);
    history->lines[history->line_count++] = (struct output_line){
        .t_ns = record->t_ns,
        .pid = record->pid,
        .is_error = record->flags & RECORD_ON_STDERR,
        .piece = *piece,
    };
    if (ended)
        return;
    if (history->open_count == OPEN_LINES_MAX)
        close_line(history, 0);
    GROW(history->open_lines, history->open_capacity, history->open_count + 1);
    history->open_lines[history->open_count++] =
        (struct open_line){record->pid, record->flags & RECORD_ON_STDERR, number};
}

static void go_on_with_line(struct history *history, uint64_t number,
                            const struct line_piece *piece) {
    if (number < history->lines_dropped || !piece->bytes)
        return;
    struct output_line *line = &history->lines[number - history->lines_dropped];
    GROW(history->pieces, history->piece_capacity, history->piece_count + 1);
    history->pieces[history->piece_count++] = *piece;
    uint32_t index = (uint32_t)history->piece_count;
    if (line->last)
        history->pieces[line->last - 1].next = index;
    else
        line->piece.next = index;
    line->last = index;
}

static void add_output(struct history *history, const struct record *record, uint32_t at) {
    const char *text = record->text;
    while (*text) {
        const char *newline = strchr(text, '\n');
        uint32_t bytes = (uint32_t)(newline ? (size_t)(newline - text) : strlen(text));
        struct line_piece piece = {.at = at, .text = text, .bytes = bytes};
        size_t open = find_open(history, record);
        if (open == history->open_count) {
            begin_line(history, record, &piece, newline);
        } else {
            go_on_with_line(history, history->open_lines[open].line, &piece);
            if (newline)
                close_line(history, open);
        }
        text += bytes + (newline != NULL);
    }
}

void history_line_text(const struct history *history, size_t line, uint32_t moment,
                       struct buf *into) {
    const struct line_piece *piece = &history->lines[line].piece;
    size_t room = RECORD_TEXT_MAX;
    while (piece && piece->at < moment) {
        size_t bytes = piece->bytes < room ? piece->bytes : room;
        while (bytes < piece->bytes && bytes && ((unsigned char)piece->text[bytes] & 0xc0) == 0x80)
            bytes--; /* never half a character */
        buf_append(into, piece->text, bytes);
        room -= bytes;
        if (bytes < piece->bytes) {
            buf_puts(into, " ...");
            return;
        }
        piece = piece->next ? &history->pieces[piece->next - 1] : NULL;
    }
}

size_t history_lines_at(const struct history *history, uint32_t moment) {
    return first_line_from(history, moment);
}

size_t history_messages_at(const struct history *history, uint32_t moment) {
    return first_message_from(history, moment);
}

/* --- lives --- */

static struct lane *newest_lane(const struct history *history, int pid) {
    if (!history->found_size)
        return NULL;
    uint32_t lane = find_place(history->found, history->found_size, pid)->lane;
    return lane ? &history->lanes[lane - 1] : NULL;
}

static void begin_lane(struct history *history, int pid, uint32_t at) {
    GROW(history->lanes, history->lane_capacity, history->lane_count + 1);
    history->lanes[history->lane_count++] = (struct lane){pid, at, NOT_YET, NOT_YET};
    if (2 * history->lane_count > history->found_size)
        find_lanes_anew(history);
    *find_place(history->found, history->found_size, pid) =
        (struct lane_find){pid, (uint32_t)history->lane_count};
}

const struct lane *history_lane(const struct history *history, int pid, uint32_t at) {
    const struct lane *lane = newest_lane(history, pid);
    if (lane && lane->born <= at)
        return lane;
    while (lane && lane-- > history->lanes) /* a PID that was used again */
        if (lane->pid == pid && lane->born <= at)
            return lane;
    return NULL;
}

static void follow_life(struct history *history, const struct record *record, uint32_t at) {
    if (record->type == EVENT_FORK) {
        begin_lane(history, record->pid, at);
        return;
    }
    struct lane *lane = newest_lane(history, record->pid);
    if (!lane)
        return;
    if (record->type == EVENT_EXIT && lane->ended == NOT_YET)
        lane->ended = at;
    else if (record->type == EVENT_REAP && lane->reaped == NOT_YET)
        lane->reaped = at;
}

/* --- the whole --- */

const struct record *history_add(struct history *history, const json_t *event,
                                 const struct run *run) {
    uint32_t at = history->end;
    struct history_chunk *chunk;
    if (at - history->first == history->chunk_count * HISTORY_CHUNK)
        chunk = open_chunk(history, run);
    else
        chunk = &history->chunks[history->chunk_count - 1];
    struct record *record = &chunk->records[(at - history->first) % HISTORY_CHUNK];
    record_make(event, record, &chunk->texts);
    history->end++;
    if (record->type == EVENT_MESSAGE) {
        GROW(history->messages, history->message_capacity, history->message_count + 1);
        history->messages[history->message_count++] = at;
    } else if (record->type == EVENT_OUTPUT) {
        add_output(history, record, at);
    } else {
        follow_life(history, record, at);
    }
    return record;
}

struct run *history_run_at(const struct history *history, uint32_t moment) {
    if (!history->chunk_count)
        return run_new();
    uint32_t last = history->end - 1, at = moment < last ? moment : last;
    if (at < history->first)
        at = history->first;
    size_t chunk = (at - history->first) / HISTORY_CHUNK;
    struct run *run = run_clone(history->chunks[chunk].before);
    for (at = history->first + (uint32_t)chunk * HISTORY_CHUNK; at < moment && at < history->end;
         at++)
        run_apply(run, history_record(history, at), NULL);
    return run;
}

uint32_t history_find_seq(const struct history *history, uint64_t seq) {
    uint32_t low = history->first, high = history->end;
    while (low < high) { /* seq grows */
        uint32_t middle = low + (high - low) / 2;
        if (history_record(history, middle)->seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < history->end && history_record(history, low)->seq == seq ? low : NOT_YET;
}
