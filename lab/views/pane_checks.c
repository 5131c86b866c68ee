#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "proto/outcome.h"
#include "text/width.h"
#include "views/pager.h"
#include "views/panes.h"

enum {
    LIST_WIDTH = 24,
    SIDE_BY_SIDE_COLUMNS = 64,
    MARK_WIDTH = 4,
    ID_WIDTH = 14,
    TITLES_FROM_COLUMNS = 44
};

static const struct mark {
    const char *final, *so_far;
    enum role role;
    enum tone tone;
    const char *words; /* "it ..." */
} marks[] = {
    [CHECK_WAITING] = {"..", "..", ROLE_DIM, TONE_DIM, "not judged yet"},
    [CHECK_PASSED] = {"ok", "ok?", ROLE_GOOD, TONE_GOOD, "passed"},
    [CHECK_FAILED] = {"no", "no?", ROLE_BAD, TONE_BAD, "failed"},
    [CHECK_SKIPPED] = {"--", "--?", ROLE_PENDING, TONE_DIM, "skipped"},
    [CHECK_ERROR] = {"!!", "!!?", ROLE_BAD, TONE_BAD, "could not be judged: a fault of ours"},
};

static const char *mark_of(const struct run_check *check) {
    return check->final ? marks[check->status].final : marks[check->status].so_far;
}

static enum role role_of(const struct run_check *check) {
    return check->final || check->status == CHECK_WAITING ? marks[check->status].role
                                                          : ROLE_PENDING;
}

static void add_part(struct lines *lines, const char *name, const char *text, int columns) {
    if (!text || !*text)
        return;
    lines_open(lines);
    lines_wrap(lines, TONE_STRONG, name, columns, "", "");
    lines_wrap(lines, TONE_PLAIN, text, columns, "  ", "  ");
}

static void lay_out_detail(const struct run_check *check, int columns, struct lines *lines) {
    const struct mark *mark = &marks[check->status];
    char words[128];
    lines_wrap(lines, TONE_HEADING, *check->title ? check->title : check->id, columns, "", "");
    if (check->status == CHECK_WAITING)
        snprintf(words, sizeof words, "%s", mark->words);
    else if (!check->final)
        snprintf(words, sizeof words, "%s so far; the run may still change it", mark->words);
    else if (check->max_score > 0)
        snprintf(words, sizeof words, "%s, %g of %g points", mark->words, check->score,
                 check->max_score);
    else
        snprintf(words, sizeof words, "%s", mark->words);
    lines_wrap(lines, check->final ? mark->tone : TONE_DIM, words, columns, "", "");
    if (check->message && *check->message) {
        lines_open(lines);
        lines_wrap(lines, TONE_PLAIN, check->message, columns, "", "");
    }
    struct source_place place;
    if (bench_check_place(check, &place)) {
        snprintf(words, sizeof words, "%.90s:%d: press e to go there", place.file, place.line);
        lines_wrap(lines, TONE_DIM, words, columns, "", "");
    }
    add_part(lines, "Expected", check->expected, columns);
    add_part(lines, "Seen", check->actual, columns);
    if (check->status != CHECK_PASSED)
        add_part(lines, "Hint", check->hint, columns);
}

/* Whether a text names a process: its number, standing alone. */
static bool names_pid(const char *text, int pid) {
    char number[16];
    size_t length = (size_t)snprintf(number, sizeof number, "%d", pid);
    for (const char *at = text; at && (at = strstr(at, number)); at += length) {
        bool begins = at == text || (!isdigit((unsigned char)at[-1]) && at[-1] != '.');
        if (begins && !isdigit((unsigned char)at[length]) && at[length] != '.')
            return true;
        if (begins && at[length] == '.' && !isdigit((unsigned char)at[length + 1]))
            return true;
    }
    return false;
}

size_t pane_checks_listed(const struct bench *bench, const struct run_check **listed) {
    const struct run *run = bench_judged(bench);
    int only = bench_only(bench);
    size_t count = 0;
    for (size_t i = 0; i < run->check_count; i++) {
        const struct run_check *check = &run->checks[i];
        if (!only || names_pid(check->message, only) || names_pid(check->expected, only) ||
            names_pid(check->actual, only))
            listed[count++] = check;
    }
    return count;
}

void pane_checks_text(struct bench *bench, size_t i, struct buf *into) {
    const struct run_check *listed[RUN_CHECKS_MAX];
    if (i >= pane_checks_listed(bench, listed))
        return;
    const char *const texts[] = {listed[i]->id,       listed[i]->title,  listed[i]->message,
                                 listed[i]->expected, listed[i]->actual, listed[i]->hint};
    for (size_t text = 0; text < sizeof texts / sizeof texts[0]; text++)
        buf_printf(into, "%s\n", texts[text] ? texts[text] : "");
}

static void draw_list(const struct canvas *list, struct bench *bench,
                      const struct run_check *const *checks, size_t count) {
    struct scroll *scroll = &bench->scrolls[PANE_CHECKS];
    scroll->selects = true;
    scroll_fit(scroll, count, list->rows);
    canvas_items(list, 0, list->rows, scroll, scroll->top);
    for (int row = 0; row < list->rows && scroll->top + (size_t)row < count; row++) {
        size_t i = scroll->top + (size_t)row;
        const struct run_check *check = checks[i];
        bool selected = i == scroll->selected;
        unsigned style = bench_is_match(bench, PANE_CHECKS, i) ? STYLE_REVERSE : 0;
        canvas_put(list, row, 0, ROLE_KEY, selected ? ">" : " ");
        canvas_put(list, row, 2, role_of(check), mark_of(check));
        canvas_put(list, row, 2 + MARK_WIDTH, (selected ? ROLE_STRONG : ROLE_TEXT) | style,
                   check->id);
        if (list->columns >= TITLES_FROM_COLUMNS)
            canvas_put(list, row, 2 + MARK_WIDTH + ID_WIDTH, ROLE_DIM, check->title);
        if (selected && bench->focus == PANE_CHECKS)
            canvas_cursor(list, row, 0);
    }
}

static void add_end(const struct run *run, enum outcome outcome, char *words, size_t size) {
    struct source_place place;
    int used =
        snprintf(words, size, "Your program %s%s%s", outcome_words(outcome),
                 run->outcome_detail ? ": " : ".", run->outcome_detail ? run->outcome_detail : "");
    if (used < (int)size && bench_crash_place(run, &place))
        snprintf(words + used, size - (size_t)used, ". It was at %s:%d; press e to go there.",
                 place.file, place.line);
}

/* How it all ended, in a sentence or two above the checks; returns the rows it took. */
static int draw_verdict(const struct canvas *canvas, const struct run *run) {
    char words[512];
    enum outcome outcome = OUTCOME_COMPLETED;
    bool passed = run->verdict && !strcmp(run->verdict, "passed");
    if (!run->verdict || run_was_stopped(run) ||
        (run->outcome && !outcome_parse(run->outcome, &outcome)))
        return 0;
    size_t passes = run_checks_with(run, CHECK_PASSED);
    if (passed)
        snprintf(words, sizeof words, "Passed: all %zu checks, %g of %g points. Well done.",
                 run->check_count, run->score, run->max_score);
    else if (outcome == OUTCOME_COMPLETED)
        snprintf(words, sizeof words, "Not yet: %zu of %zu checks pass, %g of %g points.", passes,
                 run->check_count, run->score, run->max_score);
    else
        add_end(run, outcome, words, sizeof words);
    struct lines lines = {0};
    lines_wrap(&lines, passed ? TONE_GOOD : TONE_BAD, words, canvas->columns - 3, "", "");
    int rows = 0;
    for (; rows < (int)lines.count && rows < canvas->rows / 3; rows++) {
        struct canvas line = canvas_part(canvas, rows, 2, 1, canvas->columns - 2);
        canvas_line(&line, 0, &lines, (size_t)rows, STYLE_BOLD);
    }
    lines_release(&lines);
    return rows ? rows + 1 : 0;
}

void pane_checks_draw(const struct canvas *whole, struct bench *bench) {
    const struct run *run = bench_judged(bench);
    const struct run_check *checks[RUN_CHECKS_MAX];
    size_t count = pane_checks_listed(bench, checks);
    if (!count) {
        pane_empty(whole,
                   run->check_count ? "No check speaks of this process." : "No checks here.");
        return;
    }
    int above = draw_verdict(whole, run);
    struct canvas below = canvas_part(whole, above, 0, whole->rows - above, whole->columns);
    const struct canvas *canvas = &below;
    bool beside = canvas->columns >= SIDE_BY_SIDE_COLUMNS;
    int list_rows = beside ? canvas->rows : canvas->rows / 2;
    if (!beside && list_rows > (int)count)
        list_rows = (int)count;
    struct canvas list =
        canvas_part(canvas, 0, 0, list_rows, beside ? LIST_WIDTH : canvas->columns);
    struct canvas detail =
        beside ? canvas_part(canvas, 0, LIST_WIDTH, canvas->rows, canvas->columns - LIST_WIDTH)
               : canvas_part(canvas, list_rows + 1, 2, canvas->rows - list_rows - 1,
                             canvas->columns - 2);
    draw_list(&list, bench, checks, count);
    struct lines lines = {0};
    lay_out_detail(checks[bench->scrolls[PANE_CHECKS].selected], detail.columns - 2, &lines);
    pager_draw(&detail, &lines, &bench->detail);
    lines_release(&lines);
}

static const struct run_check *first_failed(const struct run *run) {
    for (size_t i = 0; i < run->check_count; i++)
        if (run->checks[i].status == CHECK_FAILED || run->checks[i].status == CHECK_ERROR)
            return &run->checks[i];
    return NULL;
}

void pane_checks_strip(const struct canvas *canvas, struct bench *bench) {
    const struct run *run = bench->film->latest;
    const struct run_check *failed = first_failed(run);
    int row = 0, column = 1, last = failed ? canvas->rows - 1 : canvas->rows;
    for (size_t i = 0; i < run->check_count; i++) {
        const struct run_check *check = &run->checks[i];
        int needed = MARK_WIDTH + width_of(check->id, strlen(check->id));
        if (column + needed > canvas->columns && column > 1) {
            row++;
            column = 1;
        }
        if (row >= last)
            break;
        canvas_put(canvas, row, column, role_of(check), mark_of(check));
        column = canvas_put(canvas, row, column + MARK_WIDTH, ROLE_TEXT, check->id) + 2;
    }
    if (!failed)
        return;
    row = canvas->rows - 1;
    column = canvas_printf(canvas, row, 1, ROLE_BAD, "%s %s", failed->id,
                           failed->final ? "failed" : "fails so far");
    if (failed->message)
        canvas_printf(canvas, row, column, ROLE_TEXT, ": %.*s", (int)strcspn(failed->message, "\n"),
                      failed->message);
}
