/* Where a list or a page stands: which rows show, which item is selected.
 *
 *     scroll_fit(&scroll, item_count, canvas.rows);   // before drawing: keeps it within bounds
 *     for (row = 0; row < canvas.rows; row++) draw item scroll.top + row
 *     scroll_move(&scroll, request);                  // on a key; says whether something moved
 *
 * Zeroed, it stands at the top.
 */
#ifndef BRIGADE_UI_SCROLL_H
#define BRIGADE_UI_SCROLL_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/keys.h"

struct scroll {
    size_t count; /* items, as of the last fit */
    size_t rows;  /* shown at once */
    size_t top;
    size_t selected;
    bool selects; /* a selection moves, and the page after it; else the page moves */
    bool follows; /* stays at the end until moved away from it */
};

void scroll_fit(struct scroll *scroll, size_t count, int rows);
bool scroll_move(struct scroll *scroll, enum request request);
void scroll_select(struct scroll *scroll, size_t item); /* and shows it at the next fit */
bool scroll_at_end(const struct scroll *scroll);
size_t
scroll_percent(const struct scroll *scroll); /* how much of it was on the screen, from the top */

#endif
