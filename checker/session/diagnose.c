/* A process has died of a fault of its own: the same submission is built with sanitizers and goes through the same
 * scenario once more, in the same box, to learn in which line. Nothing of that second run is graded or kept but what the
 * sanitizer said. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "build/sanitizer.h"
#include "session/internal.h"

enum { WALL_MOST_MS = 10000, SAID_MOST = 1 << 20 };

struct second_run {
    struct session session;
    struct session_options options;
    json_t *said; /* pid -> what it wrote to stderr */
    json_t *sent; /* pid of who was sent a signal by a process -> true */
    json_t *fault;
};

/* --- whose crash is looked into ------------------------------------------------------------------ */

static void key_of(char key[24], const json_t *event, const char *name) {
    snprintf(key, 24, "%lld", (long long)event_int(event, name, 0));
}

/* Whether the event is of a process that runs what was built. The shell of an exercise's cases and the commands that a
 * program starts are others' work. */
static bool is_own(const struct session *session, const json_t *event, const char *name) {
    char key[24];
    key_of(key, event, name);
    return json_object_get(session->own, key) != NULL;
}

static bool is_artifact(const struct session *session, const char *path) {
    static const char folder[] = "/work/";
    if (strncmp(path, folder, sizeof folder - 1) != 0)
        return false;
    for (size_t i = 0; i < session->build.file_count; i++)
        if (strcmp(session->build.files[i].name, path + sizeof folder - 1) == 0)
            return true;
    return false;
}

static void note_program(struct session *session, const json_t *event, bool own) {
    char key[24];
    key_of(key, event, "pid");
    if (!session->own)
        session->own = json_object();
    if (own)
        json_object_set_new(session->own, key, json_true());
    else
        json_object_del(session->own, key);
}

/* The first process that died for what it did itself. */
static void note_crash(struct session *session, const json_t *event) {
    if (session->crash_pid || !event_bool(event, "fault") || event_bool(event, "by_lab") ||
        event_bool(event, "at_end") || !is_own(session, event, "pid"))
        return;
    session->crash_pid = (int)event_int(event, "pid", 0);
    snprintf(session->crash_signal, sizeof session->crash_signal, "%s",
             event_text(event, "signal", ""));
}

void diagnose_observe(struct session *session, const json_t *event) {
    switch (event_type_of(event)) {
    case EVENT_FORK: note_program(session, event, is_own(session, event, "by")); break;
    case EVENT_EXEC:
        note_program(session, event, is_artifact(session, event_text(event, "path", "")));
        break;
    case EVENT_EXIT: note_crash(session, event); break;
    default: break;
    }
}

/* --- the second run ------------------------------------------------------------------------------ */

/* AddressSanitizer also speaks of a SIGSEGV that a process was sent, as if it had come of a wrong address. */
static void note_sent(struct second_run *second, const json_t *event) {
    static const char *const told_of[] = {"SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL"};
    const char *signal = event_text(event, "signal", "");
    char key[24];
    key_of(key, event, "to");
    for (size_t i = 0; i < sizeof told_of / sizeof told_of[0]; i++)
        if (event_int(event, "from", 0) > 0 && strcmp(signal, told_of[i]) == 0)
            json_object_set_new(second->sent, key, json_true());
}

/* Reports come in pieces, and of several processes at once. */
static void hear(void *ctx, const json_t *event) {
    struct second_run *second = ctx;
    char pid[24];
    key_of(pid, event, "pid");
    if (event_type_of(event) == EVENT_SIGNAL)
        note_sent(second, event);
    if (event_type_of(event) != EVENT_OUTPUT || second->fault ||
        strcmp(event_text(event, "stream", ""), "stderr") != 0 ||
        json_object_get(second->sent, pid) || !is_own(&second->session, event, "pid"))
        return;
    const char *before = json_string_value(json_object_get(second->said, pid));
    if (before && strlen(before) > SAID_MOST)
        return;
    json_object_set_new(second->said, pid,
                        json_sprintf("%s%s", before ? before : "", event_text(event, "text", "")));
    const char *text = json_string_value(json_object_get(second->said, pid));
    if (!text || !sanitizer_is_over(text, strlen(text)))
        return;
    second->fault = sanitizer_read(text, strlen(text));
    run_end(&second->session, OUTCOME_STOPPED, "the fault has been seen");
}

static void to_drive(void *ctx, const json_t *event) {
    struct second_run *second = ctx;
    if (second->session.drive)
        drive_observe(second->session.drive, event);
}

static int64_t program_time(void *ctx) {
    struct second_run *second = ctx;
    return second->session.trace ? trace_now_ns(second->session.trace) : 0;
}

/* No process ended by it, but one may have been told of behaviour that is undefined. */
static void look_through_said(struct second_run *second) {
    const char *pid;
    json_t *said;
    json_object_foreach(second->said, pid, said) {
        const char *text = json_string_value(said);
        if (!second->fault)
            second->fault = sanitizer_read(text, strlen(text));
    }
}

static int run_again(const struct session *first, struct second_run *second, struct err *err) {
    struct session *session = &second->session;
    session->log = log_new();
    second->said = json_object();
    second->sent = json_object();
    log_listen(session->log, hear, second);
    log_listen(session->log, to_drive, second);
    log_set_time(session->log, program_time, second);
    int code = run_program(session, err);
    look_through_said(second);
    trace_free(session->trace);
    log_free(session->log);
    json_decref(session->waits);
    json_decref(second->said);
    json_decref(second->sent);
    json_decref(session->own);
    (void)first;
    return code;
}

static void tell(struct session *session, const struct second_run *second, const char *why) {
    json_t *event = event_new(EVENT_CRASH, "{s:i, s:s, s:b}", "pid", session->crash_pid, "signal",
                              session->crash_signal, "found", second->fault != NULL);
    if (second->fault)
        json_object_update_missing(event, second->fault);
    else
        json_object_set_new(event, "why", json_string(why));
    session_emit(session, event);
}

void diagnose_crash(struct session *session) {
    if (!session->crash_pid || session->outcome == OUTCOME_ERROR ||
        session->outcome == OUTCOME_STOPPED || !build_can_sanitize(session->language))
        return;
    struct second_run second = {.options = *session->options};
    struct err err = {0};
    second.options.live = second.options.control = false;
    second.session = (struct session){.options = &second.options,
                                      .loop = session->loop,
                                      .exercise = session->exercise,
                                      .language = session->language,
                                      .command = session->command,
                                      .report = session->report,
                                      .keep_fd = -1,
                                      .began_ns = clock_now_ns(),
                                      .sanitized = true,
                                      .wall_most_ms = WALL_MOST_MS};
    const char *why = "built with sanitizers and run once more, it did not fail: memory that is "
                      "laid out otherwise, or a matter of timing";
    int code = build_sanitized(&second.session.build, session->exercise, session->language,
                               session->options->dir, compile_run, &second.session, &err);
    if (code || !second.session.build.ok)
        why = "it could not be built with sanitizers";
    else if (run_again(session, &second, &err))
        why = "the program built with sanitizers could not be run";
    tell(session, &second, why);
    build_release(&second.session.build);
    json_decref(second.fault);
}
