/* One request and what became of it: in whose hands it was, who wrote the answer, the events that tell.
 *
 *     exchange_begin(&exchange, id, "GET", target, step, now_ns, ends);
 *     exchange_observe(&exchange, roster, event);     // accept, taken, pass and reply of its connection
 *     emit(exchange_request_event(&exchange, connection));
 *     emit(exchange_answer_event(...) or exchange_failure_event(...));
 *     exchange_release(&exchange);
 */
#ifndef BRIGADE_DRIVE_EXCHANGE_H
#define BRIGADE_DRIVE_EXCHANGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drive/http.h"
#include "drive/roster.h"

enum failure {
    FAILED_NOT,
    FAILED_REFUSED,
    FAILED_RESET,
    FAILED_CLOSED,
    FAILED_TIMEOUT,
    FAILED_MALFORMED,
    FAILED_COUNT
};

const char *failure_name(enum failure failure); /* "refused" */

enum { EXCHANGE_WRITERS_MAX = 16 };

struct exchange { /* visible, because a connection holds it */
    int64_t id;   /* 0: none under way */
    const char *method;
    char *target;
    const char *step;                    /* borrowed */
    int64_t begun_ns, sent_ns, ended_ns; /* -1: not yet */
    bool connected;
    bool closed; /* the program has closed the connection after the answer, as far as one looked */
    int accepter, taker, holder; /* 0: nobody; the holder is the last who got it into his hands */
    int absent; /* a victim of ours that its accepter, the master, had not reaped yet; 0: none */
    bool dealt_to_nobody; /* passed over a channel whose other end nobody holds */
    uint64_t taken_seq, first_seq, last_seq;
    int writers[EXCHANGE_WRITERS_MAX];
    size_t writer_count;
    int writes; /* of the answer, as far as told */
    size_t ends_before;
    struct http_answer answer;
    enum failure failure;
};

void exchange_begin(struct exchange *exchange, int64_t id, char *target /* taken */,
                    const char *step, int64_t now_ns, size_t ends_before);
/* The same request goes out once more, on another connection. */
void exchange_restart(struct exchange *exchange);
void exchange_release(struct exchange *exchange);

void exchange_observe(struct exchange *exchange, const json_t *event);

/* Marks it as failed. The detail is told by what is known of it. */
void exchange_fail(struct exchange *exchange, enum failure failure, int64_t now_ns);

/* The process that was killed by us while it had the request in its hands; 0: nobody. */
int exchange_victim(const struct exchange *exchange, const struct roster *roster);

json_t *exchange_request_event(const struct exchange *exchange, int connection);
json_t *exchange_answer_event(const struct exchange *exchange, int connection);
json_t *exchange_failure_event(const struct exchange *exchange, int connection, int victim);

#endif
