/* Checks over the log: jq (libjq) with a prelude of words that fit the subject. It sees events and the
 * exercise, never a process, so that a saved log gives the same verdict.
 *
 *     struct grade *grade = grade_new(exercise, &err);       // compiles all checks: -EINVAL names check and place
 *     grade_observe(grade, event);                           // every event, in order
 *     grade_judge(grade, after_step, emit, ctx);             // emits `check` events, final: false
 *     grade_judge_all(grade, emit, ctx);                     // final: true, over the whole log
 *     grade_free(grade);
 */
#ifndef BRIGADE_GRADE_GRADE_H
#define BRIGADE_GRADE_GRADE_H

#include <jansson.h>

#include "base/err.h"
#include "exercise/exercise.h"

struct grade;
typedef void grade_emit_fn(void *ctx, json_t *event); /* takes the event */

struct grade *grade_new(const struct exercise *exercise, struct err *err);
void grade_free(struct grade *grade);
void grade_observe(struct grade *grade, const json_t *event);

/* Judges the checks that may be judged after the step `after_step` (and only those). */
void grade_judge(struct grade *grade, const char *after_step, grade_emit_fn *emit, void *ctx);
void grade_judge_all(struct grade *grade, grade_emit_fn *emit, void *ctx);

#endif
