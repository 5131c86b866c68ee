#include "views/layout.h"

enum {
    WIDE_COLUMNS = 132,
    MIDDLE_COLUMNS = 96,
    MIDDLE_ROWS = 22, /* of the body: without the lines at the top and the bottom */
    TABS_COLUMNS = 78,
    TABS_ROWS = 20,
    STRIP_ROWS = 4,
    TASK_COLUMNS_LEAST = 46,
    TASK_COLUMNS_MOST = 76,
    CHECKS_COLUMNS_LEAST = 28,
    MESSAGES_COLUMNS_LEAST = 43,
    LIVE_ROWS_LEAST = 3,  /* processes shown */
    LIVE_ROWS_AROUND = 3, /* title, heads, a blank */
};

static void place(struct layout *layout, enum pane pane, int row, int column, int rows,
                  int columns) {
    layout->panes[layout->count++] = (struct placed){pane, row, column, rows, columns, false};
}

static void place_strip(struct layout *layout, int row, int columns) {
    place(layout, PANE_CHECKS, row, 0, STRIP_ROWS, columns);
    layout->panes[layout->count - 1].strip = true;
}

/* The live panes in a rectangle: two rows of two; a pane that needs room takes the lower row. */
static void place_live(struct layout *layout, int column, int rows, int columns, enum pane focus,
                       size_t processes) {
    int upper = rows * 45 / 100, left = columns * 56 / 100;
    bool below_needs_room = focus == PANE_CHECKS || focus == PANE_PROBLEMS;
    if (below_needs_room && processes + LIVE_ROWS_AROUND < (size_t)upper)
        upper = processes < LIVE_ROWS_LEAST ? LIVE_ROWS_LEAST + LIVE_ROWS_AROUND
                                            : (int)processes + LIVE_ROWS_AROUND;
    place(layout, PANE_PROCESSES, 0, column, upper, left);
    place(layout, PANE_COUNTS, 0, column + left + 1, upper, columns - left - 1);
    if (below_needs_room) {
        place(layout, focus, upper, column, rows - upper, columns);
        return;
    }
    left = columns * 44 / 100; /* a line of output is longer than a message */
    left = left < MESSAGES_COLUMNS_LEAST ? MESSAGES_COLUMNS_LEAST : left;
    place(layout, PANE_MESSAGES, upper, column, rows - upper, left);
    place(layout, PANE_OUTPUT, upper, column + left + 1, rows - upper, columns - left - 1);
}

/* Before the first run: the task, and what will be asked of it. */
static void place_reading(struct layout *layout, int rows, int columns) {
    int left = columns - CHECKS_COLUMNS_LEAST - 1;
    left = left > TASK_COLUMNS_MOST ? TASK_COLUMNS_MOST : left;
    place(layout, PANE_TASK, 0, 0, rows, left);
    place(layout, PANE_CHECKS, 0, left + 1, rows, columns - left - 1);
}

static void place_middle(struct layout *layout, int rows, int columns, enum pane focus,
                         size_t processes) {
    if (focus != PANE_TASK) {
        place_live(layout, 0, rows, columns, focus, processes);
        return;
    }
    int left = columns * 56 / 100, right = columns - left - 1;
    place(layout, PANE_TASK, 0, 0, rows, left);
    place(layout, PANE_PROCESSES, 0, left + 1, rows / 2, right);
    place(layout, PANE_OUTPUT, rows / 2, left + 1, rows - rows / 2, right);
}

static void place_wide(struct layout *layout, int rows, int columns, enum pane focus,
                       size_t processes) {
    int left = columns * 33 / 100;
    left = left < TASK_COLUMNS_LEAST ? TASK_COLUMNS_LEAST : left;
    place(layout, PANE_TASK, 0, 0, rows, left);
    place_live(layout, left + 1, rows, columns - left - 1, focus, processes);
}

struct layout layout_of(int rows, int columns, enum pane focus, bool has_run, bool has_checks,
                        size_t processes) {
    struct layout layout = {0};
    bool strip = focus != PANE_CHECKS && has_checks;
    if (rows < TABS_ROWS || columns < TABS_COLUMNS) {
        layout.kind = LAYOUT_SINGLE;
        place(&layout, focus, 0, 0, rows, columns);
        return layout;
    }
    if (rows < MIDDLE_ROWS || columns < MIDDLE_COLUMNS) {
        bool output = !has_checks && focus >= PANE_PROCESSES && focus <= PANE_MESSAGES;
        int below = strip ? STRIP_ROWS : output ? rows / 2 : 0;
        layout.kind = LAYOUT_TABS;
        place(&layout, focus, 0, 0, rows - below, columns);
        if (strip)
            place_strip(&layout, rows - below, columns);
        else if (output)
            place(&layout, PANE_OUTPUT, rows - below, 0, below, columns);
        return layout;
    }
    layout.kind = columns >= WIDE_COLUMNS ? LAYOUT_WIDE : LAYOUT_MIDDLE;
    if (focus == PANE_TASK && !has_run && has_checks) {
        place_reading(&layout, rows, columns);
        return layout;
    }
    int upper = rows - (strip ? STRIP_ROWS : 0);
    if (layout.kind == LAYOUT_WIDE)
        place_wide(&layout, upper, columns, focus, processes);
    else
        place_middle(&layout, upper, columns, focus, processes);
    if (strip)
        place_strip(&layout, upper, columns);
    return layout;
}
