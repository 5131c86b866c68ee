/* One connection of the client to the program, with the request under way on it.
 *
 *     struct connection *connection = connection_open(&wire, &plan, load, &err);
 *     connection_begin(connection, id);
 *     connection_connect(connection);          // the loop does the rest, after this returned:
 *     emit(exchange_request_event(...));       // so this is told before a byte is sent
 *     connection_observe(connection, event);   // events that carry its number
 *     connection_time(connection, now_ns);     // at connection_deadline_ns
 *     ... until state is SETTLING and connection_is_settled: tell what became of the request; then
 *     connection_go_on(connection, id);        // with the next one, or
 *     connection_free(connection);
 *
 * Its number is its local TCP port. What happens on the socket is noted in `exchange`, and wake is called;
 * nothing here emits an event.
 */
#ifndef BRIGADE_DRIVE_CONNECTION_H
#define BRIGADE_DRIVE_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/loop.h"
#include "drive/drive.h"
#include "drive/exchange.h"
#include "drive/roster.h"

struct load;

struct wire { /* what all connections share; outlives them */
    struct loop *loop;
    struct roster *roster;
    int port;
    const struct drive_ops *ops;
    void *ctx;
    void (*wake)(void *ctx);
    void *wake_ctx;
};

struct load_plan {
    int64_t requests;
    int64_t concurrency; /* connections at once */
    bool keep_alive;
    int64_t per_connection; /* requests on one connection, where kept alive */
    const char *path;
    int64_t timeout_ms; /* for one request, in the program's time */
    int64_t slow_ms;    /* the request's bytes are spread over this time; 0: at once */
    const char *raw;    /* sent in place of a request; NULL: a proper one */
    bool keep_open;     /* after its last request, a kept connection stays open, idle */
    int64_t every_ms;   /* between two connections that are opened; 0: none */
    bool until_close; /* after the answer, waits a while for the program to close the connection */
    const char *step; /* id, for the events */
};

enum connection_state { CONNECTING, SENDING, READING, ENDING /* the answer is whole */, SETTLING };

struct connection { /* visible to the client, which keeps the books */
    const struct wire *wire;
    const struct load_plan *plan;
    struct load *load;
    enum connection_state state;
    int fd, number;
    int64_t served;            /* whole answers */
    int64_t promised;          /* requests that it is still to send */
    bool accepted;             /* as far as told */
    uint64_t received, traced; /* bytes of answers: come out here, told by the tracer */
    struct buf out;
    size_t sent;
    int64_t next_piece_ns; /* of a slow request; -1: send all */
    int64_t deadline_ns;
    int64_t settle_until_ns; /* real time */
    int64_t queued_ns;       /* when the master accepted it */
    struct exchange exchange;
};

/* A new connection, bound but not connected; NULL when the machine has no socket for us now. */
struct connection *connection_open(const struct wire *wire, const struct load_plan *plan,
                                   struct load *load, struct err *err);
void connection_hang_up(struct connection *connection);  /* closes the socket */
int connection_hand_over(struct connection *connection); /* the socket is the caller's now */
void connection_free(struct connection *connection);

void connection_begin(struct connection *connection, int64_t id); /* makes its first request */
/* Starts to connect, and sends once connected; also with an exchange taken over from another. */
void connection_connect(struct connection *connection);
/* Another request on a kept connection; connection_send then sends it. */
void connection_go_on(struct connection *connection, int64_t id);
void connection_send(struct connection *connection);

void connection_observe(struct connection *connection, const json_t *event);
/* A victim of ours has ended. A connection in the master's hands may be dealt to it, in vain and unseen. */
void connection_see_end(struct connection *connection, int victim);
int64_t connection_deadline_ns(const struct connection *connection); /* -1: none */
void connection_time(struct connection *connection, int64_t now_ns);

/* Whether all is known that there is to know of who did what. */
bool connection_is_settled(const struct connection *connection);
/* Notes what came after the whole answer; whether the connection is still open. */
bool connection_look_for_more(struct connection *connection);

#endif
