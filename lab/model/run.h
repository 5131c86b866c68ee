/* A run at a moment, as its events have told of it until then: processes, checks, counts, how it ended. What
 * was said and done on the way is history.h's. Bounded in memory; feeding it is all that changes it.
 *
 *     struct run *run = run_new();
 *     run_apply(run, record, NULL);     // every event, in order; unknown ones are ignored
 *     run_nonsense(run, "line 3: ...")  // what was no event
 *     struct run *then = run_clone(run);
 *     run_free(run);
 *
 * Every text in it is printable (base/text.h): what a learner's program wrote can be drawn as it is.
 */
#ifndef BRIGADE_MODEL_RUN_H
#define BRIGADE_MODEL_RUN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/process.h"
#include "model/record.h"

enum {
    RUN_TEXT_MAX = 600, /* bytes of a compiler message that are kept */
    RUN_DIAGNOSTICS_MAX = 200,
    RUN_CHECKS_MAX = 64,
    RUN_SHOWN_BY_MAX = 64, /* events that a check names */
};

enum run_phase {
    RUN_EMPTY, /* nothing came yet */
    RUN_BUILDING,
    RUN_GOING,
    RUN_ENDED,  /* the program's end; checks may follow */
    RUN_JUDGED, /* the verdict is there */
};

struct run_diagnostic {
    char *severity, *file, *text;
    int line, column;
};

enum check_status { CHECK_WAITING, CHECK_PASSED, CHECK_FAILED, CHECK_SKIPPED, CHECK_ERROR };

struct run_check {
    char *id, *title;
    enum check_status status;
    bool final; /* else it may still change */
    double score, max_score;
    char *message, *expected, *actual, *hint; /* NULL: none */
    uint32_t *shown_by;                       /* seq of the events that show it */
    size_t shown_by_count;
};

struct run {
    enum run_phase phase;
    char *exercise, *title, *clock, *box;
    int64_t now_ns; /* the program's own time: of the newest event, or of run_pass_to */
    uint64_t events, nonsense;
    char *nonsense_words; /* the first */

    bool build_done, build_ok;
    int64_t build_ms;
    char *build_output;

    struct processes processes;
    int64_t requests, answers, unanswered;
    char *step;    /* what the scenario is doing, "" if nothing */
    char *trouble; /* `error` events: a fault of ours or of the machine; NULL: none */

    struct run_diagnostic diagnostics[RUN_DIAGNOSTICS_MAX];
    size_t diagnostic_count, diagnostics_left_out, errors; /* errors: of the diagnostics */
    struct run_check checks[RUN_CHECKS_MAX];
    size_t check_count;

    char *outcome, *outcome_detail; /* NULL until the end */
    char *verdict;                  /* passed, failed or error; NULL until judged */
    double score, max_score;
    int64_t virtual_ms, wall_ms;
};

struct run *run_new(void);
void run_free(struct run *run); /* NULL allowed */

struct run *run_clone(const struct run *run);

/* `event`: what the record was made from, if it is at hand; it saves reading it again. */
void run_apply(struct run *run, const struct record *record, const json_t *event);
void run_nonsense(struct run *run, const char *words);

/* The program's time has gone on without an event, as it does by the real clock; never back. */
void run_pass_to(struct run *run, int64_t t_ns);

/* A check before any event: so that the list is there from the start. Known ids are ignored. */
void run_expect_check(struct run *run, const char *id, const char *title, double max_score);

bool run_was_stopped(
    const struct run *run); /* by the student: nothing is graded then, and nothing wrong */
size_t run_checks_with(const struct run *run, enum check_status status);
const char *check_status_name(enum check_status status);

#endif
