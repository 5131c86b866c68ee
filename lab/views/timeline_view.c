/* Where one is in the timeline, and how the whole of it is drawn; a row is timeline_row.c's. */
#include "views/timeline_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "text/lines.h"
#include "views/timeline_row.h"

enum { DETAIL_ROWS = 3, MARKS_MAX = 256 };

static const char *const zoom_names[] = {"overview", "requests and output", "every event"};

void timeline_view_init(struct timeline_view *view) {
    *view = (struct timeline_view){
        .match = SIZE_MAX, .back_to = UINT32_MAX, .scroll = {.selects = true}};
}

void timeline_view_release(struct timeline_view *view) {
    timeline_release(&view->timeline);
    free(view->marked_for);
    timeline_view_init(view);
}

/* --- moving --- */

static uint32_t moment_of(const struct timeline_view *view, const struct film *film, size_t row) {
    if (row >= view->timeline.count)
        return UINT32_MAX;
    return row + 1 == view->timeline.count ? film->history.end : view->timeline.rows[row].last + 1;
}

uint32_t timeline_view_moment(const struct timeline_view *view, const struct film *film) {
    return moment_of(view, film, view->scroll.selected);
}

static uint32_t jump(const struct timeline_view *view, const struct film *film, int by,
                     enum timeline_kind kind) {
    size_t row = timeline_find(&view->timeline, &film->history, view->scroll.selected, by, kind);
    return moment_of(view, film, row);
}

uint32_t timeline_view_move(const struct timeline_view *view, const struct film *film,
                            enum request request) {
    struct scroll scroll = view->scroll;
    switch (request) {
    case REQUEST_NEXT_MESSAGE: return jump(view, film, 1, TIMELINE_MESSAGE);
    case REQUEST_PREVIOUS_MESSAGE: return jump(view, film, -1, TIMELINE_MESSAGE);
    case REQUEST_NEXT_BIRTH: return jump(view, film, 1, TIMELINE_BIRTH);
    case REQUEST_PREVIOUS_BIRTH: return jump(view, film, -1, TIMELINE_BIRTH);
    case REQUEST_NEXT_DEATH: return jump(view, film, 1, TIMELINE_DEATH);
    case REQUEST_PREVIOUS_DEATH: return jump(view, film, -1, TIMELINE_DEATH);
    case REQUEST_NEXT_FAILED: return jump(view, film, 1, TIMELINE_FAILED);
    case REQUEST_PREVIOUS_FAILED: return jump(view, film, -1, TIMELINE_FAILED);
    case REQUEST_FIND_NEXT: return jump(view, film, 1, TIMELINE_MARKED);
    case REQUEST_FIND_PREVIOUS: return jump(view, film, -1, TIMELINE_MARKED);
    default: scroll_move(&scroll, request); return moment_of(view, film, scroll.selected);
    }
}

static void show_lane(struct timeline_view *view, size_t lane) {
    size_t others = view->lanes_shown > 1 ? view->lanes_shown - 1 : 1;
    if (!lane)
        return; /* it always stands at the left */
    if (lane < view->first_lane)
        view->first_lane = lane;
    else if (view->lanes_shown && lane >= view->first_lane + others)
        view->first_lane = lane - others + 1;
}

static void show_process(struct timeline_view *view, const struct history *history, int pid,
                         uint32_t at) {
    const struct lane *lane = pid ? history_lane(history, pid, at) : NULL;
    if (lane)
        show_lane(view, (size_t)(lane - history->lanes));
}

void timeline_view_fit(struct timeline_view *view, const struct film *film, int only) {
    view->timeline.only = only;
    timeline_fit(&view->timeline, &film->history);
    view->scroll.count = view->timeline.count;
    view->scroll.selected = timeline_row_at(&view->timeline, film->moment);
}

/* At another moment, the lanes that the row is about come onto the screen. */
static void follow_moment(struct timeline_view *view, const struct film *film) {
    bool comes_by_itself = film_follows(film) && view->moment; /* then nothing moves sideways */
    if (view->moment == film->moment || comes_by_itself)
        return;
    view->moment = film->moment;
    const struct timeline_row *row = &view->timeline.rows[view->scroll.selected];
    const struct record *record = history_record(&film->history, row->first);
    show_process(view, &film->history, record->other, row->first);
    show_process(view, &film->history, record->pid, row->first);
}

int timeline_view_step_lane(struct timeline_view *view, const struct film *film, int pid, int by) {
    const struct history *history = &film->history;
    const struct lane *lane = history_lane(history, pid, UINT32_MAX);
    size_t at = lane ? (size_t)(lane - history->lanes) : 0;
    if (!history->lane_count)
        return 0;
    if (lane && by < 0 && at)
        at--;
    else if (lane && by > 0 && at + 1 < history->lane_count)
        at++;
    show_lane(view, at);
    return history->lanes[at].pid;
}

bool timeline_view_zoom(struct timeline_view *view, int by) {
    int zoom = (int)view->timeline.zoom + by;
    if (zoom < 0 || zoom >= TIMELINE_ZOOMS)
        return false;
    view->timeline.zoom = (enum timeline_zoom)zoom;
    view->match = SIZE_MAX;
    return true;
}

/* --- marks and searches --- */

/* Whether the zoom has a row for each of the events. */
static bool shows_all(const struct timeline *timeline, const uint32_t *events, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t row = timeline_row_at(timeline, events[i] + 1);
        if (row >= timeline->count || timeline->rows[row].last < events[i])
            return false;
    }
    return true;
}

uint32_t timeline_view_show_check(struct timeline_view *view, const struct film *film,
                                  const struct run_check *check) {
    uint32_t events[MARKS_MAX];
    size_t count = timeline_events_of(&film->history, check, events, MARKS_MAX);
    timeline_mark(&view->timeline, events, count);
    free(view->marked_for);
    view->marked_for = count ? xstrdup(check->id) : NULL;
    if (!count)
        return UINT32_MAX;
    view->timeline.only = 0;
    view->timeline.zoom = TIMELINE_OVERVIEW;
    timeline_fit(&view->timeline, &film->history);
    while (!shows_all(&view->timeline, events, count) &&
           view->timeline.zoom < TIMELINE_EVERYTHING) {
        view->timeline.zoom++;
        timeline_fit(&view->timeline, &film->history);
    }
    size_t first = timeline_row_at(&view->timeline, view->timeline.marks[0] + 1);
    return moment_of(view, film, first);
}

void timeline_view_unmark(struct timeline_view *view) {
    timeline_mark(&view->timeline, NULL, 0);
    free(view->marked_for);
    view->marked_for = NULL;
}

uint32_t timeline_view_search(struct timeline_view *view, const struct film *film,
                              const char *words, int by) {
    size_t count = view->timeline.count, row = view->scroll.selected;
    struct buf text = {0};
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        row = by > 0 ? (row + 1) % count : (row + count - 1) % count;
        buf_clear(&text);
        timeline_words(&view->timeline, &film->history, &view->timeline.rows[row], &text);
        buf_putc(&text, '\0');
        found = strcasestr(text.data, words) != NULL;
    }
    buf_release(&text);
    view->match = found ? row : SIZE_MAX;
    return found ? moment_of(view, film, row) : UINT32_MAX;
}

/* --- drawing --- */

static void draw_title(const struct canvas *canvas, const struct timeline_view *view) {
    struct buf title = {0};
    buf_puts(&title, "Timeline");
    if (view->timeline.only)
        buf_printf(&title, ", only %d", view->timeline.only);
    if (view->marked_for)
        buf_printf(&title, ", what shows %s: %zu event%s", view->marked_for,
                   view->timeline.mark_count, view->timeline.mark_count == 1 ? "" : "s");
    buf_putc(&title, '\0');
    canvas_rule(canvas, 0, ROLE_FOCUS, title.data);
    char zoom[48];
    snprintf(zoom, sizeof zoom, " %s ", zoom_names[view->timeline.zoom]);
    canvas_field_right(canvas, 0, 0, canvas->columns - 1, ROLE_DIM, zoom);
    buf_release(&title);
}

static void draw_heads(const struct canvas *canvas, const struct rows_frame *frame,
                       int selected_pid) {
    const struct history *history = &frame->film->history;
    canvas_field_right(canvas, 1, 1, TIMELINE_TIME_COLUMNS - 2, ROLE_DIM, "time");
    for (size_t i = 0; i < frame->lanes_shown; i++) {
        size_t lane = timeline_lane_at(frame, i);
        int pid = history->lanes[lane].pid;
        char name[48];
        const struct process *process = processes_find(&frame->film->latest->processes, pid);
        snprintf(name, sizeof name, "%d%s%s", pid, process ? " " : "",
                 process ? process_role_name(process_role(&frame->film->latest->processes, process))
                         : "");
        unsigned style = timeline_lane_role(lane) | (pid == selected_pid ? STYLE_REVERSE : 0);
        canvas_field(canvas, 1, timeline_lane_column(frame, lane) - 1, frame->lane_columns - 1,
                     style, name);
    }
    if (frame->first_lane > 1)
        canvas_put(canvas, 1, 0, ROLE_KEY, "‹");
    if (frame->first_lane + frame->lanes_shown - 1 < history->lane_count)
        canvas_put(canvas, 1, canvas->columns - 1, ROLE_KEY, "›");
}

/* The chosen row in full, as much as there is room for. */
static void draw_detail(const struct canvas *canvas, const struct timeline_view *view,
                        const struct film *film) {
    struct buf words = {0};
    struct lines lines = {0};
    const struct timeline_row *row = &view->timeline.rows[view->scroll.selected];
    const struct record *record = history_record(&film->history, row->first);
    char title[96];
    snprintf(title, sizeof title, "%.6f s, event %u of %u", (double)record->t_ns / 1e9,
             row->first + 1, film->history.end);
    canvas_rule(canvas, 0, ROLE_DIM, title);
    timeline_words(&view->timeline, &film->history, row, &words);
    buf_putc(&words, '\0');
    lines_wrap(&lines, TONE_PLAIN, words.data, canvas->columns - 3, "", "");
    for (int i = 0; i + 1 < canvas->rows && i < (int)lines.count; i++) {
        struct canvas line = canvas_part(canvas, i + 1, 2, 1, canvas->columns - 2);
        canvas_line(&line, 0, &lines, (size_t)i, 0);
    }
    lines_release(&lines);
    buf_release(&words);
}

/* As many lanes as fit, as wide as can be. */
static void place_lanes(const struct canvas *canvas, struct timeline_view *view,
                        struct rows_frame *frame) {
    size_t lanes = frame->film->history.lane_count;
    int room = canvas->columns - TIMELINE_TIME_COLUMNS;
    size_t fit = room > TIMELINE_LANE_LEAST ? (size_t)(room / TIMELINE_LANE_LEAST) : 1;
    frame->lanes_shown = lanes < fit ? lanes : fit;
    frame->lane_columns = frame->lanes_shown ? room / (int)frame->lanes_shown : room;
    if (frame->lane_columns > TIMELINE_LANE_MOST)
        frame->lane_columns = TIMELINE_LANE_MOST;
    if (view->first_lane + frame->lanes_shown > lanes + 1)
        view->first_lane = lanes + 1 - frame->lanes_shown;
    if (view->first_lane < 1)
        view->first_lane = 1;
    frame->first_lane = view->first_lane;
    view->lanes_shown = frame->lanes_shown;
}

void timeline_view_draw(const struct canvas *canvas, struct timeline_view *view,
                        const struct film *film, int selected_pid) {
    struct rows_frame frame = {.film = film, .timeline = &view->timeline};
    int detail_rows = canvas->rows >= 12 ? DETAIL_ROWS : 0;
    draw_title(canvas, view);
    if (!view->timeline.count) {
        canvas_put(canvas, 2, 2, ROLE_DIM,
                   view->timeline.only ? "Nothing happened to this process."
                                       : "Nothing has happened yet.");
        return;
    }
    struct canvas list = canvas_part(canvas, 2, 0, canvas->rows - 2 - detail_rows, canvas->columns);
    place_lanes(canvas, view, &frame);
    follow_moment(view, film);
    place_lanes(canvas, view, &frame);
    draw_heads(canvas, &frame, selected_pid);
    scroll_fit(&view->scroll, view->timeline.count, list.rows);
    for (int row = 0; row < list.rows; row++) {
        size_t at = view->scroll.top + (size_t)row;
        if (at >= view->timeline.count)
            break;
        bool selected = at == view->scroll.selected;
        timeline_row_draw(&list, row, &frame, &view->timeline.rows[at], selected,
                          at == view->match);
        if (selected)
            canvas_cursor(&list, row, 0);
    }
    canvas_items(&list, 0, list.rows, &view->scroll, view->scroll.top);
    struct canvas detail =
        canvas_part(canvas, canvas->rows - detail_rows, 0, detail_rows, canvas->columns);
    if (detail_rows)
        draw_detail(&detail, view, film);
}
