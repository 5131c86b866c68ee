/* One run of one submission, from sources to verdict: the only place that knows the order build, box, trace, drive,
 * grade, and the only one where those meet.
 *
 *     struct session_options options = {.exercise = "stats", .dir = "."};
 *     json_t *result = session_run(&options, report, &err);    // NULL: a usage or manifest error, err told
 *
 * Everything the run started is gone when it returns. SIGINT, SIGTERM and SIGHUP end it early, with a result.
 */
#ifndef BRIGADE_SESSION_SESSION_H
#define BRIGADE_SESSION_SESSION_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "report/report.h"

struct exercise;

struct session_options {
    const char *exercise;
    const char *dir;
    const char *keep_log; /* a file for every event, or NULL */
    bool live;            /* sample what processes do, for a live view */
    bool control;         /* take steps from stdin, one JSON object a line; {"do":"stop"} ends the run */
    bool real_clock;      /* the program lives in the machine's time, else in a virtual one */
    bool paced_clock;     /* the virtual one, which goes as the machine's and jumps at {"do":"skip"} only */
    bool free_run;        /* no scenario and no grading: runs until it is stopped */
};

json_t *session_run(const struct session_options *options, struct report *report, struct err *err);

/* Builds and runs one file with these arguments (ended by NULL), to its end or until it is stopped: nothing is asked
 * of it and nothing is graded. `exercise` and `dir` of the options are not looked at. */
json_t *session_watch(const struct session_options *options, const char *path,
                      const char *const *args, struct report *report, struct err *err);

/* Grades a saved log again, by the exercise it names or by `exercise`. NULL with err told when it is no log or its
 * exercise is not there. */
json_t *session_replay(const char *log_path, const char *exercise, struct report *report,
                       struct err *err);

/* Whether the scenario's steps and the checks of a loaded exercise can be used: 0, or -EINVAL with the place told. */
int session_check_exercise(const struct exercise *exercise, struct err *err);

#endif
