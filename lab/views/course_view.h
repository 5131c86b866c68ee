/* The list of steps, by chapter, with what the student has done. */
#ifndef BRIGADE_VIEWS_COURSE_VIEW_H
#define BRIGADE_VIEWS_COURSE_VIEW_H

#include "model/course.h"
#include "model/progress.h"
#include "ui/canvas.h"
#include "ui/scroll.h"

struct course_view {
    const struct course *course;     /* borrowed */
    const struct progress *progress; /* borrowed */
    struct scroll steps;             /* selected: index into course->steps */
    struct scroll rows;              /* the page, chapters' titles among the steps */
};

void course_view_draw(const struct canvas *body, struct course_view *view);
void course_view_state(const struct course_view *view, char *state,
                       size_t size); /* header's right */
bool course_view_is_done(const struct course_step *step, const struct progress *progress);

#endif
