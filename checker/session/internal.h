/* What the files of the session share.
 *
 *     session.c    a run from its first event to its verdict
 *     compile.c    the build, in a box of its own
 *     command.c    what is started
 *     run.c    the program in its box: starting, limits, the scenario, ending
 *     control.c    steps from the person at the keyboard
 *     ending.c     why a run ends
 *     diagnose.c   where a process has crashed
 *     replay.c     a saved log
 */
#ifndef BRIGADE_SESSION_INTERNAL_H
#define BRIGADE_SESSION_INTERNAL_H

#include <stdint.h>

#include "base/loop.h"
#include "build/build.h"
#include "drive/drive.h"
#include "exercise/exercise.h"
#include "grade/grade.h"
#include "proto/event.h"
#include "proto/outcome.h"
#include "proto/reader.h"
#include "proto/result.h"
#include "sandbox/box.h"
#include "session/command.h"
#include "session/log.h"
#include "session/program_stdio.h"
#include "session/session.h"
#include "trace/trace.h"

struct session {
    const struct session_options *options;
    struct loop *loop;
    struct log *log;
    struct exercise *exercise;
    const struct language *language;
    struct command command;
    struct grade *grade;
    struct result_builder *builder;
    struct report *report;
    int keep_fd;
    int64_t began_ns;

    /* the run, in run.c */
    struct build build;
    struct program_stdio stdio;
    struct box *box;
    struct trace *trace;
    struct drive *drive;
    struct reader control;
    int wall_timer, look_timer;
    int64_t run_began_ns;                     /* real time */
    int64_t waited_before_ns, used_before_ns; /* share_waited_ns and share_used_ns then */
    int quiet_looks;   /* in a row that found the program waiting for itself, or for the driver */
    bool started, over, scenario_done;
    bool sanitized;       /* the second run, in diagnose.c */
    int64_t wall_most_ms; /* then: less than the exercise allows; 0: as much */
    json_t *own;          /* pid of each process that runs what was built -> true */
    int crash_pid;        /* the first of them that died of a fault of its own; 0: none */
    char crash_signal[16];
    int64_t ended_ns, wall_ms; /* the program's own time when it ended, and the real time that the run took */
    int first_pid, first_status;
    size_t next_case; /* of the exercise's, that the first process will start */

    /* how it ended */
    enum outcome outcome;
    char detail[ERR_TEXT_SIZE];
    json_t *waits; /* of a deadlock */
};

static inline void session_emit(struct session *session, json_t *event) {
    log_emit(session->log, event);
}

/* compile.c: a build_runner_fn, ctx is the session */
int compile_run(void *ctx, const struct build_command *command, struct build_outcome *outcome,
                struct err *err);

/* run.c */
int run_program(struct session *session, struct err *err);

/* ending.c: ends the run; the first call decides. */
void run_end(struct session *session, enum outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* diagnose.c */
void diagnose_observe(struct session *session, const json_t *event); /* each of the tracer's */
void diagnose_crash(struct session *session); /* tells of it by a `crash` event */

/* control.c */
void control_start(struct session *session);
void control_stop(struct session *session);

#endif
