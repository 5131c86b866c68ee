/* The processes of a run, as the events tell of them: the tree, what each is doing, what each answered
 * and reported. Bounded: of very many, the longest dead are forgotten first.
 *
 *     struct processes processes = {0};
 *     processes_apply(&processes, record);
 *     size_t count = processes_tree(&processes, rows, PROCESSES_MAX);
 */
#ifndef BRIGADE_MODEL_PROCESS_H
#define BRIGADE_MODEL_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/record.h"

enum { PROCESSES_MAX = 256, PROCESS_WORDS_MAX = 64, PROCESS_BARS_MAX = 9 };

enum process_role { ROLE_PROGRAM, ROLE_MASTER, ROLE_WORKER, ROLE_CHILD };

enum process_end { PROCESS_ALIVE, PROCESS_EXITED, PROCESS_KILLED };

struct process {
    int pid;
    int parent;   /* 0: none that we know */
    size_t birth; /* from 0 in order of birth; gives the colour */
    int64_t born_ns, ended_ns;
    enum process_end end;
    int code;
    char signal[16];
    bool by_lab; /* killed by the scenario or the student */
    bool at_end; /* ended with the run */
    bool reaped;
    bool stopped;                                  /* by SIGSTOP, and not continued */
    char state[16], in[32], on[PROCESS_WORDS_MAX]; /* as `state` events say; printable */
    int64_t in_hand;                               /* requests taken and not yet answered */
    int64_t answered;                              /* as traced */
    bool serves;
    bool has_reported;
    int64_t reported, reported_ns;       /* of its last report, */
    int64_t answered_then, in_hand_then; /* and what was traced when it came */
    int replaces, replaced_by;           /* pids, 0: none */
};

struct processes { /* visible, because views walk it; only processes_* change it */
    struct process items[PROCESSES_MAX]; /* by birth */
    size_t count, births;
    bool serves; /* somebody listens, or there were requests: children of the first are workers */
};

struct process_row { /* one line of the tree */
    const struct process *process;
    int depth;
    bool last;     /* of its siblings */
    uint32_t bars; /* bit N: that of its line at depth N has siblings below */
};

void processes_apply(struct processes *processes, const struct record *record);

const struct process *processes_find(const struct processes *processes, int pid);
enum process_role process_role(const struct processes *processes, const struct process *process);
const char *process_role_name(enum process_role role);
bool process_is_worker(const struct processes *processes, const struct process *process);

/* Fills rows in the order of the tree, parents first; returns how many. */
size_t processes_tree(const struct processes *processes, struct process_row *rows, size_t room);

/* What it reported last is not what it had answered; requests that it was answering may count or not. */
bool process_misreported(const struct process *process);

/* Dead, and its parent has not waited for it. */
bool process_is_zombie(const struct process *process);

/* What the process is doing, or how it ended, in words: "waits in accept"; `full` adds on what it waits. */
void process_words(const struct process *process, bool full, char *words, size_t size);

#endif
