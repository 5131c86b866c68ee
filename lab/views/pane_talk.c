/* Messages and output: what the processes said. */
#include <stdio.h>

#include "base/clock.h"
#include "views/panes.h"

enum { TIME_WIDTH = 8 };

static const int64_t FRESH_NS = 400 * NS_PER_MS;

/* The row above the oldest that is kept. */
static int draw_dropped(const struct canvas *canvas, const struct scroll *scroll, uint64_t dropped,
                        const char *what) {
    if (!dropped || scroll->top)
        return 0;
    canvas_printf(canvas, 0, 1, ROLE_DIM, "%llu earlier %s are not kept",
                  (unsigned long long)dropped, what);
    return 1;
}

/* What was searched for stands out, and what has happened just now. */
static unsigned style_of(const struct bench *bench, enum pane pane, size_t item, uint32_t at) {
    int64_t age_ns = bench->film->shown->now_ns - history_record(&bench->film->history, at)->t_ns;
    if (bench_is_match(bench, pane, item))
        return STYLE_REVERSE;
    bool just_now = film_follows(bench->film) ? bench->state == BENCH_RUNNING && age_ns < FRESH_NS
                                              : at + 1 == bench->film->moment;
    return just_now ? STYLE_BOLD : 0;
}

static void draw_message(const struct canvas *canvas, int row, const struct bench *bench,
                         size_t item) {
    const struct run *run = bench->film->shown;
    uint32_t at = bench->film->history.messages[item];
    const struct record *message = history_record(&bench->film->history, at);
    unsigned style = style_of(bench, PANE_MESSAGES, item, at);
    char time[32];
    snprintf(time, sizeof time, "%.3f", (double)message->t_ns / 1e9);
    canvas_field_right(canvas, row, 0, TIME_WIDTH, ROLE_DIM, time);
    int column = canvas_printf(canvas, row, TIME_WIDTH + 2,
                               pane_pid_role(run, message->pid) | style, "%d", message->pid);
    column = canvas_put(canvas, row, column, ROLE_DIM, " > ");
    if (message->other)
        column = canvas_printf(canvas, row, column, pane_pid_role(run, message->other) | style,
                               "%d", message->other);
    else
        column = canvas_put(canvas, row, column, ROLE_DIM, "?");
    column = canvas_put(canvas, row, column + 2, ROLE_TEXT | style, message->text);
    if (!(message->flags & RECORD_WHOLE))
        canvas_put(canvas, row, column + 1, ROLE_PENDING, "(no newline)");
}

static void draw_line(const struct canvas *canvas, int row, const struct bench *bench,
                      size_t item) {
    const struct output_line *line = &bench->film->history.lines[item];
    enum role role = pane_pid_role(bench->film->shown, line->pid);
    unsigned style = style_of(bench, PANE_OUTPUT, item, line->piece.at);
    struct buf text = {0};
    int column = canvas_printf(canvas, row, 1, role, "%d", line->pid);
    column = column < 4 ? 4 : column + 1;
    if (line->is_error)
        canvas_put(canvas, row, column, ROLE_BAD, "!");
    history_line_text(&bench->film->history, item, bench->film->moment, &text);
    canvas_put_bytes(canvas, row, column + 2, role | style, text.data ? text.data : "",
                     text.length);
    buf_release(&text);
}

typedef void draw_item_fn(const struct canvas *canvas, int row, const struct bench *bench,
                          size_t item);

static void draw_list(const struct canvas *canvas, struct bench *bench, struct listing *listing,
                      struct scroll *scroll, draw_item_fn *draw_item, const char *what) {
    const struct history *history = &bench->film->history;
    bool lines = listing->kind == LISTING_LINES;
    int row = draw_dropped(canvas, scroll,
                           listing->only ? 0
                           : lines       ? history->lines_dropped
                                         : history->messages_dropped,
                           what);
    for (; row < canvas->rows && scroll->top + (size_t)row < scroll->count; row++)
        draw_item(canvas, row, bench, listing_item(listing, scroll->top + (size_t)row));
}

/* Fits the list to the moment and the process chosen; whether there is something to draw. */
static bool fit(const struct canvas *canvas, struct bench *bench, struct listing *listing,
                struct scroll *scroll, const char *nothing) {
    char words[96];
    listing->only = bench_only(bench);
    size_t count = listing_fit(listing, &bench->film->history, bench->film->moment);
    scroll_fit(scroll, count, canvas->rows);
    if (count)
        return true;
    if (listing->only)
        snprintf(words, sizeof words, "Nothing of %d here.", listing->only);
    else
        snprintf(words, sizeof words, "%s", nothing);
    pane_empty(canvas, words);
    return false;
}

void pane_messages_draw(const struct canvas *canvas, struct bench *bench) {
    struct scroll *scroll = &bench->scrolls[PANE_MESSAGES];
    if (fit(canvas, bench, &bench->messages, scroll, "No message between processes yet."))
        draw_list(canvas, bench, &bench->messages, scroll, draw_message, "messages");
}

void pane_output_draw(const struct canvas *canvas, struct bench *bench) {
    struct scroll *scroll = &bench->scrolls[PANE_OUTPUT];
    if (fit(canvas, bench, &bench->lines, scroll, "The program printed nothing yet."))
        draw_list(canvas, bench, &bench->lines, scroll, draw_line, "lines");
}

void pane_messages_text(struct bench *bench, size_t i, struct buf *into) {
    const struct history *history = &bench->film->history;
    const struct record *message =
        history_record(history, history->messages[listing_item(&bench->messages, i)]);
    buf_printf(into, "%d > %d  %s", message->pid, message->other, message->text);
}

void pane_output_text(struct bench *bench, size_t i, struct buf *into) {
    const struct history *history = &bench->film->history;
    size_t item = listing_item(&bench->lines, i);
    buf_printf(into, "%d  ", history->lines[item].pid);
    history_line_text(history, item, bench->film->moment, into);
}
