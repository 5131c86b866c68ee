/* Opening the steps of the course, and what is remembered of them. */
#ifndef BRIGADE_APP_STEPS_H
#define BRIGADE_APP_STEPS_H

#include "app/state.h"

int steps_load(struct app *app, struct err *err); /* the course and the student's progress */
void steps_name(
    void *app); /* gives the steps their titles: a loop_timer_fn, for after the first frame */
void steps_choose_next(struct app *app); /* selects on the map where to go on */
void steps_release(struct app *app);

void steps_open(struct app *app, size_t step); /* what goes wrong becomes a notice */
void steps_open_log(struct app *app);          /* the workbench for a saved log */
void steps_set_up_bench(struct app *app);      /* for app->task, empty */
void steps_close(struct app *app);             /* back to the list */
bool steps_has(const struct app *app, int by); /* a step after (1) or before (-1) the open one */

void steps_welcome(struct app *app);      /* a letter, if it is the first start */
void steps_close_letter(struct app *app); /* on to the map */

void steps_lesson_read(struct app *app); /* its end was on the screen */
void steps_save(struct app *app);

/* Tells of trouble with the student's files, and what can be done about it. */
void steps_trouble(struct app *app, const char *what, const struct err *err);

/* At the end, the terminal given back: what is not saved yet is, or its loss is told on stderr. */
void steps_farewell(struct app *app);

#endif
