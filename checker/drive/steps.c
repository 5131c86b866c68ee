#include "drive/steps.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "drive/faults.h"
#include "drive/loads.h"
#include "drive/options.h"
#include "drive/waits.h"
#include "proto/event.h"

enum { WAIT_MS = 5000, KILL_MS = 2000 };

int64_t step_option(const struct running *running, const char *name, int64_t fallback) {
    const json_t *value = json_object_get(running->step, name);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

const char *step_text(const struct running *running, const char *name) {
    return json_string_value(json_object_get(running->step, name));
}

bool step_flag(const struct running *running, const char *name) {
    return json_is_true(json_object_get(running->step, name));
}

void step_end(struct running *running, bool met, const char *format, ...) {
    if (running->over)
        return;
    running->over = true;
    running->met = met;
    va_list args;
    va_start(args, format);
    buf_vprintf(&running->why, format, args);
    va_end(args);
}

static void set_deadline(struct running *running, int64_t after_ms) {
    running->deadline_ns = running->begun_ns + after_ms * NS_PER_MS;
}

/* --- wait ------------------------------------------------------------------------------------- */

static void wait_begin(struct running *running) {
    const char *awaited = step_text(running, "for");
    running->wait = wait_kinds;
    while (strcmp(running->wait->name, awaited) != 0)
        running->wait++;
    set_deadline(running, step_option(running, "within_ms", WAIT_MS));
    if (running->wait->begin)
        running->wait->begin(running);
}

static void wait_observe(struct running *running, const json_t *event) {
    if (running->wait->observe)
        running->wait->observe(running, event);
}

static void wait_turn(struct running *running) {
    if (running->wait->met(running))
        step_end(running, true, "%s", "");
}

static void wait_unmet(struct running *running, const char *waited) {
    struct buf found = {0};
    running->wait->tell(running, &found);
    step_end(running, false, "%s for %s: %s", waited, running->wait->awaited,
             found.data ? found.data : "");
    buf_release(&found);
}

static void wait_time(struct running *running) {
    int64_t ms = step_option(running, "within_ms", WAIT_MS);
    char *waited = ms % 1000 ? xasprintf("waited %lld ms", (long long)ms)
                             : xasprintf("waited %lld s", (long long)ms / 1000);
    wait_unmet(running, waited);
    free(waited);
}

static void wait_idle(struct running *running) {
    wait_unmet(running, "every process of the program waits, and none has a timer that would wake "
                        "it: no use in waiting");
}

/* --- kill and signal -------------------------------------------------------------------------- */

static void signal_begin(struct running *running);

static bool ends_process(int signal) {
    static const int harmless[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU,
                                   SIGCONT, SIGCHLD, SIGURG,  SIGWINCH};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (harmless[i] == signal)
            return false;
    return true;
}

/* What a scenario's signal step sends asks for something, and excuses nothing: the program is to obey in good order. */
static bool is_to_end(const struct running *running) {
    bool asks = running->kind->begin == signal_begin && !running->by_user;
    return ends_process(running->signal) && (!asks || running->signal == SIGKILL);
}

/* Sends it; whether that went well (else the step has ended). */
static bool strike(struct running *running, const char *who) {
    struct stage *stage = running->stage;
    const char *name = step_text(running, "signal");
    running->signal = name ? signal_number(name) : SIGKILL;
    if (!roster_alive(&stage->roster, running->pid)) {
        step_end(running, false, "%s %d is no live process of the program", who, running->pid);
        return false;
    }
    if (is_to_end(running)) { /* before its effects can be seen */
        roster_strike(&stage->roster, running->pid, running->signal);
        roster_find(&stage->roster, running->pid)->struck_by_user = running->by_user;
    }
    int code = stage->ops->signal(stage->ctx, running->pid, running->signal);
    if (code) {
        roster_find(&stage->roster, running->pid)->lab_signal = 0;
        step_end(running, false, "%s to process %d did not go out: %s", name ? name : "SIGKILL",
                 running->pid, strerror(-code));
    }
    return code == 0;
}

static void kill_begin(struct running *running) {
    struct roster *roster = &running->stage->roster;
    const char *pick = step_text(running, "pick");
    running->pid = pick ? roster_pick(roster, pick_of(pick)) : (int)step_option(running, "pid", 0);
    if (!running->pid) {
        step_end(running, false,
                 "there is no worker to kill: the master, %d, has no live child process",
                 roster_master(roster));
        return;
    }
    size_t mark = roster->count;
    if (!strike(running, pick ? "worker" : "process"))
        return;
    roster->kill_mark = mark;
    roster->killed = running->pid;
    set_deadline(running, step_option(running, "within_ms", KILL_MS));
}

static void kill_turn(struct running *running) {
    if (!ends_process(running->signal) || !roster_alive(&running->stage->roster, running->pid))
        step_end(running, true, "process %d", running->pid);
}

static void kill_time(struct running *running) {
    step_end(running, false, "process %d is still alive after %s", running->pid,
             step_text(running, "signal") ? step_text(running, "signal") : "SIGKILL");
}

static void signal_begin(struct running *running) {
    running->pid = (int)step_option(running, "pid", roster_master(&running->stage->roster));
    struct roster *roster = &running->stage->roster;
    size_t mark = roster->count;
    if (!strike(running, "process"))
        return;
    roster->signal_mark = mark;
    step_end(running, true, "process %d", running->pid);
}

/* --- pass ------------------------------------------------------------------------------------- */

static void pass_begin(struct running *running) {
    set_deadline(running, step_option(running, "ms", 0));
}

static void pass_time(struct running *running) { step_end(running, true, "%s", ""); }

/* --- the table -------------------------------------------------------------------------------- */

static const struct step_kind kinds[] = {
    {.name = "wait",
     .begin = wait_begin,
     .observe = wait_observe,
     .turn = wait_turn,
     .time = wait_time,
     .idle = wait_idle},
    {.name = "load",
     .begin = load_begin,
     .turn = load_turn,
     .time = load_time,
     .release = load_release},
    {.name = "kill", .begin = kill_begin, .turn = kill_turn, .time = kill_time},
    {.name = "signal", .begin = signal_begin},
    {.name = "fault", .begin = fault_begin, .turn = fault_turn, .time = fault_time},
    {.name = "pass", .begin = pass_begin, .time = pass_time},
};

static const struct step_kind *find_kind(const char *name) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

struct running *step_new(struct stage *stage, const json_t *step, const char *id, bool by_user) {
    struct running *running = xmalloc(sizeof *running);
    *running = (struct running){
        .stage = stage,
        .kind = find_kind(json_string_value(json_object_get(step, "do"))),
        .step = json_deep_copy(step),
        .id = xstrdup(id),
        .by_user = by_user,
        .required = json_is_true(json_object_get(step, "required")),
        .deadline_ns = -1,
    };
    return running;
}

void step_free(struct running *running) {
    if (!running)
        return;
    if (running->kind->release)
        running->kind->release(running);
    json_decref(running->step);
    buf_release(&running->why);
    free(running->tallies);
    free(running->id);
    free(running);
}

void step_begin(struct running *running) {
    running->begun_ns = running->stage->ops->now_ns(running->stage->ctx);
    running->kind->begin(running);
}

void step_observe(struct running *running, const json_t *event) {
    if (!running->over && running->kind->observe)
        running->kind->observe(running, event);
}

void step_turn(struct running *running) {
    if (!running->over && running->kind->turn)
        running->kind->turn(running);
}

void step_time(struct running *running) {
    if (!running->over && running->kind->time)
        running->kind->time(running);
}

void step_idle(struct running *running) {
    if (!running->over && running->kind->idle)
        running->kind->idle(running);
}

bool step_waits(const struct running *running) {
    return !running->over && running->kind->idle != NULL;
}

bool step_acts(const struct running *running) {
    return !running->over && running->kind->idle == NULL && running->deadline_ns >= 0;
}

/* --- events ----------------------------------------------------------------------------------- */

static json_t *step_event(const struct running *running, const char *state) {
    const char *title = step_text(running, "title");
    json_t *event = event_new(EVENT_STEP, "{s:s, s:s, s:s, s:s}", "step", running->id, "do",
                              running->kind->name, "state", state, "by",
                              running->by_user ? "user" : "scenario");
    if (title)
        json_object_set_new(event, "title", json_string(title));
    return event;
}

json_t *step_begin_event(const struct running *running) { return step_event(running, "begin"); }

json_t *step_end_event(const struct running *running) {
    json_t *event = step_event(running, "end");
    json_object_set_new(event, "met", json_boolean(running->met));
    if (running->why.length)
        json_object_set_new(event, "why", json_string(running->why.data));
    if (running->pid)
        json_object_set_new(event, "pid", json_integer(running->pid));
    return event;
}
