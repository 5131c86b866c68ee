/* Where exercises are: $BRIGADE_EXERCISES, ../exercises beside our own program, the installed ones; in this
 * order, the first that has the id decides. */
#ifndef BRIGADE_EXERCISE_FIND_H
#define BRIGADE_EXERCISE_FIND_H

#include "base/err.h"

/* The absolute path of an exercise's folder, without a link in it; owned by the caller. `name` is an id or,
 * with a '/', a path. NULL with -ENOENT told. */
char *find_exercise(const char *name, struct err *err);

#endif
