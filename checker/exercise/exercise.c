#include "exercise/exercise.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "exercise/find.h"
#include "exercise/loaded.h"
#include "exercise/manifest.h"

enum { MANIFEST_MOST = 1 << 20, WORDS_MOST = 1 << 20 };

/* The path as a person here would write it. */
static char *shown_path(const char *path) {
    char here[PATH_MAX];
    size_t length = getcwd(here, sizeof here) ? strlen(here) : 0;
    bool below = length > 1 && strncmp(path, here, length) == 0 && path[length] == '/';
    return xstrdup(below ? path + length + 1 : path);
}

static int read_manifest(struct loaded *loaded, const char *path, struct err *err) {
    json_error_t error;
    struct buf *text = &loaded->text;
    int code = file_read(path, text, MANIFEST_MOST, err);
    if (code)
        return code;
    loaded->root =
        json_loadb(text->data ? text->data : "", text->length, JSON_REJECT_DUPLICATES, &error);
    if (!loaded->root)
        return err_set(err, EINVAL, "%s:%d:%d: this is not JSON: %s", loaded->file, error.line,
                       error.column, error.text);
    loaded->reading.file = loaded->file;
    loaded->reading.text = text->data;
    manifest_read(&loaded->reading, loaded->root, &loaded->exercise);
    if (json_is_object(loaded->root))
        relations_check(&loaded->reading, loaded->dir, strrchr(loaded->dir, '/') + 1,
                        &loaded->exercise);
    loaded->reading.text = NULL;
    return reading_tell(&loaded->reading, err);
}

static int read_words(struct loaded *loaded, struct err *err) {
    char *path = xasprintf("%s/" EXERCISE_WORDS, loaded->dir);
    int code = access(path, F_OK) == 0 ? file_read(path, &loaded->words, WORDS_MOST, err) : 0;
    free(path);
    loaded->exercise.words = loaded->words.data ? loaded->words.data : "";
    return code;
}

struct exercise *exercise_load(const char *name, struct err *err) {
    char *dir = find_exercise(name, err);
    if (!dir)
        return NULL;
    struct loaded *loaded = xcalloc(1, sizeof *loaded);
    char *path = xasprintf("%s/" EXERCISE_FILE, dir);
    loaded->dir = dir;
    loaded->file = shown_path(path);
    int code = read_manifest(loaded, path, err);
    if (code == 0)
        code = read_words(loaded, err);
    loaded->exercise.dir = loaded->dir;
    loaded->exercise.manifest = loaded->text.data;
    free(path);
    if (code == 0)
        return &loaded->exercise;
    exercise_free(&loaded->exercise);
    return NULL;
}

void exercise_free(struct exercise *exercise) {
    if (!exercise)
        return;
    struct loaded *loaded = (struct loaded *)exercise;
    reading_release(&loaded->reading);
    json_decref(loaded->root);
    buf_release(&loaded->text);
    buf_release(&loaded->words);
    free(loaded->dir);
    free(loaded->file);
    free(loaded);
}

char *exercise_place(const struct exercise *exercise, const char *pointer) {
    if (!exercise->manifest)
        return xasprintf("%s/" EXERCISE_FILE ": %s", exercise->dir, pointer);
    return xasprintf("%s/" EXERCISE_FILE ":%d: %s", exercise->dir,
                     pointer_line(exercise->manifest, pointer), pointer);
}

/* --- languages -------------------------------------------------------------------------------- */

static bool has_one(const char *dir_path, const char *const *files) {
    for (; *files; files++) {
        char *path = xasprintf("%s/%s", dir_path, *files);
        bool there = access(path, F_OK) == 0;
        free(path);
        if (there)
            return true;
    }
    return false;
}

static void tell_expected(const struct exercise *exercise, struct buf *into) {
    for (size_t i = 0; i < exercise->language_count; i++) {
        const struct language *language = &exercise->languages[i];
        buf_puts(into, !i ? "" : i + 1 < exercise->language_count ? ", " : " or ");
        for (size_t f = 0; language->files[f]; f++)
            buf_printf(into, "%s%s", f ? " or " : "", language->files[f]);
        buf_printf(into, " (%s)", language->title);
    }
}

const struct language *exercise_language(const struct exercise *exercise, const char *dir_path,
                                         struct err *err) {
    struct stat info;
    if (stat(dir_path, &info) == 0 && !S_ISDIR(info.st_mode)) {
        err_set(err, ENOTDIR, "%s is a file; name the folder that it is in", dir_path);
        return NULL;
    }
    if (access(dir_path, X_OK) < 0) {
        err_sys(err, errno, "cannot look into the folder %s", dir_path);
        return NULL;
    }
    for (size_t i = 0; i < exercise->language_count; i++)
        if (has_one(dir_path, exercise->languages[i].files))
            return &exercise->languages[i];
    struct buf words = {0};
    tell_expected(exercise, &words);
    err_set(err, ENOENT, "the folder %s holds no program for %s; expected is %s", dir_path,
            exercise->id, words.data);
    buf_release(&words);
    return NULL;
}
