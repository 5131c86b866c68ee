#include "views/solutions_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "views/pager.h"

enum { BESIDE_FROM_COLUMNS = 118, LIST_COLUMNS = 28 };

static void draw_list(const struct canvas *list, struct solutions_view *view) {
    view->list.selects = true;
    scroll_fit(&view->list, view->count, list->rows);
    canvas_items(list, 0, list->rows, &view->list, view->list.top);
    for (int row = 0; row < list->rows; row++) {
        size_t index = view->list.top + (size_t)row;
        if (index >= view->count)
            return;
        bool selected = index == view->list.selected;
        unsigned flags = selected ? STYLE_REVERSE : 0;
        if (selected)
            canvas_fill(list, row, ROLE_TEXT | flags);
        canvas_put(list, row, 1, ROLE_KEY | flags, selected ? ">" : " ");
        canvas_put(list, row, 3, ROLE_TEXT | flags, view->names[index]);
        if (selected)
            canvas_cursor(list, row, 1);
    }
}

static enum tone tone_of(const char *line) {
    if (!strncmp(line, "--- ", 4) || !strncmp(line, "+++ ", 4))
        return TONE_STRONG;
    if (!strncmp(line, "@@", 2))
        return TONE_KEYWORD;
    return *line == '+' ? TONE_GOOD : *line == '-' ? TONE_BAD : TONE_PLAIN;
}

/* Long lines are wrapped, below their text. */
static void draw_page(const struct canvas *page, struct solutions_view *view) {
    if (view->columns != page->columns) {
        struct flow flow = {0};
        const char *line = view->diff.data;
        lines_clear(&view->lines);
        for (size_t length; *line; line += length + (line[length] == '\n')) {
            length = strcspn(line, "\n");
            flow_add(&flow, tone_of(line), line, length);
            lines_flow(&view->lines, &flow, page->columns - 2, "", "      ");
            flow_clear(&flow);
        }
        flow_release(&flow);
        view->columns = page->columns;
    }
    pager_draw(page, &view->lines, &view->page);
}

static void draw_diff(const struct canvas *part, struct solutions_view *view) {
    char title[160];
    snprintf(title, sizeof title, "- yours   + %s", view->names[view->list.selected]);
    canvas_rule(part, 0, ROLE_STRONG, title);
    struct canvas page = canvas_part(part, 1, 1, part->rows - 1, part->columns - 1);
    if (view->waits)
        canvas_put(&page, 0, 1, ROLE_DIM, "comparing ...");
    else if (!view->diff.length)
        canvas_put(&page, 0, 1, ROLE_GOOD, "The same as yours.");
    else
        draw_page(&page, view);
}

void solutions_view_draw(const struct canvas *body, struct solutions_view *view) {
    bool beside = body->columns >= BESIDE_FROM_COLUMNS;
    int rows = beside ? body->rows - 1 : (int)view->count;
    if (!beside && rows > body->rows / 3)
        rows = body->rows / 3;
    canvas_rule(body, 0, ROLE_STRONG, beside ? "Solutions" : "Solutions, each beside yours");
    struct canvas list = canvas_part(body, 1, 0, rows, beside ? LIST_COLUMNS : body->columns);
    struct canvas diff =
        beside
            ? canvas_part(body, 0, LIST_COLUMNS + 1, body->rows, body->columns - LIST_COLUMNS - 1)
            : canvas_part(body, rows + 1, 0, body->rows - rows - 1, body->columns);
    draw_list(&list, view);
    for (int row = 0; beside && row < body->rows; row++)
        canvas_put(body, row, LIST_COLUMNS, ROLE_RULE, row ? "│" : "┬");
    draw_diff(&diff, view);
}

bool solutions_view_move(struct solutions_view *view, enum request request, bool *chosen) {
    *chosen = false;
    if (request != REQUEST_UP && request != REQUEST_DOWN)
        return scroll_move(&view->page, request);
    *chosen = scroll_move(&view->list, request);
    return true;
}

static const char *without(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return !strncmp(path, folder, length) && path[length] == '/' ? path + length + 1 : path;
}

void solutions_view_clear(struct solutions_view *view) {
    buf_clear(&view->diff);
    view->columns = 0;
    view->page = (struct scroll){0};
}

/* "--- /home/me/brigade/stats/app.c    2026-..." becomes "--- app.c". */
void solutions_view_add(struct solutions_view *view, const char *line, const char *own,
                        const char *theirs) {
    if (!strncmp(line, "diff ", 5) || !strncmp(line, "Only in ", 8))
        return;
    bool names_own = !strncmp(line, "--- ", 4), names_theirs = !strncmp(line, "+++ ", 4);
    if (!names_own && !names_theirs) {
        buf_printf(&view->diff, "%s\n", line);
        return;
    }
    const char *path = without(line + 4, names_own ? own : theirs), *blanks = strstr(path, "    ");
    int length = (int)(blanks ? (size_t)(blanks - path) : strlen(path));
    buf_printf(&view->diff, "%.4s%.*s\n", line, length, path);
}

void solutions_view_release(struct solutions_view *view) {
    for (size_t i = 0; i < view->count; i++)
        free(view->names[i]);
    free(view->names);
    lines_release(&view->lines);
    buf_release(&view->diff);
    *view = (struct solutions_view){0};
}
