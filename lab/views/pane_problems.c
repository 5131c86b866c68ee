/* What stands in the way: compiler messages, a crash, what was left at the end, a checker that failed. */
#include <stdio.h>
#include <string.h>

#include "views/panes.h"

enum { SELECTED_ROWS = 4 };

/* What is told in paragraphs, above the compiler's list; returns the rows it took. */
static int draw_words(const struct canvas *canvas, const struct bench *bench) {
    const struct run *run = bench->film->latest;
    struct lines lines = {0};
    int columns = canvas->columns - 2;
    if (bench->checker_died)
        lines_wrap(&lines, TONE_BAD, bench->checker_died, columns, "", "  ");
    if (run->trouble)
        lines_wrap(&lines, TONE_BAD, run->trouble, columns, "", "  ");
    if (run->nonsense) {
        char words[400];
        snprintf(words, sizeof words,
                 "The checker said what the lab does not understand, %llu times; first: %s",
                 (unsigned long long)run->nonsense, run->nonsense_words);
        lines_wrap(&lines, TONE_BAD, words, columns, "", "  ");
    }
    if (run->build_done && !run->build_ok && !run->diagnostic_count && run->build_output)
        lines_wrap(&lines, TONE_PLAIN, run->build_output, columns, "", "  ");
    int rows = (int)lines.count < canvas->rows ? (int)lines.count : canvas->rows;
    for (int row = 0; row < rows; row++) {
        struct canvas line = canvas_part(canvas, row, 1, 1, canvas->columns - 1);
        canvas_line(&line, 0, &lines, (size_t)row, 0);
    }
    lines_release(&lines);
    return rows;
}

static enum role severity_role(const struct run_diagnostic *diagnostic) {
    if (!strcmp(diagnostic->severity, "error") || !strcmp(diagnostic->severity, "crash"))
        return ROLE_BAD;
    return strcmp(diagnostic->severity, "note") ? ROLE_PENDING : ROLE_DIM;
}

static void draw_diagnostic(const struct canvas *list, int row, const struct bench *bench,
                            size_t index) {
    const struct run_diagnostic *diagnostic = &bench->film->latest->diagnostics[index];
    bool selected = index == bench->scrolls[PANE_PROBLEMS].selected;
    canvas_put(list, row, 0, ROLE_KEY, selected ? ">" : " ");
    int column = 2;
    if (*diagnostic->file)
        column =
            canvas_printf(list, row, 2, ROLE_STRONG, "%s:%d", diagnostic->file, diagnostic->line);
    bool has_place = *diagnostic->file;
    column = canvas_put(list, row, has_place && column < 14 ? 14 : column + has_place,
                        severity_role(diagnostic), diagnostic->severity);
    int least = has_place ? 22 : 12;
    canvas_put(list, row, column < least ? least : column + 1, ROLE_TEXT, diagnostic->text);
    if (selected && bench->focus == PANE_PROBLEMS)
        canvas_cursor(list, row, 0);
}

/* The whole text of the selected message, below the list. */
static void draw_selected(const struct canvas *canvas, const struct bench *bench) {
    const struct run_diagnostic *diagnostic =
        &bench->film->latest->diagnostics[bench->scrolls[PANE_PROBLEMS].selected];
    struct lines lines = {0};
    char place[320];
    if (diagnostic->column)
        snprintf(place, sizeof place, "%s, line %d, column %d: press e to go there",
                 diagnostic->file, diagnostic->line, diagnostic->column);
    else
        snprintf(place, sizeof place, "%s, line %d: press e to go there", diagnostic->file,
                 diagnostic->line);
    if (*diagnostic->file)
        lines_wrap(&lines, TONE_DIM, place, canvas->columns - 2, "", "");
    lines_wrap(&lines, TONE_PLAIN, diagnostic->text, canvas->columns - 2, "", "");
    for (int row = 1; row < canvas->rows; row++) {
        struct canvas line = canvas_part(canvas, row, 2, 1, canvas->columns - 2);
        canvas_line(&line, 0, &lines, (size_t)row - 1, 0);
    }
    lines_release(&lines);
}

void pane_problems_draw(const struct canvas *canvas, struct bench *bench) {
    const struct run *run = bench->film->latest;
    if (!bench_has_problems(bench)) {
        pane_empty(canvas, run->build_done ? "The compiler had nothing to say."
                                           : "Compiler messages will stand here.");
        return;
    }
    int used = draw_words(canvas, bench);
    int left = canvas->rows - used;
    if (!run->diagnostic_count || left < 2)
        return;
    int below = left > 2 * SELECTED_ROWS ? SELECTED_ROWS : 0;
    int wanted = (int)run->diagnostic_count;
    int rows = wanted < left - below ? wanted : left - below;
    struct canvas list = canvas_part(canvas, used, 0, rows, canvas->columns);
    struct scroll *scroll = &bench->scrolls[PANE_PROBLEMS];
    scroll->selects = true;
    scroll_fit(scroll, run->diagnostic_count, rows);
    for (int row = 0; row < rows; row++)
        draw_diagnostic(&list, row, bench, scroll->top + (size_t)row);
    struct canvas selected = canvas_part(canvas, used + rows, 0, left - rows, canvas->columns);
    if (below)
        draw_selected(&selected, bench);
}

void pane_problems_text(struct bench *bench, size_t i, struct buf *into) {
    const struct run_diagnostic *diagnostic = &bench->film->latest->diagnostics[i];
    buf_printf(into, "%s:%d %s %s", diagnostic->file, diagnostic->line, diagnostic->severity,
               diagnostic->text);
}
