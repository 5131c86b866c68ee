/* The student's folder of one exercise, copied from the starter on first open and never overwritten.
 *
 *     struct workspace workspace;
 *     workspace_open(&workspace, folder, exercise, &err);
 *     ... workspace.dir, workspace.source ...
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

int workspace_open(struct workspace *workspace, const char *folder, const struct exercise *exercise,
                   struct err *err);
void workspace_release(struct workspace *workspace);

/* The file to edit, relative to the folder: the first of the languages' main files that is there, else the
 * first language's ("app.c"). The caller frees. */
char *workspace_source(const struct workspace *workspace, const struct exercise *exercise);

#endif
