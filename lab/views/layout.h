/* Where the panes of the workbench stand: by the size of the screen and the pane in focus.
 *
 *     before the first run, from middle on: the task beside the list of checks
 *     wide      the task at the left, the live panes beside it, the checks below
 *     middle    the live panes, the checks below; the task takes the left half when it is in focus
 *     tabs      (80x24) one pane under a row of tabs, the checks below
 *     single    one pane
 */
#ifndef BRIGADE_VIEWS_LAYOUT_H
#define BRIGADE_VIEWS_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "views/bench.h"

struct placed {
    enum pane pane;
    int row, column, rows, columns; /* its title's row included */
    bool strip;                     /* the short form of the checks */
};

enum layout_kind { LAYOUT_WIDE, LAYOUT_MIDDLE, LAYOUT_TABS, LAYOUT_SINGLE };

struct layout {
    enum layout_kind kind;
    struct placed panes[PANE_COUNT];
    size_t count;
};

/* `has_checks`: else there is none to leave room for, and what the program prints stands below on a small screen.
 * `processes`: how many the live panes have to show. */
struct layout layout_of(int rows, int columns, enum pane focus, bool has_run, bool has_checks,
                        size_t processes);

#endif
