#include "term/theme.h"

enum colour {
    OWN = -1,
    RED = 1,
    GREEN,
    YELLOW,
    BLUE,
    MAGENTA,
    CYAN,
    BRIGHT_BLUE = 12,
    BRIGHT_MAGENTA,
    BRIGHT_CYAN,
};

static const struct look looks[ROLE_COUNT] = {
    [ROLE_TEXT] = {OWN, 0, 0},
    [ROLE_STRONG] = {OWN, LOOK_BOLD, LOOK_BOLD},
    [ROLE_EMPHASIS] = {OWN, LOOK_UNDERLINE, LOOK_UNDERLINE},
    [ROLE_DIM] = {OWN, LOOK_DIM, LOOK_DIM},
    [ROLE_RULE] = {OWN, LOOK_DIM, LOOK_DIM},
    [ROLE_BRAND] = {CYAN, LOOK_BOLD, LOOK_BOLD},
    [ROLE_HEADING] = {CYAN, LOOK_BOLD, LOOK_BOLD | LOOK_UNDERLINE},
    [ROLE_FOCUS] = {OWN, LOOK_BOLD | LOOK_REVERSE, LOOK_BOLD | LOOK_REVERSE},
    [ROLE_KEY] = {OWN, LOOK_BOLD, LOOK_BOLD},
    [ROLE_GOOD] = {GREEN, 0, 0},
    [ROLE_BAD] = {RED, LOOK_BOLD, LOOK_BOLD},
    [ROLE_PENDING] = {YELLOW, 0, 0},
    [ROLE_NOTICE] = {YELLOW, LOOK_BOLD, LOOK_BOLD},
    [ROLE_CODE] = {GREEN, 0, 0},
    [ROLE_KEYWORD] = {MAGENTA, 0, LOOK_BOLD},
    [ROLE_STRING] = {YELLOW, 0, 0},
    [ROLE_COMMENT] = {OWN, LOOK_DIM, LOOK_DIM},
    [ROLE_LINK] = {CYAN, LOOK_UNDERLINE, LOOK_UNDERLINE},
    [ROLE_REPORTED] = {OWN, LOOK_DIM, LOOK_DIM},
    [ROLE_PID] = {OWN, LOOK_BOLD, 0},
    [ROLE_PID + 1] = {CYAN, 0, 0},
    [ROLE_PID + 2] = {YELLOW, 0, 0},
    [ROLE_PID + 3] = {MAGENTA, 0, 0},
    [ROLE_PID + 4] = {GREEN, 0, 0},
    [ROLE_PID + 5] = {BRIGHT_BLUE, 0, 0},
    [ROLE_PID + 6] = {BRIGHT_MAGENTA, 0, 0},
    [ROLE_PID + 7] = {BRIGHT_CYAN, 0, 0},
};

const struct look *theme_look(enum role role) { return &looks[role]; }
