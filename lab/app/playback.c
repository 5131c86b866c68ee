#include "app/playback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "views/panes.h"

enum { PLAY_TICK_MS = 30 };

static const char verdict_notice[] = "This is how it went. Esc: to its end";
static const int64_t VERDICT_PLAY_NS = 12 * NS_PER_S;

static void on_tick(void *ctx);

static void keep_playing(struct app *app) {
    if (app->play_timer < 0)
        app->play_timer = loop_timer_new(app->loop, on_tick, app);
    app->played_ns = clock_now_ns();
    loop_timer_set(app->loop, app->play_timer, app->played_ns + PLAY_TICK_MS * NS_PER_MS);
}

/* The verdict's playback is over: the checks are what there is to look at. */
static void end_of_verdict(struct app *app) {
    if (!app->bench.shows_verdict)
        return;
    app->bench.shows_verdict = false;
    if (app->notice && !strcmp(app->notice, verdict_notice)) {
        free(app->notice);
        app->notice = NULL;
    }
    if (app->bench.focus == app->played_focus && !app->bench.in_timeline)
        bench_run_ended(&app->bench); /* else the student looks at something */
}

static void on_tick(void *ctx) {
    struct app *app = ctx;
    struct film *film = app->film;
    if (!film || !film->plays)
        return;
    int64_t now_ns = clock_now_ns();
    bool changed = film_pass(film, now_ns - app->played_ns);
    if (film->plays)
        keep_playing(app);
    else
        end_of_verdict(app);
    if (changed)
        app_changed(app);
}

static void show(struct app *app, uint32_t moment) {
    app->film->plays = false;
    film_show(app->film, moment);
}

void playback_verdict(struct app *app) {
    struct bench *bench = &app->bench;
    const struct run *run = app->run;
    bool instant = run->clock && !strcmp(run->clock, "virtual");
    bool graded = run->phase == RUN_JUDGED && run->outcome && !bench->free_run &&
                  !run_was_stopped(run) && run->build_ok && !bench->checker_died && !run->trouble;
    bench_run_ended(bench);
    if (!instant || !graded || app->place != PLACE_BENCH) /* or the student is elsewhere already */
        return;
    if (!bench->has_room)
        bench->focus = PANE_PROCESSES; /* the header and the strip have the verdict */
    bench->shows_verdict = true;
    app->played_focus = bench->focus;
    film_play_within(app->film, VERDICT_PLAY_NS);
    app_notice(app, "%s", verdict_notice);
    keep_playing(app);
}

/* --- what can be done --- */

static bool can_wind(const struct app *app) {
    const struct history *history = &app->film->history;
    return history->end > history->first;
}

bool playback_works(const struct app *app, enum request request) {
    switch (request) {
    case REQUEST_PLAY: return can_wind(app) && app->bench.focus != PANE_TASK;
    case REQUEST_OPEN: return app->bench.focus == PANE_PROCESSES || app->bench.focus == PANE_CHECKS;
    case REQUEST_ONLY: return app->bench.selected_pid != 0;
    case REQUEST_SEARCH: return app->bench.focus != PANE_COUNTS || app->bench.in_timeline;
    default: return can_wind(app);
    }
}

static void play(struct app *app) {
    struct film *film = app->film;
    bool live = film_follows(film) && app->checker;
    if (live) { /* a pause: what comes waits to be looked at */
        show(app, film->history.end - 1);
        return;
    }
    film_play(film, !film->plays);
    if (film->plays)
        keep_playing(app);
}

static void wind(struct app *app, enum request request) {
    struct film *film = app->film;
    switch (request) {
    case REQUEST_PLAY: play(app); break;
    case REQUEST_STEP_BACK:
    case REQUEST_STEP_ON:
        film->plays = false;
        film_step(film, request == REQUEST_STEP_ON ? 1 : -1);
        break;
    case REQUEST_FIRST_MOMENT: show(app, film->history.first); break;
    case REQUEST_LAST_MOMENT: show(app, film->history.end); break;
    case REQUEST_FASTER: film_set_speed(film, film->speed + 1); break;
    case REQUEST_SLOWER: film_set_speed(film, film->speed - 1); break;
    default: break;
    }
}

/* --- the timeline --- */

static void fit_timeline(struct app *app) {
    timeline_view_fit(&app->bench.timeline, app->film, bench_only(&app->bench));
}

static void open_timeline(struct app *app) {
    app->bench.in_timeline = true;
    fit_timeline(app);
}

static void show_check(struct app *app, const struct run_check *check) {
    app->bench.only = false;
    uint32_t moment = timeline_view_show_check(&app->bench.timeline, app->film, check);
    if (moment == UINT32_MAX)
        app_notice(app, "Nothing that happened shows %s: see its message.", check->id);
    else
        show(app, moment);
}

/* From the pane of checks to what shows the chosen one. */
static void open_for_check(struct app *app) {
    const struct run_check *check = bench_check(&app->bench);
    bool failed = check && (check->status == CHECK_FAILED || check->status == CHECK_ERROR);
    uint32_t before = film_follows(app->film) ? UINT32_MAX - 1 : app->film->moment;
    open_timeline(app);
    if (app->bench.focus != PANE_CHECKS || !failed)
        return;
    app->bench.timeline.back_to = before;
    show_check(app, check);
}

static const struct run_check *find_check(const struct run *run, const char *id) {
    for (size_t i = 0; i < run->check_count; i++)
        if (!strcmp(run->checks[i].id, id))
            return &run->checks[i];
    return NULL;
}

/* The check that failed on the row chosen. */
static void open_row(struct app *app) {
    const struct timeline_view *view = &app->bench.timeline;
    if (view->scroll.selected >= view->timeline.count)
        return;
    const struct record *record =
        history_record(&app->film->history, view->timeline.rows[view->scroll.selected].first);
    json_t *event = record->type == EVENT_CHECK ? record_json(record) : NULL;
    const struct run_check *check =
        event ? find_check(app->film->latest, event_text(event, "id", "")) : NULL;
    if (check)
        show_check(app, check);
    json_decref(event);
}

/* Whoever came for a check finds it again as it was. */
static void close_timeline(struct app *app) {
    struct timeline_view *view = &app->bench.timeline;
    app->bench.in_timeline = false;
    if (view->back_to != UINT32_MAX)
        show(app, view->back_to);
    view->back_to = UINT32_MAX;
    timeline_view_unmark(view);
}

static void unmark_or_close(struct app *app) {
    struct timeline_view *view = &app->bench.timeline;
    if (view->timeline.mark_count && view->back_to == UINT32_MAX)
        timeline_view_unmark(view);
    else
        close_timeline(app);
}

static const char *nothing_there(enum request request) {
    switch (request) {
    case REQUEST_NEXT_MESSAGE: return "No further message.";
    case REQUEST_PREVIOUS_MESSAGE: return "No earlier message.";
    case REQUEST_NEXT_BIRTH: return "No further birth.";
    case REQUEST_PREVIOUS_BIRTH: return "No earlier birth.";
    case REQUEST_NEXT_DEATH: return "No further death.";
    case REQUEST_PREVIOUS_DEATH: return "No earlier death.";
    case REQUEST_NEXT_FAILED: return "No further failed check.";
    case REQUEST_PREVIOUS_FAILED: return "No earlier failed check.";
    case REQUEST_FIND_NEXT:
    case REQUEST_FIND_PREVIOUS:
        return "Nothing is marked: Enter on a failed check, or search with /.";
    default: return NULL;
    }
}

static void move_in_timeline(struct app *app, enum request request) {
    uint32_t moment = timeline_view_move(&app->bench.timeline, app->film, request);
    if (moment != UINT32_MAX)
        show(app, moment);
    else if (nothing_there(request))
        app_notice(app, "%s", nothing_there(request));
}

static void step_lane(struct app *app, int by) {
    struct bench *bench = &app->bench;
    int pid = timeline_view_step_lane(&bench->timeline, app->film, bench->selected_pid, by);
    bench->selected_pid = pid ? pid : bench->selected_pid;
}

/* --- searches --- */

static void find(struct app *app, const char *words, int by) {
    struct bench *bench = &app->bench;
    if (!bench->in_timeline) {
        if (!bench_find(bench, words, by))
            app_notice(app, "\"%s\" is not on this pane.", bench->find.words);
        return;
    }
    bench_find_words(bench, words);
    uint32_t moment = timeline_view_search(&bench->timeline, app->film, bench->find.words, by);
    if (moment != UINT32_MAX)
        show(app, moment);
    else
        app_notice(app, "\"%s\" is nowhere in the timeline.", bench->find.words);
}

static void on_words(struct app *app, const char *text) {
    if (*text && app->place == PLACE_BENCH)
        find(app, text, 1);
}

static void find_again(struct app *app, enum request request) {
    bool marked = app->bench.in_timeline && app->bench.timeline.timeline.mark_count;
    if (app->bench.find.words && !marked)
        find(app, NULL, request == REQUEST_FIND_NEXT ? 1 : -1);
    else if (app->bench.in_timeline)
        move_in_timeline(app, request);
}

/* --- requests --- */

static bool is_winding(enum request request) {
    return request >= REQUEST_PLAY && request <= REQUEST_SLOWER;
}

static bool on_either(struct app *app, enum request request) {
    struct bench *bench = &app->bench;
    switch (request) {
    case REQUEST_ONLY: bench->only = !bench->only; return true;
    case REQUEST_SEARCH: app_ask(app, "Search: ", "", on_words); return true;
    case REQUEST_FIND_NEXT:
    case REQUEST_FIND_PREVIOUS: find_again(app, request); return true;
    default: break;
    }
    if (!is_winding(request))
        return false;
    wind(app, request);
    return true;
}

static bool on_timeline(struct app *app, enum request request) {
    switch (request) {
    case REQUEST_TIMELINE: close_timeline(app); return true;
    case REQUEST_BACK: unmark_or_close(app); return true;
    case REQUEST_OPEN: open_row(app); return true;
    case REQUEST_LANE_LEFT: step_lane(app, -1); return true;
    case REQUEST_LANE_RIGHT: step_lane(app, 1); return true;
    case REQUEST_ZOOM_IN: timeline_view_zoom(&app->bench.timeline, 1); return true;
    case REQUEST_ZOOM_OUT: timeline_view_zoom(&app->bench.timeline, -1); return true;
    default: break;
    }
    bool moves = (request >= REQUEST_UP && request <= REQUEST_BOTTOM) ||
                 (request >= REQUEST_NEXT_MESSAGE && request <= REQUEST_PREVIOUS_FAILED);
    if (moves)
        move_in_timeline(app, request);
    else if (request >= REQUEST_PANE_1 && request <= REQUEST_PANE_9)
        app->bench.in_timeline = false; /* and the pane is shown */
    return moves;
}

static bool on_panes(struct app *app, enum request request) {
    struct bench *bench = &app->bench;
    switch (request) {
    case REQUEST_TIMELINE: open_for_check(app); return true;
    case REQUEST_OPEN:
        if (bench->focus == PANE_PROCESSES)
            bench->only = !bench->only;
        else if (bench->focus == PANE_CHECKS)
            open_for_check(app);
        return true;
    case REQUEST_BACK:
        if (!bench->find.found)
            return false;
        bench->find.found = false;
        return true;
    default: return false;
    }
}

/* A request on a pane that is a text, or before there is a run, moves in the pane. */
static enum request meant(const struct app *app, enum request request) {
    bool text = !app->bench.in_timeline && (app->bench.focus == PANE_TASK || !can_wind(app));
    if (!text)
        return request;
    return request == REQUEST_PLAY           ? REQUEST_PAGE_DOWN
           : request == REQUEST_FIRST_MOMENT ? REQUEST_TOP
           : request == REQUEST_LAST_MOMENT  ? REQUEST_BOTTOM
                                             : request;
}

/* The playback of a verdict goes on while one looks around, and ends at any other key. */
static bool ends_verdict(enum request request) {
    bool looks = is_winding(request) || request == REQUEST_ONLY || request == REQUEST_HELP ||
                 (request >= REQUEST_UP && request <= REQUEST_BOTTOM) ||
                 (request >= REQUEST_NEXT_PANE && request <= REQUEST_PANE_9);
    return !looks;
}

bool playback_heed(struct app *app, enum request request) {
    request = meant(app, request);
    if (app->bench.shows_verdict && ends_verdict(request)) {
        show(app, app->film->history.end);
        end_of_verdict(app);
        if (request == REQUEST_BACK)
            return true;
    } else if (is_winding(request)) {
        app->bench.shows_verdict = app->bench.shows_verdict && request >= REQUEST_FASTER;
    }
    if (app->bench.in_timeline)
        fit_timeline(app); /* several keys may come between two drawings */
    if (on_either(app, request))
        return true;
    if (app->bench.in_timeline ? on_timeline(app, request) : on_panes(app, request))
        return true;
    return bench_move(&app->bench, request);
}

void playback_clicked(struct app *app, const struct scroll *scroll) {
    struct bench *bench = &app->bench;
    if (scroll == &bench->timeline.scroll) {
        uint32_t moment = timeline_view_moment(&bench->timeline, app->film);
        if (moment != UINT32_MAX)
            show(app, moment);
    } else if (scroll >= bench->scrolls && scroll < bench->scrolls + PANE_COUNT) {
        bench->focus = (enum pane)(scroll - bench->scrolls);
        if (bench->focus == PANE_PROCESSES)
            pane_processes_select(bench, scroll->selected);
        bench->detail = (struct scroll){0};
    }
}

void playback_words(const struct app *app, char *words, size_t size) {
    const struct film *film = app->film;
    char speed[16];
    *words = '\0';
    if (film_follows(film))
        return;
    film_speed_words(film, speed, sizeof speed);
    snprintf(words, size, "%s %.3f/%.3f s %s", film->plays ? "plays" : "paused",
             (double)film->shown->now_ns / 1e9, (double)film->latest->now_ns / 1e9, speed);
}
