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
    pager_draw(&page, &bench->task_lines, &bench->scrolls[PANE_TASK]);
}
