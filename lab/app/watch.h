/* Every save is checked at once, whatever editor made it: the exercise's folder is watched by inotify(7). */
#ifndef BRIGADE_APP_WATCH_H
#define BRIGADE_APP_WATCH_H

#include "app/state.h"

void watch_turn(struct app *app); /* on, or off */
void watch_stop(struct app *app);
void watch_again(struct app *app); /* the folder is another one of the same name */

/* After a run has ended: whether a save has come meanwhile, and a run was started for it. */
bool watch_goes_on(struct app *app);

#endif
