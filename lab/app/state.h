/* What the parts of the app share: everything that the lab is at a moment. Only lab/app sees it. */
#ifndef BRIGADE_APP_STATE_H
#define BRIGADE_APP_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/app.h"
#include "app/checker.h"
#include "base/loop.h"
#include "model/course.h"
#include "model/example.h"
#include "model/film.h"
#include "model/progress.h"
#include "model/task.h"
#include "model/workspace.h"
#include "proto/reader.h"
#include "term/keeper.h"
#include "term/tty.h"
#include "ui/prompt.h"
#include "views/bench.h"
#include "views/course_view.h"
#include "views/lesson_view.h"
#include "views/menu_view.h"
#include "views/quiz_view.h"
#include "views/solutions_view.h"

struct page { /* help or a letter: text and where one is in it */
    struct buf text;
    struct lines lines;
    int columns; /* laid out for */
    struct scroll scroll;
};

struct kept_quiz {     /* left half done: it goes on there */
    struct quiz *quiz; /* NULL: none */
    struct quiz_round *round;
};

struct app;
typedef void app_asked_fn(struct app *app, const char *text);

struct app {
    const struct app_options *options;
    struct loop *loop;
    struct keeper *keeper;
    struct tty *tty;
    struct targets targets; /* of the frame that is shown */
    int exit_code;

    /* the screen */
    enum place place;
    bool in_help; /* over the place */
    int frame_timer, signal_fd;
    bool frame_due;
    int64_t last_frame_ns;
    char *notice;          /* shown until the next key; NULL: none */
    struct prompt prompt;  /* a line is asked for */
    app_asked_fn *asked;   /* and who wants it */
    enum request question; /* what a yes would do; REQUEST_NONE: nothing is asked */
    pid_t editor;          /* > 0: the terminal is its */
    bool vi_told;          /* how one leaves it */
    bool suspended;

    /* the course */
    char *workspace_folder;
    struct course *course;
    struct progress *progress;
    struct course_view course_view;
    size_t step;  /* the open one */
    size_t named; /* so many steps were described */
    int name_timer;
    struct page help, letter;
    bool letter_opens; /* Enter goes to the first step, not to the map */
    struct lesson_view lesson;
    int place_timer;        /* + 1; keeps the place in the lesson; 0: not made yet */
    struct example example; /* of the lesson, on the bench; words NULL: none */
    struct quiz *quiz;      /* NULL: none is open */
    struct quiz_view quiz_view;
    size_t quiz_step;               /* which one is open */
    struct kept_quiz *kept_quizzes; /* one for each step; NULL: no quiz was opened yet */

    /* the exercise */
    struct exercise *exercise;
    struct workspace workspace;
    char *source, *task;
    char *before; /* what came of it before; NULL: nothing */
    struct task task_parts;
    struct solutions_view solutions;
    struct comparison *comparison; /* a diff that is waited for; NULL: none */
    int watch_fd, watch_timer;     /* saves are checked; -1: they are not */
    bool saved;                    /* while a run went on: the next follows it */
    struct bench bench;
    struct film *film;
    int play_timer; /* winds it on while it plays */
    int64_t played_ns;
    enum pane played_focus;          /* when the verdict began to be played */
    int load_requests, load_at_once; /* as asked for last */
    struct menu menu;
    struct run *run;            /* the film's latest */
    struct checker *checker;    /* NULL: nothing runs */
    int tick_timer;             /* moves the time on while it runs */
    int64_t event_ns, heard_ns; /* of the newest event: the program's time, and ours */
    enum request when_ended;    /* REQUEST_QUIT or REQUEST_BACK as soon as it has ended, or NONE */
    char *checker_died;
    int log_fd, log_timer;
    struct reader *log_reader;
};

/* What app_run is made of: made, started (the terminal opened, the first step, too), and ended in good order. */
struct app *app_new(const struct app_options *options, struct keeper *keeper);
int app_start(struct app *app, struct err *err);
int app_end(struct app *app); /* frees it; the exit code */

enum { FRAME_MS = 16 }; /* at least between two frames */

/* Something changed: a frame follows soon. */
void app_changed(struct app *app);
void app_notice(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Asks for a line of text at the bottom; `asked` gets it, unless the student thinks better of it. */
void app_ask(struct app *app, const char *label, const char *text, app_asked_fn *asked);
void app_ask_number(struct app *app, const char *label, const char *text, app_asked_fn *asked);
void app_request(struct app *app, enum request request); /* as if its key had been pressed */
void app_keys(void *app, int fd, uint32_t epoll_events); /* the terminal has keys: a loop_fd_fn */

#endif
