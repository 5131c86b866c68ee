#include "app/app.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "app/desk.h"
#include "app/frame.h"
#include "app/lend.h"
#include "app/mouse.h"
#include "app/playback.h"
#include "app/quizzes.h"
#include "app/reading.h"
#include "app/runs.h"
#include "app/solutions.h"
#include "app/state.h"
#include "app/steer.h"
#include "app/steps.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "model/way.h"

enum { QUIT_WAIT_MS = 1500 };

static void on_end_signal(void *ctx, int number) {
    struct app *app = ctx;
    app->exit_code = 128 + number;
    loop_stop(app->loop);
}

/* --- keys --- */

/* Quits, or goes back to the list; a run is ended first. */
static void leave(struct app *app, enum request request) {
    if (request == REQUEST_QUIT) {
        loop_stop(app->loop); /* a run is ended with the terminal given back already */
    } else if (app->checker) {
        app->when_ended = request;
        runs_stop(app);
    } else {
        steps_close(app);
    }
}

/* The checker is there, but the run is over, or about to be. */
static bool is_ending(const struct app *app) {
    return app->bench.state == BENCH_STOPPING || (app->run && app->run->phase == RUN_JUDGED);
}

/* Asks first while something runs. */
static void ask_to_leave(struct app *app, enum request request) {
    if (app->checker && is_ending(app))
        app->when_ended = request;
    else if (app->checker)
        app->question = request;
    else
        leave(app, request);
}

static void answer(struct app *app, enum request request) {
    enum request question = app->question;
    if (request != REQUEST_YES && request != REQUEST_NO)
        return;
    app->question = REQUEST_NONE;
    if (request == REQUEST_YES && question == REQUEST_RESET)
        desk_reset(app);
    else if (request == REQUEST_YES)
        leave(app, question);
}

static void open_help(struct app *app) {
    app->in_help = true;
    app->help.columns = 0;
    app->help.scroll = (struct scroll){0};
}

/* Why a key that is known here does nothing now. */
static const char *why_not(const struct app *app, enum request request) {
    if (app->bench.state == BENCH_LOG)
        return "This is a saved run: look around, and q to leave.";
    switch (request) {
    case REQUEST_RUN:
    case REQUEST_RUN_FREELY: return "Your program is running already; s stops it.";
    case REQUEST_STOP: return "Nothing is running.";
    case REQUEST_RESET: return "Stop the run first: s.";
    case REQUEST_SOLUTIONS: return "The solutions are shown once you have passed.";
    case REQUEST_LOAD: return "Nothing is running that could be asked: r or f first.";
    case REQUEST_FAULTS: return "Nothing is running that could go wrong: r or f first.";
    case REQUEST_FREEZE:
    case REQUEST_KILL:
        return runs_is_going(app)
                   ? "Choose a living process first: 2, then Up and Down."
                   : "Nothing is running that could be killed or stopped: r or f first.";
    case REQUEST_NEXT_STEP:
    case REQUEST_PREVIOUS_STEP:
        return app->checker ? "Stop the run first: s." : "There is no further step that way.";
    default: return NULL;
    }
}

static void on_bench(struct app *app, enum request request) {
    if (playback_heed(app, request))
        return;
    if (!frame_works(app, request)) {
        const char *why = why_not(app, request);
        if (why)
            app_notice(app, "%s", why);
        return;
    }
    if (desk_heed(app, request))
        return;
    switch (request) {
    case REQUEST_RUN: runs_start(app, false); break;
    case REQUEST_RUN_FREELY:
        if (app->checker)
            steer_skip(app);
        else
            runs_start(app, true);
        break;
    case REQUEST_STOP: runs_stop(app); break;
    case REQUEST_LOAD: steer_load(app); break;
    case REQUEST_KILL: steer_kill(app); break;
    case REQUEST_FREEZE: steer_freeze(app); break;
    case REQUEST_FAULTS: steer_open_faults(app); break;
    case REQUEST_EDIT: lend_to_editor(app); break;
    case REQUEST_NEXT_STEP: steps_open(app, app->step + 1); break;
    case REQUEST_PREVIOUS_STEP: steps_open(app, app->step - 1); break;
    case REQUEST_BACK: ask_to_leave(app, REQUEST_BACK); break;
    default: break;
    }
}

/* Between the steps, or back to the list. */
static void walk(struct app *app, enum request request) {
    if (request == REQUEST_BACK)
        steps_close(app);
    else if (request == REQUEST_NEXT_STEP)
        steps_open(app, app->step + 1);
    else if (request == REQUEST_PREVIOUS_STEP)
        steps_open(app, app->step - 1);
}

static void on_quiz(struct app *app, enum request request) {
    if (frame_works(app, request) && !quizzes_heed(app, request))
        walk(app, request);
}

static void on_lesson(struct app *app, enum request request) {
    if (frame_works(app, request) && !reading_heed(app, request))
        walk(app, request);
}

static void go_on(struct app *app) {
    steps_choose_next(app);
    if (way_next(app->course, app->progress) < app->course->step_count)
        steps_open(app, app->course_view.steps.selected);
}

static void on_letter(struct app *app, enum request request) {
    if (scroll_move(&app->letter.scroll, request))
        return;
    bool opens = app->letter_opens;
    if (request == REQUEST_OPEN || request == REQUEST_BACK)
        steps_close_letter(app);
    if (request == REQUEST_OPEN && opens)
        go_on(app);
}

static void find_step(struct app *app, const char *words) {
    if (*words && app->course->step_count && !course_view_find(&app->course_view, words))
        app_notice(app, "\"%s\" is in no step of the course.", words);
}

static void on_course(struct app *app, enum request request) {
    if (request == REQUEST_OPEN && app->course->step_count)
        steps_open(app, app->course_view.steps.selected);
    else if (request == REQUEST_GO_ON)
        go_on(app);
    else if (request == REQUEST_SEARCH)
        app_ask(app, "Search: ", "", find_step);
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
    case REQUEST_QUIT: ask_to_leave(app, REQUEST_QUIT); return;
    case REQUEST_SUSPEND: lend_to_shell(app); return;
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
    else if (app->place == PLACE_QUIZ)
        on_quiz(app, request);
    else if (app->place == PLACE_LETTER)
        on_letter(app, request);
    else if (app->place == PLACE_SOLUTIONS)
        solutions_heed(app, request);
    else
        on_bench(app, request);
}

static void on_prompt_key(struct app *app, int key) {
    if (prompt_key(&app->prompt, key) != PROMPT_DONE)
        return;
    char *text = xstrdup(app->prompt.text.data);
    app->asked(app, text);
    free(text);
}

void app_request(struct app *app, enum request request) {
    free(app->notice);
    app->notice = NULL;
    if (app->question)
        answer(app, request);
    else if (app->menu.open && app->place == PLACE_BENCH)
        steer_heed_menu(app, request);
    else
        on_request(app, request);
}

void app_keys(void *ctx, int fd, uint32_t epoll_events) {
    (void)fd;
    struct app *app = ctx;
    if (epoll_events & (EPOLLHUP | EPOLLERR)) { /* the terminal is gone */
        on_end_signal(app, SIGHUP);
        return;
    }
    for (int key; app->editor <= 0 && !app->suspended && (key = tty_key(app->tty)) != TTY_NO_KEY;) {
        if (app->prompt.open && !mouse_is_key(key))
            on_prompt_key(app, key);
        else if (!mouse_use(app, key))
            app_request(app, keys_request(frame_place(app), key));
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
        return err_set(err, ENOENT,
                       "there is no step \"%s\"; brigade without a name shows them all",
                       app->options->step);
    app->place = PLACE_COURSE;
    if (app->options->log)
        steps_open_log(app);
    else if (step >= 0)
        steps_open(app, (size_t)step);
    else
        steps_welcome(app);
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

int app_start(struct app *app, struct err *err) {
    struct tty_options options = {app->options->theme, app->options->unicode, app->options->mouse};
    app->loop = loop_new(err);
    if (!app->loop)
        return -err->code;
    app->frame_timer = loop_timer_new(app->loop, frame_draw, app);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit on files is told as a full disk is */
    loop_on_signal(app->loop, on_end_signal, app);
    int code = lend_start(app, err);
    if (!code)
        code = open_first(app, err);
    if (code)
        return code;
    app->tty = tty_open(&options, app->keeper, err);
    if (!app->tty)
        return -err->code;
    loop_watch(app->loop, tty_fd(app->tty), EPOLLIN, app_keys, app);
    app->frame_due = false;
    app_changed(app);
    app->name_timer = loop_timer_new(app->loop, steps_name, app);
    loop_timer_set(app->loop, app->name_timer,
                   clock_now_ns() +
                       FRAME_MS * NS_PER_MS); /* the first frame does not wait for it */
    return 0;
}

struct app *app_new(const struct app_options *options, struct keeper *keeper) {
    struct app *app = xcalloc(1, sizeof *app);
    *app = (struct app){.options = options,
                        .keeper = keeper,
                        .log_fd = -1,
                        .signal_fd = -1,
                        .log_timer = -1,
                        .play_timer = -1,
                        .watch_fd = -1,
                        .watch_timer = -1,
                        .tick_timer = -1};
    return app;
}

int app_end(struct app *app) {
    app->suspended = true; /* no more frames */
    bool was_shown = app->tty;
    tty_close(app->tty);
    app->tty = NULL;
    if (was_shown)
        end_run(app);
    int code = app->exit_code;
    if (app->loop) {
        steps_farewell(app);
        steps_release(app);
    }
    fd_close(&app->signal_fd);
    free(app->notice);
    prompt_release(&app->prompt);
    loop_free(app->loop);
    free(app);
    return code;
}

int app_run(const struct app_options *options, struct keeper *keeper, struct err *err) {
    struct app *app = app_new(options, keeper);
    int code = app_start(app, err);
    if (!code)
        loop_run(app->loop);
    int exit_code = app_end(app);
    return code ? code : exit_code;
}
