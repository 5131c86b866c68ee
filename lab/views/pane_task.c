#include <string.h>

#include "text/markdown.h"
#include "views/pager.h"
#include "views/panes.h"

void pane_empty(const struct canvas *canvas, const char *words) {
    canvas_put(canvas, canvas->rows > 2 ? 1 : 0, 2, ROLE_DIM, words);
}

void pane_task_draw(const struct canvas *canvas, struct bench *bench) {
    int columns = canvas->columns - 3;
    if (bench->task_columns != columns) {
        lines_clear(&bench->task_lines);
        markdown_lay_out(bench->task, strlen(bench->task), columns, &bench->task_lines);
        bench->task_columns = columns;
    }
    struct canvas page = canvas_part(canvas, 0, 1, canvas->rows, canvas->columns - 1);
    struct scroll *scroll = &bench->scrolls[PANE_TASK];
    pager_draw(&page, &bench->task_lines, scroll);
    for (size_t row = 0; row < scroll->rows; row++)
        if (bench_is_match(bench, PANE_TASK, scroll->top + row))
            canvas_line(&page, (int)row, &bench->task_lines, scroll->top + row, STYLE_REVERSE);
}

void pane_task_text(struct bench *bench, size_t i, struct buf *into) {
    const struct lines *lines = &bench->task_lines;
    const struct line *line = &lines->items[i];
    for (size_t span = line->first_span; span < line->first_span + line->span_count; span++)
        buf_append(into, lines->text.data + lines->spans[span].offset, lines->spans[span].length);
}
