/* The key table: the one place where keys, requests, help and the bottom line come from. */
#ifndef BRIGADE_UI_KEYS_H
#define BRIGADE_UI_KEYS_H

#include <stddef.h>

enum request {
    REQUEST_NONE,
    REQUEST_UP, /* UP to BOTTOM move in a list or a page */
    REQUEST_DOWN,
    REQUEST_PAGE_UP,
    REQUEST_PAGE_DOWN,
    REQUEST_TOP,
    REQUEST_BOTTOM,
    REQUEST_OPEN,
    REQUEST_BACK,
    REQUEST_GO_ON, /* where one left off */
    REQUEST_NEXT_STEP,
    REQUEST_PREVIOUS_STEP,
    REQUEST_EDIT,
    REQUEST_RUN,
    REQUEST_RUN_FREELY,
    REQUEST_STOP,
    REQUEST_LOAD,
    REQUEST_KILL,
    REQUEST_FREEZE, /* stop a process, or let it go on */
    REQUEST_FAULTS,
    REQUEST_PLAY, /* PLAY to SLOWER wind the run */
    REQUEST_STEP_BACK,
    REQUEST_STEP_ON,
    REQUEST_FIRST_MOMENT,
    REQUEST_LAST_MOMENT,
    REQUEST_FASTER,
    REQUEST_SLOWER,
    REQUEST_TIMELINE,
    REQUEST_ONLY,         /* what concerns one process */
    REQUEST_NEXT_MESSAGE, /* NEXT_MESSAGE to ZOOM_OUT: in the timeline */
    REQUEST_PREVIOUS_MESSAGE,
    REQUEST_NEXT_BIRTH,
    REQUEST_PREVIOUS_BIRTH,
    REQUEST_NEXT_DEATH,
    REQUEST_PREVIOUS_DEATH,
    REQUEST_NEXT_FAILED,
    REQUEST_PREVIOUS_FAILED,
    REQUEST_LANE_LEFT,
    REQUEST_LANE_RIGHT,
    REQUEST_ZOOM_IN,
    REQUEST_ZOOM_OUT,
    REQUEST_NEXT_PANE,
    REQUEST_PREVIOUS_PANE,
    REQUEST_PANE_1, /* PANE_1 to PANE_9 */
    REQUEST_PANE_9 = REQUEST_PANE_1 + 8,
    REQUEST_CHOICE_1, /* CHOICE_1 to CHOICE_6, of a question */
    REQUEST_CHOICE_6 = REQUEST_CHOICE_1 + 5,
    REQUEST_AGAIN,
    REQUEST_HINT,
    REQUEST_WATCH,
    REQUEST_RESET,
    REQUEST_SOLUTIONS,
    REQUEST_SEARCH,
    REQUEST_FIND_NEXT,
    REQUEST_FIND_PREVIOUS,
    REQUEST_OUTLINE,
    REQUEST_HELP,
    REQUEST_REPAINT,
    REQUEST_SUSPEND,
    REQUEST_QUIT,
    REQUEST_YES, /* answers to a question */
    REQUEST_NO,
};

enum place { /* where a key means something */
             PLACE_COURSE = 1,
             PLACE_LESSON = 2,
             PLACE_BENCH = 4, /* an exercise */
             PLACE_HELP = 8,
             PLACE_QUESTION = 16,
             PLACE_QUIZ = 32,
             PLACE_LETTER = 64,      /* the welcome, the farewell */
             PLACE_FOUND = 128,      /* a lesson, while something is searched for in it */
             PLACE_OUTLINE = 256,    /* of a lesson */
             PLACE_SOLUTIONS = 512,  /* of an exercise */
             PLACE_TIMELINE = 0x400, /* over an exercise */
             PLACE_MENU = 0x800,
             PLACE_MATCH = 0x1000, /* beside PLACE_BENCH: something was found on a pane */
             PLACE_READING = PLACE_LESSON | PLACE_FOUND,
             PLACE_SCREENS = PLACE_COURSE | PLACE_READING | PLACE_OUTLINE | PLACE_BENCH |
                             PLACE_QUIZ | PLACE_LETTER | PLACE_TIMELINE | PLACE_SOLUTIONS,
             PLACE_ALL = PLACE_SCREENS | PLACE_HELP,
};

struct key_binding {
    int key; /* of tty_key */
    enum request request;
    unsigned places;
    const char *shown; /* how the key is written */
    const char *label; /* on the bottom line; NULL: not there */
    const char *help;  /* NULL: another key of the same request */
};

/* What a key asks for in a place; REQUEST_NONE if nothing. */
enum request keys_request(enum place place, int key);

struct keys_place {
    enum place place;
    const char *title; /* "In a lesson" */
};

/* The places that have keys of their own, in the order of a manual. */
const struct keys_place *keys_places(size_t *count);

/* The table, for help and the bottom line. */
const struct key_binding *keys_table(size_t *count);

#endif
