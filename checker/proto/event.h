/* The events of a run: one JSON object a line (NDJSON), version 1.
 *
 * Every event has `seq` (from 1, without gaps), `t_ns` (the program's own time, real or virtual, in
 * nanoseconds since it started; negative or 0 before that) and `type`. Readers ignore types and
 * members that they do not know. PIDs are those that the program itself sees; 0 stands for the lab
 * (the one who tests), null for nobody known. Foreign bytes are put in by event_set_bytes.
 *
 * The table in event.c says each type's members; events.schema.json beside it says the same for
 * readers in other languages, and a test holds the two together.
 */
#ifndef BRIGADE_PROTO_EVENT_H
#define BRIGADE_PROTO_EVENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EVENT_VERSION = 1 };

enum event_type {
    /* the run as a whole */
    EVENT_RUN,        /* first: v, exercise, title, language, clock, cpus, box, command, version, dir */
    EVENT_DIAGNOSTIC, /* severity (error|warning|note), file, line, column, text */
    EVENT_BUILT,      /* ok, ms, output (the compiler's words, shortened) */
    EVENT_STEP,       /* step, do, state (begin|end), title; at the end: met, why; by (scenario|user) */
    EVENT_END,        /* outcome, detail, limit, figure, wall_ms, virtual_ms, processes */
    EVENT_CHECK,      /* id, title, status, score, max_score, message, expected, actual, hint, events, final */
    EVENT_VERDICT,    /* result: the whole result, see result.h */
    EVENT_ERROR,      /* text: a fault of ours or of the machine */
    /* processes */
    EVENT_FORK,     /* pid, parent, by (who called), kind (start|fork|vfork|clone) */
    EVENT_THREAD,   /* pid, tid, state (begin|end) */
    EVENT_EXEC,     /* pid, path, argv, tid (when not the first thread called it) */
    EVENT_EXIT,     /* pid, code or signal (name), by_lab (killed by the scenario or the user), at_end */
    EVENT_REAP,     /* pid, by, how (wait|ignored|init) */
    EVENT_ADOPT,    /* pid, from, to: an orphan gets a new parent */
    EVENT_LEFT,     /* what (zombie|orphan|descriptor), pid, by, text, fd, channel: found when the run was over */
    EVENT_SIGNAL,   /* from, to, signal (name), why (kill|lab|kernel), delivered */
    EVENT_STATE,    /* pid, state (running|waiting|stopped|zombie), in (call), on (words); samples, live only */
    /* talking */
    EVENT_CHANNEL,  /* channel, kind (pipe|stream|dgram|seqpacket), pid, fds */
    EVENT_MESSAGE,  /* message, channel, from, to, bytes, parts, complete, value or text/base64, since */
    EVENT_RECEIVED, /* message, channel, pid, parts */
    EVENT_PARTIAL,  /* channel, from, bytes, text: bytes that wait for their newline */
    EVENT_PASS,     /* channel, from, to, what, connection: a descriptor sent over a channel */
    EVENT_OUTPUT,   /* pid, stream (stdout|stderr), text, bytes */
    /* serving */
    EVENT_LISTEN,     /* pid, port, address, backlog */
    EVENT_ACCEPT,     /* pid, tid, connection */
    EVENT_REQUEST,    /* request, connection, method, target, step: sent by the lab; the same request once
                         more: sent anew, its kept connection was closed before anybody read it */
    EVENT_TAKEN,      /* pid, request, connection: a process has read (a part of) the request */
    EVENT_REPLY,      /* pid, connection, request, bytes: a process wrote to the connection */
    EVENT_ANSWER,     /* request, connection, pid, pids, status, bytes, body, ms, well_formed, first_seq,
                         last_seq, taken_by, taken_seq (who first read it): the whole answer arrived */
    EVENT_UNANSWERED, /* request, connection, pid (in whose hands), why (refused|reset|closed|timeout|
                         malformed), ms, killed (that process was killed meanwhile), detail */
    /* what was done to the program */
    EVENT_JUMP,  /* from_ns, to_ns: the virtual clock jumped */
    EVENT_FAULT, /* kind (hold|...), pid, detail */
    /* looked into afterwards */
    EVENT_CRASH, /* pid, signal, found, what, function, file, line, stack, why: where a process died, from a run with
                    sanitizers after the run */
    EVENT_TYPE_COUNT,
    EVENT_UNKNOWN = EVENT_TYPE_COUNT
};

enum member_kind { MEMBER_INT, MEMBER_REAL, MEMBER_BOOL, MEMBER_TEXT, MEMBER_LIST, MEMBER_OBJECT, MEMBER_ANY };

struct event_member {
    const char *name; /* NULL ends a list */
    enum member_kind kind;
    bool required;
    bool nullable;
};

enum { EVENT_MEMBERS_MAX = 20 };

struct event_form {
    const char *name;
    struct event_member members[EVENT_MEMBERS_MAX];
};

const struct event_form *event_form(enum event_type type);
const char *event_name(enum event_type type);
enum event_type event_type_of(const json_t *event); /* EVENT_UNKNOWN for what we do not know */

/* A new event (owned by the caller) with its type, from a json_pack format: members only, in
 * braces, for example event_new(EVENT_REAP, "{s:i, s:i, s:s}", "pid", 12, "by", 10, "how", "wait").
 * seq and t_ns are added by the log. */
json_t *event_new(enum event_type type, const char *format, ...);

/* Foreign bytes as member `name`; where they are not UTF-8 (or hold NUL) the member has \xNN in
 * their place, and "base64" keeps the bytes. At most `most` bytes are taken; the rest is told by
 * "cut": true. */
void event_set_bytes(json_t *event, const char *name, const char *bytes, size_t count, size_t most);

/* Members, with a fallback where they are absent or of another kind. */
int64_t event_int(const json_t *event, const char *name, int64_t fallback);
const char *event_text(const json_t *event, const char *name, const char *fallback);
bool event_bool(const json_t *event, const char *name);
uint64_t event_seq(const json_t *event);
int64_t event_t_ns(const json_t *event);

/* Checks an event that came from outside against the table: 0, or -EINVAL with the member named. */
struct err;
int event_validate(const json_t *event, struct err *err);

/* Compact JSON with a newline; the caller frees. */
char *event_line(const json_t *event);

#endif
