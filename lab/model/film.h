/* A run that can be wound: its history, the run as it is now, and the moment that is shown.
 *
 *     struct film *film = film_new();
 *     film_observe(film, event);            // every event, as it comes
 *     film->shown                           // what the views draw
 *     film_show(film, moment);              // any moment; the last one follows what comes
 *     film_play(film, true);
 *     if (film_pass(film, elapsed_ns)) ...  // time goes by; something else is shown now
 *     film_free(film);
 *
 * Played at the speed 1, the program's time goes as ours, but waits are shortened and what happens in an
 * instant is spread, so that one can follow it.
 */
#ifndef BRIGADE_MODEL_FILM_H
#define BRIGADE_MODEL_FILM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "model/history.h"
#include "model/run.h"

struct film { /* visible, because views read it; only film_* change it */
    struct history history;
    struct run *latest;
    struct run *shown; /* `latest`, while it follows */
    uint32_t moment;   /* shown: after so many events */
    bool plays;
    int speed;         /* 0 is normal, each step doubles or halves */
    int64_t budget_ns; /* of time that has passed and is not yet used up by events */
};

enum { FILM_SPEED_LEAST = -3, FILM_SPEED_MOST = 6 };

struct film *film_new(void);
void film_free(struct film *film); /* NULL allowed */

void film_observe(struct film *film, const json_t *event);

bool film_follows(const struct film *film); /* the shown moment is the newest, whatever comes */
void film_show(struct film *film, uint32_t moment);
void film_step(struct film *film, int by); /* events, samples of state not counted */

/* Playing from the end begins at the start. */
void film_play(struct film *film, bool plays);
void film_set_speed(struct film *film, int speed);
bool film_pass(struct film *film, int64_t elapsed_ns);

/* Plays from the start, as fast as is needed to be over within `most_ns`, but not slower than normal. */
void film_play_within(struct film *film, int64_t most_ns);

void film_speed_words(const struct film *film, char *words, size_t size); /* "x1", "x1/2" */

#endif
