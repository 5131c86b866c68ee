/* The driver against a small server in this very process, whose doings are told as the tracer would. Time
 * stands still unless a case moves it. */
#include <arpa/inet.h>
#include <errno.h>
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
    json_t *log; /* every event, in order */
    json_t *late;  /* replies that the tracer has yet to tell */
    bool tells_late, echoes_late; /* events come back to the driver only between two rounds */
    json_t *echo;
    int64_t now_ns;
    int listener;
    enum manner manner;
    int server_turn; /* which worker takes the next connection */
    int only_worker; /* takes them all; 0: in turn */
    int fds[MOST_CLIENTS], ports[MOST_CLIENTS], pids[MOST_CLIENTS], answered[MOST_CLIENTS];
    int fd_count, most_open, open_now;
    int last_signal, last_signalled, held;
    size_t holds;
    bool signal_kills, done, no_sockets;
};

/* --- what the driver is given ----------------------------------------------------------------- */

static void emit(void *ctx, json_t *event) {
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

static int64_t now_ns(void *ctx) { return ((struct world *)ctx)->now_ns; }

static int tcp_socket(void *ctx, struct err *err) {
    if (((struct world *)ctx)->no_sockets)
        return err_set(err, EMFILE, "no socket to be had");
    return socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int send_signal(void *ctx, int pid, int number) {
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

static void hold_accepts(void *ctx, int processes) {
    struct world *world = ctx;
    world->held = processes;
    world->holds++;
}

static void deadline_moved(void *ctx) { (void)ctx; }
static void scenario_done(void *ctx) { ((struct world *)ctx)->done = true; }

static const struct drive_ops ops = {now_ns, tcp_socket,     send_signal,  hold_accepts,
                                     emit,   deadline_moved, scenario_done};

/* --- the server ------------------------------------------------------------------------------- */

static void tell_connection(struct world *world, enum event_type type, int at, int bytes) {
    json_t *event = event_new(type, "{s:i, s:i}", "pid", world->pids[at], "connection",
                              world->ports[at]);
    if (type == EVENT_TAKEN)
        json_object_set_new(event, "request", json_integer(0));
    if (type == EVENT_REPLY)
        json_object_set_new(event, "bytes", json_integer(bytes));
    if (type == EVENT_REPLY && world->tells_late)
        json_array_append_new(world->late, event);
    else
        emit(world, event);
}

static void hang_up(struct world *world, int at) {
    loop_unwatch(world->loop, world->fds[at]);
    fd_close(&world->fds[at]);
    world->open_now--;
}

static void say(struct world *world, int at, const char *bytes, size_t count) {
    assert_int_equal(send(world->fds[at], bytes, count, MSG_NOSIGNAL), (ssize_t)count);
    tell_connection(world, EVENT_REPLY, at, (int)count);
}

static void reset(struct world *world, int at) {
    struct linger now = {.l_onoff = 1};
    setsockopt(world->fds[at], SOL_SOCKET, SO_LINGER, &now, sizeof now);
    hang_up(world, at);
}

static void treat(struct world *world, int at) {
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
    default:
        say(world, at, answer, (size_t)size);
        if (world->manner == ANSWERS_AND_CLOSES)
            hang_up(world, at);
    }
}

static void on_client(void *ctx, int fd, uint32_t events) {
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

static void on_listener(void *ctx, int fd, uint32_t events) {
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
    world->pids[at] = world->only_worker ? world->only_worker
                                         : FIRST_WORKER + world->server_turn++ % WORKERS;
    if (++world->open_now > world->most_open)
        world->most_open = world->open_now;
    tell_connection(world, EVENT_ACCEPT, at, 0);
    if (world->manner == CLOSES_UNREAD)
        hang_up(world, at);
    else if (world->manner != ACCEPTS_AND_IS_SILENT)
        loop_watch(world->loop, client, EPOLLIN, on_client, world);
}

static int listen_somewhere(int *port) {
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

static void be_born(struct world *world, int pid, int parent) {
    json_t *event = event_new(EVENT_FORK, "{s:i, s:s}", "pid", pid, "kind",
                              parent ? "fork" : "start");
    json_object_set_new(event, "parent", parent ? json_integer(parent) : json_null());
    json_object_set_new(event, "by", parent ? json_integer(parent) : json_null());
    emit(world, event);
}

static void die(struct world *world, int pid, const char *signal) {
    json_t *event = event_new(EVENT_EXIT, "{s:i}", "pid", pid);
    if (signal)
        json_object_set_new(event, "signal", json_string(signal));
    else
        json_object_set_new(event, "code", json_integer(1));
    emit(world, event);
}

static void listen_event(struct world *world, int port, int backlog) {
    emit(world, event_new(EVENT_LISTEN, "{s:i, s:i, s:i}", "pid", MASTER, "port", port, "backlog",
                          backlog));
}

static void send_message(struct world *world, int from, int to, const char *value) {
    emit(world, event_new(EVENT_MESSAGE, "{s:i, s:i, s:i, s:i, s:i, s:i, s:b, s:o, s:i}", "message",
                          1, "channel", 1, "from", from, "to", to, "bytes", 10, "parts", 1,
                          "complete", 1, "value", json_loads(value, JSON_DECODE_ANY, NULL),
                          "since", 0));
}

static void start_program(struct world *world) {
    be_born(world, MASTER, 0);
    listen_event(world, world->exercise.port, 128);
    for (int i = 0; i < WORKERS; i++)
        be_born(world, FIRST_WORKER + i, MASTER);
}

/* A world whose scenario is `steps`, a JSON list; ids are s1, s2, ... */
static struct world *begin_world(const char *steps) {
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

static void end_world(struct world *world) {
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

static void deliver(struct world *world, json_t **list, bool through_emit) {
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

static void one_round(struct world *world) {
    bool waits = json_array_size(world->late) || json_array_size(world->echo);
    loop_step(world->loop, waits ? 0 : LONGEST_ROUND_MS);
    deliver(world, &world->late, true);
    deliver(world, &world->echo, false);
}

static void run_until_done(struct world *world) {
    while (!world->done)
        one_round(world);
}

static void move_time(struct world *world, int64_t ms) {
    world->now_ns += ms * NS_PER_MS;
    drive_time(world->drive);
}

static void move_to_deadline(struct world *world) {
    int64_t at_ns = drive_deadline_ns(world->drive);
    assert_true(at_ns >= world->now_ns);
    world->now_ns = at_ns;
    drive_time(world->drive);
}

/* --- the log ---------------------------------------------------------------------------------- */

static size_t count_type(const struct world *world, enum event_type type) {
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

static void assert_met(const struct world *world, const char *id) {
    const json_t *end = step_end(world, id);
    if (!end || !event_bool(end, "met"))
        fail_msg("step %s is not met: %s", id, end ? event_text(end, "why", "") : "no end");
}

static void assert_unmet(const struct world *world, const char *id, const char *why) {
    const json_t *end = step_end(world, id);
    if (!end || event_bool(end, "met") || !strstr(event_text(end, "why", ""), why))
        fail_msg("step %s: %s, wanted: %s", id, end ? event_text(end, "why", "met") : "no end", why);
}

static void assert_failed(const struct world *world, const char *why, int pid, const char *detail) {
    const json_t *event = nth(world, EVENT_UNANSWERED, 1);
    assert_string_equal(event_text(event, "why", ""), why);
    assert_int_equal(event_int(event, "pid", 0), pid);
    if (!strstr(event_text(event, "detail", ""), detail))
        fail_msg("detail is: %s, wanted: %s", event_text(event, "detail", ""), detail);
}

/* --- loads ------------------------------------------------------------------------------------ */

#define LOAD(n, more) "[{\"do\": \"load\", \"requests\": " #n ", \"timeout_ms\": 8000" more "}]"

static struct world *serve(const char *steps, enum manner manner) {
    struct world *world = begin_world(steps);
    start_program(world);
    world->manner = manner;
    drive_start(world->drive);
    return world;
}

static void every_request_is_answered_and_its_worker_known(void **state) {
    (void)state;
    struct world *world = serve(LOAD(64, ", \"concurrency\": 64, \"spread\": true"), ANSWERS);
    assert_int_equal(world->held, WORKERS);
    run_until_done(world);
    assert_met(world, "s1");
    assert_int_equal(world->held, 0);
    assert_int_equal(world->holds, 2);
    assert_int_equal(count_type(world, EVENT_REQUEST), 64);
    assert_int_equal(count_type(world, EVENT_ANSWER), 64);
    for (size_t i = 1; i <= 64; i++) {
        const json_t *answer = nth(world, EVENT_ANSWER, i);
        char body[64];
        snprintf(body, sizeof body, "Handled by worker %d\n", (int)event_int(answer, "pid", 0));
        assert_string_equal(event_text(answer, "body", ""), body);
        assert_int_equal(event_int(answer, "status", 0), 200);
        assert_true(event_bool(answer, "well_formed"));
        assert_int_equal(event_int(answer, "taken_by", 0), event_int(answer, "pid", 0));
        assert_true(event_int(answer, "taken_seq", 0) < event_int(answer, "first_seq", 0));
        assert_true(event_int(answer, "first_seq", 0) <= event_int(answer, "last_seq", 0));
        assert_true(event_int(answer, "last_seq", 0) < (int64_t)event_seq(answer));
    }
    end_world(world);
}

static void requests_differ_and_are_told_before_they_are_sent(void **state) {
    (void)state;
    struct world *world = serve(LOAD(2, ""), ANSWERS);
    run_until_done(world);
    const char *one = event_text(nth(world, EVENT_REQUEST, 1), "target", "");
    const char *other = event_text(nth(world, EVENT_REQUEST, 2), "target", "");
    assert_int_equal(strncmp(one, "/?n=", 4), 0);
    assert_int_equal(strlen(one), 4 + 16);
    assert_string_not_equal(one, other);
    assert_true(event_seq(nth(world, EVENT_REQUEST, 1)) < event_seq(nth(world, EVENT_TAKEN, 1)));
    assert_string_equal(event_text(nth(world, EVENT_REQUEST, 1), "step", ""), "s1");
    end_world(world);
}

static void answers_in_small_pieces_are_whole(void **state) {
    (void)state;
    struct world *world = serve(LOAD(8, ", \"concurrency\": 4"), ANSWERS_BY_THE_BYTE);
    run_until_done(world);
    assert_met(world, "s1");
    const json_t *answer = nth(world, EVENT_ANSWER, 1);
    assert_true(event_int(answer, "last_seq", 0) - event_int(answer, "first_seq", 0) >= 50);
    assert_int_equal(json_array_size(json_object_get(answer, "pids")), 1);
    end_world(world);
}

static void writes_told_late_still_name_the_writer(void **state) {
    (void)state;
    struct world *world = begin_world(LOAD(16, ", \"concurrency\": 16"));
    start_program(world);
    world->tells_late = world->echoes_late = true;
    drive_start(world->drive);
    run_until_done(world);
    assert_int_equal(count_type(world, EVENT_ANSWER), 16);
    for (size_t i = 1; i <= 16; i++)
        assert_true(event_int(nth(world, EVENT_ANSWER, i), "pid", 0) >= FIRST_WORKER);
    end_world(world);
}

static void kept_connections_carry_several_requests(void **state) {
    (void)state;
    struct world *world =
        serve(LOAD(24, ", \"concurrency\": 8, \"keep_alive\": true, \"per_connection\": 3"), ANSWERS);
    run_until_done(world);
    assert_met(world, "s1");
    assert_int_equal(world->fd_count, 8);
    for (int i = 0; i < 8; i++)
        assert_int_equal(world->answered[i], 3);
    for (size_t i = 1; i <= 24; i++) {
        const json_t *answer = nth(world, EVENT_ANSWER, i);
        char body[64];
        snprintf(body, sizeof body, "Handled by worker %d\n", (int)event_int(answer, "pid", 0));
        assert_string_equal(event_text(answer, "body", ""), body);
    }
    end_world(world);
}

static void a_server_may_close_a_kept_connection_between_requests(void **state) {
    (void)state;
    struct world *world = serve(
        LOAD(12, ", \"concurrency\": 2, \"keep_alive\": true, \"per_connection\": 6"),
        ANSWERS_AND_CLOSES);
    run_until_done(world);
    assert_met(world, "s1");
    assert_int_equal(count_type(world, EVENT_ANSWER), 12);
    assert_int_equal(count_type(world, EVENT_UNANSWERED), 0);
    assert_int_equal(world->fd_count, 12);
    end_world(world);
}

static void concurrency_bounds_the_open_connections(void **state) {
    (void)state;
    struct world *world = serve(LOAD(40, ", \"concurrency\": 5"), ANSWERS_TO_CLOSE);
    run_until_done(world);
    assert_met(world, "s1");
    assert_true(world->most_open <= 5);
    end_world(world);
}

static void a_short_backlog_is_never_overrun(void **state) {
    (void)state;
    struct world *world = begin_world(LOAD(32, ", \"concurrency\": 32"));
    be_born(world, MASTER, 0);
    listen_event(world, world->exercise.port, 3);
    drive_start(world->drive);
    assert_int_equal(count_type(world, EVENT_REQUEST), 3);
    run_until_done(world);
    assert_met(world, "s1");
    assert_int_equal(count_type(world, EVENT_ANSWER), 32);
    end_world(world);
}

static void slow_requests_go_out_in_pieces(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ", \"slow_ms\": 700"), ANSWERS);
    size_t moves = 0;
    while (!world->done) {
        size_t taken = count_type(world, EVENT_TAKEN);
        while (!world->done && count_type(world, EVENT_TAKEN) == taken)
            one_round(world);
        if (!world->done && !world->answered[0]) {
            moves++;
            move_to_deadline(world);
        }
    }
    assert_met(world, "s1");
    assert_int_equal(moves, 7);
    assert_int_equal(world->now_ns, 700 * NS_PER_MS);
    end_world(world);
}

static void an_answer_takes_the_programs_own_time(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ""), READS_AND_IS_SILENT);
    while (!count_type(world, EVENT_TAKEN))
        one_round(world);
    move_time(world, 250);
    world->manner = ANSWERS;
    treat(world, 0);
    run_until_done(world);
    assert_int_equal(json_number_value(json_object_get(nth(world, EVENT_ANSWER, 1), "ms")), 250);
    end_world(world);
}

static void an_answer_longer_than_announced_is_not_well_formed(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ""), ANSWERS_TOO_LONG);
    run_until_done(world);
    const json_t *answer = nth(world, EVENT_ANSWER, 1);
    assert_false(event_bool(answer, "well_formed"));
    assert_non_null(strstr(event_text(answer, "detail", ""), "1 byte more"));
    end_world(world);
}

/* --- failures --------------------------------------------------------------------------------- */

static const struct {
    enum manner manner;
    const char *why;
    int pid;
    const char *detail;
} failures[] = {
    {SAYS_NONSENSE, "malformed", FIRST_WORKER, "Handled by worker 11"},
    {CLOSES_HALFWAY, "closed", FIRST_WORKER, "bytes that Content-Length announces"},
    {RESETS, "reset", FIRST_WORKER, "process 11 read the request and wrote no answer"},
};

static void failures_are_told_with_whose_they_are(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        struct world *world = serve(LOAD(1, ""), failures[i].manner);
        run_until_done(world);
        assert_failed(world, failures[i].why, failures[i].pid, failures[i].detail);
        assert_false(event_bool(nth(world, EVENT_UNANSWERED, 1), "killed"));
        assert_unmet(world, "s1", failures[i].why);
        end_world(world);
    }
}

static void a_connection_closed_unread_is_told(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ""), CLOSES_UNREAD);
    run_until_done(world);
    const char *why = event_text(nth(world, EVENT_UNANSWERED, 1), "why", "");
    assert_true(!strcmp(why, "closed") || !strcmp(why, "reset")); /* the kernel's choice */
    assert_failed(world, why, FIRST_WORKER, "process 11 accepted the connection");
    end_world(world);
}

static void nobody_listening_is_refused(void **state) {
    (void)state;
    struct world *world = begin_world(LOAD(3, ""));
    loop_unwatch(world->loop, world->listener);
    fd_close(&world->listener);
    be_born(world, MASTER, 0);
    drive_start(world->drive);
    run_until_done(world);
    assert_failed(world, "refused", 0, "no process listens");
    assert_int_equal(count_type(world, EVENT_UNANSWERED), 3);
    assert_unmet(world, "s1", "0 of 3 answered, 3 refused");
    end_world(world);
}

static void silence_ends_with_the_time_limit(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ""), READS_AND_IS_SILENT);
    while (!count_type(world, EVENT_TAKEN))
        one_round(world);
    move_time(world, 7999);
    assert_false(world->done);
    move_to_deadline(world);
    assert_true(world->done);
    assert_failed(world, "timeout", FIRST_WORKER, "within 8000 ms; process 11 read the request");
    end_world(world);
}

static void requests_that_nobody_reads_say_how_far_they_got(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ""), ACCEPTS_AND_IS_SILENT);
    while (!count_type(world, EVENT_ACCEPT))
        one_round(world);
    move_to_deadline(world);
    assert_failed(world, "timeout", FIRST_WORKER, "process 11 accepted the connection and did not");
    end_world(world);
}

static void no_socket_is_our_own_trouble(void **state) {
    (void)state;
    struct world *world = begin_world(LOAD(5, ""));
    be_born(world, MASTER, 0);
    world->no_sockets = true;
    drive_start(world->drive);
    assert_true(world->done);
    assert_int_equal(count_type(world, EVENT_ERROR), 1);
    assert_unmet(world, "s1", "no socket to be had");
    end_world(world);
}

static void a_request_lost_with_a_killed_worker_is_nobodys_fault(void **state) {
    (void)state;
    struct world *world = serve(LOAD(1, ""), READS_AND_IS_SILENT);
    while (!count_type(world, EVENT_TAKEN))
        one_round(world);
    json_t *step = json_pack("{s:s, s:i}", "do", "kill", "pid", FIRST_WORKER);
    assert_int_equal(drive_inject(world->drive, step, NULL), 0);
    json_decref(step);
    reset(world, 0);
    run_until_done(world);
    assert_failed(world, "reset", FIRST_WORKER, "through no fault");
    assert_true(event_bool(nth(world, EVENT_UNANSWERED, 1), "killed"));
    assert_met(world, "s1");
    end_world(world);
}

static void a_connection_dealt_to_a_worker_not_yet_reaped_is_lost_with_it(void **state) {
    (void)state;
    struct world *world = begin_world(LOAD(1, ""));
    start_program(world);
    world->only_worker = MASTER;
    world->manner = ACCEPTS_AND_IS_SILENT;
    json_t *step = json_pack("{s:s, s:i}", "do", "kill", "pid", FIRST_WORKER);
    drive_inject(world->drive, step, NULL);
    json_decref(step);
    drive_start(world->drive);
    while (!count_type(world, EVENT_ACCEPT))
        one_round(world);
    emit(world, event_new(EVENT_PASS, "{s:i, s:i, s:n, s:s, s:i}", "channel", 1, "from", MASTER,
                          "to", "what", "socket", "connection", world->ports[0]));
    move_to_deadline(world);
    assert_failed(world, "timeout", FIRST_WORKER, "to no live process");
    assert_true(event_bool(nth(world, EVENT_UNANSWERED, 1), "killed"));
    end_world(world);
}

/* --- waits ------------------------------------------------------------------------------------ */

#define WAIT(what, more) "[{\"do\": \"wait\", \"for\": \"" what "\", \"within_ms\": 5000" more "}]"

static void waits_for_a_listener(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("listen", ""));
    drive_start(world->drive);
    be_born(world, MASTER, 0);
    listen_event(world, world->exercise.port == 80 ? 81 : 80, 5);
    assert_false(world->done);
    assert_true(drive_is_waiting(world->drive));
    listen_event(world, world->exercise.port, 5);
    assert_true(world->done);
    assert_met(world, "s1");
    assert_false(drive_is_waiting(world->drive));
    end_world(world);
}

static void nobody_listens_in_time_and_the_scenario_ends(void **state) {
    (void)state;
    struct world *world =
        begin_world("[{\"do\": \"wait\", \"for\": \"listen\", \"within_ms\": 5000, "
                    "\"required\": true}, {\"do\": \"pass\", \"ms\": 1}]");
    be_born(world, MASTER, 0);
    listen_event(world, world->exercise.port == 80 ? 81 : 80, 5);
    drive_start(world->drive);
    move_to_deadline(world);
    assert_int_equal(world->now_ns, 5 * NS_PER_S);
    assert_true(world->done);
    assert_unmet(world, "s1", "waited 5 s");
    assert_unmet(world, "s1", "port 80 instead; process 10 is still alive");
    assert_null(step_end(world, "s2"));
    end_world(world);
}

static void waits_for_one_worker_a_cpu(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("workers", ", \"count\": \"cpus\""));
    drive_start(world->drive);
    be_born(world, MASTER, 0);
    for (int i = 0; i < WORKERS; i++) {
        assert_false(world->done);
        be_born(world, FIRST_WORKER + i, MASTER);
    }
    assert_true(world->done);
    end_world(world);
}

static void too_few_workers_are_listed(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("workers", ", \"count\": 3"));
    drive_start(world->drive);
    be_born(world, MASTER, 0);
    for (int i = 0; i < 3; i++)
        be_born(world, FIRST_WORKER + i, MASTER);
    end_world(world);
    world = begin_world(WAIT("workers", ", \"count\": 4"));
    drive_start(world->drive);
    be_born(world, MASTER, 0);
    for (int i = 0; i < 3; i++)
        be_born(world, FIRST_WORKER + i, MASTER);
    die(world, FIRST_WORKER + 1, NULL);
    move_to_deadline(world);
    assert_unmet(world, "s1", "4 were to be; the master, 10, has 2 live child processes: 11 and 13; "
                              "process 12 exited with code 1");
    end_world(world);
}

static void the_master_may_hide_behind_a_shell(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("workers", ""));
    drive_start(world->drive);
    be_born(world, 5, 0);
    be_born(world, MASTER, 5);
    for (int i = 0; i < WORKERS; i++)
        be_born(world, FIRST_WORKER + i, MASTER);
    assert_true(world->done);
    end_world(world);
}

static void waits_for_a_message_of_every_worker(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("messages", ", \"with\": \"count\", \"each\": 2"));
    start_program(world);
    send_message(world, FIRST_WORKER, MASTER, "{\"count\": 1}"); /* before the step: none of its */
    drive_start(world->drive);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < WORKERS - 1; i++)
            send_message(world, FIRST_WORKER + i, MASTER, "{\"count\": 1}");
    int last = FIRST_WORKER + WORKERS - 1;
    be_born(world, 50, last); /* what a worker's own child does is the worker's doing */
    send_message(world, last, MASTER, "{\"pid\": 1}");
    send_message(world, last, MASTER, "[\"count\"]");
    send_message(world, last, FIRST_WORKER, "{\"count\": 1}");
    send_message(world, last, MASTER, "{\"count\": 1}");
    assert_false(world->done);
    send_message(world, 50, MASTER, "{\"count\": 1}");
    assert_true(world->done);
    assert_met(world, "s1");
    end_world(world);
}

static void workers_that_die_owe_no_message(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("messages", ", \"with\": \"count\""));
    start_program(world);
    drive_start(world->drive);
    for (int i = 1; i < WORKERS; i++)
        send_message(world, FIRST_WORKER + i, MASTER, "{\"count\": 0}");
    assert_false(world->done);
    die(world, FIRST_WORKER, "SIGSEGV");
    assert_true(world->done);
    end_world(world);
}

static void missing_messages_name_their_workers(void **state) {
    (void)state;
    struct world *world = begin_world(WAIT("messages", ", \"with\": \"count\""));
    start_program(world);
    drive_start(world->drive);
    for (int i = 1; i < WORKERS; i++)
        send_message(world, FIRST_WORKER + i, MASTER, "{\"count\": 0}");
    move_to_deadline(world);
    assert_unmet(world, "s1", "worker 11 sent 0 (JSON objects with the member \"count\"");
    end_world(world);
}

static void an_idle_program_ends_the_wait_at_once(void **state) {
    (void)state;
    struct world *world = begin_world("[{\"do\": \"wait\", \"for\": \"messages\", \"with\": \"n\"}, "
                                      "{\"do\": \"pass\", \"ms\": 20}]");
    start_program(world);
    drive_start(world->drive);
    assert_true(drive_program_idle(world->drive));
    assert_unmet(world, "s1", "every process of the program waits");
    assert_false(world->done); /* time passes on */
    assert_false(drive_is_waiting(world->drive));
    assert_true(drive_program_idle(world->drive));
    move_to_deadline(world);
    assert_met(world, "s2");
    assert_false(drive_program_idle(world->drive));
    end_world(world);
}

static void requests_in_flight_keep_a_wait_alive(void **state) {
    (void)state;
    struct world *world = serve(WAIT("exit", ""), READS_AND_IS_SILENT);
    json_t *step = json_pack("{s:s, s:i}", "do", "load", "requests", 1);
    assert_int_equal(drive_inject(world->drive, step, NULL), 0);
    json_decref(step);
    assert_false(drive_is_waiting(world->drive));
    assert_true(drive_program_idle(world->drive));
    assert_null(step_end(world, "s1"));
    die(world, MASTER, NULL);
    assert_met(world, "s1");
    end_world(world);
}

/* --- kill, replacement, signal ---------------------------------------------------------------- */

#define KILL(more) "{\"do\": \"kill\", " more "}"

static void kills_the_busiest_and_waits_for_its_replacement(void **state) {
    (void)state;
    struct world *world = begin_world("[{\"do\": \"load\", \"requests\": 9}, " KILL(
        "\"pick\": \"busiest\"") ", {\"do\": \"wait\", \"for\": \"replacement\"}]");
    start_program(world);
    world->server_turn = 2; /* 13 serves one more than the others */
    drive_start(world->drive);
    while (!step_end(world, "s2"))
        one_round(world);
    assert_int_equal(world->last_signal, SIGKILL);
    assert_int_equal(world->last_signalled, 13);
    assert_int_equal(event_int(step_end(world, "s2"), "pid", 0), 13);
    be_born(world, 60, FIRST_WORKER); /* a grandchild is no replacement */
    assert_false(world->done);
    be_born(world, 61, MASTER);
    assert_true(world->done);
    assert_met(world, "s3");
    end_world(world);
}

static void picks_by_age_and_by_work(void **state) {
    (void)state;
    static const struct {
        const char *step;
        int pid;
    } picks[] = {{KILL("\"pick\": \"oldest\""), 11},
                 {KILL("\"pick\": \"youngest\", \"signal\": \"SIGTERM\""), 14},
                 {KILL("\"pick\": \"idlest\""), 11},
                 {KILL("\"pick\": \"busiest\""), 11}};
    for (size_t i = 0; i < sizeof picks / sizeof *picks; i++) {
        char *steps = xasprintf("[%s]", picks[i].step);
        struct world *world = begin_world(steps);
        start_program(world);
        drive_start(world->drive);
        assert_met(world, "s1");
        assert_int_equal(world->last_signalled, picks[i].pid);
        end_world(world);
        free(steps);
    }
}

static void a_kill_ends_with_the_death_it_brings(void **state) {
    (void)state;
    struct world *world = begin_world("[" KILL("\"pick\": \"oldest\", \"signal\": \"SIGTERM\"") "]");
    start_program(world);
    world->signal_kills = false;
    drive_start(world->drive);
    assert_false(world->done);
    move_to_deadline(world);
    assert_unmet(world, "s1", "process 11 is still alive after SIGTERM");
    end_world(world);
}

static void nobody_to_kill_is_told(void **state) {
    (void)state;
    struct world *world = begin_world("[" KILL("\"pick\": \"busiest\"") ", " KILL(
        "\"pid\": 99") ", {\"do\": \"wait\", \"for\": \"replacement\"}]");
    be_born(world, MASTER, 0);
    drive_start(world->drive);
    assert_unmet(world, "s1", "there is no worker to kill");
    assert_unmet(world, "s2", "process 99 is no live process of the program");
    assert_unmet(world, "s3", "no worker was killed");
    assert_true(world->done);
    end_world(world);
}

static void signals_the_master(void **state) {
    (void)state;
    struct world *world =
        begin_world("[{\"do\": \"signal\", \"who\": \"master\", \"signal\": \"SIGTERM\"}]");
    start_program(world);
    world->signal_kills = false;
    drive_start(world->drive);
    assert_met(world, "s1");
    assert_int_equal(world->last_signal, SIGTERM);
    assert_int_equal(world->last_signalled, MASTER);
    end_world(world);
}

/* --- the user's own steps ---------------------------------------------------------------------- */

static void injected_steps_run_beside_the_scenario(void **state) {
    (void)state;
    struct world *world = serve("[{\"do\": \"pass\", \"ms\": 1000}]", ANSWERS);
    json_t *load = json_pack("{s:s, s:i}", "do", "load", "requests", 3);
    assert_int_equal(drive_inject(world->drive, load, NULL), 0);
    assert_int_equal(drive_inject(world->drive, load, NULL), 0);
    json_decref(load);
    while (!step_end(world, "user-1") || !step_end(world, "user-2"))
        one_round(world);
    assert_met(world, "user-1");
    assert_string_equal(event_text(step_end(world, "user-2"), "by", ""), "user");
    assert_int_equal(count_type(world, EVENT_ANSWER), 6);
    assert_false(world->done);
    move_to_deadline(world);
    assert_true(world->done);
    end_world(world);
}

static void without_a_scenario_it_is_never_done(void **state) {
    (void)state;
    struct world *world = begin_world("[{\"do\": \"pass\", \"ms\": 1}]");
    drive_start_free(world->drive);
    start_program(world);
    json_t *load = json_pack("{s:s, s:i}", "do", "load", "requests", 1);
    assert_int_equal(drive_inject(world->drive, load, NULL), 0);
    json_decref(load);
    while (!step_end(world, "user-1"))
        one_round(world);
    assert_false(world->done);
    assert_null(step_end(world, "s1"));
    assert_int_equal(drive_deadline_ns(world->drive), -1);
    end_world(world);
}

static void an_injected_kill_names_a_live_process(void **state) {
    (void)state;
    struct world *world = begin_world("[]");
    struct err err = {0};
    start_program(world);
    drive_start_free(world->drive);
    json_t *step = json_pack("{s:s, s:i}", "do", "kill", "pid", 12);
    assert_int_equal(drive_inject(world->drive, step, &err), 0);
    assert_int_equal(drive_inject(world->drive, step, &err), -EINVAL);
    assert_non_null(strstr(err.text, "12 is no live process of the program (process 12 was ended"));
    json_decref(step);
    end_world(world);
}

static void a_drive_may_be_freed_in_the_middle(void **state) {
    (void)state;
    struct world *world = serve(LOAD(16, ", \"spread\": true"), READS_AND_IS_SILENT);
    while (!count_type(world, EVENT_TAKEN))
        one_round(world);
    size_t events = json_array_size(world->log);
    drive_free(world->drive);
    world->drive = NULL;
    assert_int_equal(json_array_size(world->log), events);
    end_world(world);
}

/* --- checking steps --------------------------------------------------------------------------- */

static void wrong_steps_are_told_with_the_remedy(void **state) {
    (void)state;
    static const struct {
        const char *step, *error;
    } wrong[] = {
        {"[]", "must be an object"},
        {"{}", "a step needs \"do\": one of wait, load, kill, signal, pass"},
        {"{\"do\": \"jump\"}", "no step \"jump\""},
        {"{\"do\": \"wait\"}", "needs \"for\""},
        {"{\"do\": \"wait\", \"for\": \"rain\"}", "listen, workers, messages, replacement or exit"},
        {"{\"do\": \"wait\", \"for\": \"messages\"}", "needs \"with\""},
        {"{\"do\": \"wait\", \"for\": \"workers\", \"count\": \"all\"}", "\"cpus\" or an integer"},
        {"{\"do\": \"wait\", \"for\": \"exit\", \"within_ms\": 0}", "integer from 1 to"},
        {"{\"do\": \"wait\", \"for\": \"exit\", \"within\": 5}", "no member \"within\""},
        {"{\"do\": \"load\"}", "needs \"requests\""},
        {"{\"do\": \"load\", \"requests\": \"many\"}", "integer from 1"},
        {"{\"do\": \"load\", \"requests\": 1, \"spread\": 1}", "true or false"},
        {"{\"do\": \"load\", \"requests\": 1, \"path\": \"x\"}", "begin with /"},
        {"{\"do\": \"load\", \"requests\": 1, \"path\": \"/a b\"}", "no blank"},
        {"{\"do\": \"kill\"}", "\"pick\" or \"pid\""},
        {"{\"do\": \"kill\", \"pid\": 1, \"pick\": \"oldest\"}", "one of the two"},
        {"{\"do\": \"kill\", \"pick\": \"best\"}", "busiest, idlest, oldest or youngest"},
        {"{\"do\": \"kill\", \"pid\": 1, \"signal\": \"KILL\"}", "such as \"SIGTERM\""},
        {"{\"do\": \"signal\", \"who\": \"master\"}", "needs \"signal\""},
        {"{\"do\": \"signal\", \"signal\": \"SIGHUP\"}", "\"who\" or \"pid\""},
        {"{\"do\": \"pass\"}", "needs \"ms\""},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err err = {0};
        json_t *step = json_loads(wrong[i].step, 0, NULL);
        assert_int_equal(drive_step_check(step, &err), -EINVAL);
        if (!strstr(err.text, wrong[i].error))
            fail_msg("%s: %s", wrong[i].step, err.text);
        json_decref(step);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_request_is_answered_and_its_worker_known),
    cmocka_unit_test(requests_differ_and_are_told_before_they_are_sent),
    cmocka_unit_test(answers_in_small_pieces_are_whole),
    cmocka_unit_test(writes_told_late_still_name_the_writer),
    cmocka_unit_test(kept_connections_carry_several_requests),
    cmocka_unit_test(a_server_may_close_a_kept_connection_between_requests),
    cmocka_unit_test(concurrency_bounds_the_open_connections),
    cmocka_unit_test(a_short_backlog_is_never_overrun),
    cmocka_unit_test(slow_requests_go_out_in_pieces),
    cmocka_unit_test(an_answer_takes_the_programs_own_time),
    cmocka_unit_test(an_answer_longer_than_announced_is_not_well_formed),
    cmocka_unit_test(failures_are_told_with_whose_they_are),
    cmocka_unit_test(a_connection_closed_unread_is_told),
    cmocka_unit_test(nobody_listening_is_refused),
    cmocka_unit_test(silence_ends_with_the_time_limit),
    cmocka_unit_test(requests_that_nobody_reads_say_how_far_they_got),
    cmocka_unit_test(no_socket_is_our_own_trouble),
    cmocka_unit_test(a_request_lost_with_a_killed_worker_is_nobodys_fault),
    cmocka_unit_test(a_connection_dealt_to_a_worker_not_yet_reaped_is_lost_with_it),
    cmocka_unit_test(waits_for_a_listener),
    cmocka_unit_test(nobody_listens_in_time_and_the_scenario_ends),
    cmocka_unit_test(waits_for_one_worker_a_cpu),
    cmocka_unit_test(too_few_workers_are_listed),
    cmocka_unit_test(the_master_may_hide_behind_a_shell),
    cmocka_unit_test(waits_for_a_message_of_every_worker),
    cmocka_unit_test(workers_that_die_owe_no_message),
    cmocka_unit_test(missing_messages_name_their_workers),
    cmocka_unit_test(an_idle_program_ends_the_wait_at_once),
    cmocka_unit_test(requests_in_flight_keep_a_wait_alive),
    cmocka_unit_test(kills_the_busiest_and_waits_for_its_replacement),
    cmocka_unit_test(picks_by_age_and_by_work),
    cmocka_unit_test(a_kill_ends_with_the_death_it_brings),
    cmocka_unit_test(nobody_to_kill_is_told),
    cmocka_unit_test(signals_the_master),
    cmocka_unit_test(injected_steps_run_beside_the_scenario),
    cmocka_unit_test(without_a_scenario_it_is_never_done),
    cmocka_unit_test(an_injected_kill_names_a_live_process),
    cmocka_unit_test(a_drive_may_be_freed_in_the_middle),
    cmocka_unit_test(wrong_steps_are_told_with_the_remedy),
};
CASES_MAIN(cases)
