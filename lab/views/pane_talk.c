/* Messages and output: what the processes said. */
#include <stdio.h>

#include "views/panes.h"

enum { TIME_WIDTH = 8 };

/* The row above the oldest that is kept. */
static int draw_dropped(const struct canvas *canvas, const struct scroll *scroll, uint64_t dropped,
                        const char *what) {
    if (!dropped || scroll->top)
        return 0;
    canvas_printf(canvas, 0, 1, ROLE_DIM, "%llu earlier %s are not kept",
                  (unsigned long long)dropped, what);
    return 1;
}

static void draw_message(const struct canvas *canvas, int row, const struct run *run,
                         const struct run_message *message) {
    char time[32];
    snprintf(time, sizeof time, "%.3f", (double)message->t_ns / 1e9);
    canvas_field_right(canvas, row, 0, TIME_WIDTH, ROLE_DIM, time);
    int column = canvas_printf(canvas, row, TIME_WIDTH + 2, pane_pid_role(run, message->from), "%d",
                               message->from);
    column = canvas_put(canvas, row, column, ROLE_DIM, " > ");
    if (message->to)
        column =
            canvas_printf(canvas, row, column, pane_pid_role(run, message->to), "%d", message->to);
    else
        column = canvas_put(canvas, row, column, ROLE_DIM, "?");
    column = canvas_put(canvas, row, column + 2, ROLE_TEXT, message->text);
    if (!message->complete)
        canvas_put(canvas, row, column + 1, ROLE_PENDING, "(no newline)");
}

void pane_messages_draw(const struct canvas *canvas, struct bench *bench) {
    const struct run *run = bench->run;
    struct scroll *scroll = &bench->scrolls[PANE_MESSAGES];
    if (!run->message_ring.count) {
        pane_empty(canvas, "No message between processes yet.");
        return;
    }
    scroll_fit(scroll, run->message_ring.count, canvas->rows);
    int row = draw_dropped(canvas, scroll, run->message_ring.dropped, "messages");
    for (; row < canvas->rows && scroll->top + (size_t)row < scroll->count; row++)
        draw_message(canvas, row, run, run_message(run, scroll->top + (size_t)row));
}

static void draw_line(const struct canvas *canvas, int row, const struct run *run,
                      const struct run_line *line) {
    int column = canvas_printf(canvas, row, 1, pane_pid_role(run, line->pid), "%d", line->pid);
    column = column < 4 ? 4 : column + 1;
    if (line->is_error)
        canvas_put(canvas, row, column, ROLE_BAD, "!");
    canvas_put(canvas, row, column + 2, line->is_error ? ROLE_BAD : ROLE_TEXT, line->text);
}

void pane_output_draw(const struct canvas *canvas, struct bench *bench) {
    const struct run *run = bench->run;
    struct scroll *scroll = &bench->scrolls[PANE_OUTPUT];
    if (!run->line_ring.count) {
        pane_empty(canvas, "The program printed nothing yet.");
        return;
    }
    scroll_fit(scroll, run->line_ring.count, canvas->rows);
    int row = draw_dropped(canvas, scroll, run->line_ring.dropped, "lines");
    for (; row < canvas->rows && scroll->top + (size_t)row < scroll->count; row++)
        draw_line(canvas, row, run, run_line(run, scroll->top + (size_t)row));
}
