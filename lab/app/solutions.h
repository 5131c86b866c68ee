/* After an exercise is passed: its solutions, each compared with the student's own by diff(1). */
#ifndef BRIGADE_APP_SOLUTIONS_H
#define BRIGADE_APP_SOLUTIONS_H

#include "app/state.h"

void solutions_open(struct app *app); /* over the workbench; else a notice says why not */
void solutions_close(struct app *app);
void solutions_heed(struct app *app, enum request request);

#endif
