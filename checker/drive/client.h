/* The HTTP client: loads of requests over its own connections to the program's port.
 *
 *     struct client *client = client_new(loop, &roster, port, ops, ctx, wake, wake_ctx);
 *     client_load_begin(client, &load);      // load.plan filled in; borrowed until it is done or dropped
 *     client_observe(client, event);         // every event
 *     client_time(client);                   // at client_deadline_ns
 *     while (client_turn(client)) { }        // opens, emits, closes; only here events are emitted
 *     client_free(client);
 *
 * A connection's number is its local TCP port. An answer is told once it is complete and the tracer has
 * told as many bytes written to the connection as came out of it, so that who wrote it is known.
 */
#ifndef BRIGADE_DRIVE_CLIENT_H
#define BRIGADE_DRIVE_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "drive/drive.h"
#include "drive/exchange.h"
#include "drive/roster.h"

struct client;

struct load_plan {
    int64_t requests;
    int64_t concurrency;    /* connections at once */
    bool keep_alive;
    int64_t per_connection; /* requests on one connection, where kept alive */
    const char *path;
    int64_t timeout_ms;     /* for one request, in the program's time */
    int64_t slow_ms;        /* the request's bytes are spread over this time; 0: at once */
    const char *raw;        /* sent in place of a request; NULL: a proper one */
    const char *step;       /* id, for the events */
};

struct load { /* visible, because a step holds it */
    struct load_plan plan;
    int64_t started, ended; /* requests */
    int64_t promised;       /* requests not started, that open connections are to send */
    int64_t connections;    /* open now */
    int64_t answered;
    int64_t lost;           /* in the hands of a process that we killed */
    int64_t failed[FAILED_COUNT]; /* those not lost */
    char trouble[ERR_TEXT_SIZE];  /* why the machine ended it; "": it did not */
};

typedef void client_wake_fn(void *ctx); /* something happened: call client_turn */

struct client *client_new(struct loop *loop, struct roster *roster, int port,
                          const struct drive_ops *ops, void *ctx, client_wake_fn *wake,
                          void *wake_ctx);
void client_free(struct client *client); /* NULL allowed */

void client_load_begin(struct client *client, struct load *load);
bool client_load_done(const struct load *load);
int64_t client_load_failed(const struct load *load);
/* Closes its connections and forgets it, without a word about requests under way. */
void client_load_drop(struct client *client, struct load *load);

void client_observe(struct client *client, const json_t *event);
bool client_turn(struct client *client); /* whether anything was done; not to be called from itself */
int64_t client_deadline_ns(const struct client *client); /* -1: none */
void client_time(struct client *client);
bool client_in_flight(const struct client *client);

#endif
