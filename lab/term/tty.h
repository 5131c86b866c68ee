/* The terminal: the only module that includes ncurses.
 *
 *     if (tty_check(&err)) ...                       // a terminal that can be drawn on?
 *     struct tty *tty = tty_open(&options, keeper, &err);
 *     tty_erase(tty); tty_put(...); tty_flush(tty);
 *     int key = tty_key(tty);                       // when tty_fd is readable, until TTY_NO_KEY
 *     tty_leave(tty); ... an editor ... tty_return(tty);
 *     tty_close(tty);
 */
#ifndef BRIGADE_TERM_TTY_H
#define BRIGADE_TERM_TTY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "term/keeper.h"
#include "term/theme.h"

enum tty_key { /* other keys are Unicode code points; control keys those below 32 */
               TTY_NO_KEY = -1,
               TTY_KEY_ESCAPE = 27,
               TTY_KEY_FIRST = 0x110000, /* past Unicode */
               TTY_KEY_UP,
               TTY_KEY_DOWN,
               TTY_KEY_LEFT,
               TTY_KEY_RIGHT,
               TTY_KEY_PAGE_UP,
               TTY_KEY_PAGE_DOWN,
               TTY_KEY_HOME,
               TTY_KEY_END,
               TTY_KEY_BACK_TAB,
               TTY_KEY_BACKSPACE,
               TTY_KEY_F1,
               TTY_KEY_CLICK, /* where: tty_pointer */
               TTY_KEY_WHEEL_UP,
               TTY_KEY_WHEEL_DOWN,
               TTY_KEY_OTHER,
};

struct tty_options {
    enum theme theme; /* wanted; with colours if the terminal has them, too */
    bool unicode;     /* wanted; the locale must be UTF-8, too */
    bool mouse;       /* clicks and the wheel come as keys */
};

struct tty;

/* 0 if stdin and stdout are a terminal that can be drawn on; else -ENOTTY or -EINVAL with the reason. */
int tty_check(struct err *err);

struct tty *tty_open(const struct tty_options *options, struct keeper *keeper,
                     struct err *err); /* NULL on failure */
void tty_close(struct tty *tty);       /* NULL allowed */

int tty_fd(const struct tty *tty); /* readable when a key was pressed; owned by the tty */
int tty_key(struct tty *tty);      /* never blocks */
void tty_pointer(const struct tty *tty, int *row, int *column); /* of the mouse, at its last key */
int tty_rows(const struct tty *tty);
int tty_columns(const struct tty *tty);
bool tty_has_unicode(const struct tty *tty);

void tty_erase(struct tty *tty);
/* Text that is printable, fits, and starts with no combining mark; style is a role and STYLE_ flags. */
void tty_put(struct tty *tty, int row, int column, unsigned style, const char *text, size_t bytes);
void tty_cursor(struct tty *tty, int row, int column); /* where it stands after the next flush */
void tty_flush(struct tty *tty);                       /* shows what changed */

void tty_resized(struct tty *tty); /* after SIGWINCH */
void tty_repaint(struct tty *tty); /* the next flush draws every cell (Ctrl-L) */
void tty_leave(struct tty *tty);   /* the terminal as it was before us */
void tty_return(struct tty *tty);  /* after that, and after having been stopped from outside */

#endif
