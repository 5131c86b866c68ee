#include "model/workspace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "model/folder.h"

static mode_t folder_mode(void) {
    mode_t mask = umask(0);
    umask(mask);
    return 0777 & ~mask;
}

/* The starter in a folder of a name that nothing has, beside `dir`, so that a half copy never looks like a whole
 * one. *fresh names it; NULL on failure, and nothing is left then. */
static int fresh_copy(const struct exercise *exercise, const char *dir, char **fresh,
                      struct err *err) {
    char *starter = xasprintf("%s/starter", exercise->dir);
    char *name = xasprintf("%s.new.XXXXXX", dir);
    bool made = mkdtemp(name) && chmod(name, folder_mode()) == 0;
    int code = made ? folder_copy(starter, name, err)
                    : err_sys(err, errno, "cannot make the folder %s", dir);
    free(starter);
    *fresh = code ? NULL : name;
    if (code) {
        folder_remove(name);
        free(name);
    }
    return code;
}

/* Gives the fresh copy its name; frees that of before. */
static int put_in_place(char *fresh, const char *dir, struct err *err) {
    int code = rename(fresh, dir) < 0 ? err_sys(err, errno, "cannot make the folder %s", dir) : 0;
    if (code)
        folder_remove(fresh);
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
    char *fresh = NULL;
    int code = folder_make(folder, err);
    if (!code)
        code = fresh_copy(exercise, workspace->dir, &fresh, err);
    if (!code)
        code = put_in_place(fresh, workspace->dir, err);
    workspace->is_new = code == 0;
    return folder_is_empty(workspace->dir) ? code : 0; /* another lab may have been quicker */
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
static int replace(const struct workspace *workspace, char *fresh, char **kept, struct err *err) {
    char *name = name_of_copy(workspace->dir);
    bool had = rename(workspace->dir, name) == 0;
    int code = 0;
    if (!had && errno != ENOENT)
        code = err_sys(err, errno, "cannot keep a copy of %s", workspace->dir);
    if (code) {
        folder_remove(fresh);
        free(fresh);
    } else {
        code = put_in_place(fresh, workspace->dir, err);
        if (code && had)
            (void)!rename(name, workspace->dir); /* as it was */
    }
    *kept = had && !code ? xstrdup(name) : NULL;
    free(name);
    return code;
}

int workspace_reset(const struct workspace *workspace, const struct exercise *exercise, char **kept,
                    struct err *err) {
    char *above = xstrndup(workspace->dir, (size_t)(strrchr(workspace->dir, '/') - workspace->dir));
    char *fresh = NULL;
    *kept = NULL;
    int code = folder_make(above, err);
    if (!code)
        code = fresh_copy(exercise, workspace->dir, &fresh, err);
    if (!code)
        code = replace(workspace, fresh, kept, err);
    free(above);
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

char *workspace_lack(const struct workspace *workspace, const struct exercise *exercise) {
    struct stat info;
    if (stat(workspace->dir, &info) < 0 || !S_ISDIR(info.st_mode))
        return xasprintf("The folder %s is gone. Put it back, or press R for the starter.",
                         workspace->dir);
    if (!exercise)
        return NULL;
    char *source = workspace_source(workspace, exercise);
    char *path = xasprintf("%s/%s", workspace->dir, source);
    char *words = access(path, F_OK) == 0
                      ? NULL
                      : xasprintf("There is no %s: e writes one, R puts the starter there.", path);
    free(source);
    free(path);
    return words;
}
