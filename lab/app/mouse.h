/* What the mouse asks for: a click is the key whose hint it hits, a pane's number, or the choice of an item; the wheel
 * moves what is under the pointer. */
#ifndef BRIGADE_APP_MOUSE_H
#define BRIGADE_APP_MOUSE_H

#include "app/state.h"

bool mouse_is_key(int key);               /* of tty_key */
bool mouse_use(struct app *app, int key); /* returns whether it was one */

#endif
