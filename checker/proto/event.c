#include "proto/event.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/text.h"

/* clang-format off */
#define INT(name) {name, MEMBER_INT, true, false}
#define PID(name) {name, MEMBER_INT, true, true}
#define TEXT(name) {name, MEMBER_TEXT, true, false}
#define REAL(name) {name, MEMBER_REAL, true, false}
#define BOOL(name) {name, MEMBER_BOOL, true, false}
#define OBJECT(name) {name, MEMBER_OBJECT, true, false}
#define MAY(kind, name) {name, MEMBER_##kind, false, true}

static const struct event_form forms[EVENT_TYPE_COUNT] = {
    [EVENT_RUN] = {"run",
                   {INT("v"), TEXT("exercise"), TEXT("title"), MAY(TEXT, "language"), TEXT("clock"),
                    INT("cpus"), TEXT("box"), MAY(LIST, "command"), TEXT("version"),
                    MAY(TEXT, "dir"), MAY(LIST, "steps"), MAY(LIST, "checks")}},
    [EVENT_DIAGNOSTIC] = {"diagnostic",
                          {TEXT("severity"), TEXT("file"), INT("line"), INT("column"),
                           TEXT("text")}},
    [EVENT_BUILT] = {"built", {BOOL("ok"), INT("ms"), MAY(TEXT, "output"), MAY(TEXT, "why")}},
    [EVENT_STEP] = {"step",
                    {TEXT("step"), TEXT("do"), TEXT("state"), MAY(TEXT, "title"), MAY(BOOL, "met"),
                     MAY(TEXT, "why"), MAY(TEXT, "by"), MAY(INT, "pid")}},
    [EVENT_END] = {"end",
                   {TEXT("outcome"), MAY(TEXT, "detail"), MAY(TEXT, "limit"), MAY(TEXT, "figure"),
                    INT("wall_ms"), INT("virtual_ms"), MAY(INT, "jumps"), INT("processes"),
                    MAY(INT, "pid"),
                    MAY(TEXT, "signal"), MAY(INT, "code"), MAY(LIST, "waits"),
                    MAY(INT, "memory_bytes")}},
    [EVENT_CHECK] = {"check",
                     {TEXT("id"), TEXT("title"), TEXT("status"), MAY(REAL, "score"),
                      MAY(REAL, "max_score"), MAY(TEXT, "message"), MAY(ANY, "expected"),
                      MAY(ANY, "actual"), MAY(TEXT, "hint"), MAY(LIST, "events"), BOOL("final")}},
    [EVENT_VERDICT] = {"verdict", {OBJECT("result")}},
    [EVENT_ERROR] = {"error", {TEXT("text")}},
    [EVENT_FORK] = {"fork", {INT("pid"), PID("parent"), PID("by"), TEXT("kind"), MAY(TEXT, "role"),
                     MAY(TEXT, "case")}},
    [EVENT_THREAD] = {"thread", {INT("pid"), INT("tid"), TEXT("state")}},
    [EVENT_EXEC] = {"exec",
                    {INT("pid"), TEXT("path"), MAY(LIST, "argv"), MAY(INT, "tid"),
                     MAY(TEXT, "base64"), MAY(BOOL, "cut")}},
    [EVENT_EXIT] = {"exit",
                    {INT("pid"), MAY(INT, "code"), MAY(TEXT, "signal"), MAY(BOOL, "by_lab"),
                     MAY(BOOL, "at_end"), MAY(BOOL, "fault"), MAY(INT, "cpu_ms")}},
    [EVENT_REAP] = {"reap", {INT("pid"), PID("by"), TEXT("how")}},
    [EVENT_ADOPT] = {"adopt", {INT("pid"), PID("from"), PID("to")}},
    [EVENT_LEFT] = {"left",
                    {TEXT("what"), INT("pid"), MAY(INT, "by"), TEXT("text"), MAY(INT, "fd"),
                     MAY(INT, "channel")}},
    [EVENT_SIGNAL] = {"signal",
                      {PID("from"), INT("to"), TEXT("signal"), TEXT("why"),
                       MAY(BOOL, "delivered")}},
    [EVENT_STATE] = {"state",
                     {INT("pid"), TEXT("state"), MAY(TEXT, "in"), MAY(TEXT, "on")}},
    [EVENT_CHANNEL] = {"channel",
                       {INT("channel"), TEXT("kind"), PID("pid"), MAY(LIST, "fds")}},
    [EVENT_MESSAGE] = {"message",
                       {INT("message"), INT("channel"), INT("from"), PID("to"), INT("bytes"),
                        INT("parts"), BOOL("complete"), MAY(ANY, "value"), MAY(TEXT, "text"),
                        MAY(TEXT, "base64"), MAY(BOOL, "cut"), INT("since"),
                        MAY(LIST, "writers")}},
    [EVENT_RECEIVED] = {"received",
                        {INT("message"), INT("channel"), INT("pid"), INT("parts"),
                         MAY(INT, "text_ns")}},
    [EVENT_PARTIAL] = {"partial",
                       {INT("channel"), INT("from"), INT("bytes"), TEXT("text"),
                        MAY(TEXT, "base64"), MAY(BOOL, "cut")}},
    [EVENT_PASS] = {"pass",
                    {INT("channel"), INT("from"), PID("to"), TEXT("what"),
                     MAY(INT, "connection")}},
    [EVENT_OUTPUT] = {"output",
                      {INT("pid"), TEXT("stream"), TEXT("text"), INT("bytes"), MAY(TEXT, "base64"),
                       MAY(BOOL, "cut")}},
    [EVENT_LISTEN] = {"listen", {INT("pid"), INT("port"), MAY(TEXT, "address"), INT("backlog")}},
    [EVENT_ACCEPT] = {"accept", {INT("pid"), MAY(INT, "tid"), INT("connection")}},
    [EVENT_REQUEST] = {"request",
                       {INT("request"), INT("connection"), TEXT("method"), TEXT("target"),
                        MAY(TEXT, "step")}},
    [EVENT_TAKEN] = {"taken", {INT("pid"), INT("request"), INT("connection")}},
    [EVENT_REPLY] = {"reply",
                     {INT("pid"), INT("connection"), MAY(INT, "request"), INT("bytes")}},
    [EVENT_ANSWER] = {"answer",
                      {INT("request"), INT("connection"), PID("pid"), MAY(LIST, "pids"),
                       INT("status"), INT("bytes"), MAY(TEXT, "body"), MAY(TEXT, "base64"),
                       MAY(BOOL, "cut"), REAL("ms"), BOOL("well_formed"),
                       MAY(INT, "first_seq"), MAY(INT, "last_seq"), MAY(INT, "taken_by"),
                       MAY(INT, "taken_seq"), MAY(BOOL, "closed"), MAY(TEXT, "detail")}},
    [EVENT_UNANSWERED] = {"unanswered",
                          {INT("request"), INT("connection"), PID("pid"), TEXT("why"),
                           REAL("ms"), MAY(BOOL, "killed"),
                           MAY(TEXT, "detail")}},
    [EVENT_JUMP] = {"jump", {INT("from_ns"), INT("to_ns")}},
    [EVENT_FAULT] = {"fault", {TEXT("kind"), PID("pid"), MAY(TEXT, "detail")}},
    [EVENT_CRASH] = {"crash",
                     {INT("pid"), TEXT("signal"), BOOL("found"), MAY(TEXT, "kind"),
                      MAY(TEXT, "what"), MAY(TEXT, "function"), MAY(TEXT, "file"),
                      MAY(INT, "line"), MAY(LIST, "stack"), MAY(TEXT, "why")}},
};
/* clang-format on */

const struct event_form *event_form(enum event_type type) {
    return type < EVENT_TYPE_COUNT ? &forms[type] : NULL;
}

const char *event_name(enum event_type type) {
    return type < EVENT_TYPE_COUNT ? forms[type].name : "unknown";
}

enum event_type event_type_of(const json_t *event) {
    const char *name = event_text(event, "type", "");
    for (int type = 0; type < EVENT_TYPE_COUNT; type++)
        if (strcmp(name, forms[type].name) == 0)
            return (enum event_type)type;
    return EVENT_UNKNOWN;
}

json_t *event_new(enum event_type type, const char *format, ...) {
    json_error_t error;
    va_list args;
    va_start(args, format);
    json_t *event = json_vpack_ex(&error, 0, format, args);
    va_end(args);
    assert(event && "a json_pack format in the checker does not fit its values");
    json_object_set_new(event, "type", json_string(event_name(type)));
    return event;
}

/* The most of the first `most` of more bytes that does not cut a UTF-8 character in two. */
static size_t whole_characters(const char *bytes, size_t most) {
    for (size_t back = 0; back <= 3 && back <= most; back++)
        if (((unsigned char)bytes[most - back] & 0xc0) != 0x80)
            return most - back; /* a character begins here */
    return most;                /* not UTF-8 anyway */
}

void event_set_bytes(json_t *event, const char *name, const char *bytes, size_t count,
                     size_t most) {
    struct buf text = {0};
    size_t taken = count <= most ? count : whole_characters(bytes, most);
    bool same = text_append_utf8(&text, bytes, taken);
    json_object_set_new(event, name, json_stringn(text.data ? text.data : "", text.length));
    if (!same) {
        buf_clear(&text);
        base64_append(&text, bytes, taken);
        json_object_set_new(event, "base64", json_stringn(text.data, text.length));
    }
    if (taken < count)
        json_object_set_new(event, "cut", json_true());
    buf_release(&text);
}

int64_t event_int(const json_t *event, const char *name, int64_t fallback) {
    const json_t *value = json_object_get(event, name);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

const char *event_text(const json_t *event, const char *name, const char *fallback) {
    const char *text = json_string_value(json_object_get(event, name));
    return text ? text : fallback;
}

bool event_bool(const json_t *event, const char *name) {
    return json_is_true(json_object_get(event, name));
}

uint64_t event_seq(const json_t *event) { return (uint64_t)event_int(event, "seq", 0); }

int64_t event_t_ns(const json_t *event) { return event_int(event, "t_ns", 0); }

static bool fits(const json_t *value, const struct event_member *member) {
    if (json_is_null(value))
        return member->nullable;
    switch (member->kind) {
    case MEMBER_INT: return json_is_integer(value);
    case MEMBER_REAL: return json_is_number(value);
    case MEMBER_BOOL: return json_is_boolean(value);
    case MEMBER_TEXT: return json_is_string(value);
    case MEMBER_LIST: return json_is_array(value);
    case MEMBER_OBJECT: return json_is_object(value);
    case MEMBER_ANY: return true;
    }
    return false;
}

static bool is_integer_or_absent(const json_t *event, const char *name) {
    const json_t *value = json_object_get(event, name);
    return !value || json_is_integer(value);
}

int event_validate(const json_t *event, struct err *err) {
    if (!json_is_object(event))
        return err_set(err, EINVAL, "an event must be a JSON object");
    if (!json_is_string(json_object_get(event, "type")))
        return err_set(err, EINVAL, "an event must have a text member \"type\"");
    if (!is_integer_or_absent(event, "seq") || !is_integer_or_absent(event, "t_ns"))
        return err_set(err, EINVAL, "an event's \"seq\" and \"t_ns\" must be integers");
    const struct event_form *form = event_form(event_type_of(event));
    if (!form)
        return 0; /* a newer checker's event */
    for (const struct event_member *member = form->members;
         member < form->members + EVENT_MEMBERS_MAX && member->name; member++) {
        const json_t *value = json_object_get(event, member->name);
        if (!value && member->required)
            return err_set(err, EINVAL, "event %s lacks \"%s\"", form->name, member->name);
        if (value && !fits(value, member))
            return err_set(err, EINVAL, "event %s: \"%s\" is of the wrong kind", form->name,
                           member->name);
    }
    return 0;
}

char *event_line(const json_t *event) {
    struct buf line = {0};
    char *text = json_dumps(event, JSON_COMPACT);
    buf_puts(&line, text ? text : "{}");
    buf_putc(&line, '\n');
    free(text);
    return buf_steal(&line);
}
