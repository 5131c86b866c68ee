/* A log made by hand: a right run of `stats` as the tracer and the driver would tell it, and a place to change it.
 *
 *     struct story story;
 *     story_tell(&story, tamper);       // tamper may be NULL
 *     ... story.log, an array of events, seq and t_ns in them
 *     story_release(&story);
 *
 * The master is 10, the workers 11 to 14; 11 is killed at 10.3 s and 15 takes its place. A tamper sees every
 * event before it is told, may change it, may drop it (returns NULL, having let go of it), and may tell more of its
 * own with story_add. It plays the part of the program that is not right.
 */
#ifndef BRIGADE_TESTS_STORY_H
#define BRIGADE_TESTS_STORY_H

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "proto/event.h"

enum { MASTER = 10, FIRST_WORKER = 11, WORKERS = 4, NEWCOMER = 15, STORY_PIDS = 64, PORT = 8000 };

struct story;
typedef json_t *story_tamper(struct story *story, json_t *event);

struct story {
    json_t *log;
    story_tamper *tamper;
    double at_s;
    int requests, connections, messages;
    int counts[STORY_PIDS];
    const char *step;
};

/* Told as it is, untampered. Takes the event. */
static inline void story_add(struct story *story, json_t *event) {
    json_object_set_new(event, "seq", json_integer((json_int_t)json_array_size(story->log) + 1));
    json_object_set_new(event, "t_ns", json_integer((json_int_t)(story->at_s * 1e9)));
    json_array_append_new(story->log, event);
}

static inline void story_say(struct story *story, json_t *event) {
    json_t *told = story->tamper ? story->tamper(story, event) : event;
    if (told)
        story_add(story, told);
}

static inline int story_seq(const struct story *story) { return (int)json_array_size(story->log); }

static inline int story_pid(const json_t *event) { return (int)event_int(event, "pid", 0); }

static inline bool story_is(const json_t *event, enum event_type type) {
    return event_type_of(event) == type;
}

/* --- what may happen ---------------------------------------------------------------------------- */

static inline void story_birth(struct story *story, int pid, int parent) {
    json_t *event = event_new(EVENT_FORK, "{s:i, s:i, s:i, s:s}", "pid", pid, "parent", parent,
                              "by", parent, "kind", parent ? "fork" : "start");
    if (!parent) {
        json_object_set_new(event, "parent", json_null());
        json_object_set_new(event, "by", json_null());
    }
    story_say(story, event);
}

static inline void story_step(struct story *story, const char *id, const char *state) {
    story->step = id;
    json_t *event =
        event_new(EVENT_STEP, "{s:s, s:s, s:s}", "step", id, "do", "load", "state", state);
    if (strcmp(state, "end") == 0)
        json_object_set_new(event, "met", json_true());
    story_say(story, event);
}

/* A request on a connection that `pid` accepts if it is new; the answer is complete 2 ms later. */
static inline void story_serve(struct story *story, int pid, bool new_connection) {
    int connection = story->connections += new_connection, request = ++story->requests;
    char body[64];
    story_say(story, event_new(EVENT_REQUEST, "{s:i, s:i, s:s, s:s, s:s}", "request", request,
                               "connection", connection, "method", "GET", "target", "/?n=1", "step",
                               story->step));
    if (new_connection)
        story_say(story,
                  event_new(EVENT_ACCEPT, "{s:i, s:i}", "pid", pid, "connection", connection));
    story_say(story, event_new(EVENT_TAKEN, "{s:i, s:i, s:i}", "pid", pid, "request", 0,
                               "connection", connection));
    int taken = story_seq(story);
    story->at_s += 0.002;
    story_say(story, event_new(EVENT_REPLY, "{s:i, s:i, s:i}", "pid", pid, "connection", connection,
                               "bytes", 80));
    int reply = story_seq(story);
    snprintf(body, sizeof body, "Handled by worker %d\n", pid);
    story->counts[pid]++;
    story_say(story,
              event_new(EVENT_ANSWER,
                        "{s:i, s:i, s:i, s:[i], s:i, s:i, s:s, s:f, s:b, s:i, s:i, s:i, s:i}",
                        "request", request, "connection", connection, "pid", pid, "pids", pid,
                        "status", 200, "bytes", 80, "body", body, "ms", 2.0, "well_formed", 1,
                        "first_seq", reply, "last_seq", reply, "taken_by", pid, "taken_seq",
                        taken));
}

static inline void story_line(struct story *story, int pid, const char *text) {
    story_say(story, event_new(EVENT_OUTPUT, "{s:i, s:s, s:s, s:i}", "pid", pid, "stream", "stdout",
                               "text", text, "bytes", (int)strlen(text)));
}

static inline void story_report(struct story *story, int pid) {
    char line[128];
    int number = ++story->messages, since = story_seq(story);
    json_t *value = json_pack("{s:i, s:i}", "pid", pid, "count", story->counts[pid]);
    snprintf(line, sizeof line, "Stats from worker %d: { pid: %d, count: %d }\r\n", pid, pid,
             story->counts[pid]);
    story_say(story,
              event_new(EVENT_MESSAGE, "{s:i, s:i, s:i, s:i, s:i, s:i, s:b, s:o, s:i}", "message",
                        number, "channel", pid - MASTER, "from", pid, "to", MASTER, "bytes", 24,
                        "parts", 1, "complete", 1, "value", value, "since", since));
    story_say(story, event_new(EVENT_RECEIVED, "{s:i, s:i, s:i, s:i}", "message", number, "channel",
                               pid - MASTER, "pid", MASTER, "parts", 1));
    story->at_s += 0.001;
    story_line(story, MASTER, line);
}

static inline void story_load(struct story *story, const char *step, int requests, int first,
                              int workers, bool keep_alive) {
    story_step(story, step, "begin");
    for (int i = 0; i < requests; i++)
        story_serve(story, first + i % workers, !keep_alive || i < workers);
    story_step(story, step, "end");
}

static inline void story_reports(struct story *story, double at_s, int first, const char *step) {
    story->at_s = at_s;
    for (int pid = first; pid < FIRST_WORKER + WORKERS; pid++)
        story_report(story, pid);
    if (step)
        story_step(story, step, "end");
}

static inline void story_death(struct story *story, int pid) {
    story_say(story, event_new(EVENT_SIGNAL, "{s:i, s:i, s:s, s:s}", "from", 0, "to", pid, "signal",
                               "SIGKILL", "why", "lab"));
    story_say(story, event_new(EVENT_EXIT, "{s:i, s:s, s:b}", "pid", pid, "signal", "SIGKILL",
                               "by_lab", 1));
    story->at_s += 0.001;
    story_say(story,
              event_new(EVENT_REAP, "{s:i, s:i, s:s}", "pid", pid, "by", MASTER, "how", "wait"));
}

/* --- the run ------------------------------------------------------------------------------------ */

static inline void story_begin(struct story *story) {
    story_say(story, event_new(EVENT_RUN, "{s:i, s:s, s:s, s:s, s:s, s:i, s:s, s:s}", "v", 1,
                               "exercise", "stats", "title", "Count", "language", "c", "clock",
                               "real", "cpus", WORKERS, "box", "full", "version", "0"));
    story_say(story, event_new(EVENT_BUILT, "{s:b, s:i}", "ok", 1, "ms", 300));
    story_birth(story, MASTER, 0);
    story->at_s = 0.01;
    story_say(story, event_new(EVENT_LISTEN, "{s:i, s:i, s:i}", "pid", MASTER, "port", PORT,
                               "backlog", 128));
    for (int i = 0; i < WORKERS; i++)
        story_birth(story, FIRST_WORKER + i, MASTER);
    story_step(story, "up", "end");
    story_step(story, "hired", "end");
}

static inline void story_end(struct story *story, const char *outcome) {
    story_say(story, event_new(EVENT_END, "{s:s, s:i, s:i, s:i}", "outcome", outcome, "wall_ms",
                               17000, "virtual_ms", 16500, "processes", 6));
}

static inline void story_tell(struct story *story, story_tamper *tamper) {
    *story = (struct story){.log = json_array(), .tamper = tamper, .connections = 1000};
    story_begin(story);
    story->at_s = 0.1;
    story_load(story, "first-load", 64, FIRST_WORKER, WORKERS, false);
    story_reports(story, 5.01, FIRST_WORKER, "first-reports");
    story_load(story, "at-once", 1, FIRST_WORKER, 1, false);
    story->at_s = 6.6;
    story_load(story, "between", 1, FIRST_WORKER + 1, 1, false);
    story_reports(story, 10.01, FIRST_WORKER, "second-reports");
    story_load(story, "second-load", 64, FIRST_WORKER, WORKERS, false);
    story->at_s = 10.3;
    story_death(story, FIRST_WORKER);
    story_step(story, "kill", "end");
    story_birth(story, NEWCOMER, MASTER);
    story_step(story, "replacement", "end");
    story->at_s = 10.4;
    story_load(story, "third-load", 64, FIRST_WORKER + 1, WORKERS, false);
    story_load(story, "keep-alive", 24, FIRST_WORKER + 1, WORKERS, true);
    story_reports(story, 15.01, FIRST_WORKER + 1, NULL);
    story->at_s = 15.31;
    story_report(story, NEWCOMER);
    story_step(story, "third-reports", "end");
    story_load(story, "last-load", 8, FIRST_WORKER + 1, WORKERS, false);
    story->at_s = 16.4;
    story_step(story, "lines", "end");
    story_end(story, "completed");
}

static inline void story_release(struct story *story) { json_decref(story->log); }

#endif
