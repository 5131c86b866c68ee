/* The timeline: the run as a sequence diagram, a column a process, time downwards. The row that is chosen is
 * the moment that all panes show.
 *
 *     timeline_view_fit(&view, film, only);                  // before moving and drawing
 *     uint32_t moment = timeline_view_move(&view, film, request);
 *     timeline_view_draw(&body, &view, film, selected_pid);
 */
#ifndef BRIGADE_VIEWS_TIMELINE_VIEW_H
#define BRIGADE_VIEWS_TIMELINE_VIEW_H

#include "model/film.h"
#include "model/timeline.h"
#include "ui/canvas.h"
#include "ui/scroll.h"

struct timeline_view {
    struct timeline timeline;
    struct scroll scroll;
    uint32_t moment;    /* as of the last drawing */
    size_t first_lane;  /* the leftmost shown but for the very first, which always is */
    size_t lanes_shown; /* as of the last drawing */
    uint32_t back_to;   /* the moment to go back to from what shows a check; UINT32_MAX: none */
    char *marked_for;   /* the check that the marks show; NULL: none */
    size_t match;       /* the row that was searched for; SIZE_MAX: none */
};

void timeline_view_init(struct timeline_view *view);
void timeline_view_release(struct timeline_view *view);

void timeline_view_fit(struct timeline_view *view, const struct film *film, int only);
void timeline_view_draw(const struct canvas *canvas, struct timeline_view *view,
                        const struct film *film, int selected_pid);

/* The moment to show after a request that moves among the rows, UINT32_MAX if it does not move or there is
 * nothing to move to. */
uint32_t timeline_view_move(const struct timeline_view *view, const struct film *film,
                            enum request request);

/* The moment of the row that is selected; UINT32_MAX if there is none. */
uint32_t timeline_view_moment(const struct timeline_view *view, const struct film *film);

/* The process to the left (by < 0) or right of the chosen one, or 0; brings it onto the screen. */
int timeline_view_step_lane(struct timeline_view *view, const struct film *film, int pid, int by);

/* Unfolds (by > 0) or folds; whether anything changed. */
bool timeline_view_zoom(struct timeline_view *view, int by);

/* Marks what shows a check and returns the moment of the first such event; UINT32_MAX if nothing does. */
uint32_t timeline_view_show_check(struct timeline_view *view, const struct film *film,
                                  const struct run_check *check);
void timeline_view_unmark(struct timeline_view *view);

/* The moment of the next row with the words in it, UINT32_MAX if there is none. */
uint32_t timeline_view_search(struct timeline_view *view, const struct film *film,
                              const char *words, int by);

/* A row in full: what happened, to whom. */
void timeline_words(const struct timeline *timeline, const struct history *history,
                    const struct timeline_row *row, struct buf *into);
/* A message without the signs of JSON, and without its sender's own pid. */
void timeline_short_message(const struct record *message, struct buf *into);

#endif
