#include "views/lesson_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "text/width.h"
#include "views/pager.h"

enum {
    COLUMNS_MOST = 84,
    OUTLINE_COLUMNS = 34,
    BESIDE_FROM_COLUMNS = COLUMNS_MOST + OUTLINE_COLUMNS + 4, /* the outline is always there */
};

void lesson_view_open(struct lesson_view *view, struct buf *text, size_t place) {
    lesson_view_release(view);
    *view = (struct lesson_view){.text = *text, .place = place, .chosen = NO_MARK};
    view->found_line = NO_MARK;
    view->outline.selects = true;
    *text = (struct buf){0};
}

void lesson_view_release(struct lesson_view *view) {
    buf_release(&view->text);
    lines_release(&view->lines);
    marks_release(&view->marks);
    free(view->words);
    *view = (struct lesson_view){0};
}

/* --- places --- */

/* The last mark at a line or above it. */
static size_t mark_at(const struct lesson_view *view, size_t line) {
    size_t mark = 0;
    while (mark + 1 < view->marks.count && view->marks.items[mark + 1].line <= line)
        mark++;
    return mark;
}

size_t lesson_view_place(const struct lesson_view *view) {
    return view->columns ? mark_at(view, view->scroll.top) : view->place;
}

static void remember_place(struct lesson_view *view) {
    view->place = lesson_view_place(view);
    size_t line = view->marks.count ? view->marks.items[view->place].line : 0;
    view->below = view->scroll.top > line ? view->scroll.top - line : 0;
}

static void go_to_place(struct lesson_view *view) {
    if (!view->marks.count)
        return;
    size_t mark = view->place < view->marks.count ? view->place : view->marks.count - 1;
    size_t line = view->marks.items[mark].line;
    size_t next =
        mark + 1 < view->marks.count ? view->marks.items[mark + 1].line : view->lines.count;
    size_t below = next > line && view->below >= next - line ? next - line - 1 : view->below;
    view->scroll.top = mark || below ? line + below : 0;
}

static void show_line(struct lesson_view *view, size_t line) {
    size_t above = view->scroll.rows / 4;
    if (line < view->scroll.top || line >= view->scroll.top + view->scroll.rows)
        view->scroll.top = line > above ? line - above : 0;
    view->scroll.follows = false;
}

/* --- the search --- */

static void line_text(const struct lines *lines, size_t line, struct buf *text) {
    for (size_t i = 0; i < lines->items[line].span_count; i++) {
        const struct span *span = &lines->spans[lines->items[line].first_span + i];
        buf_append(text, lines->text.data + span->offset, span->length);
    }
}

/* Where the words begin in a line, the next one read on behind it, as text is wrapped; NULL: they do not. The
 * line's own length is told. */
static const char *find_in(const struct lesson_view *view, size_t line, struct buf *text,
                           size_t *length) {
    buf_reserve(text, 1);
    buf_clear(text);
    line_text(&view->lines, line, text);
    *length = text->length;
    if (line + 1 < view->lines.count) {
        struct buf next = {0};
        line_text(&view->lines, line + 1, &next);
        buf_printf(text, " %s", next.data ? next.data + strspn(next.data, " ") : "");
        buf_release(&next);
    }
    const char *at = strcasestr(text->data, view->words);
    return at && (size_t)(at - text->data) < *length ? at : NULL;
}

static bool is_found(const struct lesson_view *view, size_t line) {
    struct buf text = {0};
    size_t length;
    bool found = find_in(view, line, &text, &length) != NULL;
    buf_release(&text);
    return found;
}

static size_t next_found(const struct lesson_view *view, size_t from, int by) {
    size_t count = view->lines.count;
    for (size_t i = 0, line = from; i < count; i++) {
        if (is_found(view, line))
            return line;
        line = by < 0 ? (line + count - 1) % count : (line + 1) % count;
    }
    return NO_MARK;
}

bool lesson_view_search(struct lesson_view *view, const char *words, int by) {
    size_t count = view->lines.count;
    if (words) {
        free(view->words);
        view->words = xstrdup(words);
        view->found_line = NO_MARK;
    }
    if (!view->words || !*view->words || !count) {
        lesson_view_forget_search(view);
        return false;
    }
    size_t from = view->found_line == NO_MARK ? view->scroll.top : view->found_line;
    if (by && view->found_line != NO_MARK)
        from = by < 0 ? (from + count - 1) % count : (from + 1) % count;
    view->found_line = next_found(view, from % count, by);
    if (view->found_line == NO_MARK) {
        lesson_view_forget_search(view);
        return false;
    }
    show_line(view, view->found_line);
    return true;
}

void lesson_view_forget_search(struct lesson_view *view) {
    free(view->words);
    view->words = NULL;
    view->found_line = NO_MARK;
}

static void draw_found(const struct canvas *page, const struct lesson_view *view) {
    struct buf text = {0};
    for (size_t row = 0; view->words && row < view->scroll.rows; row++) {
        size_t line = view->scroll.top + row, length;
        const char *at = line < view->lines.count ? find_in(view, line, &text, &length) : NULL;
        if (!at)
            continue;
        size_t start = (size_t)(at - text.data), left = length - start;
        size_t bytes = strlen(view->words) < left ? strlen(view->words) : left;
        int column = width_of(text.data, start);
        unsigned bold = line == view->found_line ? STYLE_BOLD : 0;
        canvas_put_bytes(page, (int)row, column, ROLE_NOTICE | STYLE_REVERSE | bold, at, bytes);
        if (line == view->found_line)
            canvas_cursor(page, (int)row, column);
    }
    buf_release(&text);
}

/* --- blocks of code --- */

static bool can_run(const struct lesson_view *view, size_t mark) {
    const struct mark *item = &view->marks.items[mark];
    return item->kind == MARK_CODE && item->text && markdown_code_file(item->text);
}

static bool is_on_page(const struct lesson_view *view, size_t mark) {
    size_t line = view->marks.items[mark].line;
    return line >= view->scroll.top && line < view->scroll.top + view->scroll.rows;
}

/* Whatever was chosen must be on the page, else the first there is it. */
static void keep_chosen(struct lesson_view *view) {
    if (view->chosen != NO_MARK && view->chosen < view->marks.count &&
        is_on_page(view, view->chosen))
        return;
    view->chosen = NO_MARK;
    for (size_t i = 0; i < view->marks.count && view->chosen == NO_MARK; i++)
        if (can_run(view, i) && is_on_page(view, i))
            view->chosen = i;
}

void lesson_view_choose(struct lesson_view *view, int by) {
    size_t count = view->marks.count;
    size_t from = view->chosen == NO_MARK ? lesson_view_place(view) : view->chosen;
    if (!count)
        return;
    for (size_t i = 0; i < count; i++) {
        from = by < 0 ? (from + count - 1) % count : (from + 1) % count;
        if (can_run(view, from))
            break;
    }
    if (!can_run(view, from))
        return;
    view->chosen = from;
    show_line(view, view->marks.items[from].line);
}

bool lesson_view_has_examples(const struct lesson_view *view) {
    for (size_t i = 0; i < view->marks.count; i++)
        if (can_run(view, i))
            return true;
    return false;
}

const char *lesson_view_example(const struct lesson_view *view) {
    return view->chosen == NO_MARK ? NULL
                                   : markdown_code_file(view->marks.items[view->chosen].text);
}

static void draw_chosen(const struct canvas *page, const struct lesson_view *view) {
    if (view->chosen == NO_MARK)
        return;
    size_t line = view->marks.items[view->chosen].line;
    int row = (int)(line - view->scroll.top);
    canvas_put(page, row, 0, ROLE_KEY, ">");
    canvas_put(page, row, lines_columns(&view->lines, line) + 2, ROLE_DIM, "Enter runs it");
    if (view->found_line == NO_MARK)
        canvas_cursor(page, row, 0);
}

/* --- the outline --- */

static size_t heading_count(const struct lesson_view *view) {
    size_t count = 0;
    for (size_t i = 0; i < view->marks.count; i++)
        count += view->marks.items[i].kind == MARK_HEADING;
    return count;
}

static const struct mark *heading(const struct lesson_view *view, size_t index) {
    for (size_t i = 0; i < view->marks.count; i++)
        if (view->marks.items[i].kind == MARK_HEADING && index-- == 0)
            return &view->marks.items[i];
    return NULL;
}

/* The heading that what is at the top of the page belongs to. */
static size_t heading_here(const struct lesson_view *view) {
    size_t here = 0, count = heading_count(view);
    for (size_t i = 1; i < count; i++)
        if (heading(view, i)->line <= view->scroll.top + 1)
            here = i;
    return here;
}

void lesson_view_open_outline(struct lesson_view *view) {
    view->in_outline = heading_count(view) > 0;
    view->outline.selected = heading_here(view);
}

void lesson_view_close_outline(struct lesson_view *view, bool go) {
    const struct mark *mark = heading(view, view->outline.selected);
    view->in_outline = false;
    if (go && mark) {
        view->scroll.top = mark->line;
        view->scroll.follows = false;
    }
}

static void draw_outline(const struct canvas *panel, struct lesson_view *view) {
    struct scroll *scroll = &view->outline;
    size_t here = heading_here(view);
    if (!view->in_outline)
        scroll->selected = here;
    scroll_fit(scroll, heading_count(view), panel->rows);
    for (int row = 0; row < panel->rows; row++) {
        size_t index = scroll->top + (size_t)row;
        const struct mark *mark = heading(view, index);
        if (!mark)
            return;
        bool selected = view->in_outline && index == scroll->selected;
        unsigned style = selected        ? ROLE_TEXT | STYLE_REVERSE
                         : index == here ? ROLE_STRONG
                                         : ROLE_DIM;
        if (view->in_outline)
            canvas_items(panel, row, 1, scroll, index);
        int indent = mark->level > 1 ? 2 * (mark->level - 2) : 0;
        if (selected)
            canvas_fill(panel, row, style);
        canvas_put(panel, row, 0, selected ? style : ROLE_KEY, index == here ? ">" : " ");
        canvas_put(panel, row, 2 + indent, style, mark->text);
        if (selected)
            canvas_cursor(panel, row, 0);
    }
}

/* --- the page --- */

static void lay_out(struct lesson_view *view, int columns) {
    if (view->columns == columns)
        return;
    if (view->columns)
        remember_place(view);
    lines_clear(&view->lines);
    marks_clear(&view->marks);
    markdown_lay_out_marked(view->text.data ? view->text.data : "", view->text.length, columns,
                            &view->lines, &view->marks);
    view->columns = columns;
    view->found_line = NO_MARK;
    go_to_place(view);
}

static void draw_page(const struct canvas *paper, struct lesson_view *view) {
    lay_out(view, paper->columns - 2);
    scroll_fit(&view->scroll, view->lines.count, paper->rows);
    keep_chosen(view);
    pager_draw(paper, &view->lines, &view->scroll);
    draw_chosen(paper, view);
    draw_found(paper, view);
}

void lesson_view_draw(const struct canvas *body, struct lesson_view *view) {
    bool beside = body->columns >= BESIDE_FROM_COLUMNS;
    int columns = body->columns - 1;
    columns = columns > COLUMNS_MOST + 2 ? COLUMNS_MOST + 2 : columns;
    int left = beside ? OUTLINE_COLUMNS + 3 : (body->columns - columns) / 2;
    struct canvas paper = canvas_part(body, 1, left ? left : 1, body->rows - 1, columns);
    struct canvas panel =
        canvas_part(body, 1, 1, body->rows - 1, beside ? OUTLINE_COLUMNS : body->columns - 2);
    if (beside || !view->in_outline)
        draw_page(&paper, view);
    for (int row = 0; beside && row < body->rows; row++)
        canvas_put(body, row, OUTLINE_COLUMNS + 1, ROLE_RULE, "│");
    if (beside || view->in_outline)
        draw_outline(&panel, view);
}

bool lesson_view_move(struct lesson_view *view, enum request request) {
    return scroll_move(view->in_outline ? &view->outline : &view->scroll, request);
}
