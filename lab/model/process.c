#include "model/process.h"

#include <stdio.h>
#include <string.h>

static struct process *find(struct processes *processes, int pid) {
    for (size_t i = processes->count; i-- > 0;)
        if (processes->items[i].pid == pid)
            return &processes->items[i];
    return NULL;
}

const struct process *processes_find(const struct processes *processes, int pid) {
    return find((struct processes *)processes, pid);
}

/* Forgets the longest dead, or the oldest leaf if all live. */
static void make_room(struct processes *processes) {
    size_t victim = processes->count - 1;
    int64_t earliest = INT64_MAX;
    for (size_t i = 1; i < processes->count; i++) {
        const struct process *process = &processes->items[i];
        if (process->end != PROCESS_ALIVE && process->ended_ns < earliest) {
            earliest = process->ended_ns;
            victim = i;
        }
    }
    processes->count--;
    memmove(&processes->items[victim], &processes->items[victim + 1],
            (processes->count - victim) * sizeof processes->items[0]);
}

/* The first dead sibling whose place nobody took. */
static struct process *vacant_place(struct processes *processes, int parent) {
    for (size_t i = 0; i < processes->count; i++) {
        struct process *process = &processes->items[i];
        if (parent && process->parent == parent && process->end != PROCESS_ALIVE &&
            !process->replaced_by && (process->serves || process->by_lab))
            return process;
    }
    return NULL;
}

static void on_fork(struct processes *processes, const struct record *record) {
    int pid = record->pid, parent = record->other;
    struct process *dead = vacant_place(processes, parent);
    int replaces = dead ? dead->pid : 0;
    if (dead)
        dead->replaced_by = pid;
    if (processes->count == PROCESSES_MAX)
        make_room(processes);
    processes->items[processes->count++] = (struct process){
        .pid = pid,
        .parent = parent,
        .birth = processes->births++,
        .born_ns = record->t_ns,
        .replaces = replaces,
    };
}

static void on_end(struct process *process, const struct record *record) {
    process->end = *record->text ? PROCESS_KILLED : PROCESS_EXITED;
    process->ended_ns = record->t_ns;
    process->code = (int)record->number;
    process->by_lab = record->flags & RECORD_BY_LAB;
    process->at_end = record->flags & RECORD_AT_END;
    process->in_hand = 0;
    process->stopped = false;
    snprintf(process->signal, sizeof process->signal, "%s", record->text);
}

static void on_state(struct process *process, const struct record *record) {
    const char *in = record->text + strlen(record->text) + 1, *on = in + strlen(in) + 1;
    snprintf(process->state, sizeof process->state, "%s", record->text);
    snprintf(process->in, sizeof process->in, "%s", in);
    snprintf(process->on, sizeof process->on, "%s", on);
}

static void on_signal(struct process *process, const struct record *record) {
    if (!strcmp(record->text, "SIGSTOP"))
        process->stopped = true;
    else if (!strcmp(record->text, "SIGCONT"))
        process->stopped = false;
}

static void let_go(struct process *process) {
    if (process && process->in_hand > 0)
        process->in_hand--;
}

static void on_answer(struct process *process) {
    let_go(process);
    process->answered++;
    process->serves = true;
}

/* A report, as far as the lab shows them: a message with a whole number `count` in it. */
static void on_message(struct process *process, const struct record *record) {
    if (!(record->flags & RECORD_COUNTS))
        return;
    process->has_reported = process->serves = true;
    process->reported = record->number;
    process->reported_ns = record->t_ns;
    process->answered_then = process->answered;
    process->in_hand_then = process->in_hand;
}

static void touch(struct process *process, const struct record *record) {
    switch (record->type) {
    case EVENT_EXIT: on_end(process, record); break;
    case EVENT_REAP: process->reaped = true; break;
    case EVENT_ADOPT: process->parent = record->other; break;
    case EVENT_STATE: on_state(process, record); break;
    case EVENT_SIGNAL: on_signal(process, record); break;
    case EVENT_MESSAGE: on_message(process, record); break;
    case EVENT_ACCEPT: process->serves = true; break;
    case EVENT_TAKEN: process->in_hand++; break;
    case EVENT_ANSWER: on_answer(process); break;
    case EVENT_UNANSWERED: let_go(process); break;
    default: break;
    }
}

static bool tells_of_serving(enum event_type type) {
    return type == EVENT_LISTEN || type == EVENT_ACCEPT || type == EVENT_REQUEST ||
           type == EVENT_TAKEN || type == EVENT_ANSWER;
}

void processes_apply(struct processes *processes, const struct record *record) {
    processes->serves = processes->serves || tells_of_serving(record->type);
    if (record->type == EVENT_FORK) {
        if (record->flags & RECORD_OF_CASES) /* none of the program's, whose processes begin with its children */
            processes->births++;
        else
            on_fork(processes, record);
        return;
    }
    struct process *process = record->pid ? find(processes, record->pid) : NULL;
    if (process)
        touch(process, record);
}

static size_t count_children(const struct processes *processes, int pid) {
    size_t count = 0;
    for (size_t i = 0; i < processes->count; i++)
        count += processes->items[i].parent == pid;
    return count;
}

enum process_role process_role(const struct processes *processes, const struct process *process) {
    const struct process *parent =
        process->parent ? processes_find(processes, process->parent) : NULL;
    if (!parent)
        return count_children(processes, process->pid) ? ROLE_MASTER : ROLE_PROGRAM;
    return parent->birth == 0 && processes->serves ? ROLE_WORKER : ROLE_CHILD;
}

const char *process_role_name(enum process_role role) {
    static const char *const names[] = {"program", "master", "worker", "child"};
    return names[role];
}

bool process_is_worker(const struct processes *processes, const struct process *process) {
    return process_role(processes, process) == ROLE_WORKER;
}

struct walk {
    const struct processes *processes;
    struct process_row *rows;
    size_t count, room;
};

static bool is_child_of(const struct processes *processes, const struct process *process,
                        const struct process *parent) {
    if (process == parent)
        return false;
    if (parent)
        return process->parent == parent->pid && process->birth > parent->birth;
    return !process->parent || !processes_find(processes, process->parent);
}

static void walk_below(struct walk *walk, const struct process *parent, int depth) {
    size_t first = walk->count, last = walk->count;
    for (size_t i = 0; i < walk->processes->count && walk->count < walk->room; i++) {
        const struct process *process = &walk->processes->items[i];
        if (!is_child_of(walk->processes, process, parent))
            continue;
        last = walk->count;
        walk->rows[walk->count++] = (struct process_row){.process = process, .depth = depth};
        walk_below(walk, process, depth + 1);
    }
    if (last < walk->count)
        walk->rows[last].last = true;
    for (size_t row = first; row < last && depth < PROCESS_BARS_MAX; row++)
        walk->rows[row].bars |= walk->rows[row].depth > depth ? 1u << depth : 0;
}

size_t processes_tree(const struct processes *processes, struct process_row *rows, size_t room) {
    struct walk walk = {.processes = processes, .rows = rows, .room = room};
    walk_below(&walk, NULL, 0);
    return walk.count;
}

bool process_misreported(const struct process *process) {
    return process->has_reported &&
           (process->reported < process->answered_then ||
            process->reported > process->answered_then + process->in_hand_then);
}

bool process_is_zombie(const struct process *process) {
    return process->end != PROCESS_ALIVE && process->parent && !process->reaped && !process->at_end;
}

static void end_words(const struct process *process, bool full, char *words, size_t size) {
    double at_s = (double)process->ended_ns / 1e9;
    bool zombie = process_is_zombie(process);
    const char *left = zombie ? ": a zombie, not waited for" : "";
    if (process->at_end)
        snprintf(words, size, "ended with the run");
    else if (zombie && !full)
        snprintf(words, size, "zombie since %.1f s", at_s);
    else if (process->end == PROCESS_KILLED)
        snprintf(words, size, "%s%s at %.1f s%s", full ? "killed by " : "", process->signal, at_s,
                 left);
    else
        snprintf(words, size, "%s %d at %.1f s%s", full ? "ended with code" : "code", process->code,
                 at_s, left);
}

void process_words(const struct process *process, bool full, char *words, size_t size) {
    bool on = full && process->on[0];
    if (process->end != PROCESS_ALIVE)
        end_words(process, full, words, size);
    else if (process->stopped)
        snprintf(words, size, "stopped");
    else if (process->in_hand > 1)
        snprintf(words, size, "answering %lld", (long long)process->in_hand);
    else if (process->in_hand == 1)
        snprintf(words, size, "answering");
    else if (!strcmp(process->state, "waiting") && process->in[0])
        snprintf(words, size, "waits in %s%s%s", process->in, on ? ": " : "",
                 on ? process->on : "");
    else if (!strcmp(process->state, "waiting"))
        snprintf(words, size, "waits");
    else
        snprintf(words, size, "%s", process->state[0] ? process->state : "runs");
}
