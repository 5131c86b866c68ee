/* Where the student is on the way through the course: what is done, what comes next, how much of it all.
 *
 *     size_t next = way_next(course, progress);          // step_count: all is done
 *     struct way_sum sum = way_sum(course, progress);
 *     way_words(course, progress, time(NULL), &words);   // "continue: 2 fork, check ended failed ..."
 */
#ifndef BRIGADE_MODEL_WAY_H
#define BRIGADE_MODEL_WAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/course.h"
#include "model/progress.h"

struct way_sum {
    int percent; /* each step weighs the same, an exercise as much as it brought; 100: all is done */
    double points, max_points; /* of the exercises; max_points 0: not known yet */
    size_t done, count;        /* steps */
};

bool way_is_done(const struct course_step *step, const struct progress *progress);

/* The step opened last, if it is not done; else the first after it that is not, else the first of all. */
size_t way_next(const struct course *course, const struct progress *progress);

struct way_sum way_sum(const struct course *course, const struct progress *progress);

/* What comes next, in a line without Markdown. */
void way_words(const struct course *course, const struct progress *progress, int64_t now_s,
               struct buf *words);

/* The state of a step: "new", "reading", "passed   100 of 100", "taken    4 of 5". */
enum way_state { WAY_NEW, WAY_BEGUN, WAY_DONE };
enum way_state way_state(const struct course_step *step, const struct progress *progress,
                         struct buf *words);

/* What came of an exercise before: "best 45 of 100, last time check truth failed"; nothing if it was never tried. */
void way_exercise_words(const struct progress *progress, const char *id, struct buf *words);

#endif
