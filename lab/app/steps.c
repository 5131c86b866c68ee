#include "app/steps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/quizzes.h"
#include "app/runs.h"
#include "base/alloc.h"
#include "base/fd.h"
#include "model/places.h"

enum { TEXT_MAX = 4 << 20 };

/* Where to go on: the first step that is not done. */
static size_t next_step(const struct app *app) {
    for (size_t i = 0; i < app->course->step_count; i++)
        if (!course_view_is_done(&app->course->steps[i], app->progress))
            return i;
    return 0;
}

int steps_load(struct app *app, struct err *err) {
    char *lessons = places_lessons();
    if (!lessons)
        return err_set(err, ENOENT,
                       "cannot find the lessons: no folder lessons/ beside the program, and "
                       "none at " BRIGADE_DATADIR "/lessons (BRIGADE_LESSONS names another)");
    app->course = course_load(lessons, err);
    free(lessons);
    if (!app->course)
        return -err->code;
    struct err unreadable = {0};
    app->workspace_folder = places_workspace(app->options->workspace);
    app->progress = progress_load(app->workspace_folder, &unreadable);
    if (unreadable.code)
        app_notice(app, "%s", unreadable.text);
    for (size_t i = 0; i < app->course->step_count; i++)
        for (char **was = app->course->steps[i].was; was && *was; was++)
            progress_rename(app->progress, *was, app->course->steps[i].id);
    app->course_view = (struct course_view){
        .course = app->course,
        .progress = app->progress,
        .steps = {.selects = true, .selected = next_step(app)},
    };
    return 0;
}

void steps_name(void *ctx) {
    struct app *app = ctx;
    for (size_t i = 0; i < app->course->step_count; i++) {
        if (app->course->steps[i].kind == STEP_LESSON) {
            course_name_lesson(app->course, i);
            continue;
        }
        if (app->course->steps[i].kind == STEP_QUIZ) {
            quizzes_name(app, i);
            continue;
        }
        struct exercise *exercise = exercise_load(app->course->steps[i].id, NULL);
        if (exercise)
            course_name_step(app->course, i, exercise->title);
        exercise_free(exercise);
    }
    app_changed(app);
}

static void close_exercise(struct app *app) {
    runs_release(app);
    exercise_free(app->exercise);
    app->exercise = NULL;
    workspace_release(&app->workspace);
    free(app->source);
    free(app->task);
    app->source = app->task = NULL;
    bench_release(&app->bench);
}

static void close_page(struct page *page) {
    buf_release(&page->text);
    lines_release(&page->lines);
    *page = (struct page){0};
}

void steps_release(struct app *app) {
    close_exercise(app);
    close_page(&app->lesson);
    close_page(&app->help);
    quizzes_close(app);
    progress_free(app->progress);
    course_free(app->course);
    free(app->workspace_folder);
}

void steps_save(struct app *app) {
    struct err err = {0};
    if (progress_save(app->progress, &err) < 0)
        app_notice(app, "your progress is not saved: %s", err.text);
}

static bool open_lesson(struct app *app, const struct course_step *step) {
    struct err err = {0};
    struct page page = {0};
    if (file_read(step->file, &page.text, TEXT_MAX, &err) < 0) {
        buf_release(&page.text);
        app_notice(app, "%s", err.text);
        return false;
    }
    close_page(&app->lesson);
    app->lesson = page;
    app->place = PLACE_LESSON;
    if (progress_lesson(app->progress, step->id, LESSON_READING))
        steps_save(app);
    return true;
}

void steps_lesson_read(struct app *app) {
    if (progress_lesson(app->progress, app->course->steps[app->step].id, LESSON_READ)) {
        steps_save(app);
        app_changed(app);
    }
}

static char *read_task(const struct exercise *exercise) {
    struct buf text = {0};
    char *path = xasprintf("%s/task.md", exercise->dir);
    if (file_read(path, &text, TEXT_MAX, NULL) < 0)
        buf_printf(&text, "# %s\n\nThis exercise has no task.md.\n", exercise->title);
    free(path);
    return buf_steal(&text);
}

static void set_up_bench(struct app *app) {
    bench_init(&app->bench);
    app->bench.task = app->task;
    app->bench.source = app->source;
    runs_prepare(app);
    app->place = PLACE_BENCH;
}

static bool open_exercise(struct app *app, const struct course_step *step) {
    struct err err = {0};
    struct exercise *exercise = exercise_load(step->id, &err);
    if (!exercise) {
        app_notice(app, "%s", err.text);
        return false;
    }
    close_exercise(app);
    app->exercise = exercise;
    if (workspace_open(&app->workspace, app->workspace_folder, exercise, step->was, &err) < 0) {
        app_notice(app, "%s", err.text);
        close_exercise(app);
        app->place = PLACE_COURSE;
        return false;
    }
    if (app->workspace.is_new)
        app_notice(app, "The starter is now in %s: yours to change.", app->workspace.dir);
    app->source = workspace_source(&app->workspace, exercise);
    app->task = read_task(exercise);
    set_up_bench(app);
    return true;
}

void steps_open(struct app *app, size_t index) {
    const struct course_step *step = &app->course->steps[index];
    bool opened = step->kind == STEP_LESSON ? open_lesson(app, step)
                  : step->kind == STEP_QUIZ ? quizzes_open(app, step)
                                            : open_exercise(app, step);
    if (opened) {
        app->step = index;
        scroll_select(&app->course_view.steps, index);
    }
    app_changed(app);
}

void steps_open_log(struct app *app) {
    app->source = xstrdup("your program");
    app->task = xasprintf("# A saved run\n\n`%s`\n", app->options->log);
    set_up_bench(app);
    app->bench.focus = PANE_PROCESSES;
    runs_open_log(app);
}

void steps_close(struct app *app) {
    if (app->place == PLACE_BENCH)
        close_exercise(app);
    else if (app->place == PLACE_QUIZ)
        quizzes_close(app);
    else
        close_page(&app->lesson);
    app->place = PLACE_COURSE;
    app_changed(app);
}

bool steps_has(const struct app *app, int by) {
    return by > 0 ? app->step + 1 < app->course->step_count : app->step > 0;
}
