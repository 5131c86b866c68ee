#include "model/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "proto/outcome.h"

struct run *run_new(void) {
    struct run *run = xcalloc(1, sizeof *run);
    run->message_ring.capacity = RUN_MESSAGES_MAX;
    run->line_ring.capacity = RUN_OUTPUT_MAX;
    return run;
}

static void release_check(struct run_check *check) {
    free(check->id);
    free(check->title);
    free(check->message);
    free(check->expected);
    free(check->actual);
    free(check->hint);
}

void run_free(struct run *run) {
    if (!run)
        return;
    for (size_t i = 0; i < RUN_MESSAGES_MAX; i++)
        free(run->messages[i].text);
    for (size_t i = 0; i < RUN_OUTPUT_MAX; i++)
        free(run->lines[i].text);
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

/* At most `most` bytes of text, printable; the caller frees. */
static char *printable(const char *text, size_t most, bool keep_newlines) {
    struct buf clean = {0};
    size_t length = strlen(text), taken = length < most ? length : most;
    while (taken < length && taken && ((unsigned char)text[taken] & 0xc0) == 0x80)
        taken--; /* never half a character */
    text_append_printable(&clean, text, taken, keep_newlines);
    if (taken < length)
        buf_puts(&clean, " ...");
    return buf_steal(&clean);
}

/* A JSON value in words: text as it is, anything else as JSON; NULL for null. The caller frees. */
static char *value_words(const json_t *value, size_t most) {
    if (!value || json_is_null(value))
        return NULL;
    if (json_is_string(value))
        return printable(json_string_value(value), most, true);
    char *json = json_dumps(value, JSON_ENCODE_ANY);
    char *words = printable(json ? json : "", most, true);
    free(json);
    return words;
}

static void set(char **text, char *fresh) {
    free(*text);
    *text = fresh;
}

static void set_member(char **text, const json_t *event, const char *name) {
    const char *value = event_text(event, name, NULL);
    if (value)
        set(text, printable(value, 4096, true));
}

static struct run_check *find_check(struct run *run, const char *id) {
    for (size_t i = 0; i < run->check_count; i++)
        if (!strcmp(run->checks[i].id, id))
            return &run->checks[i];
    if (run->check_count == RUN_CHECKS_MAX)
        return NULL;
    struct run_check *check = &run->checks[run->check_count++];
    *check = (struct run_check){.id = printable(id, 64, false), .title = xstrdup("")};
    return check;
}

void run_expect_check(struct run *run, const char *id, const char *title, double max_score) {
    struct run_check *check = find_check(run, id);
    if (!check || *check->title)
        return;
    set(&check->title, printable(title ? title : "", 200, false));
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
        .severity = printable(event_text(event, "severity", "error"), 16, false),
        .file = printable(event_text(event, "file", ""), 256, false),
        .text = printable(event_text(event, "text", ""), RUN_TEXT_MAX, false),
        .line = (int)event_int(event, "line", 0),
        .column = (int)event_int(event, "column", 0),
    };
    run->errors += !strcmp(diagnostic->severity, "error");
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

static void on_step(struct run *run, const json_t *event) {
    const char *title = event_text(event, "title", NULL);
    bool begins = !strcmp(event_text(event, "state", ""), "begin");
    if (!begins)
        title = "";
    else if (!title || !*title)
        title = event_text(event, "do", "");
    set(&run->step, printable(title, 120, false));
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

static void fill_check(struct run_check *check, const json_t *event) {
    check->status = parse_status(event_text(event, "status", ""));
    if (*event_text(event, "title", ""))
        set_member(&check->title, event, "title");
    check->score = json_number_value(json_object_get(event, "score"));
    if (json_is_number(json_object_get(event, "max_score")))
        check->max_score = json_number_value(json_object_get(event, "max_score"));
    set(&check->message, value_words(json_object_get(event, "message"), 4096));
    set(&check->expected, value_words(json_object_get(event, "expected"), 2048));
    set(&check->actual, value_words(json_object_get(event, "actual"), 2048));
    set(&check->hint, value_words(json_object_get(event, "hint"), 2048));
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

static void on_message(struct run *run, const json_t *event) {
    const json_t *value = json_object_get(event, "value");
    char *words = value ? value_words(value, RUN_TEXT_MAX)
                        : printable(event_text(event, "text", ""), RUN_TEXT_MAX, false);
    struct run_message *message = &run->messages[ring_push(&run->message_ring)];
    set(&message->text, words ? words : xstrdup("null"));
    message->t_ns = event_t_ns(event);
    message->from = (int)event_int(event, "from", 0);
    message->to = (int)event_int(event, "to", 0);
    message->complete = event_bool(event, "complete");
}

/* The line that this output goes on with, or NULL. */
static struct run_line *open_line(struct run *run, int pid, bool is_error) {
    for (size_t i = run->line_ring.count; i-- > 0;) {
        struct run_line *line = &run->lines[ring_slot(&run->line_ring, i)];
        if (line->pid == pid && line->is_error == is_error)
            return line->open ? line : NULL;
    }
    return NULL;
}

static void add_output(struct run *run, const json_t *event, int pid, bool is_error,
                       const char *text, size_t bytes) {
    struct run_line *line = open_line(run, pid, is_error);
    if (!line) {
        line = &run->lines[ring_push(&run->line_ring)];
        set(&line->text, xstrdup(""));
        line->t_ns = event_t_ns(event);
        line->pid = pid;
        line->is_error = is_error;
        line->open = true;
    }
    if (bytes && text[bytes - 1] == '\r')
        bytes--;
    size_t had = strlen(line->text);
    if (!bytes || had >= RUN_TEXT_MAX)
        return;
    char *piece = xstrndup(text, bytes);
    char *clean = printable(piece, RUN_TEXT_MAX - had, false);
    set(&line->text, xasprintf("%s%s", line->text, clean));
    free(clean);
    free(piece);
}

static void on_output(struct run *run, const json_t *event) {
    int pid = (int)event_int(event, "pid", 0);
    bool is_error = !strcmp(event_text(event, "stream", ""), "stderr");
    const char *text = event_text(event, "text", "");
    while (*text) {
        const char *newline = strchr(text, '\n');
        size_t bytes = newline ? (size_t)(newline - text) : strlen(text);
        add_output(run, event, pid, is_error, text, bytes);
        if (newline)
            open_line(run, pid, is_error)->open = false;
        text += bytes + (newline != NULL);
    }
}

static void on_error(struct run *run, const json_t *event) {
    set_member(&run->trouble, event, "text");
}

static void on_request(struct run *run, const json_t *event) {
    (void)event;
    run->requests++;
}

static void on_answer(struct run *run, const json_t *event) {
    (void)event;
    run->answers++;
}

static void on_unanswered(struct run *run, const json_t *event) {
    (void)event;
    run->unanswered++;
}

static void (*const handlers[EVENT_TYPE_COUNT])(struct run *run, const json_t *event) = {
    [EVENT_RUN] = on_run,
    [EVENT_DIAGNOSTIC] = on_diagnostic,
    [EVENT_BUILT] = on_built,
    [EVENT_STEP] = on_step,
    [EVENT_END] = on_end,
    [EVENT_CHECK] = on_check,
    [EVENT_VERDICT] = on_verdict,
    [EVENT_ERROR] = on_error,
    [EVENT_MESSAGE] = on_message,
    [EVENT_OUTPUT] = on_output,
    [EVENT_REQUEST] = on_request,
    [EVENT_ANSWER] = on_answer,
    [EVENT_UNANSWERED] = on_unanswered,
};

void run_observe(struct run *run, const json_t *event) {
    enum event_type type = event_type_of(event);
    run->events++;
    if (event_t_ns(event) > run->now_ns)
        run->now_ns = event_t_ns(event);
    if (type >= EVENT_TYPE_COUNT)
        return;
    if (type == EVENT_FORK && run->phase <= RUN_BUILDING)
        run->phase = RUN_GOING;
    if (handlers[type])
        handlers[type](run, event);
    processes_observe(&run->processes, type, event);
}

void run_pass_to(struct run *run, int64_t t_ns) {
    if (run->phase == RUN_GOING && t_ns > run->now_ns)
        run->now_ns = t_ns;
}

void run_nonsense(struct run *run, const char *words) {
    if (!run->nonsense++)
        set(&run->nonsense_words, printable(words, 300, false));
}

const struct run_message *run_message(const struct run *run, size_t i) {
    return &run->messages[ring_slot(&run->message_ring, i)];
}

const struct run_line *run_line(const struct run *run, size_t i) {
    return &run->lines[ring_slot(&run->line_ring, i)];
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
