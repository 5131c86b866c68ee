#include "app/app.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/editor.h"
#include "app/runs.h"
#include "app/state.h"
#include "app/steps.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "text/markdown.h"
#include "views/chrome.h"
#include "views/help_view.h"
#include "views/pager.h"

enum { FRAME_MS = 16, QUIT_WAIT_MS = 1500, TEXT_COLUMNS_MOST = 84, CRUMBS_COLUMNS = 78 };

/* --- frames --- */

void app_changed(struct app *app) {
    if (app->frame_due)
        return;
    app->frame_due = true;
    loop_timer_set(app->loop, app->frame_timer, app->last_frame_ns + FRAME_MS * NS_PER_MS);
}

void app_notice(struct app *app, const char *format, ...) {
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    free(app->notice);
    app->notice = buf_steal(&text);
    if (app->tty)
        app_changed(app);
}

static enum place place_now(const struct app *app) {
    if (app->question)
        return PLACE_QUESTION;
    return app->in_help ? PLACE_HELP : app->place;
}

static bool works_on_bench(const struct app *app, enum request request) {
    bool can_run = app->bench.state == BENCH_IDLE && app->exercise;
    switch (request) {
    case REQUEST_RUN:
    case REQUEST_RUN_FREELY: return can_run;
    case REQUEST_EDIT: return app->exercise != NULL;
    case REQUEST_STOP: return app->checker != NULL;
    case REQUEST_LOAD: return runs_is_going(app);
    case REQUEST_KILL: return runs_is_going(app) && bench_victim(&app->bench);
    case REQUEST_NEXT_STEP: return can_run && steps_has(app, 1);
    case REQUEST_PREVIOUS_STEP: return can_run && steps_has(app, -1);
    case REQUEST_PAGE_DOWN: return app->bench.focus == PANE_TASK;
    case REQUEST_BACK: return app->bench.state != BENCH_LOG;
    default: return true;
    }
}

static bool works(const void *ctx, enum request request) {
    const struct app *app = ctx;
    if (app->in_help)
        return true;
    if (app->place == PLACE_BENCH)
        return works_on_bench(app, request);
    if (request == REQUEST_NEXT_STEP)
        return steps_has(app, 1);
    return request != REQUEST_PREVIOUS_STEP || steps_has(app, -1);
}

static void draw_page(const struct canvas *body, struct page *page, bool is_help,
                      enum place place) {
    int columns = body->columns - 3;
    columns = columns > TEXT_COLUMNS_MOST ? TEXT_COLUMNS_MOST : columns;
    if (page->columns != columns) {
        lines_clear(&page->lines);
        if (is_help)
            help_view_lay_out(place, columns, &page->lines);
        else
            markdown_lay_out(page->text.data ? page->text.data : "", page->text.length, columns,
                             &page->lines);
        page->columns = columns;
    }
    int left = (body->columns - columns) / 2;
    struct canvas paper = canvas_part(body, 1, left > 1 ? left - 1 : 1, body->rows - 1,
                                      columns + 2);
    pager_draw(&paper, &page->lines, &page->scroll);
}

static void draw_header(struct app *app, const struct canvas *screen) {
    char place[256] = "", state[128] = "";
    enum role role = ROLE_DIM;
    const struct course_step *step = &app->course->steps[app->step];
    const struct chapter *chapter =
        app->course->step_count ? &app->course->chapters[step->chapter] : NULL;
    if (app->options->log)
        snprintf(place, sizeof place, "%s, a saved run",
                 app->run && app->run->title ? app->run->title : "");
    else if (app->place == PLACE_LESSON)
        snprintf(place, sizeof place, "%d %s", chapter->number, step->title);
    else if (app->place == PLACE_BENCH && screen->columns < CRUMBS_COLUMNS)
        snprintf(place, sizeof place, "%s", step->id);
    else if (app->place == PLACE_BENCH)
        snprintf(place, sizeof place, "%d %s > %s", chapter->number, chapter->title, step->id);
    if (app->place == PLACE_COURSE)
        course_view_state(&app->course_view, state, sizeof state);
    else if (app->place == PLACE_BENCH)
        role = bench_state_words(&app->bench, state, sizeof state);
    else if (!app->in_help)
        snprintf(state, sizeof state, "%zu %%", scroll_percent(&app->lesson.scroll));
    chrome_header(screen, place, state, role);
}

static void draw_bottom(struct app *app, const struct canvas *screen) {
    char state[160] = "";
    if (app->question) {
        chrome_question(screen, app->question == REQUEST_QUIT
                                    ? "Your program is running. Stop it and quit? y/n "
                                    : "Your program is running. Stop it and go back? y/n ");
        return;
    }
    if (app->place == PLACE_BENCH && app->run->step && *app->run->step)
        snprintf(state, sizeof state, "%s", app->run->step);
    else if (app->place == PLACE_BENCH && app->run->clock)
        snprintf(state, sizeof state, "%s clock", app->run->clock);
    struct hint_bar bar = {
        .place = place_now(app),
        .works = works,
        .ctx = app,
        .notice = app->notice,
        .kill_pid = app->place == PLACE_BENCH ? bench_victim(&app->bench) : 0,
        .state = state,
    };
    chrome_bottom(screen, &bar);
}

static void draw(struct app *app) {
    struct canvas screen = canvas_whole(app->tty), body = chrome_body(&screen);
    if (chrome_too_small(&screen))
        return;
    if (app->in_help)
        draw_page(&body, &app->help, true, app->place);
    else if (app->place == PLACE_COURSE)
        course_view_draw(&body, &app->course_view);
    else if (app->place == PLACE_LESSON)
        draw_page(&body, &app->lesson, false, app->place);
    else
        bench_draw(&body, &app->bench);
    draw_header(app, &screen);
    draw_bottom(app, &screen);
    if (app->place == PLACE_LESSON && !app->in_help && scroll_at_end(&app->lesson.scroll))
        steps_lesson_read(app);
}

static void on_frame(void *ctx) {
    struct app *app = ctx;
    app->frame_due = false;
    if (app->editor > 0 || app->suspended)
        return;
    app->last_frame_ns = clock_now_ns();
    tty_erase(app->tty);
    draw(app);
    tty_flush(app->tty);
}

/* --- the terminal, lent and taken back --- */

void app_leave_terminal(struct app *app) {
    loop_unwatch(app->loop, tty_fd(app->tty));
    tty_leave(app->tty);
}

static void on_keys(void *ctx, int fd, uint32_t epoll_events);

void app_return_to_terminal(struct app *app) {
    tty_return(app->tty);
    loop_watch(app->loop, tty_fd(app->tty), EPOLLIN, on_keys, app);
    app_changed(app);
}

static void on_editor_end(void *ctx, pid_t pid, int wait_status) {
    (void)pid;
    struct app *app = ctx;
    app->editor = 0;
    if (WIFEXITED(wait_status) && (WEXITSTATUS(wait_status) == 127 || WEXITSTATUS(wait_status) == 126))
        app_notice(app, "\"%s\" cannot be started; set VISUAL or EDITOR to your editor.",
                   editor_choice());
    app_return_to_terminal(app);
}

static void edit(struct app *app) {
    struct err err = {0};
    const struct run_diagnostic *diagnostic = bench_diagnostic(&app->bench);
    const char *file = diagnostic && *diagnostic->file ? diagnostic->file : app->source;
    app_leave_terminal(app);
    pid_t pid = editor_start(app->workspace.dir, file, diagnostic ? diagnostic->line : 0, &err);
    if (pid < 0) {
        app_notice(app, "%s", err.text);
        app_return_to_terminal(app);
        return;
    }
    app->editor = pid;
    loop_on_child(app->loop, pid, on_editor_end, app);
}

static void suspend(struct app *app) {
    if (!keeper_can_suspend(app->keeper)) {
        app_notice(app, "There is no shell to go back to: the lab was not started from one.");
        return;
    }
    app_leave_terminal(app);
    app->suspended = true; /* until SIGCONT */
    keeper_suspend(app->keeper);
}

static void on_signal_fd(void *ctx, int fd, uint32_t epoll_events) {
    (void)epoll_events;
    struct app *app = ctx;
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGWINCH && app->editor <= 0) {
            tty_resized(app->tty);
            app_changed(app);
        } else if (info.ssi_signo == SIGTSTP && app->editor > 0) {
            keeper_suspend(app->keeper); /* the editor was stopped, and we are its shell */
        } else if (info.ssi_signo == SIGTSTP) {
            suspend(app);
        } else if (info.ssi_signo == SIGCONT && app->editor <= 0) {
            app->suspended = false;
            app_leave_terminal(app); /* who stopped us may have left the screen for us */
            app_return_to_terminal(app);
        }
    }
}

static void on_end_signal(void *ctx, int number) {
    struct app *app = ctx;
    app->exit_code = 128 + number;
    loop_stop(app->loop);
}

static int watch_signals(struct app *app, struct err *err) {
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGWINCH);
    sigaddset(&mask, SIGTSTP);
    sigaddset(&mask, SIGCONT);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    signal(SIGPIPE, SIG_IGN);
    app->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (app->signal_fd < 0)
        return err_set(err, 5, "cannot watch for signals");
    loop_watch(app->loop, app->signal_fd, EPOLLIN, on_signal_fd, app);
    loop_on_signal(app->loop, on_end_signal, app);
    return 0;
}

/* --- keys --- */

static void ask_or(struct app *app, enum request request) {
    if (app->checker) {
        app->question = request;
    } else if (request == REQUEST_QUIT) {
        loop_stop(app->loop);
    } else {
        steps_close(app);
    }
}

static void answer(struct app *app, enum request request) {
    enum request question = app->question;
    if (request != REQUEST_YES && request != REQUEST_NO)
        return;
    app->question = REQUEST_NONE;
    if (request == REQUEST_NO)
        return;
    if (question == REQUEST_QUIT)
        loop_stop(app->loop);
    else
        steps_close(app);
}

static void open_help(struct app *app) {
    app->in_help = true;
    app->help.columns = 0;
    app->help.scroll = (struct scroll){0};
}

static void on_bench(struct app *app, enum request request) {
    if (bench_move(&app->bench, request) || !works_on_bench(app, request))
        return;
    switch (request) {
    case REQUEST_RUN: runs_start(app, false); break;
    case REQUEST_RUN_FREELY: runs_start(app, true); break;
    case REQUEST_STOP: runs_stop(app); break;
    case REQUEST_LOAD: runs_load(app); break;
    case REQUEST_KILL: runs_kill(app); break;
    case REQUEST_EDIT: edit(app); break;
    case REQUEST_NEXT_STEP: steps_open(app, app->step + 1); break;
    case REQUEST_PREVIOUS_STEP: steps_open(app, app->step - 1); break;
    case REQUEST_BACK: ask_or(app, REQUEST_BACK); break;
    default: break;
    }
}

static void on_lesson(struct app *app, enum request request) {
    if (scroll_move(&app->lesson.scroll, request) || !works(app, request))
        return;
    if (request == REQUEST_BACK)
        steps_close(app);
    else if (request == REQUEST_NEXT_STEP)
        steps_open(app, app->step + 1);
    else if (request == REQUEST_PREVIOUS_STEP)
        steps_open(app, app->step - 1);
}

static void on_course(struct app *app, enum request request) {
    if (request == REQUEST_OPEN && app->course->step_count)
        steps_open(app, app->course_view.steps.selected);
    else
        scroll_move(&app->course_view.steps, request);
}

static void on_help(struct app *app, enum request request) {
    if (request == REQUEST_BACK || request == REQUEST_HELP)
        app->in_help = false;
    else
        scroll_move(&app->help.scroll, request);
}

static void on_request(struct app *app, enum request request) {
    switch (request) {
    case REQUEST_NONE: return;
    case REQUEST_QUIT: ask_or(app, REQUEST_QUIT); return;
    case REQUEST_SUSPEND: suspend(app); return;
    case REQUEST_REPAINT: tty_repaint(app->tty); return;
    default: break;
    }
    if (app->in_help)
        on_help(app, request);
    else if (request == REQUEST_HELP)
        open_help(app);
    else if (app->place == PLACE_COURSE)
        on_course(app, request);
    else if (app->place == PLACE_LESSON)
        on_lesson(app, request);
    else
        on_bench(app, request);
}

static void on_keys(void *ctx, int fd, uint32_t epoll_events) {
    (void)fd;
    struct app *app = ctx;
    if (epoll_events & (EPOLLHUP | EPOLLERR)) { /* the terminal is gone */
        on_end_signal(app, SIGHUP);
        return;
    }
    for (int key; app->editor <= 0 && !app->suspended && (key = tty_key(app->tty)) != TTY_NO_KEY;) {
        enum request request = keys_request(place_now(app), key);
        free(app->notice);
        app->notice = NULL;
        if (app->question)
            answer(app, request);
        else
            on_request(app, request);
        app_changed(app);
    }
}

/* --- life --- */

static int open_first(struct app *app, struct err *err) {
    int code = steps_load(app, err);
    if (code)
        return code;
    int step = app->options->step ? course_find(app->course, app->options->step) : -1;
    if (app->options->step && step < 0)
        return err_set(err, 2, "there is no step \"%s\"; brigade without a name shows them all",
                       app->options->step);
    app->place = PLACE_COURSE;
    if (app->options->log)
        steps_open_log(app);
    else if (step >= 0)
        steps_open(app, (size_t)step);
    return 0;
}

/* Gives a running checker the time to clean up after itself. */
static void end_run(struct app *app) {
    int64_t until_ns = clock_now_ns() + QUIT_WAIT_MS * NS_PER_MS;
    if (app->checker)
        app->bench.state = BENCH_STOPPING;
    for (int i = 0; i < 2 && app->checker; i++)
        checker_stop(app->checker); /* asks, then SIGTERM */
    while (app->checker && clock_now_ns() < until_ns)
        loop_step(app->loop, (int)((until_ns - clock_now_ns()) / NS_PER_MS) + 1);
}

static int start(struct app *app, struct err *err) {
    struct tty_options options = {app->options->colour, app->options->unicode};
    app->loop = loop_new(err);
    if (!app->loop)
        return -err->code;
    app->frame_timer = loop_timer_new(app->loop, on_frame, app);
    int code = watch_signals(app, err);
    if (!code)
        code = open_first(app, err);
    if (code)
        return code;
    app->tty = tty_open(&options, app->keeper, err);
    if (!app->tty)
        return -err->code;
    loop_watch(app->loop, tty_fd(app->tty), EPOLLIN, on_keys, app);
    app->frame_due = false;
    app_changed(app);
    return 0;
}

int app_run(const struct app_options *options, struct keeper *keeper, struct err *err) {
    struct app *app = xcalloc(1, sizeof *app);
    *app = (struct app){
        .options = options, .keeper = keeper, .log_fd = -1, .signal_fd = -1, .log_timer = -1};
    int code = start(app, err);
    if (!code)
        loop_run(app->loop);
    app->suspended = true; /* no more frames */
    tty_close(app->tty);
    app->tty = NULL;
    if (!code)
        end_run(app);
    code = code ? code : app->exit_code;
    if (app->loop)
        steps_release(app);
    fd_close(&app->signal_fd);
    free(app->notice);
    loop_free(app->loop);
    free(app);
    return code;
}
