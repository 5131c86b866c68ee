#include "model/film.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"

/* How long an event is shown at the least, and a wait at the most, at speed 1. */
static const int64_t WAIT_MOST_NS = 700 * NS_PER_MS;

static int64_t least_ns(const struct record *record) {
    switch (record->type) {
    case EVENT_FORK:
    case EVENT_MESSAGE:
    case EVENT_EXIT:
    case EVENT_SIGNAL:
    case EVENT_UNANSWERED: return record->flags & RECORD_INTERNAL ? NS_PER_MS : 120 * NS_PER_MS;
    case EVENT_OUTPUT:
    case EVENT_REAP:
    case EVENT_EXEC:
    case EVENT_LISTEN: return 60 * NS_PER_MS;
    case EVENT_TAKEN:
    case EVENT_ANSWER: return 8 * NS_PER_MS;
    default: return 0;
    }
}

struct film *film_new(void) {
    struct film *film = xcalloc(1, sizeof *film);
    film->latest = film->shown = run_new();
    return film;
}

static void drop_shown(struct film *film) {
    if (film->shown != film->latest)
        run_free(film->shown);
    film->shown = film->latest;
}

void film_free(struct film *film) {
    if (!film)
        return;
    drop_shown(film);
    run_free(film->latest);
    history_release(&film->history);
    free(film);
}

bool film_follows(const struct film *film) { return film->shown == film->latest; }

void film_observe(struct film *film, const json_t *event) {
    bool follows = film_follows(film);
    const struct record *record = history_add(&film->history, event, film->latest);
    run_apply(film->latest, record, event);
    if (follows)
        film->moment = film->history.end;
    else if (film->moment < film->history.first)
        film_show(film, film->history.first);
}

void film_show(struct film *film, uint32_t moment) {
    const struct history *history = &film->history;
    drop_shown(film);
    film->budget_ns = 0;
    if (moment < history->first)
        moment = history->first;
    film->moment = moment < history->end ? moment : history->end;
    if (film->moment < history->end)
        film->shown = history_run_at(history, film->moment);
}

/* One event more; the caller knows that there is one. */
static void advance(struct film *film) {
    if (film->moment + 1 == film->history.end) {
        film_show(film, film->history.end);
        return;
    }
    run_apply(film->shown, history_record(&film->history, film->moment), NULL);
    film->moment++;
}

static bool is_step(const struct film *film, uint32_t at) {
    return history_record(&film->history, at)->type != EVENT_STATE;
}

void film_step(struct film *film, int by) {
    const struct history *history = &film->history;
    uint32_t moment = film->moment;
    for (; by > 0 && moment < history->end; by--)
        while (moment < history->end && !is_step(film, moment++))
            continue;
    for (; by < 0 && moment > history->first; by++)
        while (moment > history->first && !is_step(film, --moment))
            continue;
    film_show(film, moment);
}

void film_play(struct film *film, bool plays) {
    film->plays = plays;
    film->budget_ns = 0;
    if (plays && film_follows(film))
        film_show(film, film->history.first);
}

void film_set_speed(struct film *film, int speed) {
    film->speed = speed < FILM_SPEED_LEAST  ? FILM_SPEED_LEAST
                  : speed > FILM_SPEED_MOST ? FILM_SPEED_MOST
                                            : speed;
}

/* How long the event at a place waits for its turn, at speed 1. */
static int64_t wait_ns(const struct film *film, uint32_t at) {
    const struct record *next = history_record(&film->history, at);
    int64_t gap_ns = 0, least = least_ns(next);
    if (at > film->history.first)
        gap_ns = next->t_ns - history_record(&film->history, at - 1)->t_ns;
    gap_ns = gap_ns > WAIT_MOST_NS ? WAIT_MOST_NS : gap_ns;
    return gap_ns < least ? least : gap_ns;
}

static int64_t at_speed(int64_t ns, int speed) { return speed < 0 ? ns << -speed : ns >> speed; }

void film_play_within(struct film *film, int64_t most_ns) {
    int64_t whole_ns = 0;
    for (uint32_t at = film->history.first; at < film->history.end; at++)
        whole_ns += wait_ns(film, at);
    film->speed = 0;
    while (at_speed(whole_ns, film->speed) > most_ns && film->speed < FILM_SPEED_MOST)
        film->speed++;
    film_show(film, film->history.first);
    film->plays = !film_follows(film);
}

bool film_pass(struct film *film, int64_t elapsed_ns) {
    uint32_t before = film->moment;
    if (!film->plays)
        return false;
    film->budget_ns += elapsed_ns;
    while (!film_follows(film)) {
        int64_t wait = at_speed(wait_ns(film, film->moment), film->speed);
        if (wait > film->budget_ns)
            break;
        int64_t left = film->budget_ns - wait;
        advance(film);
        film->budget_ns = left;
    }
    if (film_follows(film))
        film->plays = false;
    return film->moment != before || !film->plays;
}

void film_speed_words(const struct film *film, char *words, size_t size) {
    if (film->speed < 0)
        snprintf(words, size, "x1/%d", 1 << -film->speed);
    else
        snprintf(words, size, "x%d", 1 << film->speed);
}
