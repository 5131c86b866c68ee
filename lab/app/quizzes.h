/* The open quiz: answers taken, the result kept. */
#ifndef BRIGADE_APP_QUIZZES_H
#define BRIGADE_APP_QUIZZES_H

#include "app/state.h"

bool quizzes_open(struct app *app, const struct course_step *step); /* else a notice says why not */
void quizzes_close(struct app *app);   /* what is answered is kept until the lab ends */
void quizzes_release(struct app *app); /* forgets it all */

bool quizzes_work(const struct app *app, enum request request); /* whether it means something now */
bool quizzes_heed(struct app *app, enum request request);       /* whether it was the quiz's */

#endif
