/* The HTTP client: loads of requests over its own connections to the program's port.
 *
 *     struct client *client = client_new(&wire);
 *     client_load_begin(client, &load);      // load.plan filled in; borrowed until it is done or dropped
 *     client_observe(client, event);         // every event
 *     client_time(client);                   // at client_deadline_ns
 *     while (client_turn(client)) { }        // opens, emits, closes; only here events are emitted
 *     client_free(client);
 *
 * An answer is told once it is complete and the tracer has
 * told as many bytes written to the connection as came out of it, so that who wrote it is known.
 */
#ifndef BRIGADE_DRIVE_CLIENT_H
#define BRIGADE_DRIVE_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "drive/connection.h"
#include "drive/drive.h"
#include "drive/exchange.h"
#include "drive/roster.h"

struct client;

struct load { /* visible, because a step holds it */
    struct load_plan plan;
    int64_t started, ended; /* requests */
    int64_t promised;       /* requests not started, that open connections are to send */
    int64_t connections;    /* open now */
    int64_t next_start_ns;  /* no connection is opened before */
    int64_t answered;
    int64_t unsent;               /* given up: an answer had no end, or none came in time */
    int64_t lost;                 /* in the hands of a process that we killed */
    int64_t failed[FAILED_COUNT]; /* those not lost */
    char trouble[ERR_TEXT_SIZE];  /* why the machine ended it; "": it did not */
};

/* The wire is copied; what it points to is borrowed. Its wake says: call client_turn. */
struct client *client_new(const struct wire *wire);
void client_free(struct client *client); /* NULL allowed */

void client_load_begin(struct client *client, struct load *load);
bool client_load_done(const struct load *load);
int64_t client_load_failed(const struct load *load);
/* Closes its connections and forgets it, without a word about requests under way. */
void client_load_drop(struct client *client, struct load *load);

void client_observe(struct client *client, const json_t *event);
bool client_turn(
    struct client *client); /* whether anything was done; not to be called from itself */
int64_t client_deadline_ns(const struct client *client); /* -1: none */
void client_time(struct client *client);
bool client_in_flight(const struct client *client); /* or about to be: the next of a load */
/* Requests under way, and those of them that a process has begun to read. */
int64_t client_under_way(const struct client *client, int64_t *taken);
bool client_network_is_busy(struct client *client); /* see drive_in_flight */

#endif
