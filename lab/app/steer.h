/* What the student does to a running program: requests, kills, stops, faults. */
#ifndef BRIGADE_APP_STEER_H
#define BRIGADE_APP_STEER_H

#include "app/state.h"

void steer_load(struct app *app); /* asks how many, and how many at once */
void steer_kill(struct app *app);
void steer_freeze(struct app *app); /* or lets it go on */
void steer_skip(struct app *app);   /* to the next deadline of a free run */
bool steer_can_skip(const struct app *app);
void steer_open_faults(struct app *app);
void steer_heed_menu(struct app *app, enum request request);

#endif
