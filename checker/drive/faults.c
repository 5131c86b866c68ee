#include "drive/faults.h"

#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "drive/options.h"
#include "proto/event.h"
#include "proto/fault.h"

enum { DEATH_MS = 2000, STOP_MS = 1000, SLOW_MS = 200 };

/* In the order of enum fault_kind, then what the driver does itself. */
const char *const fault_words[] = {"short-read", "short-write", "eintr",
                                   "eagain",     "fork-fails",  "join",
                                   "exit",       "kill-after-accept", "slow-fork",
                                   "late",       "stop",              NULL};

static const char *what_of(const struct running *running) { return step_text(running, "what"); }

static bool is(const struct running *running, const char *what) {
    return strcmp(what_of(running), what) == 0;
}

/* A worker by choice, a process by number, the master; 0: nobody in particular. */
static int target_of(const struct running *running) {
    const struct roster *roster = &running->stage->roster;
    const char *pick = step_text(running, "pick"), *who = step_text(running, "who");
    if (pick)
        return roster_pick(roster, pick_of(pick));
    if (who && strcmp(who, "master") == 0)
        return roster_master(roster);
    return (int)step_option(running, "pid", 0);
}

/* Of the case with that id, counted from 1; 0: there is none. */
static int case_number(const struct exercise *exercise, const char *id) {
    for (size_t i = 0; i < exercise->case_count; i++)
        if (strcmp(exercise->cases[i].id, id) == 0)
            return (int)i + 1;
    return 0;
}

/* Who is meant may not have been born yet: the tracer will know. */
static void case_begin(struct running *running, struct fault *fault) {
    const char *id = step_text(running, "case"), *who = step_text(running, "who");
    fault->of_case = case_number(running->stage->exercise, id);
    fault->part = !who                          ? FAULT_TO_ALL
                  : strcmp(who, "master") == 0 ? FAULT_TO_PROGRAM
                                                : FAULT_TO_CHILDREN;
    if (!fault->of_case)
        step_end(running, false, "there is no case \"%s\"", id);
    else if (running->stage->ops->fault(running->stage->ctx, fault) < 0)
        step_end(running, false, "too many faults are under way at once");
    else
        step_end(running, true, "%s", "");
}

static void stop_begin(struct running *running) {
    struct stage *stage = running->stage;
    int64_t ms = step_option(running, "ms", STOP_MS);
    if (stage->ops->signal(stage->ctx, running->pid, SIGSTOP) < 0) {
        step_end(running, false, "process %d could not be stopped: it is gone", running->pid);
        return;
    }
    stage->ops->emit(stage->ctx, event_new(EVENT_FAULT, "{s:s, s:i, s:s}", "kind", "stop", "pid",
                                           running->pid, "detail", "stopped for a while"));
    running->deadline_ns = running->begun_ns + ms * NS_PER_MS;
}

static void exit_begin(struct running *running, const struct fault *fault) {
    struct stage *stage = running->stage;
    struct roster *roster = &stage->roster;
    roster->kill_mark = roster->count;
    roster->killed = running->pid;
    roster_strike(roster, running->pid, SIGKILL); /* what it held is lost through no fault of its own */
    if (stage->ops->fault(stage->ctx, fault) < 0)
        step_end(running, false, "process %d could not be made to end: it is gone", running->pid);
    running->deadline_ns =
        running->begun_ns + step_option(running, "within_ms", DEATH_MS) * NS_PER_MS;
}

static struct fault fault_of(const struct running *running) {
    struct fault fault = {.times = step_option(running, "times", 1),
                          .bytes = step_option(running, "bytes", 1),
                          .most_ns = step_option(running, "within_ms", 0) * NS_PER_MS,
                          .code = (int)step_option(running, "code", 1),
                          .ms = step_option(running, "ms", SLOW_MS)};
    while (!is(running, fault_words[fault.kind]))
        fault.kind++;
    int64_t begins_ms = step_option(running, "ms", 0);
    if (fault.kind == FAULT_JOIN && begins_ms)
        fault.until_ns = running->begun_ns + begins_ms * NS_PER_MS;
    return fault;
}

/* The first step of a scenario: it waits for the program's birth, and is armed before its first call. */
static bool is_unborn(const struct running *running) {
    return step_text(running, "who") && !step_text(running, "case") &&
           !roster_first(&running->stage->roster);
}

void fault_begin(struct running *running) {
    struct stage *stage = running->stage;
    const char *who = step_text(running, "who");
    if (is_unborn(running))
        return;
    if (step_text(running, "case")) {
        struct fault fault = fault_of(running);
        case_begin(running, &fault);
        return;
    }
    bool one = step_text(running, "pick") || (who && strcmp(who, "master") == 0) ||
               is(running, "exit") || is(running, "stop");
    running->pid = target_of(running);
    if (one && !roster_alive(&stage->roster, running->pid)) {
        step_end(running, false, "there is nobody to do it to: the master, %d, has no live worker",
                 roster_master(&stage->roster));
        return;
    }
    if (is(running, "stop")) {
        stop_begin(running);
        return;
    }
    struct fault fault = fault_of(running);
    fault.pid = running->pid;
    fault.except = who && strcmp(who, "workers") == 0 ? roster_master(&stage->roster) : 0;
    if (fault.kind == FAULT_EXIT)
        exit_begin(running, &fault);
    else if (stage->ops->fault(stage->ctx, &fault) < 0)
        step_end(running, false, "too many faults are under way at once");
    else
        step_end(running, true, "%s", "");
}

void fault_turn(struct running *running) {
    if (step_text(running, "who") && !running->pid) {
        fault_begin(running);
        return;
    }
    if (is(running, "exit") && !roster_alive(&running->stage->roster, running->pid))
        step_end(running, true, "process %d", running->pid);
}

void fault_time(struct running *running) {
    struct stage *stage = running->stage;
    if (!is(running, "stop")) {
        step_end(running, false, "process %d is still alive", running->pid);
        return;
    }
    stage->ops->signal(stage->ctx, running->pid, SIGCONT);
    step_end(running, true, "process %d", running->pid);
}
