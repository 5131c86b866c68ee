#include "report/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "proto/event.h"
#include "report/loads.h"

enum {
    LINE_BYTES = 400,        /* of what the program wrote, on one line of ours */
    OUTPUT_LINES_MOST = 200, /* then only their number is told, */
    OUTPUT_BYTES_MOST = 16000, /* and beyond so much in all */
    MESSAGES_MOST = 200,
    DIAGNOSTICS_MOST = 40,
    ARGV_BYTES = 200,
    BIRTHS_WITHIN_MS = 100 /* births further apart do not share a line */
};

static const char no_time[] = "          ";

struct births { /* held back: births of one parent that come together */
    int64_t parent, first_ns;
    struct buf pids; /* "11, 12, 13" */
};

struct progress {
    struct sheet *sheet;
    struct loads *loads;
    struct births births;
    int64_t runner;   /* the shell of an exercise's cases, which is not told of; 0: none */
    json_t *cases;    /* pid of who is about to run one -> its id */
    json_t *serve;    /* pid of who has listened, accepted, answered or reported -> true */
    json_t *vacant;   /* parent -> [dead children of those that nobody has replaced yet] */
    json_t *parents;  /* pid -> parent */
    json_t *statuses; /* check -> status last told */
    size_t output_lines, output_bytes, messages, diagnostics;
    size_t unshown_lines, unshown_bytes; /* of output */
};

struct progress *progress_new(struct sheet *sheet) {
    struct progress *progress = xcalloc(1, sizeof *progress);
    progress->sheet = sheet;
    progress->loads = loads_new();
    progress->cases = json_object();
    progress->serve = json_object();
    progress->vacant = json_object();
    progress->parents = json_object();
    progress->statuses = json_object();
    return progress;
}

void progress_free(struct progress *progress) {
    if (!progress)
        return;
    loads_free(progress->loads);
    buf_release(&progress->births.pids);
    json_decref(progress->cases);
    json_decref(progress->serve);
    json_decref(progress->vacant);
    json_decref(progress->parents);
    json_decref(progress->statuses);
    free(progress);
}

bool progress_told_diagnostics(const struct progress *progress) {
    return progress->diagnostics > 0;
}

/* --- lines -------------------------------------------------------------------------------------- */

static void put_at(struct progress *progress, int64_t t_ns, enum role role, const char *text) {
    char time[32];
    snprintf(time, sizeof time, "%8.3f  ", (double)t_ns / NS_PER_S);
    sheet_entry(progress->sheet, ROLE_TIME, t_ns < 0 ? no_time : time, role, text);
}

static void tell_births(struct progress *progress) {
    struct births *births = &progress->births;
    if (!births->pids.length)
        return;
    struct buf line = {0};
    buf_printf(&line, "%lld forks %s", (long long)births->parent, births->pids.data);
    put_at(progress, births->first_ns, ROLE_PLAIN, line.data);
    buf_clear(&births->pids);
    buf_release(&line);
}

static void put(struct progress *progress, const json_t *event, enum role role, const char *text) {
    tell_births(progress);
    put_at(progress, event_t_ns(event), role, text);
}

static void put_buf(struct progress *progress, const json_t *event, enum role role,
                    struct buf *line) {
    put(progress, event, role, line->data ? line->data : "");
    buf_release(line);
}

static void add_text(struct buf *line, const json_t *event, const char *name, size_t most) {
    sheet_foreign(line, event_text(event, name, ""), most, false);
}

static long long pid_of(const json_t *event, const char *name) {
    return (long long)event_int(event, name, -1);
}

/* --- the run as a whole ------------------------------------------------------------------------- */

static void on_run(struct progress *progress, const json_t *event) {
    struct buf line = {0};
    add_text(&line, event, "title", LINE_BYTES);
    buf_puts(&line, " (");
    if (*event_text(event, "language", "")) {
        add_text(&line, event, "language", LINE_BYTES);
        buf_puts(&line, ", ");
    }
    add_text(&line, event, "clock", LINE_BYTES);
    buf_printf(&line, " clock, %lld CPUs, box: ", pid_of(event, "cpus"));
    add_text(&line, event, "box", LINE_BYTES);
    buf_puts(&line, ")");
    struct buf head = {0};
    add_text(&head, event, "exercise", LINE_BYTES);
    buf_puts(&head, "  ");
    sheet_entry(progress->sheet, ROLE_HEADING, head.data, ROLE_PLAIN, line.data);
    buf_release(&head);
    buf_release(&line);
}

void progress_diagnostic(struct sheet *sheet, const json_t *event) {
    struct buf line = {0};
    const char *severity = event_text(event, "severity", "");
    int64_t number = event_int(event, "line", 0), column = event_int(event, "column", 0);
    sheet_foreign(&line, event_text(event, "file", ""), LINE_BYTES, false);
    if (number)
        buf_printf(&line, ":%lld", (long long)number);
    if (number && column)
        buf_printf(&line, ":%lld", (long long)column);
    buf_puts(&line, line.length ? ": " : "");
    sheet_foreign(&line, severity, LINE_BYTES, false);
    buf_puts(&line, ": ");
    sheet_foreign(&line, event_text(event, "text", ""), LINE_BYTES, false);
    enum role role = strcmp(severity, "error") == 0     ? ROLE_BAD
                     : strcmp(severity, "warning") == 0 ? ROLE_WARNING
                                                        : ROLE_QUIET;
    sheet_entry(sheet, ROLE_PLAIN, no_time, role, line.data);
    buf_release(&line);
}

static void on_diagnostic(struct progress *progress, const json_t *event) {
    if (progress->diagnostics++ < DIAGNOSTICS_MOST)
        progress_diagnostic(progress->sheet, event);
}

static void on_built(struct progress *progress, const json_t *event) {
    struct buf line = {0};
    bool ok = event_bool(event, "ok");
    if (progress->diagnostics > DIAGNOSTICS_MOST)
        buf_printf(&line, "%zu more diagnostics; ", progress->diagnostics - DIAGNOSTICS_MOST);
    buf_printf(&line, "%s in %.2f s", ok ? "built" : "did not build",
               (double)event_int(event, "ms", 0) / 1000);
    if (*event_text(event, "why", "")) {
        buf_puts(&line, ": ");
        add_text(&line, event, "why", LINE_BYTES);
    }
    sheet_entry(progress->sheet, ROLE_PLAIN, no_time, ok ? ROLE_PLAIN : ROLE_BAD, line.data);
    buf_release(&line);
}

static void on_step_begin(struct progress *progress, const json_t *event) {
    struct buf line = {0};
    bool titled = *event_text(event, "title", "");
    buf_puts(&line, "-- ");
    add_text(&line, event, titled ? "title" : "do", LINE_BYTES);
    if (strcmp(event_text(event, "by", ""), "user") == 0)
        buf_puts(&line, " (by you)");
    put_buf(progress, event, ROLE_STEP, &line);
}

static void on_step_end(struct progress *progress, const json_t *event) {
    struct buf line = {0};
    if (loads_tell(progress->loads, event_text(event, "step", ""), &line))
        put(progress, event, ROLE_PLAIN, line.data);
    buf_clear(&line);
    if (json_is_false(json_object_get(event, "met"))) {
        buf_puts(&line, "-- not met");
        if (*event_text(event, "why", "")) {
            buf_puts(&line, ": ");
            add_text(&line, event, "why", LINE_BYTES);
        }
        put(progress, event, ROLE_WARNING, line.data);
    }
    buf_release(&line);
}

static void on_step(struct progress *progress, const json_t *event) {
    if (strcmp(event_text(event, "state", ""), "begin") == 0)
        on_step_begin(progress, event);
    else
        on_step_end(progress, event);
}

static void on_check(struct progress *progress, const json_t *event) {
    const char *id = event_text(event, "id", ""), *status = event_text(event, "status", "");
    const char *told = event_text(progress->statuses, id, "");
    if (event_bool(event, "final") || strcmp(told, status) == 0)
        return; /* final ones stand in the verdict */
    json_object_set_new(progress->statuses, id, json_string(status));
    struct buf line = {0};
    buf_puts(&line, "check ");
    add_text(&line, event, "id", LINE_BYTES);
    buf_puts(&line, ": ");
    add_text(&line, event, "status", LINE_BYTES);
    buf_puts(&line, " so far");
    put_buf(progress, event, strcmp(status, "failed") == 0 ? ROLE_BAD : ROLE_GOOD, &line);
}

static void on_error(struct progress *progress, const json_t *event) {
    struct buf line = {0};
    buf_puts(&line, "brigade-check: ");
    add_text(&line, event, "text", 4 * LINE_BYTES);
    tell_births(progress);
    sheet_entry(progress->sheet, ROLE_PLAIN, no_time, ROLE_BAD, line.data);
    buf_release(&line);
}

/* --- processes ---------------------------------------------------------------------------------- */

static void key_of(char key[24], int64_t pid) { snprintf(key, 24, "%lld", (long long)pid); }

/* Takes the dead child of `parent` that waited longest for a successor; 0 if there is none. */
static int64_t take_vacancy(struct progress *progress, int64_t parent) {
    char key[24];
    key_of(key, parent);
    json_t *dead = json_object_get(progress->vacant, key);
    int64_t pid = json_integer_value(json_array_get(dead, 0));
    json_array_remove(dead, 0);
    return pid;
}

static void note_serves(struct progress *progress, const json_t *event, const char *name) {
    char key[24];
    key_of(key, event_int(event, name, -1));
    json_object_set_new(progress->serve, key, json_true());
}

/* Children that come and go by themselves have no place for another to take. */
static void note_vacancy(struct progress *progress, int64_t pid, bool by_lab) {
    char key[24], parent[24];
    key_of(key, pid);
    if (!by_lab && !json_object_get(progress->serve, key))
        return;
    key_of(parent, event_int(progress->parents, key, -1));
    json_t *dead = json_object_get(progress->vacant, parent);
    if (!dead) {
        dead = json_array();
        json_object_set_new(progress->vacant, parent, dead);
    }
    json_array_append_new(dead, json_integer(pid));
}

static bool is_runner(const struct progress *progress, const json_t *event, const char *name) {
    return progress->runner && event_int(event, name, -1) == progress->runner;
}

static void on_first_process(struct progress *progress, const json_t *event) {
    struct buf line = {0};
    if (strcmp(event_text(event, "role", ""), "cases") == 0) {
        progress->runner = event_int(event, "pid", 0);
        return;
    }
    buf_printf(&line, "%lld starts", pid_of(event, "pid"));
    put_buf(progress, event, ROLE_PLAIN, &line);
}

static void hold_birth(struct progress *progress, const json_t *event, int64_t parent) {
    struct births *births = &progress->births;
    int64_t t_ns = event_t_ns(event);
    if (births->parent != parent || t_ns - births->first_ns > BIRTHS_WITHIN_MS * NS_PER_MS)
        tell_births(progress);
    if (!births->pids.length) {
        births->parent = parent;
        births->first_ns = t_ns;
    }
    buf_printf(&births->pids, "%s%lld", births->pids.length ? ", " : "", pid_of(event, "pid"));
}

static void on_fork(struct progress *progress, const json_t *event) {
    if (strcmp(event_text(event, "kind", ""), "start") == 0) {
        on_first_process(progress, event);
        return;
    }
    int64_t parent = event_int(event, "parent", -1);
    char key[24];
    key_of(key, event_int(event, "pid", -1));
    json_object_set_new(progress->parents, key, json_integer(parent));
    if (progress->runner && parent == progress->runner) {
        json_object_set_new(progress->cases, key,
                            json_string(event_text(event, "case", "")));
        return;
    }
    int64_t replaced = take_vacancy(progress, parent);
    if (!replaced) {
        hold_birth(progress, event, parent);
        return;
    }
    struct buf line = {0};
    buf_printf(&line, "%lld forks %lld, which replaces %lld", (long long)parent,
               pid_of(event, "pid"), (long long)replaced);
    put_buf(progress, event, ROLE_PLAIN, &line);
}

/* "case small: ", before what runs it. */
static void add_case(struct progress *progress, struct buf *line, int64_t pid) {
    char key[24];
    key_of(key, pid);
    const char *id = event_text(progress->cases, key, "");
    if (*id) {
        buf_puts(line, "case ");
        sheet_foreign(line, id, LINE_BYTES, false);
        buf_puts(line, ": ");
    }
    json_object_del(progress->cases, key);
}

static void on_exec(struct progress *progress, const json_t *event) {
    struct buf line = {0};
    const json_t *argv = json_object_get(event, "argv");
    if (is_runner(progress, event, "pid"))
        return;
    add_case(progress, &line, event_int(event, "pid", -1));
    buf_printf(&line, "%lld runs ", pid_of(event, "pid"));
    if (!json_array_size(argv))
        add_text(&line, event, "path", ARGV_BYTES);
    for (size_t i = 0; i < json_array_size(argv) && line.length < ARGV_BYTES; i++) {
        buf_puts(&line, i ? " " : "");
        sheet_foreign_json(&line, json_array_get(argv, i), ARGV_BYTES, false);
    }
    put_buf(progress, event, ROLE_PLAIN, &line);
}

static void on_death(struct progress *progress, const json_t *event) {
    if (event_bool(event, "at_end"))
        return;
    struct buf line = {0};
    bool by_lab = event_bool(event, "by_lab");
    int64_t code = event_int(event, "code", 0);
    const char *signal = event_text(event, "signal", "");
    if (!*signal && is_runner(progress, event, "pid"))
        return;
    if (*signal) {
        buf_printf(&line, "%lld dies of ", pid_of(event, "pid"));
        add_text(&line, event, "signal", LINE_BYTES);
    } else {
        buf_printf(&line, "%lld ends with code %lld", pid_of(event, "pid"), (long long)code);
    }
    if (by_lab)
        buf_puts(&line, ", killed for the test");
    note_vacancy(progress, event_int(event, "pid", -1), by_lab);
    put_buf(progress, event, !by_lab && (*signal || code) ? ROLE_BAD : ROLE_PLAIN, &line);
}

static void on_reap(struct progress *progress, const json_t *event) {
    if (strcmp(event_text(event, "how", ""), "wait") != 0 || is_runner(progress, event, "by"))
        return;
    struct buf line = {0};
    buf_printf(&line, "%lld reaps %lld", pid_of(event, "by"), pid_of(event, "pid"));
    put_buf(progress, event, ROLE_QUIET, &line);
}

static void on_signal(struct progress *progress, const json_t *event) {
    if (strcmp(event_text(event, "why", ""), "kernel") == 0)
        return; /* SIGCHLD above all */
    struct buf line = {0};
    int64_t from = event_int(event, "from", -1);
    if (from > 0)
        buf_printf(&line, "%lld sends ", (long long)from);
    add_text(&line, event, "signal", LINE_BYTES);
    buf_printf(&line, " to %lld%s", pid_of(event, "to"), from > 0 ? "" : ", from the test");
    put_buf(progress, event, ROLE_PLAIN, &line);
}

/* --- talking and serving ------------------------------------------------------------------------ */

/* Node's cluster talks to itself on the learner's channel. */
static bool is_housekeeping(const json_t *event) {
    const char *cmd = event_text(json_object_get(event, "value"), "cmd", "");
    return strncmp(cmd, "NODE_", 5) == 0;
}

static void on_message(struct progress *progress, const json_t *event) {
    if (json_is_integer(json_object_get(json_object_get(event, "value"), "count")))
        note_serves(progress, event, "from");
    if (is_housekeeping(event) || progress->messages++ >= MESSAGES_MOST)
        return;
    struct buf line = {0};
    int64_t to = event_int(event, "to", -1);
    buf_printf(&line, "%lld > ", pid_of(event, "from"));
    if (to > 0)
        buf_printf(&line, "%lld  ", (long long)to);
    else
        buf_puts(&line, "?  ");
    const json_t *value = json_object_get(event, "value");
    sheet_foreign_json(&line, value ? value : json_object_get(event, "text"), LINE_BYTES, false);
    put_buf(progress, event, ROLE_PLAIN, &line);
}

static void put_output_line(struct progress *progress, const json_t *event, const char *text,
                            size_t length, size_t cut) {
    if (length && text[length - 1] == '\r') /* the terminal's own doing */
        length--;
    if (++progress->output_lines > OUTPUT_LINES_MOST || progress->output_bytes > OUTPUT_BYTES_MOST) {
        progress->unshown_lines++;
        progress->unshown_bytes += length + cut;
        return;
    }
    bool to_stderr = strcmp(event_text(event, "stream", ""), "stderr") == 0;
    struct buf line = {0};
    char *copy = xstrndup(text, length);
    buf_printf(&line, "%lld %s ", pid_of(event, "pid"), to_stderr ? "stderr|" : "|");
    sheet_foreign(&line, copy, LINE_BYTES, false);
    if (length > LINE_BYTES)
        buf_printf(&line, " (%zu bytes more)", length + cut - LINE_BYTES);
    progress->output_bytes += length < LINE_BYTES ? length : LINE_BYTES;
    free(copy);
    put_buf(progress, event, ROLE_QUIET, &line);
}

/* Bytes that were written but are not in the event. */
static size_t bytes_cut(const json_t *event) {
    int64_t bytes = event_int(event, "bytes", 0), told = (int64_t)strlen(event_text(event, "text", ""));
    return event_bool(event, "cut") && bytes > told ? (size_t)(bytes - told) : 0;
}

static void on_output(struct progress *progress, const json_t *event) {
    const char *at = event_text(event, "text", "");
    while (*at) {
        size_t length = strcspn(at, "\n"), next = length + (at[length] == '\n');
        put_output_line(progress, event, at, length, at[next] ? 0 : bytes_cut(event));
        at += next;
    }
}

static void on_accept(struct progress *progress, const json_t *event) {
    note_serves(progress, event, "pid");
}

static void on_listen(struct progress *progress, const json_t *event) {
    note_serves(progress, event, "pid");
    struct buf line = {0};
    buf_printf(&line, "%lld listens on port %lld", pid_of(event, "pid"), pid_of(event, "port"));
    put_buf(progress, event, ROLE_PLAIN, &line);
}

static void on_load(struct progress *progress, const json_t *event) {
    if (event_type_of(event) == EVENT_ANSWER)
        note_serves(progress, event, "pid");
    loads_observe(progress->loads, event);
}

static void on_fault(struct progress *progress, const json_t *event) {
    if (strcmp(event_text(event, "kind", ""), "hold") == 0)
        return; /* a moment's delay that makes sharing certain: too many to tell */
    struct buf line = {0};
    buf_puts(&line, "fault: ");
    add_text(&line, event, "kind", LINE_BYTES);
    if (event_int(event, "pid", -1) > 0)
        buf_printf(&line, " in %lld", pid_of(event, "pid"));
    if (*event_text(event, "detail", "")) {
        buf_puts(&line, ", ");
        add_text(&line, event, "detail", LINE_BYTES);
    }
    put_buf(progress, event, ROLE_WARNING, &line);
}

/* An event without a line here is not worth one. */
static void (*const lines[EVENT_TYPE_COUNT])(struct progress *, const json_t *) = {
    [EVENT_RUN] = on_run,         [EVENT_DIAGNOSTIC] = on_diagnostic,
    [EVENT_BUILT] = on_built,     [EVENT_STEP] = on_step,
    [EVENT_CHECK] = on_check,     [EVENT_ERROR] = on_error,
    [EVENT_FORK] = on_fork,       [EVENT_EXEC] = on_exec,
    [EVENT_EXIT] = on_death,      [EVENT_REAP] = on_reap,
    [EVENT_SIGNAL] = on_signal,   [EVENT_MESSAGE] = on_message,
    [EVENT_OUTPUT] = on_output,   [EVENT_LISTEN] = on_listen,
    [EVENT_REQUEST] = on_load,    [EVENT_ANSWER] = on_load,
    [EVENT_UNANSWERED] = on_load, [EVENT_FAULT] = on_fault,
    [EVENT_ACCEPT] = on_accept,
};

void progress_event(struct progress *progress, const json_t *event) {
    enum event_type type = event_type_of(event);
    if (type < EVENT_TYPE_COUNT && lines[type])
        lines[type](progress, event);
}

static void tell_messages_cut(struct progress *progress) {
    char text[64];
    if (progress->messages <= MESSAGES_MOST)
        return;
    snprintf(text, sizeof text, "(%zu more messages, not shown)", progress->messages - MESSAGES_MOST);
    sheet_entry(progress->sheet, ROLE_PLAIN, no_time, ROLE_QUIET, text);
}

static void tell_output_cut(struct progress *progress) {
    char text[96];
    if (!progress->unshown_lines)
        return;
    snprintf(text, sizeof text, "(%zu more lines of output, %zu bytes, not shown)",
             progress->unshown_lines, progress->unshown_bytes);
    sheet_entry(progress->sheet, ROLE_PLAIN, no_time, ROLE_QUIET, text);
}

void progress_finish(struct progress *progress) {
    tell_births(progress);
    tell_messages_cut(progress);
    tell_output_cut(progress);
}
