#include "grade/grade.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "grade/convert.h"
#include "grade/lines.h"
#include "grade/program.h"
#include "proto/event.h"
#include "proto/outcome.h"

enum { EVENTS_MOST = 200000 }; /* of all kinds; a log that goes on is judged by its beginning */

enum status { STATUS_NONE, STATUS_PASSED, STATUS_FAILED, STATUS_SKIPPED, STATUS_ERROR };

static const char *const status_names[] = {"", "passed", "failed", "skipped", "error"};

struct grade {
    const struct exercise *exercise;
    struct program *program;
    jv events[EVENT_TYPE_COUNT]; /* arrays, in order */
    jv ends;                     /* the exits of those that ended only because the run did */
    size_t event_count;
    struct lines lines;
    int64_t now_ns;
    int cpus;
    bool built, build_ok;
    enum outcome outcome;  /* OUTCOME_COUNT: not told yet */
    enum status *statuses; /* of each check, when last judged */
};

struct grade *grade_new(const struct exercise *exercise, struct err *err) {
    struct program *program = program_new(exercise, err);
    if (!program)
        return NULL;
    struct grade *grade = xcalloc(1, sizeof *grade);
    grade->exercise = exercise;
    grade->program = program;
    grade->cpus = exercise->cpus;
    grade->outcome = OUTCOME_COUNT;
    grade->statuses = xcalloc(exercise->check_count, sizeof *grade->statuses);
    for (int type = 0; type < EVENT_TYPE_COUNT; type++)
        grade->events[type] = jv_array();
    grade->ends = jv_array();
    return grade;
}

void grade_free(struct grade *grade) {
    if (!grade)
        return;
    for (int type = 0; type < EVENT_TYPE_COUNT; type++)
        jv_free(grade->events[type]);
    jv_free(grade->ends);
    lines_release(&grade->lines);
    program_free(grade->program);
    free(grade->statuses);
    free(grade);
}

/* --- the log ---------------------------------------------------------------------------------- */

/* What the grader or the screen makes of the run is no part of what happened in it; nor is what ended only
 * because the run did. */
static bool is_evidence(enum event_type type, const json_t *event) {
    switch (type) {
    case EVENT_CHECK:
    case EVENT_VERDICT:
    case EVENT_STATE:
    case EVENT_ERROR:
    case EVENT_UNKNOWN: return false;
    default: return !event_bool(event, "at_end");
    }
}

static void note(struct grade *grade, enum event_type type, const json_t *event) {
    if (type == EVENT_RUN) {
        grade->cpus = (int)event_int(event, "cpus", grade->cpus);
    } else if (type == EVENT_BUILT) {
        grade->built = true;
        grade->build_ok = event_bool(event, "ok");
    } else if (type == EVENT_END) {
        enum outcome outcome;
        grade->outcome =
            outcome_parse(event_text(event, "outcome", ""), &outcome) ? outcome : OUTCOME_ERROR;
    } else if (type == EVENT_OUTPUT) {
        lines_observe(&grade->lines, event);
    }
}

void grade_observe(struct grade *grade, const json_t *event) {
    enum event_type type = event_type_of(event);
    if (type == EVENT_EXIT && event_bool(event, "at_end") && grade->event_count <= EVENTS_MOST)
        grade->ends = jv_array_append(grade->ends, jv_from_json(event));
    if (!is_evidence(type, event) || (++grade->event_count > EVENTS_MOST && type != EVENT_END))
        return;
    if (event_t_ns(event) > grade->now_ns)
        grade->now_ns = event_t_ns(event);
    note(grade, type, event);
    grade->events[type] = jv_array_append(grade->events[type], jv_from_json(event));
}

/* --- judging ---------------------------------------------------------------------------------- */

struct judgement { /* of one check */
    enum status status;
    jv value;      /* what its expression gave: an object, or null */
    char *message; /* where ours is to be told instead of its own */
};

static jv with(jv object, const char *name, jv value) {
    return jv_object_set(object, jv_string(name), value);
}

static jv input(const struct grade *grade, const bool *wanted, bool final) {
    jv events = jv_object(), ids = jv_array(), all = jv_object();
    for (int type = 0; type < EVENT_TYPE_COUNT; type++)
        events = with(events, event_name((enum event_type)type), jv_copy(grade->events[type]));
    for (size_t i = 0; i < grade->exercise->check_count; i++)
        if (wanted[i] && grade->exercise->checks[i].expect)
            ids = jv_array_append(ids, jv_string(grade->exercise->checks[i].id));
    all = with(all, "events", events);
    all = with(all, "ends", jv_copy(grade->ends));
    all = with(all, "lines", lines_all(&grade->lines));
    all = with(all, "cpus", jv_number(grade->cpus));
    all = with(all, "port", jv_number(grade->exercise->port));
    all = with(all, "now_ns", jv_number((double)grade->now_ns));
    all = with(all, "final", jv_bool(final));
    return with(all, "wanted", ids);
}

static jv member(const jv value, const char *name) {
    if (jv_get_kind(value) != JV_KIND_OBJECT)
        return jv_null();
    jv found = jv_object_get(jv_copy(value), jv_string(name));
    if (jv_is_valid(found))
        return found;
    jv_free(found);
    return jv_null();
}

static char *text_member(const jv value, const char *name) {
    jv found = member(value, name);
    if (jv_get_kind(found) == JV_KIND_NULL)
        return NULL;
    jv text = jv_get_kind(found) == JV_KIND_STRING ? found : jv_dump_string(found, 0);
    char *result = xstrndup(jv_string_value(text), (size_t)jv_string_length_bytes(jv_copy(text)));
    jv_free(text);
    return result;
}

static void break_with(struct judgement *judgement, char *message) {
    judgement->status = STATUS_ERROR;
    judgement->message = message;
}

/* Takes the value that a check's expression gave. */
static void understand(struct judgement *judgement, jv value) {
    jv_kind kind = jv_get_kind(value);
    jv ok = member(value, "ok"), why = member(value, "skip");
    jv_kind ok_kind = jv_get_kind(ok);
    if (kind == JV_KIND_TRUE || ok_kind == JV_KIND_TRUE) {
        judgement->status = STATUS_PASSED;
    } else if (kind == JV_KIND_FALSE || ok_kind == JV_KIND_FALSE) {
        judgement->status = STATUS_FAILED;
    } else if (jv_get_kind(why) == JV_KIND_STRING) {
        judgement->status = STATUS_SKIPPED;
        judgement->message = xasprintf("not judged: %s", jv_string_value(why));
    } else {
        jv shown = jv_dump_string(jv_copy(value), 0);
        break_with(judgement,
                   xasprintf("\"expect\" must give true, false or an object with \"ok\" or "
                             "\"skip\"; it gave %.200s",
                             jv_string_value(shown)));
        jv_free(shown);
    }
    jv_free(ok);
    jv_free(why);
    judgement->value = value;
}

static size_t index_of(const struct exercise *exercise, const char *id) {
    size_t index = 0;
    while (index < exercise->check_count && strcmp(exercise->checks[index].id, id) != 0)
        index++;
    return index;
}

static void take_result(const struct grade *grade, struct judgement *judgements, jv result) {
    char *id = text_member(result, "id"), *error = text_member(result, "error");
    size_t index = id ? index_of(grade->exercise, id) : grade->exercise->check_count;
    if (index < grade->exercise->check_count && error)
        break_with(&judgements[index], xasprintf("this check is broken: %s", error));
    else if (index < grade->exercise->check_count)
        understand(&judgements[index], member(result, "value"));
    free(id);
    free(error);
    jv_free(result);
}

static void evaluate(struct grade *grade, struct judgement *judgements, const bool *wanted,
                     bool final) {
    jv results = program_run(grade->program, input(grade, wanted, final));
    if (jv_get_kind(results) == JV_KIND_ARRAY) {
        jv_array_foreach(results, index, result) take_result(grade, judgements, result);
    } else {
        for (size_t i = 0; i < grade->exercise->check_count; i++)
            if (wanted[i] && grade->exercise->checks[i].expect)
                break_with(&judgements[i],
                           xasprintf("the checks are broken: %s", jv_string_value(results)));
    }
    jv_free(results);
}

/* The first of the checks that this one needs, itself or by way of others, and that has not passed; NULL if all
 * have, or are not judged yet. */
static const struct check *unmet_need(const struct grade *grade, const struct check *check,
                                      enum status *status) {
    for (const char *const *need = check->needs; *need; need++) {
        size_t index = index_of(grade->exercise, *need);
        const struct check *needed = &grade->exercise->checks[index];
        const struct check *deeper = unmet_need(grade, needed, status);
        if (deeper)
            return deeper;
        *status = grade->statuses[index];
        if (*status != STATUS_NONE && *status != STATUS_PASSED)
            return needed;
    }
    return NULL;
}

static void skip_for_needs(struct grade *grade, struct judgement *judgement,
                           const struct check *check) {
    enum status status = STATUS_NONE;
    const struct check *need = unmet_need(grade, check, &status);
    if (!need || judgement->status == STATUS_ERROR)
        return;
    free(judgement->message);
    judgement->message = xasprintf("not judged: it needs the check %s, which %s", need->id,
                                   status == STATUS_FAILED    ? "failed"
                                   : status == STATUS_SKIPPED ? "could not be judged"
                                                              : "broke");
    judgement->status = STATUS_SKIPPED;
    jv_free(judgement->value); /* what it found is not told */
    judgement->value = jv_null();
}

/* --- telling ---------------------------------------------------------------------------------- */

static json_t *text_or_null(const char *text) { return text ? json_string(text) : json_null(); }

static json_t *json_member(const jv value, const char *name) {
    return json_from_jv(member(value, name));
}

static json_t *check_event(const struct check *check, const struct judgement *judgement,
                           bool final) {
    bool passed = judgement->status == STATUS_PASSED;
    json_t *events = json_member(judgement->value, "events");
    json_t *event = event_new(
        EVENT_CHECK, "{s:s, s:s, s:s, s:f, s:f, s:o, s:o, s:o, s:o, s:o, s:b}", "id", check->id,
        "title", check->title, "status", status_names[judgement->status], "score",
        passed ? check->points : 0.0, "max_score", check->points, "message",
        judgement->message ? json_string(judgement->message)
                           : json_member(judgement->value, "message"),
        "expected", json_member(judgement->value, "expected"), "actual",
        json_member(judgement->value, "actual"), "hint", text_or_null(check->hint), "events",
        json_is_array(events) ? json_incref(events) : json_array(), "final", (int) final);
    json_decref(events);
    if (!json_is_string(json_object_get(event, "message")) &&
        judgement->status == STATUS_FAILED) /* the author gave no words */
        json_object_set_new(event, "message", json_sprintf("this does not hold: %s", check->title));
    return event;
}

/* `build` is judged by the build's own end. */
static void judge_build(const struct grade *grade, struct judgement *judgement) {
    judgement->status = !grade->built     ? STATUS_NONE
                        : grade->build_ok ? STATUS_PASSED
                                          : STATUS_FAILED;
}

static void judge(struct grade *grade, const bool *wanted, bool final, grade_emit_fn *emit,
                  void *ctx) {
    const struct exercise *exercise = grade->exercise;
    struct judgement *judgements = xcalloc(exercise->check_count, sizeof *judgements);
    for (size_t i = 0; i < exercise->check_count; i++)
        judgements[i].value = jv_null();
    evaluate(grade, judgements, wanted, final);
    judge_build(grade, &judgements[0]);
    for (size_t i = 0; i < exercise->check_count; i++)
        if (wanted[i])
            grade->statuses[i] = judgements[i].status;
    for (size_t i = 0; i < exercise->check_count; i++)
        if (wanted[i])
            skip_for_needs(grade, &judgements[i], &exercise->checks[i]);
    for (size_t i = 0; i < exercise->check_count; i++) {
        grade->statuses[i] = wanted[i] ? judgements[i].status : grade->statuses[i];
        if (wanted[i] && judgements[i].status != STATUS_NONE)
            emit(ctx, check_event(&exercise->checks[i], &judgements[i], final));
        jv_free(judgements[i].value);
        free(judgements[i].message);
    }
    free(judgements);
}

void grade_judge(struct grade *grade, const char *after_step, grade_emit_fn *emit, void *ctx) {
    const struct exercise *exercise = grade->exercise;
    bool *wanted = xcalloc(exercise->check_count, sizeof *wanted), any = false;
    for (size_t i = 0; i < exercise->check_count; i++) {
        const char *after = exercise->checks[i].after;
        wanted[i] = after && strcmp(after, after_step) == 0;
        any |= wanted[i];
    }
    wanted[0] = any && grade->statuses[0] == STATUS_NONE;
    if (any)
        judge(grade, wanted, false, emit, ctx);
    free(wanted);
}

static void skip_all(struct grade *grade, const char *why, grade_emit_fn *emit, void *ctx) {
    for (size_t i = 1; i < grade->exercise->check_count; i++) {
        struct judgement judgement = {STATUS_SKIPPED, jv_null(), xstrdup(why)};
        emit(ctx, check_event(&grade->exercise->checks[i], &judgement, true));
        free(judgement.message);
    }
}

void grade_judge_all(struct grade *grade, grade_emit_fn *emit, void *ctx) {
    if (grade->outcome == OUTCOME_ERROR || grade->outcome == OUTCOME_STOPPED)
        return; /* a run of which nothing follows */
    if (grade->built && !grade->build_ok) {
        skip_all(grade, "not judged: it did not compile", emit, ctx);
        return;
    }
    bool *wanted = xcalloc(grade->exercise->check_count, sizeof *wanted);
    memset(wanted, true, grade->exercise->check_count * sizeof *wanted);
    judge(grade, wanted, true, emit, ctx);
    free(wanted);
}
