#include "app/lend.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/desk.h"
#include "app/editor.h"
#include "base/alloc.h"

static void leave(struct app *app) {
    loop_unwatch(app->loop, tty_fd(app->tty));
    tty_leave(app->tty);
}

static void take_back(struct app *app) {
    tty_return(app->tty);
    loop_watch(app->loop, tty_fd(app->tty), EPOLLIN, app_keys, app);
    app_changed(app);
}

static void tell_end(struct app *app, int wait_status) {
    enum { CANNOT_START = 126, NOT_FOUND = 127 };
    const char *editor = editor_choice();
    int code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 0;
    if (WIFSIGNALED(wait_status)) {
        const char *name = sigabbrev_np(WTERMSIG(wait_status));
        app_notice(app, "\"%s\" was ended by SIG%s; your files are as it left them.", editor,
                   name ? name : "?");
    } else if (code == CANNOT_START || code == NOT_FOUND) {
        app_notice(app, "\"%s\" cannot be started; set VISUAL or EDITOR to your editor.", editor);
    } else if (code) {
        app_notice(app, "\"%s\" ended with code %d.", editor, code);
    }
}

static void on_editor_end(void *ctx, pid_t pid, int wait_status) {
    (void)pid;
    struct app *app = ctx;
    app->editor = 0;
    tell_end(app, wait_status);
    take_back(app);
}

/* A message may be about a header of the system. */
static bool is_ours(const struct app *app, const char *file) {
    char *path = xasprintf("%s/%s", app->workspace.dir, file);
    bool there = *file && *file != '/' && access(path, F_OK) == 0;
    free(path);
    return there;
}

void lend_to_editor(struct app *app) {
    struct err err = {0};
    struct source_place place = {0};
    if (!desk_is_there(app))
        return;
    if (editor_advice() && !app->vi_told) {
        app->vi_told = true;
        app_notice(app, "%s e again opens it.", editor_advice());
        return;
    }
    bool known = bench_place(&app->bench, &place) && is_ours(app, place.file);
    leave(app);
    pid_t pid = editor_start(app->workspace.dir, known ? place.file : app->source,
                             known ? place.line : 0, &err);
    if (pid < 0) {
        app_notice(app, "%s", err.text);
        take_back(app);
        return;
    }
    app->editor = pid;
    loop_on_child(app->loop, pid, on_editor_end, app);
}

void lend_to_shell(struct app *app) {
    if (!keeper_can_suspend(app->keeper)) {
        app_notice(app, "There is no shell to go back to: the lab was not started from one.");
        return;
    }
    leave(app);
    app->suspended = true; /* until SIGCONT */
    keeper_suspend(app->keeper);
}

static void on_signal_fd(void *ctx, int fd, uint32_t epoll_events) {
    (void)epoll_events;
    struct app *app = ctx;
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof info) == sizeof info) {
        if (!app->tty) /* given back for good */
            continue;
        if (info.ssi_signo == SIGWINCH && app->editor <= 0) {
            tty_resized(app->tty);
            app_changed(app);
        } else if (info.ssi_signo == SIGTSTP && app->editor > 0) {
            keeper_suspend(app->keeper); /* the editor was stopped, and we are its shell */
        } else if (info.ssi_signo == SIGTSTP) {
            lend_to_shell(app);
        } else if (info.ssi_signo == SIGCONT && app->editor <= 0) {
            app->suspended = false;
            take_back(app);
        }
    }
}

bool lend_is_due_back(void) {
    sigset_t pending;
    return sigpending(&pending) == 0 && sigismember(&pending, SIGCONT) == 1;
}

int lend_start(struct app *app, struct err *err) {
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGWINCH);
    sigaddset(&mask, SIGTSTP);
    sigaddset(&mask, SIGCONT);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    app->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (app->signal_fd < 0)
        return err_sys(err, errno, "cannot watch for signals");
    loop_watch(app->loop, app->signal_fd, EPOLLIN, on_signal_fd, app);
    return 0;
}
