/* Looks by role: what something is decides how it is drawn. The themes are the columns of one table (theme.c),
 * monochrome is one of them; a meaning never hangs on a colour alone. Backgrounds are the terminal's own. */
#ifndef BRIGADE_TERM_THEME_H
#define BRIGADE_TERM_THEME_H

#include <stdbool.h>

enum theme { THEME_DARK, THEME_LIGHT, THEME_CONTRAST, THEME_MONO, THEME_COUNT };

enum role {
    ROLE_TEXT,
    ROLE_STRONG,
    ROLE_EMPHASIS,
    ROLE_DIM,   /* what matters less */
    ROLE_RULE,  /* lines between panes */
    ROLE_BRAND, /* the program's name, titles */
    ROLE_HEADING,
    ROLE_FOCUS, /* the pane that the keys go to */
    ROLE_KEY,   /* a key to press */
    ROLE_GOOD,
    ROLE_BAD,
    ROLE_PENDING, /* not decided yet */
    ROLE_NOTICE,  /* told to the student */
    ROLE_CODE,
    ROLE_KEYWORD,
    ROLE_STRING,
    ROLE_COMMENT,
    ROLE_LINK,
    ROLE_REPORTED, /* what a worker said, beside what was traced */
    ROLE_PID,      /* the first of PID_ROLES: each process has one of them */
    ROLE_PID_LAST = ROLE_PID + 7,
    ROLE_COUNT
};

enum { PID_ROLES = ROLE_PID_LAST - ROLE_PID + 1 };

enum { /* added to a role */
       STYLE_ROLE_MASK = 0xff,
       STYLE_REVERSE = 0x100,
       STYLE_BOLD = 0x200,
};

enum { /* attributes of a look, translated by tty.c */
       LOOK_BOLD = 1,
       LOOK_DIM = 2,
       LOOK_UNDERLINE = 4,
       LOOK_REVERSE = 8,
};

struct look {
    short colour; /* of 16; -1: the terminal's own foreground */
    short fine;   /* of 256, where there are as many; 0: none finer */
    unsigned attributes;
};

const struct look *theme_look(enum theme theme, enum role role);

const char *theme_name(enum theme theme);
bool theme_parse(const char *name, enum theme *theme); /* false: no such theme */

/* By COLORFGBG, "15;0" or "0;default;15", which some terminals set: the light theme where the last number is a light
 * colour, else the dark one. `value` may be NULL. */
enum theme theme_for_background(const char *value);

#endif
