/* What the mouse can hit on the frame that is shown: views tell it while they draw, the app asks on a click.
 *
 *     targets_clear(&targets);                                     // before a frame
 *     canvas_target(&pane, 0, 0, 5, 20, REQUEST_PANE_1, NULL);      // views
 *     const struct target *target = targets_at(&targets, row, column);
 */
#ifndef BRIGADE_UI_TARGETS_H
#define BRIGADE_UI_TARGETS_H

#include <stddef.h>

#include "ui/keys.h"
#include "ui/scroll.h"

enum { TARGETS_MOST = 96 }; /* further ones cannot be hit */

struct target {
    int row, column, rows, columns; /* of the screen */
    enum request request;           /* what a click asks for, REQUEST_NONE: nothing */
    struct scroll *scroll;          /* of a list, an item a row; NULL: none */
    size_t item;                    /* in the first of the rows */
};

struct targets {
    struct target list[TARGETS_MOST];
    size_t count;
};

void targets_clear(struct targets *targets);
void targets_add(struct targets *targets, const struct target *target);

/* The one told last of those that cover the cell; NULL if there is none. */
const struct target *targets_at(const struct targets *targets, int row, int column);

/* Selects the item of a list under `row`. True if it was selected already: then a click opens it. */
bool target_select(const struct target *target, int row);

#endif
