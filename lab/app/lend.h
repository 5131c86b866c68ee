/* The terminal, lent and taken back: to the editor, to the shell, and what a resize asks for. */
#ifndef BRIGADE_APP_LEND_H
#define BRIGADE_APP_LEND_H

#include "app/state.h"

int lend_start(struct app *app,
               struct err *err); /* hears of SIGWINCH, SIGTSTP and SIGCONT from here on */

/* We were stopped from outside and go on, and have not taken the terminal back yet: nothing may be drawn. */
bool lend_is_due_back(void);

void lend_to_editor(struct app *app); /* at the selected compiler message, if there is one */
void lend_to_shell(struct app *app);  /* Ctrl-Z */

#endif
