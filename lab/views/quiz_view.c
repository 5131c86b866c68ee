#include "views/quiz_view.h"

#include <stdio.h>
#include <string.h>

#include "text/markdown.h"
#include "views/pager.h"

enum { COLUMNS_MOST = 84, INDENT = 8 };

bool quiz_view_is_answered(const struct quiz_view *view) {
    return quiz_round_answer_to(view->round, quiz_round_at(view->round)) >= 0;
}

size_t quiz_view_choices(const struct quiz_view *view) {
    const struct quiz_question *question = quiz_round_question(view->round);
    return question && !quiz_view_is_answered(view) ? question->choice_count : 0;
}

void quiz_view_turn(struct quiz_view *view) {
    view->chosen = 0;
    view->scroll = (struct scroll){0};
}

void quiz_view_release(struct quiz_view *view) { lines_release(&view->lines); }

/* --- the page --- */

/* Markdown behind a mark, its further lines below its first. */
static void add_marked(struct lines *page, enum tone tone, const char *mark, const char *markdown,
                       int columns) {
    struct lines text = {0};
    markdown_lay_out(markdown, strlen(markdown), columns - INDENT, &text);
    for (size_t i = 0; i < text.count; i++) {
        char start[32];
        snprintf(start, sizeof start, "%-*s", INDENT, i ? "" : mark);
        lines_open(page);
        lines_puts(page, tone, start);
        lines_join(page, &text, i, 0);
    }
    lines_release(&text);
}

static void add_question(struct quiz_view *view, const struct quiz_question *question,
                         int columns) {
    struct lines *page = &view->lines;
    int answer = quiz_round_answer_to(view->round, quiz_round_at(view->round));
    markdown_lay_out(question->ask, strlen(question->ask), columns, page);
    lines_open(page);
    for (size_t i = 0; i < question->choice_count; i++) {
        const struct quiz_choice *choice = &question->choices[i];
        bool told = answer >= 0 && (choice->right || (int)i == answer);
        const char *mark = !told ? "  " : choice->right ? "ok" : "no";
        char text[16];
        snprintf(text, sizeof text, "%s %s %c", answer < 0 && i == view->chosen ? ">" : " ", mark,
                 (char)('a' + i));
        enum tone tone = !told           ? i == view->chosen && answer < 0 ? TONE_STRONG : TONE_DIM
                         : choice->right ? TONE_GOOD
                                         : TONE_BAD;
        view->choice_lines[i] = page->count;
        add_marked(page, tone, text, choice->text, columns);
    }
}

static void add_why(struct lines *page, const char *words, enum tone tone,
                    const struct quiz_choice *choice, int columns) {
    lines_open(page);
    lines_wrap(page, tone, words, columns, "", "");
    markdown_lay_out(choice->why, strlen(choice->why), columns, page);
}

static void add_explanation(struct quiz_view *view, const struct quiz_question *question,
                            int answer, int columns) {
    struct lines *page = &view->lines;
    size_t right = quiz_right_choice(question);
    char words[48];
    view->answer_line = page->count;
    if (answer != (int)right) {
        snprintf(words, sizeof words, "%c is not it.", 'a' + answer);
        add_why(page, words, TONE_BAD, &question->choices[answer], columns);
    }
    snprintf(words, sizeof words, answer == (int)right ? "%c is right." : "Right is %c.",
             (char)('a' + right));
    add_why(page, words, TONE_GOOD, &question->choices[right], columns);
}

/* The first line of a text, without its marks of code. */
static void first_line(const char *markdown, char *line, size_t size) {
    size_t used = 0;
    for (; *markdown && *markdown != '\n' && used + 1 < size; markdown++)
        if (*markdown != '`' && *markdown != '*')
            line[used++] = *markdown;
    line[used] = '\0';
}

static void add_result(struct quiz_view *view, int columns) {
    struct lines *page = &view->lines;
    size_t count = view->quiz->question_count, right = quiz_round_right(view->round);
    char words[160];
    snprintf(words, sizeof words, "%zu of %zu right%s", right, count,
             right == count ? ". Well done." : ".");
    lines_wrap(page, TONE_TITLE, words, columns, "", "");
    lines_open(page);
    for (size_t i = 0; i < count; i++) {
        const struct quiz_question *question = &view->quiz->questions[i];
        bool good = quiz_round_answer_to(view->round, i) == (int)quiz_right_choice(question);
        char line[96], mark[48];
        first_line(question->ask, line, sizeof line);
        snprintf(mark, sizeof mark, "  %s %zu", good ? "ok" : "no", i + 1);
        lines_open(page);
        lines_puts(page, good ? TONE_GOOD : TONE_BAD, mark);
        lines_puts(page, TONE_PLAIN, "  ");
        lines_puts(page, TONE_PLAIN, line);
    }
    lines_open(page);
    lines_wrap(page, TONE_DIM,
               "Take it again with r, as often as you like: the best result is kept. "
               "n goes on to the next step.",
               columns, "", "");
}

static void lay_out(struct quiz_view *view, int columns) {
    const struct quiz_question *question = quiz_round_question(view->round);
    lines_clear(&view->lines);
    if (!question) {
        add_result(view, columns);
        return;
    }
    int answer = quiz_round_answer_to(view->round, quiz_round_at(view->round));
    add_question(view, question, columns);
    if (answer >= 0)
        add_explanation(view, question, answer, columns);
}

/* Keeps the choice under the cursor in view while one chooses, and turns to the explanation after that. */
static void show_what_matters(struct quiz_view *view, int rows) {
    scroll_fit(&view->scroll, view->lines.count, rows);
    if (quiz_round_is_over(view->round))
        return;
    if (quiz_view_is_answered(view)) {
        if (view->turns && view->lines.count > view->scroll.top + (size_t)rows)
            view->scroll.top = view->answer_line; /* as much of it as there is room for */
        view->turns = false;
        scroll_fit(&view->scroll, view->lines.count, rows);
        return;
    }
    view->turns = true;
    const struct quiz_question *question = quiz_round_question(view->round);
    size_t from = view->choice_lines[view->chosen];
    size_t to = view->chosen + 1 < question->choice_count ? view->choice_lines[view->chosen + 1]
                                                          : view->lines.count;
    if (view->chosen == 0)
        view->scroll.top = 0;
    if (to > view->scroll.top + (size_t)rows)
        view->scroll.top = to - (size_t)rows;
    if (from < view->scroll.top)
        view->scroll.top = from;
}

/* A click chooses. */
static void add_targets(const struct canvas *page, const struct quiz_view *view) {
    const struct quiz_question *question = quiz_round_question(view->round);
    for (size_t i = 0; question && i < question->choice_count; i++) {
        size_t next = i + 1 < question->choice_count ? view->choice_lines[i + 1]
                      : view->lines.count > view->choice_lines[i] && !quiz_view_is_answered(view)
                          ? view->lines.count
                          : view->choice_lines[i] + 1;
        int row = (int)view->choice_lines[i] - (int)view->scroll.top;
        canvas_target(page, row, 0, (int)(next - view->choice_lines[i]), page->columns,
                      (enum request)(REQUEST_CHOICE_1 + (int)i));
    }
}

void quiz_view_draw(const struct canvas *body, struct quiz_view *view) {
    int columns = body->columns - 4;
    columns = columns > COLUMNS_MOST ? COLUMNS_MOST : columns;
    int left = (body->columns - columns) / 2;
    struct canvas page = canvas_part(body, 2, left, body->rows - 2, columns + 2);
    char title[160];
    size_t at = quiz_round_at(view->round), count = view->quiz->question_count;
    if (at < count)
        snprintf(title, sizeof title, "Question %zu of %zu", at + 1, count);
    else
        snprintf(title, sizeof title, "How it went");
    canvas_rule(body, 0, ROLE_STRONG, title);
    lay_out(view, columns);
    show_what_matters(view, page.rows);
    pager_draw(&page, &view->lines, &view->scroll);
    add_targets(&page, view);
    if (at < count && !quiz_view_is_answered(view))
        canvas_cursor(&page, (int)view->choice_lines[view->chosen] - (int)view->scroll.top, 0);
}

/* --- keys --- */

bool quiz_view_move(struct quiz_view *view, enum request request) {
    const struct quiz_question *question = quiz_round_question(view->round);
    if (!question || quiz_view_is_answered(view))
        return scroll_move(&view->scroll, request);
    size_t last = question->choice_count - 1;
    if (request >= REQUEST_CHOICE_1 && request <= REQUEST_CHOICE_6) {
        size_t choice = (size_t)(request - REQUEST_CHOICE_1);
        if (choice <= last)
            view->chosen = choice;
        return true;
    }
    switch (request) {
    case REQUEST_UP: view->chosen -= view->chosen > 0; return true;
    case REQUEST_DOWN: view->chosen += view->chosen < last; return true;
    case REQUEST_TOP: view->chosen = 0; return true;
    case REQUEST_BOTTOM: view->chosen = last; return true;
    case REQUEST_PAGE_UP:
    case REQUEST_PAGE_DOWN: return scroll_move(&view->scroll, request), true;
    default: return false;
    }
}

void quiz_view_state(const struct quiz_view *view, char *state, size_t size) {
    size_t answered = quiz_round_at(view->round);
    if (!quiz_round_is_over(view->round))
        answered += quiz_view_is_answered(view);
    snprintf(state, size, "%zu of %zu right", quiz_round_right(view->round), answered);
}
