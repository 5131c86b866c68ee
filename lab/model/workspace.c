#include "model/workspace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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

/* What the student wrote when the exercise had another name. */
static void take_renamed(const char *dir, const char *folder, char *const *was) {
    for (; was && *was; was++) {
        char *old = xasprintf("%s/%s", folder, *was);
        bool taken = !folder_is_empty(old) && rename(old, dir) == 0;
        free(old);
        if (taken)
            return;
    }
}

int workspace_open(struct workspace *workspace, const char *folder, const struct exercise *exercise,
                   char *const *was, struct err *err) {
    *workspace = (struct workspace){.dir = xasprintf("%s/%s", folder, exercise->id)};
    if (folder_is_empty(workspace->dir))
        take_renamed(workspace->dir, folder, was);
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

/* A name beside the folder that nothing has yet. */
static char *name_of_copy(const char *dir) {
    time_t now = time(NULL);
    struct tm local;
    char stamp[32];
    localtime_r(&now, &local);
    strftime(stamp, sizeof stamp, "%Y-%m-%d-%H%M%S", &local);
    char *name = xasprintf("%s.%s", dir, stamp);
    for (int i = 2; access(name, F_OK) == 0; i++) {
        free(name);
        name = xasprintf("%s.%s.%d", dir, stamp, i);
    }
    return name;
}

/* The fresh copy is complete before the old one gives way, so whatever fails leaves what was there. */
int workspace_reset(const struct workspace *workspace, const struct exercise *exercise, char **kept,
                    struct err *err) {
    char *starter = xasprintf("%s/starter", exercise->dir);
    char *fresh = xasprintf("%s.fresh", workspace->dir);
    *kept = name_of_copy(workspace->dir);
    int code = folder_copy(starter, fresh, err);
    if (!code && rename(workspace->dir, *kept) < 0 && errno != ENOENT)
        code = err_sys(err, errno, "cannot keep a copy of %s", workspace->dir);
    if (!code && rename(fresh, workspace->dir) < 0)
        code = err_sys(err, errno, "cannot put the starter into %s", workspace->dir);
    if (code) {
        free(*kept);
        *kept = NULL;
    }
    free(starter);
    free(fresh);
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
