#include "app/solutions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/child.h"
#include "base/fd.h"
#include "base/text.h"
#include "model/folder.h"

enum { DIFF_MAX = 512 << 10, READ_SIZE = 32 << 10 };

/* A run of diff: it owns itself, and dies unheard when another is wanted. */
struct comparison {
    struct app *app; /* NULL: nobody waits for it any more */
    struct loop *loop;
    char *own, *theirs;
    int fd;
    struct buf text;
};

/* Printable, tabs as blanks. */
static void add_line(struct comparison *comparison, const char *line, size_t length) {
    struct buf clean = {0};
    buf_reserve(&clean, 1);
    buf_clear(&clean);
    for (size_t i = 0; i < length; i++) {
        const char *tab = memchr(line + i, '\t', length - i);
        size_t here = tab ? (size_t)(tab - line) - i : length - i;
        text_append_printable(&clean, line + i, here, false);
        if (tab)
            buf_puts(&clean, "    ");
        i += here;
    }
    solutions_view_add(&comparison->app->solutions, clean.data, comparison->own,
                       comparison->theirs);
    buf_release(&clean);
}

static void show(struct comparison *comparison, int wait_status) {
    struct app *app = comparison->app;
    const char *line = comparison->text.data ? comparison->text.data : "";
    for (size_t length; *line; line += length + (line[length] == '\n')) {
        length = strcspn(line, "\n");
        add_line(comparison, line, length);
    }
    app->solutions.waits = false;
    app->comparison = NULL;
    if (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status) > 1)
        app_notice(app, "diff could not compare them; the command diff is needed for this.");
    app_changed(app);
}

static void on_output(void *ctx, int fd, uint32_t epoll_events) {
    (void)epoll_events;
    struct comparison *comparison = ctx;
    ssize_t got = buf_read(&comparison->text, fd, READ_SIZE);
    if (got > 0 && comparison->text.length < DIFF_MAX)
        return;
    if (got == -EAGAIN || got == -EINTR)
        return;
    loop_unwatch(comparison->loop, comparison->fd);
    fd_close(&comparison->fd);
}

static void on_end(void *ctx, pid_t pid, int wait_status) {
    (void)pid;
    struct comparison *comparison = ctx;
    while (comparison->fd >= 0) /* what the pipe still holds */
        on_output(comparison, comparison->fd, 0);
    if (comparison->app)
        show(comparison, wait_status);
    free(comparison->own);
    free(comparison->theirs);
    buf_release(&comparison->text);
    free(comparison);
}

static void forget(struct app *app) {
    if (app->comparison)
        app->comparison->app = NULL;
    app->comparison = NULL;
}

static pid_t start_diff(const char *own, const char *theirs, int fd, struct err *err) {
    const char *argv[] = {
        "diff", "-ru", "--unidirectional-new-file", "--exclude=.*", "--exclude=*~", "--", own,
        theirs, NULL};
    struct child_fd fds[] = {{-1, 0}, {fd, 1}, {-1, 2}};
    struct child_spec spec = {.argv = argv, .fds = fds, .fd_count = 3, .die_with_parent = true};
    return child_start(&spec, err);
}

static void compare(struct app *app) {
    struct solutions_view *view = &app->solutions;
    struct err err = {0};
    int ends[2] = {-1, -1};
    forget(app);
    solutions_view_clear(view);
    char *theirs =
        xasprintf("%s/solutions/%s", app->exercise->dir, view->names[view->list.selected]);
    pid_t pid =
        fd_pipe(ends, &err) == 0 ? start_diff(app->workspace.dir, theirs, ends[1], &err) : -1;
    fd_close(&ends[1]);
    if (pid < 0) {
        fd_close(&ends[0]);
        free(theirs);
        app_notice(app, "%s", err.text);
        return;
    }
    struct comparison *comparison = xcalloc(1, sizeof *comparison);
    *comparison = (struct comparison){
        .app = app,
        .loop = app->loop,
        .own = xstrdup(app->workspace.dir),
        .theirs = theirs,
        .fd = ends[0],
    };
    app->comparison = comparison;
    view->waits = true;
    loop_watch(app->loop, comparison->fd, EPOLLIN, on_output, comparison);
    loop_on_child(app->loop, pid, on_end, comparison);
}

/* The first that is written as ours is. */
static size_t first_like_ours(const struct app *app) {
    for (size_t i = 0; i < app->solutions.count; i++) {
        char *path = xasprintf("%s/solutions/%s/%s", app->exercise->dir, app->solutions.names[i],
                               app->source);
        bool there = access(path, F_OK) == 0;
        free(path);
        if (there)
            return i;
    }
    return 0;
}

void solutions_open(struct app *app) {
    char *folder = xasprintf("%s/solutions", app->exercise->dir);
    solutions_view_release(&app->solutions);
    app->solutions.names = folder_list(folder, &app->solutions.count);
    free(folder);
    if (!progress_exercise_state(app->progress, app->exercise->id).passed) {
        app_notice(app, "The solutions are shown once you have passed.");
        return;
    }
    if (!app->solutions.count) {
        app_notice(app, "This exercise shows no solutions.");
        return;
    }
    app->place = PLACE_SOLUTIONS;
    scroll_select(&app->solutions.list, first_like_ours(app));
    compare(app);
}

void solutions_close(struct app *app) {
    forget(app);
    solutions_view_release(&app->solutions);
    if (app->place == PLACE_SOLUTIONS)
        app->place = PLACE_BENCH;
}

void solutions_heed(struct app *app, enum request request) {
    bool chosen;
    solutions_view_move(&app->solutions, request, &chosen);
    if (chosen)
        compare(app);
    if (request == REQUEST_BACK)
        solutions_close(app);
}
