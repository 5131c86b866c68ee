#include "ui/keys.h"

#include "term/tty.h"

#define CTRL(letter) ((letter)&0x1f)
#define PANE(n)                                                                                    \
    { '0' + (n), (enum request)(REQUEST_PANE_1 + (n)-1), RUNS, #n, NULL, NULL }

#define CHOICE(n)                                                                                  \
    { 'a' + (n), (enum request)(REQUEST_CHOICE_1 + (n)), PLACE_QUIZ, "", NULL, NULL }

enum {
    PAGES = PLACE_READING | PLACE_SOLUTIONS | PLACE_BENCH | PLACE_HELP | PLACE_QUIZ | PLACE_LETTER,
    LISTS = PLACE_COURSE | PLACE_OUTLINE | (PAGES & ~PLACE_BENCH),
    RUNS = PLACE_BENCH | PLACE_TIMELINE,
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
    {'n', REQUEST_FIND_NEXT, PLACE_FOUND | PLACE_MATCH, "n", "next found",
     "the next place where it is found"},
    {'\t', REQUEST_NEXT_PANE, PLACE_READING, "Tab", "example", "mark the next example"},
    {TTY_KEY_BACK_TAB, REQUEST_PREVIOUS_PANE, PLACE_READING, "Shift-Tab", NULL,
     "mark the example before"},
    {'\r', REQUEST_OPEN, PLACE_OUTLINE, "Enter", "go there", "go to the heading"},
    {'/', REQUEST_SEARCH, PLACE_READING | PLACE_COURSE, "/", "search", "search for words"},
    {'N', REQUEST_FIND_PREVIOUS, PLACE_FOUND | PLACE_MATCH, "N", NULL,
     "the place before where it is found"},
    {'o', REQUEST_OUTLINE, PLACE_READING | PLACE_OUTLINE, "o", "outline",
     "the headings, to go to one"},
    {'m', REQUEST_NEXT_MESSAGE, PLACE_TIMELINE, "m", "message", "the next message"},
    {'M', REQUEST_PREVIOUS_MESSAGE, PLACE_TIMELINE, "M", NULL, "the message before"},
    {'d', REQUEST_NEXT_DEATH, PLACE_TIMELINE, "d", "death", "the next death"},
    {'D', REQUEST_PREVIOUS_DEATH, PLACE_TIMELINE, "D", NULL, "the death before"},
    {'c', REQUEST_NEXT_FAILED, PLACE_TIMELINE, "c", "failed check", "the next failed check"},
    {'C', REQUEST_PREVIOUS_FAILED, PLACE_TIMELINE, "C", NULL, "the failed check before"},
    {'b', REQUEST_NEXT_BIRTH, PLACE_TIMELINE, "b", NULL, "the next birth: a fork"},
    {'B', REQUEST_PREVIOUS_BIRTH, PLACE_TIMELINE, "B", NULL, "the birth before"},
    {'r', REQUEST_RUN, RUNS, "r", "run", "compile, run and grade your program"},
    {'s', REQUEST_STOP, RUNS, "s", "stop", "stop the run"},
    {'e', REQUEST_EDIT, RUNS, "e", "edit",
     "edit your program, at the line of the selected compiler message, check or crash"},
    {'w', REQUEST_WATCH, PLACE_BENCH, "w", "watch",
     "check at every save, whatever editor made it; w again ends that"},
    {'h', REQUEST_HINT, PLACE_BENCH, "h", "hint", "the next hint, below the task"},
    {'f', REQUEST_RUN_FREELY, RUNS, "f", "free run",
     "run without grading, until you stop it: try your own load and kills; while it runs, on to "
     "the next deadline"},
    {'l', REQUEST_LOAD, RUNS, "l", "load", "send requests: asks how many, and how many at once"},
    {'k', REQUEST_KILL, RUNS, "k", "kill", "kill the selected process"},
    {'z', REQUEST_FREEZE, RUNS, "z", "freeze",
     "stop the selected process (SIGSTOP), or let it go on"},
    {'x', REQUEST_FAULTS, RUNS, "x", "fault", "bring a rare fault about, from a menu"},
    {'t', REQUEST_TIMELINE, RUNS, "t", "timeline",
     "the run as a diagram; from a failed check, what shows it"},
    {' ', REQUEST_PLAY, RUNS, "Space", "play", "play the run, or pause"},
    {',', REQUEST_STEP_BACK, RUNS, ",", NULL, "an event back"},
    {'.', REQUEST_STEP_ON, RUNS, ".", NULL, "an event on"},
    {'[', REQUEST_SLOWER, RUNS, "[", NULL, "play slower"},
    {'<', REQUEST_SLOWER, RUNS, "<", NULL, NULL},
    {']', REQUEST_FASTER, RUNS, "]", NULL, "play faster"},
    {'>', REQUEST_FASTER, RUNS, ">", NULL, NULL},
    {TTY_KEY_HOME, REQUEST_FIRST_MOMENT, RUNS, "Home", NULL, "the first moment of the run"},
    {TTY_KEY_END, REQUEST_LAST_MOMENT, RUNS, "End", NULL,
     "the last one; a run that goes on is followed"},
    {'o', REQUEST_ONLY, RUNS, "o", "only", "on every pane only what concerns the selected process"},
    {'\r', REQUEST_OPEN, PLACE_BENCH, "Enter", NULL,
     "on a process: as o; on a check: the timeline, with what shows it"},
    {'\r', REQUEST_OPEN, PLACE_TIMELINE, "Enter", NULL, "on a failed check: what shows it"},
    {'/', REQUEST_SEARCH, RUNS, "/", "search", "search in the pane"},
    {'n', REQUEST_FIND_NEXT, PLACE_TIMELINE, "n", NULL,
     "the next place with the words searched for, else the next event that is marked"},
    {'N', REQUEST_FIND_PREVIOUS, PLACE_TIMELINE, "N", NULL, "the one before"},
    {'+', REQUEST_ZOOM_IN, PLACE_TIMELINE, "+", "unfold", "unfold requests, then every event"},
    {'=', REQUEST_ZOOM_IN, PLACE_TIMELINE, "=", NULL, NULL},
    {'-', REQUEST_ZOOM_OUT, PLACE_TIMELINE, "-", "fold", "fold them again"},
    {TTY_KEY_LEFT, REQUEST_LANE_LEFT, PLACE_TIMELINE, "Left", NULL, "the process to the left"},
    {TTY_KEY_RIGHT, REQUEST_LANE_RIGHT, PLACE_TIMELINE, "Right", NULL, "the process to the right"},
    {'S', REQUEST_SOLUTIONS, PLACE_BENCH, "S", "solutions",
     "once passed: the solutions, each beside yours"},
    {'R', REQUEST_RESET, PLACE_BENCH, "R", NULL,
     "put the starter back; asks first, and keeps what you had"},
    {'n', REQUEST_NEXT_STEP, STEPS, "n", "next", "the next step"},
    {'p', REQUEST_PREVIOUS_STEP, STEPS, "p", NULL, "the step before"},
    {'\t', REQUEST_NEXT_PANE, PLACE_BENCH, "Tab", "pane", "the next pane"},
    {TTY_KEY_BACK_TAB, REQUEST_PREVIOUS_PANE, PLACE_BENCH, "Shift-Tab", NULL, "the pane before"},
    {'1', REQUEST_PANE_1, RUNS, "1 to 7", NULL, "a pane by its number"},
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
    {' ', REQUEST_PAGE_DOWN, PAGES & ~PLACE_BENCH, "Space", "page", "a page down"},
    {TTY_KEY_PAGE_DOWN, REQUEST_PAGE_DOWN, PLACE_ALL, "PgDn", NULL, NULL},
    {CTRL('f'), REQUEST_PAGE_DOWN, PLACE_ALL, "Ctrl-F", NULL, NULL},
    {'g', REQUEST_TOP, PLACE_ALL, "g", NULL, "to the start"},
    {TTY_KEY_HOME, REQUEST_TOP, PLACE_ALL & ~RUNS, "Home", NULL, NULL},
    {'G', REQUEST_BOTTOM, PLACE_ALL, "G", NULL, "to the end"},
    {TTY_KEY_END, REQUEST_BOTTOM, PLACE_ALL & ~RUNS, "End", NULL, NULL},
    {TTY_KEY_ESCAPE, REQUEST_BACK, PAGES | PLACE_OUTLINE | PLACE_TIMELINE, "Esc", "back", "back"},
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
    {TTY_KEY_UP, REQUEST_UP, PLACE_MENU, "Up", NULL, "up"},
    {TTY_KEY_DOWN, REQUEST_DOWN, PLACE_MENU, "Down", NULL, "down"},
    {'k', REQUEST_UP, PLACE_MENU, "k", NULL, NULL},
    {'j', REQUEST_DOWN, PLACE_MENU, "j", NULL, NULL},
    {'\r', REQUEST_OPEN, PLACE_MENU, "Enter", "do it", "bring it about"},
    {TTY_KEY_ESCAPE, REQUEST_BACK, PLACE_MENU, "Esc", "back", "back"},
    {'q', REQUEST_BACK, PLACE_MENU, "q", NULL, NULL},
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

const struct keys_place *keys_places(size_t *count) {
    static const struct keys_place places[] = {
        {PLACE_COURSE, "The course map"},
        {PLACE_LESSON, "A lesson"},
        {PLACE_FOUND, "A lesson, while words are searched for"},
        {PLACE_OUTLINE, "The outline of a lesson"},
        {PLACE_QUIZ, "A quiz"},
        {PLACE_BENCH, "An exercise"},
        {PLACE_MATCH, "An exercise, while words are searched for"},
        {PLACE_TIMELINE, "The timeline of a run"},
        {PLACE_MENU, "A menu"},
        {PLACE_SOLUTIONS, "The solutions of an exercise"},
    };
    *count = sizeof places / sizeof places[0];
    return places;
}
