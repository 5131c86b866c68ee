/* What the parts of the plain course share; only lab/plain sees it. */
#ifndef BRIGADE_PLAIN_STEPS_H
#define BRIGADE_PLAIN_STEPS_H

#include "model/course.h"
#include "model/progress.h"
#include "plain/say.h"

struct plain {
    struct say say;
    char *workspace, *checker; /* paths */
    struct course *course;
    struct progress *progress;
};

/* Each leads through a step, to its end or until the student has enough. */
void plain_lesson(struct plain *plain, const struct course_step *step);
void plain_quiz(struct plain *plain, const struct course_step *step);
void plain_exercise(struct plain *plain, const struct course_step *step);

void plain_save(struct plain *plain); /* what cannot be saved is told */

/* Runs a program on our terminal, in `cwd` (NULL: ours), until its end; what it prints goes to `out_fd`, if that is
 * not -1. Returns its exit code, 128 + the signal that
 * ended it, or -1 with the reason told. */
int plain_run_program(struct plain *plain, const char *const *argv, const char *cwd, int out_fd);

#endif
