#include "views/menu_view.h"

#include <string.h>

#include "text/width.h"

enum { NAME_GAP = 2, FRAME = 4 };

void menu_open(struct menu *menu, const struct menu_item *items, size_t count) {
    menu->open = true;
    menu->items = items;
    menu->count = count;
    menu->scroll = (struct scroll){.selects = true, .count = count};
}

static int widest(const struct menu *menu, bool help) {
    int most = 0;
    for (size_t i = 0; i < menu->count; i++) {
        const char *text = help ? menu->items[i].help : menu->items[i].name;
        int columns = width_of(text, strlen(text));
        most = columns > most ? columns : most;
    }
    return most;
}

static void draw_frame(const struct canvas *box, const char *title) {
    int last = box->rows - 1, right = box->columns - 1;
    for (int row = 0; row <= last; row++) {
        canvas_fill(box, row, ROLE_TEXT);
        canvas_put(box, row, 0, ROLE_RULE, "│");
        canvas_put(box, row, right, ROLE_RULE, "│");
    }
    canvas_repeat(box, 0, 1, right - 1, ROLE_RULE, "─");
    canvas_repeat(box, last, 1, right - 1, ROLE_RULE, "─");
    canvas_put(box, 0, 0, ROLE_RULE, "┌");
    canvas_put(box, 0, right, ROLE_RULE, "┐");
    canvas_put(box, last, 0, ROLE_RULE, "└");
    canvas_put(box, last, right, ROLE_RULE, "┘");
    canvas_printf(box, 0, 2, ROLE_FOCUS, " %s ", title);
}

void menu_draw(const struct canvas *body, struct menu *menu) {
    int names = widest(menu, false) + NAME_GAP;
    int columns = names + widest(menu, true) + FRAME + 2, rows = (int)menu->count + 2;
    columns = columns < body->columns ? columns : body->columns;
    rows = rows < body->rows ? rows : body->rows;
    struct canvas box =
        canvas_part(body, (body->rows - rows) / 2, (body->columns - columns) / 2, rows, columns);
    draw_frame(&box, menu->title);
    struct canvas list = canvas_part(&box, 1, 2, rows - 2, columns - FRAME);
    scroll_fit(&menu->scroll, menu->count, list.rows);
    canvas_items(&list, 0, list.rows, &menu->scroll, menu->scroll.top);
    for (int row = 0; row < list.rows; row++) {
        size_t i = menu->scroll.top + (size_t)row;
        bool selected = i == menu->scroll.selected;
        canvas_put(&list, row, 0, ROLE_KEY, selected ? ">" : " ");
        canvas_put(&list, row, 2, selected ? ROLE_STRONG : ROLE_TEXT, menu->items[i].name);
        canvas_put(&list, row, 2 + names, ROLE_DIM, menu->items[i].help);
        if (selected)
            canvas_cursor(&list, row, 0);
    }
}
