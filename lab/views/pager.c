#include "views/pager.h"

void pager_position(const struct canvas *canvas, const struct scroll *scroll) {
    if (scroll->count <= scroll->rows || !scroll->rows)
        return;
    size_t length = scroll->rows * scroll->rows / scroll->count;
    length = length ? length : 1;
    size_t room = scroll->rows - length, last = scroll->count - scroll->rows;
    size_t start = (scroll->top * room + last / 2) / last;
    for (size_t row = 0; row < scroll->rows; row++) {
        bool inside = row >= start && row < start + length;
        canvas_put(canvas, (int)row, canvas->columns - 1, ROLE_RULE, inside ? "█" : "│");
    }
}

void pager_draw(const struct canvas *canvas, const struct lines *lines, struct scroll *scroll) {
    scroll_fit(scroll, lines->count, canvas->rows);
    struct canvas text = canvas_part(canvas, 0, 0, canvas->rows, canvas->columns - 1);
    for (int row = 0; row < canvas->rows; row++)
        canvas_line(&text, row, lines, scroll->top + (size_t)row, 0);
    pager_position(canvas, scroll);
}
