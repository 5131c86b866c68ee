#include "drive/waits.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "drive/steps.h"
#include "proto/event.h"

static const struct roster *roster_of(const struct running *running) {
    return &running->stage->roster;
}

/* --- listen ----------------------------------------------------------------------------------- */

static bool listen_met(const struct running *running) { return roster_of(running)->listening; }

static void listen_tell(const struct running *running, struct buf *into) {
    const struct roster *roster = roster_of(running);
    buf_printf(into, "nobody listens on port %d", roster->port);
    if (roster->wrong_port)
        buf_printf(into, "; a process listens on port %d instead", roster->wrong_port);
    const struct process *first = roster_find(roster, roster_first(roster));
    if (!first)
        return;
    buf_puts(into, "; ");
    roster_tell_end(first, into);
    if (first->alive && !roster->wrong_port)
        buf_puts(into, ", and no process has called listen");
}

/* --- workers ---------------------------------------------------------------------------------- */

static int64_t wanted_workers(const struct running *running) {
    return step_option(running, "count", roster_of(running)->cpus);
}

static bool workers_met(const struct running *running) {
    return (int64_t)roster_ready(roster_of(running)) >= wanted_workers(running);
}

static void tell_dead_children(const struct roster *roster, struct buf *into) {
    int master = roster_master(roster), told = 0;
    for (size_t i = 0; i < roster->count && told < 4; i++) {
        const struct process *process = &roster->processes[i];
        if (process->alive || process->born_of != master)
            continue;
        buf_puts(into, told++ ? ", " : "; ");
        roster_tell_end(process, into);
    }
}

static void workers_tell(const struct running *running, struct buf *into) {
    const struct roster *roster = roster_of(running);
    size_t count = roster_workers(roster);
    buf_printf(into, "%lld were to be; ", (long long)wanted_workers(running));
    if (count) {
        buf_printf(into, "the master, %d, has %zu live child process%s: ", roster_master(roster),
                   count, count == 1 ? "" : "es");
        roster_list_workers(roster, into);
        if (roster_ready(roster) < count)
            buf_printf(into, ", %zu of which listen%s on port %d", roster_ready(roster),
                       roster_ready(roster) == 1 ? "s" : "", roster->port);
    } else {
        buf_printf(into, "the first process, %d, has no live child process", roster_first(roster));
    }
    tell_dead_children(roster, into);
}

/* --- messages --------------------------------------------------------------------------------- */

static void messages_begin(struct running *running) {
    const struct roster *roster = roster_of(running);
    running->tallies = xcalloc(roster->count, sizeof *running->tallies);
    for (size_t i = 0; i < roster->count; i++)
        if (roster_is_worker(roster, &roster->processes[i]))
            running->tallies[running->tally_count++].pid = roster->processes[i].pid;
    if (!running->tally_count)
        step_end(running, false, "no worker is alive that could send a message");
}

static void messages_observe(struct running *running, const json_t *event) {
    if (event_type_of(event) != EVENT_MESSAGE || !event_bool(event, "complete"))
        return;
    const char *member = json_string_value(json_object_get(running->step, "with"));
    if (!json_object_get(json_object_get(event, "value"), member))
        return;
    const struct roster *roster = roster_of(running);
    int from = roster_worker_of(roster, (int)event_int(event, "from", 0));
    if (roster_worker_of(roster, (int)event_int(event, "to", 0)))
        return; /* to another worker, not to the master */
    for (size_t i = 0; i < running->tally_count; i++)
        running->tallies[i].count += running->tallies[i].pid == from;
}

static bool lacks_message(const struct running *running, const struct tally *tally) {
    return tally->count < step_option(running, "each", 1) &&
           roster_alive(roster_of(running), tally->pid);
}

/* Child processes beyond one a CPU need not report: a master may have helpers. */
static bool messages_met(const struct running *running) {
    size_t alive = 0, sent = 0, cpus = (size_t)roster_of(running)->cpus;
    for (size_t i = 0; i < running->tally_count; i++) {
        if (!roster_alive(roster_of(running), running->tallies[i].pid))
            continue;
        alive++;
        sent += !lacks_message(running, &running->tallies[i]);
    }
    return sent >= (alive < cpus ? alive : cpus);
}

static void messages_tell(const struct running *running, struct buf *into) {
    size_t told = 0;
    for (size_t i = 0; i < running->tally_count; i++) {
        const struct tally *tally = &running->tallies[i];
        if (!lacks_message(running, tally))
            continue;
        if (told++ == 8) {
            buf_puts(into, " ...");
            break;
        }
        buf_printf(into, "%sworker %d sent %lld", told > 1 ? ", " : "", tally->pid,
                   (long long)tally->count);
    }
    buf_printf(into, " (JSON objects with the member \"%s\", each ended by a newline)",
               json_string_value(json_object_get(running->step, "with")));
}

/* --- replacement ------------------------------------------------------------------------------ */

static void replacement_begin(struct running *running) {
    if (!roster_of(running)->kill_mark)
        step_end(running, false, "no worker was killed before this step");
}

static bool replacement_met(const struct running *running) {
    const struct roster *roster = roster_of(running);
    for (size_t i = roster->kill_mark; i < roster->count; i++)
        if (roster_is_ready(roster, &roster->processes[i]))
            return true;
    return false;
}

static void replacement_tell(const struct running *running, struct buf *into) {
    const struct roster *roster = roster_of(running);
    const struct process *victim = roster_find(roster, roster->killed);
    int master = roster_master(roster);
    buf_printf(into, "none that serves came after process %d was killed", roster->killed);
    if (victim && !victim->alive && !victim->reaped)
        buf_printf(into, ", which its parent has not waited for");
    if (!roster_alive(roster, master))
        buf_printf(into, "; the master, %d, is dead", master);
    for (size_t i = roster->kill_mark; i < roster->count; i++) {
        const struct process *fresh = &roster->processes[i];
        if (fresh->born_of != master)
            continue;
        buf_puts(into, "; the new ");
        roster_tell_end(fresh, into);
        if (fresh->alive)
            buf_printf(into, ", and does not listen on port %d as the others do", roster->port);
        return;
    }
}

/* --- taken ------------------------------------------------------------------------------------ */

static bool taken_met(const struct running *running) {
    int64_t taken;
    client_under_way(running->stage->client, &taken);
    return taken >= wanted_workers(running);
}

static void taken_tell(const struct running *running, struct buf *into) {
    int64_t taken, all = client_under_way(running->stage->client, &taken);
    buf_printf(into, "%lld were to be; of %lld under way the program has begun to read %lld",
               (long long)wanted_workers(running), (long long)all, (long long)taken);
}

/* --- loads ------------------------------------------------------------------------------------ */

static bool loads_met(const struct running *running) { return !running->stage->background; }

static void loads_tell(const struct running *running, struct buf *into) {
    int64_t taken, left = client_under_way(running->stage->client, &taken);
    buf_printf(into, "%lld request%s still under way, %lld of which the program has begun to read",
               (long long)left, left == 1 ? " is" : "s are", (long long)taken);
}

/* --- turnover --------------------------------------------------------------------------------- */

static void turnover_begin(struct running *running) {
    if (!roster_of(running)->signal_mark)
        step_end(running, false, "no signal was sent before this step");
}

static size_t old_workers(const struct roster *roster) {
    size_t count = 0;
    for (size_t i = 0; i < roster->signal_mark; i++)
        count += roster_is_worker(roster, &roster->processes[i]);
    return count;
}

static size_t new_workers(const struct roster *roster) {
    size_t count = 0;
    for (size_t i = roster->signal_mark; i < roster->count; i++)
        count += roster_is_ready(roster, &roster->processes[i]);
    return count;
}

static bool turnover_met(const struct running *running) {
    const struct roster *roster = roster_of(running);
    return !old_workers(roster) && (int64_t)new_workers(roster) >= wanted_workers(running);
}

static void turnover_tell(const struct running *running, struct buf *into) {
    const struct roster *roster = roster_of(running);
    size_t fresh = new_workers(roster), old = old_workers(roster);
    buf_printf(into, "since the signal %zu new worker%s came, and %zu of the old %s still there",
               fresh, fresh == 1 ? "" : "s", old, old == 1 ? "is" : "are");
    if (!roster_alive(roster, roster_master(roster)))
        buf_printf(into, "; the master, %d, is dead", roster_master(roster));
}

/* --- exit ------------------------------------------------------------------------------------- */

static bool exit_met(const struct running *running) {
    const struct roster *roster = roster_of(running);
    return roster->count && !roster_alive(roster, roster_first(roster));
}

static void exit_tell(const struct running *running, struct buf *into) {
    const struct roster *roster = roster_of(running);
    const struct process *first = roster_find(roster, roster_first(roster));
    if (first)
        roster_tell_end(first, into);
    else
        buf_puts(into, "it has not begun");
}

const struct wait_kind wait_kinds[] = {
    {.name = "listen",
     .met = listen_met,
     .tell = listen_tell,
     .awaited = "a process to listen on the port"},
    {.name = "workers", .met = workers_met, .tell = workers_tell, .awaited = "the workers"},
    {.name = "messages",
     .begin = messages_begin,
     .observe = messages_observe,
     .met = messages_met,
     .tell = messages_tell,
     .awaited = "a message of each worker"},
    {.name = "replacement",
     .begin = replacement_begin,
     .met = replacement_met,
     .tell = replacement_tell,
     .awaited = "a new worker"},
    {.name = "taken", .met = taken_met, .tell = taken_tell, .awaited = "requests to be taken"},
    {.name = "loads",
     .met = loads_met,
     .tell = loads_tell,
     .awaited = "the loads in the background to end"},
    {.name = "turnover",
     .begin = turnover_begin,
     .met = turnover_met,
     .tell = turnover_tell,
     .awaited = "new workers in the place of all old ones"},
    {.name = "exit",
     .met = exit_met,
     .tell = exit_tell,
     .awaited = "the program's first process to end"},
    {.name = NULL},
};
