/* What the events of a run come to: verdict, outcome, score, every check's status. */
#include "proto/result.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "proto/event.h"
#include "proto/reader.h"
#include "tests/harness/cases.h"

#define RUN                                                                                        \
    "{\"type\":\"run\",\"v\":1,\"exercise\":\"stats\",\"title\":\"Try it\",\"language\":\"c\","    \
    "\"clock\":\"real\",\"cpus\":4,\"box\":\"full\",\"version\":\"0\",\"checks\":["                \
    "{\"id\":\"workers\",\"title\":\"One worker a CPU\",\"max_score\":30},"                        \
    "{\"id\":\"serves\",\"title\":\"Answers\",\"max_score\":70,\"hint\":\"Look at accept.\"}]}\n"
#define BUILT "{\"type\":\"built\",\"ok\":true,\"ms\":210}\n"
#define FORK "{\"type\":\"fork\",\"pid\":10,\"parent\":null,\"by\":null,\"kind\":\"start\"}\n"
#define CHECK(id, status, final)                                                                   \
    "{\"type\":\"check\",\"id\":\"" id "\",\"title\":\"" id "\",\"status\":\"" status              \
    "\",\"message\":\"why " id "\",\"final\":" final "}\n"
#define END(outcome)                                                                               \
    "{\"type\":\"end\",\"outcome\":\"" outcome                                                     \
    "\",\"detail\":\"the detail\",\"wall_ms\":120,\"virtual_ms\":16000,\"processes\":5}\n"

static void observe(void *ctx, json_t *event, const char *error) {
    struct err err = {0};
    if (!event)
        fail_msg("the test's own events are wrong: %s", error);
    if (event_validate(event, &err))
        fail_msg("the test's own events are wrong: %s", err.text);
    result_builder_observe(ctx, event);
}

static json_t *result_of(const char *lines) {
    struct result_builder *builder = result_builder_new();
    struct reader reader = {.fn = observe, .ctx = builder};
    reader_feed(&reader, lines, strlen(lines));
    reader_end(&reader);
    reader_release(&reader);
    return result_builder_finish(builder);
}

static json_t *check_of(const json_t *result, const char *id) {
    size_t i;
    json_t *check;
    json_array_foreach(json_object_get(result, "checks"), i, check) {
        if (strcmp(event_text(check, "id", ""), id) == 0)
            return check;
    }
    fail_msg("no check %s in the result", id);
    return NULL;
}

static void assert_text(const json_t *object, const char *name, const char *wanted) {
    assert_string_equal(event_text(object, name, "(absent)"), wanted);
}

static void assert_number(const json_t *object, const char *name, double wanted) {
    const json_t *value = json_object_get(object, name);
    assert_true(json_is_number(value));
    assert_true(json_number_value(value) == wanted);
}

static void all_checks_passed_is_a_pass(void **state) {
    (void)state;
    json_t *result = result_of(RUN BUILT FORK CHECK("workers", "passed", "true")
                                   CHECK("serves", "passed", "true") END("completed"));
    assert_text(result, "verdict", "passed");
    assert_text(result, "outcome", "completed");
    assert_number(result, "score", 100);
    assert_number(result, "max_score", 100);
    assert_number(result, "wall_ms", 120);
    assert_number(result, "virtual_ms", 16000);
    assert_number(result, "processes", 5);
    assert_text(check_of(result, "build"), "status", "passed");
    assert_text(check_of(result, "serves"), "hint", "Look at accept.");
    assert_true(json_is_null(json_object_get(result, "error")));
    assert_int_equal(result_exit_code(result), EXIT_PASSED);
    json_decref(result);
}

static void a_failed_or_skipped_check_is_no_pass(void **state) {
    (void)state;
    static const char *const statuses[] = {
        RUN BUILT CHECK("workers", "passed", "true") CHECK("serves", "failed", "true")
            END("completed"),
        RUN BUILT CHECK("workers", "passed", "true") CHECK("serves", "skipped", "true")
            END("completed"),
        RUN BUILT CHECK("workers", "passed", "true") END("completed"),
    };
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        json_t *result = result_of(statuses[i]);
        assert_text(result, "verdict", "failed");
        assert_number(result, "score", 30);
        assert_int_equal(result_exit_code(result), EXIT_NOT_PASSED);
        json_decref(result);
    }
}

static void the_final_word_on_a_check_wins(void **state) {
    (void)state;
    json_t *result =
        result_of(RUN BUILT CHECK("workers", "passed", "false") CHECK("workers", "failed", "true")
                      CHECK("workers", "passed", "false") CHECK("serves", "failed", "false")
                          CHECK("serves", "passed", "true") END("completed"));
    assert_text(check_of(result, "workers"), "status", "failed");
    assert_text(check_of(result, "serves"), "status", "passed");
    json_decref(result);
}

static void a_check_never_judged_finally_is_skipped(void **state) {
    (void)state;
    json_t *result = result_of(RUN BUILT CHECK("workers", "passed", "false") END("completed"));
    assert_text(result, "verdict", "failed");
    assert_text(check_of(result, "workers"), "status", "skipped");
    assert_text(check_of(result, "workers"), "message", "not judged: the run ended before");
    assert_number(result, "score", 0);
    json_decref(result);
}

static void a_run_that_was_stopped_is_not_graded(void **state) {
    (void)state;
    json_t *result = result_of(RUN BUILT CHECK("workers", "passed", "true")
                                   CHECK("serves", "failed", "true") END("stopped"));
    assert_text(result, "verdict", "error");
    assert_text(result, "outcome", "stopped");
    assert_text(result, "error", "the run was stopped, so nothing is graded");
    assert_text(check_of(result, "build"), "status", "passed");
    assert_text(check_of(result, "workers"), "status", "skipped");
    assert_text(check_of(result, "serves"), "status", "skipped");
    assert_number(result, "score", 0);
    assert_int_equal(result_exit_code(result), EXIT_CANNOT_GRADE);
    json_decref(result);
}

static void a_failed_build_names_the_first_error_and_skips_the_rest(void **state) {
    (void)state;
    json_t *result = result_of(
        RUN "{\"type\":\"diagnostic\",\"severity\":\"warning\",\"file\":\"app.c\",\"line\":3,"
            "\"column\":1,\"text\":\"unused\"}\n"
            "{\"type\":\"diagnostic\",\"severity\":\"error\",\"file\":\"app.c\",\"line\":12,"
            "\"column\":5,\"text\":\"expected ';'\"}\n"
            "{\"type\":\"diagnostic\",\"severity\":\"error\",\"file\":\"b.c\",\"line\":1,"
            "\"column\":1,\"text\":\"later\"}\n"
            "{\"type\":\"built\",\"ok\":false,\"ms\":90}\n" CHECK("workers", "passed", "true")
                END("build_failed"));
    assert_text(result, "verdict", "failed");
    assert_text(result, "outcome", "build_failed");
    assert_text(check_of(result, "build"), "status", "failed");
    assert_text(check_of(result, "build"), "message", "app.c:12: expected ';'");
    assert_text(check_of(result, "workers"), "status", "skipped");
    assert_text(check_of(result, "workers"), "message", "not judged: it did not compile");
    assert_number(result, "score", 0);
    assert_int_equal(json_array_size(json_object_get(result, "diagnostics")), 3);
    assert_int_equal(result_exit_code(result), EXIT_NOT_PASSED);
    json_decref(result);
}

static void a_build_that_fails_without_diagnostics_tells_why(void **state) {
    (void)state;
    json_t *result = result_of(RUN "{\"type\":\"built\",\"ok\":false,\"ms\":10000,"
                                   "\"why\":\"the compiler ran for 10 s\"}\n" END("build_failed"));
    assert_text(check_of(result, "build"), "message", "the compiler ran for 10 s");
    json_decref(result);
    result = result_of(RUN "{\"type\":\"built\",\"ok\":false,\"ms\":1,"
                           "\"output\":\"ld: odd\\nmore\"}\n" END("build_failed"));
    assert_text(check_of(result, "build"), "message", "ld: odd");
    json_decref(result);
}

static void an_early_end_keeps_the_final_checks_and_tells_the_outcome(void **state) {
    (void)state;
    json_t *result = result_of(RUN BUILT CHECK("workers", "passed", "true")
                                   CHECK("serves", "failed", "true") END("crashed"));
    assert_text(result, "verdict", "failed");
    assert_text(result, "outcome", "crashed");
    assert_text(result, "detail", "the detail");
    assert_text(check_of(result, "workers"), "status", "passed");
    assert_number(result, "score", 30);
    json_decref(result);
}

static void a_fault_of_ours_is_no_mark(void **state) {
    (void)state;
    json_t *result = result_of(RUN BUILT CHECK("workers", "passed", "true") CHECK(
        "serves", "passed",
        "true") "{\"type\":\"error\",\"text\":\"no "
                "box\"}\n{\"type\":\"error\",\"text\":\"wake\"}\n" END("error"));
    assert_text(result, "verdict", "error");
    assert_text(result, "error", "no box");
    assert_text(check_of(result, "serves"), "status", "skipped");
    assert_number(result, "score", 0);
    assert_int_equal(result_exit_code(result), EXIT_CANNOT_GRADE);
    json_decref(result);
}

static void events_without_an_end_are_an_error(void **state) {
    (void)state;
    static const char *const cut[] = {"", RUN, RUN BUILT CHECK("workers", "passed", "true")};
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        json_t *result = result_of(cut[i]);
        assert_text(result, "verdict", "error");
        assert_text(result, "outcome", "error");
        assert_text(result, "error", "the run has no end: its events were cut short");
        assert_int_equal(result_exit_code(result), EXIT_CANNOT_GRADE);
        json_decref(result);
    }
}

static void a_check_that_broke_makes_the_whole_run_ungraded(void **state) {
    (void)state;
    json_t *result = result_of(RUN BUILT CHECK("workers", "error", "true")
                                   CHECK("serves", "passed", "true") END("completed"));
    assert_text(result, "verdict", "error");
    assert_text(result, "error", "check workers could not be judged: why workers");
    json_decref(result);
}

static void an_outcome_of_a_newer_checker_is_an_error(void **state) {
    (void)state;
    json_t *result = result_of(RUN BUILT END("evaporated"));
    assert_text(result, "verdict", "error");
    json_decref(result);
}

static void checks_stand_in_the_order_of_the_run_and_unlisted_ones_after(void **state) {
    (void)state;
    static const char *const wanted[] = {"build", "workers", "serves", "extra"};
    json_t *result = result_of(RUN BUILT CHECK("extra", "passed", "true") CHECK(
        "serves", "passed", "true") CHECK("workers", "passed", "true") END("completed"));
    json_t *checks = json_object_get(result, "checks");
    assert_int_equal(json_array_size(checks), 4);
    for (size_t i = 0; i < 4; i++)
        assert_text(json_array_get(checks, i), "id", wanted[i]);
    json_decref(result);
}

static void members_stand_in_one_order_whatever_happened(void **state) {
    (void)state;
    static const char *const runs[] = {"", RUN BUILT END("completed"),
                                       RUN BUILT CHECK("serves", "failed", "true") END("memory")};
    char *orders[3];
    for (size_t i = 0; i < 3; i++) {
        json_t *result = result_of(runs[i]);
        const char *name;
        json_t *value;
        orders[i] = calloc(1, 1024);
        json_object_foreach(result, name, value) strcat(strcat(orders[i], name), " ");
        json_decref(result);
    }
    assert_string_equal(orders[0], orders[1]);
    assert_string_equal(orders[0], orders[2]);
    for (size_t i = 0; i < 3; i++)
        free(orders[i]);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(all_checks_passed_is_a_pass),
    cmocka_unit_test(a_failed_or_skipped_check_is_no_pass),
    cmocka_unit_test(the_final_word_on_a_check_wins),
    cmocka_unit_test(a_check_never_judged_finally_is_skipped),
    cmocka_unit_test(a_run_that_was_stopped_is_not_graded),
    cmocka_unit_test(a_failed_build_names_the_first_error_and_skips_the_rest),
    cmocka_unit_test(a_build_that_fails_without_diagnostics_tells_why),
    cmocka_unit_test(an_early_end_keeps_the_final_checks_and_tells_the_outcome),
    cmocka_unit_test(a_fault_of_ours_is_no_mark),
    cmocka_unit_test(events_without_an_end_are_an_error),
    cmocka_unit_test(a_check_that_broke_makes_the_whole_run_ungraded),
    cmocka_unit_test(an_outcome_of_a_newer_checker_is_an_error),
    cmocka_unit_test(checks_stand_in_the_order_of_the_run_and_unlisted_ones_after),
    cmocka_unit_test(members_stand_in_one_order_whatever_happened),
};

CASES_MAIN(cases)
