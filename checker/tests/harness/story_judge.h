/* Hand-made logs of `stats`, judged: a story with a change in it, and what the checks must make of it.
 *
 *     STORY(a_zombie, never_waits, "reaped", "", "still a zombie")    // a case: fails, is skipped, says
 *     ... cmocka_unit_test(a_zombie) ...
 */
#ifndef BRIGADE_TESTS_STORY_JUDGE_H
#define BRIGADE_TESTS_STORY_JUDGE_H

#include <stdlib.h>

#include "exercise/exercise.h"
#include "grade/grade.h"
#include "tests/harness/cases.h"
#include "tests/harness/story.h"

/* --- judging -------------------------------------------------------------------------------------- */

static inline void keep(void *ctx, json_t *event) {
    json_object_set_new(ctx, event_text(event, "id", ""), event);
}

static inline struct grade *grade_stats(struct exercise **exercise) {
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
static inline json_t *judge(const json_t *log) {
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

static inline const char *status_of(const json_t *checks, const char *id) {
    return event_text(json_object_get(checks, id), "status", "missing");
}

static inline const char *message_of(const json_t *checks, const char *id) {
    return event_text(json_object_get(checks, id), "message", "");
}

static inline bool is_in(const char *word, const char *list) {
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at++)
        if ((at == list || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

/* `failed` and `skipped` are lists of ids; all others must pass. `words` must be in the message of the first
 * that failed (or was skipped). */
static inline void assert_story(story_tamper *tamper, const char *failed, const char *skipped,
                                const char *words) {
    struct story story;
    story_tell(&story, tamper);
    json_t *checks = judge(story.log), *check;
    const char *id;
    json_object_foreach(checks, id, check) {
        const char *wanted = is_in(id, failed)    ? "failed"
                             : is_in(id, skipped) ? "skipped"
                                                  : "passed";
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

#define STORY(name, tamper, failed, skipped, words)                                                \
    static void name(void **state) {                                                               \
        (void)state;                                                                               \
        assert_story(tamper, failed, skipped, words);                                              \
    }

/* --- small changes -------------------------------------------------------------------------------- */

static inline json_t *drop(json_t *event) {
    json_decref(event);
    return NULL;
}

static inline json_t *set_int(json_t *event, const char *name, json_int_t value) {
    json_object_set_new(event, name, json_integer(value));
    return event;
}

static inline json_t *set_text(json_t *event, const char *name, const char *value) {
    json_object_set_new(event, name, json_string(value));
    return event;
}

static inline json_t *value_of(const json_t *event) { return json_object_get(event, "value"); }

static inline json_t *copy(const json_t *event) { return json_deep_copy(event); }

/* Master's line about `pid`, or any if 0. */
static inline bool is_line(const json_t *event, int pid) {
    char head[40] = "Stats from worker ";
    if (pid)
        snprintf(head, sizeof head, "Stats from worker %d:", pid);
    return story_is(event, EVENT_OUTPUT) &&
           strncmp(event_text(event, "text", ""), head, strlen(head)) == 0;
}

#endif
