/* One row of the timeline: the lines of life, and what happened, drawn across them. */
#ifndef BRIGADE_VIEWS_TIMELINE_ROW_H
#define BRIGADE_VIEWS_TIMELINE_ROW_H

#include "model/film.h"
#include "model/timeline.h"
#include "ui/canvas.h"

enum { TIMELINE_TIME_COLUMNS = 10, TIMELINE_LANE_LEAST = 14, TIMELINE_LANE_MOST = 24 };

struct rows_frame { /* what all rows of a drawing share */
    const struct film *film;
    const struct timeline *timeline;
    size_t first_lane,
        lanes_shown; /* the program's first process stands at the left; then come the lanes from
                                       first_lane (at least 1) */
    int lane_columns;
};

/* The lane at a place from the left. */
size_t timeline_lane_at(const struct rows_frame *frame, size_t place);

void timeline_row_draw(const struct canvas *canvas, int row, const struct rows_frame *frame,
                       const struct timeline_row *what, bool selected, bool matches);

/* Where the line of a lane stands; it may be off the canvas, or, scrolled away, beside the first. */
int timeline_lane_column(const struct rows_frame *frame, size_t lane);
enum role timeline_lane_role(size_t lane);

#endif
