#include "drive/client.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "proto/event.h"

enum {
    READ_SIZE = 16384,
    SLOW_PIECES = 8,
    /* How long, in real time, an answer waits for the tracer to tell who wrote it. A busy machine may keep
     * the writer from reaching its stop; only a write that is never told costs the whole of it. */
    SETTLE_MS = 2000,
};

enum connection_state { CONNECTING, SENDING, READING, SETTLING };

struct connection {
    struct client *client;
    struct load *load;
    enum connection_state state;
    int fd, number;
    int64_t served;            /* whole answers */
    int64_t promised;          /* requests that it is still to send */
    bool accepted;             /* as far as told */
    uint64_t received, traced; /* bytes of answers: come out here, told by the tracer */
    struct buf out;
    size_t sent;
    int64_t next_piece_ns;     /* of a slow request; -1: send all */
    int64_t deadline_ns;
    int64_t settle_until_ns;   /* real time */
    struct exchange exchange;
};

struct client {
    struct loop *loop;
    struct roster *roster;
    int port;
    const struct drive_ops *ops;
    void *ctx;
    client_wake_fn *wake;
    void *wake_ctx;
    int settle_timer;
    int64_t last_request;
    struct load **loads;
    size_t load_count, load_capacity;
    struct connection **connections;
    size_t count, capacity;
};

static void on_settle_time(void *ctx) {
    struct client *client = ctx;
    client->wake(client->wake_ctx);
}

struct client *client_new(struct loop *loop, struct roster *roster, int port,
                          const struct drive_ops *ops, void *ctx, client_wake_fn *wake,
                          void *wake_ctx) {
    struct client *client = xmalloc(sizeof *client);
    *client = (struct client){
        .loop = loop,
        .roster = roster,
        .port = port,
        .ops = ops,
        .ctx = ctx,
        .wake = wake,
        .wake_ctx = wake_ctx,
    };
    client->settle_timer = loop_timer_new(loop, on_settle_time, client);
    return client;
}

static int64_t now_ns(const struct client *client) { return client->ops->now_ns(client->ctx); }

/* --- connections ------------------------------------------------------------------------------ */

static void connection_hang_up(struct connection *connection) {
    if (connection->fd >= 0)
        loop_unwatch(connection->client->loop, connection->fd);
    fd_close(&connection->fd);
}

static void connection_free(struct connection *connection) {
    connection_hang_up(connection);
    connection->load->connections--;
    connection->load->promised -= connection->promised;
    exchange_release(&connection->exchange);
    buf_release(&connection->out);
    free(connection);
}

static void remove_at(struct client *client, size_t at) {
    connection_free(client->connections[at]);
    memmove(client->connections + at, client->connections + at + 1,
            (client->count - at - 1) * sizeof *client->connections);
    client->count--;
}

void client_free(struct client *client) {
    if (!client)
        return;
    while (client->count)
        remove_at(client, client->count - 1);
    loop_timer_free(client->loop, client->settle_timer);
    free(client->connections);
    free(client->loads);
    free(client);
}

/* The exchange is over, well or not: nothing more is read or written until it was told. */
static void settle(struct connection *connection) {
    connection->state = SETTLING;
    connection->settle_until_ns = clock_now_ns() + SETTLE_MS * NS_PER_MS;
    if (connection->exchange.failure)
        connection_hang_up(connection);
    else
        loop_unwatch(connection->client->loop, connection->fd);
}

static void fail(struct connection *connection, enum failure failure) {
    exchange_fail(&connection->exchange, failure, now_ns(connection->client));
    settle(connection);
}

static enum failure failure_of(int code) {
    switch (code) {
    case ECONNREFUSED: return FAILED_REFUSED;
    case ETIMEDOUT: return FAILED_TIMEOUT;
    default: return FAILED_RESET;
    }
}

/* --- receiving -------------------------------------------------------------------------------- */

static void take_bytes(struct connection *connection, const char *bytes, size_t count) {
    struct exchange *exchange = &connection->exchange;
    connection->received += count;
    size_t used = http_feed(&exchange->answer, bytes, count);
    if (!http_ended(&exchange->answer))
        return;
    exchange->ended_ns = now_ns(connection->client);
    if (exchange->answer.state == HTTP_BROKEN) {
        fail(connection, FAILED_MALFORMED);
        return;
    }
    if (used < count)
        http_excess(&exchange->answer, count - used);
    settle(connection);
}

static void take_end(struct connection *connection) {
    struct exchange *exchange = &connection->exchange;
    http_close(&exchange->answer);
    if (exchange->answer.state != HTTP_DONE) {
        fail(connection, FAILED_CLOSED);
        return;
    }
    exchange->ended_ns = now_ns(connection->client);
    settle(connection);
}

static void receive(struct connection *connection) {
    char bytes[READ_SIZE];
    while (connection->state != SETTLING) {
        ssize_t got = recv(connection->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got > 0)
            take_bytes(connection, bytes, (size_t)got);
        else if (got == 0)
            take_end(connection);
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR)
            fail(connection, failure_of(errno));
    }
}

/* --- sending ---------------------------------------------------------------------------------- */

static size_t piece_size(const struct connection *connection) {
    size_t left = connection->out.length - connection->sent;
    size_t piece = (connection->out.length + SLOW_PIECES - 1) / SLOW_PIECES;
    return connection->next_piece_ns < 0 || piece > left ? left : piece;
}

static void on_socket(void *ctx, int fd, uint32_t events);

static void watch(struct connection *connection, uint32_t events) {
    loop_watch(connection->client->loop, connection->fd, events, on_socket, connection);
}

/* Sends what may be sent now: all of it, or a slow request's next piece. */
static void send_some(struct connection *connection) {
    bool slow = connection->next_piece_ns >= 0;
    size_t piece = piece_size(connection);
    ssize_t sent = send(connection->fd, connection->out.data + connection->sent, piece,
                        MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN)) {
        watch(connection, EPOLLIN | EPOLLOUT);
        return;
    }
    if (sent < 0) { /* there may be an answer all the same */
        connection->state = READING;
        receive(connection);
        if (connection->state != SETTLING)
            fail(connection, FAILED_RESET);
        return;
    }
    connection->sent += (size_t)sent;
    if (connection->sent < connection->out.length) {
        if (slow)
            connection->next_piece_ns +=
                connection->load->plan.slow_ms * NS_PER_MS / (SLOW_PIECES - 1);
        watch(connection, slow ? EPOLLIN : EPOLLIN | EPOLLOUT);
        return;
    }
    connection->exchange.sent_ns = now_ns(connection->client);
    connection->next_piece_ns = -1;
    connection->state = READING;
    watch(connection, EPOLLIN);
}

static void finish_connect(struct connection *connection) {
    int code = 0;
    socklen_t size = sizeof code;
    getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &code, &size);
    struct sockaddr_in peer;
    size = sizeof peer;
    if (code) {
        fail(connection, failure_of(code));
        return;
    }
    if (getpeername(connection->fd, (struct sockaddr *)&peer, &size) < 0)
        return; /* a wake-up meant for the descriptor's former owner */
    connection->exchange.connected = true;
    connection->state = SENDING;
    send_some(connection);
}

static void on_socket(void *ctx, int fd, uint32_t events) {
    struct connection *connection = ctx;
    struct client *client = connection->client;
    (void)fd;
    if (connection->state == CONNECTING)
        finish_connect(connection);
    else if (connection->state == SENDING && connection->next_piece_ns < 0 && (events & EPOLLOUT))
        send_some(connection);
    if ((connection->state == SENDING || connection->state == READING) && (events & ~EPOLLOUT))
        receive(connection);
    client->wake(client->wake_ctx);
}

/* --- starting --------------------------------------------------------------------------------- */

static char *make_target(const char *path) {
    uint64_t nonce = 0;
    if (getrandom(&nonce, sizeof nonce, 0) != (ssize_t)sizeof nonce)
        nonce = (uint64_t)clock_now_ns() * 0x9E3779B97F4A7C15u;
    return xasprintf("%s%cn=%016" PRIx64, path, strchr(path, '?') ? '&' : '?', nonce);
}

static void fill_request(struct connection *connection) {
    const struct load_plan *plan = &connection->load->plan;
    struct client *client = connection->client;
    buf_clear(&connection->out);
    connection->sent = 0;
    if (plan->raw)
        buf_puts(&connection->out, plan->raw);
    else
        buf_printf(&connection->out,
                   "%s %s HTTP/1.1\r\nHost: localhost:%d\r\nConnection: %s\r\n\r\n",
                   connection->exchange.method, connection->exchange.target, client->port,
                   plan->keep_alive ? "keep-alive" : "close");
    int64_t now = now_ns(client);
    connection->next_piece_ns = plan->slow_ms ? now : -1;
    connection->deadline_ns = now + (plan->timeout_ms + plan->slow_ms) * NS_PER_MS;
}

static void begin_request(struct connection *connection) {
    struct client *client = connection->client;
    struct load *load = connection->load;
    load->started++;
    load->promised--;
    connection->promised--;
    exchange_begin(&connection->exchange, ++client->last_request, make_target(load->plan.path),
                   load->plan.step, now_ns(client), client->roster->strikes);
}

static int bind_number(int fd, int *number) {
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    if (bind(fd, (struct sockaddr *)&here, sizeof here) < 0 ||
        getsockname(fd, (struct sockaddr *)&here, &size) < 0)
        return -errno;
    *number = ntohs(here.sin_port);
    return 0;
}

/* The socket is bound before it connects: then its number is known even where it is refused. */
static int open_socket(struct connection *connection, struct err *err) {
    struct client *client = connection->client;
    int fd = client->ops->tcp_socket(client->ctx, err);
    if (fd < 0)
        return fd;
    connection->fd = fd;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int code = bind_number(fd, &connection->number);
    return code ? err_sys(err, -code, "cannot bind a socket to 127.0.0.1") : 0;
}

static void start_connect(struct connection *connection) {
    struct client *client = connection->client;
    struct sockaddr_in there = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)client->port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    connection->state = CONNECTING;
    fill_request(connection);
    int code = connect(connection->fd, (struct sockaddr *)&there, sizeof there) < 0 ? errno : 0;
    client->ops->emit(client->ctx,
                      exchange_request_event(&connection->exchange, connection->number));
    if (code == 0 || code == EINPROGRESS || code == EINTR)
        watch(connection, EPOLLIN | EPOLLOUT);
    else
        fail(connection, failure_of(code));
}

/* A new connection for the load, without a request yet. NULL: the machine has no socket for us now. */
static struct connection *add_connection(struct client *client, struct load *load,
                                         struct err *err) {
    struct connection *connection = xmalloc(sizeof *connection);
    *connection = (struct connection){.client = client, .load = load, .fd = -1};
    load->connections++;
    if (open_socket(connection, err)) {
        connection_free(connection);
        return NULL;
    }
    GROW(client->connections, client->capacity, client->count + 1);
    client->connections[client->count++] = connection;
    return connection;
}

/* How many connections may wait to be accepted: more than the backlog holds would have to knock again
 * after a second, and the program would look slow for it. */
static bool backlog_has_room(const struct client *client) {
    int64_t waiting = 0;
    for (size_t i = 0; i < client->count; i++) {
        const struct connection *connection = client->connections[i];
        waiting += !connection->accepted && !connection->received && connection->fd >= 0;
    }
    return !client->roster->listening || waiting < client->roster->least_backlog;
}

static void give_up(struct load *load, const struct err *err) {
    snprintf(load->trouble, sizeof load->trouble, "%s", err->text);
    load->ended += load->plan.requests - load->started;
    load->started = load->plan.requests;
}

/* A connection that is kept alive has its share of the requests from the start, so that those which are
 * served first take none from the others. */
static void promise(struct connection *connection) {
    struct load *load = connection->load;
    int64_t left = load->plan.requests - load->started - load->promised;
    int64_t share = load->plan.keep_alive ? load->plan.per_connection : 1;
    connection->promised = share < left ? share : left;
    load->promised += connection->promised;
}

static bool start_some(struct client *client, struct load *load) {
    bool any = false;
    while (load->started + load->promised < load->plan.requests && load->connections < load->plan.concurrency &&
           backlog_has_room(client)) {
        struct err err = {0};
        struct connection *connection = add_connection(client, load, &err);
        if (!connection) {
            if (load->connections) /* one that ends makes room */
                return any;
            give_up(load, &err);
            return true;
        }
        promise(connection);
        begin_request(connection);
        start_connect(connection);
        any = true;
    }
    return any;
}

/* --- ending ----------------------------------------------------------------------------------- */

static bool is_settled(const struct connection *connection) {
    const struct exchange *exchange = &connection->exchange;
    const struct roster *roster = connection->client->roster;
    if (clock_now_ns() >= connection->settle_until_ns)
        return true;
    const struct process *holder = roster_find(roster, exchange->holder);
    if (exchange->failure) /* our signal may have been what ended the holder: it is told in a moment */
        return !holder || !holder->lab_signal || !holder->alive;
    return connection->traced >= connection->received || (holder && !holder->alive);
}

/* Something went wrong on a connection that has served before, and nobody read the request: the program
 * closed it when our bytes were under way, which it may (RFC 9112, 9.3.1). */
static bool may_send_again(const struct connection *connection) {
    const struct exchange *exchange = &connection->exchange;
    return connection->served && !exchange->answer.bytes && !exchange->taker &&
           (exchange->failure == FAILED_CLOSED || exchange->failure == FAILED_RESET);
}

/* What came after the whole answer; whether the connection is still open. */
static bool look_for_more(struct connection *connection) {
    char bytes[READ_SIZE];
    for (;;) {
        ssize_t got = recv(connection->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got > 0)
            http_excess(&connection->exchange.answer, (uint64_t)got);
        else
            return got < 0 && errno == EAGAIN;
    }
}

static void tell_answer(struct connection *connection) {
    struct client *client = connection->client;
    struct exchange *exchange = &connection->exchange;
    if (exchange->writer_count)
        roster_count_answer(client->roster, exchange->writers[0]);
    connection->load->answered++;
    connection->load->ended++;
    connection->served++;
    client->ops->emit(client->ctx, exchange_answer_event(exchange, connection->number));
}

static void tell_failure(struct connection *connection) {
    struct client *client = connection->client;
    struct exchange *exchange = &connection->exchange;
    int victim = exchange_victim(exchange, client->roster);
    if (victim)
        connection->load->lost++;
    else
        connection->load->failed[exchange->failure]++;
    connection->load->ended++;
    client->ops->emit(client->ctx, exchange_failure_event(exchange, connection->number, victim));
}

static void send_again(struct connection *old) {
    struct client *client = old->client;
    struct err err = {0};
    struct connection *fresh = add_connection(client, old->load, &err);
    if (!fresh) {
        tell_failure(old);
        return;
    }
    fresh->promised = old->promised;
    old->promised = 0;
    fresh->exchange = old->exchange;
    old->exchange = (struct exchange){0};
    exchange_restart(&fresh->exchange);
    start_connect(fresh);
}

static void next_request(struct connection *connection) {
    struct client *client = connection->client;
    int accepter = connection->exchange.accepter, holder = connection->exchange.holder;
    begin_request(connection);
    connection->exchange.connected = true;
    connection->exchange.accepter = accepter;
    connection->exchange.holder = holder;
    connection->traced = connection->received;
    fill_request(connection);
    connection->state = SENDING;
    client->ops->emit(client->ctx,
                      exchange_request_event(&connection->exchange, connection->number));
    send_some(connection);
}

/* Whether the connection goes on with another request. */
static bool conclude(struct connection *connection) {
    if (connection->exchange.failure) {
        if (may_send_again(connection))
            send_again(connection);
        else
            tell_failure(connection);
        return false;
    }
    bool open = look_for_more(connection) && http_may_go_on(&connection->exchange.answer) &&
                connection->promised > 0;
    if (!open) /* before the event: who hears of the answer may act on it at once */
        connection_hang_up(connection);
    tell_answer(connection);
    if (open)
        next_request(connection);
    return open;
}

static bool conclude_some(struct client *client) {
    bool any = false;
    for (size_t i = 0; i < client->count;) {
        struct connection *connection = client->connections[i];
        if (connection->state != SETTLING || !is_settled(connection)) {
            i++;
            continue;
        }
        any = true;
        if (conclude(connection))
            i++;
        else
            remove_at(client, i); /* the list only ever grows at its end meanwhile */
    }
    return any;
}

static void arm_settle_timer(struct client *client) {
    int64_t nearest_ns = -1;
    for (size_t i = 0; i < client->count; i++) {
        const struct connection *connection = client->connections[i];
        if (connection->state == SETTLING &&
            (nearest_ns < 0 || connection->settle_until_ns < nearest_ns))
            nearest_ns = connection->settle_until_ns;
    }
    loop_timer_set(client->loop, client->settle_timer, nearest_ns);
}

bool client_turn(struct client *client) {
    bool any = conclude_some(client);
    for (size_t i = 0; i < client->load_count; i++)
        any |= start_some(client, client->loads[i]);
    for (size_t i = 0; i < client->load_count;)
        if (client_load_done(client->loads[i]))
            client->loads[i] = client->loads[--client->load_count];
        else
            i++;
    arm_settle_timer(client);
    return any;
}

/* --- loads ------------------------------------------------------------------------------------ */

void client_load_begin(struct client *client, struct load *load) {
    GROW(client->loads, client->load_capacity, client->load_count + 1);
    client->loads[client->load_count++] = load;
}

bool client_load_done(const struct load *load) { return load->ended >= load->plan.requests; }

int64_t client_load_failed(const struct load *load) {
    int64_t count = 0;
    for (int why = 0; why < FAILED_COUNT; why++)
        count += load->failed[why];
    return count;
}

void client_load_drop(struct client *client, struct load *load) {
    for (size_t i = client->count; i-- > 0;)
        if (client->connections[i]->load == load)
            remove_at(client, i);
    for (size_t i = client->load_count; i-- > 0;)
        if (client->loads[i] == load)
            client->loads[i] = client->loads[--client->load_count];
}

/* --- events and time -------------------------------------------------------------------------- */

void client_observe(struct client *client, const json_t *event) {
    int64_t number = event_int(event, "connection", 0);
    enum event_type type = event_type_of(event);
    if (!number || (type != EVENT_ACCEPT && type != EVENT_TAKEN && type != EVENT_PASS &&
                    type != EVENT_REPLY))
        return;
    for (size_t i = client->count; i-- > 0;) { /* the latest of that number */
        struct connection *connection = client->connections[i];
        if (connection->number != number)
            continue;
        connection->accepted = true;
        if (type == EVENT_REPLY)
            connection->traced += (uint64_t)event_int(event, "bytes", 0);
        exchange_observe(&connection->exchange, event);
        return;
    }
}

static int64_t connection_deadline_ns(const struct connection *connection) {
    if (connection->state == SETTLING)
        return -1;
    bool piece = connection->state == SENDING && connection->next_piece_ns >= 0 &&
                 connection->next_piece_ns < connection->deadline_ns;
    return piece ? connection->next_piece_ns : connection->deadline_ns;
}

int64_t client_deadline_ns(const struct client *client) {
    int64_t nearest_ns = -1;
    for (size_t i = 0; i < client->count; i++) {
        int64_t at_ns = connection_deadline_ns(client->connections[i]);
        if (at_ns >= 0 && (nearest_ns < 0 || at_ns < nearest_ns))
            nearest_ns = at_ns;
    }
    return nearest_ns;
}

void client_time(struct client *client) {
    int64_t now = now_ns(client);
    for (size_t i = 0; i < client->count; i++) {
        struct connection *connection = client->connections[i];
        int64_t at_ns = connection_deadline_ns(connection);
        if (at_ns < 0 || at_ns > now)
            continue;
        if (connection->deadline_ns <= now)
            fail(connection, FAILED_TIMEOUT);
        else
            send_some(connection);
    }
}

bool client_in_flight(const struct client *client) { return client->count > 0; }
