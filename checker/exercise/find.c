#include "exercise/find.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "exercise/exercise.h"
#include "exercise/manifest.h"

enum { FOLDER_COUNT = 5 };

/* The tree's, from a program in build/ or in a folder of build/; or what was installed with it, wherever. */
static char *beside_our_program(const char *way) {
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return NULL;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    *slash = '\0';
    return xasprintf("%s/%s", path, way);
}

/* Those that are not there are NULL. */
static void find_folders(char *folders[FOLDER_COUNT]) {
    const char *wanted = getenv("BRIGADE_EXERCISES");
    folders[0] = wanted && *wanted ? xstrdup(wanted) : NULL;
    folders[1] = beside_our_program("../exercises");
    folders[2] = beside_our_program("../../exercises");
    folders[3] = beside_our_program("../share/brigade/exercises");
    folders[4] = xstrdup(BRIGADE_DATADIR "/exercises");
}

static void free_folders(char *folders[FOLDER_COUNT]) {
    for (size_t i = 0; i < FOLDER_COUNT; i++)
        free(folders[i]);
}

static bool is_exercise(const char *folder, const char *id) {
    char *path = xasprintf("%s/%s/" EXERCISE_FILE, folder, id);
    bool there = is_exercise_id(id) && access(path, F_OK) == 0;
    free(path);
    return there;
}

/* --- the list --------------------------------------------------------------------------------- */

struct ids {
    char **list;
    size_t count, capacity;
};

static void add_id(struct ids *ids, const char *id) {
    for (size_t i = 0; i < ids->count; i++)
        if (strcmp(ids->list[i], id) == 0)
            return;
    GROW(ids->list, ids->capacity, ids->count + 2);
    ids->list[ids->count++] = xstrdup(id);
    ids->list[ids->count] = NULL;
}

static void add_folder(struct ids *ids, const char *folder) {
    DIR *dir = folder ? opendir(folder) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (is_exercise(folder, entry->d_name))
            add_id(ids, entry->d_name);
    if (dir)
        closedir(dir);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **exercise_list(struct err *err) {
    char *folders[FOLDER_COUNT];
    struct ids ids = {0};
    find_folders(folders);
    for (size_t i = 0; i < FOLDER_COUNT; i++)
        add_folder(&ids, folders[i]);
    if (ids.count)
        qsort(ids.list, ids.count, sizeof *ids.list, by_name);
    else
        err_set(
            err, ENOENT,
            "there are no exercises in %s or %s; set BRIGADE_EXERCISES to the folder that has them",
            folders[0] ? folders[0] : folders[1], folders[2]);
    free_folders(folders);
    return ids.list;
}

void exercise_list_free(char **ids) {
    for (char **id = ids; ids && *id; id++)
        free(*id);
    free(ids);
}

/* --- one -------------------------------------------------------------------------------------- */

static void tell_missing(const char *name, struct err *err) {
    char **ids = exercise_list(err);
    struct buf shown = {0}, list = {0};
    if (!ids)
        return;
    text_append_printable(&shown, name, strlen(name), false);
    for (size_t i = 0; ids[i]; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", ids[i]);
    const char *near = nearest_name(name, (const char *const *)ids);
    err_set(err, ENOENT, "there is no exercise \"%s\"%s%s%s; there %s %s",
            shown.data ? shown.data : "", near ? " (did you mean \"" : "", near ? near : "",
            near ? "\"?)" : "", ids[1] ? "are" : "is", list.data);
    buf_release(&shown);
    buf_release(&list);
    exercise_list_free(ids);
}

static char *find_path(const char *path, struct err *err) {
    char *dir = realpath(path, NULL);
    char *file = dir ? xasprintf("%s/" EXERCISE_FILE, dir) : NULL;
    if (file && access(file, F_OK) == 0 && strcmp(dir, "/") != 0) {
        free(file);
        return dir;
    }
    err_set(err, ENOENT, "the folder %s is no exercise: it has no " EXERCISE_FILE, path);
    free(file);
    free(dir);
    return NULL;
}

char *find_exercise(const char *name, struct err *err) {
    if (strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return find_path(name, err);
    char *folders[FOLDER_COUNT], *found = NULL;
    find_folders(folders);
    for (size_t i = 0; i < FOLDER_COUNT && !found; i++) {
        if (!folders[i] || !is_exercise(folders[i], name))
            continue;
        char *path = xasprintf("%s/%s", folders[i], name);
        found = find_path(path, err);
        free(path);
    }
    free_folders(folders);
    if (!found)
        tell_missing(name, err);
    return found;
}
