#include "app/frame.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/desk.h"
#include "app/lend.h"
#include "app/playback.h"
#include "app/quizzes.h"
#include "app/reading.h"
#include "app/runs.h"
#include "app/steer.h"
#include "app/steps.h"
#include "base/clock.h"
#include "text/markdown.h"
#include "text/width.h"
#include "views/chrome.h"
#include "views/help_view.h"
#include "views/pager.h"

enum { TEXT_COLUMNS_MOST = 84, BRAND_COLUMNS = 13 };

enum place frame_place(const struct app *app) {
    if (app->question)
        return PLACE_QUESTION;
    if (app->in_help)
        return PLACE_HELP;
    if (app->place != PLACE_BENCH)
        return app->place == PLACE_LESSON ? reading_place(app) : app->place;
    if (app->menu.open)
        return PLACE_MENU;
    if (app->bench.in_timeline)
        return PLACE_TIMELINE;
    return app->bench.find.found ? PLACE_BENCH | PLACE_MATCH : PLACE_BENCH;
}

static bool works_on_bench(const struct app *app, enum request request) {
    bool has_program = app->exercise || app->example.words;
    bool can_run = app->bench.state == BENCH_IDLE && has_program;
    switch (request) {
    case REQUEST_RUN: return can_run;
    case REQUEST_RUN_FREELY: return (can_run && app->exercise) || steer_can_skip(app);
    case REQUEST_EDIT: return app->exercise != NULL;
    case REQUEST_STOP: return app->checker != NULL;
    case REQUEST_LOAD: return runs_is_going(app);
    case REQUEST_FAULTS: return runs_is_going(app);
    case REQUEST_FREEZE:
    case REQUEST_KILL: return runs_is_going(app) && bench_victim(&app->bench);
    case REQUEST_NEXT_STEP: return can_run && app->exercise && steps_has(app, 1);
    case REQUEST_PREVIOUS_STEP: return can_run && app->exercise && steps_has(app, -1);
    case REQUEST_PAGE_DOWN: return app->bench.focus == PANE_TASK;
    case REQUEST_BACK: return app->bench.state != BENCH_LOG || app->bench.in_timeline;
    case REQUEST_HINT:
    case REQUEST_WATCH:
    case REQUEST_RESET:
    case REQUEST_SOLUTIONS: return desk_works(app, request);
    default: break;
    }
    bool winds = (request >= REQUEST_PLAY && request <= REQUEST_ONLY) || request == REQUEST_OPEN ||
                 request == REQUEST_SEARCH;
    return !winds || playback_works(app, request);
}

bool frame_works(const struct app *app, enum request request) {
    if (app->in_help || app->place == PLACE_LETTER)
        return true;
    if (app->place == PLACE_BENCH)
        return works_on_bench(app, request);
    if (app->place == PLACE_SOLUTIONS)
        return true;
    if (app->place == PLACE_QUIZ && !quizzes_work(app, request))
        return false;
    if (app->place == PLACE_LESSON)
        return reading_works(app, request);
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
    struct canvas paper =
        canvas_part(body, 1, left > 1 ? left - 1 : 1, body->rows - 1, columns + 2);
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
    else if (app->place == PLACE_QUIZ)
        snprintf(place, sizeof place, "%d %s", chapter->number, app->quiz->title);
    else if (app->place == PLACE_SOLUTIONS)
        snprintf(place, sizeof place, "%d %s > %s", chapter->number, step->id, "solutions");
    else if (app->place == PLACE_BENCH)
        snprintf(place, sizeof place, "%d %s > %s", chapter->number, chapter->title,
                 app->example.words ? app->source : step->id);
    if (app->place == PLACE_COURSE)
        snprintf(place, sizeof place, "%s", app->course->subtitle);
    if (app->place == PLACE_COURSE || app->place == PLACE_LETTER)
        course_view_state(&app->course_view, state, sizeof state);
    else if (app->place == PLACE_BENCH)
        role = bench_state_words(&app->bench, state, sizeof state);
    else if (app->place == PLACE_QUIZ)
        quiz_view_state(&app->quiz_view, state, sizeof state);
    else if (app->place == PLACE_SOLUTIONS)
        snprintf(state, sizeof state, "%zu of %zu", app->solutions.list.selected + 1,
                 app->solutions.count);
    else if (!app->in_help)
        snprintf(state, sizeof state, "%zu %%", scroll_percent(&app->lesson.scroll));
    bool fits = width_of(place, strlen(place)) + width_of(state, strlen(state)) <=
                screen->columns - BRAND_COLUMNS;
    if (app->place == PLACE_BENCH && !app->options->log && !fits)
        snprintf(place, sizeof place, "%s", app->example.words ? app->source : step->id);
    chrome_header(screen, place, state, role);
}

static bool works(const void *ctx, enum request request) { return frame_works(ctx, request); }

static void draw_question(const struct app *app, const struct canvas *screen) {
    char question[96];
    if (app->question == REQUEST_RESET)
        snprintf(question, sizeof question,
                 "Put the starter back? Your files are kept beside it. y/n ");
    else
        snprintf(question, sizeof question, "%s%s? y/n ",
                 app->checker ? "Your program is running. Stop it and "
                              : "Your program has ended: ",
                 app->question == REQUEST_QUIT ? "quit" : "go back");
    chrome_question(screen, question);
}

static void draw_bottom(struct app *app, const struct canvas *screen) {
    char state[160] = "";
    if (app->prompt.open) {
        chrome_prompt(screen, app->prompt.label, app->prompt.text.data,
                      app->prompt.refused ? "digits only" : NULL);
        return;
    }
    if (app->question) {
        draw_question(app, screen);
        return;
    }
    if (app->place == PLACE_BENCH && !film_follows(app->film))
        playback_words(app, state, sizeof state);
    else if (app->place == PLACE_BENCH && app->run->clock)
        snprintf(state, sizeof state, "%s clock", app->bench.free_run ? "real" : app->run->clock);
    if (app->place == PLACE_BENCH && app->watch_fd >= 0)
        snprintf(state, sizeof state, "watching saves");
    struct hint_bar bar = {
        .place = frame_place(app),
        .works = works,
        .ctx = app,
        .leads_back = app->place != PLACE_BENCH || app->example.words,
        .notice = app->notice,
        .skips = app->place == PLACE_BENCH && steer_can_skip(app),
        .kill_pid = app->place == PLACE_BENCH ? bench_victim(&app->bench) : 0,
        .choices = app->place == PLACE_QUIZ ? quiz_view_choices(&app->quiz_view) : 0,
        .state = state,
    };
    chrome_bottom(screen, &bar);
}

static void draw_course(struct app *app, const struct canvas *body) {
    app->course_view.now_s = time(NULL);
    course_view_draw(body, &app->course_view);
}

static enum place place_below_help(const struct app *app) {
    if (app->place == PLACE_LESSON)
        return reading_place(app);
    return app->place == PLACE_BENCH && app->bench.in_timeline ? PLACE_TIMELINE : app->place;
}

static void draw(struct app *app) {
    struct canvas screen = canvas_whole(app->tty, &app->targets), body = chrome_body(&screen);
    if (chrome_too_small(&screen))
        return;
    if (app->in_help)
        draw_page(&body, &app->help, true, place_below_help(app));
    else if (app->place == PLACE_COURSE)
        draw_course(app, &body);
    else if (app->place == PLACE_LETTER)
        draw_page(&body, &app->letter, false, app->place);
    else if (app->place == PLACE_SOLUTIONS)
        solutions_view_draw(&body, &app->solutions);
    else if (app->place == PLACE_LESSON)
        lesson_view_draw(&body, &app->lesson);
    else if (app->place == PLACE_QUIZ)
        quiz_view_draw(&body, &app->quiz_view);
    else
        bench_draw(&body, &app->bench);
    if (app->menu.open && app->place == PLACE_BENCH)
        menu_draw(&body, &app->menu);
    draw_header(app, &screen);
    draw_bottom(app, &screen);
    if (app->place == PLACE_LESSON && !app->in_help && !app->lesson.in_outline &&
        scroll_at_end(&app->lesson.scroll))
        steps_lesson_read(app);
}

void frame_draw(void *ctx) {
    struct app *app = ctx;
    app->frame_due = false;
    if (app->editor > 0 || app->suspended || lend_is_due_back())
        return;
    app->last_frame_ns = clock_now_ns();
    tty_erase(app->tty);
    targets_clear(&app->targets);
    draw(app);
    tty_flush(app->tty);
}
