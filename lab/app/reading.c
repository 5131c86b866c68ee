#include "app/reading.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/runs.h"
#include "app/steps.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/text.h"

enum { TEXT_MAX = 4 << 20, KEEP_PLACE_AFTER_MS = 2000 };

/* --- the lesson --- */

void reading_keep_place(struct app *app) {
    if (app->place != PLACE_LESSON || !app->lesson.columns)
        return;
    bool finished = scroll_at_end(&app->lesson.scroll); /* next time from the start */
    progress_lesson_stop(app->progress, app->course->steps[app->step].id,
                         finished ? 0 : lesson_view_place(&app->lesson));
}

static void on_rest(void *ctx) {
    struct app *app = ctx;
    reading_keep_place(app);
    if (!progress_is_saved(app->progress))
        steps_save(app);
}

/* Once the reader has come to rest somewhere, so that a crash does not lose the place. */
static void keep_place_soon(struct app *app) {
    if (!app->place_timer)
        app->place_timer = loop_timer_new(app->loop, on_rest, app) + 1;
    loop_timer_set(app->loop, app->place_timer - 1,
                   clock_now_ns() + KEEP_PLACE_AFTER_MS * NS_PER_MS);
}

bool reading_open(struct app *app, const struct course_step *step) {
    struct err err = {0};
    struct buf text = {0};
    if (file_read(step->file, &text, TEXT_MAX, &err) < 0) {
        buf_release(&text);
        app_notice(app, "%s", err.text);
        return false;
    }
    if (app->place == PLACE_LESSON)
        reading_keep_place(app);
    lesson_view_open(&app->lesson, &text, progress_lesson_place(app->progress, step->id));
    app->place = PLACE_LESSON;
    progress_lesson(app->progress, step->id, LESSON_READING);
    return true;
}

void reading_close(struct app *app) {
    reading_keep_place(app);
    if (!progress_is_saved(app->progress))
        steps_save(app);
    lesson_view_release(&app->lesson);
}

enum place reading_place(const struct app *app) {
    if (app->lesson.in_outline)
        return PLACE_OUTLINE;
    return app->lesson.words ? PLACE_FOUND : PLACE_LESSON;
}

static void search(struct app *app, const char *words) {
    if (*words && !lesson_view_search(&app->lesson, words, 0))
        app_notice(app, "\"%s\" is not in this lesson.", words);
    keep_place_soon(app);
}

/* --- examples --- */

static char *source_page(const char *path, const char *name) {
    struct buf page = {0}, text = {0};
    buf_printf(&page, "# %s\n\n```c\n", name);
    if (file_read(path, &text, TEXT_MAX, NULL) == 0)
        buf_append(&page, text.data, text.length);
    buf_puts(&page, "\n```\n");
    buf_release(&text);
    return buf_steal(&page);
}

static void run_example(struct app *app) {
    struct example example;
    example_find(&example, app->course->steps[app->step].file, lesson_view_example(&app->lesson));
    if (!example_is_there(&example)) {
        app_notice(app, "%s is not among the examples of this lesson.", example.name);
        example_release(&example);
        return;
    }
    reading_keep_place(app);
    app->example = example;
    app->source = xstrdup(example.name);
    app->task = source_page(example.words[0], example.name);
    steps_set_up_bench(app);
    app->bench.is_example = true;
    app->bench.focus = PANE_PROCESSES;
    runs_start(app, true);
}

void reading_leave_example(struct app *app) {
    example_release(&app->example);
    app->place = PLACE_LESSON;
}

/* --- keys --- */

bool reading_works(const struct app *app, enum request request) {
    switch (request) {
    case REQUEST_OPEN: return app->lesson.in_outline || lesson_view_example(&app->lesson);
    case REQUEST_NEXT_PANE:
    case REQUEST_PREVIOUS_PANE: return lesson_view_has_examples(&app->lesson);
    case REQUEST_NEXT_STEP: return steps_has(app, 1);
    case REQUEST_PREVIOUS_STEP: return steps_has(app, -1);
    default: return true;
    }
}

static bool in_outline(struct app *app, enum request request) {
    struct lesson_view *view = &app->lesson;
    if (request == REQUEST_OPEN || request == REQUEST_BACK || request == REQUEST_OUTLINE)
        lesson_view_close_outline(view, request == REQUEST_OPEN);
    return true;
}

bool reading_heed(struct app *app, enum request request) {
    struct lesson_view *view = &app->lesson;
    keep_place_soon(app);
    if (lesson_view_move(view, request))
        return true;
    if (view->in_outline)
        return in_outline(app, request);
    switch (request) {
    case REQUEST_OPEN:
        if (lesson_view_example(view))
            run_example(app);
        return true;
    case REQUEST_NEXT_PANE: lesson_view_choose(view, 1); return true;
    case REQUEST_PREVIOUS_PANE: lesson_view_choose(view, -1); return true;
    case REQUEST_SEARCH: app_ask(app, "Search: ", "", search); return true;
    case REQUEST_FIND_NEXT: lesson_view_search(view, NULL, 1); return true;
    case REQUEST_FIND_PREVIOUS: lesson_view_search(view, NULL, -1); return true;
    case REQUEST_OUTLINE: lesson_view_open_outline(view); return true;
    case REQUEST_BACK:
        if (!view->words)
            return false;
        lesson_view_forget_search(view);
        return true;
    default: return false;
    }
}
