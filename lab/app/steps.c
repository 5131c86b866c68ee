#include "app/steps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/desk.h"
#include "app/quizzes.h"
#include "app/reading.h"
#include "app/runs.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "model/about.h"
#include "model/folder.h"
#include "model/places.h"
#include "model/way.h"
#include "views/letters.h"

void steps_choose_next(struct app *app) {
    size_t next = way_next(app->course, app->progress);
    scroll_select(&app->course_view.steps, next < app->course->step_count ? next : 0);
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
        .steps =
            {
                .selects = true,
            },
    };
    steps_choose_next(app);
    return 0;
}

/* A step at a time, so that keys are heard meanwhile. */
void steps_name(void *ctx) {
    struct app *app = ctx;
    if (app->named >= app->course->step_count)
        return;
    about_step(app->course, app->named++);
    loop_timer_set(app->loop, app->name_timer, clock_now_ns());
    app_changed(app);
}

static void close_exercise(struct app *app) {
    desk_clear(app);
    runs_release(app);
    exercise_free(app->exercise);
    app->exercise = NULL;
    workspace_release(&app->workspace);
    free(app->source);
    free(app->task);
    free(app->before);
    app->source = app->task = app->before = NULL;
    bench_release(&app->bench);
}

static void close_page(struct page *page) {
    buf_release(&page->text);
    lines_release(&page->lines);
    *page = (struct page){0};
}

void steps_release(struct app *app) {
    close_exercise(app);
    reading_leave_example(app);
    lesson_view_release(&app->lesson);
    close_page(&app->help);
    quizzes_release(app);
    course_view_release(&app->course_view);
    close_page(&app->letter);
    progress_free(app->progress);
    course_free(app->course);
    free(app->workspace_folder);
}

void steps_trouble(struct app *app, const char *what, const struct err *err) {
    app_notice(app, "%s: %s. %s", what, err->text, folder_remedy(err->code));
}

void steps_save(struct app *app) {
    struct err err = {0};
    if (progress_save(app->progress, &err) < 0)
        steps_trouble(app, "your progress is not saved", &err);
}

void steps_farewell(struct app *app) {
    struct err err = {0};
    if (app->progress)
        reading_keep_place(app);
    if (app->progress && !progress_is_saved(app->progress) &&
        progress_save(app->progress, &err) < 0)
        fprintf(stderr, "brigade: your progress is not saved: %s. %s\n", err.text,
                folder_remedy(err.code));
}

void steps_lesson_read(struct app *app) {
    if (progress_lesson(app->progress, app->course->steps[app->step].id, LESSON_READ)) {
        steps_save(app);
        app_changed(app);
    }
}

void steps_set_up_bench(struct app *app) {
    bench_init(&app->bench);
    app->bench.task = app->task;
    app->bench.source = app->source;
    app->bench.before = app->before;
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
        steps_trouble(app, "the exercise is not opened", &err);
        close_exercise(app);
        app->place = PLACE_COURSE;
        return false;
    }
    if (app->workspace.is_new)
        app_notice(app, "The starter is now in %s: yours to change.", app->workspace.dir);
    app->source = workspace_source(&app->workspace, exercise);
    app->task = xstrdup("");
    struct buf before = {0};
    way_exercise_words(app->progress, exercise->id, &before);
    app->before = before.length ? buf_steal(&before) : NULL;
    steps_set_up_bench(app);
    desk_set_up(app);
    return true;
}

void steps_open(struct app *app, size_t index) {
    const struct course_step *step = &app->course->steps[index];
    reading_keep_place(app);
    bool opened = step->kind == STEP_LESSON ? reading_open(app, step)
                  : step->kind == STEP_QUIZ ? quizzes_open(app, step)
                                            : open_exercise(app, step);
    if (opened && step->kind != STEP_EXERCISE)
        close_exercise(app); /* one came from there */
    if (opened) {
        app->step = index;
        progress_open_step(app->progress, step->id);
        if (!progress_is_saved(app->progress))
            steps_save(app);
        scroll_select(&app->course_view.steps, index);
    }
    app_changed(app);
}

void steps_open_log(struct app *app) {
    app->source = xstrdup("your program");
    app->task = xasprintf("# A saved run\n\n`%s`\n", app->options->log);
    steps_set_up_bench(app);
    app->bench.focus = PANE_PROCESSES;
    runs_open_log(app);
}

static void open_letter(struct app *app, bool welcome) {
    close_page(&app->letter);
    if (welcome)
        letter_welcome(&app->letter.text, app->course, app->workspace_folder);
    else
        letter_farewell(&app->letter.text, app->course, app->progress);
    app->letter_opens = welcome;
    app->place = PLACE_LETTER;
}

void steps_close(struct app *app) {
    if (app->example.words) {
        close_exercise(app);
        reading_leave_example(app);
        return;
    }
    if (app->place == PLACE_BENCH)
        close_exercise(app);
    else if (app->place == PLACE_QUIZ)
        quizzes_close(app);
    else
        reading_close(app);
    app->place = PLACE_COURSE;
    if (way_next(app->course, app->progress) >= app->course->step_count &&
        progress_said(app->progress, "farewell")) {
        steps_save(app);
        open_letter(app, false);
    }
    app_changed(app);
}

void steps_welcome(struct app *app) {
    if (progress_is_new(app->progress))
        open_letter(app, true);
}

void steps_close_letter(struct app *app) {
    close_page(&app->letter);
    app->place = PLACE_COURSE;
}

bool steps_has(const struct app *app, int by) {
    return by > 0 ? app->step + 1 < app->course->step_count : app->step > 0;
}
