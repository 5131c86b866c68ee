/* The report that a person reads: the run as it goes (progress.c), then the verdict. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "proto/event.h"
#include "proto/outcome.h"
#include "report/formats.h"
#include "report/progress.h"

enum { VALUE_BYTES = 2000, TITLE_BYTES = 200, ID_BYTES = 60, LEFT_MOST = 5 };

struct text {
    struct sheet *sheet;
    struct progress *progress;
    bool any_event;
};

static void *start(struct sheet *sheet) {
    struct text *text = xcalloc(1, sizeof *text);
    text->sheet = sheet;
    text->progress = progress_new(sheet);
    return text;
}

static void finish(void *state) {
    struct text *text = state;
    progress_free(text->progress);
    free(text);
}

static void put_event(void *state, const json_t *event) {
    struct text *text = state;
    text->any_event = true;
    progress_event(text->progress, event);
}

/* --- the table of checks ------------------------------------------------------------------------ */

static const struct status_look {
    const char *status, *word;
    enum role role;
} looks[] = {
    {"passed", "ok", ROLE_GOOD},
    {"failed", "FAILED", ROLE_BAD},
    {"skipped", "skipped", ROLE_QUIET},
    {"error", "error", ROLE_WARNING},
};

static const struct status_look *look_of(const json_t *check) {
    const char *status = event_text(check, "status", "");
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++)
        if (strcmp(status, looks[i].status) == 0)
            return &looks[i];
    return &looks[sizeof looks / sizeof looks[0] - 1];
}

static bool has_status(const json_t *check, const char *status) {
    return strcmp(event_text(check, "status", ""), status) == 0;
}

static double number(const json_t *object, const char *name) {
    return json_number_value(json_object_get(object, name));
}

/* At most two decimals, and none that say nothing: "7.5", "10". */
static void put_number(char text[32], double value) {
    snprintf(text, 32, "%.2f", value);
    size_t length = strlen(text);
    while (text[length - 1] == '0')
        length--;
    text[text[length - 1] == '.' ? length - 1 : length] = '\0';
}

static void put_points(char text[72], const json_t *of, const char *between) {
    char score[32], most[32];
    put_number(score, number(of, "score"));
    put_number(most, number(of, "max_score"));
    snprintf(text, 72, "%s%s%s", score, between, most);
}

static void put_row(struct sheet *sheet, const json_t *check, size_t id_columns,
                    size_t point_columns) {
    const struct status_look *look = look_of(check);
    struct buf id = {0}, title = {0}, head = {0};
    char points[72] = "";
    if (number(check, "max_score") > 0)
        put_points(points, check, "/");
    sheet_foreign(&id, event_text(check, "id", ""), ID_BYTES, false);
    sheet_foreign(&title, event_text(check, "title", ""), TITLE_BYTES, false);
    buf_printf(&head, "  %-7s  %*s  %-*s  ", look->word, (int)point_columns, points,
               (int)id_columns, id.data ? id.data : "");
    sheet_entry(sheet, look->role, head.data, ROLE_PLAIN, title.data ? title.data : "");
    buf_release(&id);
    buf_release(&title);
    buf_release(&head);
}

static void put_table(struct sheet *sheet, const json_t *checks) {
    size_t i, id_columns = 0, point_columns = 0;
    json_t *check;
    json_array_foreach(checks, i, check) {
        char points[72];
        put_points(points, check, "/");
        size_t id = strnlen(event_text(check, "id", ""), ID_BYTES);
        id_columns = id > id_columns ? id : id_columns;
        point_columns = strlen(points) > point_columns ? strlen(points) : point_columns;
    }
    json_array_foreach(checks, i, check) { put_row(sheet, check, id_columns, point_columns); }
}

/* --- what went wrong ---------------------------------------------------------------------------- */

static void put_value(struct sheet *sheet, enum role role, const char *head, const json_t *value) {
    if (!value || json_is_null(value))
        return;
    struct buf text = {0};
    sheet_foreign_json(&text, value, VALUE_BYTES, true);
    sheet_entry(sheet, role, head, ROLE_PLAIN, text.data ? text.data : "");
    buf_release(&text);
}

static void put_failure(struct sheet *sheet, const json_t *check) {
    struct buf id = {0};
    sheet_foreign(&id, event_text(check, "id", ""), ID_BYTES, false);
    const json_t *message = json_object_get(check, "message");
    bool told = message && !json_is_null(message);
    const char *how = has_status(check, "failed") ? " failed" : " could not be judged";
    sheet_blank(sheet);
    sheet_entry(sheet, look_of(check)->role, id.data ? id.data : "", ROLE_PLAIN, how);
    put_value(sheet, ROLE_PLAIN, "  ", told ? message : json_object_get(check, "title"));
    put_value(sheet, ROLE_HEADING, "  expected: ", json_object_get(check, "expected"));
    put_value(sheet, ROLE_HEADING, "  actual:   ", json_object_get(check, "actual"));
    put_value(sheet, ROLE_HINT, "  hint:     ", json_object_get(check, "hint"));
    buf_release(&id);
}

/* Skipped checks share a line where they share the reason. */
static void put_skipped(struct sheet *sheet, const json_t *checks) {
    json_t *by_reason = json_object(), *check, *ids;
    size_t i;
    json_array_foreach(checks, i, check) {
        if (!has_status(check, "skipped"))
            continue;
        const char *reason = event_text(check, "message", "not judged");
        json_t *known = json_object_get(by_reason, reason);
        const char *id = event_text(check, "id", "");
        json_object_set_new(by_reason, reason,
                            known ? json_sprintf("%s, %s", json_string_value(known), id)
                                  : json_string(id));
    }
    const char *reason;
    if (json_object_size(by_reason))
        sheet_blank(sheet);
    json_object_foreach(by_reason, reason, ids) {
        struct buf text = {0};
        sheet_foreign(&text, json_string_value(ids), VALUE_BYTES, false);
        buf_puts(&text, ": ");
        sheet_foreign(&text, reason, VALUE_BYTES, false);
        sheet_entry(sheet, ROLE_QUIET, "skipped  ", ROLE_PLAIN, text.data);
        buf_release(&text);
    }
    json_decref(by_reason);
}

static void put_checks(struct sheet *sheet, const json_t *checks) {
    size_t i;
    json_t *check;
    put_table(sheet, checks);
    json_array_foreach(checks, i, check) {
        if (has_status(check, "failed") || has_status(check, "error"))
            put_failure(sheet, check);
    }
    put_skipped(sheet, checks);
}

/* What is only watched has no marks to give. */
static bool is_marked(const json_t *result) { return number(result, "max_score") > 0; }

/* Where nothing was graded there is nothing to show but what went wrong. */
static bool worth_a_table(const json_t *result) {
    size_t i;
    json_t *check;
    json_array_foreach(json_object_get(result, "checks"), i, check) {
        if (has_status(check, "failed") || has_status(check, "error"))
            return true;
    }
    return is_marked(result) && strcmp(event_text(result, "verdict", ""), "error") != 0;
}

static void put_diagnostics(struct text *text, const json_t *result) {
    size_t i;
    json_t *diagnostic;
    if (progress_told_diagnostics(text->progress))
        return;
    json_array_foreach(json_object_get(result, "diagnostics"), i, diagnostic) {
        progress_diagnostic(text->sheet, diagnostic);
    }
}

/* How it ended, unless it simply ran to its end. */
static void put_outcome(struct sheet *sheet, const json_t *result) {
    enum outcome outcome = OUTCOME_ERROR;
    outcome_parse(event_text(result, "outcome", ""), &outcome);
    if (outcome == OUTCOME_COMPLETED)
        return;
    const char *detail = outcome == OUTCOME_ERROR ? event_text(result, "error", "")
                                                  : event_text(result, "detail", "");
    struct buf text = {0};
    buf_printf(&text, "The program %s", outcome_words(outcome));
    buf_puts(&text, *detail ? ": " : ".");
    sheet_foreign(&text, detail, VALUE_BYTES, true);
    sheet_blank(sheet);
    sheet_entry(sheet, ROLE_PLAIN, "", outcome == OUTCOME_ERROR ? ROLE_WARNING : ROLE_BAD,
                text.data);
    if (outcome == OUTCOME_ERROR)
        sheet_entry(
            sheet, ROLE_PLAIN, "", ROLE_PLAIN,
            "That is no fault of the program, and no mark. `brigade-check doctor` says what "
            "this machine allows.");
    buf_release(&text);
}

static void put_place(struct buf *into, const json_t *of) {
    if (!*event_text(of, "file", ""))
        return;
    sheet_foreign(into, event_text(of, "file", ""), ID_BYTES, false);
    buf_printf(into, ":%lld", (long long)event_int(of, "line", 0));
}

/* Who called whom, as far as the learner's own files go. */
static void put_stack(struct sheet *sheet, const json_t *stack) {
    size_t i;
    json_t *call;
    json_array_foreach(stack, i, call) {
        struct buf head = {0}, place = {0};
        if (!event_bool(call, "own"))
            continue;
        buf_puts(&head, "    in ");
        sheet_foreign(&head, event_text(call, "function", "?"), ID_BYTES, false);
        buf_puts(&head, "  ");
        put_place(&place, call);
        sheet_entry(sheet, ROLE_PLAIN, head.data, ROLE_PLAIN, place.data ? place.data : "");
        buf_release(&head);
        buf_release(&place);
    }
}

/* Where a process died of a fault of its own. */
static void put_crash(struct sheet *sheet, const json_t *result) {
    const json_t *crash = json_object_get(result, "crash");
    if (!json_is_object(crash))
        return;
    struct buf head = {0}, words = {0};
    buf_printf(&head, "Process %lld died of ", (long long)event_int(crash, "pid", 0));
    sheet_foreign(&head, event_text(crash, "signal", "?"), ID_BYTES, false);
    buf_puts(&head, event_bool(crash, "found") ? ": " : ". Where is not known: ");
    if (*event_text(crash, "file", "")) {
        put_place(&words, crash);
        buf_puts(&words, ", ");
    }
    bool found = event_bool(crash, "found");
    sheet_foreign(&words, event_text(crash, found ? "what" : "why", ""), VALUE_BYTES, false);
    sheet_blank(sheet);
    sheet_entry(sheet, ROLE_BAD, head.data, ROLE_PLAIN, words.data ? words.data : "");
    put_stack(sheet, json_object_get(crash, "stack"));
    if (found)
        sheet_entry(sheet, ROLE_PLAIN, "", ROLE_QUIET,
                    "(as a second run shows, built with -fsanitize=address,undefined)");
    buf_release(&head);
    buf_release(&words);
}

/* Of a run that passed it is of no interest: much that is right leaves something. */
static void put_left(struct sheet *sheet, const json_t *result) {
    size_t i;
    json_t *left;
    if (strcmp(event_text(result, "verdict", ""), "failed") != 0)
        return;
    json_array_foreach(json_object_get(result, "left"), i, left) {
        struct buf head = {0}, words = {0};
        if (i == 0)
            sheet_blank(sheet);
        if (i == LEFT_MOST) {
            sheet_entry(sheet, ROLE_PLAIN, "", ROLE_QUIET, "and more of that kind");
            return;
        }
        buf_puts(&head, "left: ");
        sheet_foreign(&words, event_text(left, "text", ""), VALUE_BYTES, false);
        sheet_entry(sheet, ROLE_HEADING, head.data, ROLE_PLAIN, words.data ? words.data : "");
        buf_release(&head);
        buf_release(&words);
    }
}

static void put_score(struct sheet *sheet, const json_t *result) {
    const char *verdict = event_text(result, "verdict", "error");
    struct buf text = {0}, head = {0};
    char points[72];
    bool passed = strcmp(verdict, "passed") == 0, graded = strcmp(verdict, "error") != 0;
    put_points(points, result, " of ");
    buf_printf(&head, "%s  ", !is_marked(result) ? "ENDED"
                              : passed           ? "PASSED"
                              : graded           ? "FAILED"
                                                 : "NOT GRADED");
    if (graded && is_marked(result))
        buf_printf(&text, "score %s, ", points);
    buf_printf(&text, "%.1f s of the program's time in %.1f s", number(result, "virtual_ms") / 1000,
               number(result, "wall_ms") / 1000);
    sheet_blank(sheet);
    sheet_entry(sheet, passed ? ROLE_GOOD : ROLE_BAD, head.data, ROLE_PLAIN, text.data);
    buf_release(&text);
    buf_release(&head);
}

static void put_result(void *state, const json_t *result) {
    struct text *text = state;
    const json_t *checks = json_object_get(result, "checks");
    progress_finish(text->progress);
    put_diagnostics(text, result);
    if (worth_a_table(result)) {
        if (text->any_event)
            sheet_blank(text->sheet);
        put_checks(text->sheet, checks);
    }
    put_outcome(text->sheet, result);
    put_crash(text->sheet, result);
    put_left(text->sheet, result);
    put_score(text->sheet, result);
}

const struct report_ops report_text_ops = {
    .name = "text", .start = start, .event = put_event, .result = put_result, .free = finish};
