#include "app/desk.h"

#include <stdlib.h>
#include <string.h>

#include "app/runs.h"
#include "app/solutions.h"
#include "app/steps.h"
#include "app/watch.h"
#include "base/alloc.h"
#include "base/fd.h"

enum { TEXT_MAX = 4 << 20 };

/* --- the task and its hints --- */

static void show_task(struct app *app) {
    size_t shown = (size_t)progress_exercise_state(app->progress, app->exercise->id).hints;
    free(app->task);
    app->task = task_page(&app->task_parts, shown, "Press **h** for the next.");
    app->bench.task = app->task;
    app->bench.task_columns = 0; /* laid out anew */
}

void desk_set_up(struct app *app) {
    struct buf text = {0};
    char *path = xasprintf("%s/task.md", app->exercise->dir);
    if (file_read(path, &text, TEXT_MAX, NULL) < 0 || !text.length)
        buf_printf(&text, "# %s\n\nThis exercise has no task.md.\n", app->exercise->title);
    free(path);
    task_read(&app->task_parts, text.data);
    buf_release(&text);
    show_task(app);
}

void desk_clear(struct app *app) {
    watch_stop(app);
    solutions_close(app);
    task_release(&app->task_parts);
}

static void show_hint(struct app *app) {
    size_t count = app->task_parts.hint_count;
    size_t shown = (size_t)progress_exercise_state(app->progress, app->exercise->id).hints;
    bool was_there = app->bench.focus == PANE_TASK && scroll_at_end(&app->bench.scrolls[PANE_TASK]);
    app->bench.focus = PANE_TASK;
    app->bench.scrolls[PANE_TASK].follows = true; /* they stand at the end of the page */
    if (shown >= count && (!count || was_there))
        app_notice(app, count ? "These are all the hints." : "This exercise has no hints.");
    if (shown >= count)
        return;
    progress_hints(app->progress, app->exercise->id, (int)shown + 1);
    steps_save(app);
    show_task(app);
}

/* --- the folder --- */

static bool has(struct app *app, char *lacks) {
    if (lacks)
        app_notice(app, "%s", lacks);
    free(lacks);
    return !lacks;
}

bool desk_is_there(struct app *app) { return has(app, workspace_lack(&app->workspace, NULL)); }

bool desk_has_program(struct app *app) {
    free(app->source);
    app->source = workspace_source(&app->workspace, app->exercise);
    app->bench.source = app->source;
    return has(app, workspace_lack(&app->workspace, app->exercise));
}

/* --- the starter again --- */

void desk_reset(struct app *app) {
    struct err err = {0};
    char *kept = NULL;
    if (workspace_reset(&app->workspace, app->exercise, &kept, &err) < 0) {
        steps_trouble(app, "the starter is not put back", &err);
        return;
    }
    if (kept)
        app_notice(app, "The starter is back. What you had is in %s.", strrchr(kept, '/') + 1);
    else
        app_notice(app, "The starter is now in %s: yours to change.", app->workspace.dir);
    free(kept);
    free(app->source);
    app->source = workspace_source(&app->workspace, app->exercise);
    app->bench.source = app->source;
    watch_again(app);
}

/* --- keys --- */

bool desk_works(const struct app *app, enum request request) {
    switch (request) {
    case REQUEST_HINT:
    case REQUEST_WATCH: return app->exercise != NULL;
    case REQUEST_RESET: return app->exercise && !app->checker;
    case REQUEST_SOLUTIONS:
        return app->exercise && progress_exercise_state(app->progress, app->exercise->id).passed;
    default: return true;
    }
}

bool desk_heed(struct app *app, enum request request) {
    switch (request) {
    case REQUEST_HINT: show_hint(app); return true;
    case REQUEST_RESET: app->question = REQUEST_RESET; return true;
    case REQUEST_SOLUTIONS: solutions_open(app); return true;
    case REQUEST_WATCH: watch_turn(app); return true;
    default: return false;
    }
}
