/* Looks by role: what something is decides how it is drawn. Colour and monochrome are two columns of
 * one table (theme.c); a meaning never hangs on a colour alone. */
#ifndef BRIGADE_TERM_THEME_H
#define BRIGADE_TERM_THEME_H

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
    short colour; /* of 16, on the terminal's own background; -1: its own foreground */
    unsigned attributes;
    unsigned mono; /* attributes where there are no colours */
};

const struct look *theme_look(enum role role);

#endif
