/* The kinds of steps: what each needs, how it begins, when it is over. A table in steps.c holds them; what
 * a wait step may wait for is in waits.h, the members of each kind in options.h.
 *
 *     struct running *running = step_new(stage, step, id, by_user);
 *     step_begin(running);
 *     step_observe(running, event);          // every event while it runs
 *     step_turn(running);                    // sets `over` once it is
 *     step_time(running);                    // its deadline has come
 *     step_free(running);
 */
#ifndef BRIGADE_DRIVE_STEPS_H
#define BRIGADE_DRIVE_STEPS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "drive/client.h"
#include "drive/drive.h"
#include "drive/roster.h"

struct stage { /* what all steps share */
    const struct exercise *exercise;
    const struct drive_ops *ops;
    void *ctx;
    struct roster roster;
    struct client *client;
    int holds;      /* loads under way that hold accepts */
    int background; /* loads under way that the scenario does not wait for */
    bool ended;     /* the run is over: no more calls of ops */
};

struct tally { /* of one worker */
    int pid;
    int64_t count;
};

struct wait_kind;
struct step_kind;

struct running { /* a step under way */
    struct stage *stage;
    const struct step_kind *kind;
    json_t *step; /* ours */
    char *id;
    bool by_user, required;
    int64_t begun_ns, deadline_ns; /* -1: none */
    bool over, met;
    struct buf why;
    int pid;                      /* whom it concerns, 0: nobody */
    const struct wait_kind *wait; /* the condition of a wait step */
    struct tally *tallies;        /* of a wait for messages: since it began; of a load: before it */
    size_t tally_count;
    int signal;
    struct load load;
    bool in_background;
    bool holds, pauses; /* of the load: accepts are held; the next round is to come */
};

struct step_kind {
    const char *name;
    void (*begin)(struct running *running);
    void (*observe)(struct running *running, const json_t *event); /* may be NULL */
    void (*turn)(struct running *running);                         /* may be NULL */
    void (*time)(struct running *running);
    void (*idle)(struct running *running); /* the program waits for nothing but us; may be NULL */
    void (*release)(struct running *running); /* may be NULL */
};

struct running *step_new(struct stage *stage, const json_t *step, const char *id, bool by_user);
void step_free(struct running *running);
void step_begin(struct running *running);
void step_observe(struct running *running, const json_t *event);
void step_turn(struct running *running);
void step_time(struct running *running);
void step_idle(struct running *running);
bool step_waits(const struct running *running); /* for the program, not for a time or a load */
bool step_acts(const struct running *running);  /* it will do something itself, at its deadline */

void step_end(struct running *running, bool met, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Options of the step: an integer, a text (NULL: absent), whether something is true. */
int64_t step_option(const struct running *running, const char *name, int64_t fallback);
const char *step_text(const struct running *running, const char *name);
bool step_flag(const struct running *running, const char *name);

json_t *step_begin_event(const struct running *running);
json_t *step_end_event(const struct running *running);

#endif
