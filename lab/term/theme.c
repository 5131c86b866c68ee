#include "term/theme.h"

#include <stdlib.h>
#include <string.h>

enum colour {
    OWN = -1,
    RED = 1,
    GREEN,
    YELLOW,
    BLUE,
    MAGENTA,
    CYAN,
    BRIGHT_RED = 9,
    BRIGHT_GREEN,
    BRIGHT_YELLOW,
    BRIGHT_BLUE,
    BRIGHT_MAGENTA,
    BRIGHT_CYAN,
};

enum { B = LOOK_BOLD, D = LOOK_DIM, U = LOOK_UNDERLINE, R = LOOK_REVERSE };

/* clang-format off */
static const struct look looks[ROLE_COUNT][THEME_COUNT] = {
    /* dark, light, contrast, mono */
    [ROLE_TEXT] = {{OWN, 0, 0}, {OWN, 0, 0}, {OWN, 0, 0}, {OWN, 0, 0}},
    [ROLE_STRONG] = {{OWN, 0, B}, {OWN, 0, B}, {OWN, 0, B}, {OWN, 0, B}},
    [ROLE_EMPHASIS] = {{OWN, 0, U}, {OWN, 0, U}, {OWN, 0, B | U}, {OWN, 0, U}},
    [ROLE_DIM] = {{OWN, 0, D}, {OWN, 0, D}, {OWN, 0, 0}, {OWN, 0, D}},
    [ROLE_RULE] = {{OWN, 0, D}, {OWN, 0, D}, {OWN, 0, 0}, {OWN, 0, D}},
    [ROLE_BRAND] = {{CYAN, 0, B}, {BLUE, 25, B}, {BRIGHT_CYAN, 0, B}, {OWN, 0, B}},
    [ROLE_HEADING] = {{CYAN, 0, B}, {BLUE, 25, B}, {BRIGHT_CYAN, 0, B | U}, {OWN, 0, B | U}},
    [ROLE_FOCUS] = {{OWN, 0, B | R}, {OWN, 0, B | R}, {OWN, 0, B | R}, {OWN, 0, B | R}},
    [ROLE_KEY] = {{OWN, 0, B}, {OWN, 0, B}, {BRIGHT_YELLOW, 0, B}, {OWN, 0, B}},
    [ROLE_GOOD] = {{GREEN, 0, 0}, {GREEN, 28, 0}, {BRIGHT_GREEN, 0, B}, {OWN, 0, 0}},
    [ROLE_BAD] = {{RED, 0, B}, {RED, 124, B}, {BRIGHT_RED, 0, B | R}, {OWN, 0, B}},
    [ROLE_PENDING] = {{YELLOW, 0, 0}, {YELLOW, 130, 0}, {BRIGHT_YELLOW, 0, 0}, {OWN, 0, 0}},
    [ROLE_NOTICE] = {{YELLOW, 0, B}, {RED, 130, B}, {BRIGHT_YELLOW, 0, B}, {OWN, 0, B}},
    [ROLE_CODE] = {{GREEN, 0, 0}, {BLUE, 24, 0}, {OWN, 0, B}, {OWN, 0, 0}},
    [ROLE_KEYWORD] = {{MAGENTA, 0, 0}, {MAGENTA, 90, 0}, {BRIGHT_MAGENTA, 0, B}, {OWN, 0, B}},
    [ROLE_STRING] = {{YELLOW, 0, 0}, {RED, 130, 0}, {BRIGHT_YELLOW, 0, 0}, {OWN, 0, 0}},
    [ROLE_COMMENT] = {{OWN, 0, D}, {OWN, 0, D}, {OWN, 0, 0}, {OWN, 0, D}},
    [ROLE_LINK] = {{CYAN, 0, U}, {BLUE, 25, U}, {BRIGHT_CYAN, 0, U}, {OWN, 0, U}},
    [ROLE_REPORTED] = {{OWN, 0, D}, {OWN, 0, D}, {OWN, 0, 0}, {OWN, 0, D}},
    [ROLE_PID] = {{OWN, 0, B}, {OWN, 0, B}, {OWN, 0, B}, {OWN, 0, 0}},
    [ROLE_PID + 1] = {{CYAN, 0, 0}, {CYAN, 30, 0}, {BRIGHT_CYAN, 0, B}, {OWN, 0, 0}},
    [ROLE_PID + 2] = {{YELLOW, 0, 0}, {YELLOW, 130, 0}, {BRIGHT_YELLOW, 0, B}, {OWN, 0, 0}},
    [ROLE_PID + 3] = {{MAGENTA, 0, 0}, {MAGENTA, 127, 0}, {BRIGHT_MAGENTA, 0, B}, {OWN, 0, 0}},
    [ROLE_PID + 4] = {{GREEN, 0, 0}, {GREEN, 28, 0}, {BRIGHT_GREEN, 0, B}, {OWN, 0, 0}},
    [ROLE_PID + 5] = {{BRIGHT_BLUE, 0, 0}, {BLUE, 62, 0}, {BRIGHT_BLUE, 0, B}, {OWN, 0, 0}},
    [ROLE_PID + 6] = {{BRIGHT_MAGENTA, 0, 0}, {RED, 94, 0}, {BRIGHT_MAGENTA, 0, 0}, {OWN, 0, 0}},
    [ROLE_PID + 7] = {{BRIGHT_CYAN, 0, 0}, {BLUE, 24, B}, {BRIGHT_CYAN, 0, 0}, {OWN, 0, 0}},
};
/* clang-format on */

static const char *const names[THEME_COUNT] = {"dark", "light", "contrast", "mono"};

const struct look *theme_look(enum theme theme, enum role role) { return &looks[role][theme]; }

const char *theme_name(enum theme theme) { return names[theme]; }

bool theme_parse(const char *name, enum theme *theme) {
    for (int i = 0; i < THEME_COUNT; i++) {
        if (strcmp(name, names[i]))
            continue;
        *theme = (enum theme)i;
        return true;
    }
    return false;
}

enum theme theme_for_background(const char *value) {
    enum { GREY = 7, DARK_GREY = 8, MOST = 15 };
    const char *last = value ? strrchr(value, ';') : NULL;
    char *end;
    long colour = last ? strtol(last + 1, &end, 10) : -1;
    bool is_number = last && end != last + 1 && !*end;
    return is_number && (colour == GREY || (colour > DARK_GREY && colour <= MOST)) ? THEME_LIGHT
                                                                                   : THEME_DARK;
}
