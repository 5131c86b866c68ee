/* What the student has done: .progress.json in the workspace.
 *
 *     struct progress *progress = progress_load(workspace, &err);  // never NULL; err told if unreadable
 *     progress_lesson(progress, "why", LESSON_READ);
 *     progress_exercise(progress, "stats", passed, 90, 100);
 *     progress_save(progress, &err);                               // whole, atomically
 *     progress_free(progress);
 *
 * Members that this version does not know are kept. A file that is not JSON is set aside as
 * .progress.json.broken before the first save, never overwritten.
 */
#ifndef BRIGADE_MODEL_PROGRESS_H
#define BRIGADE_MODEL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum lesson_state { LESSON_NEW, LESSON_READING, LESSON_READ };

struct exercise_state {
    bool tried, passed;      /* passed stays, once it was */
    double score, max_score; /* the best */
};

struct quiz_state {
    bool taken;   /* to its end */
    size_t right; /* the best, */
    size_t count; /* of so many questions */
};

struct progress;

struct progress *progress_load(const char *workspace, struct err *err);
int progress_save(struct progress *progress, struct err *err); /* makes the workspace if need be */
void progress_free(struct progress *progress);

enum lesson_state progress_lesson_state(const struct progress *progress, const char *id);
struct exercise_state progress_exercise_state(const struct progress *progress, const char *id);
struct quiz_state progress_quiz_state(const struct progress *progress, const char *id);

/* Each returns whether that changed anything (a lesson once read stays read). */
bool progress_lesson(struct progress *progress, const char *id, enum lesson_state state);
bool progress_exercise(struct progress *progress, const char *id, bool passed, double score,
                       double max_score);
bool progress_quiz(struct progress *progress, const char *id, size_t right, size_t count);

#endif
