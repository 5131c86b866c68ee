/* The open lesson: read, searched, its place kept; and its examples, run on the workbench in its stead. */
#ifndef BRIGADE_APP_READING_H
#define BRIGADE_APP_READING_H

#include "app/state.h"

bool reading_open(struct app *app, const struct course_step *step); /* else a notice says why not */
void reading_close(struct app *app);
void reading_keep_place(struct app *app); /* for the next time; the caller saves */

enum place reading_place(const struct app *app); /* PLACE_LESSON, PLACE_FOUND or PLACE_OUTLINE */
bool reading_works(const struct app *app, enum request request);
bool reading_heed(struct app *app, enum request request); /* whether it was the lesson's */

void reading_leave_example(struct app *app); /* from the workbench back to where one read */

#endif
