#include "model/quiz.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fd.h"
#include "exercise/form.h"

enum { FILE_MAX = 1 << 20 };

/* --- the file --- */

#define TEXT(type_, name_, example_)                                                               \
    {                                                                                              \
        .name = #name_, .kind = FIELD_TEXT, .required = true, .example = example_,                 \
        .offset = offsetof(struct type_, name_)                                                    \
    }
#define LIST(type_, name_, count_, form_, example_)                                                \
    {                                                                                              \
        .name = #name_, .kind = FIELD_LIST, .required = true, .example = example_,                 \
        .offset = offsetof(struct type_, name_), .count_offset = offsetof(struct type_, count_),   \
        .form = form_                                                                              \
    }

static const struct field choice_fields[] = {
    TEXT(quiz_choice, text, "\"The child gets 0\""),
    TEXT(quiz_choice, why, "\"`fork` returns twice: 0 in the child.\""),
    {.name = "right", .kind = FIELD_IGNORED},
    {0},
};
static const struct form choice_form = {
    .fields = choice_fields,
    .size = sizeof(struct quiz_choice),
    .keeps_whole = true,
    .whole_offset = offsetof(struct quiz_choice, whole),
};

static const struct field question_fields[] = {
    TEXT(quiz_question, id, "\"fork-returns\""),
    TEXT(quiz_question, ask, "\"What does `fork` return in the child?\""),
    LIST(quiz_question, choices, choice_count, &choice_form,
         "[{\"text\": \"0\", \"right\": true, \"why\": \"...\"}, {\"text\": ...}]"),
    {0},
};
static const struct form question_form = {question_fields, sizeof(struct quiz_question), 0, 0, 0};

static const struct field quiz_fields[] = {
    {.name = "$schema", .kind = FIELD_IGNORED},
    TEXT(quiz, title, "\"Did it stick?\""),
    LIST(quiz, questions, question_count, &question_form,
         "[{\"id\": ..., \"ask\": ..., \"choices\": [...]}]"),
    {0},
};
static const struct form quiz_form = {quiz_fields, sizeof(struct quiz), 0, 0, 0};

struct loaded { /* what a quiz hands out, and what that is borrowed from */
    struct quiz quiz;
    json_t *root;
    struct reading reading;
};

static void judge_choices(struct reading *reading, const struct quiz_question *question,
                          const struct place *place) {
    struct place choices = {place, "choices", 0};
    struct quiz_choice *list = (struct quiz_choice *)question->choices;
    size_t rights = 0;
    for (size_t i = 0; i < question->choice_count; i++) {
        const json_t *right = json_object_get(list[i].whole, "right");
        struct place choice = {&choices, NULL, i}, member = {&choice, "right", 0};
        if (right && !json_is_boolean(right))
            reading_fault(reading, &member, "must be true, or not be there at all");
        list[i].right = json_is_true(right);
        rights += list[i].right;
    }
    if (question->choice_count && rights != 1)
        reading_fault(
            reading, &choices,
            "%zu choices are right; exactly one must be: write \"right\": true in that one",
            rights);
    if (question->choice_count == 1 || question->choice_count > QUIZ_CHOICES_MAX)
        reading_fault(reading, &choices, "there must be 2 to %d choices, not %zu", QUIZ_CHOICES_MAX,
                      question->choice_count);
}

static void judge_questions(struct reading *reading, const struct quiz *quiz) {
    struct place root = {0}, questions = {&root, "questions", 0};
    for (size_t i = 0; i < quiz->question_count; i++) {
        struct place question = {&questions, NULL, i}, member = {&question, "id", 0};
        const char *id = quiz->questions[i].id;
        judge_choices(reading, &quiz->questions[i], &question);
        for (size_t other = 0; id && other < i; other++)
            if (quiz->questions[other].id && !strcmp(quiz->questions[other].id, id))
                reading_fault(reading, &member, "\"%s\" is question %zu as well; choose another",
                              id, other + 1);
    }
}

static void read_quiz(struct loaded *loaded, const char *text, size_t length) {
    struct reading *reading = &loaded->reading;
    json_error_t error;
    struct place place = {0};
    loaded->root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (!loaded->root)
        reading_fault_file(reading, "line %d, column %d: %s", error.line, error.column, error.text);
    else if (!json_is_object(loaded->root))
        reading_fault(reading, &place, "must be an object: {\"title\": ..., \"questions\": [...]}");
    else
        form_read(reading, &quiz_form, loaded->root, &place, &loaded->quiz);
    if (!reading->fault_count)
        judge_questions(reading, &loaded->quiz);
}

struct quiz *quiz_load(const char *path, struct err *err) {
    struct buf text = {0};
    if (file_read(path, &text, FILE_MAX, err) < 0) {
        buf_release(&text);
        return NULL;
    }
    struct loaded *loaded = xcalloc(1, sizeof *loaded);
    loaded->reading.file = path;
    loaded->reading.text = text.data ? text.data : "";
    read_quiz(loaded, loaded->reading.text, text.length);
    int code = reading_tell(&loaded->reading, err);
    loaded->reading.text = loaded->reading.file = NULL;
    buf_release(&text);
    if (!code)
        return &loaded->quiz;
    quiz_free(&loaded->quiz);
    return NULL;
}

void quiz_free(struct quiz *quiz) {
    if (!quiz)
        return;
    struct loaded *loaded = (struct loaded *)quiz; /* its first member */
    reading_release(&loaded->reading);
    json_decref(loaded->root);
    free(loaded);
}

size_t quiz_right_choice(const struct quiz_question *question) {
    size_t i = 0;
    while (i + 1 < question->choice_count && !question->choices[i].right)
        i++;
    return i;
}

/* --- a round --- */

struct quiz_round {
    const struct quiz *quiz;
    size_t at;
    int *answers; /* a choice for each question, -1: none yet */
};

struct quiz_round *quiz_round_new(const struct quiz *quiz) {
    struct quiz_round *round = xcalloc(1, sizeof *round);
    *round = (struct quiz_round){.quiz = quiz};
    round->answers = xcalloc(quiz->question_count, sizeof *round->answers);
    for (size_t i = 0; i < quiz->question_count; i++)
        round->answers[i] = -1;
    return round;
}

void quiz_round_free(struct quiz_round *round) {
    if (round)
        free(round->answers);
    free(round);
}

size_t quiz_round_at(const struct quiz_round *round) { return round->at; }

bool quiz_round_is_over(const struct quiz_round *round) {
    return round->at >= round->quiz->question_count;
}

const struct quiz_question *quiz_round_question(const struct quiz_round *round) {
    return quiz_round_is_over(round) ? NULL : &round->quiz->questions[round->at];
}

int quiz_round_answer_to(const struct quiz_round *round, size_t question) {
    return question < round->quiz->question_count ? round->answers[question] : -1;
}

static bool is_right(const struct quiz_round *round, size_t question) {
    int answer = round->answers[question];
    return answer >= 0 && round->quiz->questions[question].choices[answer].right;
}

size_t quiz_round_right(const struct quiz_round *round) {
    size_t right = 0;
    for (size_t i = 0; i < round->quiz->question_count; i++)
        right += is_right(round, i);
    return right;
}

bool quiz_round_answer(struct quiz_round *round, size_t choice) {
    const struct quiz_question *question = quiz_round_question(round);
    if (!question || choice >= question->choice_count)
        return false;
    if (round->answers[round->at] < 0)
        round->answers[round->at] = (int)choice;
    return is_right(round, round->at);
}

void quiz_round_next(struct quiz_round *round) {
    if (!quiz_round_is_over(round) && round->answers[round->at] >= 0)
        round->at++;
}
