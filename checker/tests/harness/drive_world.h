/* A world for the driver's tests: a small server in the test's own process, whose doings are told to the
 * driver as the tracer would, and a log of every event. Time stands still unless a case moves it.
 *
 *     struct world *world = serve(LOAD(64, ", \"concurrency\": 8"), ANSWERS);
 *     run_until_done(world);
 *     assert_met(world, "s1");
 *     end_world(world);
 */
#ifndef BRIGADE_TESTS_DRIVE_WORLD_H
#define BRIGADE_TESTS_DRIVE_WORLD_H

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "drive/drive.h"
#include "drive/http.h"
#include "proto/event.h"
#include "tests/harness/cases.h"

enum { MASTER = 10, FIRST_WORKER = 11, WORKERS = 4, MOST_CLIENTS = 128, LONGEST_ROUND_MS = 100 };

enum manner { /* how the server treats a request */
              ANSWERS,
              ANSWERS_BY_THE_BYTE,
              ANSWERS_AND_CLOSES, /* without saying so */
              ANSWERS_TOO_LONG,
              ANSWERS_TO_CLOSE,
              SAYS_NONSENSE,
              READS_AND_IS_SILENT,
              DRIPS, /* a head, and no body */
              SHREDS, /* a byte a write, without an end */
              CLOSES_HALFWAY,
              RESETS,
              CLOSES_UNREAD,
              ACCEPTS_AND_IS_SILENT,
              NEVER_ACCEPTS,
};

struct world {
    struct loop *loop;
    struct drive *drive;
    struct exercise exercise;
    json_t *steps;
    json_t *log;                  /* every event, in order */
    json_t *late;                 /* replies that the tracer has yet to tell */
    bool tells_late, echoes_late; /* events come back to the driver only between two rounds */
    json_t *echo;
    int64_t now_ns;
    int listener;
    enum manner manner;
    int server_turn; /* which worker takes the next connection */
    int only_worker; /* takes them all; 0: in turn */
    int fds[MOST_CLIENTS], ports[MOST_CLIENTS], pids[MOST_CLIENTS], answered[MOST_CLIENTS];
    int fd_count, most_open, open_now;
    int last_signal, last_signalled, held, faults;
    struct fault last_fault;
    size_t holds;
    bool signal_kills, done, no_sockets;
};

/* --- what the driver is given ----------------------------------------------------------------- */

static inline void emit(void *ctx, json_t *event) {
    struct world *world = ctx;
    struct err err = {0};
    json_object_set_new(event, "seq", json_integer((json_int_t)json_array_size(world->log) + 1));
    json_object_set_new(event, "t_ns", json_integer(world->now_ns));
    if (event_validate(event, &err))
        fail_msg("%s", err.text);
    json_array_append_new(world->log, event);
    if (world->echoes_late)
        json_array_append(world->echo, event);
    else
        drive_observe(world->drive, event);
}

static inline int64_t now_ns(void *ctx) { return ((struct world *)ctx)->now_ns; }

static inline int tcp_socket(void *ctx, struct err *err) {
    if (((struct world *)ctx)->no_sockets)
        return err_set(err, EMFILE, "no socket to be had");
    return socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static inline int diag_socket(void *ctx, struct err *err) {
    (void)ctx;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    return fd < 0 ? err_sys(err, errno, "no netlink socket") : fd;
}

static inline int send_signal(void *ctx, int pid, int number) {
    struct world *world = ctx;
    world->last_signal = number;
    world->last_signalled = pid;
    emit(world, event_new(EVENT_SIGNAL, "{s:i, s:i, s:s, s:s}", "from", 0, "to", pid, "signal",
                          "SIGKILL", "why", "kill"));
    if (world->signal_kills)
        emit(world, event_new(EVENT_EXIT, "{s:i, s:s, s:b}", "pid", pid, "signal", "SIGKILL",
                              "by_lab", 1));
    return 0;
}

static inline int arm_fault(void *ctx, const struct fault *fault) {
    struct world *world = ctx;
    world->last_fault = *fault;
    world->faults++;
    return 0;
}

static inline void hold_accepts(void *ctx, int processes) {
    struct world *world = ctx;
    world->held = processes;
    world->holds++;
}

static inline void deadline_moved(void *ctx) { (void)ctx; }
static inline void scenario_done(void *ctx) { ((struct world *)ctx)->done = true; }

static const struct drive_ops ops = {now_ns, tcp_socket, diag_socket, send_signal, arm_fault, hold_accepts,
                                     emit,   deadline_moved, scenario_done};

/* --- the server ------------------------------------------------------------------------------- */

static inline void tell_connection(struct world *world, enum event_type type, int at, int bytes) {
    json_t *event =
        event_new(type, "{s:i, s:i}", "pid", world->pids[at], "connection", world->ports[at]);
    if (type == EVENT_TAKEN)
        json_object_set_new(event, "request", json_integer(0));
    if (type == EVENT_REPLY)
        json_object_set_new(event, "bytes", json_integer(bytes));
    if (type == EVENT_REPLY && world->tells_late)
        json_array_append_new(world->late, event);
    else
        emit(world, event);
}

static inline void hang_up(struct world *world, int at) {
    loop_unwatch(world->loop, world->fds[at]);
    fd_close(&world->fds[at]);
    world->open_now--;
}

static inline void say(struct world *world, int at, const char *bytes, size_t count) {
    assert_int_equal(send(world->fds[at], bytes, count, MSG_NOSIGNAL), (ssize_t)count);
    tell_connection(world, EVENT_REPLY, at, (int)count);
}

static inline void reset(struct world *world, int at) {
    struct linger now = {.l_onoff = 1};
    setsockopt(world->fds[at], SOL_SOCKET, SO_LINGER, &now, sizeof now);
    hang_up(world, at);
}

static inline void treat(struct world *world, int at) {
    char body[64], answer[256];
    int length = snprintf(body, sizeof body, "Handled by worker %d\n", world->pids[at]);
    int size = snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s%s",
                        length, body, world->manner == ANSWERS_TOO_LONG ? "!" : "");
    switch (world->manner) {
    case ANSWERS_BY_THE_BYTE:
        for (int i = 0; i < size; i++)
            say(world, at, answer + i, 1);
        break;
    case ANSWERS_TO_CLOSE:
        size = snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\n\r\n%s", body);
        say(world, at, answer, (size_t)size);
        hang_up(world, at);
        break;
    case SAYS_NONSENSE: say(world, at, body, (size_t)length); break;
    case CLOSES_HALFWAY:
        say(world, at, answer, (size_t)size - 5);
        hang_up(world, at);
        break;
    case RESETS: reset(world, at); break;
    case READS_AND_IS_SILENT: break;
    case DRIPS: say(world, at, answer, (size_t)(size - length)); break;
    case SHREDS:
        for (int i = 0; i <= HTTP_WRITES_MAX; i++)
            say(world, at, i < 17 ? answer + i : i == 17 ? ":" : "a", 1);
        break;
    default:
        say(world, at, answer, (size_t)size);
        if (world->manner == ANSWERS_AND_CLOSES)
            hang_up(world, at);
    }
}

static inline void on_client(void *ctx, int fd, uint32_t events) {
    struct world *world = ctx;
    char request[1024];
    int at = 0;
    (void)events;
    while (world->fds[at] != fd)
        at++;
    ssize_t got = recv(fd, request, sizeof request, MSG_DONTWAIT);
    if (got <= 0) {
        hang_up(world, at);
        return;
    }
    tell_connection(world, EVENT_TAKEN, at, 0);
    if (got < 4 || memcmp(request + got - 4, "\r\n\r\n", 4) != 0)
        return; /* the rest is to come */
    world->answered[at]++;
    treat(world, at);
}

static inline void on_listener(void *ctx, int fd, uint32_t events) {
    struct world *world = ctx;
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    (void)events;
    int at = world->fd_count, client = accept4(fd, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC);
    if (client < 0)
        return;
    assert_true(at < MOST_CLIENTS);
    world->fd_count++;
    world->fds[at] = client;
    world->ports[at] = ntohs(peer.sin_port);
    world->pids[at] =
        world->only_worker ? world->only_worker : FIRST_WORKER + world->server_turn++ % WORKERS;
    if (++world->open_now > world->most_open)
        world->most_open = world->open_now;
    tell_connection(world, EVENT_ACCEPT, at, 0);
    if (world->manner == CLOSES_UNREAD)
        hang_up(world, at);
    else if (world->manner != ACCEPTS_AND_IS_SILENT)
        loop_watch(world->loop, client, EPOLLIN, on_client, world);
}

static inline int listen_somewhere(int *port) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&here, sizeof here), 0);
    assert_int_equal(listen(fd, 128), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&here, &size), 0);
    *port = ntohs(here.sin_port);
    return fd;
}

/* --- the world -------------------------------------------------------------------------------- */

static inline void be_born(struct world *world, int pid, int parent) {
    json_t *event =
        event_new(EVENT_FORK, "{s:i, s:s}", "pid", pid, "kind", parent ? "fork" : "start");
    json_object_set_new(event, "parent", parent ? json_integer(parent) : json_null());
    json_object_set_new(event, "by", parent ? json_integer(parent) : json_null());
    emit(world, event);
}

static inline void die(struct world *world, int pid, const char *signal) {
    json_t *event = event_new(EVENT_EXIT, "{s:i}", "pid", pid);
    if (signal)
        json_object_set_new(event, "signal", json_string(signal));
    else
        json_object_set_new(event, "code", json_integer(1));
    emit(world, event);
}

static inline void listen_by(struct world *world, int pid, int port, int backlog) {
    emit(world,
         event_new(EVENT_LISTEN, "{s:i, s:i, s:i}", "pid", pid, "port", port, "backlog", backlog));
}

static inline void listen_event(struct world *world, int port, int backlog) {
    listen_by(world, MASTER, port, backlog);
}

static inline void send_message(struct world *world, int from, int to, const char *value) {
    emit(world,
         event_new(EVENT_MESSAGE, "{s:i, s:i, s:i, s:i, s:i, s:i, s:b, s:o, s:i}", "message", 1,
                   "channel", 1, "from", from, "to", to, "bytes", 10, "parts", 1, "complete", 1,
                   "value", json_loads(value, JSON_DECODE_ANY, NULL), "since", 0));
}

static inline void start_program(struct world *world) {
    be_born(world, MASTER, 0);
    listen_event(world, world->exercise.port, 128);
    for (int i = 0; i < WORKERS; i++)
        be_born(world, FIRST_WORKER + i, MASTER);
}

/* A world whose scenario is `steps`, a JSON list; ids are s1, s2, ... */
static inline struct world *begin_world(const char *steps) {
    struct world *world = xcalloc(1, sizeof *world);
    struct err err = {0};
    json_error_t error;
    world->loop = loop_new(&err);
    world->log = json_array();
    world->late = json_array();
    world->echo = json_array();
    world->listener = listen_somewhere(&world->exercise.port);
    world->exercise.cpus = WORKERS;
    world->steps = json_loads(steps, 0, &error);
    if (!world->steps)
        fail_msg("%s", error.text);
    size_t count = json_array_size(world->steps);
    struct step *list = xcalloc(count, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        json_t *step = json_array_get(world->steps, i);
        if (drive_step_check(step, &err))
            fail_msg("%s", err.text);
        list[i] = (struct step){.id = xasprintf("s%zu", i + 1),
                                .what = json_string_value(json_object_get(step, "do")),
                                .options = step};
    }
    world->exercise.steps = list;
    world->exercise.step_count = count;
    world->signal_kills = true;
    world->drive = drive_new(world->loop, &world->exercise, &ops, world);
    loop_watch(world->loop, world->listener, EPOLLIN, on_listener, world);
    return world;
}

static inline void end_world(struct world *world) {
    drive_free(world->drive);
    for (int i = 0; i < world->fd_count; i++)
        fd_close(&world->fds[i]);
    fd_close(&world->listener);
    loop_free(world->loop);
    for (size_t i = 0; i < world->exercise.step_count; i++)
        free((char *)world->exercise.steps[i].id);
    free((struct step *)world->exercise.steps);
    json_decref(world->steps);
    json_decref(world->log);
    json_decref(world->late);
    json_decref(world->echo);
    free(world);
}

static inline void deliver(struct world *world, json_t **list, bool through_emit) {
    json_t *events = *list;
    *list = json_array();
    size_t i;
    json_t *event;
    json_array_foreach(events, i, event) {
        if (through_emit)
            emit(world, json_incref(event));
        else
            drive_observe(world->drive, event);
    }
    json_decref(events);
}

static inline void one_round(struct world *world) {
    bool waits = json_array_size(world->late) || json_array_size(world->echo);
    loop_step(world->loop, waits ? 0 : LONGEST_ROUND_MS);
    deliver(world, &world->late, true);
    deliver(world, &world->echo, false);
}

static inline void run_until_done(struct world *world) {
    while (!world->done)
        one_round(world);
}

static inline void move_time(struct world *world, int64_t ms) {
    world->now_ns += ms * NS_PER_MS;
    drive_time(world->drive);
}

static inline void move_to_deadline(struct world *world) {
    int64_t at_ns = drive_deadline_ns(world->drive);
    assert_true(at_ns >= world->now_ns);
    world->now_ns = at_ns;
    drive_time(world->drive);
}

/* --- the log ---------------------------------------------------------------------------------- */

static inline size_t count_type(const struct world *world, enum event_type type) {
    size_t i, count = 0;
    json_t *event;
    json_array_foreach(world->log, i, event) count += event_type_of(event) == type;
    return count;
}

/* The number-th event of a type, from 1. */
static const json_t *nth(const struct world *world, enum event_type type, size_t number) {
    size_t i;
    json_t *event;
    json_array_foreach(world->log, i, event) {
        if (event_type_of(event) == type && --number == 0)
            return event;
    }
    fail_msg("no such %s event", event_name(type));
    return NULL;
}

static const json_t *step_end(const struct world *world, const char *id) {
    size_t i;
    json_t *event;
    json_array_foreach(world->log, i, event) {
        if (event_type_of(event) == EVENT_STEP && !strcmp(event_text(event, "step", ""), id) &&
            !strcmp(event_text(event, "state", ""), "end"))
            return event;
    }
    return NULL;
}

static inline void assert_met(const struct world *world, const char *id) {
    const json_t *end = step_end(world, id);
    if (!end || !event_bool(end, "met"))
        fail_msg("step %s is not met: %s", id, end ? event_text(end, "why", "") : "no end");
}

static inline void assert_unmet(const struct world *world, const char *id, const char *why) {
    const json_t *end = step_end(world, id);
    if (!end || event_bool(end, "met") || !strstr(event_text(end, "why", ""), why))
        fail_msg("step %s: %s, wanted: %s", id, end ? event_text(end, "why", "met") : "no end",
                 why);
}

static inline void assert_failed(const struct world *world, const char *why, int pid,
                                 const char *detail) {
    const json_t *event = nth(world, EVENT_UNANSWERED, 1);
    assert_string_equal(event_text(event, "why", ""), why);
    assert_int_equal(event_int(event, "pid", 0), pid);
    if (!strstr(event_text(event, "detail", ""), detail))
        fail_msg("detail is: %s, wanted: %s", event_text(event, "detail", ""), detail);
}

/* --- a scenario of one load ------------------------------------------------------------------- */

#define LOAD(n, more) "[{\"do\": \"load\", \"requests\": " #n ", \"timeout_ms\": 8000" more "}]"

static inline struct world *serve(const char *steps, enum manner manner) {
    struct world *world = begin_world(steps);
    start_program(world);
    world->manner = manner;
    drive_start(world->drive);
    return world;
}

#endif
