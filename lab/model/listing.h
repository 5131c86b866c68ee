/* The messages, or the lines of output, that a pane lists: all of them, or those of one process; as many as
 * there were at a moment.
 *
 *     struct listing listing = {.kind = LISTING_LINES, .only = pid};
 *     size_t count = listing_fit(&listing, history, moment);   // before it is used
 *     history->lines[listing_item(&listing, i)]
 *     listing_release(&listing);
 */
#ifndef BRIGADE_MODEL_LISTING_H
#define BRIGADE_MODEL_LISTING_H

#include "model/history.h"

enum listing_kind { LISTING_MESSAGES, LISTING_LINES };

struct listing {
    enum listing_kind kind;
    int only; /* a pid; 0: all */
    /* the rest is its own */
    int fitted; /* what `items` were chosen by */
    uint32_t *items;
    size_t count, capacity;
    size_t seen; /* of the history's list */
    uint64_t dropped;
};

size_t listing_fit(struct listing *listing, const struct history *history, uint32_t moment);
size_t listing_item(const struct listing *listing, size_t i);
void listing_release(struct listing *listing); /* its kind stays; for another run, too */

#endif
