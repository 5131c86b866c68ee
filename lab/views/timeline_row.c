#include "views/timeline_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/width.h"
#include "views/timeline_view.h"

enum { CELLS_MAX = 512, LABELS_MAX = 64, NOBODY = -1 };

struct label { /* text over the cells; `room`: up to where nothing else stands */
    int column, room;
    unsigned style;
    char text[160];
};

struct drawing { /* of a row, before it goes onto the canvas */
    const struct rows_frame *frame;
    const struct timeline_row *what;
    const struct record *record;
    int columns;
    const char *glyphs[CELLS_MAX];
    unsigned styles[CELLS_MAX];
    struct label labels[LABELS_MAX];
    size_t label_count;
};

size_t timeline_lane_at(const struct rows_frame *frame, size_t place) {
    return place ? frame->first_lane + place - 1 : 0;
}

int timeline_lane_column(const struct rows_frame *frame, size_t lane) {
    int first = TIMELINE_TIME_COLUMNS + 1;
    if (!lane)
        return first;
    if (lane < frame->first_lane)
        return first + frame->lane_columns - 2;
    return first + (int)(lane - frame->first_lane + 1) * frame->lane_columns;
}

enum role timeline_lane_role(size_t lane) {
    return lane ? (enum role)(ROLE_PID + 1 + (lane - 1) % (PID_ROLES - 1)) : ROLE_PID;
}

static int lane_of(const struct drawing *drawing, int pid) {
    const struct history *history = &drawing->frame->film->history;
    const struct lane *lane = pid ? history_lane(history, pid, drawing->what->last) : NULL;
    return lane ? (int)(lane - history->lanes) : NOBODY;
}

static unsigned role_of(int lane) {
    return lane == NOBODY ? ROLE_DIM : timeline_lane_role((size_t)lane);
}

static int column_of(const struct drawing *drawing, int lane) {
    return timeline_lane_column(drawing->frame, (size_t)lane);
}

/* Scrolled away to the left. */
static bool is_hidden(const struct drawing *drawing, int lane) {
    return lane > 0 && (size_t)lane < drawing->frame->first_lane;
}

static void set(struct drawing *drawing, int column, const char *glyph, unsigned style) {
    if (column < TIMELINE_TIME_COLUMNS || column >= drawing->columns)
        return;
    drawing->glyphs[column] = glyph;
    drawing->styles[column] = style;
}

/* How far a text may go from a column: to the next line of life, or the edge. */
static int room_from(const struct drawing *drawing, int column) {
    int end = column;
    while (end < drawing->columns && !drawing->glyphs[end])
        end++;
    return end - column - (end < drawing->columns);
}

static void label(struct drawing *drawing, int column, int room, unsigned style, const char *text) {
    if (drawing->label_count == LABELS_MAX || room <= 0 || column >= drawing->columns)
        return;
    struct label *label = &drawing->labels[drawing->label_count++];
    *label = (struct label){.column = column, .room = room, .style = style};
    snprintf(label->text, sizeof label->text, "%s", text);
}

/* --- lines of life --- */

static void draw_lives(struct drawing *drawing) {
    const struct history *history = &drawing->frame->film->history;
    uint32_t first = drawing->what->first, last = drawing->what->last;
    for (size_t i = 0; i < drawing->frame->lanes_shown; i++) {
        size_t lane = timeline_lane_at(drawing->frame, i);
        const struct lane *life = &history->lanes[lane];
        int column = timeline_lane_column(drawing->frame, lane);
        if (life->born > last || life->reaped < first)
            continue;
        if (life->ended >= first)
            set(drawing, column, "│", timeline_lane_role(lane));
        else if (!(history_record(history, life->ended)->flags & RECORD_AT_END))
            set(drawing, column, "┊", ROLE_DIM);
    }
}

/* --- what happened --- */

/* At a process: a mark on its line, and words beside it. */
static void at_lane(struct drawing *drawing, int lane, const char *mark, unsigned style,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));
static void at_lane(struct drawing *drawing, int lane, const char *mark, unsigned style,
                    const char *format, ...) {
    char text[160];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (lane == NOBODY || is_hidden(drawing, lane))
        return;
    int column = column_of(drawing, lane);
    set(drawing, column, mark, style);
    if (column >= TIMELINE_TIME_COLUMNS && column < drawing->columns)
        label(drawing, column + 2, room_from(drawing, column + 1) - 1, style, text);
}

/* Across all processes. */
static void across(struct drawing *drawing, unsigned style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void across(struct drawing *drawing, unsigned style, const char *format, ...) {
    char text[160];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    label(drawing, TIMELINE_TIME_COLUMNS, drawing->columns - TIMELINE_TIME_COLUMNS, style, text);
}

static int within(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

/* From one process to another, with words on the line; `end` is what the line of life gets there. */
static void arrow(struct drawing *drawing, int from, int to, const char *end, unsigned style,
                  const char *text) {
    int a = column_of(drawing, from), b = column_of(drawing, to);
    int low = a < b ? a : b, high = a < b ? b : a;
    for (int column = low + 1; column < high; column++)
        set(drawing, column, "─", style);
    set(drawing, a, a < b ? "├" : "┤", style);
    set(drawing, b, end, end[0] == '|' ? style : role_of(to));
    set(drawing, a < b ? b - 1 : b + 1, a < b ? ">" : "<", style);
    int start = within(a < b ? low + 2 : low + 3, TIMELINE_TIME_COLUMNS + 1, drawing->columns);
    int stop = within(a < b ? high - 2 : high - 1, 0, drawing->columns - 1);
    int room = stop - start, width = width_of(text, strlen(text)) + 2;
    char padded[160];
    snprintf(padded, sizeof padded, " %.150s ", text);
    if (room > 3)
        label(drawing, start, width < room ? width : room, style, padded);
}

/* How it was born, and whose place it takes. */
static const char *fork_words(const struct drawing *drawing, char *words, size_t size) {
    const struct record *record = drawing->record;
    const struct process *process =
        processes_find(&drawing->frame->film->latest->processes, record->pid);
    if (process && process->replaces && process->born_ns == record->t_ns)
        snprintf(words, size, "%s for %d", record->text, process->replaces);
    else
        snprintf(words, size, "%s", record->text);
    return words;
}

static void draw_fork(struct drawing *drawing) {
    char words[80];
    int child = lane_of(drawing, drawing->record->pid);
    int parent = lane_of(drawing, drawing->record->other);
    if (child == NOBODY)
        return;
    if (parent == NOBODY || parent == child)
        at_lane(drawing, child, "┬", role_of(child), "starts");
    else
        arrow(drawing, parent, child, "┬", role_of(child),
              fork_words(drawing, words, sizeof words));
}

static void draw_exit(struct drawing *drawing) {
    const struct record *record = drawing->record;
    int lane = lane_of(drawing, record->pid);
    if (record->flags & RECORD_AT_END)
        at_lane(drawing, lane, "╵", ROLE_DIM, "to the end");
    else if (*record->text)
        at_lane(drawing, lane, "╳", ROLE_BAD, "%s", record->text);
    else
        at_lane(drawing, lane, "╳", record->number ? ROLE_BAD : role_of(lane), "exit %lld",
                (long long)record->number);
}

static void draw_signal(struct drawing *drawing) {
    const struct record *record = drawing->record;
    int to = lane_of(drawing, record->pid), from = lane_of(drawing, record->other);
    if (record->flags & RECORD_DELIVERED)
        at_lane(drawing, to, "◆", ROLE_NOTICE, "gets %s", record->text);
    else if (from != NOBODY && to != NOBODY && from != to)
        arrow(drawing, from, to, "◆", ROLE_NOTICE, record->text);
    else
        at_lane(drawing, to, "◆", ROLE_NOTICE, "%s", record->text);
}

static void draw_message(struct drawing *drawing) {
    const struct record *record = drawing->record;
    int from = lane_of(drawing, record->pid), to = lane_of(drawing, record->other);
    struct buf text = {0};
    timeline_short_message(record, &text);
    buf_putc(&text, '\0');
    if (from != NOBODY && to != NOBODY && from != to)
        arrow(drawing, from, to, "│", role_of(from), text.data);
    else
        at_lane(drawing, from, "├", role_of(from), "> ? %s", text.data);
    buf_release(&text);
}

static void draw_bar(struct drawing *drawing) {
    struct timeline_share shares[LABELS_MAX];
    const struct history *history = &drawing->frame->film->history;
    size_t count =
        timeline_shares(drawing->frame->timeline, history, drawing->what, shares, LABELS_MAX);
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        int lane = lane_of(drawing, shares[i].pid);
        bool wide = drawing->frame->lane_columns >= TIMELINE_LANE_LEAST;
        if (shares[i].answered)
            at_lane(drawing, lane, "■", role_of(lane), wide ? "%d request%s" : "%d",
                    shares[i].answered, shares[i].answered == 1 ? "" : "s");
        else
            at_lane(drawing, lane, "■", role_of(lane), "takes %d", shares[i].taken);
        any = true;
    }
    int first = lane_of(drawing, drawing->record->pid);
    if (any)
        return;
    if (drawing->record->type == EVENT_REQUEST)
        across(drawing, ROLE_DIM, "requests are sent");
    else if (drawing->record->type == EVENT_MESSAGE)
        at_lane(drawing, first, "■", role_of(first), "its library's");
    else
        at_lane(drawing, first, "■", role_of(first), "accepts");
}

static void draw_output(struct drawing *drawing) {
    const struct record *record = drawing->record;
    int lane = lane_of(drawing, record->pid);
    at_lane(drawing, lane, "├", role_of(lane), "\"%.*s\"", (int)strcspn(record->text, "\n"),
            record->text);
}

static void draw_check(struct drawing *drawing) {
    json_t *event = record_json(drawing->record);
    char *message = record_words(json_object_get(event, "message"), 140);
    char *id = record_words(json_object_get(event, "id"), 32);
    bool failed = drawing->record->flags & RECORD_FAILED;
    bool final = drawing->record->flags & RECORD_FINAL;
    if (message)
        message[strcspn(message, "\n")] = '\0';
    across(drawing, failed ? ROLE_BAD : ROLE_GOOD, "%s%s %s  %s", failed ? "no" : "ok",
           final ? "" : "?", id ? id : "", message ? message : "");
    free(message);
    free(id);
    json_decref(event);
}

static void draw_jump(struct drawing *drawing) {
    const struct record *last = history_record(&drawing->frame->film->history, drawing->what->last);
    double s = (double)(last->t_ns - drawing->record->number) / 1e9;
    for (size_t i = 0; i < drawing->frame->lanes_shown; i++) {
        int column = timeline_lane_column(drawing->frame, timeline_lane_at(drawing->frame, i));
        if (drawing->glyphs[column])
            set(drawing, column, "⋮", ROLE_DIM);
    }
    label(drawing, TIMELINE_TIME_COLUMNS + 3, drawing->columns - TIMELINE_TIME_COLUMNS - 3,
          ROLE_DIM, "");
    snprintf(drawing->labels[drawing->label_count - 1].text, sizeof drawing->labels[0].text,
             "%.2f s", s);
}

static void draw_pass(struct drawing *drawing) {
    const struct record *record = drawing->record;
    int from = lane_of(drawing, record->pid), to = lane_of(drawing, record->other);
    if (from != NOBODY && to != NOBODY && from != to)
        arrow(drawing, from, to, "│", role_of(from), record->text);
    else
        at_lane(drawing, from, "├", role_of(from), "passes a %s", record->text);
}

static void draw_reap(struct drawing *drawing) {
    const struct record *record = drawing->record;
    int by = lane_of(drawing, record->other), dead = lane_of(drawing, record->pid);
    if (by != NOBODY)
        at_lane(drawing, by, "├", role_of(by), "reap %d", record->pid);
    else
        at_lane(drawing, dead, "┊", ROLE_DIM, "reaped by init");
}

/* What has no picture of its own: its words, at its process or across. */
static void draw_words(struct drawing *drawing) {
    struct buf words = {0};
    int lane = lane_of(drawing, drawing->record->pid);
    timeline_words(drawing->frame->timeline, &drawing->frame->film->history, drawing->what, &words);
    buf_putc(&words, '\0');
    const char *text = words.data;
    char pid[16];
    size_t length = (size_t)snprintf(pid, sizeof pid, "%d ", drawing->record->pid);
    if (lane == NOBODY)
        across(drawing, ROLE_DIM, "%s", text);
    else
        at_lane(drawing, lane, "├", role_of(lane), "%s",
                strncmp(text, pid, length) ? text : text + length);
    buf_release(&words);
}

static void draw_event(struct drawing *drawing) {
    const struct record *record = drawing->record;
    int lane = lane_of(drawing, record->pid);
    switch (record->type) {
    case EVENT_FORK: draw_fork(drawing); break;
    case EVENT_EXIT: draw_exit(drawing); break;
    case EVENT_SIGNAL: draw_signal(drawing); break;
    case EVENT_MESSAGE: draw_message(drawing); break;
    case EVENT_PASS: draw_pass(drawing); break;
    case EVENT_REAP: draw_reap(drawing); break;
    case EVENT_OUTPUT: draw_output(drawing); break;
    case EVENT_CHECK: draw_check(drawing); break;
    case EVENT_JUMP: draw_jump(drawing); break;
    case EVENT_EXEC: at_lane(drawing, lane, "├", role_of(lane), "exec %s", record->text); break;
    case EVENT_LISTEN:
        at_lane(drawing, lane, "├", role_of(lane), "listen %lld", (long long)record->number);
        break;
    case EVENT_ANSWER:
        at_lane(drawing, lane, "■", role_of(lane), "%d, %.1f ms", record->other,
                (double)record->extra / 1000);
        break;
    case EVENT_UNANSWERED:
        if (lane == NOBODY)
            across(drawing, ROLE_BAD, "!! request %lld: %s", (long long)record->number,
                   record->text);
        else
            at_lane(drawing, lane, "!", ROLE_BAD, "%s", record->text);
        break;
    case EVENT_FAULT: at_lane(drawing, lane, "◆", ROLE_NOTICE, "%s", record->text); break;
    case EVENT_STEP:
        across(drawing, ROLE_DIM, "── %s%s%s", record->flags & RECORD_BEGINS ? "" : "end of: ",
               record->flags & RECORD_BY_USER ? "you: " : "", record->text);
        break;
    default: draw_words(drawing); break;
    }
}

/* --- onto the canvas --- */

static void flush(const struct canvas *canvas, int row, const struct drawing *drawing,
                  unsigned flags, bool dimmed) {
    for (int column = 0; column < drawing->columns; column++)
        if (drawing->glyphs[column])
            canvas_put(canvas, row, column, (dimmed ? ROLE_DIM : drawing->styles[column]) | flags,
                       drawing->glyphs[column]);
    for (size_t i = 0; i < drawing->label_count; i++) {
        const struct label *label = &drawing->labels[i];
        canvas_field(canvas, row, label->column, label->room,
                     (dimmed ? ROLE_DIM : label->style) | flags, label->text);
    }
}

void timeline_row_draw(const struct canvas *canvas, int row, const struct rows_frame *frame,
                       const struct timeline_row *what, bool selected, bool matches) {
    struct drawing drawing = {
        .frame = frame,
        .what = what,
        .record = history_record(&frame->film->history, what->first),
        .columns = canvas->columns < CELLS_MAX ? canvas->columns : CELLS_MAX,
    };
    bool dimmed = frame->timeline->mark_count && !timeline_is_marked(frame->timeline, what);
    unsigned flags = (selected && !dimmed ? STYLE_BOLD : 0) | (matches ? STYLE_REVERSE : 0);
    char time[32];
    draw_lives(&drawing);
    if (what->bar)
        draw_bar(&drawing);
    else
        draw_event(&drawing);
    snprintf(time, sizeof time, "%.3f", (double)drawing.record->t_ns / 1e9);
    canvas_put(canvas, row, 0, ROLE_KEY,
               selected                                 ? ">"
               : frame->timeline->mark_count && !dimmed ? "*"
                                                        : " ");
    canvas_field_right(canvas, row, 1, TIMELINE_TIME_COLUMNS - 2, selected ? ROLE_STRONG : ROLE_DIM,
                       time);
    flush(canvas, row, &drawing, flags, dimmed);
}
