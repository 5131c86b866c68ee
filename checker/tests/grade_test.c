/* The grader itself, with checks made up for it: what an expression may give, needs, looks on the way, mistakes of
 * an author, and the words of the prelude. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "exercise/exercise.h"
#include "grade/convert.h"
#include "grade/grade.h"
#include "grade/lines.h"
#include "tests/harness/cases.h"
#include "tests/harness/story.h"

static const char *const nothing[] = {NULL};
static const char *const needs_first[] = {"first", NULL};
static const char *const needs_second[] = {"second", NULL};

enum { MOST_CHECKS = 4 };

static struct exercise exercise_of(const struct check *checks, size_t count, const char *words) {
    return (struct exercise){.id = "made-up",
                             .title = "Made up",
                             .dir = "/made-up",
                             .cpus = 4,
                             .port = PORT,
                             .words = words,
                             .checks = checks,
                             .check_count = count};
}

static void keep(void *ctx, json_t *event) {
    json_object_set_new(ctx, event_text(event, "id", ""), event);
}

static json_t *judge_checks(const struct check *checks, size_t count, const char *words,
                            const json_t *log) {
    struct exercise exercise = exercise_of(checks, count, words);
    struct err err = {0};
    struct grade *grade = grade_new(&exercise, &err);
    json_t *results = json_object(), *event;
    size_t i;
    if (!grade)
        fail_msg("%s", err.text);
    json_array_foreach(log, i, event) grade_observe(grade, event);
    grade_judge_all(grade, keep, results);
    grade_free(grade);
    return results;
}

static const struct check build = {
    .id = "build", .title = "the program compiles", .needs = nothing};

/* One check's event over a right run. */
static json_t *judge_one(const char *expect, const char *say) {
    struct check checks[] = {build,
                             {.id = "one",
                              .title = "it holds",
                              .points = 100,
                              .needs = nothing,
                              .expect = expect,
                              .say = say,
                              .hint = "look there"}};
    struct story story;
    story_tell(&story, NULL);
    json_t *results = judge_checks(checks, 2, "", story.log);
    json_t *one = json_incref(json_object_get(results, "one"));
    json_decref(results);
    story_release(&story);
    assert_non_null(one);
    return one;
}

static void assert_one(const char *expect, const char *say, const char *status,
                       const char *message) {
    json_t *one = judge_one(expect, say);
    const char *told = event_text(one, "message", "");
    if (strcmp(event_text(one, "status", ""), status) != 0 || (message && !strstr(told, message)))
        fail_msg("%s: %s, wanted %s; %s", expect, event_text(one, "status", ""), status, told);
    struct err err = {0};
    if (event_validate(one, &err))
        fail_msg("%s", err.text);
    json_decref(one);
}

/* --- what an expression may give -------------------------------------------------------------------- */

static void true_passes_and_false_fails(void **state) {
    (void)state;
    assert_one("true", NULL, "passed", NULL);
    assert_one("pass", NULL, "passed", NULL);
    assert_one("false", NULL, "failed", "this does not hold: it holds");
    assert_one("1 == 2 # a comment", "there are \\(workers | length) workers", "failed",
               "there are 5 workers");
    assert_one("fail(\"it is so\")", NULL, "failed", "it is so");
    assert_one("skip(\"it cannot be\")", NULL, "skipped", "not judged: it cannot be");
}

static void a_failure_carries_what_was_expected_and_seen(void **state) {
    (void)state;
    json_t *one = judge_one("fail(\"no\"; {a: 1}; [2.5]; [7, 3, null, 7])", NULL);
    char *text = json_dumps(one, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(
        "{\"actual\":[2.5],\"events\":[3,7],\"expected\":{\"a\":1},\"final\":true,"
        "\"hint\":\"look there\",\"id\":\"one\",\"max_score\":100.0,\"message\":\"no\","
        "\"score\":0.0,\"status\":\"failed\",\"title\":\"it holds\",\"type\":\"check\"}",
        text);
    free(text);
    json_decref(one);
}

static void what_breaks_is_the_authors_fault(void **state) {
    (void)state;
    assert_one("error(\"gone wrong\")", NULL, "error", "this check is broken: gone wrong");
    assert_one("error({a: 1})", NULL, "error", "{\"a\":1}");
    assert_one("workers | .pid", NULL, "error", "Cannot index array");
    assert_one("empty", NULL, "error", "must give one value, gave 0");
    assert_one("true, false", NULL, "error", "must give one value, gave 2");
    assert_one("workers | length", NULL, "error", "it gave 5");
    assert_one("{ok: 1}", NULL, "error", "it gave");
    assert_one("events(\"answers\")", NULL, "error", "there are no events of type \"answers\"");
    assert_one("false", "\\(workers | .pid)", "error", "Cannot index array");
}

/* --- needs -------------------------------------------------------------------------------------------- */

static const char *status_of(const json_t *results, const char *id) {
    return event_text(json_object_get(results, id), "status", "missing");
}

static void assert_chain(const char *first, const char *wanted_first, const char *wanted_rest,
                         const char *words) {
    struct check checks[] = {
        build,
        {.id = "third", .title = "3", .points = 30, .needs = needs_second, .expect = "true"},
        {.id = "second", .title = "2", .points = 30, .needs = needs_first, .expect = "true"},
        {.id = "first", .title = "1", .points = 40, .needs = nothing, .expect = first},
    };
    struct story story;
    story_tell(&story, NULL);
    json_t *results = judge_checks(checks, 4, "", story.log);
    assert_string_equal("passed", status_of(results, "build"));
    assert_string_equal(wanted_first, status_of(results, "first"));
    assert_string_equal(wanted_rest, status_of(results, "second"));
    assert_string_equal(wanted_rest, status_of(results, "third"));
    assert_string_equal(words, event_text(json_object_get(results, "third"), "message", ""));
    json_decref(results);
    story_release(&story);
}

static void a_check_whose_need_has_not_passed_is_skipped(void **state) {
    (void)state;
    assert_chain("true", "passed", "passed", "");
    assert_chain("false", "failed", "skipped",
                 "not judged: it needs the check first, which failed");
    assert_chain("skip(\"x\")", "skipped", "skipped",
                 "not judged: it needs the check first, which could not be judged");
    assert_chain("error(\"x\")", "error", "skipped",
                 "not judged: it needs the check first, which broke");
}

/* --- runs that are none ---------------------------------------------------------------------------------- */

static json_t *judge_ending(bool built, const char *outcome) {
    struct check checks[] = {
        build, {.id = "one", .title = "1", .points = 100, .needs = nothing, .expect = "true"}};
    struct story story = {.log = json_array()};
    story_add(&story, event_new(EVENT_BUILT, "{s:b, s:i}", "ok", (int)built, "ms", 1));
    story_end(&story, outcome);
    json_t *results = judge_checks(checks, 2, "", story.log);
    story_release(&story);
    return results;
}

static void what_did_not_compile_is_not_judged(void **state) {
    (void)state;
    json_t *results = judge_ending(false, "build_failed");
    assert_string_equal("skipped", status_of(results, "one"));
    assert_string_equal("not judged: it did not compile",
                        event_text(json_object_get(results, "one"), "message", ""));
    json_decref(results);
}

static void our_fault_and_a_stop_are_no_verdict(void **state) {
    (void)state;
    static const char *const outcomes[] = {"error", "stopped"};
    for (int i = 0; i < 2; i++) {
        json_t *results = judge_ending(true, outcomes[i]);
        assert_int_equal(0, json_object_size(results));
        json_decref(results);
    }
}

/* --- looks on the way -------------------------------------------------------------------------------------- */

static void a_step_judges_its_own_checks_and_no_other(void **state) {
    (void)state;
    struct check checks[] = {
        build,
        {.id = "early",
         .title = "1",
         .points = 50,
         .needs = nothing,
         .after = "up",
         .expect = "final | not"},
        {.id = "late", .title = "2", .points = 50, .needs = nothing, .expect = "final"},
    };
    struct exercise exercise = exercise_of(checks, 3, "");
    struct err err = {0};
    struct story story;
    struct grade *grade = grade_new(&exercise, &err);
    json_t *results = json_object(), *event;
    size_t i;
    story_tell(&story, NULL);
    json_array_foreach(story.log, i, event) grade_observe(grade, event);
    grade_judge(grade, "hired", keep, results);
    assert_int_equal(0, json_object_size(results));
    grade_judge(grade, "up", keep, results);
    assert_int_equal(2, json_object_size(results)); /* build, the first time */
    assert_string_equal("passed", status_of(results, "early"));
    assert_false(event_bool(json_object_get(results, "early"), "final"));
    grade_judge_all(grade, keep, results);
    assert_string_equal("failed", status_of(results, "early"));
    assert_string_equal("passed", status_of(results, "late"));
    json_decref(results);
    grade_free(grade);
    story_release(&story);
}

static void the_same_log_gives_the_same_verdict(void **state) {
    (void)state;
    json_t *first = judge_one("workers | map(.pid) | tojson | fail(.; .)", NULL);
    json_t *second = judge_one("workers | map(.pid) | tojson | fail(.; .)", NULL);
    assert_true(json_equal(first, second));
    json_decref(first);
    json_decref(second);
}

/* --- mistakes of an author ------------------------------------------------------------------------------------ */

static void assert_refused(const char *first, const char *second, const char *words,
                           const char *told) {
    struct check checks[] = {
        build,
        {.id = "good", .title = "1", .points = 50, .needs = nothing, .expect = first},
        {.id = "other", .title = "2", .points = 50, .needs = nothing, .expect = second}};
    struct exercise exercise = exercise_of(checks, 3, words);
    struct err err = {0};
    assert_null(grade_new(&exercise, &err));
    if (!strstr(err.text, told))
        fail_msg("wanted \"%s\", got \"%s\"", told, err.text);
}

static void jq_that_does_not_compile_names_its_place(void **state) {
    (void)state;
    assert_refused(
        "true", "wrokers | length", "",
        "/made-up/exercise.json: /checks/1: \"expect\" or \"say\" of check other is not jq: "
        "wrokers/0 is not defined");
    assert_refused("(true", "true", "",
                   "/checks/0: \"expect\" or \"say\" of check good is not jq: syntax error");
    assert_refused("true", "mine == 1", "def other: 1;\n\ndef mine: theirs;\n",
                   "/made-up/checks.jq:3: theirs/0 is not defined");
    assert_refused("true", "true", "def broken: (1;\n", "/made-up/checks.jq:1: syntax error");
}

/* --- words ------------------------------------------------------------------------------------------------------ */

static void assert_word(const char *expression, const char *wanted) {
    char expect[512];
    snprintf(expect, sizeof expect, "[%s] | tojson | fail(.)", expression);
    json_t *one = judge_one(expect, NULL);
    if (strcmp(event_text(one, "message", ""), wanted) != 0)
        fail_msg("%s gave %s, wanted %s", expression, event_text(one, "message", ""), wanted);
    json_decref(one);
}

static void the_words_say_what_happened(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"master, cpus, port, final", "[10,4,8000,true]"},
        {"workers[].pid", "[11,12,13,14,15]"},
        {"children[].pid", "[11,12,13,14,15]"},
        {"process(11) | .pid, .parent, .kind, .worker, died, .exit.signal",
         "[11,10,\"fork\",11,true,\"SIGKILL\"]"},
        {"process(99)", "[null]"},
        {"worker_of(10), worker_of(12)", "[null,12]"},
        {"[workers[] | select(alive_at(11e9))] | length", "[4]"},
        {"exits[].pid", "[11]"},
        {"reports(\"count\") | length", "[12]"},
        {"reports(\"none\") | length", "[0]"},
        {"answers | length", "[226]"},
        {"answers[0] | .worker, .step", "[11,\"first-load\"]"},
        {"requests | length", "[226]"},
        {"unanswered", "[[]]"},
        {"lines(10) | length", "[12]"},
        {"lines(11)", "[[]]"},
        {"lines[0] | .pid, .bare, .ended", "[10,\"Statsfromworker11:{pid:11,count:16}\",true]"},
        {"listens[0].port", "[8000]"},
        {"signals[0].signal", "[\"SIGKILL\"]"},
        {"outcome", "[\"completed\"]"},
        {"step(\"kill\").met, step(\"none\")", "[true,null]"},
        {"now_ns | seconds", "[\"16.40 s\"]"},
        {"-1234567 | seconds", "[\"-0.00 s\"]"},
        {"[1, 2, 3] | enumerated", "[\"1, 2 and 3\"]"},
        {"[] | enumerated", "[\"none\"]"},
        {"[range(12)] | enumerated", "[\"0, 1, 2, 3, 4, 5, 6 and 5 more\"]"},
        {"(1, 2) | count_of(\"process\"; \"processes\")", "[\"1 process\",\"2 processes\"]"},
        {"\"abcdef\" | shortened(3)", "[\"abc...\"]"},
        {"first_fault(pass, {ok: false, n: 1}, {ok: false, n: 2}).n", "[1]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_word(rows[i][0], rows[i][1]);
}

/* --- what ends with the run, and what is no evidence --------------------------------------------------------------- */

static void what_ends_because_the_run_does_is_not_judged(void **state) {
    (void)state;
    struct check checks[] = {build,
                             {.id = "one",
                              .title = "1",
                              .points = 100,
                              .needs = nothing,
                              .expect = "[exits[].pid] == [11] and (events(\"check\") == [])"}};
    struct story story;
    story_tell(&story, NULL);
    story_add(&story, event_new(EVENT_EXIT, "{s:i, s:s, s:b}", "pid", 12, "signal", "SIGKILL",
                                "at_end", 1));
    story_add(&story, event_new(EVENT_CHECK, "{s:s, s:s, s:s, s:b}", "id", "one", "title", "1",
                                "status", "failed", "final", 0));
    json_t *results = judge_checks(checks, 2, "", story.log);
    assert_string_equal("passed", status_of(results, "one"));
    json_decref(results);
    story_release(&story);
}

static void values_survive_the_way_to_jq_and_back(void **state) {
    (void)state;
    static const char text[] =
        "[null,true,false,0,-7,1.5,9007199254740992,\"\\u00e9\\n\\u0001\",{\"a\":[],\"b\":{}}]";
    json_t *value = json_loads(text, 0, NULL), *back = json_from_jv(jv_from_json(value));
    assert_true(json_equal(value, back));
    json_decref(back);
    back = json_from_jv(jv_number(NAN));
    assert_true(json_is_null(back));
    json_decref(back);
    json_decref(value);
}

static void a_bare_line_lacks_blanks_quotes_and_colours(void **state) {
    (void)state;
    static const char text[] = "\033[1;32mS t\ta'\"ts\033[0m:\033(B {`12`}\r\033[";
    struct buf bare = {0};
    append_bare(&bare, text, sizeof text - 1);
    assert_string_equal("Stats:B{12}", bare.data);
    buf_release(&bare);
}

static void a_long_log_is_judged_quickly(void **state) {
    (void)state;
    struct check checks[] = {build,
                             {.id = "one",
                              .title = "1",
                              .points = 100,
                              .needs = nothing,
                              .expect = "(answers | length) == 5226"}};
    struct story story;
    story_tell(&story, NULL);
    for (int i = 0; i < 5000; i++) {
        story_serve(&story, 12 + i % 4, true);
        story_birth(&story, 1000 + i, i % 2 ? 12 : MASTER);
    }
    struct exercise exercise = exercise_of(checks, 2, "");
    struct err err = {0};
    struct grade *grade = grade_new(&exercise, &err);
    json_t *results = json_object(), *event;
    size_t i;
    json_array_foreach(story.log, i, event) grade_observe(grade, event);
    int64_t began_ns = clock_now_ns();
    grade_judge_all(grade, keep, results);
    int64_t took_ns = clock_now_ns() - began_ns;
    assert_string_equal("passed", status_of(results, "one"));
    if (took_ns > 3 * NS_PER_S) /* a tenth of it on an idle machine; quadratic would be minutes */
        fail_msg("%lld ms", (long long)(took_ns / NS_PER_MS));
    json_decref(results);
    grade_free(grade);
    story_release(&story);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(true_passes_and_false_fails),
    cmocka_unit_test(a_failure_carries_what_was_expected_and_seen),
    cmocka_unit_test(what_breaks_is_the_authors_fault),
    cmocka_unit_test(a_check_whose_need_has_not_passed_is_skipped),
    cmocka_unit_test(what_did_not_compile_is_not_judged),
    cmocka_unit_test(our_fault_and_a_stop_are_no_verdict),
    cmocka_unit_test(a_step_judges_its_own_checks_and_no_other),
    cmocka_unit_test(the_same_log_gives_the_same_verdict),
    cmocka_unit_test(jq_that_does_not_compile_names_its_place),
    cmocka_unit_test(the_words_say_what_happened),
    cmocka_unit_test(what_ends_because_the_run_does_is_not_judged),
    cmocka_unit_test(values_survive_the_way_to_jq_and_back),
    cmocka_unit_test(a_bare_line_lacks_blanks_quotes_and_colours),
    cmocka_unit_test(a_long_log_is_judged_quickly),
};
CASES_MAIN(cases)
