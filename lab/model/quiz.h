/* A quiz: questions with choices, each explained; and a round, one walk through it.
 *
 *     struct quiz *quiz = quiz_load(path, &err);
 *     struct quiz_round *round = quiz_round_new(quiz);
 *     while (!quiz_round_is_over(round)) {
 *         bool right = quiz_round_answer(round, choice);   // once for each question
 *         quiz_round_next(round);
 *     }
 *     quiz_round_free(round);  quiz_free(quiz);
 *
 * The file is JSON, see lessons/quiz.schema.json. Every mistake in it is told with file, line, place and
 * remedy.
 */
#ifndef BRIGADE_MODEL_QUIZ_H
#define BRIGADE_MODEL_QUIZ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { QUIZ_CHOICES_MAX = 6 };

struct quiz_choice {
    const char *text; /* inline Markdown */
    const char *why;  /* Markdown: why it is right, or wrong */
    bool right;
    const void *whole; /* of the reader */
};

struct quiz_question {
    const char *id;
    const char *ask; /* Markdown */
    const struct quiz_choice *choices;
    size_t choice_count;
};

struct quiz {
    const char *title;
    const struct quiz_question *questions;
    size_t question_count;
};

struct quiz *quiz_load(const char *path, struct err *err); /* NULL with err told */
void quiz_free(struct quiz *quiz);                         /* NULL allowed */

size_t quiz_right_choice(const struct quiz_question *question);

struct quiz_round;

struct quiz_round *quiz_round_new(const struct quiz *quiz); /* borrows the quiz */
void quiz_round_free(struct quiz_round *round);             /* NULL allowed */

size_t quiz_round_at(const struct quiz_round *round); /* index of the question */
bool quiz_round_is_over(const struct quiz_round *round);
const struct quiz_question *quiz_round_question(const struct quiz_round *round); /* NULL: over */
int quiz_round_answer_to(const struct quiz_round *round, size_t question);       /* -1: none yet */
size_t quiz_round_right(const struct quiz_round *round); /* how many were answered right */

/* Answers the present question; a second answer changes nothing. Returns whether the answer is right. */
bool quiz_round_answer(struct quiz_round *round, size_t choice);
void quiz_round_next(struct quiz_round *round); /* once the present one is answered */

#endif
