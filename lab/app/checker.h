/* The checker as a child: brigade-check started for one run, its events read, told what the student wants.
 *
 *     struct checker *checker = checker_start(loop, &job, &ops, ctx, &err);
 *     checker_say(checker, json_pack("{s:s, s:i}", "do", "kill", "pid", 12));
 *     checker_stop(checker);       // asks; insists after a while
 *     ... ops.ended is called, once ...
 *     checker_free(checker);       // kills what still runs
 *
 * It dies with the lab. A checker that crashes or talks nonsense is told through ops, and nothing else
 * happens to the lab.
 */
#ifndef BRIGADE_APP_CHECKER_H
#define BRIGADE_APP_CHECKER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"

struct checker;

struct checker_job {
    const char *program, *exercise, *dir;
    bool free_run;  /* no scenario, no grading */
    char **example; /* instead of an exercise: a file to watch, and its arguments, ended by NULL */
};

struct checker_ops {                               /* all required */
    void (*event)(void *ctx, const json_t *event); /* valid by the table of proto/event.h */
    void (*nonsense)(void *ctx, const char *words);
    void (*refused)(void *ctx, const char *words); /* a step that it was told to take */
    /* wait_status as from wait(2); words: how it ended and its last lines on stderr */
    void (*ended)(void *ctx, int wait_status, const char *words);
};

struct checker *checker_start(struct loop *loop, const struct checker_job *job,
                              const struct checker_ops *ops, void *ctx, struct err *err);
void checker_say(struct checker *checker, json_t *message); /* takes the message */
void checker_stop(struct checker *checker);
void checker_free(struct checker *checker); /* NULL allowed */

#endif
