/* The checks of `stats` that are about reports, deaths and delays, over logs made by hand. */
#include "tests/harness/story_judge.h"

/* --- reports ----------------------------------------------------------------------------------------- */

static json_t *count_as_text(struct story *story, json_t *event) {
    (void)story;
    if (story_is(event, EVENT_MESSAGE))
        set_text(value_of(event), "count", "16");
    if (is_line(event, 0))
        set_text(event, "text", "Stats from worker 11: { pid: 11, count: '16' }\n");
    return event;
}

static json_t *pid_of_the_master(struct story *story, json_t *event) {
    (void)story;
    if (story_is(event, EVENT_MESSAGE))
        set_int(value_of(event), "pid", MASTER);
    if (is_line(event, 0)) {
        char text[96];
        const char *count = strstr(event_text(event, "text", ""), "count");
        snprintf(text, sizeof text, "Stats from worker %d: { pid: %d, %s", MASTER, MASTER, count);
        set_text(event, "text", text);
    }
    return event;
}

static bool is_about(const json_t *event, int pid) {
    return (story_is(event, EVENT_MESSAGE) && event_int(event, "from", 0) == pid) ||
           is_line(event, pid);
}

static json_t *one_is_silent(struct story *story, json_t *event) {
    (void)story;
    return is_about(event, 14) ? drop(event) : event;
}

static json_t *silent_when_idle(struct story *story, json_t *event) {
    bool second = story->at_s > 9 && story->at_s < 10.05;
    return second && (is_about(event, 13) || is_about(event, 14)) ? drop(event) : event;
}

static json_t *without_newline(struct story *story, json_t *event) {
    (void)story;
    if (story_is(event, EVENT_MESSAGE))
        json_object_set_new(event, "complete", json_false());
    return is_line(event, 0) ? drop(event) : event;
}

static json_t *wrong_member(struct story *story, json_t *event) {
    (void)story;
    if (story_is(event, EVENT_MESSAGE)) {
        json_object_set(value_of(event), "requests", json_object_get(value_of(event), "count"));
        json_object_del(value_of(event), "count");
    }
    return event;
}

static json_t *to_itself(struct story *story, json_t *event) {
    (void)story;
    if (story_is(event, EVENT_RECEIVED))
        return drop(event);
    if (story_is(event, EVENT_MESSAGE))
        set_int(event, "to", event_int(event, "from", 0) == 12 ? 13 : 12);
    return is_line(event, 0) ? drop(event) : event;
}

STORY(a_count_that_is_a_string, count_as_text, "reports log", "interval truth",
      "a count that is a string")
STORY(a_report_with_the_masters_pid, pid_of_the_master, "reports", "interval",
      "carries the PID 10, which is the master's")
STORY(a_worker_that_never_reports, one_is_silent, "reports", "interval",
      "Worker 14 sent no report in 16.")
STORY(workers_that_are_silent_when_idle, silent_when_idle, "reports", "interval",
      "Worker 13 had nothing to answer from 5.0")
STORY(messages_without_newline, without_newline, "reports", "interval truth log",
      "no newline after it")
STORY(messages_without_count, wrong_member, "reports log", "interval truth", "no member \"count\"")
STORY(messages_to_another_worker, to_itself, "reports", "interval truth log",
      "sent the master nothing")

/* --- interval ---------------------------------------------------------------------------------------- */

static json_t *one_late(struct story *story, json_t *event) {
    (void)story;
    if (story_is(event, EVENT_MESSAGE) && event_int(event, "from", 0) == 13 && story->at_s > 14)
        story->at_s += 0.4;
    return event;
}

static json_t *two_missing(struct story *story, json_t *event) {
    return story->at_s > 9 && story->at_s < 15.2 &&
                   (story_is(event, EVENT_MESSAGE) || is_line(event, 0))
               ? drop(event)
               : event;
}

static json_t *early(struct story *story, json_t *event) {
    if (story_is(event, EVENT_MESSAGE) && story->at_s > 4.9 && story->at_s < 5.2)
        story->at_s = 4.2;
    return event;
}

STORY(a_report_that_is_late, one_late, "interval", "", "Worker 13 reported at 10.01 s and at 15.4")
STORY(no_reports_after_the_first, two_missing, "interval", "",
      "reported once, at 5.01 s, and then no more until")
STORY(a_first_report_that_is_early, early, "interval", "", "sent its first report at 4.20 s")

/* --- truth ------------------------------------------------------------------------------------------- */

static json_t *set_count(struct story *story, json_t *event, int count) {
    char line[96];
    int number = ++story->messages, pid = (int)event_int(event, "from", 0);
    (void)number;
    set_int(value_of(event), "count", count);
    story_add(story, event);
    story_add(story, event_new(EVENT_RECEIVED, "{s:i, s:i, s:i, s:i}", "message",
                               (int)event_int(event, "message", 0), "channel", 1, "pid", MASTER,
                               "parts", 1));
    snprintf(line, sizeof line, "Stats from worker %d: { pid: %d, count: %d }\n", pid, pid, count);
    story_add(story, event_new(EVENT_OUTPUT, "{s:i, s:s, s:s, s:i}", "pid", MASTER, "stream",
                               "stdout", "text", line, "bytes", 40));
    return NULL;
}

static json_t *one_too_few(struct story *story, json_t *event) {
    if (is_line(event, 13) && story->at_s > 9 && story->at_s < 11)
        return drop(event);
    if (story_is(event, EVENT_MESSAGE) && event_int(event, "from", 0) == 13 && story->at_s > 9 &&
        story->at_s < 11)
        return set_count(story, event, 15);
    return event;
}

static json_t *twice(struct story *story, json_t *event) {
    if (is_line(event, 0))
        return drop(event);
    if (story_is(event, EVENT_MESSAGE)) {
        int pid = (int)event_int(event, "from", 0);
        return set_count(story, event, story->counts[pid] * (pid == NEWCOMER ? 1 : 2));
    }
    return event;
}

static json_t *since_last(struct story *story, json_t *event) {
    if (is_line(event, 0))
        return drop(event);
    if (story_is(event, EVENT_MESSAGE)) {
        int pid = (int)event_int(event, "from", 0), count = story->counts[pid];
        bool first = story->at_s < 9 || pid == NEWCOMER;
        return set_count(story, event, first ? count : story->at_s < 14 ? count - 16 : count - 17);
    }
    return event;
}

STORY(a_count_that_lacks_one, one_too_few, "truth", "", "Worker 13 reported 15 requests at 10.0")
STORY(each_counted_twice, twice, "truth", "", "Each was counted twice")
STORY(counts_since_the_last_report, since_last, "truth", "",
      "what it has answered since its report at 5.0")

/* --- log --------------------------------------------------------------------------------------------- */

static json_t *no_lines(struct story *story, json_t *event) {
    (void)story;
    return is_line(event, 0) ? drop(event) : event;
}

static json_t *by_the_worker(struct story *story, json_t *event) {
    int pid;
    (void)story;
    if (is_line(event, 0) &&
        sscanf(event_text(event, "text", ""), "Stats from worker %d", &pid) == 1)
        set_int(event, "pid", pid);
    return event;
}

static json_t *line_twice(struct story *story, json_t *event) {
    if (is_line(event, 12))
        story_add(story, copy(event));
    return event;
}

static json_t *lines_at_the_end(struct story *story, json_t *event) {
    static json_t *kept;
    if (!kept)
        kept = json_array();
    if (is_line(event, 0)) {
        json_array_append_new(kept, event);
        return NULL;
    }
    if (story_is(event, EVENT_END)) {
        size_t i;
        json_t *line;
        json_array_foreach(kept, i, line) story_add(story, copy(line));
        json_decref(kept);
        kept = NULL;
    }
    return event;
}

static json_t *a_line_of_nothing(struct story *story, json_t *event) {
    if (story_is(event, EVENT_STEP) && strcmp(event_text(event, "step", ""), "between") == 0 &&
        strcmp(event_text(event, "state", ""), "begin") == 0)
        story_line(story, MASTER, "Stats from worker 13: { pid: 13, count: 99 }\n");
    return event;
}

static json_t *object_object(struct story *story, json_t *event) {
    (void)story;
    return is_line(event, 0) ? set_text(event, "text", "Stats from worker 12: [object Object]\n")
                             : event;
}

STORY(a_report_without_line, no_lines, "log", "",
      "printed no line for the report of worker 11 (5.01 s")
STORY(a_line_by_the_worker, by_the_worker, "log", "", "Process 11 printed")
STORY(a_line_twice, line_twice, "log", "", "more than once")
STORY(lines_that_come_late, lines_at_the_end, "log", "", "came only at 16.40 s")
STORY(a_line_without_report, a_line_of_nothing, "log", "", "no worker had sent it such a report")
STORY(a_line_without_figures, object_object, "log", "", "[object Object]")

/* --- replaced, reaped, responsive ---------------------------------------------------------------------- */

static json_t *never_replaced(struct story *story, json_t *event) {
    int pid = story_pid(event);
    (void)story;
    if (pid == NEWCOMER || is_about(event, NEWCOMER))
        return drop(event);
    return event;
}

static json_t *dies_at_birth(struct story *story, json_t *event) {
    bool born = story_is(event, EVENT_FORK) && story_pid(event) == NEWCOMER;
    if (!born)
        return never_replaced(story, event);
    story_add(story, event);
    story_add(story, event_new(EVENT_EXIT, "{s:i, s:s}", "pid", NEWCOMER, "signal", "SIGSEGV"));
    return NULL;
}

static json_t *replaced_late(struct story *story, json_t *event) {
    if (story_is(event, EVENT_FORK) && story_pid(event) == NEWCOMER)
        story->at_s += 1.5;
    if (story_is(event, EVENT_MESSAGE) && event_int(event, "from", 0) == NEWCOMER)
        story->at_s += 1.5;
    return event;
}

static json_t *inherits_the_count(struct story *story, json_t *event) {
    if (is_line(event, NEWCOMER))
        return drop(event);
    if (story_is(event, EVENT_MESSAGE) && event_int(event, "from", 0) == NEWCOMER)
        return set_count(story, event, story->counts[NEWCOMER] + 17);
    return event;
}

static json_t *zombie(struct story *story, json_t *event) {
    (void)story;
    return story_is(event, EVENT_REAP) ? drop(event) : event;
}

static json_t *nobody_dies(struct story *story, json_t *event) {
    (void)story;
    if (story_is(event, EVENT_EXIT) || story_is(event, EVENT_REAP) ||
        story_pid(event) == NEWCOMER || is_about(event, NEWCOMER))
        return drop(event);
    if (is_about(event, FIRST_WORKER))
        return event;
    return event;
}

static json_t *slow(struct story *story, json_t *event) {
    if (story_is(event, EVENT_REPLY) && story->requests == 66)
        story->at_s += 2;
    return event;
}

/* The driver itself was kept from reading: the answer lay there, told late. */
static json_t *told_late(struct story *story, json_t *event) {
    if (story_is(event, EVENT_ANSWER) && story->requests == 66) {
        story->at_s += 2;
        json_object_set_new(event, "ms", json_real(2002));
    }
    return event;
}

STORY(a_dead_worker_without_replacement, never_replaced, "replaced", "",
      "Worker 11 died of SIGKILL at 10.30 s, and no new worker")
STORY(a_replacement_that_dies_at_birth, dies_at_birth, "replaced", "",
      "Process 15 took the place of 11 at 10.30 s, but died of SIGSEGV")
STORY(a_replacement_that_comes_late, replaced_late, "replaced", "",
      "was started only at 11.80 s, 1.50 s later")
STORY(a_replacement_that_goes_on_counting, inherits_the_count, "replaced truth", "",
      "first reported the count")
STORY(a_zombie, zombie, "reaped", "", "still a zombie at 16.40 s")
STORY(an_answer_that_waits, slow, "responsive", "", "Worker 12 left request 66")
STORY(an_answer_that_is_only_told_late, told_late, "", "", NULL)

static void where_nobody_died_nothing_is_said_of_deaths(void **state) {
    (void)state;
    struct story story;
    story_tell(&story, nobody_dies);
    json_t *checks = judge(story.log);
    assert_string_equal("skipped", status_of(checks, "replaced"));
    assert_string_equal("skipped", status_of(checks, "reaped"));
    json_decref(checks);
    story_release(&story);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(a_count_that_is_a_string),
    cmocka_unit_test(a_report_with_the_masters_pid),
    cmocka_unit_test(a_worker_that_never_reports),
    cmocka_unit_test(workers_that_are_silent_when_idle),
    cmocka_unit_test(messages_without_newline),
    cmocka_unit_test(messages_without_count),
    cmocka_unit_test(messages_to_another_worker),
    cmocka_unit_test(a_report_that_is_late),
    cmocka_unit_test(no_reports_after_the_first),
    cmocka_unit_test(a_first_report_that_is_early),
    cmocka_unit_test(a_count_that_lacks_one),
    cmocka_unit_test(each_counted_twice),
    cmocka_unit_test(counts_since_the_last_report),
    cmocka_unit_test(a_report_without_line),
    cmocka_unit_test(a_line_by_the_worker),
    cmocka_unit_test(a_line_twice),
    cmocka_unit_test(lines_that_come_late),
    cmocka_unit_test(a_line_without_report),
    cmocka_unit_test(a_line_without_figures),
    cmocka_unit_test(a_dead_worker_without_replacement),
    cmocka_unit_test(a_replacement_that_dies_at_birth),
    cmocka_unit_test(a_replacement_that_comes_late),
    cmocka_unit_test(a_replacement_that_goes_on_counting),
    cmocka_unit_test(a_zombie),
    cmocka_unit_test(an_answer_that_waits),
    cmocka_unit_test(an_answer_that_is_only_told_late),
    cmocka_unit_test(where_nobody_died_nothing_is_said_of_deaths),
};
CASES_MAIN(cases)
