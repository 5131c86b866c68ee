#include "session/needs.h"

#include <stdio.h>
#include <unistd.h>

static const char *const folders[] = {"/usr/local/bin", "/usr/bin", "/bin"}; /* the box's PATH */

static bool is_there(const char *command) {
    char path[256];
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folders[i], command);
        if (access(path, X_OK) == 0)
            return true;
    }
    return false;
}

const char *needs_missing(const struct language *language) {
    for (const char *const *need = language->needs; need && *need; need++)
        if (!is_there(*need))
            return *need;
    return NULL;
}
