/* The model of a run: what events make of it. */
#include "model/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fd.h"
#include "proto/reader.h"
#include "tests/harness/cases.h"

static struct arena arena;

static void observe(struct run *run, const json_t *event) {
    struct record record;
    record_make(event, &record, &arena);
    run_apply(run, &record, NULL);
}

static void feed_json(struct run *run, const char *text) {
    json_t *event = json_loads(text, 0, NULL);
    assert_non_null(event);
    observe(run, event);
    json_decref(event);
}

static void on_value(void *ctx, json_t *value, const char *error) {
    if (value)
        observe(ctx, value);
    else
        run_nonsense(ctx, error);
}

static struct run *run_of_log(const char *name) {
    char path[128];
    struct buf text = {0};
    struct run *run = run_new();
    struct reader reader = {.fn = on_value, .ctx = run};
    snprintf(path, sizeof path, "lab/tests/fixtures/%s.ndjson", name);
    assert_int_equal(0, file_read(case_source(path), &text, 1 << 24, NULL));
    reader_feed(&reader, text.data, text.length);
    reader_end(&reader);
    reader_release(&reader);
    buf_release(&text);
    return run;
}

static const struct process *process(const struct run *run, int pid) {
    const struct process *found = processes_find(&run->processes, pid);
    assert_non_null(found);
    return found;
}

static void a_whole_run_is_counted_as_traced(void **state) {
    (void)state;
    struct run *run = run_of_log("stats-failed");
    assert_int_equal(RUN_JUDGED, run->phase);
    assert_string_equal("failed", run->verdict);
    assert_int_equal(6, run->processes.count);
    assert_int_equal(34, process(run, 11)->answered);
    assert_int_equal(22, process(run, 12)->answered);
    assert_int_equal(19, process(run, 12)->reported);
    assert_int_equal(20, process(run, 12)->answered_then);
    assert_false(process(run, 15)->has_reported);
    assert_int_equal(11, run->check_count);
    assert_int_equal(9, run_checks_with(run, CHECK_PASSED));
    assert_int_equal(2, run_checks_with(run, CHECK_FAILED));
    run_free(run);
    arena_release(&arena);
}

static void a_killed_worker_and_who_took_its_place_know_each_other(void **state) {
    (void)state;
    struct run *run = run_of_log("stats-failed");
    assert_int_equal(15, process(run, 13)->replaced_by);
    assert_int_equal(13, process(run, 15)->replaces);
    assert_int_equal(PROCESS_KILLED, process(run, 13)->end);
    assert_true(process(run, 13)->by_lab);
    assert_true(process(run, 13)->reaped);
    run_free(run);
    arena_release(&arena);
}

static void words_tell_what_a_process_does(void **state) {
    (void)state;
    char words[160];
    struct run *run = run_new();
    feed_json(run, "{\"type\":\"fork\",\"pid\":10,\"parent\":null,\"by\":null,\"kind\":\"start\"}");
    process_words(process(run, 10), true, words, sizeof words);
    assert_string_equal("runs", words);
    feed_json(
        run,
        "{\"type\":\"state\",\"pid\":10,\"state\":\"waiting\",\"in\":\"poll\",\"on\":\"a pipe\"}");
    process_words(process(run, 10), true, words, sizeof words);
    assert_string_equal("waits in poll: a pipe", words);
    process_words(process(run, 10), false, words, sizeof words);
    assert_string_equal("waits in poll", words);
    feed_json(run, "{\"type\":\"taken\",\"pid\":10,\"request\":1,\"connection\":1}");
    process_words(process(run, 10), true, words, sizeof words);
    assert_string_equal("answering", words);
    feed_json(run, "{\"type\":\"fork\",\"pid\":11,\"parent\":10,\"by\":10,\"kind\":\"fork\"}");
    feed_json(run, "{\"type\":\"exit\",\"t_ns\":2500000000,\"pid\":11,\"code\":1}");
    process_words(process(run, 11), true, words, sizeof words);
    assert_string_equal("ended with code 1 at 2.5 s: a zombie, not waited for", words);
    feed_json(run, "{\"type\":\"reap\",\"pid\":11,\"by\":10,\"how\":\"wait\"}");
    process_words(process(run, 11), true, words, sizeof words);
    assert_string_equal("ended with code 1 at 2.5 s", words);
    process_words(process(run, 11), false, words, sizeof words);
    assert_string_equal("code 1 at 2.5 s", words);
    run_free(run);
    arena_release(&arena);
}

static void a_report_is_held_against_what_was_traced(void **state) {
    (void)state;
    struct run *run = run_of_log("stats-failed");
    assert_true(process_misreported(process(run, 12)));
    assert_false(process_misreported(process(run, 11)));
    assert_false(process_misreported(process(run, 15))); /* none yet */
    run_free(run);
    run = run_new();
    feed_json(run, "{\"type\":\"fork\",\"pid\":2,\"parent\":null,\"kind\":\"start\"}");
    feed_json(run, "{\"type\":\"taken\",\"pid\":2,\"request\":1,\"connection\":1}");
    feed_json(run, "{\"type\":\"message\",\"from\":2,\"to\":1,\"value\":{\"count\":1}}");
    assert_false(process_misreported(process(run, 2))); /* it is answering just now */
    feed_json(run, "{\"type\":\"message\",\"from\":2,\"to\":1,\"value\":{\"count\":2}}");
    assert_true(process_misreported(process(run, 2)));
    run_free(run);
    arena_release(&arena);
}

static void the_tree_has_parents_first_and_children_by_birth(void **state) {
    (void)state;
    struct run *run = run_new();
    static const int births[][2] = {{10, 0}, {11, 10}, {12, 10}, {13, 11}, {14, 10}};
    for (size_t i = 0; i < 5; i++) {
        char text[96];
        snprintf(text, sizeof text,
                 "{\"type\":\"fork\",\"pid\":%d,\"parent\":%d,\"kind\":\"fork\"}", births[i][0],
                 births[i][1]);
        feed_json(run, text);
    }
    struct process_row rows[8];
    assert_int_equal(5, processes_tree(&run->processes, rows, 8));
    static const int wanted[] = {10, 11, 13, 12, 14};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(wanted[i], rows[i].process->pid);
    assert_int_equal(2, rows[2].depth);
    assert_true(rows[4].last);
    assert_false(rows[1].last);
    assert_int_equal(ROLE_MASTER, process_role(&run->processes, rows[0].process));
    assert_int_equal(2, rows[2].bars); /* 12 and 14 are below it, beside its parent */
    assert_int_equal(0, rows[1].bars);
    assert_int_equal(0, rows[4].bars);
    assert_int_equal(ROLE_CHILD, process_role(&run->processes, rows[1].process));
    feed_json(run, "{\"type\":\"listen\",\"pid\":10,\"port\":8000}");
    assert_int_equal(ROLE_WORKER, process_role(&run->processes, rows[1].process));
    assert_int_equal(ROLE_CHILD, process_role(&run->processes, rows[2].process));
    run_free(run);
    arena_release(&arena);
}

static void the_shell_of_the_cases_is_none_of_the_program_s(void **state) {
    (void)state;
    struct run *run = run_new();
    struct process_row rows[8];
    feed_json(run, "{\"type\":\"fork\",\"pid\":2,\"parent\":null,\"kind\":\"start\",\"role\":\"cases\"}");
    feed_json(run, "{\"type\":\"exec\",\"pid\":2,\"path\":\"/bin/sh\",\"argv\":[\"/bin/sh\"]}");
    feed_json(run, "{\"type\":\"fork\",\"pid\":3,\"parent\":2,\"kind\":\"vfork\",\"case\":\"small\"}");
    feed_json(run, "{\"type\":\"exit\",\"pid\":3,\"code\":0}");
    feed_json(run, "{\"type\":\"reap\",\"pid\":3,\"by\":2,\"how\":\"wait\"}");
    feed_json(run, "{\"type\":\"fork\",\"pid\":4,\"parent\":2,\"kind\":\"vfork\",\"case\":\"big\"}");
    feed_json(run, "{\"type\":\"fork\",\"pid\":5,\"parent\":4,\"kind\":\"fork\"}");
    feed_json(run, "{\"type\":\"exit\",\"pid\":2,\"code\":0}");
    assert_int_equal(3, processes_tree(&run->processes, rows, 8));
    assert_int_equal(3, rows[0].process->pid);
    assert_int_equal(ROLE_PROGRAM, process_role(&run->processes, rows[0].process));
    assert_false(process_is_zombie(rows[0].process));
    assert_int_equal(0, rows[1].depth);
    assert_int_equal(5, rows[2].process->pid);
    assert_int_equal(ROLE_CHILD, process_role(&run->processes, rows[2].process));
    run_free(run);
    arena_release(&arena);
}

static void of_very_many_processes_the_longest_dead_are_forgotten(void **state) {
    (void)state;
    struct run *run = run_new();
    char text[128];
    feed_json(run, "{\"type\":\"fork\",\"pid\":1,\"parent\":null,\"kind\":\"start\"}");
    for (int pid = 2; pid < 2000; pid++) {
        snprintf(text, sizeof text, "{\"type\":\"fork\",\"pid\":%d,\"parent\":1,\"kind\":\"fork\"}",
                 pid);
        feed_json(run, text);
        snprintf(text, sizeof text, "{\"type\":\"exit\",\"t_ns\":%d,\"pid\":%d,\"code\":0}", pid,
                 pid);
        if (pid > 2)
            feed_json(run, text);
    }
    assert_int_equal(PROCESSES_MAX, run->processes.count);
    assert_non_null(processes_find(&run->processes, 1));
    assert_non_null(processes_find(&run->processes, 2)); /* lives */
    assert_null(processes_find(&run->processes, 3));
    assert_non_null(processes_find(&run->processes, 1999));
    run_free(run);
    arena_release(&arena);
}

static void a_provisional_check_may_change_and_a_final_one_not(void **state) {
    (void)state;
    struct run *run = run_new();
    run_expect_check(run, "truth", "Counts are true", 10);
    feed_json(run, "{\"type\":\"check\",\"id\":\"truth\",\"title\":\"T\",\"status\":\"failed\","
                   "\"final\":false}");
    assert_int_equal(CHECK_FAILED, run->checks[0].status);
    feed_json(run, "{\"type\":\"check\",\"id\":\"truth\",\"title\":\"T\",\"status\":\"passed\","
                   "\"final\":true}");
    feed_json(run, "{\"type\":\"check\",\"id\":\"truth\",\"title\":\"T\",\"status\":\"failed\","
                   "\"final\":false}");
    assert_int_equal(CHECK_PASSED, run->checks[0].status);
    assert_int_equal(1, run->check_count);
    run_free(run);
    arena_release(&arena);
}

static void events_of_wrong_kinds_do_no_harm(void **state) {
    (void)state;
    static const char *const odd[] = {
        "{}",
        "{\"type\":7}",
        "{\"type\":\"fork\"}",
        "{\"type\":\"exit\",\"pid\":\"x\"}",
        "{\"type\":\"message\",\"from\":1}",
        "{\"type\":\"message\",\"value\":null}",
        "{\"type\":\"verdict\",\"result\":3}",
        "{\"type\":\"verdict\"}",
        "{\"type\":\"run\",\"checks\":[1,null,{},{\"id\":3},\"named\"]}",
        "{\"type\":\"check\"}",
        "{\"type\":\"output\"}",
        "{\"type\":\"adopt\",\"pid\":0,\"to\":0}",
        "{\"type\":\"fork\",\"pid\":5,\"parent\":5}",
        "{\"type\":\"built\"}",
    };
    struct run *run = run_new();
    struct process_row rows[16];
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        feed_json(run, odd[i]);
    processes_tree(&run->processes, rows, 16);
    run_free(run);
    arena_release(&arena);
}

static void a_crash_and_what_was_left_stand_among_the_problems(void **state) {
    (void)state;
    struct run *run = run_new();
    feed_json(
        run,
        "{\"type\":\"crash\",\"seq\":1,\"t_ns\":1,\"pid\":12,\"signal\":\"SIGSEGV\",\"found\":true,"
        "\"what\":\"it reads through a null "
        "pointer\",\"function\":\"work\",\"file\":\"app.c\",\"line\":41}");
    feed_json(run, "{\"type\":\"crash\",\"seq\":2,\"t_ns\":1,\"pid\":13,\"signal\":\"SIGABRT\","
                   "\"found\":false,"
                   "\"why\":\"it did not fail again\"}");
    feed_json(run, "{\"type\":\"left\",\"seq\":3,\"t_ns\":1,\"what\":\"zombie\",\"pid\":14,"
                   "\"text\":\"14, forked by 10 at 0.000 s, is a zombie\"}");
    assert_int_equal(3, run->diagnostic_count);
    assert_string_equal("zombie", run->diagnostics[2].severity);
    assert_string_equal("14, forked by 10 at 0.000 s, is a zombie", run->diagnostics[2].text);
    assert_int_equal(0, run->errors);
    assert_string_equal("app.c", run->diagnostics[0].file);
    assert_int_equal(41, run->diagnostics[0].line);
    assert_string_equal("process 12 died of SIGSEGV in work: it reads through a null pointer",
                        run->diagnostics[0].text);
    assert_string_equal("process 13 died of SIGABRT: it did not fail again",
                        run->diagnostics[1].text);
    run_free(run);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(a_crash_and_what_was_left_stand_among_the_problems),
    cmocka_unit_test(a_whole_run_is_counted_as_traced),
    cmocka_unit_test(a_killed_worker_and_who_took_its_place_know_each_other),
    cmocka_unit_test(words_tell_what_a_process_does),
    cmocka_unit_test(a_report_is_held_against_what_was_traced),
    cmocka_unit_test(the_tree_has_parents_first_and_children_by_birth),
    cmocka_unit_test(the_shell_of_the_cases_is_none_of_the_program_s),
    cmocka_unit_test(of_very_many_processes_the_longest_dead_are_forgotten),
    cmocka_unit_test(a_provisional_check_may_change_and_a_final_one_not),
    cmocka_unit_test(events_of_wrong_kinds_do_no_harm),
};
CASES_MAIN(cases)
