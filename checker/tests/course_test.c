/* lessons/course.json against the folders that it orders. */
#include "tests/harness/cases.h"

#include <glob.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const kinds[] = {"lesson", "exercise", "quiz"};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

static json_t *load(const char *name) {
    json_error_t error;
    json_t *value = json_load_file(case_source(name), JSON_REJECT_DUPLICATES, &error);
    if (!value)
        fail_msg("%s:%d: %s", name, error.line, error.text);
    return value;
}

static const char *text_of(const json_t *object, const char *member) {
    const char *text = json_string_value(json_object_get(object, member));
    if (!text || !*text)
        fail_msg("member %s is missing or empty", member);
    return text;
}

typedef void step_fn(const json_t *step, void *ctx);

static void each_step(json_t *course, step_fn *fn, void *ctx) {
    size_t i, j;
    json_t *chapter, *step;
    json_array_foreach(json_object_get(course, "chapters"), i, chapter) {
        json_array_foreach(json_object_get(chapter, "steps"), j, step) fn(step, ctx);
    }
}

static void note_id(json_t *seen, const char *id) {
    if (json_object_get(seen, id))
        fail_msg("id %s stands twice", id);
    json_object_set_new(seen, id, json_true());
}

static void check_step(const json_t *step, void *seen) {
    const char *kind = text_of(step, "kind"), *id = text_of(step, "id");
    char path[4096];
    note_id(seen, id);
    if (strcmp(kind, "lesson") == 0 || strcmp(kind, "quiz") == 0)
        snprintf(path, sizeof path, "lessons/%s", text_of(step, "file"));
    else if (strcmp(kind, "exercise") == 0)
        snprintf(path, sizeof path, "exercises/%s", id);
    else
        fail_msg("step %s: kind %s is unknown", id, kind);
    if (access(case_source(path), R_OK) != 0)
        fail_msg("step %s: %s is not there", id, path);
}

static void every_step_has_an_id_of_its_own_and_its_file(void **state) {
    (void)state;
    json_t *course = load("lessons/course.json"), *seen = json_object();
    text_of(course, "title");
    each_step(course, check_step, seen);
    assert_true(json_object_size(seen) > 0);
    json_decref(seen);
    json_decref(course);
}

static void chapters_rise_in_number(void **state) {
    (void)state;
    json_t *course = load("lessons/course.json"), *seen = json_object(), *chapter;
    json_int_t last = 0;
    size_t i;
    json_array_foreach(json_object_get(course, "chapters"), i, chapter) {
        json_int_t number = json_integer_value(json_object_get(chapter, "number"));
        note_id(seen, text_of(chapter, "id"));
        text_of(chapter, "title");
        assert_true(number > last);
        assert_true(json_array_size(json_object_get(chapter, "steps")) > 0);
        last = number;
    }
    json_decref(seen);
    json_decref(course);
}

struct search {
    const char *member, *value;
    bool found;
};

static void find_step(const json_t *step, void *ctx) {
    struct search *search = ctx;
    const char *value = json_string_value(json_object_get(step, search->member));
    if (value && strcmp(value, search->value) == 0)
        search->found = true;
}

/* Every path that fits the pattern, `folder` taken off, is some step's member. */
static void assert_all_in_course(const char *pattern, const char *folder, const char *member) {
    json_t *course = load("lessons/course.json");
    size_t skip = strlen(case_source(folder));
    glob_t found;
    int code = glob(case_source(pattern), 0, NULL, &found);
    if (code == GLOB_NOMATCH)
        found.gl_pathc = 0;
    else
        assert_int_equal(0, code);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct search search = {.member = member, .value = found.gl_pathv[i] + skip};
        each_step(course, find_step, &search);
        if (!search.found)
            fail_msg("%s is not in course.json", found.gl_pathv[i]);
    }
    globfree(&found);
    json_decref(course);
}

static void no_lesson_is_forgotten(void **state) {
    (void)state;
    assert_all_in_course("lessons/*/*.md", "lessons/", "file");
}

static void no_quiz_is_forgotten(void **state) {
    (void)state;
    assert_all_in_course("lessons/*/quiz.json", "lessons/", "file");
}

static void no_exercise_is_forgotten(void **state) {
    (void)state;
    assert_all_in_course("exercises/*", "exercises/", "id");
}

/* Held by the schema: the member names of a step of each kind. */
static void check_members(const json_t *step, void *ctx) {
    const json_t *schema = json_object_get(json_object_get(ctx, "$defs"), text_of(step, "kind"));
    const json_t *properties = json_object_get(schema, "properties");
    const char *member;
    json_t *value;
    size_t i;
    json_object_foreach((json_t *)step, member, value) {
        if (!json_object_get(properties, member))
            fail_msg("step %s: the schema knows no member %s", text_of(step, "id"), member);
    }
    json_array_foreach(json_object_get(schema, "required"), i, value) {
        text_of(step, json_string_value(value));
    }
}

static void the_schema_describes_every_kind(void **state) {
    (void)state;
    json_t *course = load("lessons/course.json"), *schema = load("lessons/course.schema.json");
    assert_string_equal("course.schema.json", text_of(course, "$schema"));
    for (size_t i = 0; i < KIND_COUNT; i++)
        assert_non_null(json_object_get(json_object_get(schema, "$defs"), kinds[i]));
    each_step(course, check_members, schema);
    json_decref(course);
    json_decref(schema);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_step_has_an_id_of_its_own_and_its_file),
    cmocka_unit_test(chapters_rise_in_number),
    cmocka_unit_test(no_lesson_is_forgotten),
    cmocka_unit_test(no_quiz_is_forgotten),
    cmocka_unit_test(no_exercise_is_forgotten),
    cmocka_unit_test(the_schema_describes_every_kind),
};
CASES_MAIN(cases)
