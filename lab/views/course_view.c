#include "views/course_view.h"

#include <stdio.h>
#include <string.h>

enum { STATE_COLUMN_WIDTH = 22, TITLE_ROWS = 2, TITLE_COLUMN = 15, ID_WIDTH = 13 };

static size_t first_step(const struct course *course, size_t chapter) {
    size_t i = 0;
    while (i < course->step_count && course->steps[i].chapter < chapter)
        i++;
    return i;
}

/* Rows of the page: for each chapter a title, its steps and a blank. */
static size_t row_of_step(const struct course *course, size_t step) {
    return step + 2 * course->steps[step].chapter + 1;
}

static enum role exercise_words(struct exercise_state state, char *words, size_t size) {
    if (state.passed)
        snprintf(words, size, "passed   %g of %g", state.score, state.max_score);
    else if (state.tried)
        snprintf(words, size, "tried    %g of %g", state.score, state.max_score);
    else
        snprintf(words, size, "not tried");
    return state.passed ? ROLE_GOOD : state.tried ? ROLE_PENDING : ROLE_DIM;
}

static enum role lesson_words(enum lesson_state state, char *words, size_t size) {
    static const char *const names[] = {"not read", "reading", "read"};
    static const enum role roles[] = {ROLE_DIM, ROLE_PENDING, ROLE_GOOD};
    snprintf(words, size, "%s", names[state]);
    return roles[state];
}

static enum role quiz_words(struct quiz_state state, char *words, size_t size) {
    if (!state.taken)
        snprintf(words, size, "not taken");
    else
        snprintf(words, size, "taken    %zu of %zu", state.right, state.count);
    return state.taken ? ROLE_GOOD : ROLE_DIM;
}

static enum role state_words(const struct course_view *view, const struct course_step *step,
                             char *words, size_t size) {
    switch (step->kind) {
    case STEP_EXERCISE:
        return exercise_words(progress_exercise_state(view->progress, step->id), words, size);
    case STEP_QUIZ: return quiz_words(progress_quiz_state(view->progress, step->id), words, size);
    default: return lesson_words(progress_lesson_state(view->progress, step->id), words, size);
    }
}

static void draw_step(const struct canvas *page, int row, const struct course_view *view,
                      size_t index) {
    const struct course_step *step = &view->course->steps[index];
    bool selected = index == view->steps.selected, exercise = step->kind == STEP_EXERCISE;
    char words[48];
    enum role role = state_words(view, step, words, sizeof words);
    unsigned flags = selected ? STYLE_REVERSE : 0;
    int state_column = page->columns - STATE_COLUMN_WIDTH;
    if (selected)
        canvas_fill(page, row, ROLE_TEXT | flags);
    canvas_put(page, row, 1, ROLE_KEY | flags, selected ? ">" : " ");
    static const char *const kinds[] = {"lesson", "exercise", "quiz"};
    canvas_put(page, row, 5, ROLE_DIM | flags, kinds[step->kind]);
    int column = TITLE_COLUMN;
    if (exercise) {
        column = canvas_put(page, row, column, ROLE_STRONG | flags, step->id);
        column = column < TITLE_COLUMN + ID_WIDTH ? TITLE_COLUMN + ID_WIDTH : column + 2;
    }
    if (!exercise || strcmp(step->title, step->id))
        canvas_field(page, row, column, state_column - column - 1, ROLE_TEXT | flags, step->title);
    canvas_put(page, row, state_column, role | flags, words);
    if (selected)
        canvas_cursor(page, row, 1);
}

static void draw_row(const struct canvas *page, int row, const struct course_view *view,
                     size_t wanted) {
    const struct course *course = view->course;
    for (size_t chapter = 0; chapter < course->chapter_count; chapter++) {
        size_t from = first_step(course, chapter), to = first_step(course, chapter + 1);
        size_t title_row = from + 2 * chapter;
        if (wanted == title_row) {
            int column =
                canvas_printf(page, row, 1, ROLE_HEADING, "%d", course->chapters[chapter].number);
            canvas_put(page, row, column < 5 ? 5 : column + 1, ROLE_HEADING,
                       course->chapters[chapter].title);
        }
        if (wanted > title_row && wanted <= title_row + (to - from))
            draw_step(page, row, view, from + wanted - title_row - 1);
    }
}

void course_view_draw(const struct canvas *body, struct course_view *view) {
    const struct course *course = view->course;
    canvas_rule(body, 0, ROLE_STRONG, course->subtitle);
    struct canvas page = canvas_part(body, TITLE_ROWS, 0, body->rows - TITLE_ROWS, body->columns);
    scroll_fit(&view->steps, course->step_count, page.rows);
    if (!course->step_count) {
        canvas_put(&page, 0, 1, ROLE_TEXT, "The course has no steps.");
        return;
    }
    view->rows.selects = true;
    view->rows.selected = row_of_step(course, view->steps.selected);
    if (view->rows.top && view->rows.selected <= view->rows.top + 1)
        view->rows.top = view->rows.selected - 1; /* shows the chapter's title as well */
    scroll_fit(&view->rows, course->step_count + 2 * course->chapter_count, page.rows);
    for (int row = 0; row < page.rows; row++)
        draw_row(&page, row, view, view->rows.top + (size_t)row);
}

bool course_view_is_done(const struct course_step *step, const struct progress *progress) {
    switch (step->kind) {
    case STEP_EXERCISE: return progress_exercise_state(progress, step->id).passed;
    case STEP_QUIZ: return progress_quiz_state(progress, step->id).taken;
    default: return progress_lesson_state(progress, step->id) == LESSON_READ;
    }
}

void course_view_state(const struct course_view *view, char *state, size_t size) {
    size_t done = 0;
    for (size_t i = 0; i < view->course->step_count; i++) {
        done += course_view_is_done(&view->course->steps[i], view->progress);
    }
    snprintf(state, size, "%zu of %zu steps done", done, view->course->step_count);
}
