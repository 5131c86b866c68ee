#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "text/width.h"
#include "views/panes.h"

enum { DOING_COLUMN = 15, WIDE_COLUMNS = 72 };

struct widths { /* of the columns at the right */
    int age, answered, reported;
};

static struct widths widths_of(const struct canvas *canvas) {
    return canvas->columns >= WIDE_COLUMNS ? (struct widths){7, 10, 10} : (struct widths){6, 6, 0};
}

static int right_column(const struct canvas *canvas, const struct widths *widths) {
    return canvas->columns - widths->age - widths->answered - widths->reported - 1;
}

enum role pane_pid_role(const struct run *run, int pid) {
    const struct process *process = processes_find(&run->processes, pid);
    if (!process)
        return ROLE_DIM;
    if (!process->birth)
        return ROLE_PID;
    return (enum role)(ROLE_PID + 1 + (process->birth - 1) % (PID_ROLES - 1));
}

static const struct process *first_worker(const struct run *run) {
    for (size_t i = 0; i < run->processes.count; i++) {
        const struct process *process = &run->processes.items[i];
        if (process->end == PROCESS_ALIVE && process_is_worker(&run->processes, process))
            return process;
    }
    return NULL;
}

/* The row of the selected process; one that is gone gives way to the first living worker. */
static size_t selected_row(struct bench *bench, const struct process_row *rows, size_t count) {
    const struct process *worker = first_worker(bench->run);
    if (!processes_find(&bench->run->processes, bench->selected_pid))
        bench->selected_pid = worker ? worker->pid : 0;
    for (size_t i = 0; i < count; i++)
        if (rows[i].process->pid == bench->selected_pid)
            return i;
    return 0;
}

void pane_processes_move(struct bench *bench, enum request request) {
    struct process_row rows[PROCESSES_MAX];
    size_t count = processes_tree(&bench->run->processes, rows, PROCESSES_MAX);
    struct scroll *scroll = &bench->scrolls[PANE_PROCESSES];
    scroll->selects = true;
    scroll->count = count;
    scroll->selected = selected_row(bench, rows, count);
    scroll_move(scroll, request);
    if (count)
        bench->selected_pid = rows[scroll->selected].process->pid;
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
    column = canvas_field_right(canvas, row, column, widths.age, role, age);
    column = canvas_field_right(canvas, row, column, widths.answered, role, serves ? answered : "");
    canvas_field_right(canvas, row, column, widths.reported, ROLE_DIM,
                       process->has_reported ? reported : unreported);
    return start;
}

static void draw_heads(const struct canvas *canvas) {
    struct widths widths = widths_of(canvas);
    int column = right_column(canvas, &widths);
    canvas_put(canvas, 0, 2, ROLE_DIM, "process");
    column = canvas_field_right(canvas, 0, column, widths.age, ROLE_DIM, "age");
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
    const char *role = process_role_name(process_role(&bench->run->processes, process));
    char words[160];
    int end = draw_right(canvas, row, process, bench->run, alive ? ROLE_TEXT : ROLE_DIM);
    struct canvas left = canvas_part(canvas, row, 0, 1, end);
    canvas_put(&left, 0, 0, ROLE_KEY, selected ? ">" : " ");
    int column = 2 * (item->depth > 8 ? 8 : item->depth);
    if (item->depth)
        canvas_put(&left, 0, column, ROLE_RULE, item->last ? "└" : "├");
    column = canvas_printf(&left, 0, column + 2, pane_pid_role(bench->run, process->pid), "%d",
                           process->pid);
    column = canvas_put(&left, 0, column + 1, alive ? ROLE_TEXT : ROLE_DIM, role);
    column = column < DOING_COLUMN ? DOING_COLUMN : column + 1;
    doing_words(process, left.columns - column, words, sizeof words);
    canvas_put(&left, 0, column, words_role(process), words);
    if (selected && bench->focus == PANE_PROCESSES)
        canvas_cursor(&left, 0, 0);
}

void pane_processes_draw(const struct canvas *canvas, struct bench *bench) {
    struct process_row rows[PROCESSES_MAX];
    size_t count = processes_tree(&bench->run->processes, rows, PROCESSES_MAX);
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
    scroll->selected = selected_row(bench, rows, count);
    scroll_fit(scroll, count, list.rows);
    for (int row = 0; row < list.rows && scroll->top + (size_t)row < count; row++)
        draw_row(&list, row, &rows[scroll->top + (size_t)row], bench);
}
