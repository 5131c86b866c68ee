/* The result of a run: one JSON value, made from the events alone, so that a run and the replay of its
 * log give the same one.
 *
 *     struct result_builder *builder = result_builder_new();
 *     result_builder_observe(builder, event);         // every event, in order
 *     json_t *result = result_builder_finish(builder); // owned by the caller
 *
 * Members, always all of them and in this order: version, exercise, title, language, verdict
 * (passed|failed|error), outcome, detail, score, max_score, clock, box, cpus, wall_ms, virtual_ms,
 * jumps, processes, limit, figure, diagnostics (list), checks (list of id, title, status, score, max_score,
 * message, expected, actual, hint, events), error (text, when verdict is error; score is 0 then and
 * means nothing). What is not known is null. result.schema.json beside this file says it for other readers.
 *
 * A check that no final `check` event judged is skipped; `build` needs none, the build's own end decides.
 * Skipped is not passed. Events without an `end` are an error, and so is a check that broke. A run that
 * was stopped, by the person at the keyboard or by a signal, is not graded: verdict error, outcome stopped.
 */
#ifndef BRIGADE_PROTO_RESULT_H
#define BRIGADE_PROTO_RESULT_H

#include <jansson.h>

#include "proto/outcome.h"

struct result_builder;

struct result_builder *result_builder_new(void);
void result_builder_observe(struct result_builder *builder, const json_t *event);
json_t *result_builder_finish(struct result_builder *builder); /* frees the builder */

enum exit_code result_exit_code(const json_t *result);

#endif
