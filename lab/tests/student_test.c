/* The student's side: course, progress, workspace, editor. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/editor.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/fd.h"
#include "model/about.h"
#include "model/course.h"
#include "model/folder.h"
#include "model/progress.h"
#include "model/source_place.h"
#include "model/task.h"
#include "model/way.h"
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

static bool try_stats(struct progress *progress, bool passed, double score) {
    struct exercise_try try = {passed, score, 100, passed ? NULL : "truth", 1000};
    return progress_exercise(progress, "stats", &try);
}

static void progress_survives_and_keeps_the_best(void **state) {
    (void)state;
    struct err err = {0};
    const char *folder = scratch("work/deep");
    struct progress *progress = progress_load(folder, &err);
    assert_int_equal(0, err.code);
    assert_true(progress_is_new(progress));
    assert_false(progress_exercise_state(progress, "stats").tried);
    assert_true(progress_hints(progress, "stats", 2));
    assert_false(progress_exercise_state(progress, "stats").tried);
    assert_true(try_stats(progress, false, 60));
    assert_string_equal("truth", progress_exercise_state(progress, "stats").failed);
    assert_true(try_stats(progress, true, 100));
    assert_null(progress_exercise_state(progress, "stats").failed);
    try_stats(progress, false, 20);
    assert_true(progress_lesson(progress, "why", LESSON_READ));
    assert_false(progress_lesson(progress, "why", LESSON_READING));
    assert_true(progress_lesson_stop(progress, "why", 12));
    assert_true(progress_quiz(progress, "why-quiz", 3, 5));
    assert_false(progress_quiz(progress, "why-quiz", 2, 5));
    assert_true(progress_open_step(progress, "stats"));
    assert_false(progress_is_saved(progress));
    assert_int_equal(0, progress_save(progress, &err));
    assert_true(progress_is_saved(progress));
    progress_free(progress);
    progress = progress_load(folder, &err);
    struct exercise_state stats = progress_exercise_state(progress, "stats");
    assert_false(progress_is_new(progress));
    assert_true(stats.passed && stats.score == 100 && stats.tried_s == 1000 && stats.hints == 2);
    assert_string_equal("truth", stats.failed); /* the last try's */
    assert_int_equal(LESSON_READ, progress_lesson_state(progress, "why"));
    assert_int_equal(12, progress_lesson_place(progress, "why"));
    assert_int_equal(3, progress_quiz_state(progress, "why-quiz").right);
    assert_string_equal("stats", progress_last_step(progress));
    progress_free(progress);
}

static void two_labs_on_one_workspace_lose_nothing(void **state) {
    (void)state;
    struct progress *one = progress_load(getenv("TMPDIR"), NULL);
    struct progress *other = progress_load(getenv("TMPDIR"), NULL);
    progress_lesson(one, "why", LESSON_READ);
    try_stats(one, true, 100);
    progress_lesson(other, "why", LESSON_READING);
    progress_quiz(other, "why-quiz", 1, 2);
    try_stats(other, false, 30);
    assert_int_equal(0, progress_save(one, NULL));
    assert_int_equal(0, progress_save(other, NULL));
    progress_lesson(one, "ipc", LESSON_READING);
    assert_int_equal(0, progress_save(one, NULL));
    struct progress *after = progress_load(getenv("TMPDIR"), NULL);
    const struct progress *all[] = {one, after};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(LESSON_READ, progress_lesson_state(all[i], "why"));
        assert_int_equal(LESSON_READING, progress_lesson_state(all[i], "ipc"));
        assert_true(progress_exercise_state(all[i], "stats").passed);
        assert_true(progress_exercise_state(all[i], "stats").score == 100);
        assert_int_equal(1, progress_quiz_state(all[i], "why-quiz").right);
    }
    progress_free(one);
    progress_free(other);
    progress_free(after);
}

static void eight_processes_save_at_once_and_lose_nothing(void **state) {
    (void)state;
    enum { LABS = 8, SAVES = 20 };
    pid_t pids[LABS];
    char id[32];
    for (int lab = 0; lab < LABS; lab++)
        if ((pids[lab] = fork()) == 0) {
            struct progress *progress = progress_load(getenv("TMPDIR"), NULL);
            bool good = true;
            for (int i = 0; i < SAVES; i++) {
                snprintf(id, sizeof id, "l%d-%d", lab, i);
                progress_lesson(progress, id, LESSON_READ);
                good = progress_save(progress, NULL) == 0 && good;
            }
            _exit(good ? 0 : 1);
        }
    for (int lab = 0; lab < LABS; lab++) {
        int status;
        assert_int_equal(pids[lab], waitpid(pids[lab], &status, 0));
        assert_int_equal(0, status);
    }
    struct progress *progress = progress_load(getenv("TMPDIR"), NULL);
    for (int i = 0; i < LABS * SAVES; i++) {
        snprintf(id, sizeof id, "l%d-%d", i / SAVES, i % SAVES);
        assert_int_equal(LESSON_READ, progress_lesson_state(progress, id));
    }
    progress_free(progress);
}

static void what_cannot_be_saved_goes_with_the_next_save(void **state) {
    (void)state;
    struct err err = {0};
    write_text(scratch("file"), "in the way");
    char *folder = xasprintf("%s/work", scratch("file"));
    struct progress *progress = progress_load(folder, &err);
    progress_lesson(progress, "why", LESSON_READ);
    assert_true(progress_save(progress, &err) < 0);
    assert_non_null(strstr(err.text, "cannot make the folder"));
    assert_false(progress_is_saved(progress));
    assert_int_equal(0, unlink(scratch("file")));
    assert_int_equal(0, progress_save(progress, &err));
    assert_true(progress_is_saved(progress));
    progress_free(progress);
    progress = progress_load(folder, &err);
    assert_int_equal(LESSON_READ, progress_lesson_state(progress, "why"));
    progress_free(progress);
    free(folder);
}

static void a_file_deleted_meanwhile_is_written_whole_again(void **state) {
    (void)state;
    struct progress *progress = progress_load(getenv("TMPDIR"), NULL);
    progress_lesson(progress, "why", LESSON_READ);
    assert_int_equal(0, progress_save(progress, NULL));
    assert_int_equal(0, unlink(scratch(".progress.json")));
    progress_lesson(progress, "ipc", LESSON_READ);
    assert_int_equal(0, progress_save(progress, NULL));
    progress_free(progress);
    progress = progress_load(getenv("TMPDIR"), NULL);
    assert_int_equal(LESSON_READ, progress_lesson_state(progress, "why"));
    assert_int_equal(LESSON_READ, progress_lesson_state(progress, "ipc"));
    progress_free(progress);
}

static void a_renamed_exercise_keeps_what_was_done(void **state) {
    (void)state;
    write_text(
        scratch(".progress.json"),
        "{\"version\": 7, \"at\": {\"step\": \"old\"}, \"exercises\": {\"old\": {\"passed\": "
        "true, \"score\": 90, \"note\": \"x\"}}}");
    struct progress *progress = progress_load(getenv("TMPDIR"), NULL);
    assert_true(progress_rename(progress, "old", "stats"));
    assert_false(progress_rename(progress, "old", "stats"));
    assert_true(progress_exercise_state(progress, "stats").passed);
    assert_string_equal("stats", progress_last_step(progress));
    try_stats(progress, false, 10);
    assert_int_equal(0, progress_save(progress, NULL));
    progress_free(progress);
    progress = progress_load(getenv("TMPDIR"), NULL);
    assert_true(progress_exercise_state(progress, "stats").passed);
    progress_free(progress);
    char *text = read_text(scratch(".progress.json"));
    assert_non_null(strstr(text, "\"version\": 7"));
    free(text);
}

static void progress_keeps_what_it_does_not_know(void **state) {
    (void)state;
    write_text(
        scratch(".progress.json"),
        "{\"later\": [1, 2], \"exercises\": {\"stats\": {\"passed\": true, \"note\": \"x\"}}}");
    struct progress *progress = progress_load(getenv("TMPDIR"), NULL);
    progress_lesson(progress, "why", LESSON_READ);
    try_stats(progress, true, 90);
    assert_int_equal(0, progress_save(progress, NULL));
    progress_free(progress);
    char *text = read_text(scratch(".progress.json"));
    assert_non_null(strstr(text, "\"later\""));
    assert_non_null(strstr(text, "\"note\": \"x\""));
    free(text);
}

static void broken_progress_is_set_aside_never_overwritten(void **state) {
    (void)state;
    static const char *const names[] = {".progress.json.broken", ".progress.json.broken.2"};
    for (size_t i = 0; i < 2; i++) {
        struct err err = {0};
        char wanted[64];
        snprintf(wanted, sizeof wanted, "{\"exercises\": {%zu", i);
        write_text(scratch(".progress.json"), wanted);
        struct progress *progress = progress_load(getenv("TMPDIR"), &err);
        assert_int_not_equal(0, err.code);
        progress_lesson(progress, "why", LESSON_READ);
        assert_int_equal(0, progress_save(progress, NULL));
        assert_int_equal(0, progress_save(progress, NULL));
        progress_free(progress);
        char *text = read_text(scratch(names[i]));
        assert_string_equal(wanted, text);
        free(text);
    }
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
    assert_int_equal(0, workspace_open(&workspace, scratch("ws"), &exercise, NULL, &err));
    assert_true(workspace.is_new);
    char *source = workspace_source(&workspace, &exercise);
    assert_string_equal("app.c", source);
    free(source);
    workspace_release(&workspace);
    write_text(scratch("ws/stats/app.c"), "mine");
    assert_int_equal(0, workspace_open(&workspace, scratch("ws"), &exercise, NULL, &err));
    assert_false(workspace.is_new);
    workspace_release(&workspace);
    char *text = read_text(scratch("ws/stats/app.c"));
    assert_string_equal("mine", text);
    free(text);
    free((char *)exercise.dir);
}

static void hints_are_cut_from_the_task(void **state) {
    (void)state;
    struct task task = {0};
    task_read(&task,
              "# T\n\ntext\n```\n## Hints\n```\n## Hints\n\n### Hint 1\n\none\n\n### Hint 2\n"
              "```\n# no heading\n```\n## After\nend\n");
    assert_int_equal(2, task.hint_count);
    assert_non_null(strstr(task.hints[1], "# no heading"));
    assert_string_equal("# T\n\ntext\n```\n## Hints\n```\n## After\nend\n", task.body);
    char *none = task_page(&task, 0, "h"), *one = task_page(&task, 1, "h");
    char *all = task_page(&task, 9, "h");
    assert_null(strstr(none, "one"));
    assert_non_null(strstr(none, "2 hints"));
    assert_non_null(strstr(one, "### Hint 1 of 2\n\n\none"));
    assert_null(strstr(one, "no heading"));
    assert_non_null(strstr(all, "no heading"));
    free(none);
    free(one);
    free(all);
    task_release(&task);
    task_read(&task, "# T\n## Hintsight\nx\n");
    assert_int_equal(0, task.hint_count);
    task_release(&task);
}

static void a_place_in_a_source_is_found_in_a_text(void **state) {
    (void)state;
    static const struct {
        const char *text, *file;
        int line;
    } rows[] = {
        {"at 10:30, in app.c:42: x", "app.c", 42},
        {"(lib/a-b.h:7)", "lib/a-b.h", 7},
        {"app.js:3", "app.js", 3},
        {"localhost:8000", NULL, 0},
        {"app.c: no line", NULL, 0},
        {"app.c:0", NULL, 0},
        {".c:1", NULL, 0},
        {"", NULL, 0},
        {NULL, NULL, 0},
        {"app.c:99999999999", NULL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct source_place place = {0};
        assert_int_equal(rows[i].file != NULL, source_place_find(rows[i].text, &place));
        if (rows[i].file) {
            assert_string_equal(rows[i].file, place.file);
            assert_int_equal(rows[i].line, place.line);
        }
    }
}

static void what_comes_next_is_where_one_left_off(void **state) {
    (void)state;
    struct err err = {0};
    struct course *course = course_load(case_source("lab/tests/fixtures/course"), &err);
    struct progress *progress = progress_load(getenv("TMPDIR"), NULL);
    struct buf words = {0};
    assert_int_equal(0, way_next(course, progress));
    way_words(course, progress, 0, &words);
    assert_string_equal("next: 1 Why more than one process", words.data);
    progress_open_step(progress, "stats");
    try_stats(progress, false, 50);
    assert_int_equal(2, way_next(course, progress));
    buf_clear(&words);
    way_words(course, progress, 1000 + 3 * 3600, &words);
    assert_string_equal("continue: 5 stats, check truth failed 3 hours ago", words.data);
    assert_int_equal(16, way_sum(course, progress).percent);
    try_stats(progress, true, 100);
    assert_int_equal(0, way_next(course, progress));
    progress_lesson(progress, "why", LESSON_READ);
    progress_quiz(progress, "why-quiz", 0, 2);
    assert_int_equal(course->step_count, way_next(course, progress));
    assert_int_equal(100, way_sum(course, progress).percent);
    buf_release(&words);
    progress_free(progress);
    course_free(course);
}

static void a_step_tells_what_it_is_about(void **state) {
    (void)state;
    struct err err = {0};
    setenv("BRIGADE_EXERCISES", case_source("lab/tests/fixtures/exercises"), 1);
    struct course *course = course_load(case_source("lab/tests/fixtures/course"), &err);
    for (size_t i = 0; i < course->step_count; i++)
        about_step(course, i);
    assert_non_null(strstr(course->steps[0].about, "- Two of one\n"));
    assert_string_equal("What stuck", course->steps[1].title);
    assert_string_equal("Count and report", course->steps[2].title);
    assert_true(course->steps[2].points == 100);
    assert_non_null(strstr(course->steps[2].about, "| points | check |"));
    course_free(course);
}

static void a_reset_keeps_what_was_there(void **state) {
    (void)state;
    struct err err = {0};
    struct exercise exercise = {.id = "stats",
                                .dir = case_source("lab/tests/fixtures/exercises/stats")};
    struct workspace workspace;
    char *kept[2];
    assert_int_equal(0, workspace_open(&workspace, scratch("ws"), &exercise, NULL, &err));
    for (int i = 0; i < 2; i++) {
        write_text(scratch("ws/stats/app.c"), "mine");
        assert_int_equal(0, workspace_reset(&workspace, &exercise, &kept[i], &err));
        char *path = xasprintf("%s/app.c", kept[i]);
        char *old = read_text(path), *fresh = read_text(scratch("ws/stats/app.c"));
        assert_string_equal("mine", old);
        assert_non_null(strstr(fresh, "A starter"));
        free(path);
        free(old);
        free(fresh);
    }
    assert_string_not_equal(kept[0], kept[1]);
    free(kept[0]);
    free(kept[1]);
    workspace_release(&workspace);
}

static void a_renamed_folder_is_found(void **state) {
    (void)state;
    struct err err = {0};
    struct exercise exercise = {.id = "stats",
                                .dir = case_source("lab/tests/fixtures/exercises/stats")};
    char *was[] = {"never", "count", NULL};
    struct workspace workspace;
    assert_int_equal(0, folder_make(scratch("ws/count"), &err));
    write_text(scratch("ws/count/app.c"), "mine");
    assert_int_equal(0, workspace_open(&workspace, scratch("ws"), &exercise, was, &err));
    assert_false(workspace.is_new);
    workspace_release(&workspace);
    char *text = read_text(scratch("ws/stats/app.c"));
    assert_string_equal("mine", text);
    free(text);
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
    cmocka_unit_test(two_labs_on_one_workspace_lose_nothing),
    cmocka_unit_test(eight_processes_save_at_once_and_lose_nothing),
    cmocka_unit_test(what_cannot_be_saved_goes_with_the_next_save),
    cmocka_unit_test(a_file_deleted_meanwhile_is_written_whole_again),
    cmocka_unit_test(a_renamed_exercise_keeps_what_was_done),
    cmocka_unit_test(progress_keeps_what_it_does_not_know),
    cmocka_unit_test(broken_progress_is_set_aside_never_overwritten),
    cmocka_unit_test(a_starter_is_copied_once),
    cmocka_unit_test(hints_are_cut_from_the_task),
    cmocka_unit_test(a_place_in_a_source_is_found_in_a_text),
    cmocka_unit_test(what_comes_next_is_where_one_left_off),
    cmocka_unit_test(a_step_tells_what_it_is_about),
    cmocka_unit_test(a_reset_keeps_what_was_there),
    cmocka_unit_test(a_renamed_folder_is_found),
    cmocka_unit_test(editors_are_told_the_line_in_their_own_way),
    cmocka_unit_test(the_editor_is_visual_then_editor_then_vi),
};
CASES_MAIN(cases)
