/* What the student has done: .progress.json in the workspace.
 *
 *     struct progress *progress = progress_load(workspace, &err);  // never NULL; err told if unreadable
 *     progress_lesson(progress, "why", LESSON_READ);
 *     progress_save(progress, &err);                               // whole, atomically
 *     progress_free(progress);
 *
 * Several labs may be open on one workspace: saving takes a lock, reads the file anew, does to it what was done
 * here since the last save, and writes it. What cannot be saved is kept, and goes with the next save.
 *
 * Members that this version does not know are kept. A file that cannot be read is set aside as
 * .progress.json.broken (.broken.2, ...) before the first save, never overwritten.
 */
#ifndef BRIGADE_MODEL_PROGRESS_H
#define BRIGADE_MODEL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum lesson_state { LESSON_NEW, LESSON_READING, LESSON_READ };

struct exercise_try { /* a graded run */
    bool passed;
    double score, max_score;
    const char *failed; /* id of the first check that failed; NULL: none */
    int64_t at_s;       /* when: seconds since 1970 */
};

struct exercise_state {
    bool tried, passed;      /* passed stays, once it was */
    double score, max_score; /* the best */
    const char *failed; /* of the last try; NULL: none; borrowed until the next change or save */
    int64_t tried_s;    /* the last try; 0: not known */
    int hints;          /* so many were shown */
};

struct quiz_state {
    bool taken;   /* to its end */
    size_t right; /* the best, */
    size_t count; /* of so many questions */
};

struct progress;

struct progress *progress_load(const char *workspace, struct err *err);
int progress_save(struct progress *progress, struct err *err); /* makes the workspace if need be */
bool progress_is_saved(const struct progress *progress);       /* nothing waits to be saved */
bool progress_is_new(const struct progress *progress);         /* nothing was ever done here */
void progress_free(struct progress *progress);

enum lesson_state progress_lesson_state(const struct progress *progress, const char *id);
size_t progress_lesson_place(const struct progress *progress, const char *id);
struct exercise_state progress_exercise_state(const struct progress *progress, const char *id);
struct quiz_state progress_quiz_state(const struct progress *progress, const char *id);
const char *progress_last_step(const struct progress *progress); /* opened last; NULL: none */
bool progress_has_said(const struct progress *progress, const char *what);

/* Each returns whether that changed anything (a lesson once read stays read). */
bool progress_lesson(struct progress *progress, const char *id, enum lesson_state state);
bool progress_lesson_stop(struct progress *progress, const char *id, size_t place); /* reading */
bool progress_exercise(struct progress *progress, const char *id, const struct exercise_try *try);
bool progress_hints(struct progress *progress, const char *id, int shown);
bool progress_quiz(struct progress *progress, const char *id, size_t right, size_t count);
bool progress_open_step(struct progress *progress, const char *id);
bool progress_said(struct progress *progress, const char *what); /* "farewell": once is enough */

/* A step got another id: what was done under the old one counts for it, unless it has something of its own. */
bool progress_rename(struct progress *progress, const char *old_id, const char *id);

#endif
