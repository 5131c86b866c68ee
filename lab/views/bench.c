#include "views/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "views/layout.h"
#include "views/panes.h"

static const struct pane_ops {
    const char *name;
    void (*draw)(const struct canvas *canvas, struct bench *bench);
} panes[PANE_COUNT] = {
    [PANE_TASK] = {"Task", pane_task_draw},
    [PANE_PROCESSES] = {"Processes", pane_processes_draw},
    [PANE_COUNTS] = {"Counts", pane_counts_draw},
    [PANE_MESSAGES] = {"Messages", pane_messages_draw},
    [PANE_OUTPUT] = {"Output", pane_output_draw},
    [PANE_CHECKS] = {"Checks", pane_checks_draw},
    [PANE_PROBLEMS] = {"Problems", pane_problems_draw},
};

void bench_init(struct bench *bench) {
    *bench = (struct bench){.source = "", .task = ""};
    bench->scrolls[PANE_MESSAGES].follows = true;
    bench->scrolls[PANE_OUTPUT].follows = true;
    bench->messages.kind = LISTING_MESSAGES;
    bench->lines.kind = LISTING_LINES;
    timeline_view_init(&bench->timeline);
}

void bench_release(struct bench *bench) {
    lines_release(&bench->task_lines);
    listing_release(&bench->messages);
    listing_release(&bench->lines);
    timeline_view_release(&bench->timeline);
    free(bench->find.words);
    *bench = (struct bench){.source = "", .task = ""};
}

int bench_only(const struct bench *bench) { return bench->only ? bench->selected_pid : 0; }

const struct run *bench_judged(const struct bench *bench) {
    return bench->shows_verdict ? bench->film->latest : bench->film->shown;
}

bool bench_has_problems(const struct bench *bench) {
    const struct run *run = bench->film->latest;
    return bench->checker_died || run->trouble || run->nonsense || run->diagnostic_count ||
           (run->build_done && !run->build_ok);
}

/* --- drawing --- */

static size_t verdict_words(const struct run *run, char *words, size_t size) {
    size_t passed = run_checks_with(run, CHECK_PASSED);
    const char *verdict = run->verdict;
    if (run_was_stopped(run))
        snprintf(words, size, "stopped, not graded");
    else if (!verdict)
        snprintf(words, size, "%zu of %zu pass", passed, run->check_count);
    else if (!strcmp(verdict, "error"))
        snprintf(words, size, "could not be graded");
    else if (!strcmp(verdict, "passed"))
        snprintf(words, size, "passed: all %zu checks, %g of %g points", run->check_count,
                 run->score, run->max_score);
    else
        snprintf(words, size, "%s: %zu of %zu checks pass, %g of %g points", verdict, passed,
                 run->check_count, run->score, run->max_score);
    return strlen(words);
}

static bool is_about_processes(enum pane pane) {
    return pane != PANE_TASK && pane != PANE_PROBLEMS;
}

static void title_of(const struct bench *bench, const struct placed *placed, char *title,
                     size_t size) {
    enum pane pane = placed->pane;
    const struct run *run = placed->strip ? bench->film->latest : bench_judged(bench);
    size_t used = (size_t)snprintf(title, size, "%d %s", pane + 1, panes[pane].name);
    bool tells = pane == PANE_CHECKS && run->phase != RUN_EMPTY && run->check_count &&
                 (placed->strip || !run->verdict); /* else the pane itself tells */
    if (tells && used + 3 < size) {
        used += (size_t)snprintf(title + used, size - used, ", ");
        if (bench->free_run)
            used += (size_t)snprintf(title + used, size - used, "not judged in a free run");
        else
            used += verdict_words(run, title + used, size - used);
    }
    if (bench_only(bench) && is_about_processes(pane) && !placed->strip && used < size)
        snprintf(title + used, size - used, ", only %d", bench_only(bench));
}

static struct canvas part_of(const struct canvas *area, const struct placed *placed) {
    return canvas_part(area, placed->row, placed->column, placed->rows, placed->columns);
}

static bool only_warnings(const struct bench *bench) {
    const struct run *run = bench->film->latest;
    return !bench->checker_died && !run->trouble && !run->nonsense && !run->errors &&
           (run->build_ok || !run->build_done);
}

static enum role problems_role(const struct bench *bench) {
    return only_warnings(bench) ? ROLE_PENDING : ROLE_BAD;
}

/* What the scenario is doing, at the right of the checks' title. */
static void draw_step(const struct canvas *whole, const struct bench *bench, int column) {
    char step[160];
    if (!bench->film->shown->step || !*bench->film->shown->step)
        return;
    snprintf(step, sizeof step, " %s ", bench->film->shown->step);
    canvas_field_right(whole, 0, column, whole->columns - column - 1, ROLE_PENDING, step);
}

static enum request pane_request(enum pane pane) {
    return (enum request)(REQUEST_PANE_1 + (int)pane);
}

/* Where there are no tabs, the checks' title tells that there are problems to look at. */
static void draw_pane(const struct canvas *area, const struct placed *placed, bool has_tabs,
                      struct bench *bench) {
    struct canvas whole = part_of(area, placed);
    struct canvas inner = canvas_part(&whole, 1, 0, whole.rows - 1, whole.columns);
    bool focused = placed->pane == bench->focus;
    char title[160];
    title_of(bench, placed, title, sizeof title);
    canvas_target(&whole, 0, 0, whole.rows, whole.columns, pane_request(placed->pane));
    int column = canvas_printf(&whole, 0, 1, focused ? ROLE_FOCUS : ROLE_STRONG, " %s ", title);
    if (placed->strip && !has_tabs && bench_has_problems(bench))
        column = canvas_printf(&whole, 0, column + 1, problems_role(bench), " %d %s ",
                               PANE_PROBLEMS + 1, panes[PANE_PROBLEMS].name);
    if (placed->pane == PANE_CHECKS)
        draw_step(&whole, bench, column + 2);
    if (placed->strip)
        pane_checks_strip(&inner, bench);
    else
        panes[placed->pane].draw(&inner, bench);
}

/* Whether the line between two columns of panes passes through a cell. */
static bool is_divider(const struct layout *layout, int row, int column) {
    for (size_t i = 0; i < layout->count; i++) {
        const struct placed *pane = &layout->panes[i];
        if (pane->column - 1 == column && row > pane->row && row < pane->row + pane->rows)
            return true;
    }
    return false;
}

static bool is_rule(const struct layout *layout, int row, int column) {
    for (size_t i = 0; i < layout->count; i++) {
        const struct placed *pane = &layout->panes[i];
        if (pane->row == row && column >= pane->column && column < pane->column + pane->columns)
            return true;
    }
    return false;
}

/* The lines between panes, with the right crossing wherever they meet a rule. */
static void draw_dividers(const struct canvas *area, const struct layout *layout) {
    enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };
    static const char *const crossings[16] = {
        [UP | DOWN] = "│",
        [UP | DOWN | LEFT] = "┤",
        [UP | DOWN | RIGHT] = "├",
        [UP | LEFT | RIGHT] = "┴",
        [DOWN | LEFT | RIGHT] = "┬",
        [LEFT | RIGHT] = "─",
        [UP | DOWN | LEFT | RIGHT] = "┼",
        [DOWN | RIGHT] = "┌",
        [DOWN | LEFT] = "┐",
        [UP | RIGHT] = "└",
        [UP | LEFT] = "┘",
        [UP] = "│",
        [DOWN] = "│",
    };
    for (size_t i = 0; i < layout->count; i++) {
        int column = layout->panes[i].column - 1;
        for (int row = 0; column >= 0 && row < area->rows; row++) {
            bool here = is_divider(layout, row, column);
            int sides = (here || is_divider(layout, row - 1, column) ? UP : 0) |
                        (here || is_divider(layout, row + 1, column) ? DOWN : 0) |
                        (is_rule(layout, row, column - 1) ? LEFT : 0) |
                        (is_rule(layout, row, column + 1) ? RIGHT : 0);
            bool inside = is_rule(layout, row, column) && !(sides & (UP | DOWN));
            if (crossings[sides] && !inside)
                canvas_put(area, row, column, ROLE_RULE, crossings[sides]);
        }
    }
}

static bool can_focus(const struct bench *bench, int pane) {
    return pane >= 0 && pane < PANE_COUNT && (pane != PANE_PROBLEMS || bench_has_problems(bench)) &&
           (pane != PANE_CHECKS || !bench->is_example);
}

static void draw_tabs(const struct canvas *row, const struct bench *bench) {
    int column = 1;
    for (int pane = 0; pane < PANE_COUNT; pane++) {
        if (!can_focus(bench, pane))
            continue;
        bool focused = pane == (int)bench->focus;
        enum role role = pane == PANE_PROBLEMS ? problems_role(bench) : ROLE_DIM;
        int start = column;
        column = canvas_printf(row, 0, column, focused ? ROLE_FOCUS : role, " %d %s ", pane + 1,
                               panes[pane].name);
        canvas_target(row, 0, start, 1, column - start, pane_request((enum pane)pane));
    }
}

void bench_draw(const struct canvas *body, struct bench *bench) {
    bool has_run = bench->film->shown->phase != RUN_EMPTY;
    struct layout layout = layout_of(body->rows, body->columns, bench->focus, has_run,
                                     !bench->is_example, bench->film->shown->processes.count);
    struct canvas area = *body;
    bench->has_room = layout.kind == LAYOUT_WIDE || layout.kind == LAYOUT_MIDDLE;
    if (bench->in_timeline) {
        pane_processes_choose(bench);
        timeline_view_fit(&bench->timeline, bench->film, bench_only(bench));
        timeline_view_draw(body, &bench->timeline, bench->film, bench->selected_pid);
        return;
    }
    if (layout.kind == LAYOUT_TABS) {
        draw_tabs(body, bench);
        area = canvas_part(body, 1, 0, body->rows - 1, body->columns);
        layout.panes[0].rows--;
        if (layout.count > 1)
            layout.panes[1].row--;
    }
    for (size_t i = 0; i < layout.count; i++) {
        struct canvas whole = part_of(&area, &layout.panes[i]);
        canvas_rule(&whole, 0, ROLE_RULE, "");
    }
    draw_dividers(&area, &layout);
    for (size_t i = 0; i < layout.count; i++)
        draw_pane(&area, &layout.panes[i], layout.kind == LAYOUT_TABS, bench);
}

/* --- keys --- */

static void step_focus(struct bench *bench, int by) {
    int pane = (int)bench->focus;
    do
        pane = (pane + by + PANE_COUNT) % PANE_COUNT;
    while (!can_focus(bench, pane));
    bench->focus = (enum pane)pane;
}

static void move_in_checks(struct bench *bench, enum request request) {
    bool pages = request == REQUEST_PAGE_UP || request == REQUEST_PAGE_DOWN;
    if (pages)
        scroll_move(&bench->detail, request);
    else if (scroll_move(&bench->scrolls[PANE_CHECKS], request))
        bench->detail = (struct scroll){0};
}

bool bench_move(struct bench *bench, enum request request) {
    if (request == REQUEST_NEXT_PANE || request == REQUEST_PREVIOUS_PANE) {
        step_focus(bench, request == REQUEST_NEXT_PANE ? 1 : -1);
        return true;
    }
    if (request >= REQUEST_PANE_1 && request <= REQUEST_PANE_9) {
        if (can_focus(bench, (int)(request - REQUEST_PANE_1)))
            bench->focus = (enum pane)(request - REQUEST_PANE_1);
        return true;
    }
    if (request < REQUEST_UP || request > REQUEST_BOTTOM)
        return false;
    if (bench->focus == PANE_PROCESSES)
        pane_processes_move(bench, request);
    else if (bench->focus == PANE_CHECKS)
        move_in_checks(bench, request);
    else
        scroll_move(&bench->scrolls[bench->focus], request);
    return true;
}

void bench_run_began(struct bench *bench) {
    bench->selected_pid = 0;
    bench->shows_verdict = bench->find.found = false;
    timeline_view_release(&bench->timeline);
    listing_release(&bench->messages);
    listing_release(&bench->lines);
    bench->detail = bench->scrolls[PANE_CHECKS] = bench->scrolls[PANE_PROBLEMS] =
        bench->scrolls[PANE_COUNTS] = bench->scrolls[PANE_PROCESSES] = (struct scroll){0};
    bench->scrolls[PANE_MESSAGES] = bench->scrolls[PANE_OUTPUT] = (struct scroll){.follows = true};
    if (bench->focus == PANE_TASK || bench->focus >= PANE_CHECKS)
        bench->focus = PANE_PROCESSES;
}

static size_t first_failed(const struct run *run) {
    for (size_t i = 0; i < run->check_count; i++)
        if (run->checks[i].status == CHECK_FAILED || run->checks[i].status == CHECK_ERROR)
            return i;
    return 0;
}

static size_t first_error(const struct run *run) {
    for (size_t i = 0; i < run->diagnostic_count; i++)
        if (!strcmp(run->diagnostics[i].severity, "error"))
            return i;
    return 0;
}

void bench_run_ended(struct bench *bench) {
    const struct run *run = bench->film->latest;
    bool cannot = bench->checker_died || run->trouble || (run->build_done && !run->build_ok);
    if (cannot) {
        bench->focus = PANE_PROBLEMS;
        scroll_select(&bench->scrolls[PANE_PROBLEMS], first_error(run));
    } else if (run->phase == RUN_JUDGED && !bench->free_run && !run_was_stopped(run)) {
        bench->focus = PANE_CHECKS;
        scroll_select(&bench->scrolls[PANE_CHECKS], first_failed(run));
    }
}

const struct run_check *bench_check(const struct bench *bench) {
    const struct run_check *checks[RUN_CHECKS_MAX];
    size_t selected = bench->scrolls[PANE_CHECKS].selected;
    return selected < pane_checks_listed(bench, checks) ? checks[selected] : NULL;
}

int bench_victim(const struct bench *bench) {
    const struct process *process =
        processes_find(&bench->film->shown->processes, bench->selected_pid);
    return process && process->end == PROCESS_ALIVE ? process->pid : 0;
}

const struct run_diagnostic *bench_diagnostic(const struct bench *bench) {
    const struct run *run = bench->film->latest;
    size_t selected = bench->scrolls[PANE_PROBLEMS].selected;
    bool wanted =
        run->errors || bench->focus == PANE_PROBLEMS; /* a warning does not get in the way */
    return wanted && selected < run->diagnostic_count ? &run->diagnostics[selected] : NULL;
}

/* --- words --- */

static enum role running_words(const struct bench *bench, char *words, size_t size) {
    const struct run *run = bench->film->latest;
    if (bench->state == BENCH_STOPPING)
        snprintf(words, size, "stopping");
    else if (run->phase <= RUN_BUILDING)
        snprintf(words, size, "compiling");
    else if (run->phase >= RUN_ENDED)
        snprintf(words, size, "grading");
    else if (bench->is_example)
        snprintf(words, size, "running  %.1f s", (double)run->now_ns / 1e9);
    else if (bench->free_run)
        snprintf(words, size, "free run  %.1f s", (double)run->now_ns / 1e9);
    else
        snprintf(words, size, "running  %.1f s   %zu of %zu checks pass", (double)run->now_ns / 1e9,
                 run_checks_with(run, CHECK_PASSED), run->check_count);
    return ROLE_STRONG;
}

enum role bench_state_words(const struct bench *bench, char *words, size_t size) {
    const struct run *run = bench->film->latest;
    if (bench->state == BENCH_RUNNING || bench->state == BENCH_STOPPING)
        return running_words(bench, words, size);
    if (bench->checker_died) {
        snprintf(words, size, "the checker failed");
        return ROLE_BAD;
    }
    if (run->build_done && !run->build_ok) {
        snprintf(words, size, "does not compile");
        return ROLE_BAD;
    }
    if (run->verdict && !bench->free_run) {
        verdict_words(run, words, size);
        if (run_was_stopped(run))
            return ROLE_DIM;
        return !strcmp(run->verdict, "passed") ? ROLE_GOOD : ROLE_BAD;
    }
    const char *ended = run->outcome && strcmp(run->outcome, "stopped") ? run->outcome : "ended";
    const char *before = bench->before ? bench->before : "not run yet";
    snprintf(words, size, "%s", run->phase == RUN_EMPTY ? before : ended);
    return ROLE_DIM;
}
