/* A world for the tests of the tracer: plays a scene of tests/programs/traced.c or talking.c, traced but in no box, and
 * keeps the events.
 *
 *     struct world world = {.scene = "fork"};
 *     play(&world);                                     // until no tracee is left, or world.stop_at says so
 *     assert_int_equal(1, count(&world, "fork", "kind", "vfork"));
 *     assert_true(said(&world, "child") > 0);           // what the program itself said on stdout
 *     end_world(&world);
 */
#ifndef BRIGADE_TESTS_TRACE_WORLD_H
#define BRIGADE_TESTS_TRACE_WORLD_H

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "proto/event.h"
#include "session/log.h"
#include "session/program_stdio.h"
#include "tests/harness/cases.h"
#include "trace/trace.h"

enum { LOOKS_MS = 50, LOOKS_ALIKE = 3 };

struct world {
    const char *scene;
    const char *program;        /* tests/programs/traced unless said otherwise */
    bool no_reads;
    bool until_idle;            /* stop as soon as the program is idle, and keep in which way */
    bool until_first_ended;     /* stop when the first process has ended, whatever is left */
    struct trace_options options;
    struct fault fault;         /* armed from the start, if faulty */
    bool faulty;
    void (*on_event)(struct world *world, const json_t *event);

    pid_t group;
    struct loop *loop;
    struct log *log;
    struct trace *trace;
    struct program_stdio stdio;
    json_t *events; /* list */
    enum idleness idleness;
    json_t *waits;
    enum outcome limit;
    int look_timer, looks;
    bool over;
};

static int64_t world_now(void *ctx) {
    struct world *world = ctx;
    return world->trace ? trace_now_ns(world->trace) : 0;
}

static void world_keep(void *ctx, const json_t *event) {
    struct world *world = ctx;
    struct err err = {0};
    if (event_validate(event, &err))
        fail_msg("%s", err.text);
    json_array_append(world->events, (json_t *)event);
    if (world->on_event)
        world->on_event(world, event);
}

static void world_emit(void *ctx, json_t *event) { log_emit(((struct world *)ctx)->log, event); }

static uint64_t world_seq(void *ctx) { return log_seq(((struct world *)ctx)->log); }

static void world_ended(void *ctx, int wait_status) {
    struct world *world = ctx;
    (void)wait_status;
    world->over = world->over || world->until_first_ended;
}

static void world_limit(void *ctx, enum outcome outcome, const char *detail) {
    struct world *world = ctx;
    (void)detail;
    world->limit = outcome;
    world->over = true;
}

static void world_moment(void *ctx) { (void)ctx; }

static bool world_in_flight(void *ctx) {
    (void)ctx;
    return false;
}

static void world_idle(void *ctx, enum idleness how) {
    struct world *world = ctx;
    world->idleness = how;
    world->over = true;
}

static void world_look(void *ctx) {
    struct world *world = ctx;
    enum idleness now = trace_idleness(world->trace, NULL);
    world->looks = now != BUSY && now == world->idleness ? world->looks + 1 : 0;
    world->idleness = now;
    world->over = world->looks >= LOOKS_ALIKE;
    loop_timer_set(world->loop, world->look_timer, clock_now_ns() + LOOKS_MS * NS_PER_MS);
}

static _Noreturn void world_become(struct world *world, int gate) {
    char byte;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (read(gate, &byte, 1) != 1 || dup2(world->stdio.stdout_fd, 1) < 0 ||
        dup2(world->stdio.stderr_fd, 2) < 0)
        _exit(97);
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (trace_add_rules(filter, &world->options, NULL) || seccomp_load(filter))
        _exit(97);
    const char *path = case_built(world->program ? world->program : "tests/programs/traced");
    execl(path, path, world->scene, (char *)NULL);
    _exit(97);
}

static void world_start(struct world *world) {
    static const struct trace_ops ops = {world_emit,  world_seq,       world_ended, world_limit,
                                         world_moment, world_in_flight, world_idle};
    struct err err = {0};
    int gate[2];
    alloc_use_for_json();
    world->events = json_array();
    world->loop = loop_new(&err);
    world->log = log_new();
    assert_int_equal(0, fd_pipe(gate, &err));
    if (program_stdio_open(&world->stdio, world->loop, &err))
        fail_msg("%s", err.text);
    world->options.reads = !world->no_reads;
    world->options.faults = world->options.faults || world->faulty;
    pid_t pid = fork();
    if (pid == 0)
        world_become(world, gate[0]);
    world->group = pid;
    world->options.stdout_end = world->stdio.stdout_end;
    world->options.stderr_end = world->stdio.stderr_end;
    world->trace = trace_new(world->loop, &world->options, &ops, world);
    log_listen(world->log, world_keep, world);
    log_set_time(world->log, world_now, world);
    if (trace_seize(world->trace, pid, &err))
        case_skip("%s", err.text);
    trace_start(world->trace);
    if (world->faulty)
        assert_int_equal(0, trace_fault(world->trace, &world->fault));
    assert_int_equal(0, fd_write_all(gate[1], "g", 1));
    fd_close(&gate[0]);
    fd_close(&gate[1]);
    program_stdio_started(&world->stdio);
}

static void play(struct world *world) {
    world_start(world);
    world->look_timer = loop_timer_new(world->loop, world_look, world);
    if (world->until_idle)
        loop_timer_set(world->loop, world->look_timer, clock_now_ns());
    while (!world->over && !trace_is_empty(world->trace))
        loop_step(world->loop, 1000);
    if (world->until_idle && world->idleness == WAITS_ITSELF)
        trace_idleness(world->trace, &world->waits);
    trace_finish(world->trace);
}

static void end_world(struct world *world) {
    trace_free(world->trace);
    do
        kill(-world->group, SIGKILL); /* what a fork bomb has made meanwhile, too */
    while (waitpid(-1, NULL, __WALL) > 0);
    program_stdio_close(&world->stdio);
    log_free(world->log);
    loop_free(world->loop);
    json_decref(world->events);
    json_decref(world->waits);
}

/* --- asking --------------------------------------------------------------------------------- */

static bool world_has(const json_t *event, const char *member, const char *wanted) {
    const json_t *value = json_object_get(event, member);
    char *text = json_is_string(value) ? xstrdup(json_string_value(value))
                                       : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    bool has = value && strcmp(text, wanted) == 0;
    free(text);
    return has;
}

/* The n-th event (from 0) of a type whose member, if any, has this value (as text or as JSON); NULL if there is none. */
static json_t *nth(const struct world *world, int n, const char *type, const char *member,
                   const char *wanted) {
    size_t index;
    json_t *event;
    json_array_foreach(world->events, index, event)
        if (strcmp(event_text(event, "type", ""), type) == 0 &&
            (!member || world_has(event, member, wanted)) && n-- == 0)
            return event;
    return NULL;
}

__attribute__((unused)) static json_t *the(const struct world *world, const char *type,
                                           const char *member, const char *wanted) {
    json_t *event = nth(world, 0, type, member, wanted);
    if (!event)
        fail_msg("no %s event with %s %s", type, member ? member : "", member ? wanted : "");
    return event;
}

__attribute__((unused)) static int count(const struct world *world, const char *type,
                                         const char *member, const char *wanted) {
    int n = 0;
    while (nth(world, n, type, member, wanted))
        n++;
    return n;
}

/* What the program said: the number behind `word`, -1 if it said no such thing. */
static long said(const struct world *world, const char *word) {
    json_t *event;
    for (int n = 0; (event = nth(world, n, "output", "stream", "stdout")); n++) {
        const char *text = event_text(event, "text", "");
        size_t length = strlen(word);
        if (strncmp(text, word, length) == 0 && text[length] == ' ')
            return strtol(text + length, NULL, 10);
    }
    return -1;
}

/* The same as text, for `the` and `count`; in a static buffer. */
__attribute__((unused)) static const char *said_text(const struct world *world, const char *word) {
    static char text[24];
    snprintf(text, sizeof text, "%ld", said(world, word));
    return text;
}

__attribute__((unused)) static int first_pid(const struct world *world) {
    return (int)event_int(the(world, "fork", "kind", "start"), "pid", -1);
}

#endif
