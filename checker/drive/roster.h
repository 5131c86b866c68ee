/* What the driver knows of the program, gathered from events alone: who lives, who is whose child, who
 * listens, who serves.
 *
 *     struct roster roster;
 *     roster_init(&roster, cpus, port);
 *     roster_observe(&roster, event);         // every event, in order
 *     int master = roster_master(&roster);
 *     roster_release(&roster);
 *
 * The master is the program's first process or, where that one has no child that serves or reports and only one
 * child below which anybody does (a shell that starts the program, for one), that child, and so on. A worker is a
 * live direct child of the master; what a worker's own child processes do counts as the worker's doing. checker/grade
 * sees it the same way.
 */
#ifndef BRIGADE_DRIVE_ROSTER_H
#define BRIGADE_DRIVE_ROSTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct process {
    int pid;
    int parent;   /* now; an orphan's changes */
    int born_of;  /* at its birth */
    size_t birth; /* 1 for the first process seen, then counted on */
    bool alive;
    bool reaped;
    bool listens;   /* it called listen itself */
    bool serves;    /* it wrote to a connection, or sent its parent a message */
    int lab_signal; /* the last signal of ours, 0: none */
    size_t ended;   /* when, counted in ends; 0: it has not */
    bool struck_by_user;
    int exit_code;  /* -1: ended by exit_signal */
    char exit_signal[16];
    size_t answers;  /* its own and its descendants' whole answers */
    size_t children; /* alive, born of it */
    size_t servants; /* born of it, alive or not, that serve */
    size_t houses;   /* born of it, that serve or below which somebody does */
    bool is_house;   /* counted as one at its parent */
};

struct roster {                /* visible, because the driver places it */
    struct process *processes; /* in order of birth; the dead stay */
    size_t count, capacity;
    int cpus, port;
    bool listening; /* somebody listens on the port (any port, where the exercise names none) */
    int64_t least_backlog; /* of those who listen there; 0: nobody */
    int master;            /* 0: nobody was born yet */
    int wrong_port;        /* the last other port that somebody listens on, 0: none */
    size_t kill_mark;      /* births before the last kill step's kill; 0: no kill yet */
    int killed;            /* the process that it killed */
    size_t signal_mark;    /* births before the last signal step's signal; 0: no signal yet */
    size_t ends;           /* of processes, so far */
};

void roster_init(struct roster *roster, int cpus, int port);
void roster_release(struct roster *roster);
void roster_observe(struct roster *roster, const json_t *event);

/* NULL for a pid never seen. The latest of those that bore this number. Borrowed until the next birth. */
struct process *roster_find(const struct roster *roster, int pid);
bool roster_alive(const struct roster *roster, int pid);
bool roster_any_alive(const struct roster *roster);

int roster_first(const struct roster *roster); /* the program's first process, 0 before its birth */
int roster_master(const struct roster *roster);                                    /* likewise */
bool roster_is_worker(const struct roster *roster, const struct process *process); /* alive */
size_t roster_workers(const struct roster *roster); /* how many are alive */
/* A worker, alive, that clients can reach: where workers listen each for itself (SO_REUSEPORT), it does. */
bool roster_is_ready(const struct roster *roster, const struct process *process);
size_t roster_ready(const struct roster *roster);

/* The worker that `pid` is, or descends from, alive or not; 0 for the master and its elders. */
int roster_worker_of(const struct roster *roster, int pid);

enum pick { PICK_BUSIEST, PICK_IDLEST, PICK_OLDEST, PICK_YOUNGEST };
int roster_pick(const struct roster *roster,
                enum pick pick); /* 0: no worker; ties: the lowest pid */

void roster_count_answer(struct roster *roster, int pid);
void roster_strike(struct roster *roster, int pid, int signal); /* we have sent it a signal */

/* A victim is a process that we have signalled and that is dead or cannot but die. The latest that its
 * parent has not reaped; the latest that was alive after so many ends; 0: there is none. */
bool roster_is_victim(const struct roster *roster, int pid);
int roster_unreaped_victim(const struct roster *roster);
int roster_victim_since(const struct roster *roster, size_t ends_before);

/* "11, 12 and 13" and "process 12 exited with code 1", for a person to read. */
void roster_list_workers(const struct roster *roster, struct buf *into);
void roster_tell_end(const struct process *process, struct buf *into);

#endif
