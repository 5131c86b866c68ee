#include "drive/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/sockios.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "drive/peer.h"
#include "proto/event.h"

enum { TIMEOUTS_ENOUGH = 4 };

struct client {
    struct wire wire;
    int settle_timer;
    int64_t last_request;
    struct load **loads;
    size_t load_count, load_capacity;
    struct connection **connections; /* in the order they were opened */
    size_t count, capacity;
    int diag; /* see peer.h; -1: none */
    bool diag_asked;
    int *idle; /* sockets kept open to the end, without a request */
    size_t idle_count, idle_capacity;
};

static void on_settle_time(void *ctx) {
    struct client *client = ctx;
    client->wire.wake(client->wire.wake_ctx);
}

struct client *client_new(const struct wire *wire) {
    struct client *client = xmalloc(sizeof *client);
    *client = (struct client){.wire = *wire, .diag = -1};
    client->settle_timer = loop_timer_new(wire->loop, on_settle_time, client);
    return client;
}

static void emit(struct client *client, json_t *event) {
    client->wire.ops->emit(client->wire.ctx, event);
}

static void tell_request(struct client *client, const struct connection *connection) {
    emit(client, exchange_request_event(&connection->exchange, connection->number));
}

/* --- connections ------------------------------------------------------------------------------ */

/* NULL: the machine has no socket for us now. */
static struct connection *add_connection(struct client *client, struct load *load,
                                         struct err *err) {
    struct connection *connection = connection_open(&client->wire, &load->plan, load, err);
    if (!connection)
        return NULL;
    load->connections++;
    GROW(client->connections, client->capacity, client->count + 1);
    client->connections[client->count++] = connection;
    return connection;
}

static void remove_at(struct client *client, size_t at) {
    struct connection *connection = client->connections[at];
    connection->load->connections--;
    connection->load->promised -= connection->promised;
    connection_free(connection);
    memmove(client->connections + at, client->connections + at + 1,
            (client->count - at - 1) * sizeof *client->connections);
    client->count--;
}

void client_free(struct client *client) {
    if (!client)
        return;
    while (client->count)
        remove_at(client, client->count - 1);
    loop_timer_free(client->wire.loop, client->settle_timer);
    while (client->idle_count)
        fd_close(&client->idle[--client->idle_count]);
    free(client->idle);
    fd_close(&client->diag);
    free(client->connections);
    free(client->loads);
    free(client);
}

/* --- starting --------------------------------------------------------------------------------- */

/* How many connections may wait to be accepted: more than the backlog holds would have to knock again
 * after a second, and the program would look slow for it. */
static bool backlog_has_room(const struct client *client) {
    int64_t waiting = 0;
    for (size_t i = 0; i < client->count; i++) {
        const struct connection *connection = client->connections[i];
        waiting += !connection->accepted && !connection->received && connection->fd >= 0;
    }
    const struct roster *roster = client->wire.roster;
    return !roster->listening || waiting < roster->least_backlog;
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

/* The next of the connection's requests leaves the load's books. */
static int64_t next_id(struct client *client, struct connection *connection) {
    connection->promised--;
    connection->load->promised--;
    connection->load->started++;
    return ++client->last_request;
}

static bool wants_connection(const struct load *load) {
    return load->started + load->promised < load->plan.requests &&
           load->connections < load->plan.concurrency;
}

static bool may_start(const struct client *client, const struct load *load) {
    return wants_connection(load) && backlog_has_room(client) &&
           load->next_start_ns <= client->wire.ops->now_ns(client->wire.ctx);
}

static bool start_some(struct client *client, struct load *load) {
    bool any = false;
    while (may_start(client, load)) {
        struct err err = {0};
        struct connection *connection = add_connection(client, load, &err);
        if (!connection) {
            if (load->connections) /* one that ends makes room */
                return any;
            give_up(load, &err);
            return true;
        }
        load->next_start_ns += load->plan.every_ms * NS_PER_MS;
        promise(connection);
        connection_begin(connection, next_id(client, connection));
        connection_connect(connection);
        tell_request(client, connection);
        any = true;
    }
    return any;
}

/* --- ending ----------------------------------------------------------------------------------- */

/* Something went wrong on a connection that has served before, and nobody read the request: the program
 * closed it when our bytes were under way, which it may (RFC 9112, 9.3.1). */
static bool may_send_again(const struct connection *connection) {
    const struct exchange *exchange = &connection->exchange;
    return connection->served && !exchange->answer.bytes && !exchange->taker &&
           (exchange->failure == FAILED_CLOSED || exchange->failure == FAILED_RESET);
}

static void tell_answer(struct client *client, struct connection *connection) {
    struct exchange *exchange = &connection->exchange;
    if (exchange->writer_count)
        roster_count_answer(client->wire.roster, exchange->writers[0]);
    connection->load->answered++;
    connection->load->ended++;
    connection->served++;
    json_t *event = exchange_answer_event(exchange, connection->number);
    if (connection->plan->until_close)
        json_object_set_new(event, "closed", json_boolean(exchange->closed));
    emit(client, event);
}

/* A server whose answers have no end is known by one of them, and one that never answers in time by a few. */
static bool is_hopeless(const struct load *load, const struct exchange *exchange) {
    return exchange->answer.endless || (load->answered == 0 && load->failed[FAILED_TIMEOUT] >= TIMEOUTS_ENOUGH);
}

/* No more are asked for than are under way. */
static void cut_short(struct load *load) {
    int64_t unsent = load->plan.requests - load->started - load->promised;
    load->plan.requests -= unsent;
    load->unsent += unsent;
}

static void tell_failure(struct client *client, struct connection *connection) {
    struct exchange *exchange = &connection->exchange;
    int victim = exchange_victim(exchange, client->wire.roster);
    if (victim)
        connection->load->lost++;
    else
        connection->load->failed[exchange->failure]++;
    connection->load->ended++;
    if (is_hopeless(connection->load, exchange))
        cut_short(connection->load);
    emit(client, exchange_failure_event(exchange, connection->number, victim));
}

static void send_again(struct client *client, struct connection *old) {
    struct err err = {0};
    struct connection *fresh = add_connection(client, old->load, &err);
    if (!fresh) {
        tell_failure(client, old);
        return;
    }
    fresh->promised = old->promised;
    old->promised = 0;
    fresh->exchange = old->exchange;
    old->exchange = (struct exchange){0};
    exchange_restart(&fresh->exchange);
    connection_connect(fresh);
    tell_request(client, fresh);
}

static void leave_idle(struct client *client, struct connection *connection) {
    GROW(client->idle, client->idle_capacity, client->idle_count + 1);
    client->idle[client->idle_count++] = connection_hand_over(connection);
}

/* Whether the connection goes on with another request. */
static bool conclude(struct client *client, struct connection *connection) {
    if (connection->exchange.failure) {
        if (may_send_again(connection))
            send_again(client, connection);
        else
            tell_failure(client, connection);
        return false;
    }
    bool kept = connection_look_for_more(connection) &&
                http_may_go_on(&connection->exchange.answer);
    bool open = kept && connection->promised > 0;
    if (kept && !open && connection->plan->keep_open)
        leave_idle(client, connection);
    if (!open) /* before the event: who hears of the answer may act on it at once */
        connection_hang_up(connection);
    tell_answer(client, connection);
    if (!open)
        return false;
    connection_go_on(connection, next_id(client, connection));
    tell_request(client, connection);
    connection_send(connection);
    return true;
}

static bool conclude_some(struct client *client) {
    bool any = false;
    for (size_t i = 0; i < client->count;) {
        struct connection *connection = client->connections[i];
        if (connection->state != SETTLING || !connection_is_settled(connection)) {
            i++;
            continue;
        }
        any = true;
        if (conclude(client, connection))
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
    loop_timer_set(client->wire.loop, client->settle_timer, nearest_ns);
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
    int64_t now_ns = client->wire.ops->now_ns(client->wire.ctx);
    if (load->next_start_ns < now_ns)
        load->next_start_ns = now_ns;
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
    int pid = (int)event_int(event, "pid", 0);
    for (size_t i = 0; type == EVENT_EXIT && i < client->count; i++)
        if (roster_is_victim(client->wire.roster, pid))
            connection_see_end(client->connections[i], pid);
    if (!number ||
        (type != EVENT_ACCEPT && type != EVENT_TAKEN && type != EVENT_PASS && type != EVENT_REPLY))
        return;
    for (size_t i = client->count; i-- > 0;) { /* the latest of that number */
        struct connection *connection = client->connections[i];
        if (connection->number != number)
            continue;
        connection_observe(connection, event);
        return;
    }
}

int64_t client_deadline_ns(const struct client *client) {
    int64_t nearest_ns = -1;
    for (size_t i = 0; i < client->count; i++) {
        int64_t at_ns = connection_deadline_ns(client->connections[i]);
        if (at_ns >= 0 && (nearest_ns < 0 || at_ns < nearest_ns))
            nearest_ns = at_ns;
    }
    int64_t now_ns = client->wire.ops->now_ns(client->wire.ctx);
    for (size_t i = 0; i < client->load_count; i++) {
        const struct load *load = client->loads[i];
        if (wants_connection(load) && load->next_start_ns > now_ns &&
            (nearest_ns < 0 || load->next_start_ns < nearest_ns))
            nearest_ns = load->next_start_ns;
    }
    return nearest_ns;
}

void client_time(struct client *client) {
    int64_t now_ns = client->wire.ops->now_ns(client->wire.ctx);
    for (size_t i = 0; i < client->count; i++)
        connection_time(client->connections[i], now_ns);
}

bool client_in_flight(const struct client *client) {
    if (client->count)
        return true;
    for (size_t i = 0; i < client->load_count; i++)
        if (wants_connection(client->loads[i]))
            return true;
    return false;
}

int64_t client_under_way(const struct client *client, int64_t *taken) {
    *taken = 0;
    for (size_t i = 0; i < client->count; i++)
        *taken += client->connections[i]->exchange.taker != 0;
    return (int64_t)client->count;
}

/* An answer that is whole waits for the tracer's word of it, which comes at once. */
static bool is_busy(const struct client *client, const struct connection *connection) {
    int unsent = 0;
    if (connection->state == CONNECTING || connection->state == SETTLING)
        return true;
    if (connection->fd < 0)
        return false;
    if (ioctl(connection->fd, SIOCOUTQ, &unsent) == 0 && unsent > 0)
        return true;
    return peer_is_sending(client->diag, client->wire.port, connection->number);
}

bool client_network_is_busy(struct client *client) {
    bool first = client->count && !client->diag_asked;
    client->diag_asked = client->diag_asked || first;
    if (first)
        client->diag = client->wire.ops->diag_socket(client->wire.ctx, NULL);
    for (size_t i = 0; i < client->count; i++)
        if (is_busy(client, client->connections[i]))
            return true;
    return false;
}
