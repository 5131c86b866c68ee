#include "views/course_view.h"

#include <stdio.h>
#include <string.h>

#include "model/way.h"
#include "text/markdown.h"
#include "views/pager.h"

enum {
    STATE_WIDTH = 21, /* "passed   100 of 100" */
    TITLE_ROWS = 2,   /* what comes next, a rule */
    KIND_COLUMN = 4,
    TITLE_COLUMN = 14,
    ID_WIDTH = 14,
    ID_AND_TITLE_COLUMNS = 70,
    ABOUT_FROM_COLUMNS = 118, /* the screen's, for the panel at the right */
    LIST_COLUMNS_MOST = 84,
    BAR_FROM_COLUMNS = 100,
    BAR_WIDTH = 24,
};

/* --- rows of the list: for each chapter a title and its steps, and a blank if there is room --- */

struct row {
    enum { ROW_BLANK, ROW_CHAPTER, ROW_STEP } kind;
    size_t index;
};

static bool is_first(const struct course *course, size_t step) {
    return !step || course->steps[step].chapter != course->steps[step - 1].chapter;
}

static size_t row_count(const struct course *course, bool airy) {
    size_t rows = 0;
    for (size_t i = 0; i < course->step_count; i++)
        rows += 1 + (size_t)is_first(course, i) * (airy && i ? 2 : 1);
    return rows;
}

static struct row row_at(const struct course *course, bool airy, size_t wanted) {
    size_t row = 0;
    for (size_t i = 0; i < course->step_count; i++) {
        if (is_first(course, i) && airy && i && row++ == wanted)
            return (struct row){ROW_BLANK, 0};
        if (is_first(course, i) && row++ == wanted)
            return (struct row){ROW_CHAPTER, course->steps[i].chapter};
        if (row++ == wanted)
            return (struct row){ROW_STEP, i};
    }
    return (struct row){ROW_BLANK, 0};
}

static size_t row_of_step(const struct course *course, bool airy, size_t step) {
    size_t row = 0;
    for (size_t i = 0; i <= step && i < course->step_count; i++)
        row += 1 + (size_t)is_first(course, i) * (airy && i ? 2 : 1);
    return row - 1;
}

/* --- drawing --- */

static enum role state_role(enum way_state state) {
    static const enum role roles[] = {ROLE_DIM, ROLE_PENDING, ROLE_GOOD};
    return roles[state];
}

static void draw_name(const struct canvas *list, int row, const struct course_step *step,
                      int columns, unsigned flags) {
    struct canvas part = canvas_part(list, row, 0, 1, columns);
    int column = TITLE_COLUMN;
    if (step->kind == STEP_EXERCISE) {
        column = canvas_put(&part, 0, column, ROLE_STRONG | flags, step->id);
        column = column < TITLE_COLUMN + ID_WIDTH ? TITLE_COLUMN + ID_WIDTH : column + 2;
        if (list->columns < ID_AND_TITLE_COLUMNS || !strcmp(step->title, step->id))
            return;
    }
    canvas_put(&part, 0, column, ROLE_TEXT | flags, step->title);
}

static void draw_step(const struct canvas *list, int row, struct course_view *view, size_t index) {
    static const char *const kinds[] = {"lesson", "exercise", "quiz"};
    const struct course_step *step = &view->course->steps[index];
    bool selected = index == view->steps.selected;
    unsigned flags = selected ? STYLE_REVERSE : 0;
    struct buf words = {0};
    enum way_state state = way_state(step, view->progress, &words);
    int state_column = list->columns - STATE_WIDTH;
    if (selected)
        canvas_fill(list, row, ROLE_TEXT | flags);
    canvas_put(list, row, 1, ROLE_KEY | flags, selected ? ">" : " ");
    canvas_put(list, row, KIND_COLUMN, ROLE_DIM | flags, kinds[step->kind]);
    draw_name(list, row, step, state_column - 1, flags);
    canvas_put(list, row, state_column, state_role(state) | flags, words.data);
    canvas_items(list, row, 1, &view->steps, index);
    if (selected)
        canvas_cursor(list, row, 1);
    buf_release(&words);
}

static void draw_chapter(const struct canvas *list, int row, const struct course_view *view,
                         size_t index) {
    const struct chapter *chapter = &view->course->chapters[index];
    size_t done = 0, count = 0;
    for (size_t i = 0; i < view->course->step_count; i++)
        if (view->course->steps[i].chapter == index) {
            count++;
            done += way_is_done(&view->course->steps[i], view->progress);
        }
    int column = canvas_printf(list, row, 1, ROLE_HEADING, "%d", chapter->number);
    struct canvas part = canvas_part(list, row, 0, 1, list->columns - STATE_WIDTH - 1);
    canvas_put(&part, 0, column < KIND_COLUMN ? KIND_COLUMN : column + 1, ROLE_HEADING,
               chapter->title);
    canvas_printf(list, row, list->columns - STATE_WIDTH, ROLE_DIM, "%zu of %zu done", done, count);
}

static void draw_list(const struct canvas *list, struct course_view *view) {
    const struct course *course = view->course;
    bool airy = row_count(course, true) <= (size_t)list->rows;
    view->rows.selects = true;
    view->rows.selected = row_of_step(course, airy, view->steps.selected);
    if (view->rows.top && view->rows.selected <= view->rows.top + 1)
        view->rows.top = view->rows.selected - 1; /* shows the chapter's title as well */
    scroll_fit(&view->rows, row_count(course, airy), list->rows);
    for (int row = 0; row < list->rows; row++) {
        size_t wanted = view->rows.top + (size_t)row;
        struct row item = row_at(course, airy, wanted);
        if (item.kind == ROW_CHAPTER)
            draw_chapter(list, row, view, item.index);
        else if (item.kind == ROW_STEP)
            draw_step(list, row, view, item.index);
        if (item.kind == ROW_STEP)
            canvas_items(list, row, 1, &view->steps, item.index);
    }
}

static void draw_about(const struct canvas *panel, struct course_view *view) {
    const struct course_step *step = &view->course->steps[view->steps.selected];
    lines_clear(&view->about);
    if (step->about)
        markdown_lay_out(step->about, strlen(step->about), panel->columns, &view->about);
    for (int row = 0; row < panel->rows; row++)
        canvas_line(panel, row, &view->about, (size_t)row, 0);
}

static void draw_bar(const struct canvas *body, int percent) {
    int filled = percent * BAR_WIDTH / 100, column = body->columns - BAR_WIDTH - 1;
    canvas_repeat(body, 0, column, filled, ROLE_GOOD, "█");
    canvas_repeat(body, 0, column + filled, BAR_WIDTH - filled, ROLE_DIM, "░");
}

static void draw_next(const struct canvas *body, const struct course_view *view) {
    struct buf words = {0};
    bool bar = body->columns >= BAR_FROM_COLUMNS;
    struct canvas left =
        canvas_part(body, 0, 0, 1, bar ? body->columns - BAR_WIDTH - 3 : body->columns - 1);
    way_words(view->course, view->progress, view->now_s, &words);
    canvas_put(&left, 0, 1, ROLE_STRONG, words.data);
    if (bar)
        draw_bar(body, way_sum(view->course, view->progress).percent);
    buf_release(&words);
}

void course_view_draw(const struct canvas *body, struct course_view *view) {
    canvas_rule(body, 1, ROLE_STRONG, "");
    int rows = body->rows - TITLE_ROWS, columns = body->columns;
    if (!view->course->step_count) {
        canvas_put(body, TITLE_ROWS, 1, ROLE_TEXT, "The course has no steps.");
        return;
    }
    draw_next(body, view);
    scroll_fit(&view->steps, view->course->step_count, rows);
    if (columns >= ABOUT_FROM_COLUMNS) {
        columns = columns * 58 / 100;
        columns = columns > LIST_COLUMNS_MOST ? LIST_COLUMNS_MOST : columns;
        struct canvas panel =
            canvas_part(body, TITLE_ROWS, columns + 2, rows, body->columns - columns - 4);
        canvas_put(body, 1, columns, ROLE_RULE, "┬");
        for (int row = 0; row < rows; row++)
            canvas_put(body, TITLE_ROWS + row, columns, ROLE_RULE, "│");
        draw_about(&panel, view);
    }
    struct canvas list = canvas_part(body, TITLE_ROWS, 0, rows, columns - 1);
    draw_list(&list, view);
    struct canvas edge = canvas_part(body, TITLE_ROWS, 0, rows, columns);
    pager_position(&edge, &view->rows);
}

static bool has_words(const char *text, const char *words) {
    return text && strcasestr(text, words) != NULL;
}

bool course_view_find(struct course_view *view, const char *words) {
    size_t count = view->course->step_count;
    for (size_t i = 1; i <= count; i++) {
        size_t step = (view->steps.selected + i) % count;
        const struct course_step *item = &view->course->steps[step];
        if (!has_words(item->id, words) && !has_words(item->title, words) &&
            !has_words(item->about, words))
            continue;
        scroll_select(&view->steps, step);
        return true;
    }
    return false;
}

void course_view_state(const struct course_view *view, char *state, size_t size) {
    struct way_sum sum = way_sum(view->course, view->progress);
    if (sum.max_points > 0)
        snprintf(state, size, "%d %%   %g of %g points", sum.percent, sum.points, sum.max_points);
    else
        snprintf(state, size, "%d %%", sum.percent);
}

void course_view_release(struct course_view *view) { lines_release(&view->about); }
