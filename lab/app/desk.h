/* What a student does with an exercise besides running it: hints, the starter again, every save checked. */
#ifndef BRIGADE_APP_DESK_H
#define BRIGADE_APP_DESK_H

#include "app/state.h"

void desk_set_up(struct app *app); /* reads the task of app->exercise */
void desk_clear(struct app *app);

bool desk_works(const struct app *app, enum request request);
bool desk_heed(struct app *app, enum request request); /* whether it was one of ours */
bool desk_is_there(struct app *app);                   /* the student's folder; says if it is not */
bool desk_has_program(struct app *app);                /* and in it a program; says if not */
void desk_reset(struct app *app);                      /* once the student has said yes */

#endif
