/* Runs of the open exercise: started, talked to, ended; and saved logs, shown. */
#ifndef BRIGADE_APP_RUNS_H
#define BRIGADE_APP_RUNS_H

#include "app/state.h"

void runs_prepare(struct app *app); /* an empty run, with the exercise's checks listed */
void runs_release(struct app *app); /* ends what runs, at once */

void runs_start(struct app *app, bool free_run);
void runs_stop(struct app *app);
bool runs_is_going(const struct app *app); /* the program is up and can be talked to */

void runs_open_log(struct app *app);

#endif
