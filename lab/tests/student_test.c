/* The student's side: course, progress, workspace, editor. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/editor.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/fd.h"
#include "model/course.h"
#include "model/folder.h"
#include "model/progress.h"
#include "model/workspace.h"
#include "tests/harness/cases.h"

static const char *scratch(const char *name) {
    static char path[2][512];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", getenv("TMPDIR"), name);
    return path[turn];
}

static void write_text(const char *path, const char *text) {
    assert_int_equal(0, folder_write_whole(path, text, strlen(text), NULL));
}

static char *read_text(const char *path) {
    struct buf text = {0};
    assert_int_equal(0, file_read(path, &text, 1 << 20, NULL));
    return buf_steal(&text);
}

static void a_course_lists_its_steps_in_order(void **state) {
    (void)state;
    struct err err = {0};
    struct course *course = course_load(case_source("lab/tests/fixtures/lessons"), &err);
    assert_non_null(course);
    assert_int_equal(2, course->step_count);
    assert_int_equal(STEP_LESSON, course->steps[0].kind);
    assert_string_equal("Why more than one process", course->steps[0].title);
    assert_int_equal(5, course->chapters[1].number);
    assert_int_equal(1, course_find(course, "stats"));
    assert_int_equal(-1, course_find(course, "nothing"));
    course_free(course);
}

static void the_course_of_this_tree_loads_and_its_files_are_there(void **state) {
    (void)state;
    struct err err = {0};
    struct course *course = course_load(case_source("lessons"), &err);
    if (!course)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < course->step_count; i++)
        if (course->steps[i].file && access(course->steps[i].file, R_OK) < 0)
            fail_msg("%s is not there", course->steps[i].file);
    course_free(course);
}

static void a_mistake_in_the_course_is_told_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
    } mistakes[] = {
        {"{\"chapters\": [\n{]", "line 2"},
        {"{\"chapters\": 3}", "\"chapters\" must be a list"},
        {"{\"chapters\": [{\"id\": \"why\", \"steps\": [{\"kind\": \"quiz\", \"id\": \"x\"}]}]}",
         "why"},
        {"{\"chapters\": [{\"id\": \"why\", \"steps\": [{\"kind\": \"lesson\", \"id\": \"x\"}]}]}",
         "file"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct err err = {0};
        write_text(scratch("course.json"), mistakes[i].text);
        assert_null(course_load(getenv("TMPDIR"), &err));
        assert_non_null(strstr(err.text, mistakes[i].words));
    }
}

static void progress_survives_and_keeps_the_best(void **state) {
    (void)state;
    struct err err = {0};
    const char *folder = scratch("work/deep");
    struct progress *progress = progress_load(folder, &err);
    assert_int_equal(0, err.code);
    assert_false(progress_exercise_state(progress, "stats").tried);
    assert_true(progress_exercise(progress, "stats", false, 60, 100));
    assert_true(progress_exercise(progress, "stats", true, 100, 100));
    assert_false(progress_exercise(progress, "stats", false, 20, 100));
    assert_true(progress_lesson(progress, "why", LESSON_READ));
    assert_false(progress_lesson(progress, "why", LESSON_READING));
    assert_int_equal(0, progress_save(progress, &err));
    progress_free(progress);
    progress = progress_load(folder, &err);
    assert_true(progress_exercise_state(progress, "stats").passed);
    assert_true(progress_exercise_state(progress, "stats").score == 100);
    assert_int_equal(LESSON_READ, progress_lesson_state(progress, "why"));
    progress_free(progress);
}

static void progress_keeps_what_it_does_not_know(void **state) {
    (void)state;
    write_text(
        scratch(".progress.json"),
        "{\"later\": [1, 2], \"exercises\": {\"old\": {\"passed\": true, \"note\": \"x\"}}}");
    struct progress *progress = progress_load(getenv("TMPDIR"), NULL);
    progress_lesson(progress, "why", LESSON_READ);
    assert_int_equal(0, progress_save(progress, NULL));
    progress_free(progress);
    char *text = read_text(scratch(".progress.json"));
    assert_non_null(strstr(text, "\"later\""));
    assert_non_null(strstr(text, "\"note\": \"x\""));
    free(text);
}

static void broken_progress_is_set_aside_never_overwritten(void **state) {
    (void)state;
    struct err err = {0};
    write_text(scratch(".progress.json"), "{\"exercises\": {");
    struct progress *progress = progress_load(getenv("TMPDIR"), &err);
    assert_int_not_equal(0, err.code);
    progress_lesson(progress, "why", LESSON_READ);
    assert_int_equal(0, progress_save(progress, NULL));
    progress_free(progress);
    char *text = read_text(scratch(".progress.json.broken"));
    assert_string_equal("{\"exercises\": {", text);
    free(text);
}

static void a_starter_is_copied_once(void **state) {
    (void)state;
    struct err err = {0};
    const char *const files[] = {"app.c", NULL};
    struct language language = {.id = "c", .files = files};
    struct exercise exercise = {
        .id = "stats",
        .dir = xstrdup(case_source("lab/tests/fixtures/exercises/stats")),
        .languages = &language,
        .language_count = 1,
    };
    struct workspace workspace;
    assert_int_equal(0, workspace_open(&workspace, scratch("ws"), &exercise, &err));
    assert_true(workspace.is_new);
    char *source = workspace_source(&workspace, &exercise);
    assert_string_equal("app.c", source);
    free(source);
    workspace_release(&workspace);
    write_text(scratch("ws/stats/app.c"), "mine");
    assert_int_equal(0, workspace_open(&workspace, scratch("ws"), &exercise, &err));
    assert_false(workspace.is_new);
    workspace_release(&workspace);
    char *text = read_text(scratch("ws/stats/app.c"));
    assert_string_equal("mine", text);
    free(text);
    free((char *)exercise.dir);
}

static void editors_are_told_the_line_in_their_own_way(void **state) {
    (void)state;
    static const struct {
        const char *editor;
        int line;
        const char *words[3]; /* after sh -c "exec EDITOR "$@"" EDITOR */
    } rows[] = {
        {"vi", 42, {"+42", "app.c"}},
        {"/usr/bin/nano", 7, {"+7", "app.c"}},
        {"emacs -nw", 7, {"+7", "app.c"}},
        {"hx", 7, {"+7", "app.c"}},
        {"code --wait", 42, {"--goto", "app.c:42"}},
        {"ed", 42, {"app.c"}},
        {"vi", 0, {"app.c"}},
        {"code --wait", 0, {"app.c"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct editor_command command;
        editor_command_make(&command, rows[i].editor, "app.c", rows[i].line);
        char *script = xasprintf("exec %s \"$@\"", rows[i].editor);
        assert_string_equal(script, command.argv[2]);
        free(script);
        for (size_t w = 0; w < 2; w++) {
            if (rows[i].words[w])
                assert_string_equal(rows[i].words[w], command.argv[4 + w]);
            else
                assert_null(command.argv[4 + w]);
        }
        editor_command_release(&command);
    }
}

static void the_editor_is_visual_then_editor_then_vi(void **state) {
    (void)state;
    setenv("VISUAL", "nano", 1);
    setenv("EDITOR", "emacs", 1);
    assert_string_equal("nano", editor_choice());
    setenv("VISUAL", " ", 1);
    assert_string_equal("emacs", editor_choice());
    unsetenv("EDITOR");
    assert_string_equal("vi", editor_choice());
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(a_course_lists_its_steps_in_order),
    cmocka_unit_test(the_course_of_this_tree_loads_and_its_files_are_there),
    cmocka_unit_test(a_mistake_in_the_course_is_told_with_its_place),
    cmocka_unit_test(progress_survives_and_keeps_the_best),
    cmocka_unit_test(progress_keeps_what_it_does_not_know),
    cmocka_unit_test(broken_progress_is_set_aside_never_overwritten),
    cmocka_unit_test(a_starter_is_copied_once),
    cmocka_unit_test(editors_are_told_the_line_in_their_own_way),
    cmocka_unit_test(the_editor_is_visual_then_editor_then_vi),
};
CASES_MAIN(cases)
