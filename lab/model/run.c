#include "model/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "proto/outcome.h"

struct run *run_new(void) {
    return xcalloc(1, sizeof(struct run));
}

static void release_check(struct run_check *check) {
    free(check->id);
    free(check->title);
    free(check->message);
    free(check->expected);
    free(check->actual);
    free(check->hint);
    free(check->shown_by);
}

void run_free(struct run *run) {
    if (!run)
        return;
    for (size_t i = 0; i < run->diagnostic_count; i++) {
        free(run->diagnostics[i].severity);
        free(run->diagnostics[i].file);
        free(run->diagnostics[i].text);
    }
    for (size_t i = 0; i < run->check_count; i++)
        release_check(&run->checks[i]);
    char *const texts[] = {run->exercise,       run->title,          run->clock,  run->box,
                           run->nonsense_words, run->build_output,   run->step,   run->trouble,
                           run->outcome,        run->outcome_detail, run->verdict};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(texts[i]);
    free(run);
}

static void copy_check(struct run_check *to, const struct run_check *from) {
    *to = *from;
    to->id = xstrdup(from->id);
    to->title = xstrdup(from->title);
    to->message = xstrdup(from->message);
    to->expected = xstrdup(from->expected);
    to->actual = xstrdup(from->actual);
    to->hint = xstrdup(from->hint);
    to->shown_by = NULL;
    if (from->shown_by_count) {
        to->shown_by = xmalloc(from->shown_by_count * sizeof *to->shown_by);
        memcpy(to->shown_by, from->shown_by, from->shown_by_count * sizeof *to->shown_by);
    }
}

struct run *run_clone(const struct run *from) {
    struct run *run = xmalloc(sizeof *run);
    *run = *from;
    for (size_t i = 0; i < run->diagnostic_count; i++) {
        run->diagnostics[i].severity = xstrdup(from->diagnostics[i].severity);
        run->diagnostics[i].file = xstrdup(from->diagnostics[i].file);
        run->diagnostics[i].text = xstrdup(from->diagnostics[i].text);
    }
    for (size_t i = 0; i < run->check_count; i++)
        copy_check(&run->checks[i], &from->checks[i]);
    char **const texts[] = {&run->exercise,       &run->title,          &run->clock,  &run->box,
                            &run->nonsense_words, &run->build_output,   &run->step,   &run->trouble,
                            &run->outcome,        &run->outcome_detail, &run->verdict};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = xstrdup(*texts[i]);
    return run;
}

static void set(char **text, char *fresh) {
    free(*text);
    *text = fresh;
}

static void set_member(char **text, const json_t *event, const char *name) {
    const char *value = event_text(event, name, NULL);
    if (value)
        set(text, record_printable(value, 4096, true));
}

static struct run_check *find_check(struct run *run, const char *id) {
    for (size_t i = 0; i < run->check_count; i++)
        if (!strcmp(run->checks[i].id, id))
            return &run->checks[i];
    if (run->check_count == RUN_CHECKS_MAX)
        return NULL;
    struct run_check *check = &run->checks[run->check_count++];
    *check = (struct run_check){.id = record_printable(id, 64, false), .title = xstrdup("")};
    return check;
}

void run_expect_check(struct run *run, const char *id, const char *title, double max_score) {
    struct run_check *check = find_check(run, id);
    if (!check || *check->title)
        return;
    set(&check->title, record_printable(title ? title : "", 200, false));
    check->max_score = max_score;
}

static void on_run(struct run *run, const json_t *event) {
    run->phase = RUN_BUILDING;
    set_member(&run->exercise, event, "exercise");
    set_member(&run->title, event, "title");
    set_member(&run->clock, event, "clock");
    set_member(&run->box, event, "box");
    size_t i;
    json_t *check;
    json_array_foreach(json_object_get(event, "checks"), i, check) {
        const char *id =
            json_is_string(check) ? json_string_value(check) : event_text(check, "id", NULL);
        if (id)
            run_expect_check(run, id, event_text(check, "title", ""),
                             json_number_value(json_object_get(check, "max_score")));
    }
}

static void on_diagnostic(struct run *run, const json_t *event) {
    if (run->diagnostic_count == RUN_DIAGNOSTICS_MAX) {
        run->diagnostics_left_out++;
        return;
    }
    struct run_diagnostic *diagnostic = &run->diagnostics[run->diagnostic_count++];
    *diagnostic = (struct run_diagnostic){
        .severity = record_printable(event_text(event, "severity", "error"), 16, false),
        .file = record_printable(event_text(event, "file", ""), 256, false),
        .text = record_printable(event_text(event, "text", ""), RUN_TEXT_MAX, false),
        .line = (int)event_int(event, "line", 0),
        .column = (int)event_int(event, "column", 0),
    };
    run->errors += !strcmp(diagnostic->severity, "error");
}

/* Stands among the compiler's messages, since the remedy is in a line of a file all the same. */
static void on_crash(struct run *run, const json_t *event) {
    if (run->diagnostic_count == RUN_DIAGNOSTICS_MAX)
        return;
    bool found = event_bool(event, "found");
    const char *function = event_text(event, "function", "");
    char *words = xasprintf("process %d died of %s%s%s: %s", (int)event_int(event, "pid", 0),
                            event_text(event, "signal", "?"), *function ? " in " : "", function,
                            event_text(event, found ? "what" : "why", ""));
    run->diagnostics[run->diagnostic_count++] = (struct run_diagnostic){
        .severity = xstrdup("crash"),
        .file = record_printable(event_text(event, "file", ""), 256, false),
        .text = record_printable(words, RUN_TEXT_MAX, false),
        .line = (int)event_int(event, "line", 0),
    };
    free(words);
}

/* A zombie, an orphan, an end of a channel that nobody closed: nothing wrong by itself, and good to know. */
static void on_left(struct run *run, const json_t *event) {
    if (run->diagnostic_count == RUN_DIAGNOSTICS_MAX) {
        run->diagnostics_left_out++;
        return;
    }
    bool is_end = !strcmp(event_text(event, "what", ""), "descriptor");
    run->diagnostics[run->diagnostic_count++] = (struct run_diagnostic){
        .severity =
            record_printable(is_end ? "open end" : event_text(event, "what", "left"), 16, false),
        .file = xstrdup(""),
        .text = record_printable(event_text(event, "text", ""), RUN_TEXT_MAX, false),
    };
}

/* The check `build` has no event of its own while things go well. */
static void judge_build(struct run *run) {
    for (size_t i = 0; i < run->check_count; i++) {
        struct run_check *check = &run->checks[i];
        if (strcmp(check->id, "build") || check->final)
            continue;
        check->status = run->build_ok ? CHECK_PASSED : CHECK_FAILED;
        check->final = true;
        if (!run->build_ok)
            set(&check->message, xasprintf("Your program does not compile: %zu error%s.",
                                           run->errors, run->errors == 1 ? "" : "s"));
    }
}

static void on_built(struct run *run, const json_t *event) {
    run->build_done = true;
    run->build_ok = event_bool(event, "ok");
    run->build_ms = event_int(event, "ms", 0);
    set_member(&run->build_output, event, "output");
    judge_build(run);
}

static void on_step(struct run *run, const struct record *record) {
    set(&run->step, xstrdup(record->flags & RECORD_BEGINS ? record->text : ""));
}

static void on_end(struct run *run, const json_t *event) {
    run->phase = RUN_ENDED;
    set_member(&run->outcome, event, "outcome");
    set_member(&run->outcome_detail, event, "detail");
    run->virtual_ms = event_int(event, "virtual_ms", 0);
    run->wall_ms = event_int(event, "wall_ms", 0);
    set(&run->step, xstrdup(""));
}

static enum check_status parse_status(const char *name) {
    for (int i = CHECK_PASSED; i <= CHECK_ERROR; i++)
        if (!strcmp(name, check_status_name((enum check_status)i)))
            return (enum check_status)i;
    return CHECK_WAITING;
}

static void fill_shown_by(struct run_check *check, const json_t *seqs) {
    size_t count = json_array_size(seqs);
    if (!json_is_array(seqs))
        return;
    free(check->shown_by);
    check->shown_by = NULL;
    check->shown_by_count = count < RUN_SHOWN_BY_MAX ? count : RUN_SHOWN_BY_MAX;
    if (check->shown_by_count)
        check->shown_by = xcalloc(check->shown_by_count, sizeof *check->shown_by);
    for (size_t i = 0; i < check->shown_by_count; i++)
        check->shown_by[i] = (uint32_t)json_integer_value(json_array_get(seqs, i));
}

static void fill_check(struct run_check *check, const json_t *event) {
    check->status = parse_status(event_text(event, "status", ""));
    if (*event_text(event, "title", ""))
        set_member(&check->title, event, "title");
    check->score = json_number_value(json_object_get(event, "score"));
    if (json_is_number(json_object_get(event, "max_score")))
        check->max_score = json_number_value(json_object_get(event, "max_score"));
    set(&check->message, record_words(json_object_get(event, "message"), 4096));
    set(&check->expected, record_words(json_object_get(event, "expected"), 2048));
    set(&check->actual, record_words(json_object_get(event, "actual"), 2048));
    set(&check->hint, record_words(json_object_get(event, "hint"), 2048));
    fill_shown_by(check, json_object_get(event, "events"));
}

static void on_check(struct run *run, const json_t *event) {
    struct run_check *check = find_check(run, event_text(event, "id", "?"));
    if (!check || (check->final && !event_bool(event, "final")))
        return;
    fill_check(check, event);
    check->final = event_bool(event, "final");
}

static void on_verdict(struct run *run, const json_t *event) {
    const json_t *result = json_object_get(event, "result");
    run->phase = RUN_JUDGED;
    set_member(&run->verdict, result, "verdict");
    set_member(&run->outcome, result, "outcome");
    set_member(&run->outcome_detail, result, "detail");
    if (event_text(result, "error", NULL) && !run_was_stopped(run))
        set_member(&run->trouble, result, "error");
    run->score = json_number_value(json_object_get(result, "score"));
    run->max_score = json_number_value(json_object_get(result, "max_score"));
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(result, "checks"), i, entry) {
        struct run_check *check = find_check(run, event_text(entry, "id", "?"));
        if (check && !check->final)
            fill_check(check, entry);
        if (check)
            check->final = true;
    }
}

static void on_error(struct run *run, const json_t *event) {
    set_member(&run->trouble, event, "text");
}

static void (*const handlers[EVENT_TYPE_COUNT])(struct run *run, const json_t *event) = {
    [EVENT_RUN] = on_run,     [EVENT_DIAGNOSTIC] = on_diagnostic, [EVENT_BUILT] = on_built,
    [EVENT_END] = on_end,     [EVENT_CHECK] = on_check,           [EVENT_VERDICT] = on_verdict,
    [EVENT_ERROR] = on_error, [EVENT_CRASH] = on_crash,           [EVENT_LEFT] = on_left,
};

static void count(struct run *run, const struct record *record) {
    switch (record->type) {
    case EVENT_REQUEST: run->requests++; break;
    case EVENT_ANSWER: run->answers++; break;
    case EVENT_UNANSWERED: run->unanswered++; break;
    case EVENT_STEP: on_step(run, record); break;
    default: break;
    }
}

static void apply_json(struct run *run, const struct record *record, const json_t *event) {
    json_t *read = event ? NULL : record_json(record);
    if (event || read)
        handlers[record->type](run, event ? event : read);
    json_decref(read);
}

void run_apply(struct run *run, const struct record *record, const json_t *event) {
    run->events++;
    if (record->t_ns > run->now_ns)
        run->now_ns = record->t_ns;
    if (record->type >= EVENT_TYPE_COUNT)
        return;
    if (record->type == EVENT_FORK && run->phase <= RUN_BUILDING)
        run->phase = RUN_GOING;
    if (handlers[record->type])
        apply_json(run, record, event);
    else
        count(run, record);
    processes_apply(&run->processes, record);
}

void run_pass_to(struct run *run, int64_t t_ns) {
    if (run->phase == RUN_GOING && t_ns > run->now_ns)
        run->now_ns = t_ns;
}

void run_nonsense(struct run *run, const char *words) {
    if (!run->nonsense++)
        set(&run->nonsense_words, record_printable(words, 300, false));
}

bool run_was_stopped(const struct run *run) {
    return run->outcome && !strcmp(run->outcome, outcome_name(OUTCOME_STOPPED));
}

size_t run_checks_with(const struct run *run, enum check_status status) {
    size_t count = 0;
    for (size_t i = 0; i < run->check_count; i++)
        count += run->checks[i].status == status;
    return count;
}

const char *check_status_name(enum check_status status) {
    static const char *const names[] = {"waiting", "passed", "failed", "skipped", "error"};
    return names[status];
}
