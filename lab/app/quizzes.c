#include "app/quizzes.h"

#include "app/steps.h"

void quizzes_close(struct app *app) {
    quiz_view_release(&app->quiz_view);
    quiz_round_free(app->quiz_view.round);
    app->quiz_view = (struct quiz_view){0};
    quiz_free(app->quiz);
    app->quiz = NULL;
}

static void begin(struct app *app) {
    quiz_view_release(&app->quiz_view);
    quiz_round_free(app->quiz_view.round);
    app->quiz_view = (struct quiz_view){.quiz = app->quiz, .round = quiz_round_new(app->quiz)};
}

bool quizzes_open(struct app *app, const struct course_step *step) {
    struct err err = {0};
    struct quiz *quiz = quiz_load(step->file, &err);
    if (!quiz) {
        app_notice(app, "%s", err.text);
        return false;
    }
    quizzes_close(app);
    app->quiz = quiz;
    app->place = PLACE_QUIZ;
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
