#include "drive/roster.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "proto/event.h"
#include "proto/fault.h"

enum { DEEPEST = 64 /* generations looked through, against loops in what a log may hold */ };

void roster_init(struct roster *roster, int cpus, int port) {
    *roster = (struct roster){.cpus = cpus, .port = port};
}

void roster_release(struct roster *roster) {
    free(roster->processes);
    *roster = (struct roster){0};
}

struct process *roster_find(const struct roster *roster, int pid) {
    for (size_t i = roster->count; i-- > 0;)
        if (roster->processes[i].pid == pid)
            return &roster->processes[i];
    return NULL;
}

bool roster_alive(const struct roster *roster, int pid) {
    const struct process *process = roster_find(roster, pid);
    return process && process->alive;
}

bool roster_any_alive(const struct roster *roster) {
    for (size_t i = 0; i < roster->count; i++)
        if (roster->processes[i].alive)
            return true;
    return false;
}

/* --- who is the master ------------------------------------------------------------------------ */

int roster_first(const struct roster *roster) {
    return roster->count ? roster->processes[0].pid : 0;
}

int roster_master(const struct roster *roster) { return roster->master; }

static const struct process *only_child(const struct roster *roster, const struct process *parent) {
    for (size_t i = roster->count; parent->children == 1 && i-- > 0;)
        if (roster->processes[i].alive && roster->processes[i].born_of == parent->pid)
            return &roster->processes[i];
    return NULL;
}

/* Nobody serves yet: a first process that only waits for one child, which has several of its own, is a
 * wrapper round the master. */
static int master_by_family(const struct roster *roster) {
    const struct process *process = &roster->processes[0];
    for (int depth = 0; depth < DEEPEST && process && process->children < 2; depth++)
        process = only_child(roster, process);
    return process && process->children > 1 ? process->pid : roster_first(roster);
}

static const struct process *only_house(const struct roster *roster, const struct process *parent) {
    for (size_t i = roster->count; parent->houses == 1 && i-- > 0;)
        if (roster->processes[i].is_house && roster->processes[i].born_of == parent->pid)
            return &roster->processes[i];
    return NULL;
}

static void find_master(struct roster *roster) {
    const struct process *best = roster->processes, *below;
    if (!roster->count)
        return;
    for (int depth = 0; depth < DEEPEST && !best->servants; depth++, best = below)
        if (!(below = only_house(roster, best)))
            break;
    roster->master = best->houses ? best->pid : master_by_family(roster);
}

/* --- what events tell ------------------------------------------------------------------------- */

static void see_fork(struct roster *roster, const json_t *event) {
    int parent_pid = (int)event_int(event, "parent", 0);
    struct process *parent = roster_find(roster, parent_pid);
    if (parent)
        parent->children++;
    GROW(roster->processes, roster->capacity, roster->count + 1);
    roster->processes[roster->count] = (struct process){
        .pid = (int)event_int(event, "pid", 0),
        .parent = parent_pid,
        .born_of = parent_pid,
        .birth = roster->count + 1,
        .alive = true,
    };
    roster->count++;
    find_master(roster);
}

static void see_exit(struct roster *roster, struct process *process, const json_t *event) {
    struct process *parent = roster_find(roster, process->born_of);
    if (parent && process->alive)
        parent->children--;
    process->alive = false;
    process->ended = ++roster->ends;
    const char *signal = event_text(event, "signal", NULL);
    process->exit_code = signal ? -1 : (int)event_int(event, "code", 0);
    snprintf(process->exit_signal, sizeof process->exit_signal, "%s", signal ? signal : "");
    if (event_bool(event, "by_lab") && !process->lab_signal)
        process->lab_signal = SIGKILL;
    find_master(roster);
}

static void see_service(struct roster *roster, struct process *process) {
    struct process *parent = roster_find(roster, process->born_of);
    if (!process->serves && parent)
        parent->servants++;
    process->serves = true;
    for (; parent && !process->is_house; process = parent, parent = roster_find(roster, process->born_of)) {
        process->is_house = true;
        parent->houses++;
    }
    find_master(roster);
}

static void see_listen(struct roster *roster, struct process *process, const json_t *event) {
    int port = (int)event_int(event, "port", 0);
    if (roster->port && port != roster->port) {
        roster->wrong_port = port;
        return;
    }
    if (process)
        process->listens = true;
    int64_t backlog = event_int(event, "backlog", 1);
    if (backlog < 0) /* the kernel takes it for a huge number and cuts that down to its own bound */
        backlog = SOMAXCONN;
    if (backlog < 1)
        backlog = 1;
    if (!roster->listening || backlog < roster->least_backlog)
        roster->least_backlog = backlog;
    roster->listening = true;
}

/* The tracer kills at a moment that only it can see. */
static void see_fault(struct roster *roster, const struct process *process, const json_t *event) {
    if (strcmp(event_text(event, "kind", ""), fault_name(FAULT_KILL)) != 0)
        return;
    roster->kill_mark = roster->count;
    roster->killed = process->pid;
    roster_strike(roster, process->pid, SIGKILL);
}

void roster_observe(struct roster *roster, const json_t *event) {
    enum event_type type = event_type_of(event);
    const char *who = type == EVENT_MESSAGE ? "from" : "pid";
    struct process *process = roster_find(roster, (int)event_int(event, who, 0));
    if (type == EVENT_RUN)
        roster->cpus = (int)event_int(event, "cpus", roster->cpus);
    else if (type == EVENT_FORK)
        see_fork(roster, event);
    else if (type == EVENT_LISTEN)
        see_listen(roster, process, event);
    if (!process)
        return;
    switch (type) {
    case EVENT_EXIT: see_exit(roster, process, event); break;
    case EVENT_REAP: process->reaped = true; break;
    case EVENT_ADOPT: process->parent = (int)event_int(event, "to", 0); break;
    case EVENT_REPLY: see_service(roster, process); break;
    case EVENT_FAULT: see_fault(roster, process, event); break;
    case EVENT_MESSAGE:
        if (event_int(event, "to", 0) == process->born_of)
            see_service(roster, process);
        break;
    default: break;
    }
}

/* --- workers ---------------------------------------------------------------------------------- */

bool roster_is_worker(const struct roster *roster, const struct process *process) {
    return process->alive && process->parent && process->parent == roster_master(roster);
}

size_t roster_workers(const struct roster *roster) {
    int master = roster_master(roster);
    size_t count = 0;
    for (size_t i = 0; master && i < roster->count; i++)
        count += roster->processes[i].alive && roster->processes[i].parent == master;
    return count;
}

/* The master does not listen, but a worker does, or did. */
static bool workers_listen(const struct roster *roster) {
    const struct process *master = roster_find(roster, roster->master);
    if (!master || master->listens)
        return false;
    for (size_t i = 0; i < roster->count; i++)
        if (roster->processes[i].listens && roster->processes[i].born_of == master->pid)
            return true;
    return false;
}

bool roster_is_ready(const struct roster *roster, const struct process *process) {
    return roster_is_worker(roster, process) && (process->listens || !workers_listen(roster));
}

size_t roster_ready(const struct roster *roster) {
    bool each_listens = workers_listen(roster);
    size_t count = 0;
    for (size_t i = 0; i < roster->count; i++)
        count += roster_is_worker(roster, &roster->processes[i]) &&
                 (roster->processes[i].listens || !each_listens);
    return count;
}

int roster_worker_of(const struct roster *roster, int pid) {
    int master = roster_master(roster);
    for (int depth = 0; depth < DEEPEST && pid && pid != master; depth++) {
        const struct process *process = roster_find(roster, pid);
        if (!process)
            return 0;
        if (process->born_of == master)
            return pid;
        pid = process->born_of;
    }
    return 0;
}

static bool is_better(const struct process *process, const struct process *best, enum pick pick) {
    switch (pick) {
    case PICK_BUSIEST:
        return process->answers > best->answers ||
               (process->answers == best->answers && process->pid < best->pid);
    case PICK_IDLEST:
        return process->answers < best->answers ||
               (process->answers == best->answers && process->pid < best->pid);
    case PICK_OLDEST: return process->birth < best->birth;
    case PICK_YOUNGEST: return process->birth > best->birth;
    }
    return false;
}

int roster_pick(const struct roster *roster, enum pick pick) {
    int master = roster_master(roster);
    const struct process *best = NULL;
    for (size_t i = 0; master && i < roster->count; i++) {
        const struct process *process = &roster->processes[i];
        if (process->alive && process->parent == master &&
            (!best || is_better(process, best, pick)))
            best = process;
    }
    return best ? best->pid : 0;
}

void roster_count_answer(struct roster *roster, int pid) {
    int worker = roster_worker_of(roster, pid);
    struct process *process = roster_find(roster, worker ? worker : pid);
    if (process)
        process->answers++;
}

/* --- victims of ours -------------------------------------------------------------------------- */

void roster_strike(struct roster *roster, int pid, int signal) {
    struct process *process = roster_find(roster, pid);
    if (!process)
        return;
    process->lab_signal = signal;
}

static bool is_victim(const struct process *process) {
    return process->lab_signal && (!process->alive || process->lab_signal == SIGKILL);
}

bool roster_is_victim(const struct roster *roster, int pid) {
    const struct process *process = roster_find(roster, pid);
    return process && is_victim(process);
}

int roster_unreaped_victim(const struct roster *roster) {
    for (size_t i = roster->count; i-- > 0;)
        if (is_victim(&roster->processes[i]) && !roster->processes[i].reaped)
            return roster->processes[i].pid;
    return 0;
}

int roster_victim_since(const struct roster *roster, size_t ends_before) {
    for (size_t i = roster->count; i-- > 0;) {
        const struct process *process = &roster->processes[i];
        if (is_victim(process) && (process->alive || process->ended > ends_before))
            return process->pid;
    }
    return 0;
}

/* --- words ------------------------------------------------------------------------------------ */

void roster_list_workers(const struct roster *roster, struct buf *into) {
    int master = roster_master(roster);
    size_t left = roster_workers(roster), told = 0;
    for (size_t i = 0; left && i < roster->count; i++) {
        const struct process *process = &roster->processes[i];
        if (!process->alive || process->parent != master)
            continue;
        left--;
        buf_printf(into, "%s%d", !told ? "" : left ? ", " : " and ", process->pid);
        if (++told == 8 && left) {
            buf_printf(into, " and %zu more", left);
            return;
        }
    }
}

void roster_tell_end(const struct process *process, struct buf *into) {
    if (process->alive)
        buf_printf(into, "process %d is still alive", process->pid);
    else if (process->exit_code < 0)
        buf_printf(into, "process %d was ended by %s", process->pid, process->exit_signal);
    else
        buf_printf(into, "process %d exited with code %d", process->pid, process->exit_code);
}
