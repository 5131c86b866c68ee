/* The student's folder of one exercise, copied from the starter on first open and never overwritten.
 *
 *     struct workspace workspace;
 *     workspace_open(&workspace, folder, exercise, was, &err);
 *     ... workspace.dir ...
 *     workspace_release(&workspace);
 */
#ifndef BRIGADE_MODEL_WORKSPACE_H
#define BRIGADE_MODEL_WORKSPACE_H

#include <stdbool.h>

#include "base/err.h"
#include "exercise/exercise.h"

struct workspace {
    char *dir;   /* absolute */
    bool is_new; /* the starter was copied just now */
};

/* `was`: names the folder may have had in earlier versions (ended by NULL; NULL: none); one that is there
 * is renamed. */
int workspace_open(struct workspace *workspace, const char *folder, const struct exercise *exercise,
                   char *const *was, struct err *err);
void workspace_release(struct workspace *workspace);

/* What of it is missing, in a sentence: the folder, or, with an exercise, a program in it. NULL: nothing; the caller
 * frees. */
char *workspace_lack(const struct workspace *workspace, const struct exercise *exercise);

/* The starter anew. What was there is kept, whole, beside it, as DIR.2026-11-26-013000; *kept names that
 * (the caller frees; NULL where there was nothing, and on failure: nothing is changed then). */
int workspace_reset(const struct workspace *workspace, const struct exercise *exercise, char **kept,
                    struct err *err);

/* The file to edit, relative to the folder: the first of the languages' main files that is there, else the
 * first language's ("app.c"). The caller frees. */
char *workspace_source(const struct workspace *workspace, const struct exercise *exercise);

#endif
