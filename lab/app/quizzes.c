#include "app/quizzes.h"

#include <stdlib.h>

#include "app/steps.h"
#include "base/alloc.h"

static void drop(struct kept_quiz *kept) {
    quiz_round_free(kept->round);
    quiz_free(kept->quiz);
    *kept = (struct kept_quiz){0};
}

/* Something is answered, and not all of it. */
static bool is_half_done(const struct app *app) {
    const struct quiz_round *round = app->quiz_view.round;
    size_t count = app->quiz ? app->quiz->question_count : 0;
    return count && quiz_round_answer_to(round, 0) >= 0 &&
           quiz_round_answer_to(round, count - 1) < 0;
}

void quizzes_close(struct app *app) {
    struct kept_quiz open = {app->quiz, app->quiz_view.round};
    quiz_view_release(&app->quiz_view);
    if (is_half_done(app))
        app->kept_quizzes[app->quiz_step] = open;
    else
        drop(&open);
    app->quiz_view = (struct quiz_view){0};
    app->quiz = NULL;
}

void quizzes_release(struct app *app) {
    quizzes_close(app);
    for (size_t i = 0; app->kept_quizzes && i < app->course->step_count; i++)
        drop(&app->kept_quizzes[i]);
    free(app->kept_quizzes);
    app->kept_quizzes = NULL;
}

static void begin(struct app *app) {
    quiz_view_release(&app->quiz_view);
    quiz_round_free(app->quiz_view.round);
    app->quiz_view = (struct quiz_view){.quiz = app->quiz, .round = quiz_round_new(app->quiz)};
}

/* Goes on where it was left; whether it was left half done. */
static bool resume(struct app *app, size_t step) {
    struct kept_quiz *kept = &app->kept_quizzes[step];
    if (!kept->quiz)
        return false;
    app->quiz = kept->quiz;
    app->quiz_view = (struct quiz_view){.quiz = kept->quiz, .round = kept->round};
    *kept = (struct kept_quiz){0};
    app_notice(app, "You left off here: what you answered is kept.");
    return true;
}

bool quizzes_open(struct app *app, const struct course_step *step) {
    struct err err = {0};
    struct quiz *quiz = quiz_load(step->file, &err);
    if (!quiz) {
        app_notice(app, "%s", err.text);
        return false;
    }
    if (!app->kept_quizzes)
        app->kept_quizzes = xcalloc(app->course->step_count, sizeof *app->kept_quizzes);
    quizzes_close(app);
    app->quiz_step = (size_t)(step - app->course->steps);
    app->place = PLACE_QUIZ;
    if (resume(app, app->quiz_step)) {
        quiz_free(quiz);
        return true;
    }
    app->quiz = quiz;
    begin(app);
    return true;
}

static void remember(struct app *app) {
    const struct quiz_round *round = app->quiz_view.round;
    if (progress_quiz(app->progress, app->course->steps[app->step].id, quiz_round_right(round),
                      app->quiz->question_count))
        steps_save(app);
}

/* Answers; once answered, the next question. */
static void go_on(struct app *app) {
    struct quiz_view *view = &app->quiz_view;
    if (!quiz_view_is_answered(view)) {
        quiz_round_answer(view->round, view->chosen);
        if (quiz_round_at(view->round) + 1 == app->quiz->question_count)
            remember(app); /* the last answer is the result, whether its page is seen or not */
        return;
    }
    quiz_round_next(view->round);
    quiz_view_turn(view);
}

bool quizzes_work(const struct app *app, enum request request) {
    bool over = quiz_round_is_over(app->quiz_view.round);
    switch (request) {
    case REQUEST_OPEN: return !over;
    case REQUEST_CHOICE_1: return !over && !quiz_view_is_answered(&app->quiz_view);
    case REQUEST_AGAIN: return quiz_round_at(app->quiz_view.round) > 0;
    default: return true;
    }
}

bool quizzes_heed(struct app *app, enum request request) {
    if (quiz_view_move(&app->quiz_view, request))
        return true;
    if (request == REQUEST_AGAIN)
        begin(app);
    else if (request == REQUEST_OPEN)
        go_on(app);
    return request == REQUEST_AGAIN || request == REQUEST_OPEN;
}
