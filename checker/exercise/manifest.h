/* exercise.json as tables, and what the tables cannot say.
 *
 *     manifest_read(&reading, root, &exercise);      // members, one by one
 *     relations_check(&reading, dir, &exercise);     // and how they fit together
 */
#ifndef BRIGADE_EXERCISE_MANIFEST_H
#define BRIGADE_EXERCISE_MANIFEST_H

#include "exercise/exercise.h"
#include "exercise/form.h"

#define EXERCISE_FILE "exercise.json"
#define EXERCISE_WORDS "checks.jq"
#define EXERCISE_TASK "task.md"
#define EXERCISE_STARTER "starter"
#define BUILD_CHECK "build" /* every exercise has it; no manifest names it */

enum { POINTS_TOTAL = 100 };

/* The check `build` comes first, then those of the manifest. */
void manifest_read(struct reading *reading, const json_t *root, struct exercise *exercise);

/* Ids told twice, references to nothing, circles, points that do not add up, files that are missing. `folder`
 * is the name of the exercise's folder. */
void relations_check(struct reading *reading, const char *dir, const char *folder,
                     const struct exercise *exercise);

bool is_exercise_id(const char *text);

#endif
