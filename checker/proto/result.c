#include "proto/result.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "proto/event.h"

enum { RESULT_VERSION = 1 };

static const char build_id[] = "build";

struct result_builder {
    json_t *run; /* the run event, NULL until it came; so the other three */
    json_t *built;
    json_t *end;
    json_t *error;
    json_t *crash;
    json_t *left;        /* list */
    json_t *diagnostics; /* list */
    json_t *checks;      /* by id, in order of appearance: the event that counts */
    int64_t forks;
};

struct result_builder *result_builder_new(void) {
    struct result_builder *builder = xcalloc(1, sizeof *builder);
    builder->diagnostics = json_array();
    builder->left = json_array();
    builder->checks = json_object();
    return builder;
}

static void keep(json_t **place, const json_t *event) {
    json_decref(*place);
    *place = json_incref((json_t *)event);
}

static void copy(json_t *into, const json_t *from, const char *const *names) {
    for (; *names; names++)
        json_object_set(into, *names, json_object_get(from, *names));
}

static void keep_diagnostic(struct result_builder *builder, const json_t *event) {
    static const char *const members[] = {"severity", "file", "line", "column", "text", NULL};
    json_t *diagnostic = json_object();
    copy(diagnostic, event, members);
    json_array_append_new(builder->diagnostics, diagnostic);
}

static void keep_left(struct result_builder *builder, const json_t *event) {
    static const char *const members[] = {"what", "pid", "by", "text", "fd", "channel", NULL};
    json_t *left = json_object();
    copy(left, event, members);
    json_array_append_new(builder->left, left);
}

/* A final word is not taken back by a later one that is not. */
static void keep_check(struct result_builder *builder, const json_t *event) {
    const char *id = event_text(event, "id", "");
    const json_t *old = json_object_get(builder->checks, id);
    if (!event_bool(old, "final") || event_bool(event, "final"))
        json_object_set(builder->checks, id, (json_t *)event);
}

void result_builder_observe(struct result_builder *builder, const json_t *event) {
    switch (event_type_of(event)) {
    case EVENT_RUN: keep(&builder->run, event); break;
    case EVENT_BUILT: keep(&builder->built, event); break;
    case EVENT_END: keep(&builder->end, event); break;
    case EVENT_DIAGNOSTIC: keep_diagnostic(builder, event); break;
    case EVENT_CHECK: keep_check(builder, event); break;
    case EVENT_FORK: builder->forks++; break;
    case EVENT_LEFT: keep_left(builder, event); break;
    case EVENT_CRASH: keep(&builder->crash, event); break;
    case EVENT_ERROR: /* the first is the cause, what follows is its wake */
        if (!builder->error)
            keep(&builder->error, event);
        break;
    default: break;
    }
}

static bool ended_as(const struct result_builder *builder, enum outcome outcome) {
    return strcmp(event_text(builder->end, "outcome", ""), outcome_name(outcome)) == 0;
}

static bool build_failed(const struct result_builder *builder) {
    return (builder->built && !event_bool(builder->built, "ok")) ||
           ended_as(builder, OUTCOME_BUILD_FAILED);
}

static char *build_message(const struct result_builder *builder) {
    size_t i;
    json_t *diagnostic;
    json_array_foreach(builder->diagnostics, i, diagnostic) {
        if (strcmp(event_text(diagnostic, "severity", ""), "error") != 0)
            continue;
        const char *file = event_text(diagnostic, "file", ""),
                   *text = event_text(diagnostic, "text", "");
        int64_t line = event_int(diagnostic, "line", 0);
        if (line)
            return xasprintf("%s:%lld: %s", file, (long long)line, text);
        return *file ? xasprintf("%s: %s", file, text) : xstrdup(text);
    }
    const char *why = event_text(builder->built, "why", "");
    if (*why)
        return xstrdup(why);
    const char *output = event_text(builder->built, "output", "the compiler gave no reason");
    return xstrndup(output, strcspn(output, "\n"));
}

static void set_text(json_t *check, const char *status, const char *message) {
    json_object_set_new(check, "status", json_string(status));
    json_object_set_new(check, "message", message ? json_string(message) : json_null());
}

/* The implicit check: nobody judges it, the build's own end does. */
static void judge_build(const struct result_builder *builder, json_t *check) {
    if (build_failed(builder)) {
        char *message = build_message(builder);
        set_text(check, "failed", message);
        json_object_set_new(check, "expected", json_string("it compiles without errors"));
        free(message);
    } else if (builder->built || builder->forks) {
        set_text(check, "passed", NULL);
    } else {
        set_text(check, "skipped", "not judged: it was not built");
    }
}

/* Why nothing at all is judged, whatever `check` events say; NULL when they count. */
static const char *why_nothing_judged(const struct result_builder *builder) {
    if (!builder->end)
        return "not judged: the run was cut short";
    if (ended_as(builder, OUTCOME_ERROR))
        return "not judged: the checker could not grade this run";
    if (ended_as(builder, OUTCOME_STOPPED))
        return "not judged: the run was stopped";
    return build_failed(builder) ? "not judged: it did not compile" : NULL;
}

/* The event that decides a check, NULL when there is none. */
static const json_t *judgement(const struct result_builder *builder, const char *id) {
    const json_t *event = json_object_get(builder->checks, id);
    return event_bool(event, "final") && !why_nothing_judged(builder) ? event : NULL;
}

static void judge(const struct result_builder *builder, json_t *check) {
    static const char *const members[] = {"status", "message", "expected",
                                          "actual", "events",  NULL};
    const char *id = event_text(check, "id", "");
    const json_t *event = judgement(builder, id);
    const char *why = why_nothing_judged(builder);
    if (event) {
        for (const char *const *name = members; *name; name++)
            if (json_object_get(event, *name))
                json_object_set(check, *name, json_object_get(event, *name));
    } else if (strcmp(id, build_id) == 0) {
        judge_build(builder, check);
    } else {
        set_text(check, "skipped", why ? why : "not judged: the run ended before");
    }
}

static json_t *number_or(const json_t *first, const json_t *second, const char *name,
                         double fallback) {
    const json_t *value = json_object_get(first, name);
    if (!json_is_number(value))
        value = json_object_get(second, name);
    return json_real(json_is_number(value) ? json_number_value(value) : fallback);
}

static const char *text_or(const json_t *first, const json_t *second, const char *name,
                           const char *fallback) {
    return event_text(first, name, event_text(second, name, fallback));
}

/* One check of the result, from what the run promised (may be NULL) and what was judged (may be NULL). */
static json_t *make_check(const struct result_builder *builder, const char *id,
                          const json_t *promised) {
    const json_t *event = json_object_get(builder->checks, id);
    const char *hint = text_or(promised, event, "hint", "");
    json_t *check =
        json_pack("{s:s, s:s, s:s, s:f, s:o, s:n, s:n, s:n, s:o, s:[]}", "id", id, "title",
                  text_or(promised, event, "title", id), "status", "skipped", "score", 0.0,
                  "max_score", number_or(promised, event, "max_score", 0), "message", "expected",
                  "actual", "hint", *hint ? json_string(hint) : json_null(), "events");
    judge(builder, check);
    bool passed = strcmp(event_text(check, "status", ""), "passed") == 0;
    double most = json_number_value(json_object_get(check, "max_score"));
    json_object_set_new(check, "score",
                        number_or(judgement(builder, id), NULL, "score", passed ? most : 0));
    return check;
}

static json_t *find_check(const json_t *checks, const char *id) {
    size_t i;
    json_t *check;
    json_array_foreach(checks, i, check) {
        if (strcmp(event_text(check, "id", ""), id) == 0)
            return check;
    }
    return NULL;
}

/* First `build`, then the checks as the run lists them, then any that it did not. */
static json_t *make_checks(const struct result_builder *builder) {
    const json_t *promised = json_object_get(builder->run, "checks");
    json_t *checks = json_array();
    if (!find_check(promised, build_id) && (builder->built || build_failed(builder))) {
        json_t *implicit = json_pack("{s:s}", "title", "It compiles");
        json_array_append_new(checks, make_check(builder, build_id, implicit));
        json_decref(implicit);
    }
    size_t i;
    json_t *check;
    json_array_foreach(promised, i, check) {
        json_array_append_new(checks, make_check(builder, event_text(check, "id", ""), check));
    }
    const char *id;
    json_object_foreach(builder->checks, id, check) {
        if (!find_check(checks, id))
            json_array_append_new(checks, make_check(builder, id, NULL));
    }
    return checks;
}

struct totals {
    double score, max_score;
    bool all_passed;
    const json_t *unjudged; /* a check that could not be judged through a fault of ours */
};

static struct totals sum(const json_t *checks) {
    struct totals totals = {.all_passed = json_array_size(checks) > 0};
    size_t i;
    json_t *check;
    json_array_foreach(checks, i, check) {
        const char *status = event_text(check, "status", "");
        totals.score += json_number_value(json_object_get(check, "score"));
        totals.max_score += json_number_value(json_object_get(check, "max_score"));
        totals.all_passed &= strcmp(status, "passed") == 0;
        if (!totals.unjudged && strcmp(status, "error") == 0)
            totals.unjudged = check;
    }
    return totals;
}

/* Of a run that nothing was asked of, all that can be said is whether it came to its own end. */
static bool ended_well(const struct result_builder *builder) {
    return json_array_size(json_object_get(builder->run, "checks")) > 0 ||
           ended_as(builder, OUTCOME_COMPLETED);
}

/* Why this is no verdict on the learner; NULL when it is one. */
static char *find_error(const struct result_builder *builder, const struct totals *totals) {
    enum outcome outcome;
    const char *name = event_text(builder->end, "outcome", "");
    const char *told = event_text(builder->error, "text", event_text(builder->end, "detail", ""));
    if (builder->end && !outcome_parse(name, &outcome))
        return xasprintf("the run ended with \"%s\", an outcome unknown to this version", name);
    if (builder->end && outcome == OUTCOME_STOPPED)
        return xstrdup("the run was stopped, so nothing is graded");
    if (!builder->end || outcome == OUTCOME_ERROR)
        return xstrdup(*told ? told : "the run has no end: its events were cut short");
    if (totals->unjudged)
        return xasprintf("check %s could not be judged: %s", event_text(totals->unjudged, "id", ""),
                         event_text(totals->unjudged, "message", "no reason given"));
    return NULL;
}

static void set_or_null(json_t *into, const json_t *from, const char *name) {
    json_t *value = json_object_get(from, name);
    json_object_set(into, name, value ? value : json_null());
}

static json_t *crash_of(const struct result_builder *builder) {
    static const char *const members[] = {"pid",  "signal", "found", "kind", "what", "function",
                                          "file", "line",   "stack", "why",  NULL};
    if (!builder->crash)
        return json_null();
    json_t *crash = json_object();
    copy(crash, builder->crash, members);
    return crash;
}

static void set_facts(const struct result_builder *builder, json_t *result) {
    static const char *const limits[] = {"limit", "figure", NULL};
    static const char *const times[] = {"wall_ms", "virtual_ms", "jumps", NULL};
    static const char *const about_run[] = {"clock", "box", "cpus", NULL};
    for (const char *const *name = about_run; *name; name++)
        set_or_null(result, builder->run, *name);
    for (const char *const *name = times; *name; name++)
        json_object_set_new(result, *name, json_integer(event_int(builder->end, *name, 0)));
    json_object_set_new(result, "processes",
                        json_integer(event_int(builder->end, "processes", builder->forks)));
    for (const char *const *name = limits; *name; name++)
        set_or_null(result, builder->end, *name);
    json_object_set_new(result, "crash", crash_of(builder));
    json_object_set(result, "left", builder->left);
}

static void builder_free(struct result_builder *builder) {
    json_decref(builder->run);
    json_decref(builder->built);
    json_decref(builder->end);
    json_decref(builder->error);
    json_decref(builder->crash);
    json_decref(builder->diagnostics);
    json_decref(builder->left);
    json_decref(builder->checks);
    free(builder);
}

json_t *result_builder_finish(struct result_builder *builder) {
    json_t *checks = make_checks(builder);
    struct totals totals = sum(checks);
    char *error = find_error(builder, &totals);
    json_t *result = json_pack("{s:i}", "version", RESULT_VERSION);
    set_or_null(result, builder->run, "exercise");
    set_or_null(result, builder->run, "title");
    set_or_null(result, builder->run, "language");
    const char *verdict = error                                         ? "error"
                          : totals.all_passed && ended_well(builder) ? "passed"
                                                                     : "failed";
    json_object_set_new(result, "verdict", json_string(verdict));
    bool told = !error || ended_as(builder, OUTCOME_STOPPED);
    json_object_set_new(
        result, "outcome",
        json_string(told ? event_text(builder->end, "outcome", "") : outcome_name(OUTCOME_ERROR)));
    set_or_null(result, builder->end, "detail");
    json_object_set_new(result, "score", json_real(error ? 0 : totals.score));
    json_object_set_new(result, "max_score", json_real(totals.max_score));
    set_facts(builder, result);
    json_object_set(result, "diagnostics", builder->diagnostics);
    json_object_set_new(result, "checks", checks);
    json_object_set_new(result, "error", error ? json_string(error) : json_null());
    free(error);
    builder_free(builder);
    return result;
}

enum exit_code result_exit_code(const json_t *result) {
    const char *verdict = event_text(result, "verdict", "error");
    if (strcmp(verdict, "passed") == 0)
        return EXIT_PASSED;
    return strcmp(verdict, "failed") == 0 ? EXIT_NOT_PASSED : EXIT_CANNOT_GRADE;
}
