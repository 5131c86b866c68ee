#include "session/log.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { LISTENERS_MOST = 8 };

struct log {
    struct {
        log_listener_fn *fn;
        void *ctx;
    } listeners[LISTENERS_MOST];
    size_t listener_count;
    log_time_fn *time;
    void *time_ctx;
    int64_t last_ns;
    uint64_t seq;
    json_t **queue;
    size_t queue_count, queue_capacity, queue_at;
    bool handing_out;
};

struct log *log_new(void) { return xcalloc(1, sizeof(struct log)); }

void log_free(struct log *log) {
    if (!log)
        return;
    free(log->queue);
    free(log);
}

void log_listen(struct log *log, log_listener_fn *fn, void *ctx) {
    if (log->listener_count == LISTENERS_MOST)
        abort();
    log->listeners[log->listener_count].fn = fn;
    log->listeners[log->listener_count++].ctx = ctx;
}

void log_set_time(struct log *log, log_time_fn *fn, void *ctx) {
    log->time = fn;
    log->time_ctx = ctx;
}

uint64_t log_seq(const struct log *log) { return log->seq; }

static void stamp(struct log *log, json_t *event) {
    if (log->time)
        log->last_ns = log->time(log->time_ctx);
    json_object_set_new(event, "seq", json_integer((json_int_t)++log->seq));
    json_object_set_new(event, "t_ns", json_integer(log->last_ns));
}

void log_emit(struct log *log, json_t *event) {
    stamp(log, event);
    GROW(log->queue, log->queue_capacity, log->queue_count + 1);
    log->queue[log->queue_count++] = event;
    if (log->handing_out)
        return;
    log->handing_out = true;
    while (log->queue_at < log->queue_count) {
        json_t *next = log->queue[log->queue_at++];
        for (size_t i = 0; i < log->listener_count; i++)
            log->listeners[i].fn(log->listeners[i].ctx, next);
        json_decref(next);
    }
    log->queue_at = log->queue_count = 0;
    log->handing_out = false;
}
