/* The jq program of an exercise: the prelude, the author's words, all checks. Compiled once.
 *
 *     struct program *program = program_new(exercise, &err);   // -EINVAL names the check and jq's words
 *     jv results = program_run(program, input);                 // takes the input
 *     program_free(program);
 *
 * The input is what prelude.jq describes; results is an array of {id, value} or {id, error}, one for each of
 * the input's `wanted`, or a text when nothing could be judged at all.
 */
#ifndef BRIGADE_GRADE_PROGRAM_H
#define BRIGADE_GRADE_PROGRAM_H

#include <jv.h>

#include "base/err.h"
#include "exercise/exercise.h"

extern const char grade_prelude[]; /* prelude.jq */

struct program;

struct program *program_new(const struct exercise *exercise, struct err *err);
jv program_run(struct program *program, jv input);
void program_free(struct program *program); /* NULL allowed */

#endif
