/* The workbench of an exercise: its task beside the panes that show a run.
 *
 *     bench.film = film; bench.task = text; ...      // borrowed, set by the app
 *     bench_draw(&screen_body, &bench);
 *     bench_move(&bench, request);                    // keys that move or choose a pane
 *
 * A pane is a row of the table in bench.c: a name and how to draw it. Where panes stand is layout.h's.
 */
#ifndef BRIGADE_VIEWS_BENCH_H
#define BRIGADE_VIEWS_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#include "model/film.h"
#include "model/listing.h"
#include "model/source_place.h"
#include "text/lines.h"
#include "ui/canvas.h"
#include "ui/scroll.h"
#include "views/timeline_view.h"

enum pane {
    PANE_TASK,
    PANE_PROCESSES,
    PANE_COUNTS,
    PANE_MESSAGES,
    PANE_OUTPUT,
    PANE_CHECKS,
    PANE_PROBLEMS,
    PANE_COUNT
};

enum bench_state { BENCH_IDLE, BENCH_RUNNING, BENCH_STOPPING, BENCH_LOG };

struct find {    /* a search in a pane */
    char *words; /* NULL: none */
    enum pane pane;
    size_t item; /* the row found, as bench_is_match wants it */
    bool found;
};

struct bench {
    const struct film *film; /* never NULL */
    enum bench_state state;
    bool free_run;            /* the run is not graded */
    bool is_example;          /* of a lesson: there are no checks */
    bool shows_verdict;       /* a graded run is played back: the checks are shown as judged */
    const char *source;       /* the file to edit, "app.c" */
    const char *task;         /* Markdown; "" if there is none */
    const char *before;       /* what came of the exercise before; NULL: it was never tried */
    const char *checker_died; /* words and its last lines on stderr; NULL while all is well */
    enum pane focus;
    struct scroll scrolls[PANE_COUNT];
    struct scroll detail; /* of the selected check */
    int selected_pid;     /* 0: none */
    bool only;            /* the panes show what concerns the selected process alone */
    struct listing messages, lines;
    struct find find;
    bool in_timeline; /* it stands in place of the panes */
    struct timeline_view timeline;
    bool has_room;           /* as of the last drawing: more than one pane at a time */
    struct lines task_lines; /* laid out for task_columns */
    int task_columns;
};

void bench_init(struct bench *bench);
void bench_release(struct bench *bench);

void bench_draw(const struct canvas *body, struct bench *bench);

/* Moves within the pane in focus, or to another pane; returns whether the request was one of those. */
bool bench_move(struct bench *bench, enum request request);

/* After a run began, and after its verdict: what the student wants to look at now. */
void bench_run_began(struct bench *bench);
void bench_run_ended(struct bench *bench);

/* The worker that a kill would hit: the selected process if it lives; 0 if there is none. */
int bench_victim(const struct bench *bench);

/* The compiler message to go to when editing; NULL if there is none. */
const struct run_diagnostic *bench_diagnostic(const struct bench *bench);

/* The header's right: "running  12.4 s   4 of 9 checks pass". */
enum role bench_state_words(const struct bench *bench, char *words, size_t size);

/* The line to go to when editing: of the selected compiler message, or the one that the selected check names. */
bool bench_place(const struct bench *bench, struct source_place *place);

bool bench_crash_place(const struct run *run, struct source_place *place);
bool bench_check_place(const struct run_check *check, struct source_place *place);

bool bench_has_problems(const struct bench *bench);

/* The process that the panes are about; 0: all of them. */
int bench_only(const struct bench *bench);

/* Searches in the pane in focus from where it stands, forward (by > 0) or back; NULL: for the same words as
 * before. False if the words are nowhere, or the pane is no list. */
bool bench_find(struct bench *bench, const char *words, int by);
void bench_find_words(struct bench *bench,
                      const char *words); /* what is searched for; NULL: as before */
bool bench_is_match(const struct bench *bench, enum pane pane, size_t item);

/* The check chosen on the pane of checks; NULL if there is none. */
const struct run_check *bench_check(const struct bench *bench);

/* The run that the checks are told from: the moment that is shown, or the verdict. */
const struct run *bench_judged(const struct bench *bench);

#endif
