#include "drive/connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
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
    READS_A_TURN = 64, /* of one connection: others have their turn, too */
    UNTIL_CLOSE_MS = 2000,
    SLOW_PIECES = 8,
    /* How long, in real time, an answer waits for the tracer to tell who wrote it. A busy machine may keep
     * the writer from reaching its stop; only a write that is never told costs the whole of it. */
    SETTLE_MS = 2000,
    /* How long a master may keep a connection that it has accepted before it deals it. */
    QUEUE_MOST_MS = 500,
};

static int64_t now_ns(const struct connection *connection) {
    return connection->wire->ops->now_ns(connection->wire->ctx);
}

/* --- birth and end ----------------------------------------------------------------------------- */

static int bind_number(int fd, int *number) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    if (bind(fd, (struct sockaddr *)&here, sizeof here) < 0 ||
        getsockname(fd, (struct sockaddr *)&here, &size) < 0)
        return -errno;
    *number = ntohs(here.sin_port);
    return 0;
}

/* The socket is bound before it connects: then its number is known even where it is refused. */
static int open_socket(struct connection *connection, struct err *err) {
    const struct wire *wire = connection->wire;
    int fd = wire->ops->tcp_socket(wire->ctx, err);
    if (fd < 0)
        return fd;
    connection->fd = fd;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int code = bind_number(fd, &connection->number);
    return code ? err_sys(err, -code, "cannot bind a socket to 127.0.0.1") : 0;
}

struct connection *connection_open(const struct wire *wire, const struct load_plan *plan,
                                   struct load *load, struct err *err) {
    struct connection *connection = xmalloc(sizeof *connection);
    *connection = (struct connection){.wire = wire, .plan = plan, .load = load, .fd = -1};
    if (open_socket(connection, err) == 0)
        return connection;
    connection_free(connection);
    return NULL;
}

void connection_hang_up(struct connection *connection) {
    if (connection->fd >= 0)
        loop_unwatch(connection->wire->loop, connection->fd);
    fd_close(&connection->fd);
}

int connection_hand_over(struct connection *connection) {
    int fd = connection->fd;
    loop_unwatch(connection->wire->loop, fd);
    connection->fd = -1;
    return fd;
}

void connection_free(struct connection *connection) {
    connection_hang_up(connection);
    exchange_release(&connection->exchange);
    buf_release(&connection->out);
    free(connection);
}

/* The exchange is over, well or not: nothing more is read or written until it was told. */
static void settle(struct connection *connection) {
    connection->state = SETTLING;
    connection->settle_until_ns = clock_now_ns() + SETTLE_MS * NS_PER_MS;
    if (connection->exchange.failure)
        connection_hang_up(connection);
    else
        loop_unwatch(connection->wire->loop, connection->fd);
}

static void fail(struct connection *connection, enum failure failure) {
    exchange_fail(&connection->exchange, failure, now_ns(connection));
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

static void on_socket(void *ctx, int fd, uint32_t events);

static void watch(struct connection *connection, uint32_t events) {
    loop_watch(connection->wire->loop, connection->fd, events, on_socket, connection);
}

/* The answer is whole. */
static void conclude(struct connection *connection) {
    if (!connection->plan->until_close) {
        settle(connection);
        return;
    }
    connection->state = ENDING;
    connection->deadline_ns = now_ns(connection) + UNTIL_CLOSE_MS * NS_PER_MS;
    watch(connection, EPOLLIN);
}

static void take_bytes(struct connection *connection, const char *bytes, size_t count) {
    struct exchange *exchange = &connection->exchange;
    connection->received += count;
    if (connection->state == ENDING) {
        http_excess(&exchange->answer, count);
        return;
    }
    size_t used = http_feed(&exchange->answer, bytes, count);
    if (!http_ended(&exchange->answer))
        return;
    exchange->ended_ns = now_ns(connection);
    if (exchange->answer.state == HTTP_BROKEN) {
        fail(connection, FAILED_MALFORMED);
        return;
    }
    if (used < count)
        http_excess(&exchange->answer, count - used);
    conclude(connection);
}

static void take_end(struct connection *connection) {
    struct exchange *exchange = &connection->exchange;
    if (connection->state == ENDING) {
        exchange->closed = true;
        settle(connection);
        return;
    }
    bool cut_off = exchange->holder && roster_is_victim(connection->wire->roster, exchange->holder);
    if (!cut_off) /* else it is not the writer's closing that would end the answer */
        http_close(&exchange->answer);
    if (exchange->answer.state != HTTP_DONE) {
        fail(connection, FAILED_CLOSED);
        return;
    }
    exchange->ended_ns = now_ns(connection);
    exchange->closed = true;
    settle(connection);
}

/* An answer need not have an end, nor may what comes after one. */
static void bound_writes(struct connection *connection) {
    if (connection->exchange.writes <= HTTP_WRITES_MAX || connection->state == SETTLING)
        return;
    if (connection->state == ENDING) {
        settle(connection);
        return;
    }
    http_in_shreds(&connection->exchange.answer);
    fail(connection, FAILED_MALFORMED);
}

static void receive(struct connection *connection) {
    char bytes[READ_SIZE];
    for (int reads = 0; connection->state != SETTLING && reads < READS_A_TURN; reads++) {
        ssize_t got = recv(connection->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got > 0)
            take_bytes(connection, bytes, (size_t)got);
        else if (got == 0)
            take_end(connection);
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR && connection->state == ENDING)
            take_end(connection);
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

/* Sends what may be sent now: all of it, or a slow request's next piece. */
void connection_send(struct connection *connection) {
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
            connection->next_piece_ns += connection->plan->slow_ms * NS_PER_MS / (SLOW_PIECES - 1);
        watch(connection, slow ? EPOLLIN : EPOLLIN | EPOLLOUT);
        return;
    }
    connection->exchange.sent_ns = now_ns(connection);
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
    connection_send(connection);
}

static void on_socket(void *ctx, int fd, uint32_t events) {
    struct connection *connection = ctx;
    const struct wire *wire = connection->wire;
    (void)fd;
    if (connection->state == CONNECTING)
        finish_connect(connection);
    else if (connection->state == SENDING && connection->next_piece_ns < 0 && (events & EPOLLOUT))
        connection_send(connection);
    if (connection->state != CONNECTING && connection->state != SETTLING && (events & ~EPOLLOUT))
        receive(connection);
    wire->wake(wire->wake_ctx);
}

/* --- requests --------------------------------------------------------------------------------- */

static char *make_target(const char *path) {
    uint64_t nonce = 0;
    if (getrandom(&nonce, sizeof nonce, 0) != (ssize_t)sizeof nonce)
        nonce = (uint64_t)clock_now_ns() * 0x9E3779B97F4A7C15u;
    return xasprintf("%s%cn=%016" PRIx64, path, strchr(path, '?') ? '&' : '?', nonce);
}

static void fill_request(struct connection *connection) {
    const struct load_plan *plan = connection->plan;
    buf_clear(&connection->out);
    connection->sent = 0;
    if (plan->raw)
        buf_puts(&connection->out, plan->raw);
    else
        buf_printf(&connection->out,
                   "%s %s HTTP/1.1\r\nHost: localhost:%d\r\nConnection: %s\r\n\r\n",
                   connection->exchange.method, connection->exchange.target, connection->wire->port,
                   plan->keep_alive ? "keep-alive" : "close");
    int64_t now = now_ns(connection);
    connection->next_piece_ns = plan->slow_ms ? now : -1;
    connection->deadline_ns = now + (plan->timeout_ms + plan->slow_ms) * NS_PER_MS;
}

void connection_begin(struct connection *connection, int64_t id) {
    exchange_begin(&connection->exchange, id, make_target(connection->plan->path),
                   connection->plan->step, now_ns(connection), connection->wire->roster->ends);
}

void connection_connect(struct connection *connection) {
    struct sockaddr_in there = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)connection->wire->port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    connection->state = CONNECTING;
    fill_request(connection);
    int code = connect(connection->fd, (struct sockaddr *)&there, sizeof there) < 0 ? errno : 0;
    if (code == 0 || code == EINPROGRESS || code == EINTR)
        watch(connection, EPOLLIN | EPOLLOUT);
    else
        fail(connection, failure_of(code));
}

void connection_go_on(struct connection *connection, int64_t id) {
    int accepter = connection->exchange.accepter, holder = connection->exchange.holder;
    connection_begin(connection, id);
    connection->exchange.connected = true;
    connection->exchange.accepter = accepter;
    connection->exchange.holder = holder;
    connection->traced = connection->received;
    fill_request(connection);
    connection->state = SENDING;
}

/* --- events, time ------------------------------------------------------------------------------ */

void connection_observe(struct connection *connection, const json_t *event) {
    if (event_type_of(event) == EVENT_ACCEPT && connection->exchange.accepter)
        return; /* of another, that has the port of one which is closed already */
    connection->accepted = true;
    if (event_type_of(event) == EVENT_REPLY)
        connection->traced += (uint64_t)event_int(event, "bytes", 0);
    exchange_observe(&connection->exchange, event);
    bound_writes(connection);
    const struct roster *roster = connection->wire->roster;
    if (event_type_of(event) != EVENT_ACCEPT || event_int(event, "pid", 0) != roster_master(roster))
        return;
    connection->exchange.absent = roster_unreaped_victim(roster);
    connection->queued_ns = now_ns(connection);
}

void connection_see_end(struct connection *connection, int victim) {
    struct exchange *exchange = &connection->exchange;
    if (!exchange->absent && !exchange->taker && exchange->accepter &&
        exchange->holder == exchange->accepter &&
        exchange->accepter == roster_master(connection->wire->roster) &&
        now_ns(connection) - connection->queued_ns < QUEUE_MOST_MS * NS_PER_MS)
        exchange->absent = victim;
}

int64_t connection_deadline_ns(const struct connection *connection) {
    if (connection->state == SETTLING)
        return -1;
    bool piece = connection->state == SENDING && connection->next_piece_ns >= 0 &&
                 connection->next_piece_ns < connection->deadline_ns;
    return piece ? connection->next_piece_ns : connection->deadline_ns;
}

void connection_time(struct connection *connection, int64_t now) {
    int64_t at_ns = connection_deadline_ns(connection);
    if (at_ns < 0 || at_ns > now)
        return;
    if (connection->deadline_ns <= now && connection->state == ENDING)
        settle(connection);
    else if (connection->deadline_ns <= now)
        fail(connection, FAILED_TIMEOUT);
    else
        connection_send(connection);
}

bool connection_is_settled(const struct connection *connection) {
    const struct exchange *exchange = &connection->exchange;
    const struct roster *roster = connection->wire->roster;
    if (clock_now_ns() >= connection->settle_until_ns)
        return true;
    const struct process *holder = roster_find(roster, exchange->holder);
    if (exchange
            ->failure) /* our signal may have been what ended the holder: it is told in a moment */
        return !holder || !holder->lab_signal || !holder->alive;
    return connection->traced >= connection->received || (holder && !holder->alive);
}

bool connection_look_for_more(struct connection *connection) {
    char bytes[READ_SIZE];
    for (int reads = 0; reads < READS_A_TURN; reads++) {
        ssize_t got = recv(connection->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got > 0)
            http_excess(&connection->exchange.answer, (uint64_t)got);
        else
            return got < 0 && errno == EAGAIN;
    }
    return false;
}
