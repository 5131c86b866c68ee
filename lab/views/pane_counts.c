#include <stdio.h>

#include "views/panes.h"

enum { PID_WIDTH = 7, NUMBER_WIDTH = 6, WIDE_COLUMNS = 56 };

static bool counts(const struct run *run, const struct process *process) {
    bool worker = process_is_worker(&run->processes, process);
    return process->answered || process->has_reported || (worker && process->end == PROCESS_ALIVE);
}

static void report_words(const struct process *process, bool wide, char *words, size_t size) {
    int64_t since = process->answered - process->answered_then;
    if (!process->has_reported)
        snprintf(words, size, "none yet");
    else if (process_misreported(process))
        snprintf(words, size, "%lld of %lld", (long long)process->reported,
                 (long long)process->answered_then);
    else if (since > 0)
        snprintf(words, size, "%lld  +%lld%s", (long long)process->reported, (long long)since,
                 wide ? " since" : "");
    else
        snprintf(words, size, "%lld", (long long)process->reported);
}

static int64_t most_answered(const struct run *run) {
    int64_t most = 1;
    for (size_t i = 0; i < run->processes.count; i++)
        if (run->processes.items[i].answered > most)
            most = run->processes.items[i].answered;
    return most;
}

static void draw_row(const struct canvas *canvas, int row, const struct run *run,
                     const struct process *process, int64_t most) {
    bool wide = canvas->columns >= WIDE_COLUMNS;
    int report_width = wide ? 20 : 12;
    int room = canvas->columns - PID_WIDTH - NUMBER_WIDTH - report_width - 2;
    int bar = room > 0 ? (int)((process->answered * room + most - 1) / most) : 0;
    enum role role = pane_pid_role(run, process->pid);
    char words[64];
    canvas_printf(canvas, row, 1, role, "%d", process->pid);
    canvas_repeat(canvas, row, PID_WIDTH, bar, role, "█");
    canvas_printf(canvas, row, PID_WIDTH + bar + (bar ? 1 : 0), ROLE_TEXT, "%lld",
                  (long long)process->answered);
    report_words(process, wide, words, sizeof words);
    int column = canvas->columns - report_width;
    column = canvas_put(canvas, row, column, ROLE_REPORTED, "░ ");
    canvas_put(canvas, row, column, process_misreported(process) ? ROLE_BAD : ROLE_TEXT, words);
}

void pane_counts_draw(const struct canvas *canvas, struct bench *bench) {
    const struct run *run = bench->film->shown;
    const struct process *shown[PROCESSES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < run->processes.count; i++)
        if (counts(run, &run->processes.items[i]) &&
            (!bench_only(bench) || run->processes.items[i].pid == bench_only(bench)))
            shown[count++] = &run->processes.items[i];
    if (!count) {
        pane_empty(canvas, run->processes.serves     ? "No worker yet."
                           : run->phase >= RUN_ENDED ? "There were no requests in this run."
                                                     : "No requests yet.");
        return;
    }
    struct scroll *scroll = &bench->scrolls[PANE_COUNTS];
    struct canvas list = canvas_part(canvas, 1, 0, canvas->rows - 1, canvas->columns);
    canvas_put(canvas, 0, 1, ROLE_DIM, "worker");
    int column = canvas_put(canvas, 0, PID_WIDTH + 1, ROLE_DIM, "█ answered  ░ reported");
    if (run->unanswered)
        canvas_printf(canvas, 0, column + 2, ROLE_BAD, "%lld unanswered",
                      (long long)run->unanswered);
    scroll_fit(scroll, count, list.rows);
    int64_t most = most_answered(run);
    for (int row = 0; row < list.rows && scroll->top + (size_t)row < count; row++)
        draw_row(&list, row, run, shown[scroll->top + (size_t)row], most);
}
