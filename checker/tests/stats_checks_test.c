/* The checks of `stats` over logs made by hand: a right run passes them all, and each way to be wrong fails on
 * the check that is for it, with the figures in its message, and on no other. */
#include <stdlib.h>

#include "exercise/exercise.h"
#include "grade/grade.h"
#include "tests/harness/cases.h"
#include "tests/harness/story.h"

/* --- judging -------------------------------------------------------------------------------------- */

static void keep(void *ctx, json_t *event) {
    json_object_set_new(ctx, event_text(event, "id", ""), event);
}

static struct grade *grade_stats(struct exercise **exercise) {
    struct err err = {0};
    *exercise = exercise_load(case_source("exercises/stats"), &err);
    if (!*exercise)
        fail_msg("%s", err.text);
    struct grade *grade = grade_new(*exercise, &err);
    if (!grade)
        fail_msg("%s", err.text);
    return grade;
}

/* The check events by id, as judged at the end. */
static json_t *judge(const json_t *log) {
    struct exercise *exercise;
    struct grade *grade = grade_stats(&exercise);
    json_t *checks = json_object(), *event;
    size_t i;
    json_array_foreach(log, i, event) grade_observe(grade, event);
    grade_judge_all(grade, keep, checks);
    grade_free(grade);
    exercise_free(exercise);
    return checks;
}

static const char *status_of(const json_t *checks, const char *id) {
    return event_text(json_object_get(checks, id), "status", "missing");
}

static const char *message_of(const json_t *checks, const char *id) {
    return event_text(json_object_get(checks, id), "message", "");
}

static bool is_in(const char *word, const char *list) {
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at++)
        if ((at == list || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

/* `failed` and `skipped` are lists of ids; all others must pass. `words` must be in the message of the first
 * that failed (or was skipped). */
static void assert_story(story_tamper *tamper, const char *failed, const char *skipped,
                         const char *words) {
    struct story story;
    story_tell(&story, tamper);
    json_t *checks = judge(story.log), *check;
    const char *id;
    json_object_foreach(checks, id, check) {
        const char *wanted = is_in(id, failed) ? "failed" : is_in(id, skipped) ? "skipped" : "passed";
        if (strcmp(status_of(checks, id), wanted) != 0)
            fail_msg("%s is %s, wanted %s: %s", id, status_of(checks, id), wanted,
                     message_of(checks, id));
    }
    char first[32];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(*failed ? failed : skipped, " "),
             *failed ? failed : skipped);
    if (words && !strstr(message_of(checks, first), words))
        fail_msg("%s lacks \"%s\": %s", first, words, message_of(checks, first));
    if (*failed) {
        assert_true(json_is_string(json_object_get(json_object_get(checks, first), "expected")));
        assert_true(json_is_array(json_object_get(json_object_get(checks, first), "events")));
    }
    json_decref(checks);
    story_release(&story);
}

#define CASE(name, tamper, failed, skipped, words)                                                   \
    static void name(void **state) {                                                                 \
        (void)state;                                                                                 \
        assert_story(tamper, failed, skipped, words);                                                \
    }

/* --- small changes -------------------------------------------------------------------------------- */

static json_t *drop(json_t *event) {
    json_decref(event);
    return NULL;
}

static json_t *set_int(json_t *event, const char *name, json_int_t value) {
    json_object_set_new(event, name, json_integer(value));
    return event;
}

static json_t *set_text(json_t *event, const char *name, const char *value) {
    json_object_set_new(event, name, json_string(value));
    return event;
}

static json_t *value_of(const json_t *event) { return json_object_get(event, "value"); }

static json_t *copy(const json_t *event) { return json_deep_copy(event); }

/* Master's line about `pid`, or any if 0. */
static bool is_line(const json_t *event, int pid) {
    char head[40] = "Stats from worker ";
    if (pid)
        snprintf(head, sizeof head, "Stats from worker %d:", pid);
    return story_is(event, EVENT_OUTPUT) && strncmp(event_text(event, "text", ""), head, strlen(head)) == 0;
}

/* --- right runs of other kinds ---------------------------------------------------------------------- */

static json_t *compact_line(struct story *story, json_t *event) {
    char text[128];
    int pid, count;
    (void)story;
    if (is_line(event, 0) && sscanf(event_text(event, "text", ""),
                                    "Stats from worker %d: { pid: %*d, count: %d }", &pid, &count) == 2) {
        snprintf(text, sizeof text,
                 "Stats from worker %d: \033[1m{\"count\":%d, \"pid\":%d,\"cpu\":1}\033[0m\n", pid, count, pid);
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
    if (story_is(event, EVENT_ACCEPT) || story_is(event, EVENT_TAKEN) || story_is(event, EVENT_REPLY))
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
        story_add(story, event_new(EVENT_UNANSWERED, "{s:i, s:i, s:i, s:s, s:f, s:b}", "request", request,
                                   "connection", connection, "pid", FIRST_WORKER, "why", "reset", "ms",
                                   1.0, "killed", 1));
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
        story_add(story, event_new(EVENT_REAP, "{s:i, s:i, s:s}", "pid", 40, "by", MASTER, "how", "wait"));
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

CASE(a_right_run_passes, NULL, "", "", NULL)
CASE(a_line_may_be_compact_coloured_and_tell_more, compact_line, "", "", NULL)
CASE(a_line_may_come_byte_by_byte, line_in_pieces, "", "", NULL)
CASE(a_launcher_and_a_helper_are_no_matter, with_launcher, "", "", NULL)
CASE(what_a_workers_children_do_is_the_workers_doing, through_children, "", "", NULL)
CASE(a_request_answered_at_that_moment_may_be_missing, counts_on_the_brink, "", "", NULL)
CASE(one_report_at_the_start_is_allowed, one_at_the_start, "", "", NULL)
CASE(a_request_lost_with_a_killed_worker_counts_nowhere, lost_with_the_killed, "", "", NULL)
CASE(a_replacement_may_come_before_the_death_is_known, replaced_before_it_is_dead, "", "", NULL)
CASE(a_command_run_at_a_death_is_no_replacement, with_a_command_at_the_death, "", "", NULL)
CASE(one_worker_may_serve_a_load_by_hand, with_a_load_by_hand, "", "", NULL)

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

CASE(a_worker_too_many, one_more, "workers", "", "5 workers were alive at once: 11, 12, 13, 14 and 20")
CASE(workers_too_few, six_cpus, "workers", "", "Only 4 processes of the master (10)")

/* --- serves ------------------------------------------------------------------------------------------ */

static json_t *names_the_master(struct story *story, json_t *event) {
    (void)story;
    return story_is(event, EVENT_ANSWER) ? set_text(event, "body", "Handled by worker 10\n") : event;
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
    story_add(story, event_new(EVENT_UNANSWERED, "{s:i, s:i, s:i, s:s, s:f, s:b, s:s}", "request", 66,
                               "connection", 1066, "pid", 12, "why", "closed", "ms", 1.0, "killed", 0,
                               "detail", "the connection was closed"));
    return drop(event);
}

CASE(a_body_that_names_the_parent, names_the_master, "serves", "", "That is the PID of its parent")
CASE(a_body_without_newline, no_newline_in_body, "serves", "", "It lacks the newline")
CASE(a_status_that_is_not_200, not_found, "serves", "", "with status 404")
CASE(a_request_without_answer, never_answered, "serves", "", "Request 66")

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

CASE(all_answered_by_one_worker, all_to_one, "shares", "", "came from worker 11, while the others (12, 13, 14")
CASE(an_answer_by_the_master, by_the_master, "shares", "", "1 request was answered by 10")

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
    return (story_is(event, EVENT_MESSAGE) && event_int(event, "from", 0) == pid) || is_line(event, pid);
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

CASE(a_count_that_is_a_string, count_as_text, "reports log", "interval truth", "a count that is a string")
CASE(a_report_with_the_masters_pid, pid_of_the_master, "reports", "interval",
     "carries the PID 10, which is the master's")
CASE(a_worker_that_never_reports, one_is_silent, "reports", "interval", "Worker 14 sent no report in 16.")
CASE(workers_that_are_silent_when_idle, silent_when_idle, "reports", "interval",
     "Worker 13 had nothing to answer from 5.0")
CASE(messages_without_newline, without_newline, "reports", "interval truth log", "no newline after it")
CASE(messages_without_count, wrong_member, "reports log", "interval truth", "no member \"count\"")
CASE(messages_to_another_worker, to_itself, "reports", "interval truth log", "sent the master nothing")

/* --- interval ---------------------------------------------------------------------------------------- */

static json_t *one_late(struct story *story, json_t *event) {
    (void)story;
    if (story_is(event, EVENT_MESSAGE) && event_int(event, "from", 0) == 13 && story->at_s > 14)
        story->at_s += 0.4;
    return event;
}

static json_t *two_missing(struct story *story, json_t *event) {
    return story->at_s > 9 && story->at_s < 15.2 && (story_is(event, EVENT_MESSAGE) || is_line(event, 0))
               ? drop(event)
               : event;
}

static json_t *early(struct story *story, json_t *event) {
    if (story_is(event, EVENT_MESSAGE) && story->at_s > 4.9 && story->at_s < 5.2)
        story->at_s = 4.2;
    return event;
}

CASE(a_report_that_is_late, one_late, "interval", "", "Worker 13 reported at 10.01 s and at 15.4")
CASE(no_reports_after_the_first, two_missing, "interval", "", "reported once, at 5.01 s, and then no more until")
CASE(a_first_report_that_is_early, early, "interval", "", "sent its first report at 4.20 s")

/* --- truth ------------------------------------------------------------------------------------------- */

static json_t *set_count(struct story *story, json_t *event, int count) {
    char line[96];
    int number = ++story->messages, pid = (int)event_int(event, "from", 0);
    (void)number;
    set_int(value_of(event), "count", count);
    story_add(story, event);
    story_add(story, event_new(EVENT_RECEIVED, "{s:i, s:i, s:i, s:i}", "message",
                               (int)event_int(event, "message", 0), "channel", 1, "pid", MASTER, "parts",
                               1));
    snprintf(line, sizeof line, "Stats from worker %d: { pid: %d, count: %d }\n", pid, pid, count);
    story_add(story, event_new(EVENT_OUTPUT, "{s:i, s:s, s:s, s:i}", "pid", MASTER, "stream", "stdout",
                               "text", line, "bytes", 40));
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

CASE(a_count_that_lacks_one, one_too_few, "truth", "",
     "Worker 13 reported 15 requests at 10.0")
CASE(each_counted_twice, twice, "truth", "", "Each was counted twice")
CASE(counts_since_the_last_report, since_last, "truth", "", "what it has answered since its report at 5.0")

/* --- log --------------------------------------------------------------------------------------------- */

static json_t *no_lines(struct story *story, json_t *event) {
    (void)story;
    return is_line(event, 0) ? drop(event) : event;
}

static json_t *by_the_worker(struct story *story, json_t *event) {
    int pid;
    (void)story;
    if (is_line(event, 0) && sscanf(event_text(event, "text", ""), "Stats from worker %d", &pid) == 1)
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
    return is_line(event, 0) ? set_text(event, "text", "Stats from worker 12: [object Object]\n") : event;
}

CASE(a_report_without_line, no_lines, "log", "", "printed no line for the report of worker 11 (5.01 s")
CASE(a_line_by_the_worker, by_the_worker, "log", "", "Process 11 printed")
CASE(a_line_twice, line_twice, "log", "", "more than once")
CASE(lines_that_come_late, lines_at_the_end, "log", "", "came only at 16.40 s")
CASE(a_line_without_report, a_line_of_nothing, "log", "", "no worker had sent it such a report")
CASE(a_line_without_figures, object_object, "log", "", "[object Object]")

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
    if (story_is(event, EVENT_EXIT) || story_is(event, EVENT_REAP) || story_pid(event) == NEWCOMER ||
        is_about(event, NEWCOMER))
        return drop(event);
    if (is_about(event, FIRST_WORKER))
        return event;
    return event;
}

static json_t *slow(struct story *story, json_t *event) {
    if (story_is(event, EVENT_ANSWER) && event_int(event, "request", 0) == 66) {
        story->at_s += 2;
        json_object_set_new(event, "ms", json_real(2002));
    }
    return event;
}

CASE(a_dead_worker_without_replacement, never_replaced, "replaced", "",
     "Worker 11 died of SIGKILL at 10.30 s, and no new worker")
CASE(a_replacement_that_dies_at_birth, dies_at_birth, "replaced", "",
     "Process 15 took the place of 11 at 10.30 s, but died of SIGSEGV")
CASE(a_replacement_that_comes_late, replaced_late, "replaced", "", "was started only at 11.80 s, 1.50 s later")
CASE(a_replacement_that_goes_on_counting, inherits_the_count, "replaced truth", "", "first reported the count")
CASE(a_zombie, zombie, "reaped", "", "still a zombie at 16.40 s")
CASE(an_answer_that_waits, slow, "responsive", "", "Worker 12 left request 66")

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
    cmocka_unit_test(where_nobody_died_nothing_is_said_of_deaths),
    cmocka_unit_test(an_early_look_fails_nothing_that_needs_more_time),
    cmocka_unit_test(a_program_that_never_served_is_told_why),
};
CASES_MAIN(cases)
