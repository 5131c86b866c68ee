#include "model/course.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/text.h"

enum { FILE_MAX = 4 << 20 };

static const char *member(const json_t *object, const char *name, const char *fallback) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : fallback;
}

/* For a screen. */
static char *title(const json_t *object, const char *name, const char *fallback) {
    struct buf clean = {0};
    const char *text = member(object, name, fallback);
    text_append_printable(&clean, text, strlen(text), false);
    return buf_steal(&clean);
}

/* Of enum step_kind; -1: none. */
static int kind_of(const char *name) {
    static const char *const names[] = {"lesson", "exercise", "quiz"};
    for (int i = 0; i < 3; i++)
        if (!strcmp(names[i], name))
            return i;
    return -1;
}

static char **take_was(const json_t *value) {
    const json_t *list = json_object_get(value, "was");
    size_t count = json_array_size(list), kept = 0;
    if (!count)
        return NULL;
    char **was = xcalloc(count + 1, sizeof *was);
    for (size_t i = 0; i < count; i++)
        if (json_string_length(json_array_get(list, i)))
            was[kept++] = xstrdup(json_string_value(json_array_get(list, i)));
    return was;
}

static int take_step(struct course *course, const char *folder, const json_t *value,
                     struct err *err) {
    const char *kind = member(value, "kind", ""), *id = member(value, "id", "");
    const char *file = member(value, "file", "");
    const struct chapter *chapter = &course->chapters[course->chapter_count - 1];
    int found = kind_of(kind);
    bool has_file = found == STEP_LESSON || found == STEP_QUIZ;
    if (!*id || found < 0 || (has_file && !*file))
        return err_set(
            err, EINVAL,
            "%s/course.json: chapter \"%s\": a step needs \"kind\" (lesson, exercise or quiz), "
            "\"id\" and, a lesson or quiz, \"file\"",
            folder, chapter->id);
    GROW(course->steps, course->step_capacity, course->step_count + 1);
    course->steps[course->step_count++] = (struct course_step){
        .kind = (enum step_kind)found,
        .id = xstrdup(id),
        .was = take_was(value),
        .title = xstrdup(found == STEP_EXERCISE ? id : chapter->title),
        .file = has_file ? xasprintf("%s/%s", folder, file) : NULL,
        .chapter = course->chapter_count - 1,
    };
    return 0;
}

static int take_chapter(struct course *course, const char *folder, const json_t *value,
                        struct err *err) {
    size_t number = course->chapter_count + 1;
    GROW(course->chapters, course->chapter_capacity, number);
    const json_t *given = json_object_get(value, "number");
    course->chapters[course->chapter_count++] = (struct chapter){
        .id = xstrdup(member(value, "id", "")),
        .title = title(value, "title", member(value, "id", "")),
        .number = json_is_integer(given) ? (int)json_integer_value(given) : (int)number,
    };
    size_t i;
    json_t *step;
    json_array_foreach(json_object_get(value, "steps"), i, step) {
        int code = take_step(course, folder, step, err);
        if (code)
            return code;
    }
    return 0;
}

static int take(struct course *course, const char *folder, const json_t *root, struct err *err) {
    const json_t *chapters = json_object_get(root, "chapters");
    if (!json_is_array(chapters))
        return err_set(err, EINVAL, "%s/course.json: \"chapters\" must be a list", folder);
    course->title = title(root, "title", "Brigade");
    course->subtitle = title(root, "subtitle", "");
    size_t i;
    json_t *chapter;
    json_array_foreach(chapters, i, chapter) {
        int code = take_chapter(course, folder, chapter, err);
        if (code)
            return code;
    }
    return 0;
}

struct course *course_load(const char *folder, struct err *err) {
    char *path = xasprintf("%s/course.json", folder);
    struct buf text = {0};
    json_error_t error;
    json_t *root = NULL;
    bool read = file_read(path, &text, FILE_MAX, err) == 0;
    if (read)
        root = json_loadb(text.data ? text.data : "", text.length, JSON_REJECT_DUPLICATES, &error);
    free(path);
    buf_release(&text);
    if (!root) {
        if (read)
            err_set(err, EINVAL, "%s/course.json: line %d: %s", folder, error.line, error.text);
        return NULL;
    }
    struct course *course = xcalloc(1, sizeof *course);
    int code = take(course, folder, root, err);
    json_decref(root);
    if (!code)
        return course;
    course_free(course);
    return NULL;
}

void course_free(struct course *course) {
    if (!course)
        return;
    for (size_t i = 0; i < course->step_count; i++) {
        free(course->steps[i].id);
        free(course->steps[i].title);
        free(course->steps[i].file);
        free(course->steps[i].about);
        for (char **was = course->steps[i].was; was && *was; was++)
            free(*was);
        free(course->steps[i].was);
    }
    for (size_t i = 0; i < course->chapter_count; i++) {
        free(course->chapters[i].id);
        free(course->chapters[i].title);
    }
    free(course->steps);
    free(course->chapters);
    free(course->title);
    free(course->subtitle);
    free(course);
}

void course_describe(struct course *course, size_t index, const char *title, double points,
                     const char *about) {
    struct course_step *step = &course->steps[index];
    struct buf clean = {0};
    text_append_printable(&clean, title, strlen(title), false);
    free(step->title);
    free(step->about);
    step->title = buf_steal(&clean);
    step->points = points;
    step->about = xstrdup(about);
}

int course_find(const struct course *course, const char *id) {
    int found = -1;
    for (size_t i = 0; i < course->step_count; i++) {
        if (strcmp(course->steps[i].id, id))
            continue;
        if (course->steps[i].kind == STEP_EXERCISE)
            return (int)i;
        found = found < 0 ? (int)i : found;
    }
    return found;
}
