/* The checks of `stats` over logs made by hand: right runs of all kinds pass every check, and a server that does not
 * serve as it should fails on the check that is for it, with the figures in its message, and on no other. */
#include "tests/harness/story_judge.h"

/* --- right runs of other kinds ---------------------------------------------------------------------- */

static json_t *compact_line(struct story *story, json_t *event) {
    char text[128];
    int pid, count;
    (void)story;
    if (is_line(event, 0) &&
        sscanf(event_text(event, "text", ""), "Stats from worker %d: { pid: %*d, count: %d }", &pid,
               &count) == 2) {
        snprintf(text, sizeof text,
                 "Stats from worker %d: \033[1m{\"count\":%d, \"pid\":%d,\"cpu\":1}\033[0m\n", pid,
                 count, pid);
        set_text(event, "text", text);
    }
    return event;
}

static json_t *line_in_pieces(struct story *story, json_t *event) {
    if (!is_line(event, 0))
        return event;
    for (const char *at = event_text(event, "text", ""); *at; at++)
        story_add(story, set_text(copy(event), "text", (char[]){*at, '\0'}));
    return drop(event);
}

/* A helper process, and a first process that only starts the master. */
static json_t *with_launcher(struct story *story, json_t *event) {
    if (story_is(event, EVENT_FORK) && story_pid(event) == MASTER) {
        json_t *launcher = copy(event);
        story_add(story, set_int(launcher, "pid", 2));
        set_text(set_int(set_int(event, "parent", 2), "by", 2), "kind", "fork");
    } else if (story_is(event, EVENT_FORK) && story_pid(event) == FIRST_WORKER) {
        story_add(story, set_int(copy(event), "pid", 30)); /* never heard of again */
    }
    return event;
}

/* Each worker has a child that answers for it. */
static json_t *through_children(struct story *story, json_t *event) {
    int pid = story_pid(event);
    if (story_is(event, EVENT_FORK) && pid > MASTER) {
        story_add(story, copy(event));
        return set_int(set_int(set_int(event, "pid", pid + 20), "parent", pid), "by", pid);
    }
    if (story_is(event, EVENT_ACCEPT) || story_is(event, EVENT_TAKEN) ||
        story_is(event, EVENT_REPLY))
        return set_int(event, "pid", pid + 20);
    if (story_is(event, EVENT_ANSWER)) {
        json_object_set_new(event, "pids", json_pack("[i]", pid + 20));
        return set_int(event, "pid", pid + 20);
    }
    return event;
}

static json_t *counts_on_the_brink(struct story *story, json_t *event) {
    if (story_is(event, EVENT_ANSWER) && story->at_s > 15.33) /* the newcomer's, at its report */
        return event;
    if (story_is(event, EVENT_MESSAGE) && story_pid(event) == 0 && story->at_s < 9) {
        /* one request was being answered when the report was written */
        int pid = (int)event_int(event, "from", 0), since = story_seq(story);
        story_serve(story, pid, true);
        set_int(event, "since", since);
    }
    return event;
}

static json_t *one_at_the_start(struct story *story, json_t *event) {
    if (story_is(event, EVENT_FORK) && story_pid(event) > MASTER) {
        int pid = story_pid(event);
        story_add(story, event);
        story_report(story, pid);
        return NULL;
    }
    return event;
}

static json_t *lost_with_the_killed(struct story *story, json_t *event) {
    if (story_is(event, EVENT_EXIT)) {
        int request = ++story->requests, connection = ++story->connections;
        story_add(story, event_new(EVENT_REQUEST, "{s:i, s:i, s:s, s:s, s:s}", "request", request,
                                   "connection", connection, "method", "GET", "target", "/", "step",
                                   "second-load"));
        story_add(story, event);
        story_add(story, event_new(EVENT_UNANSWERED, "{s:i, s:i, s:i, s:s, s:f, s:b}", "request",
                                   request, "connection", connection, "pid", FIRST_WORKER, "why",
                                   "reset", "ms", 1.0, "killed", 1));
        return NULL;
    }
    return event;
}

/* The master sees the channel close, and forks, a moment before the worker is dead. */
static json_t *replaced_before_it_is_dead(struct story *story, json_t *event) {
    if (story_is(event, EVENT_SIGNAL))
        story_birth(story, NEWCOMER, MASTER);
    if (story_is(event, EVENT_FORK) && story_pid(event) == NEWCOMER && story->at_s > 10.3005)
        return drop(event);
    return event;
}

/* At the death the master runs a command, and only then hires. */
static json_t *with_a_command_at_the_death(struct story *story, json_t *event) {
    if (story_is(event, EVENT_FORK) && story_pid(event) == NEWCOMER) {
        story_add(story, set_int(copy(event), "pid", 40));
        story_add(story, event_new(EVENT_EXIT, "{s:i, s:i}", "pid", 40, "code", 0));
        story_add(story,
                  event_new(EVENT_REAP, "{s:i, s:i, s:s}", "pid", 40, "by", MASTER, "how", "wait"));
    }
    return event;
}

/* A person at the keyboard sends a load of their own, and one worker is quick enough for all of it. */
static json_t *with_a_load_by_hand(struct story *story, json_t *event) {
    if (story_is(event, EVENT_STEP) && strcmp(story->step, "between") == 0 &&
        strcmp(event_text(event, "state", ""), "end") == 0) {
        story_add(story, event);
        story->step = "by-hand";
        for (int i = 0; i < 40; i++)
            story_serve(story, 12, true);
        return NULL;
    }
    return event;
}

STORY(a_right_run_passes, NULL, "", "", NULL)
STORY(a_line_may_be_compact_coloured_and_tell_more, compact_line, "", "", NULL)
STORY(a_line_may_come_byte_by_byte, line_in_pieces, "", "", NULL)
STORY(a_launcher_and_a_helper_are_no_matter, with_launcher, "", "", NULL)
STORY(what_a_workers_children_do_is_the_workers_doing, through_children, "", "", NULL)
STORY(a_request_answered_at_that_moment_may_be_missing, counts_on_the_brink, "", "", NULL)
STORY(one_report_at_the_start_is_allowed, one_at_the_start, "", "", NULL)
STORY(a_request_lost_with_a_killed_worker_counts_nowhere, lost_with_the_killed, "", "", NULL)
STORY(a_replacement_may_come_before_the_death_is_known, replaced_before_it_is_dead, "", "", NULL)
STORY(a_command_run_at_a_death_is_no_replacement, with_a_command_at_the_death, "", "", NULL)
STORY(one_worker_may_serve_a_load_by_hand, with_a_load_by_hand, "", "", NULL)

/* --- workers ---------------------------------------------------------------------------------------- */

static json_t *one_more(struct story *story, json_t *event) {
    if (story_is(event, EVENT_STEP) && strcmp(event_text(event, "step", ""), "hired") == 0)
        story_birth(story, 20, MASTER);
    if (story_is(event, EVENT_STEP) && strcmp(event_text(event, "step", ""), "keep-alive") == 0 &&
        strcmp(event_text(event, "state", ""), "end") == 0)
        story_serve(story, 20, true);
    if (story_is(event, EVENT_OUTPUT) && strstr(event_text(event, "text", ""), "worker 14:")) {
        story_add(story, event);
        story_report(story, 20);
        return NULL;
    }
    return event;
}

static json_t *six_cpus(struct story *story, json_t *event) {
    (void)story;
    return story_is(event, EVENT_RUN) ? set_int(event, "cpus", 6) : event;
}

STORY(a_worker_too_many, one_more, "workers", "",
      "5 workers were alive at once: 11, 12, 13, 14 and 20")
STORY(workers_too_few, six_cpus, "workers", "", "Only 4 child processes of the master (10)")

/* --- serves ------------------------------------------------------------------------------------------ */

static json_t *names_the_master(struct story *story, json_t *event) {
    (void)story;
    return story_is(event, EVENT_ANSWER) ? set_text(event, "body", "Handled by worker 10\n")
                                         : event;
}

static json_t *no_newline_in_body(struct story *story, json_t *event) {
    (void)story;
    return story_is(event, EVENT_ANSWER) && story_pid(event) == 12
               ? set_text(event, "body", "Handled by worker 12")
               : event;
}

static json_t *not_found(struct story *story, json_t *event) {
    (void)story;
    return story_is(event, EVENT_ANSWER) && event_int(event, "request", 0) == 66
               ? set_int(event, "status", 404)
               : event;
}

static json_t *never_answered(struct story *story, json_t *event) {
    if (!story_is(event, EVENT_ANSWER) || event_int(event, "request", 0) != 66)
        return event;
    story->counts[story_pid(event)]--;
    story_add(story, event_new(EVENT_UNANSWERED, "{s:i, s:i, s:i, s:s, s:f, s:b, s:s}", "request",
                               66, "connection", 1066, "pid", 12, "why", "closed", "ms", 1.0,
                               "killed", 0, "detail", "the connection was closed"));
    return drop(event);
}

STORY(a_body_that_names_the_parent, names_the_master, "serves", "", "That is the PID of its parent")
STORY(a_body_without_newline, no_newline_in_body, "serves", "", "It lacks the newline")
STORY(a_status_that_is_not_200, not_found, "serves", "", "with status 404")
STORY(a_request_without_answer, never_answered, "serves", "", "Request 66")

/* --- shares ------------------------------------------------------------------------------------------ */

static json_t *all_to_one(struct story *story, json_t *event) {
    static const char *const loads[] = {"first-load", "second-load"};
    int pid = story_pid(event);
    (void)story;
    if (pid <= MASTER || !story->step)
        return event;
    for (int i = 0; i < 2; i++)
        if (strcmp(story->step, loads[i]) == 0 && story_is(event, EVENT_ANSWER)) {
            if (pid != FIRST_WORKER) {
                story->counts[pid]--;
                story->counts[FIRST_WORKER]++;
            }
            set_text(event, "body", "Handled by worker 11\n");
            return set_int(event, "pid", FIRST_WORKER);
        }
    return event;
}

static json_t *by_the_master(struct story *story, json_t *event) {
    if (!story_is(event, EVENT_ANSWER) || event_int(event, "request", 0) != 66)
        return event;
    story->counts[story_pid(event)]--;
    set_text(event, "body", "Handled by worker 10\n");
    return set_int(event, "pid", MASTER);
}

STORY(all_answered_by_one_worker, all_to_one, "shares", "",
      "came from worker 11, while the others (12, 13, 14")
STORY(an_answer_by_the_master, by_the_master, "shares", "", "1 request was answered by 10")

/* --- while it goes on ---------------------------------------------------------------------------------- */

static void fail_if_not_passed(void *ctx, json_t *event) {
    const char *status = event_text(event, "status", "");
    *(int *)ctx += 1;
    if (strcmp(status, "passed") != 0)
        fail_msg("%s is %s at an early look: %s", event_text(event, "id", ""), status,
                 event_text(event, "message", ""));
    assert_false(event_bool(event, "final"));
    json_decref(event);
}

static void an_early_look_fails_nothing_that_needs_more_time(void **state) {
    (void)state;
    struct story story;
    struct exercise *exercise;
    struct grade *grade = grade_stats(&exercise);
    story_tell(&story, NULL);
    size_t i;
    int judged = 0;
    json_t *event;
    json_array_foreach(story.log, i, event) {
        grade_observe(grade, event);
        if (story_is(event, EVENT_STEP) && strcmp(event_text(event, "state", ""), "end") == 0)
            grade_judge(grade, event_text(event, "step", ""), fail_if_not_passed, &judged);
    }
    assert_int_equal(11, judged);
    grade_free(grade);
    exercise_free(exercise);
    story_release(&story);
}

static void a_program_that_never_served_is_told_why(void **state) {
    (void)state;
    struct story story = {.log = json_array()};
    story_begin(&story);
    json_array_clear(story.log);
    story_add(&story, event_new(EVENT_BUILT, "{s:b, s:i}", "ok", 1, "ms", 3));
    story_birth(&story, MASTER, 0);
    story_add(&story, event_new(EVENT_STEP, "{s:s, s:s, s:s, s:b, s:s}", "step", "up", "do", "wait",
                                "state", "end", "met", 0, "why", "nobody listens on port 8000"));
    story_end(&story, "completed");
    json_t *checks = judge(story.log);
    assert_string_equal("failed", status_of(checks, "serves"));
    assert_non_null(strstr(message_of(checks, "serves"), "nobody listens on port 8000"));
    assert_string_equal("skipped", status_of(checks, "reaped"));
    json_decref(checks);
    story_release(&story);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(a_right_run_passes),
    cmocka_unit_test(a_line_may_be_compact_coloured_and_tell_more),
    cmocka_unit_test(a_line_may_come_byte_by_byte),
    cmocka_unit_test(a_launcher_and_a_helper_are_no_matter),
    cmocka_unit_test(what_a_workers_children_do_is_the_workers_doing),
    cmocka_unit_test(a_request_answered_at_that_moment_may_be_missing),
    cmocka_unit_test(one_report_at_the_start_is_allowed),
    cmocka_unit_test(a_request_lost_with_a_killed_worker_counts_nowhere),
    cmocka_unit_test(a_replacement_may_come_before_the_death_is_known),
    cmocka_unit_test(a_command_run_at_a_death_is_no_replacement),
    cmocka_unit_test(one_worker_may_serve_a_load_by_hand),
    cmocka_unit_test(a_worker_too_many),
    cmocka_unit_test(workers_too_few),
    cmocka_unit_test(a_body_that_names_the_parent),
    cmocka_unit_test(a_body_without_newline),
    cmocka_unit_test(a_status_that_is_not_200),
    cmocka_unit_test(a_request_without_answer),
    cmocka_unit_test(all_answered_by_one_worker),
    cmocka_unit_test(an_answer_by_the_master),
    cmocka_unit_test(an_early_look_fails_nothing_that_needs_more_time),
    cmocka_unit_test(a_program_that_never_served_is_told_why),
};
CASES_MAIN(cases)
