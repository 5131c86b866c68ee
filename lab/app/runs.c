#include "app/runs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/desk.h"
#include "app/playback.h"
#include "app/steps.h"
#include "app/watch.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "model/places.h"
#include "proto/event.h"
#include "proto/reader.h"

enum { LOG_READ_SIZE = 256 << 10, TICK_MS = 100 };

static void new_run(struct app *app) {
    film_free(app->film);
    free(app->checker_died);
    app->checker_died = NULL;
    app->bench.checker_died = NULL;
    app->film = film_new();
    app->run = app->film->latest;
    app->bench.film = app->film;
}

void runs_prepare(struct app *app) {
    new_run(app);
    if (!app->exercise)
        return;
    run_expect_check(app->run, "build", "Your program compiles", 0);
    for (size_t i = 0; i < app->exercise->check_count; i++) {
        const struct check *check = &app->exercise->checks[i];
        run_expect_check(app->run, check->id, check->title, check->points);
    }
}

static void close_log(struct app *app) {
    fd_close(&app->log_fd);
    if (app->log_reader)
        reader_release(app->log_reader);
    free(app->log_reader);
    app->log_reader = NULL;
    if (app->log_timer >= 0)
        loop_timer_set(app->loop, app->log_timer, -1);
}

void runs_release(struct app *app) {
    close_log(app);
    checker_free(app->checker);
    app->checker = NULL;
    film_free(app->film);
    free(app->checker_died);
    app->film = NULL;
    app->run = NULL;
    app->checker_died = NULL;
}

/* By the real clock the program's time goes on between events as ours does. */
static void on_tick(void *ctx) {
    struct app *app = ctx;
    int64_t now_ns = clock_now_ns();
    if (!runs_is_going(app))
        return;
    if (!app->bench.free_run && (!app->run->clock || strcmp(app->run->clock, "real")))
        return;
    run_pass_to(app->run, app->event_ns + now_ns - app->heard_ns);
    loop_timer_set(app->loop, app->tick_timer, now_ns + TICK_MS * NS_PER_MS);
    app_changed(app);
}

static void on_event(void *ctx, const json_t *event) {
    struct app *app = ctx;
    enum run_phase before = app->run->phase;
    enum event_type type = event_type_of(event);
    bool judges = type == EVENT_CHECK || type == EVENT_VERDICT;
    if (!judges || !app->bench.free_run)
        film_observe(app->film, event);
    app->event_ns = event_t_ns(event);
    app->heard_ns = clock_now_ns();
    if (app->run->phase == RUN_GOING && before != RUN_GOING)
        loop_timer_set(app->loop, app->tick_timer, app->heard_ns + TICK_MS * NS_PER_MS);
    app_changed(app);
}

static void on_nonsense(void *ctx, const char *words) {
    struct app *app = ctx;
    run_nonsense(app->run, words);
    app_changed(app);
}

static void on_refused(void *ctx, const char *words) {
    char *shown = record_printable(words, 200, false);
    app_notice(ctx, "not done: %s", shown);
    free(shown);
}

/* Whether the checker did what it should: a verdict, or an end that was asked for, or its own error. */
static bool ended_well(const struct app *app, int wait_status) {
    const struct run *run = app->run;
    if (WIFSIGNALED(wait_status))
        return app->bench.state == BENCH_STOPPING;
    return run->phase == RUN_JUDGED || run->trouble || app->bench.state == BENCH_STOPPING ||
           (app->bench.free_run && run->phase == RUN_ENDED) || (run->build_done && !run->build_ok);
}

static void remember(struct app *app) {
    const struct run *run = app->run;
    if (!app->exercise || app->bench.free_run || run->phase != RUN_JUDGED || !run->verdict ||
        !strcmp(run->verdict, "error") || run_was_stopped(run))
        return;
    struct exercise_try try = {
        .passed = !strcmp(run->verdict, "passed"),
        .score = run->score,
        .max_score = run->max_score,
        .at_s = time(NULL),
    };
    for (size_t i = run->check_count; i-- > 0;)
        if (run->checks[i].status == CHECK_FAILED)
            try.failed = run->checks[i].id;
    if (progress_exercise(app->progress, app->exercise->id, &try))
        steps_save(app);
}

static void on_ended(void *ctx, int wait_status, const char *words) {
    struct app *app = ctx;
    if (!ended_well(app, wait_status)) {
        app->checker_died = xstrdup(words);
        app->bench.checker_died = app->checker_died;
    }
    app->bench.state = BENCH_IDLE;
    checker_free(app->checker);
    app->checker = NULL;
    remember(app);
    playback_verdict(app);
    if (app->when_ended == REQUEST_QUIT)
        loop_stop(app->loop);
    else if (app->when_ended == REQUEST_BACK)
        steps_close(app);
    else
        watch_goes_on(app);
    app->when_ended = REQUEST_NONE;
    app_changed(app);
}

static const struct checker_ops checker_ops = {on_event, on_nonsense, on_refused, on_ended};

void runs_start(struct app *app, bool free_run) {
    struct err err = {0};
    if (app->exercise && !desk_has_program(app))
        return;
    char *program = places_checker();
    struct checker_job job = {
        .program = program, .free_run = free_run, .example = app->example.words};
    if (app->exercise) {
        job.exercise = app->exercise->id;
        job.dir = app->workspace.dir;
    }
    if (app->tick_timer < 0)
        app->tick_timer = loop_timer_new(app->loop, on_tick, app);
    runs_prepare(app);
    app->bench.free_run = free_run;
    app->checker = checker_start(app->loop, &job, &checker_ops, app, &err);
    if (app->checker) {
        app->bench.state = BENCH_RUNNING;
        bench_run_began(&app->bench);
    } else {
        app->checker_died = xasprintf("The checker could not be started: %s. It is looked for "
                                      "beside this program; BRIGADE_CHECK names another.",
                                      err.text);
        app->bench.checker_died = app->checker_died;
        app->bench.focus = PANE_PROBLEMS;
    }
    free(program);
    app_changed(app);
}

bool runs_is_going(const struct app *app) {
    return app->checker && app->bench.state == BENCH_RUNNING && app->run->phase == RUN_GOING;
}

void runs_stop(struct app *app) {
    if (!app->checker)
        return;
    app->bench.state = BENCH_STOPPING;
    checker_stop(app->checker);
    app_changed(app);
}

/* --- saved logs --- */

static void on_log_value(void *ctx, json_t *value, const char *error) {
    struct app *app = ctx;
    struct err err = {0};
    if (!value)
        run_nonsense(app->run, error);
    else if (event_validate(value, &err) < 0)
        run_nonsense(app->run, err.text);
    else
        film_observe(app->film, value);
}

/* A piece of the file at a time, so that keys are heard while a large one is read. */
static void read_log(void *ctx) {
    struct app *app = ctx;
    char bytes[LOG_READ_SIZE];
    ssize_t got = read(app->log_fd, bytes, sizeof bytes);
    if (got > 0) {
        reader_feed(app->log_reader, bytes, (size_t)got);
        loop_timer_set(app->loop, app->log_timer, clock_now_ns());
    } else {
        if (got < 0)
            app_notice(app, "cannot read %s: %s", app->options->log, strerror(errno));
        reader_end(app->log_reader);
        close_log(app);
        bench_run_ended(&app->bench);
    }
    app_changed(app);
}

void runs_open_log(struct app *app) {
    app->bench.state = BENCH_LOG;
    app->log_fd = open(app->options->log, O_RDONLY | O_CLOEXEC);
    if (app->log_fd < 0) {
        app_notice(app, "cannot open %s: %s", app->options->log, strerror(errno));
        return;
    }
    app->log_reader = xcalloc(1, sizeof *app->log_reader);
    *app->log_reader = (struct reader){.fn = on_log_value, .ctx = app};
    app->log_timer = loop_timer_new(app->loop, read_log, app);
    loop_timer_set(app->loop, app->log_timer, clock_now_ns());
}
