#include "model/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "model/folder.h"

enum { FILE_MAX = 1 << 20 };

struct progress {
    char *workspace, *path;
    json_t *root; /* {"version": 1, "lessons": {ID: {"state"}}, "exercises": {ID: {...}}} */
    bool broken;  /* the file there is not ours to overwrite */
};

static const char *const lesson_names[] = {"new", "reading", "read"};

static json_t *section(json_t *root, const char *name) {
    json_t *object = json_object_get(root, name);
    if (json_is_object(object))
        return object;
    object = json_object();
    json_object_set_new(root, name, object);
    return object;
}

struct progress *progress_load(const char *workspace, struct err *err) {
    struct progress *progress = xcalloc(1, sizeof *progress);
    progress->workspace = xstrdup(workspace);
    progress->path = xasprintf("%s/.progress.json", workspace);
    struct buf text = {0};
    int code = file_read(progress->path, &text, FILE_MAX, err);
    if (code == 0) {
        progress->root = json_loadb(text.data ? text.data : "", text.length, 0, NULL);
        progress->broken = !json_is_object(progress->root);
    } else {
        progress->broken = code != -ENOENT;
    }
    buf_release(&text);
    if (code == -ENOENT && err)
        err->code = 0;
    else if (progress->broken)
        err_set(err, EINVAL, "%s cannot be read; it will be kept as .progress.json.broken",
                progress->path);
    if (!json_is_object(progress->root)) {
        json_decref(progress->root);
        progress->root = json_pack("{s:i}", "version", 1);
    }
    return progress;
}

static int set_aside(struct progress *progress, struct err *err) {
    char *aside = xasprintf("%s.broken", progress->path);
    int code = rename(progress->path, aside) < 0 && errno != ENOENT
                   ? err_sys(err, errno, "cannot set %s aside", progress->path)
                   : 0;
    free(aside);
    progress->broken = code != 0;
    return code;
}

int progress_save(struct progress *progress, struct err *err) {
    int code = folder_make(progress->workspace, err);
    if (!code && progress->broken)
        code = set_aside(progress, err);
    if (code)
        return code;
    char *text = json_dumps(progress->root, JSON_INDENT(2) | JSON_SORT_KEYS);
    struct buf content = {0};
    buf_printf(&content, "%s\n", text);
    code = folder_write_whole(progress->path, content.data, content.length, err);
    buf_release(&content);
    free(text);
    return code;
}

void progress_free(struct progress *progress) {
    if (!progress)
        return;
    json_decref(progress->root);
    free(progress->workspace);
    free(progress->path);
    free(progress);
}

enum lesson_state progress_lesson_state(const struct progress *progress, const char *id) {
    const json_t *lesson = json_object_get(json_object_get(progress->root, "lessons"), id);
    const char *name = json_string_value(json_object_get(lesson, "state"));
    for (int i = LESSON_READ; name && i > LESSON_NEW; i--)
        if (!strcmp(name, lesson_names[i]))
            return (enum lesson_state)i;
    return LESSON_NEW;
}

struct exercise_state progress_exercise_state(const struct progress *progress, const char *id) {
    const json_t *exercise = json_object_get(json_object_get(progress->root, "exercises"), id);
    return (struct exercise_state){
        .tried = json_is_object(exercise),
        .passed = json_is_true(json_object_get(exercise, "passed")),
        .score = json_number_value(json_object_get(exercise, "score")),
        .max_score = json_number_value(json_object_get(exercise, "max_score")),
    };
}

bool progress_lesson(struct progress *progress, const char *id, enum lesson_state state) {
    if (progress_lesson_state(progress, id) >= state)
        return false;
    json_t *lesson = section(section(progress->root, "lessons"), id);
    json_object_set_new(lesson, "state", json_string(lesson_names[state]));
    return true;
}

bool progress_exercise(struct progress *progress, const char *id, bool passed, double score,
                       double max_score) {
    struct exercise_state old = progress_exercise_state(progress, id);
    if (old.tried && old.score >= score && (old.passed || !passed) && old.max_score == max_score)
        return false;
    bool better = score > old.score || old.max_score != max_score;
    json_t *exercise = section(section(progress->root, "exercises"), id);
    json_object_set_new(exercise, "passed", json_boolean(old.passed || passed));
    json_object_set_new(exercise, "score", json_real(better ? score : old.score));
    json_object_set_new(exercise, "max_score", json_real(max_score));
    return true;
}

struct quiz_state progress_quiz_state(const struct progress *progress, const char *id) {
    const json_t *quiz = json_object_get(json_object_get(progress->root, "quizzes"), id);
    json_int_t right = json_integer_value(json_object_get(quiz, "right"));
    json_int_t count = json_integer_value(json_object_get(quiz, "count"));
    bool taken = count > 0 && right >= 0;
    return (struct quiz_state){taken, taken ? (size_t)right : 0, taken ? (size_t)count : 0};
}

bool progress_quiz(struct progress *progress, const char *id, size_t right, size_t count) {
    struct quiz_state old = progress_quiz_state(progress, id);
    if (old.taken && old.count == count && old.right >= right)
        return false;
    json_t *quiz = section(section(progress->root, "quizzes"), id);
    json_object_set_new(quiz, "right", json_integer((json_int_t)right));
    json_object_set_new(quiz, "count", json_integer((json_int_t)count));
    return true;
}
