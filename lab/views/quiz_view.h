/* A quiz on the screen: the question and its choices, after the answer what is to be said of it, and in the
 * end how it went.
 *
 *     view.quiz = quiz; view.round = round;      // borrowed, set by the app
 *     quiz_view_draw(&body, &view);
 *     quiz_view_move(&view, request);            // chooses, or moves the page once all is answered
 *
 * Zeroed, with those two set, it is at the beginning.
 */
#ifndef BRIGADE_VIEWS_QUIZ_VIEW_H
#define BRIGADE_VIEWS_QUIZ_VIEW_H

#include "model/quiz.h"
#include "text/lines.h"
#include "ui/canvas.h"
#include "ui/scroll.h"

struct quiz_view {
    const struct quiz *quiz;
    struct quiz_round *round;
    size_t chosen; /* the choice under the cursor */
    struct scroll scroll;
    bool turns; /* to the explanation, as soon as there is one */
    struct lines lines;
    size_t choice_lines[QUIZ_CHOICES_MAX]; /* where each begins */
    size_t answer_line;                    /* where the explanations begin */
};

void quiz_view_draw(const struct canvas *body, struct quiz_view *view);
bool quiz_view_move(struct quiz_view *view, enum request request); /* whether it was one of ours */
bool quiz_view_is_answered(const struct quiz_view *view);          /* the present question */
size_t quiz_view_choices(const struct quiz_view *view); /* to choose from; 0: it is answered */
void quiz_view_turn(struct quiz_view *view); /* another question: back to the top of the page */
void quiz_view_state(const struct quiz_view *view, char *state, size_t size); /* header's right */
void quiz_view_release(struct quiz_view *view);

#endif
