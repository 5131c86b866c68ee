/* The run as rows of a sequence diagram: what is worth a row at a zoom, requests of one stretch folded.
 *
 *     struct timeline timeline = {.zoom = TIMELINE_OVERVIEW, .only = pid};
 *     timeline_fit(&timeline, history);                     // before it is used
 *     size_t row = timeline_row_at(&timeline, moment);
 *     row = timeline_find(&timeline, history, row, 1, TIMELINE_MESSAGE);
 *     timeline_mark(&timeline, events, count);              // the rest is dimmed
 *     timeline_release(&timeline);
 */
#ifndef BRIGADE_MODEL_TIMELINE_H
#define BRIGADE_MODEL_TIMELINE_H

#include "model/history.h"

enum timeline_zoom {
    TIMELINE_OVERVIEW,   /* requests folded, no output */
    TIMELINE_REQUESTS,   /* each request and line of output */
    TIMELINE_EVERYTHING, /* each event */
    TIMELINE_ZOOMS
};

struct
    timeline_row { /* events from `first` to `last`; those between that have rows of their own or are
                         not worth one at this zoom are none of it; jumps of the clock in a row are one */
    uint32_t first, last;
    bool bar; /* requests, folded */
};

struct timeline {
    enum timeline_zoom zoom;
    int only; /* a pid; 0: all */
    /* the rest is its own */
    struct timeline_row *rows;
    size_t count, capacity;
    uint32_t seen, first; /* of the history */
    enum timeline_zoom fitted_zoom;
    int fitted_only;
    uint32_t *marks; /* events, in order */
    size_t mark_count;
};

enum timeline_kind {
    TIMELINE_MESSAGE,
    TIMELINE_BIRTH,
    TIMELINE_DEATH,
    TIMELINE_FAILED,
    TIMELINE_MARKED
};

struct timeline_share { /* of a bar */
    int pid;
    int answered, taken;
};

void timeline_fit(struct timeline *timeline, const struct history *history);
void timeline_release(struct timeline *timeline);

/* The row of the newest event before the moment; 0 if there is none. */
size_t timeline_row_at(const struct timeline *timeline, uint32_t moment);

/* The next row of a kind after (by > 0) or before `from`; SIZE_MAX if there is none. */
size_t timeline_find(const struct timeline *timeline, const struct history *history, size_t from,
                     int by, enum timeline_kind kind);

/* Who did how much of a bar, by PID's first appearance; returns how many. */
size_t timeline_shares(const struct timeline *timeline, const struct history *history,
                       const struct timeline_row *row, struct timeline_share *shares, size_t room);

/* Marks events, those of before no longer; count 0: none. */
void timeline_mark(struct timeline *timeline, const uint32_t *events, size_t count);
bool timeline_is_marked(const struct timeline *timeline, const struct timeline_row *row);

/* The events that show a check: those it names, else those of the processes that its words name near the times
 * that they name. At most `room`; returns how many. */
size_t timeline_events_of(const struct history *history, const struct run_check *check,
                          uint32_t *events, size_t room);

#endif
