#include "report/loads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "proto/event.h"
#include "report/sheet.h"

enum { TOLD_PROCESSES = 12, REASON_MOST = 40 };

/* JSON objects as maps: numbers in a saved log may be anything, so they index no array. */
struct loads {
    json_t *of_request; /* request -> its load, while it is open */
    json_t *
        of_step; /* step -> {requests, answered, slowest_ms, by: {pid: count}, lost: {why: count}} */
};

struct loads *loads_new(void) {
    struct loads *loads = xcalloc(1, sizeof *loads);
    loads->of_request = json_object();
    loads->of_step = json_object();
    return loads;
}

void loads_free(struct loads *loads) {
    if (!loads)
        return;
    json_decref(loads->of_request);
    json_decref(loads->of_step);
    free(loads);
}

static void add_one(json_t *counts, const char *name) {
    json_object_set_new(counts, name, json_integer(event_int(counts, name, 0) + 1));
}

static void key_of(const json_t *event, char key[24]) {
    snprintf(key, 24, "%lld", (long long)event_int(event, "request", 0));
}

static void on_request(struct loads *loads, const json_t *event) {
    const char *step = event_text(event, "step", NULL);
    if (!step)
        return;
    json_t *load = json_object_get(loads->of_step, step);
    if (!load) {
        load = json_pack("{s:i, s:i, s:f, s:{}, s:{}}", "requests", 0, "answered", 0, "slowest_ms",
                         0.0, "by", "lost");
        json_object_set_new(loads->of_step, step, load);
    }
    char key[24];
    key_of(event, key);
    if (json_object_get(loads->of_request, key))
        return; /* sent once more, on a fresh connection */
    add_one(load, "requests");
    json_object_set(loads->of_request, key, load);
}

static void on_answer(json_t *load, const json_t *event) {
    char pid[24];
    snprintf(pid, sizeof pid, "%lld", (long long)event_int(event, "pid", -1));
    add_one(load, "answered");
    add_one(json_object_get(load, "by"), event_int(event, "pid", -1) > 0 ? pid : "?");
    double ms = json_number_value(json_object_get(event, "ms"));
    if (ms > json_number_value(json_object_get(load, "slowest_ms")))
        json_object_set_new(load, "slowest_ms", json_real(ms));
    int64_t status = event_int(event, "status", 200);
    if (status != 200) {
        char why[48];
        snprintf(why, sizeof why, "answered with status %lld", (long long)status);
        add_one(json_object_get(load, "lost"), why);
    }
}

void loads_observe(struct loads *loads, const json_t *event) {
    enum event_type type = event_type_of(event);
    if (type == EVENT_REQUEST) {
        on_request(loads, event);
        return;
    }
    if (type != EVENT_ANSWER && type != EVENT_UNANSWERED)
        return;
    char key[24];
    key_of(event, key);
    json_t *load = json_object_get(loads->of_request, key);
    if (!load)
        return;
    if (type == EVENT_ANSWER)
        on_answer(load, event);
    else
        add_one(json_object_get(load, "lost"), event_bool(event, "killed")
                                                   ? "lost with the killed process"
                                                   : event_text(event, "why", "lost"));
    json_object_del(loads->of_request, key);
}

static void put_counts(struct buf *into, const char *before, const json_t *counts) {
    const char *name;
    json_t *count;
    size_t told = 0;
    json_object_foreach((json_t *)counts, name, count) {
        if (told++ == TOLD_PROCESSES) {
            buf_printf(into, " and %zu more", json_object_size(counts) - TOLD_PROCESSES);
            return;
        }
        buf_puts(into, told == 1 ? before : ", ");
        sheet_foreign(into, name, REASON_MOST, false);
        buf_printf(into, " (%lld)", (long long)json_integer_value(count));
    }
}

bool loads_tell(struct loads *loads, const char *step, struct buf *into) {
    const json_t *load = json_object_get(loads->of_step, step);
    if (!load)
        return false;
    int64_t requests = event_int(load, "requests", 0), answered = event_int(load, "answered", 0);
    buf_printf(into, "%lld request%s, %lld answered", (long long)requests, requests == 1 ? "" : "s",
               (long long)answered);
    put_counts(into, ", by ", json_object_get(load, "by"));
    put_counts(into, "; but ", json_object_get(load, "lost"));
    if (answered)
        buf_printf(into, "; slowest %.0f ms",
                   json_number_value(json_object_get(load, "slowest_ms")));
    json_object_del(loads->of_step, step);
    return true;
}
