/* The driver: plays the scenario of an exercise against the program, step by step, and carries its own
 * HTTP client. It learns what the program does from the events, never from the program.
 *
 *     struct drive *drive = drive_new(loop, exercise, &ops, ctx);
 *     drive_start(drive);
 *     drive_observe(drive, event);      // every event of the run, its own included, in order
 *     drive_inject(drive, step);        // a step from the person at the keyboard, beside the scenario
 *     drive_time(drive);                // called at drive_deadline_ns
 *     drive_free(drive);
 *
 * Time: `ops.now_ns` is the program's own time (real or virtual), as in events; deadlines are in it. The
 * session calls drive_time when the moment has come, so a virtual clock can jump to it.
 */
#ifndef BRIGADE_DRIVE_DRIVE_H
#define BRIGADE_DRIVE_DRIVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "exercise/exercise.h"
#include "proto/fault.h"

struct drive;

struct drive_ops { /* all required */
    int64_t (*now_ns)(void *ctx);
    /* a fresh non-blocking TCP socket in the box's network, or -errno */
    int (*tcp_socket)(void *ctx, struct err *err);
    /* a socket for sock_diag(7) questions about the box's network, or -errno */
    int (*diag_socket)(void *ctx, struct err *err);
    /* sends a signal to a process of the program, by the pid it sees itself; 0 or -errno. The tracer
     * emits the signal event. */
    int (*signal)(void *ctx, int pid, int signal);
    /* Arms a fault (proto/fault.h); 0 or -errno. The tracer emits the fault events. */
    int (*fault)(void *ctx, const struct fault *fault);
    /* From now on a process, other than the program's first, that has just accepted a connection is held
     * back until `processes` different ones have accepted (bounded by the tracer), so that sharing does not
     * hang on chance. 0: no holding, and those held go on. */
    void (*hold_accepts)(void *ctx, int processes);
    void (*emit)(void *ctx,
                 json_t *event); /* takes the event; it comes back through drive_observe */
    void (*deadline)(void *ctx); /* drive_deadline_ns may have changed */
    void (*done)(void *ctx);     /* the scenario is at its end */
};

struct drive *drive_new(struct loop *loop, const struct exercise *exercise,
                        const struct drive_ops *ops, void *ctx);
void drive_free(struct drive *drive); /* closes every connection; NULL allowed */

void drive_start(struct drive *drive);      /* plays the scenario */
void drive_start_free(struct drive *drive); /* no scenario: only injected steps, never done */
void drive_observe(struct drive *drive, const json_t *event);
int drive_inject(struct drive *drive, const json_t *step, struct err *err); /* -EINVAL: told */
int64_t drive_deadline_ns(const struct drive *drive);                       /* -1: none */
void drive_time(struct drive *drive);

/* The program waits and nothing but the driver can wake it (idle without a deadline): a wait step that hopes
 * for more from it ends now, unmet. Returns whether the driver has anything of its own under way. */
bool drive_program_idle(struct drive *drive);

/* The program's first process has ended: whether the scenario goes on all the same, because it asked for that end by a
 * signal and waits for it, now or later. */
bool drive_outlives_program(const struct drive *drive);

/* Whether the last signal of ours that was to end this process came from the person at the keyboard. */
bool drive_struck_by_user(const struct drive *drive, int pid);

/* Whether a step waits for the program alone, with no request of ours in flight. */
bool drive_is_waiting(const struct drive *drive);

/* Whether bytes of ours, or of an answer to us, or the opening or closing of a connection, are on their way in the
 * network right now: then the program is not idle, whatever its processes do. */
bool drive_in_flight(struct drive *drive);

/* Checks a step of a manifest or a control message: 0, or -EINVAL with the member and the remedy. */
int drive_step_check(const json_t *step, struct err *err);

#endif
