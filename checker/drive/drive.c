#include "drive/drive.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "drive/steps.h"

struct drive {
    struct stage stage;
    struct running **running; /* in the order they began */
    size_t count, capacity;
    struct running *current; /* of the scenario; one of the above */
    size_t next;             /* step of the scenario */
    int injected;            /* steps from the user so far */
    enum { DRIVE_NEW, DRIVE_PLAYING, DRIVE_FREE, DRIVE_ENDED, DRIVE_TOLD } phase;
    bool turning, again;
    int64_t told_deadline_ns;
};

static void on_wake(void *ctx);

struct drive *drive_new(struct loop *loop, const struct exercise *exercise,
                        const struct drive_ops *ops, void *ctx) {
    struct drive *drive = xcalloc(1, sizeof *drive);
    drive->stage.exercise = exercise;
    drive->stage.ops = ops;
    drive->stage.ctx = ctx;
    drive->told_deadline_ns = -1;
    roster_init(&drive->stage.roster, exercise->cpus, exercise->port);
    struct wire wire = {
        .loop = loop,
        .roster = &drive->stage.roster,
        .port = exercise->port,
        .ops = ops,
        .ctx = ctx,
        .wake = on_wake,
        .wake_ctx = drive,
    };
    drive->stage.client = client_new(&wire);
    return drive;
}

void drive_free(struct drive *drive) {
    if (!drive)
        return;
    drive->stage.ended = true;
    for (size_t i = 0; i < drive->count; i++)
        step_free(drive->running[i]);
    client_free(drive->stage.client);
    roster_release(&drive->stage.roster);
    free(drive->running);
    free(drive);
}

/* --- turns ------------------------------------------------------------------------------------
 * Whatever happens (an event, bytes on a socket, a moment in time) is only noted where it happens; then a
 * turn acts on it. Events that a turn emits may come back through drive_observe within it, and a turn
 * never runs inside another: so no list changes under the feet of who walks it. */

static void emit(struct drive *drive, json_t *event) {
    drive->stage.ops->emit(drive->stage.ctx, event);
}

static struct running *begin(struct drive *drive, const json_t *step, const char *id,
                             bool by_user) {
    struct running *running = step_new(&drive->stage, step, id, by_user);
    emit(drive, step_begin_event(running));
    GROW(drive->running, drive->capacity, drive->count + 1);
    drive->running[drive->count++] = running;
    step_begin(running);
    return running;
}

static bool begin_next(struct drive *drive) {
    if (drive->phase != DRIVE_PLAYING || drive->current)
        return false;
    const struct exercise *exercise = drive->stage.exercise;
    if (drive->next == exercise->step_count) {
        if (!drive->stage.background)
            drive->phase = DRIVE_ENDED;
        return false;
    }
    const struct step *step = &exercise->steps[drive->next++];
    struct running *running = begin(drive, step->options, step->id, false);
    if (!step_flag(running, "background"))
        drive->current = running;
    return true;
}

static void end(struct drive *drive, size_t at) {
    struct running *running = drive->running[at];
    drive->running[at] = NULL;
    memmove(drive->running + at, drive->running + at + 1,
            (drive->count - at - 1) * sizeof *drive->running);
    drive->count--;
    emit(drive, step_end_event(running));
    if (running == drive->current) {
        drive->current = NULL;
        if (running->required && !running->met)
            drive->phase = DRIVE_ENDED;
    }
    step_free(running);
}

static bool turn_steps(struct drive *drive) {
    bool any = false;
    for (size_t i = 0; i < drive->count;) {
        step_turn(drive->running[i]);
        if (drive->running[i]->over) {
            end(drive, i);
            any = true;
        } else {
            i++;
        }
    }
    return any | begin_next(drive);
}

static void tell_deadline(struct drive *drive) {
    int64_t at_ns = drive_deadline_ns(drive);
    if (at_ns == drive->told_deadline_ns)
        return;
    drive->told_deadline_ns = at_ns;
    drive->stage.ops->deadline(drive->stage.ctx);
}

static void turn(struct drive *drive) {
    drive->again = true;
    if (drive->turning)
        return;
    drive->turning = true;
    while (drive->again) {
        drive->again = false;
        drive->again |= client_turn(drive->stage.client);
        drive->again |= turn_steps(drive);
    }
    drive->turning = false;
    tell_deadline(drive);
    if (drive->phase == DRIVE_ENDED) {
        drive->phase = DRIVE_TOLD;
        drive->stage.ops->done(drive->stage.ctx);
    }
}

static void on_wake(void *ctx) { turn(ctx); }

/* --- the interface ---------------------------------------------------------------------------- */

void drive_start(struct drive *drive) {
    assert(drive->phase == DRIVE_NEW);
    drive->phase = DRIVE_PLAYING;
    turn(drive);
}

void drive_start_free(struct drive *drive) {
    assert(drive->phase == DRIVE_NEW);
    drive->phase = DRIVE_FREE;
}

void drive_observe(struct drive *drive, const json_t *event) {
    roster_observe(&drive->stage.roster, event);
    client_observe(drive->stage.client, event);
    for (size_t i = 0; i < drive->count; i++)
        step_observe(drive->running[i], event);
    turn(drive);
}

static int check_victim(const struct drive *drive, const json_t *step, struct err *err) {
    const json_t *pid = json_object_get(step, "pid");
    if (!pid || roster_alive(&drive->stage.roster, (int)json_integer_value(pid)))
        return 0;
    const struct process *dead = roster_find(&drive->stage.roster, (int)json_integer_value(pid));
    struct buf words = {0};
    if (dead)
        roster_tell_end(dead, &words);
    int code = err_set(err, EINVAL, "\"pid\": %lld is no live process of the program%s%s%s",
                       (long long)json_integer_value(pid), dead ? " (" : "",
                       words.data ? words.data : "", dead ? ")" : "");
    buf_release(&words);
    return code;
}

int drive_inject(struct drive *drive, const json_t *step, struct err *err) {
    int code = drive_step_check(step, err);
    if (!code)
        code = check_victim(drive, step, err);
    if (code)
        return code;
    char id[32];
    snprintf(id, sizeof id, "user-%d", ++drive->injected);
    const char *given = json_string_value(json_object_get(step, "id"));
    bool outer = !drive->turning; /* no turn may end the step while it begins */
    drive->turning = true;
    begin(drive, step, given ? given : id, true);
    drive->turning = !outer;
    turn(drive);
    return 0;
}

int64_t drive_deadline_ns(const struct drive *drive) {
    int64_t nearest_ns = client_deadline_ns(drive->stage.client);
    for (size_t i = 0; i < drive->count; i++) {
        int64_t at_ns = drive->running[i]->deadline_ns;
        if (at_ns >= 0 && (nearest_ns < 0 || at_ns < nearest_ns))
            nearest_ns = at_ns;
    }
    return nearest_ns;
}

void drive_time(struct drive *drive) {
    int64_t now_ns = drive->stage.ops->now_ns(drive->stage.ctx);
    client_time(drive->stage.client);
    for (size_t i = 0; i < drive->count; i++) {
        struct running *running = drive->running[i];
        if (running->deadline_ns >= 0 && running->deadline_ns <= now_ns)
            step_time(running);
    }
    turn(drive);
}

/* Of ours, whatever the program does. */
static bool more_will_happen(const struct drive *drive) {
    for (size_t i = 0; i < drive->count; i++)
        if (step_acts(drive->running[i]))
            return true;
    return client_in_flight(drive->stage.client);
}

bool drive_program_idle(struct drive *drive) {
    if (!more_will_happen(drive))
        for (size_t i = 0; i < drive->count; i++)
            step_idle(drive->running[i]);
    turn(drive);
    return drive->count > 0 || client_in_flight(drive->stage.client);
}

static bool waits_for_exit(const json_t *step) {
    const char *awaited = json_string_value(json_object_get(step, "for"));
    return awaited && strcmp(awaited, "exit") == 0;
}

bool drive_outlives_program(const struct drive *drive) {
    const struct exercise *exercise = drive->stage.exercise;
    if (drive->phase != DRIVE_PLAYING || !drive->stage.roster.signal_mark)
        return false;
    for (size_t i = drive->next; i < exercise->step_count; i++)
        if (waits_for_exit(exercise->steps[i].options))
            return true;
    return drive->current && waits_for_exit(drive->current->step);
}

bool drive_struck_by_user(const struct drive *drive, int pid) {
    const struct process *process = roster_find(&drive->stage.roster, pid);
    return process && process->lab_signal && process->struck_by_user;
}

bool drive_in_flight(struct drive *drive) { return client_network_is_busy(drive->stage.client); }

bool drive_is_waiting(const struct drive *drive) {
    if (more_will_happen(drive))
        return false;
    for (size_t i = 0; i < drive->count; i++)
        if (step_waits(drive->running[i]))
            return true;
    return false;
}
