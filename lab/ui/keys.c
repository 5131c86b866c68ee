#include "ui/keys.h"

#include "term/tty.h"

#define CTRL(letter) ((letter)&0x1f)
#define PANE(n)                                                                                    \
    { '0' + (n), (enum request)(REQUEST_PANE_1 + (n)-1), PLACE_BENCH, #n, NULL, NULL }

#define CHOICE(n)                                                                                  \
    { 'a' + (n), (enum request)(REQUEST_CHOICE_1 + (n)), PLACE_QUIZ, "", NULL, NULL }

enum {
    PAGES = PLACE_READING | PLACE_BENCH | PLACE_HELP | PLACE_QUIZ | PLACE_LETTER,
    LISTS = PLACE_COURSE | PLACE_OUTLINE | (PAGES & ~PLACE_BENCH),
    STEPS = PLACE_LESSON | PLACE_BENCH | PLACE_QUIZ,
};

static const struct key_binding table[] = {
    {'\r', REQUEST_OPEN, PLACE_COURSE, "Enter", "open", "open the step"},
    {TTY_KEY_RIGHT, REQUEST_OPEN, PLACE_COURSE, "Right", NULL, NULL},
    {'c', REQUEST_GO_ON, PLACE_COURSE, "c", "continue", "go on where you left off"},
    {'\r', REQUEST_OPEN, PLACE_LETTER, "Enter", "go on", "go on"},
    {'\r', REQUEST_OPEN, PLACE_QUIZ, "Enter", "answer", "answer; then the next question"},
    {'a', REQUEST_CHOICE_1, PLACE_QUIZ, "a to f", "choose", "choose an answer by its letter"},
    CHOICE(1),
    CHOICE(2),
    CHOICE(3),
    CHOICE(4),
    CHOICE(5),
    {'r', REQUEST_AGAIN, PLACE_QUIZ, "r", "again", "take the quiz again from its start"},
    {'\r', REQUEST_OPEN, PLACE_READING, "Enter", "run", "run the example that is marked with >"},
    {'r', REQUEST_OPEN, PLACE_READING, "r", NULL, NULL},
    {'\t', REQUEST_NEXT_PANE, PLACE_READING, "Tab", "example", "mark the next example"},
    {TTY_KEY_BACK_TAB, REQUEST_PREVIOUS_PANE, PLACE_READING, "Shift-Tab", NULL,
     "mark the example before"},
    {'\r', REQUEST_OPEN, PLACE_OUTLINE, "Enter", "go there", "go to the heading"},
    {'/', REQUEST_SEARCH, PLACE_READING, "/", "search", "search for words"},
    {'n', REQUEST_FIND_NEXT, PLACE_FOUND, "n", "next found", "the next place where it is found"},
    {'N', REQUEST_FIND_PREVIOUS, PLACE_FOUND, "N", NULL, "the place before where it is found"},
    {'o', REQUEST_OUTLINE, PLACE_READING | PLACE_OUTLINE, "o", "outline",
     "the headings, to go to one"},
    {'r', REQUEST_RUN, PLACE_BENCH, "r", "run", "compile, run and grade your program"},
    {'s', REQUEST_STOP, PLACE_BENCH, "s", "stop", "stop the run"},
    {'e', REQUEST_EDIT, PLACE_BENCH, "e", "edit",
     "edit your program, at the line of the selected compiler message if there is one"},
    {'f', REQUEST_RUN_FREELY, PLACE_BENCH, "f", "free run",
     "run without grading, until you stop it: try your own load and kills"},
    {'l', REQUEST_LOAD, PLACE_BENCH, "l", "load", "send 20 requests, 10 at a time"},
    {'k', REQUEST_KILL, PLACE_BENCH, "k", "kill", "kill the selected process"},
    {'n', REQUEST_NEXT_STEP, STEPS, "n", "next", "the next step"},
    {'p', REQUEST_PREVIOUS_STEP, STEPS, "p", NULL, "the step before"},
    {'\t', REQUEST_NEXT_PANE, PLACE_BENCH, "Tab", "pane", "the next pane"},
    {TTY_KEY_BACK_TAB, REQUEST_PREVIOUS_PANE, PLACE_BENCH, "Shift-Tab", NULL, "the pane before"},
    {'1', REQUEST_PANE_1, PLACE_BENCH, "1 to 7", NULL, "a pane by its number"},
    PANE(2),
    PANE(3),
    PANE(4),
    PANE(5),
    PANE(6),
    PANE(7),
    PANE(8),
    PANE(9),
    {TTY_KEY_UP, REQUEST_UP, PLACE_ALL, "Up", NULL, "up"},
    {'k', REQUEST_UP, LISTS, "k", NULL, NULL},
    {TTY_KEY_DOWN, REQUEST_DOWN, PLACE_ALL, "Down", NULL, "down"},
    {'j', REQUEST_DOWN, LISTS, "j", NULL, NULL},
    {TTY_KEY_PAGE_UP, REQUEST_PAGE_UP, PLACE_ALL, "PgUp", NULL, "a page up"},
    {CTRL('b'), REQUEST_PAGE_UP, PLACE_ALL, "Ctrl-B", NULL, NULL},
    {' ', REQUEST_PAGE_DOWN, PAGES, "Space", "page", "a page down"},
    {TTY_KEY_PAGE_DOWN, REQUEST_PAGE_DOWN, PLACE_ALL, "PgDn", NULL, NULL},
    {CTRL('f'), REQUEST_PAGE_DOWN, PLACE_ALL, "Ctrl-F", NULL, NULL},
    {'g', REQUEST_TOP, PLACE_ALL, "g", NULL, "to the start"},
    {TTY_KEY_HOME, REQUEST_TOP, PLACE_ALL, "Home", NULL, NULL},
    {'G', REQUEST_BOTTOM, PLACE_ALL, "G", NULL, "to the end"},
    {TTY_KEY_END, REQUEST_BOTTOM, PLACE_ALL, "End", NULL, NULL},
    {TTY_KEY_ESCAPE, REQUEST_BACK, PAGES | PLACE_OUTLINE, "Esc", "back", "back"},
    {TTY_KEY_LEFT, REQUEST_BACK, PLACE_READING | PLACE_OUTLINE, "Left", NULL, NULL},
    {'?', REQUEST_HELP, PLACE_ALL, "?", "help", "this help"},
    {TTY_KEY_F1, REQUEST_HELP, PLACE_ALL, "F1", NULL, NULL},
    {CTRL('l'), REQUEST_REPAINT, PLACE_ALL, "Ctrl-L", NULL, "draw the screen again"},
    {CTRL('z'), REQUEST_SUSPEND, PLACE_ALL, "Ctrl-Z", NULL, "back to the shell; fg returns"},
    {'q', REQUEST_BACK, PLACE_HELP, "q", NULL, NULL},
    {'q', REQUEST_QUIT, PLACE_SCREENS, "q", "quit", "quit; asks first while something runs"},
    {CTRL('c'), REQUEST_QUIT, PLACE_ALL, "Ctrl-C", NULL, NULL},
    {'y', REQUEST_YES, PLACE_QUESTION, "y", "yes", NULL},
    {'Y', REQUEST_YES, PLACE_QUESTION, "Y", NULL, NULL},
    {'n', REQUEST_NO, PLACE_QUESTION, "n", "no", NULL},
    {TTY_KEY_ESCAPE, REQUEST_NO, PLACE_QUESTION, "Esc", NULL, NULL},
};

enum request keys_request(enum place place, int key) {
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].key == key && table[i].places & place)
            return table[i].request;
    return REQUEST_NONE;
}

const struct key_binding *keys_table(size_t *count) {
    *count = sizeof table / sizeof table[0];
    return table;
}
