/* Stands in for term/tty.c and term/keeper.c: a screen in memory, which holds every piece of text that is put on it
 * against what a terminal would do with it, and keys from a program.
 *
 *     screen_resize(80, 24);
 *     screen_press('r');                                   // read by the next tty_key
 *     app_keys(app, ...); frame_draw(app); screen_check();
 */
#ifndef BRIGADE_TESTS_SCREEN_H
#define BRIGADE_TESTS_SCREEN_H

void screen_resize(int columns, int rows);
void screen_press(int key);
void screen_point(int column, int row); /* where the mouse is */
void screen_check(void);                /* what holds on every frame */

#endif
