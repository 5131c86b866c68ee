/* A frame: the place one is in, drawn whole. */
#ifndef BRIGADE_APP_FRAME_H
#define BRIGADE_APP_FRAME_H

#include "app/state.h"

void frame_draw(void *app); /* a loop_timer_fn */

enum place frame_place(const struct app *app); /* whose keys hold now */

/* Whether a request means something at this moment: what the bottom line shows, and what is heeded. */
bool frame_works(const struct app *app, enum request request);

#endif
