/* Manifests: what a right one gives, and what is told of each mistake. A folder of fixtures/manifests holds an
 * exercise.json and, but for `good`, the error that must come of it. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "drive/drive.h"
#include "exercise/exercise.h"
#include "exercise/form.h"
#include "tests/harness/cases.h"

#define FIXTURES "checker/tests/fixtures/manifests"

/* --- a folder to load from ------------------------------------------------------------------------ */

static char work[PATH_MAX];

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(0, fclose(file));
}

/* The process works in a new folder from here on, so that errors name paths as short as the fixtures have them. */
static void enter_work(void) {
    const char *tmp = getenv("TMPDIR");
    snprintf(work, sizeof work, "%s/manifest-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(work));
    assert_int_equal(0, chdir(work));
}

static void remove_exercise(const char *name) {
    static const char *const files[] = {"exercise.json", "task.md", "checks.jq", "app.c", "app.js"};
    char path[512];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", name, files[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/starter", name);
    rmdir(path);
    rmdir(name);
}

static void leave_work(void) {
    assert_int_equal(0, chdir("/"));
    assert_int_equal(0, rmdir(work));
}

/* A whole exercise around a fixture's manifest, in the work folder. */
static void put_exercise(const char *name, const char *as) {
    char path[512];
    struct buf text = {0};
    struct err err = {0};
    snprintf(path, sizeof path, FIXTURES "/%s/exercise.json", name);
    assert_int_equal(0, file_read(case_source(path), &text, 1 << 20, &err));
    assert_int_equal(0, mkdir(as, 0777));
    snprintf(path, sizeof path, "%s/starter", as);
    assert_int_equal(0, mkdir(path, 0777));
    snprintf(path, sizeof path, "%s/task.md", as);
    write_file(path, "# Do it\n");
    snprintf(path, sizeof path, "%s/exercise.json", as);
    write_file(path, text.data ? text.data : "");
    buf_release(&text);
}

static struct exercise *load(const char *name, struct err *err) {
    char path[512];
    snprintf(path, sizeof path, "./%s", name);
    *err = (struct err){0};
    return exercise_load(path, err);
}

/* --- mistakes ------------------------------------------------------------------------------------- */

static void assert_told(const char *name, const char *wanted) {
    struct err err;
    put_exercise(name, name);
    struct exercise *exercise = load(name, &err);
    remove_exercise(name);
    if (exercise)
        fail_msg("%s was loaded without an error", name);
    if (strcmp(err.text, wanted) != 0)
        fail_msg("%s:\nwanted: %s\n   got: %s", name, wanted, err.text);
    assert_int_equal(EINVAL, err.code);
}

static void every_mistake_is_told_with_its_place_and_remedy(void **state) {
    (void)state;
    char path[PATH_MAX];
    DIR *dir = opendir(case_source(FIXTURES));
    int count = 0;
    assert_non_null(dir);
    enter_work();
    for (struct dirent *entry; (entry = readdir(dir));) {
        struct buf wanted = {0};
        struct err err = {0};
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "good") == 0)
            continue;
        snprintf(path, sizeof path, FIXTURES "/%.200s/error", entry->d_name);
        if (file_read(case_source(path), &wanted, 1 << 16, &err))
            fail_msg("%s", err.text);
        wanted.data[--wanted.length] = '\0'; /* its last newline */
        assert_told(entry->d_name, wanted.data);
        buf_release(&wanted);
        count++;
    }
    closedir(dir);
    leave_work();
    assert_true(count > 30);
}

static void missing_files_are_told(void **state) {
    (void)state;
    struct err err;
    enter_work();
    put_exercise("good", "good");
    unlink("good/task.md");
    rmdir("good/starter");
    assert_null(load("good", &err));
    remove_exercise("good");
    assert_string_equal(
        "good/exercise.json: task.md is missing beside it; write there what the student is to do\n"
        "good/exercise.json: starter is missing beside it; make the folder, with the program "
        "that the student starts from",
        err.text);
    leave_work();
}

static void more_mistakes_than_fit_are_cut_between_lines(void **state) {
    (void)state;
    struct reading reading = {.file = "exercise.json"};
    struct err err = {0};
    assert_int_equal(0, reading_tell(&reading, &err));
    for (int i = 0; i < 100; i++)
        reading_fault_file(&reading, "mistake number %d, which is one of many", i);
    assert_int_equal(-EINVAL, reading_tell(&reading, &err));
    assert_non_null(strstr(err.text, "one of many\n(and more)"));
    reading_release(&reading);
}

/* --- a right one ------------------------------------------------------------------------------------ */

static void a_manifest_becomes_a_value(void **state) {
    (void)state;
    struct err err;
    enter_work();
    put_exercise("good", "good");
    write_file("good/checks.jq", "def two: 2;\n");
    struct exercise *exercise = load("good", &err);
    remove_exercise("good");
    if (!exercise)
        fail_msg("%s", err.text);
    assert_string_equal("good", exercise->id);
    assert_int_equal(2, exercise->cpus);
    assert_int_equal(0, exercise->port);
    assert_int_equal(10000, exercise->run_limits.wall_ms);
    assert_int_equal(0, exercise->run_limits.memory_bytes);
    assert_string_equal("def two: 2;\n", exercise->words);
    assert_int_equal(1, exercise->language_count);
    assert_null(exercise->languages[0].needs[0]);
    assert_string_equal("*.c", exercise->languages[0].build[3]);
    assert_null(exercise->languages[0].build[4]);
    assert_int_equal(2, exercise->case_count);
    assert_null(exercise->cases[0].args[0]);
    assert_string_equal("two-words", exercise->cases[1].id);
    assert_string_equal("echo 'a b'", exercise->cases[1].args[2]);
    assert_null(exercise->cases[1].args[3]);
    assert_string_equal("wait", exercise->steps[0].what);
    assert_int_equal(1000,
                     json_integer_value(json_object_get(exercise->steps[0].options, "within_ms")));
    assert_int_equal(3, exercise->check_count);
    assert_string_equal("build", exercise->checks[0].id);
    assert_null(exercise->checks[0].expect);
    assert_string_equal("one", exercise->checks[2].needs[0]);
    assert_true(exercise->points > 99.9 && exercise->points < 100.1);
    assert_true(exercise->dir[0] == '/');
    exercise_free(exercise);
    leave_work();
}

static void a_language_goes_by_the_files(void **state) {
    (void)state;
    struct err err;
    enter_work();
    put_exercise("good", "good");
    struct exercise *exercise = load("good", &err);
    assert_non_null(exercise);
    assert_null(exercise_language(exercise, "good", &err));
    assert_int_equal(ENOENT, err.code);
    assert_string_equal("the folder good holds no program for good; expected is app.c (C)",
                        err.text);
    write_file("good/app.c", "");
    assert_string_equal("c", exercise_language(exercise, "good", &err)->id);
    assert_null(exercise_language(exercise, "nowhere", &err));
    assert_non_null(strstr(err.text, "nowhere"));
    exercise_free(exercise);
    remove_exercise("good");
    leave_work();
}

/* --- finding ------------------------------------------------------------------------------------------ */

static void a_name_is_looked_for_in_the_exercise_folders(void **state) {
    (void)state;
    struct err err;
    enter_work();
    put_exercise("good", "good");
    setenv("BRIGADE_EXERCISES", work, 1);
    struct exercise *exercise = exercise_load("good", &err);
    assert_non_null(exercise);
    exercise_free(exercise);
    char **ids = exercise_list(&err);
    assert_non_null(ids);
    assert_string_equal("good", ids[0]);
    exercise_list_free(ids);
    assert_null(exercise_load("goud", &err));
    assert_int_equal(ENOENT, err.code);
    assert_non_null(strstr(err.text, "there is no exercise \"goud\" (did you mean \"good\"?)"));
    assert_null(exercise_load("../good", &err));
    assert_null(exercise_load("", &err));
    assert_null(exercise_load("\033[2J", &err));
    assert_null(strchr(err.text, '\033'));
    remove_exercise("good");
    leave_work();
}

static void every_exercise_of_ours_loads(void **state) {
    (void)state;
    struct err err = {0};
    setenv("BRIGADE_EXERCISES", case_source("exercises"), 1);
    char **ids = exercise_list(&err);
    assert_non_null(ids);
    for (char **id = ids; *id; id++) {
        struct exercise *exercise = exercise_load(*id, &err);
        if (!exercise)
            fail_msg("%s", err.text);
        exercise_free(exercise);
    }
    exercise_list_free(ids);
}

/* --- the schema ------------------------------------------------------------------------------- */

static json_t *read_json(const char *name) {
    json_error_t error;
    json_t *value = json_load_file(case_source(name), 0, &error);
    if (!value)
        fail_msg("%s:%d: %s", name, error.line, error.text);
    return value;
}

/* What an error lists after "there are ", against an object's members in the schema. */
static void assert_lists(const char *told, const json_t *properties, const char *where) {
    char list[ERR_TEXT_SIZE], *rest;
    size_t count = 0;
    const char *at = strstr(told, "there are ");
    assert_non_null(at);
    snprintf(list, sizeof list, "%s", at + strlen("there are "));
    for (char *name = strtok_r(list, ", ", &rest); name;
         name = strtok_r(NULL, ", ", &rest), count++)
        if (!json_object_get(properties, name))
            fail_msg("%s: the schema does not know \"%s\"", where, name);
    assert_int_equal(json_object_size(properties), count);
}

static void the_schema_knows_what_the_tables_know(void **state) {
    (void)state;
    static const struct {
        const char *where[3]; /* members and elements on the way to an object of a manifest */
        const char *form;     /* in the schema's $defs, or in its properties */
    } rows[] = {{{NULL}, NULL},
                {{"limits", "run"}, "limits"},
                {{"languages", "0"}, "language"},
                {{"cases", "0"}, "case"},
                {{"checks", "0"}, "check"}};
    json_t *schema = read_json("checker/exercise/exercise.schema.json");
    enter_work();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *manifest = read_json(FIXTURES "/good/exercise.json"), *object = manifest;
        for (const char *const *step = rows[i].where; *step; step++)
            object =
                json_is_array(object) ? json_array_get(object, 0) : json_object_get(object, *step);
        json_object_set_new(object, "zzzzzzzzzzzz", json_true());
        put_exercise("good", "good");
        assert_int_equal(0, json_dump_file(manifest, "good/exercise.json", 0));
        struct err err;
        assert_null(load("good", &err));
        remove_exercise("good");
        const json_t *form =
            rows[i].form ? json_object_get(json_object_get(schema, "$defs"), rows[i].form) : schema;
        assert_lists(err.text, json_object_get(form, "properties"),
                     rows[i].form ? rows[i].form : "the manifest");
        json_decref(manifest);
    }
    leave_work();
    json_decref(schema);
}

static void the_schema_knows_the_steps_of_the_driver(void **state) {
    (void)state;
    json_t *schema = read_json("checker/exercise/exercise.schema.json"), *kinds, *kind, *ignored;
    json_t *forms = json_object_get(schema, "$defs");
    const char *name;
    size_t i;
    kinds = json_object_get(
        json_object_get(json_object_get(json_object_get(forms, "step"), "properties"), "do"),
        "enum");
    assert_true(json_array_size(kinds) > 3);
    json_array_foreach(kinds, i, kind) {
        const char *what = json_string_value(kind);
        json_object_foreach(json_object_get(json_object_get(forms, what), "properties"), name,
                            ignored) {
            struct err err = {0};
            json_t *step = json_pack("{s:s}", "do", what);
            json_object_set_new(step, name,
                                strcmp(name, "do") == 0 ? json_string(what) : json_null());
            assert_true(drive_step_check(step, &err) == 0 || err.text[0]);
            if (strstr(err.text, "has no member") || strstr(err.text, "there is no step"))
                fail_msg("%s, %s: %s", what, name, err.text);
            json_decref(step);
        }
    }
    json_decref(schema);
}

/* --- small parts --------------------------------------------------------------------------------------- */

static void a_pointer_leads_to_its_line(void **state) {
    (void)state;
    static const char text[] = "{\n"
                               "  \"a/b\": [1, [\"]\", 2],\n"
                               "    {\"x~y\": \"\\\"}\",\n"
                               "     \"z\": 5}],\n"
                               "  \"c\": null\n"
                               "}\n";
    static const struct {
        const char *pointer;
        int line;
    } rows[] = {
        {"", 1},          {"/a~1b", 2}, {"/a~1b/1/0", 2}, {"/a~1b/2", 3}, {"/a~1b/2/x~0y", 3},
        {"/a~1b/2/z", 4}, {"/c", 5},    {"/none", 1},     {"/a~1b/9", 2}, {"/c/deeper", 5}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (pointer_line(text, rows[i].pointer) != rows[i].line)
            fail_msg("%s is on line %d, wanted %d", rows[i].pointer,
                     pointer_line(text, rows[i].pointer), rows[i].line);
}

static void a_slip_finds_its_name(void **state) {
    (void)state;
    static const char *const names[] = {"points", "needs", "expect", "say", "hint", NULL};
    assert_string_equal("points", nearest_name("point", names));
    assert_string_equal("expect", nearest_name("exepct", names));
    assert_string_equal("hint", nearest_name("Hint", names));
    assert_null(nearest_name("colour", names));
    assert_null(nearest_name("a name that is longer than any that anybody writes", names));
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_mistake_is_told_with_its_place_and_remedy),
    cmocka_unit_test(missing_files_are_told),
    cmocka_unit_test(more_mistakes_than_fit_are_cut_between_lines),
    cmocka_unit_test(a_manifest_becomes_a_value),
    cmocka_unit_test(a_language_goes_by_the_files),
    cmocka_unit_test(a_name_is_looked_for_in_the_exercise_folders),
    cmocka_unit_test(every_exercise_of_ours_loads),
    cmocka_unit_test(the_schema_knows_what_the_tables_know),
    cmocka_unit_test(the_schema_knows_the_steps_of_the_driver),
    cmocka_unit_test(a_pointer_leads_to_its_line),
    cmocka_unit_test(a_slip_finds_its_name),
};
CASES_MAIN(cases)
