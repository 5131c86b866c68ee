#include "model/places.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

/* The folder our own program is in; NULL if /proc does not say. The caller frees. */
static char *own_folder(void) {
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return NULL;
    path[length] = '\0';
    *strrchr(path, '/') = '\0';
    return xstrdup(path);
}

/* own folder + suffix if that exists; the caller frees. */
static char *beside(const char *suffix, int mode) {
    char *folder = own_folder();
    char *path = folder ? xasprintf("%s/%s", folder, suffix) : NULL;
    free(folder);
    if (path && access(path, mode) == 0)
        return path;
    free(path);
    return NULL;
}

char *places_lessons(void) {
    static const char *const tries[] = {"../lessons", "../../lessons", "../share/brigade/lessons"};
    const char *chosen = getenv("BRIGADE_LESSONS");
    if (chosen && *chosen)
        return xstrdup(chosen);
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        char *path = beside(tries[i], R_OK);
        if (path)
            return path;
    }
    return access(BRIGADE_DATADIR "/lessons", R_OK) == 0 ? xstrdup(BRIGADE_DATADIR "/lessons")
                                                         : NULL;
}

char *places_checker(void) {
    const char *chosen = getenv("BRIGADE_CHECK");
    if (chosen && *chosen)
        return xstrdup(chosen);
    char *path = beside("brigade-check", X_OK);
    return path ? path : xstrdup("brigade-check");
}

char *places_workspace(const char *chosen) {
    const char *home = getenv("HOME");
    if (!chosen || !*chosen)
        chosen = getenv("BRIGADE_WORKSPACE");
    if (!chosen || !*chosen)
        return xasprintf("%s/brigade", home && *home ? home : ".");
    if (*chosen == '/')
        return xstrdup(chosen);
    char *here = getcwd(NULL, 0);
    char *path = here ? xasprintf("%s/%s", here, chosen) : xstrdup(chosen);
    free(here);
    return path;
}
