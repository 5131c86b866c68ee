#include "model/workspace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "model/folder.h"

/* Copies into a folder of another name first, so that a half copy never looks like a whole one. */
static int copy_starter(const char *starter, const char *dir, struct err *err) {
    char *fresh = xasprintf("%s.new", dir);
    int code = folder_copy(starter, fresh, err);
    if (!code && rename(fresh, dir) < 0)
        code = err_sys(err, errno, "cannot make %s", dir);
    free(fresh);
    return code;
}

int workspace_open(struct workspace *workspace, const char *folder, const struct exercise *exercise,
                   struct err *err) {
    *workspace = (struct workspace){.dir = xasprintf("%s/%s", folder, exercise->id)};
    if (!folder_is_empty(workspace->dir))
        return 0;
    char *starter = xasprintf("%s/starter", exercise->dir);
    int code = folder_make(folder, err);
    if (!code)
        code = copy_starter(starter, workspace->dir, err);
    workspace->is_new = code == 0;
    free(starter);
    return code;
}

void workspace_release(struct workspace *workspace) {
    free(workspace->dir);
    *workspace = (struct workspace){0};
}

char *workspace_source(const struct workspace *workspace, const struct exercise *exercise) {
    for (size_t l = 0; l < exercise->language_count; l++)
        for (const char *const *file = exercise->languages[l].files; file && *file; file++) {
            char *path = xasprintf("%s/%s", workspace->dir, *file);
            bool there = access(path, F_OK) == 0;
            free(path);
            if (there)
                return xstrdup(*file);
        }
    const char *const *files = exercise->language_count ? exercise->languages[0].files : NULL;
    return xstrdup(files && *files ? *files : "app.c");
}
