/* The course map: chapters and their steps with what the student has done, what comes next, and beside that, where
 * there is room, what the selected step is about. */
#ifndef BRIGADE_VIEWS_COURSE_VIEW_H
#define BRIGADE_VIEWS_COURSE_VIEW_H

#include <stdint.h>

#include "model/course.h"
#include "model/progress.h"
#include "text/lines.h"
#include "ui/canvas.h"
#include "ui/scroll.h"

struct course_view {
    const struct course *course;     /* borrowed */
    const struct progress *progress; /* borrowed */
    int64_t now_s;                   /* seconds since 1970, for "3 minutes ago" */
    struct scroll steps;             /* selected: index into course->steps */
    struct scroll rows;              /* the page, chapters' titles among the steps */
    struct lines about;              /* the selected step, laid out */
};

void course_view_draw(const struct canvas *body, struct course_view *view);
void course_view_state(const struct course_view *view, char *state,
                       size_t size); /* header's right */
/* Selects the next step whose name, title or description has the words; false: none has. */
bool course_view_find(struct course_view *view, const char *words);
void course_view_release(struct course_view *view);

#endif
