/* A quiz in plain text: a question, its choices by letter, and what is to be said of the answer. */
#include <ctype.h>
#include <stdio.h>

#include "base/alloc.h"
#include "model/quiz.h"
#include "plain/steps.h"

static void pose(struct plain *plain, const struct quiz *quiz, const struct quiz_round *round) {
    const struct quiz_question *question = quiz_round_question(round);
    say_text(&plain->say, "\nQuestion %zu of %zu", quiz_round_at(round) + 1, quiz->question_count);
    say_markdown(&plain->say, question->ask);
    for (size_t i = 0; i < question->choice_count; i++)
        say_item(&plain->say, (char[]){' ', (char)('a' + i), ' ', ' ', '\0'},
                 question->choices[i].text);
}

/* The index of the choice; -1: enough of it. */
static int ask_choice(struct plain *plain, const struct quiz_question *question) {
    char prompt[64];
    int last = 'a' + (int)question->choice_count - 1;
    snprintf(prompt, sizeof prompt, "Your answer, a to %c; q leaves the quiz> ", last);
    for (;;) {
        const char *answer = say_ask(&plain->say, prompt);
        if (!answer || *answer == 'q')
            return -1;
        int letter = tolower((unsigned char)*answer);
        if (letter >= 'a' && letter <= last && !answer[1])
            return letter - 'a';
        say_text(&plain->say, "A letter, please.");
    }
}

static void explain(struct plain *plain, const struct quiz_question *question, int answer) {
    size_t right = quiz_right_choice(question);
    if (answer == (int)right) {
        say_text(&plain->say, "%c is right.", 'a' + answer);
    } else {
        say_text(&plain->say, "%c is not it.", 'a' + answer);
        say_markdown(&plain->say, question->choices[answer].why);
        say_text(&plain->say, "Right is %c.", (int)('a' + right));
    }
    say_markdown(&plain->say, question->choices[right].why);
}

void plain_quiz(struct plain *plain, const struct course_step *step) {
    struct err err = {0};
    struct quiz *quiz = quiz_load(step->file, &err);
    if (!quiz) {
        say_text(&plain->say, "%s", err.text);
        return;
    }
    struct quiz_round *round = quiz_round_new(quiz);
    say_text(&plain->say, "\nQuiz: %s", quiz->title);
    while (!quiz_round_is_over(round)) {
        const struct quiz_question *question = quiz_round_question(round);
        pose(plain, quiz, round);
        int answer = ask_choice(plain, question);
        if (answer < 0)
            break;
        quiz_round_answer(round, (size_t)answer);
        explain(plain, question, answer);
        quiz_round_next(round);
    }
    if (quiz_round_is_over(round)) {
        progress_quiz(plain->progress, step->id, quiz_round_right(round), quiz->question_count);
        say_text(&plain->say, "\n%zu of %zu right.", quiz_round_right(round), quiz->question_count);
    }
    quiz_round_free(round);
    quiz_free(quiz);
}
