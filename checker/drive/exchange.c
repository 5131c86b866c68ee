#include "drive/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "proto/event.h"

const char *failure_name(enum failure failure) {
    static const char *const names[FAILED_COUNT] = {
        [FAILED_NOT] = "answered",  [FAILED_REFUSED] = "refused", [FAILED_RESET] = "reset",
        [FAILED_CLOSED] = "closed", [FAILED_TIMEOUT] = "timeout", [FAILED_MALFORMED] = "malformed",
    };
    return names[failure];
}

void exchange_begin(struct exchange *exchange, int64_t id, char *target, const char *step,
                    int64_t now_ns, size_t ends_before) {
    exchange_release(exchange);
    *exchange = (struct exchange){
        .id = id,
        .method = "GET",
        .target = target,
        .step = step,
        .begun_ns = now_ns,
        .sent_ns = -1,
        .ended_ns = -1,
        .ends_before = ends_before,
    };
}

void exchange_restart(struct exchange *exchange) {
    http_release(&exchange->answer);
    exchange->connected = false;
    exchange->accepter = exchange->holder = exchange->absent = 0;
    exchange->failure = FAILED_NOT;
    exchange->sent_ns = exchange->ended_ns = -1;
    exchange->writes = 0;
}

void exchange_release(struct exchange *exchange) {
    http_release(&exchange->answer);
    free(exchange->target);
    *exchange = (struct exchange){0};
}

/* --- what the tracer saw ---------------------------------------------------------------------- */

static void see_reply(struct exchange *exchange, const json_t *event) {
    int pid = (int)event_int(event, "pid", 0);
    if (!exchange->writer_count)
        exchange->first_seq = event_seq(event);
    exchange->last_seq = event_seq(event);
    exchange->writes++;
    for (size_t i = 0; i < exchange->writer_count; i++)
        if (exchange->writers[i] == pid)
            return;
    if (exchange->writer_count < EXCHANGE_WRITERS_MAX)
        exchange->writers[exchange->writer_count++] = pid;
}

void exchange_observe(struct exchange *exchange, const json_t *event) {
    int pid = (int)event_int(event, "pid", 0);
    switch (event_type_of(event)) {
    case EVENT_ACCEPT: exchange->accepter = exchange->holder = pid; break;
    case EVENT_PASS:
        exchange->holder = (int)event_int(event, "to", 0);
        exchange->dealt_to_nobody = !exchange->holder;
        break;
    case EVENT_TAKEN:
        if (!exchange->taker) {
            exchange->taker = pid;
            exchange->taken_seq = event_seq(event);
        }
        exchange->holder = pid;
        exchange->dealt_to_nobody = false;
        break;
    case EVENT_REPLY:
        exchange->holder = pid;
        see_reply(exchange, event);
        break;
    default: break;
    }
}

/* --- failures --------------------------------------------------------------------------------- */

/* How far the request got, in words. */
static void tell_progress(const struct exchange *exchange, struct buf *into) {
    if (exchange->answer.bytes) {
        buf_printf(into,
                   "%llu bytes of an answer came: ", (unsigned long long)exchange->answer.bytes);
        http_missing(&exchange->answer, into);
    } else if (exchange->taker) {
        buf_printf(into, "process %d read the request and wrote no answer", exchange->taker);
    } else if (exchange->dealt_to_nobody) {
        buf_printf(into, "process %d accepted the connection and passed it on, to no live process",
                   exchange->accepter);
    } else if (exchange->holder && exchange->holder != exchange->accepter) {
        buf_printf(into, "process %d got the connection and did not read the request",
                   exchange->holder);
    } else if (exchange->accepter) {
        buf_printf(into, "process %d accepted the connection and did not read the request",
                   exchange->accepter);
    } else if (exchange->connected) {
        buf_puts(into, "the connection waits in the listen backlog, no process accepted it");
    } else {
        buf_puts(into, "no connection came about: the listen backlog may be full, "
                       "because no process accepts");
    }
}

static void tell_failure(const struct exchange *exchange, struct buf *into) {
    int64_t after_ms = (exchange->ended_ns - exchange->begun_ns) / NS_PER_MS;
    switch (exchange->failure) {
    case FAILED_REFUSED:
        buf_puts(into, "the connection was refused: no process listens on the port");
        break;
    case FAILED_RESET:
        buf_puts(into, "the connection was reset (its process died, or closed it with bytes of the "
                       "request unread); ");
        tell_progress(exchange, into);
        break;
    case FAILED_CLOSED:
        buf_puts(into, "the connection was closed before the answer was complete; ");
        tell_progress(exchange, into);
        break;
    case FAILED_TIMEOUT:
        buf_printf(into, "no complete answer within %lld ms; ", (long long)after_ms);
        tell_progress(exchange, into);
        break;
    case FAILED_MALFORMED: buf_puts(into, exchange->answer.broken); break;
    default: break;
    }
}

void exchange_fail(struct exchange *exchange, enum failure failure, int64_t now_ns) {
    exchange->failure = failure;
    exchange->ended_ns = now_ns;
}

int exchange_victim(const struct exchange *exchange, const struct roster *roster) {
    if (exchange->absent && !exchange->taker && exchange->holder == exchange->accepter)
        return exchange->absent; /* meant for it: the master could not know better */
    if (exchange->holder)
        return roster_is_victim(roster, exchange->holder) ? exchange->holder : 0;
    if (exchange->dealt_to_nobody)
        return roster_unreaped_victim(roster);
    /* A connection that no process was seen to accept dies with the listening socket it waits at, or with a process
     * that was killed when accept(2) had it and had not returned yet. */
    if (exchange->failure == FAILED_RESET || exchange->failure == FAILED_CLOSED)
        return roster_victim_since(roster, exchange->ends_before);
    return 0;
}

/* --- events ----------------------------------------------------------------------------------- */

static json_t *pid_or_null(int pid) { return pid ? json_integer(pid) : json_null(); }

static double spent_ms(const struct exchange *exchange) {
    int64_t from_ns = exchange->sent_ns >= 0 ? exchange->sent_ns : exchange->begun_ns;
    int64_t spent_ns = exchange->ended_ns - from_ns;
    return spent_ns > 0 ? (double)spent_ns / (double)NS_PER_MS : 0.0;
}

json_t *exchange_request_event(const struct exchange *exchange, int connection) {
    json_t *event =
        event_new(EVENT_REQUEST, "{s:I, s:i, s:s, s:s}", "request", (json_int_t)exchange->id,
                  "connection", connection, "method", exchange->method, "target", exchange->target);
    if (exchange->step)
        json_object_set_new(event, "step", json_string(exchange->step));
    return event;
}

static void add_seq(json_t *event, const char *name, uint64_t seq) {
    if (seq)
        json_object_set_new(event, name, json_integer((json_int_t)seq));
}

json_t *exchange_answer_event(const struct exchange *exchange, int connection) {
    const struct http_answer *answer = &exchange->answer;
    json_t *pids = json_array();
    for (size_t i = 0; i < exchange->writer_count; i++)
        json_array_append_new(pids, json_integer(exchange->writers[i]));
    json_t *event =
        event_new(EVENT_ANSWER, "{s:I, s:i, s:o, s:o, s:i, s:I, s:f, s:b}", "request",
                  (json_int_t)exchange->id, "connection", connection, "pid",
                  pid_or_null(exchange->writer_count ? exchange->writers[0] : 0), "pids", pids,
                  "status", answer->status, "bytes", (json_int_t)answer->bytes, "ms",
                  spent_ms(exchange), "well_formed", !answer->slip[0]);
    event_set_bytes(event, "body", answer->body.data ? answer->body.data : "", answer->body.length,
                    HTTP_BODY_KEPT);
    if (answer->body_bytes > answer->body.length)
        json_object_set_new(event, "cut", json_true());
    add_seq(event, "first_seq", exchange->first_seq);
    add_seq(event, "last_seq", exchange->last_seq);
    add_seq(event, "taken_seq", exchange->taken_seq);
    if (exchange->taker)
        json_object_set_new(event, "taken_by", json_integer(exchange->taker));
    if (answer->slip[0])
        json_object_set_new(event, "detail", json_string(answer->slip));
    return event;
}

json_t *exchange_failure_event(const struct exchange *exchange, int connection, int victim) {
    int pid = exchange->holder ? exchange->holder : victim;
    struct buf detail = {0};
    if (victim)
        buf_printf(&detail,
                   "lost through no fault of the program: process %d was killed by the lab; ",
                   victim);
    tell_failure(exchange, &detail);
    json_t *event = event_new(EVENT_UNANSWERED, "{s:I, s:i, s:o, s:s, s:f, s:b, s:s}", "request",
                              (json_int_t)exchange->id, "connection", connection, "pid",
                              pid_or_null(pid), "why", failure_name(exchange->failure), "ms",
                              spent_ms(exchange), "killed", victim != 0, "detail", detail.data);
    buf_release(&detail);
    return event;
}
