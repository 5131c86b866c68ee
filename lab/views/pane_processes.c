#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "text/width.h"
#include "views/panes.h"

enum { DEPTH_MOST = PROCESS_BARS_MAX - 1, DOING_COLUMN = 15, WIDE_COLUMNS = 72, LIFE_COLUMNS = 52 };

struct widths { /* of the columns at the right */
    int life, age, answered, reported;
};

static struct widths widths_of(const struct canvas *canvas) {
    if (canvas->columns >= WIDE_COLUMNS)
        return (struct widths){9, 7, 9, 9};
    return canvas->columns >= LIFE_COLUMNS ? (struct widths){6, 5, 6, 0}
                                           : (struct widths){0, 6, 6, 0};
}

static int right_column(const struct canvas *canvas, const struct widths *widths) {
    return canvas->columns - widths->life - widths->age - widths->answered - widths->reported - 1;
}

enum role pane_pid_role(const struct run *run, int pid) {
    const struct process *process = processes_find(&run->processes, pid);
    if (!process)
        return ROLE_DIM;
    if (!process->birth)
        return ROLE_PID;
    return (enum role)(ROLE_PID + 1 + (process->birth - 1) % (PID_ROLES - 1));
}

static const struct process *first_child(const struct run *run) {
    for (size_t i = 0; i < run->processes.count; i++) {
        const struct process *process = &run->processes.items[i];
        if (process->end == PROCESS_ALIVE && process->birth)
            return process;
    }
    return NULL;
}

static bool any_lives(const struct run *run) {
    for (size_t i = 0; i < run->processes.count; i++)
        if (run->processes.items[i].end == PROCESS_ALIVE)
            return true;
    return false;
}

/* The row of the selected process; one that is gone gives way to the first living child, and once nothing lives any
 * more to the first of all. */
static size_t selected_row(struct bench *bench, const struct process_row *rows, size_t count) {
    const struct process *child = first_child(bench->film->shown);
    if (!processes_find(&bench->film->shown->processes, bench->selected_pid))
        bench->selected_pid = child                                     ? child->pid
                              : count && !any_lives(bench->film->shown) ? rows[0].process->pid
                                                                        : 0;
    for (size_t i = 0; i < count; i++)
        if (rows[i].process->pid == bench->selected_pid)
            return i;
    return 0;
}

static size_t tree_of(struct bench *bench, struct process_row *rows) {
    return processes_tree(&bench->film->shown->processes, rows, PROCESSES_MAX);
}

void pane_processes_select(struct bench *bench, size_t row) {
    struct process_row rows[PROCESSES_MAX];
    if (row < tree_of(bench, rows))
        bench->selected_pid = rows[row].process->pid;
}

void pane_processes_move(struct bench *bench, enum request request) {
    struct process_row rows[PROCESSES_MAX];
    size_t count = tree_of(bench, rows);
    struct scroll *scroll = &bench->scrolls[PANE_PROCESSES];
    scroll->selects = true;
    scroll->count = count;
    scroll->selected = selected_row(bench, rows, count);
    scroll_move(scroll, request);
    if (count)
        bench->selected_pid = rows[scroll->selected].process->pid;
}

void pane_processes_text(struct bench *bench, size_t i, struct buf *into) {
    struct process_row rows[PROCESSES_MAX];
    char words[160];
    if (i >= tree_of(bench, rows))
        return;
    process_words(rows[i].process, true, words, sizeof words);
    buf_printf(into, "%d %s %s", rows[i].process->pid,
               process_role_name(process_role(&bench->film->shown->processes, rows[i].process)),
               words);
}

void pane_processes_choose(struct bench *bench) {
    const struct process *child = first_child(bench->film->latest);
    if (!bench->selected_pid && child)
        bench->selected_pid = child->pid;
}

/* Whether b is a, or above it in the tree. */
static bool is_above(const struct processes *processes, const struct process *a,
                     const struct process *b) {
    for (int depth = 0; a && depth < PROCESSES_MAX; depth++) {
        if (a == b)
            return true;
        a = a->parent ? processes_find(processes, a->parent) : NULL;
    }
    return false;
}

/* Of the tree, the chosen process with those above and below it. */
static size_t keep_kin(const struct bench *bench, struct process_row *rows, size_t count) {
    const struct processes *processes = &bench->film->shown->processes;
    const struct process *chosen = processes_find(processes, bench_only(bench));
    size_t kept = 0;
    if (!chosen)
        return count;
    for (size_t i = 0; i < count; i++)
        if (is_above(processes, chosen, rows[i].process) ||
            is_above(processes, rows[i].process, chosen))
            rows[kept++] = rows[i];
    return kept;
}

/* From the run's start at the left to the moment shown at the right: when it lived, and how it ended. */
static void draw_life(const struct canvas *canvas, int row, int column, int width,
                      const struct process *process, const struct run *run) {
    int64_t whole_ns = run->now_ns > 0 ? run->now_ns : 1;
    bool ended = process->end != PROCESS_ALIVE;
    int64_t until_ns = ended ? process->ended_ns : whole_ns;
    int from = (int)(process->born_ns * (width - 1) / whole_ns);
    int to = (int)(until_ns * (width - 1) / whole_ns);
    enum role role = pane_pid_role(run, process->pid);
    canvas_repeat(canvas, row, column + from, to - from + !ended, role, "━");
    if (ended && !process->at_end)
        canvas_put(canvas, row, column + to, ROLE_BAD, "╳");
    else if (ended)
        canvas_put(canvas, row, column + to, role, "╸");
    if (process_is_zombie(process))
        canvas_repeat(canvas, row, column + to + 1, width - 1 - to, ROLE_BAD, "┄");
}

static int draw_right(const struct canvas *canvas, int row, const struct process *process,
                      const struct run *run, enum role role) {
    struct widths widths = widths_of(canvas);
    int start = right_column(canvas, &widths), column = start;
    int64_t until = process->end == PROCESS_ALIVE ? run->now_ns : process->ended_ns;
    /* A master that only accepts and passes on serves nobody. */
    bool serves = process->answered || (process->serves && process->birth);
    const char *unreported = serves ? "none" : "";
    char age[32], answered[32], reported[32];
    snprintf(age, sizeof age, "%lld s", (long long)((until - process->born_ns) / NS_PER_S));
    snprintf(answered, sizeof answered, "%lld", (long long)process->answered);
    snprintf(reported, sizeof reported, "%lld", (long long)process->reported);
    if (widths.life)
        draw_life(canvas, row, column + 1, widths.life - 1, process, run);
    column = canvas_field_right(canvas, row, column + widths.life, widths.age, role, age);
    column = canvas_field_right(canvas, row, column, widths.answered, role, serves ? answered : "");
    canvas_field_right(canvas, row, column, widths.reported, ROLE_DIM,
                       process->has_reported ? reported : unreported);
    return start;
}

static void draw_heads(const struct canvas *canvas) {
    struct widths widths = widths_of(canvas);
    int column = right_column(canvas, &widths);
    canvas_put(canvas, 0, 2, ROLE_DIM, "process");
    if (widths.life)
        canvas_put(canvas, 0, column + 1, ROLE_DIM, "life");
    column = canvas_field_right(canvas, 0, column + widths.life, widths.age, ROLE_DIM, "age");
    column = canvas_field_right(canvas, 0, column, widths.answered, ROLE_DIM,
                                widths.reported ? "answered" : "ans.");
    canvas_field_right(canvas, 0, column, widths.reported, ROLE_DIM, "reported");
}

static enum role words_role(const struct process *process) {
    if (process->end == PROCESS_ALIVE)
        return process->in_hand ? ROLE_STRONG : ROLE_TEXT;
    return process_is_zombie(process) ? ROLE_BAD : ROLE_DIM;
}

/* As much as `columns` hold: what it waits on goes first, then what it waits in, then all but the fact that
 * it took another's place. */
static void doing_words(const struct process *process, int columns, char *words, size_t size) {
    char replaces[32] = "";
    if (process->replaces && process->end == PROCESS_ALIVE)
        snprintf(replaces, sizeof replaces, "replaces %d", process->replaces);
    for (int full = 1; full >= 0; full--) {
        process_words(process, full, words, size);
        size_t used = strlen(words);
        snprintf(words + used, size - used, "%s%s", *replaces ? ", " : "", replaces);
        if (width_of(words, strlen(words)) <= columns)
            return;
    }
    if (*replaces)
        snprintf(words, size, "%s", replaces);
}

static void draw_row(const struct canvas *canvas, int row, const struct process_row *item,
                     const struct bench *bench) {
    const struct process *process = item->process;
    bool selected = process->pid == bench->selected_pid;
    bool alive = process->end == PROCESS_ALIVE;
    const char *role = process_role_name(process_role(&bench->film->shown->processes, process));
    char words[160];
    int end = draw_right(canvas, row, process, bench->film->shown, alive ? ROLE_TEXT : ROLE_DIM);
    struct canvas left = canvas_part(canvas, row, 0, 1, end);
    canvas_put(&left, 0, 0, ROLE_KEY, selected ? ">" : " ");
    int column = 2 * (item->depth > DEPTH_MOST ? DEPTH_MOST : item->depth);
    for (int depth = 1; depth < item->depth && depth < DEPTH_MOST; depth++)
        if (item->bars & 1u << depth)
            canvas_put(&left, 0, 2 * depth, ROLE_RULE, "│");
    if (item->depth)
        canvas_put(&left, 0, column, ROLE_RULE, item->last ? "└" : "├");
    column = canvas_printf(&left, 0, column + 2, pane_pid_role(bench->film->shown, process->pid),
                           "%d", process->pid);
    column = canvas_put(&left, 0, column + 1, alive ? ROLE_TEXT : ROLE_DIM, role);
    column = column < DOING_COLUMN ? DOING_COLUMN : column + 1;
    doing_words(process, left.columns - column, words, sizeof words);
    canvas_put(&left, 0, column, words_role(process), words);
    if (selected && bench->focus == PANE_PROCESSES)
        canvas_cursor(&left, 0, 0);
}

void pane_processes_draw(const struct canvas *canvas, struct bench *bench) {
    struct process_row rows[PROCESSES_MAX];
    size_t count = tree_of(bench, rows);
    if (!count) {
        char words[160];
        snprintf(words, sizeof words, "Press r to compile and run %s.", bench->source);
        pane_empty(canvas, bench->state != BENCH_IDLE ? "Nothing was started yet." : words);
        return;
    }
    struct scroll *scroll = &bench->scrolls[PANE_PROCESSES];
    struct canvas list = canvas_part(canvas, 1, 0, canvas->rows - 1, canvas->columns);
    draw_heads(canvas);
    scroll->selects = true;
    selected_row(bench, rows, count); /* there is one, from here on */
    count = keep_kin(bench, rows, count);
    scroll->selected = selected_row(bench, rows, count);
    scroll_fit(scroll, count, list.rows);
    if (!bench_only(bench)) /* else rows are not those of the tree */
        canvas_items(&list, 0, list.rows, scroll, scroll->top);
    for (int row = 0; row < list.rows && scroll->top + (size_t)row < count; row++)
        draw_row(&list, row, &rows[scroll->top + (size_t)row], bench);
}
