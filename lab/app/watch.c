#include "app/watch.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "app/desk.h"
#include "app/runs.h"
#include "base/clock.h"
#include "base/fd.h"

/* Editors save in several steps; a formatter may follow. */
enum { REST_MS = 100 };

/* Editors write elsewhere and rename, so the folder is watched and not the file. */
static const uint32_t wanted = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;

static bool is_source(const struct app *app, const char *name) {
    const struct exercise *exercise = app->exercise;
    for (size_t l = 0; l < exercise->language_count; l++)
        for (const char *const *pattern = exercise->languages[l].sources; pattern && *pattern;
             pattern++)
            if (!fnmatch(*pattern, name, FNM_PERIOD))
                return true;
    return false;
}

static void check(void *ctx) {
    struct app *app = ctx;
    if (!app->exercise || app->watch_fd < 0)
        return;
    app->saved = app->checker != NULL;
    if (app->saved)
        runs_stop(app); /* and watch_goes_on, when it has ended */
    else
        runs_start(app, false);
}

static void on_folder(void *ctx, int fd, uint32_t epoll_events) {
    (void)epoll_events;
    struct app *app = ctx;
    _Alignas(struct inotify_event) char bytes[4096];
    bool saved = false, gone = false;
    for (ssize_t got; (got = read(fd, bytes, sizeof bytes)) > 0;)
        for (char *at = bytes; at < bytes + got;) {
            const struct inotify_event *event = (const struct inotify_event *)at;
            gone = gone || event->mask & (IN_DELETE_SELF | IN_MOVE_SELF);
            saved =
                saved || (event->len && is_source(app, event->name)) || event->mask & IN_Q_OVERFLOW;
            at += sizeof *event + event->len;
        }
    if (gone) {
        watch_stop(app);
        app_notice(app,
                   "The folder %s is gone, and no longer watched. Put it back, or press R for the "
                   "starter.",
                   app->workspace.dir);
    } else if (saved) {
        loop_timer_set(app->loop, app->watch_timer, clock_now_ns() + REST_MS * NS_PER_MS);
    }
}

static bool start(struct app *app) {
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (fd < 0 || inotify_add_watch(fd, app->workspace.dir, wanted) < 0) {
        app_notice(app, "cannot watch %s: %s", app->workspace.dir, strerror(errno));
        fd_close(&fd);
        return false;
    }
    app->watch_fd = fd;
    if (app->watch_timer < 0)
        app->watch_timer = loop_timer_new(app->loop, check, app);
    loop_watch(app->loop, fd, EPOLLIN, on_folder, app);
    return true;
}

void watch_stop(struct app *app) {
    if (app->watch_fd < 0)
        return;
    loop_unwatch(app->loop, app->watch_fd);
    fd_close(&app->watch_fd);
    loop_timer_set(app->loop, app->watch_timer, -1);
    app->saved = false;
}

void watch_again(struct app *app) {
    if (app->watch_fd < 0)
        return;
    watch_stop(app);
    start(app);
}

void watch_turn(struct app *app) {
    if (app->watch_fd >= 0) {
        watch_stop(app);
        app_notice(app, "Saving no longer starts a check.");
    } else if (desk_is_there(app) && start(app)) {
        app_notice(app, "Save in any editor: %s is watched.", app->workspace.dir);
        if (!app->checker)
            runs_start(app, false);
    }
}

bool watch_goes_on(struct app *app) {
    bool saved = app->saved && app->watch_fd >= 0;
    app->saved = false;
    if (saved)
        runs_start(app, false);
    return saved;
}
