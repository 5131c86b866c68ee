/* Quizzes: their files, and a round through one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/course.h"
#include "model/folder.h"
#include "model/quiz.h"
#include "tests/harness/cases.h"

static const char fixture[] = "lab/tests/fixtures/course/01-why/quiz.json";

static struct quiz *load(const char *path) {
    struct err err = {0};
    struct quiz *quiz = quiz_load(path, &err);
    if (!quiz)
        fail_msg("%s", err.text);
    return quiz;
}

static void a_quiz_has_its_questions_in_order(void **state) {
    (void)state;
    struct quiz *quiz = load(case_source(fixture));
    assert_string_equal("What stuck", quiz->title);
    assert_int_equal(2, quiz->question_count);
    assert_string_equal("prints", quiz->questions[0].id);
    assert_int_equal(3, quiz->questions[0].choice_count);
    assert_int_equal(1, quiz_right_choice(&quiz->questions[0]));
    assert_int_equal(0, quiz_right_choice(&quiz->questions[1]));
    quiz_free(quiz);
}

static void every_quiz_of_this_tree_loads(void **state) {
    (void)state;
    struct err err = {0};
    struct course *course = course_load(case_source("lessons"), &err);
    if (!course)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < course->step_count; i++)
        if (course->steps[i].kind == STEP_QUIZ)
            quiz_free(load(course->steps[i].file));
    course_free(course);
}

static void a_mistake_is_told_with_file_place_and_remedy(void **state) {
    (void)state;
    static const struct {
        const char *text, *words[3];
    } mistakes[] = {
        {"{\n\"title\": }", {"quiz.json", "line 2"}},
        {"{\"questions\": []}", {"lacks \"title\"", "/questions", "at least one"}},
        {"{\"title\": \"t\", \"questions\": [\n{\"id\": \"a\", \"ask\": \"?\", \"choices\": [\n"
         "{\"text\": \"x\", \"why\": \"y\"}, {\"text\": \"x\", \"why\": \"y\"}]}]}",
         {"/questions/0/choices", "0 choices are right", "quiz.json:2"}},
        {"{\"title\": \"t\", \"questions\": [{\"id\": \"a\", \"ask\": \"?\", \"choices\": ["
         "{\"text\": \"x\", \"why\": \"y\", \"right\": true}]}]}",
         {"/questions/0/choices", "2 to 6 choices"}},
        {"{\"title\": \"t\", \"questions\": [{\"id\": \"a\", \"ask\": \"?\", \"choices\": ["
         "{\"text\": \"x\", \"wy\": \"y\", \"right\": 1}]}]}",
         {"did you mean \"why\"", "lacks \"why\""}},
        {"{\"title\": \"t\", \"questions\": [{\"id\": \"a\", \"ask\": \"?\", \"choices\": ["
         "{\"text\": \"x\", \"why\": \"y\", \"right\": 1}, {\"text\": \"x\", \"why\": \"y\"}]}]}",
         {"/questions/0/choices/0/right", "must be true"}},
        {"[]", {"must be an object"}},
    };
    char path[512];
    snprintf(path, sizeof path, "%s/quiz.json", getenv("TMPDIR"));
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct err err = {0};
        assert_int_equal(
            0, folder_write_whole(path, mistakes[i].text, strlen(mistakes[i].text), NULL));
        assert_null(quiz_load(path, &err));
        for (size_t w = 0; w < 3 && mistakes[i].words[w]; w++)
            if (!strstr(err.text, mistakes[i].words[w]))
                fail_msg("no \"%s\" in: %s", mistakes[i].words[w], err.text);
    }
}

static void a_round_takes_one_answer_to_each_question(void **state) {
    (void)state;
    struct quiz *quiz = load(case_source(fixture));
    struct quiz_round *round = quiz_round_new(quiz);
    quiz_round_next(round); /* not answered yet */
    assert_int_equal(0, quiz_round_at(round));
    assert_false(quiz_round_answer(round, 7)); /* no such choice */
    assert_int_equal(-1, quiz_round_answer_to(round, 0));
    assert_false(quiz_round_answer(round, 0));
    assert_false(quiz_round_answer(round, 1)); /* too late */
    assert_int_equal(0, quiz_round_answer_to(round, 0));
    quiz_round_next(round);
    assert_true(quiz_round_answer(round, 0));
    assert_int_equal(1, quiz_round_right(round));
    assert_false(quiz_round_is_over(round));
    quiz_round_next(round);
    assert_true(quiz_round_is_over(round));
    assert_null(quiz_round_question(round));
    assert_false(quiz_round_answer(round, 0));
    quiz_round_next(round);
    quiz_round_free(round);
    quiz_free(quiz);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(a_quiz_has_its_questions_in_order),
    cmocka_unit_test(every_quiz_of_this_tree_loads),
    cmocka_unit_test(a_mistake_is_told_with_file_place_and_remedy),
    cmocka_unit_test(a_round_takes_one_answer_to_each_question),
};
CASES_MAIN(cases)
